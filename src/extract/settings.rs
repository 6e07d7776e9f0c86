//! What the rows of a run depend on besides the video, and the fingerprint of all of it. Pure.

use serde::Serialize;

use crate::pose::networks::{DETECTOR, LandmarkNetwork};
use crate::pose::tracker::TrackerThresholds;
use crate::store::schema::SCHEMA_VERSION;

/// Frames of a segment, the unit of sealing, where nothing else is asked for: twenty seconds at 30 frames per second. Each
/// segment begins with detection, so that its rows depend on its own frames only.
pub const DEFAULT_SEGMENT_FRAMES: u32 = 600;

/// Name and version of the algorithm; a change that changes rows changes it.
const ALGORITHM: &str = "blazepose-single-person/1";

/// The part of each video to work on, seconds from the first frame.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TimeRange {
    /// First time that counts.
    pub start_s: Option<f64>,
    /// First time that counts no more.
    pub end_s: Option<f64>,
}

impl TimeRange {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.start_s.is_none_or(|start| start <= 0.0) && self.end_s.is_none()
    }

    /// Whether a time is before the range.
    #[must_use]
    pub fn is_before(&self, time_s: f64) -> bool {
        self.start_s.is_some_and(|start| time_s < start)
    }

    /// Whether a time is after the range.
    #[must_use]
    pub fn is_after(&self, time_s: f64) -> bool {
        self.end_s.is_some_and(|end| time_s >= end)
    }
}

/// Settings of an extraction that its rows depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoseSettings {
    /// The landmark network.
    pub network: LandmarkNetwork,
    /// Thresholds of detection and presence.
    pub thresholds: TrackerThresholds,
    /// The part of each video.
    pub range: TimeRange,
    /// Frames of a segment.
    pub segment_frames: u32,
}

impl Default for PoseSettings {
    fn default() -> Self {
        Self {
            network: LandmarkNetwork::default(),
            thresholds: TrackerThresholds::default(),
            range: TimeRange::default(),
            segment_frames: DEFAULT_SEGMENT_FRAMES,
        }
    }
}

#[derive(Serialize)]
struct Canonical<'a> {
    algorithm: &'a str,
    people: u32,
    network: String,
    detector_sha256: &'a str,
    min_detection_confidence: f32,
    max_detection_overlap: f32,
    min_presence_confidence: f32,
    segment_frames: u32,
    start_s: Option<f64>,
    end_s: Option<f64>,
}

impl PoseSettings {
    /// The settings as JSON with a fixed order of keys, as `runs.settings` holds them.
    #[must_use]
    pub fn to_json(&self) -> String {
        let canonical = Canonical {
            algorithm: ALGORITHM,
            people: 1,
            network: self.network.to_string(),
            detector_sha256: DETECTOR.sha256,
            min_detection_confidence: self.thresholds.detector.min_score,
            max_detection_overlap: self.thresholds.detector.max_overlap,
            min_presence_confidence: self.thresholds.min_presence,
            segment_frames: self.segment_frames,
            start_s: self.range.start_s,
            end_s: self.range.end_s,
        };
        // Numbers and strings under fixed keys always have a JSON form.
        serde_json::to_string(&canonical).unwrap_or_default()
    }

    /// Hash of all that the rows of a run depend on: 32 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self, video_id: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        for field in [video_id, &self.to_json(), self.network.file().sha256, &SCHEMA_VERSION.to_string()] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_changes_rows_changes_the_fingerprint() {
        let base = PoseSettings::default();
        let mut others = vec![base; 6];
        others[0].network = LandmarkNetwork::Heavy;
        others[1].thresholds.min_presence = 0.6;
        others[2].thresholds.detector.min_score = 0.6;
        others[3].thresholds.detector.max_overlap = 0.5;
        others[4].range.end_s = Some(2.0);
        others[5].segment_frames = 60;
        let mut fingerprints: BTreeSet<_> = others.iter().map(|settings| settings.fingerprint("video")).collect();
        fingerprints.insert(base.fingerprint("video"));
        fingerprints.insert(base.fingerprint("another"));
        assert_eq!(fingerprints.len(), 8);
        assert_eq!(base.fingerprint("video"), PoseSettings::default().fingerprint("video"));
    }

    #[test]
    fn settings_are_json() {
        let json: serde_json::Value = serde_json::from_str(&PoseSettings::default().to_json()).unwrap();
        assert_eq!(json["network"], "full");
        assert_eq!(json["min_detection_confidence"], 0.5);
        assert_eq!(json["start_s"], serde_json::Value::Null);
    }

    #[test]
    fn a_range_begins_with_its_start_and_ends_before_its_end() {
        let range = TimeRange { start_s: Some(1.0), end_s: Some(2.0) };
        assert!(range.is_before(0.99) && !range.is_before(1.0));
        assert!(range.is_after(2.0) && !range.is_after(1.99));
        assert!(!range.is_everything() && TimeRange::default().is_everything());
    }
}
