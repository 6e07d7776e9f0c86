//! The settings that the rows of a run depend on, and the fingerprint of the settings and the video. Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::memory_plan::Sessions;
use super::perturbation::Perturbation;
use crate::inference::engine::WantedNetworks;
use crate::inference::kind::EngineKind;
use crate::inference::networks::{DETECTOR, LandmarkNetwork, NetworkFile, PEOPLE_DETECTOR};
use crate::pose::detector::DetectorThresholds;
use crate::pose::follow::{Follower, People};
use crate::pose::people::PeopleSettings;
use crate::pose::tiles::Tiling;
use crate::pose::tracker::TrackerThresholds;
use crate::store::schema::SCHEMA_VERSION;
use crate::versions;
use crate::video::footage::Footage;

/// The default number of frames of a segment, the unit of sealing: twenty seconds at 30 frames per second. Each segment
/// begins with detection, so that its rows depend on its own frames only.
pub const DEFAULT_SEGMENT_FRAMES: u32 = 600;

/// The names of the algorithms. The version of their results is [`versions::ROWS`].
const ALGORITHM_ONE: &str = "blazepose-single-person";
const ALGORITHM_SEVERAL: &str = "movenet-blazepose";

/// The range of time of each video to work on, seconds of the file from the first frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first time in the range.
    pub start_s: Option<f64>,
    /// The first time after the range.
    pub end_s: Option<f64>,
}

impl TimeRange {
    /// Returns whether the range covers everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.start_s.is_none_or(|start| start <= 0.0) && self.end_s.is_none()
    }

    /// Returns whether a time is before the range.
    #[must_use]
    pub fn is_before(&self, time_s: f64) -> bool {
        self.start_s.is_some_and(|start| time_s < start)
    }

    /// Returns whether a time is after the range.
    #[must_use]
    pub fn is_after(&self, time_s: f64) -> bool {
        self.end_s.is_some_and(|end| time_s >= end)
    }
}

/// The settings of an extraction that its rows depend on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PoseSettings {
    /// The landmark network.
    pub network: LandmarkNetwork,
    /// The engine that runs the BlazePose networks.
    pub inference: EngineKind,
    /// The number of people that are followed.
    pub people: People,
    /// How the detector of several people divides a picture.
    pub tiling: Tiling,
    /// The thresholds of the detector of one person, and of presence.
    pub thresholds: TrackerThresholds,
    /// The smallest score of the detector of several people at which a new person counts, 0..=1.
    pub min_people_score: f32,
    /// The time from one run of the detector of several people to the next while no person is missing, seconds.
    pub detection_interval_s: f64,
    /// The range of time of each video.
    pub range: TimeRange,
    /// The number of frames of a segment.
    pub segment_frames: u32,
    /// How the videos were filmed.
    #[serde(default)]
    pub footage: Footage,
    /// How pictures are altered; `None` for pictures as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perturbation: Option<Perturbation>,
}

impl Default for PoseSettings {
    fn default() -> Self {
        Self {
            network: LandmarkNetwork::default(),
            inference: EngineKind::default(),
            people: People::default(),
            tiling: Tiling::default(),
            thresholds: TrackerThresholds::default(),
            min_people_score: PeopleSettings::default().min_detection,
            detection_interval_s: PeopleSettings::default().detection_interval_s,
            range: TimeRange::default(),
            segment_frames: DEFAULT_SEGMENT_FRAMES,
            footage: Footage::default(),
            perturbation: None,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Canonical<'a> {
    algorithm: Cow<'a, str>,
    version: Cow<'a, str>,
    people: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tiles: Option<String>,
    network: String,
    detector_sha256: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    people_detector_sha256: Option<Cow<'a, str>>,
    min_detection_confidence: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_detection_overlap: Option<f32>,
    min_presence_confidence: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    detection_interval_s: Option<f64>,
    segment_frames: u32,
    start_s: Option<f64>,
    end_s: Option<f64>,
    /// Absent for videos of which nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    footage: Option<Footage>,
    /// Absent for ONNX Runtime, the only engine of earlier runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    inference: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perturbation: Option<Perturbation>,
}

impl PoseSettings {
    /// Returns the largest number of people.
    #[must_use]
    pub fn max_people(&self) -> u32 {
        match self.people {
            People::One => 1,
            People::UpTo(count) => u32::from(count),
        }
    }

    /// Returns the detector for several people, if it is used.
    #[must_use]
    fn people_detector(&self) -> Option<NetworkFile> {
        (self.people != People::One).then_some(PEOPLE_DETECTOR)
    }

    /// Returns the files of the networks that are used.
    #[must_use]
    pub(crate) fn wanted_networks(&self) -> WantedNetworks {
        let (landmarks, second) = (self.network.first(), self.network.second());
        WantedNetworks { landmarks, second, detector: DETECTOR, people_detector: self.people_detector() }
    }

    /// Returns the sessions that a worker needs.
    #[must_use]
    pub(crate) fn sessions(&self) -> Sessions {
        Sessions { network: self.network, inference: self.inference, has_people_detector: self.people != People::One }
    }

    /// Returns the tracker for these settings.
    #[must_use]
    pub fn follower(&self) -> Follower {
        let has_second_opinion = self.network.second().is_some();
        match self.people {
            People::One => Follower::one(self.thresholds, has_second_opinion),
            People::UpTo(max_people) => Follower::several(PeopleSettings {
                max_people: usize::from(max_people),
                min_presence: self.thresholds.min_presence,
                min_detection: self.min_people_score,
                tiling: self.tiling,
                detection_interval_s: self.detection_interval_s,
                has_second_opinion,
            }),
        }
    }

    /// Returns the settings as JSON with a fixed order of keys, as `runs.settings` holds them, with the version of the
    /// code that makes the rows.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json_of(versions::ROWS)
    }

    fn json_of(&self, version: &str) -> String {
        let is_one = self.people == People::One;
        let canonical = Canonical {
            algorithm: if is_one { ALGORITHM_ONE } else { ALGORITHM_SEVERAL }.into(),
            version: version.into(),
            people: self.max_people(),
            tiles: (!is_one).then(|| self.tiling.to_string()),
            network: self.network.to_string(),
            detector_sha256: DETECTOR.sha256.into(),
            people_detector_sha256: self.people_detector().map(|file| file.sha256.into()),
            min_detection_confidence: if is_one { self.thresholds.detector.min_score } else { self.min_people_score },
            max_detection_overlap: is_one.then_some(self.thresholds.detector.max_overlap),
            min_presence_confidence: self.thresholds.min_presence,
            detection_interval_s: (!is_one).then_some(self.detection_interval_s),
            segment_frames: self.segment_frames,
            start_s: self.range.start_s,
            end_s: self.range.end_s,
            footage: Some(self.footage).filter(|footage| !footage.is_default()),
            inference: Some(self.inference)
                .filter(|engine| *engine != EngineKind::Ort)
                .map(|engine| engine.name().into()),
            perturbation: self.perturbation,
        };
        // Numbers and strings under fixed keys always have a JSON form.
        serde_json::to_string(&canonical).unwrap_or_default()
    }

    /// Returns the settings of a run from its record. `None` if this version of the code cannot make the run's rows again:
    /// another version has made them.
    #[must_use]
    pub(crate) fn of_record(json: &str) -> Option<Self> {
        let stored: Canonical = serde_json::from_str(json).ok()?;
        let defaults = Self::default();
        let is_one = stored.algorithm == ALGORITHM_ONE;
        let min_score = stored.min_detection_confidence;
        let detector = DetectorThresholds {
            min_score: if is_one { min_score } else { defaults.thresholds.detector.min_score },
            max_overlap: stored.max_detection_overlap.unwrap_or(defaults.thresholds.detector.max_overlap),
        };
        let engine = |name: &str| EngineKind::ALL.into_iter().find(|engine| engine.name() == name);
        let settings = Self {
            network: stored.network.parse().ok()?,
            inference: stored.inference.as_deref().map_or(Some(EngineKind::Ort), engine)?,
            people: if is_one { People::One } else { People::UpTo(u8::try_from(stored.people).ok()?) },
            tiling: stored.tiles.map_or(Ok(defaults.tiling), |tiles| tiles.parse()).ok()?,
            thresholds: TrackerThresholds { detector, min_presence: stored.min_presence_confidence },
            min_people_score: if is_one { defaults.min_people_score } else { min_score },
            detection_interval_s: stored.detection_interval_s.unwrap_or(defaults.detection_interval_s),
            range: TimeRange { start_s: stored.start_s, end_s: stored.end_s },
            segment_frames: stored.segment_frames,
            footage: stored.footage.unwrap_or_default(),
            perturbation: stored.perturbation,
        };
        (settings.to_json() == json).then_some(settings)
    }

    /// Returns a hash of everything that the rows of a run depend on: 32 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self, video_id: &str) -> String {
        self.fingerprint_of(versions::ROWS, video_id)
    }

    fn fingerprint_of(&self, version: &str, video_id: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        for field in [video_id, &self.json_of(version), &self.network.sha256(), &SCHEMA_VERSION.to_string()] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::records::people_of;
    use crate::video::footage::Capture;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_changes_rows_changes_the_fingerprint() {
        let base = PoseSettings::default();
        let mut others = vec![base; 12];
        others[0].network = LandmarkNetwork::Heavy;
        others[1].thresholds.min_presence = 0.6;
        others[2].people = People::One;
        others[3].people = People::UpTo(2);
        others[4].range.end_s = Some(2.0);
        others[5].segment_frames = 60;
        others[6].tiling = Tiling::Off;
        others[7].min_people_score = 0.3;
        others[8].detection_interval_s = 1.0;
        others[9].network = LandmarkNetwork::Auto;
        others[10].footage.is_mirrored = true;
        others[11].perturbation = Some(Perturbation::default());
        let mut fingerprints: BTreeSet<_> = others.iter().map(|settings| settings.fingerprint("video")).collect();
        fingerprints.insert(base.fingerprint("video"));
        fingerprints.insert(base.fingerprint("another"));
        assert_eq!(fingerprints.len(), 14);
        let one = PoseSettings { people: People::One, ..base };
        let mut surer = one;
        surer.thresholds.detector.min_score = 0.6;
        assert_ne!(one.fingerprint("video"), surer.fingerprint("video"));
        assert_eq!(base.fingerprint("video"), PoseSettings::default().fingerprint("video"));
        assert_ne!(base.fingerprint_of("rows 1", "video"), base.fingerprint_of("rows 2", "video"));
        assert_eq!(base.fingerprint_of(versions::ROWS, "video"), base.fingerprint("video"));
    }

    #[test]
    fn settings_are_json() {
        let json: serde_json::Value = serde_json::from_str(&PoseSettings::default().to_json()).unwrap();
        assert_eq!(json["network"], "full");
        assert_eq!(json["detector_sha256"], DETECTOR.sha256);
        assert_eq!(json["people_detector_sha256"], PEOPLE_DETECTOR.sha256);
        let one = PoseSettings { people: People::One, ..PoseSettings::default() };
        assert!(!one.to_json().contains("people_detector"), "{}", one.to_json());
        assert_eq!(json["min_detection_confidence"], 0.25);
        assert_eq!(json["start_s"], serde_json::Value::Null);
        let several = PoseSettings { people: People::UpTo(4), ..PoseSettings::default() };
        assert_eq!(people_of(&several.to_json()), Ok(4));
        assert!(people_of("{}").is_err());
    }

    #[test]
    fn settings_come_back_from_a_record_of_this_version() {
        let base = PoseSettings::default();
        let mut one = PoseSettings { people: People::One, inference: EngineKind::Ort, ..base };
        one.thresholds.detector = DetectorThresholds { min_score: 0.45, max_overlap: 0.2 };
        let range = TimeRange { start_s: Some(0.1), end_s: None };
        let several = PoseSettings { people: People::UpTo(3), min_people_score: 0.3, range, ..base };
        let tiles = PoseSettings { tiling: Tiling::Grid { columns: 3, rows: 2 }, detection_interval_s: 0.7, ..base };
        let altered = PoseSettings { perturbation: Perturbation::all().pop(), network: LandmarkNetwork::Auto, ..base };
        let slow = Footage { capture: Capture::Fps(240.0), is_mirrored: true, ..Footage::default() };
        for settings in [base, one, several, tiles, altered, PoseSettings { footage: slow, ..base }] {
            assert_eq!(PoseSettings::of_record(&settings.to_json()), Some(settings));
        }
        assert_eq!(PoseSettings::of_record(&base.json_of("rows 0")), None);
        assert_eq!(PoseSettings::of_record("{}"), None);
    }

    #[test]
    fn a_range_begins_with_its_start_and_ends_before_its_end() {
        let range = TimeRange { start_s: Some(1.0), end_s: Some(2.0) };
        assert!(range.is_before(0.99) && !range.is_before(1.0));
        assert!(range.is_after(2.0) && !range.is_after(1.99));
        assert!(!range.is_everything() && TimeRange::default().is_everything());
    }
}
