//! MediaPipe's single-person algorithm over the frames of a segment: detect, then follow from frame to frame.
//!
//! Pure except for the two networks, which are run through [`PoseNetworks`]. As in MediaPipe's legacy graph
//! (`modules/pose_landmark/pose_landmark_cpu.pbtxt`), the detector runs on the first frame and after a frame without a
//! pose, never as a second try on the same frame. It takes the best person only.

use super::detector::DetectorThresholds;
use super::landmarker::{Landmarker, Look, region_after};
use super::landmarks::{LandmarkTensors, RawPose};
use super::opinion::{Opinion, Trust};
use super::region::Region;
use super::search::SearchForOne;
use super::smoothing::AuxiliarySmoother;
use crate::image::Picture;

/// The detector's outputs for one picture. Buffers are reused.
#[derive(Debug, Clone, Default)]
pub struct DetectorTensors {
    /// `ANCHOR_COUNT x BOX_VALUES`, input pixels relative to the anchors.
    pub boxes: Vec<f32>,
    /// `ANCHOR_COUNT` logits.
    pub logits: Vec<f32>,
}

/// The networks that the tracker needs.
pub trait PoseNetworks {
    /// Error of a failed run.
    type Error;

    /// Runs the person detector on `input` (224 x 224 x 3).
    ///
    /// # Errors
    /// The network could not be run.
    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), Self::Error>;

    /// Runs one of the landmark networks on some crops. `inputs` has them one after the other
    /// ([`CROP_VALUES`](super::landmarks::CROP_VALUES) each: 256 x 256 x 3), as many as `outputs`. The second network
    /// is only asked by trackers that are created with a second opinion.
    ///
    /// # Errors
    /// The network could not be run, or there is no such network.
    fn landmarks(
        &mut self,
        opinion: Opinion,
        inputs: &[f32],
        outputs: &mut [LandmarkTensors],
    ) -> Result<(), Self::Error>;
}

/// Thresholds of the single-person algorithm. The defaults are MediaPipe's.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TrackerThresholds {
    /// Thresholds of the detector.
    pub detector: DetectorThresholds,
    /// A region holds a person if the landmark network's flag is above this, 0..=1.
    pub min_presence: f32,
}

impl Default for TrackerThresholds {
    fn default() -> Self {
        Self { detector: DetectorThresholds::default(), min_presence: 0.5 }
    }
}

/// The origin of a frame's region of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionSource {
    /// From the person detector.
    Detector,
    /// From the previous frame's landmarks.
    Tracking,
    /// From the detector for several people.
    PeopleDetector,
    /// From the previous frame's landmarks, rotated: the person was lost in an unusual posture.
    Turned,
}

impl RegionSource {
    /// The origin's name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::Tracking => "tracking",
            Self::PeopleDetector => "people_detector",
            Self::Turned => "turned",
        }
    }
}

/// One person found in one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedPose {
    /// The region that the landmark network received.
    pub region: Region,
    /// The origin of that region.
    pub source: RegionSource,
    /// The person's size, used by smoothing to measure speed, pixels.
    pub object_scale_px: f32,
    /// The pose that the network found there.
    pub pose: RawPose,
}

/// Follows one person through consecutive frames.
#[derive(Debug)]
pub struct SinglePersonTracker {
    search: SearchForOne,
    next_region: Option<Region>,
    auxiliary: AuxiliarySmoother,
    landmarker: Landmarker,
    trust: Trust,
}

impl SinglePersonTracker {
    /// Creates a tracker without a person. With a second opinion, two landmark networks are asked.
    #[must_use]
    pub fn new(thresholds: TrackerThresholds, has_second_opinion: bool) -> Self {
        Self {
            search: SearchForOne::new(thresholds.detector),
            next_region: None,
            auxiliary: AuxiliarySmoother::default(),
            landmarker: Landmarker::new(thresholds.min_presence, has_second_opinion),
            trust: Trust::default(),
        }
    }

    /// Forgets the person, as at the start of a segment.
    pub fn reset(&mut self) {
        self.next_region = None;
        self.auxiliary = AuxiliarySmoother::default();
        self.trust = Trust::default();
    }

    /// Finds the person in the next frame; `None` if nobody is found.
    ///
    /// # Errors
    /// A network could not be run; the person is forgotten and the next frame starts with detection.
    pub fn next_frame<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<Option<TrackedPose>, N::Error> {
        let tracked = self.find(networks, image);
        match &tracked {
            Ok(Some(found)) => {
                let size_px = image.size_px();
                self.next_region = Some(region_after(&mut self.auxiliary, found, size_px, time_s));
            }
            Ok(None) | Err(_) => self.reset(),
        }
        tracked
    }

    fn find<N: PoseNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
    ) -> Result<Option<TrackedPose>, N::Error> {
        let (region, source) = match self.next_region {
            Some(region) => (region, RegionSource::Tracking),
            None => match self.search.best(networks, image)? {
                Some(best) => (best.region(image.size_px()), RegionSource::Detector),
                None => return Ok(None),
            },
        };
        let look = Look { region, source, trust: self.trust, asks_twice: true };
        let found = self.landmarker.find(networks, image, look)?;
        Ok(found.map(|found| {
            self.trust.note(found.reading);
            found.tracked
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::RegionSource::{Detector, Tracking};
    use super::*;
    use crate::image::RgbImage;
    use crate::pose::detector;
    use crate::pose::landmarks::{HEATMAP_SIDE, POINT_COUNT, POINT_VALUES};

    /// Plays back scripted flags. The detector always detects a person, and the landmarks always keep the region in its
    /// place.
    struct Script {
        flags: Vec<f32>,
        sees_people: bool,
        detections: usize,
    }

    impl PoseNetworks for Script {
        type Error = &'static str;

        fn detect(&mut self, _: &[f32], output: &mut DetectorTensors) -> Result<(), Self::Error> {
            self.detections += 1;
            output.boxes = vec![0.0; detector::ANCHOR_COUNT * detector::BOX_VALUES];
            output.logits = vec![-10.0; detector::ANCHOR_COUNT];
            // An anchor in the middle; the point of size and rotation 56 of 224 pixels above the hips.
            output.boxes[800 * detector::BOX_VALUES..801 * detector::BOX_VALUES]
                .copy_from_slice(&[0.0, -40.0, 20.0, 20.0, 0.0, 0.0, 0.0, -56.0, 0.0, 0.0, 0.0, 0.0]);
            output.logits[800] = if self.sees_people { 4.0 } else { -10.0 };
            Ok(())
        }

        fn landmarks(&mut self, _: Opinion, _: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), Self::Error> {
            let [output] = outputs else { return Err("one person is followed, with one crop a frame") };
            output.pose_flag = self.flags.remove(0);
            output.points = vec![0.0; POINT_COUNT * POINT_VALUES];
            // The region's side is 2.5 times the distance of the points, so 0.4 of it keeps the size.
            output.points[33 * POINT_VALUES..33 * POINT_VALUES + 2].copy_from_slice(&[128.0, 128.0]);
            output.points[34 * POINT_VALUES..34 * POINT_VALUES + 2].copy_from_slice(&[128.0, 128.0 - 0.4 * 256.0]);
            output.heatmap = vec![-10.0; HEATMAP_SIDE * HEATMAP_SIDE * POINT_COUNT];
            output.world = vec![0.0; POINT_COUNT * 3];
            if output.pose_flag.is_nan() { Err("scripted fault") } else { Ok(()) }
        }
    }

    fn run(script: &mut Script, frames: usize) -> Vec<Result<Option<TrackedPose>, &'static str>> {
        let mut tracker = SinglePersonTracker::new(TrackerThresholds::default(), false);
        let image = RgbImage::new(320, 240);
        (0..frames).map(|index| tracker.next_frame(script, &image, index as f64 / 30.0)).collect()
    }

    fn sources(found: &[Result<Option<TrackedPose>, &'static str>]) -> Vec<Option<RegionSource>> {
        found.iter().map(|frame| frame.as_ref().ok()?.as_ref().map(|pose| pose.source)).collect()
    }

    #[test]
    fn detects_once_then_follows() {
        let mut script = Script { flags: vec![1.0; 3], sees_people: true, detections: 0 };
        let found = run(&mut script, 3);
        assert_eq!(sources(&found), [Some(Detector), Some(Tracking), Some(Tracking)]);
        assert_eq!(script.detections, 1);
        let side = |index: usize| found[index].as_ref().unwrap().as_ref().unwrap().region.square([320, 240]).side_px;
        assert!((side(2) - side(0)).abs() < 0.01, "{} {}", side(0), side(2));
    }

    #[test]
    fn a_lost_person_is_sought_again_on_the_next_frame_not_on_the_same() {
        let mut script = Script { flags: vec![1.0, 0.2, 1.0], sees_people: true, detections: 0 };
        let found = run(&mut script, 3);
        assert_eq!(sources(&found), [Some(Detector), None, Some(Detector)]);
        assert_eq!(script.detections, 2);
    }

    #[test]
    fn an_empty_picture_is_searched_on_every_frame() {
        let mut script = Script { flags: vec![], sees_people: false, detections: 0 };
        assert_eq!(sources(&run(&mut script, 4)), [None; 4]);
        assert_eq!(script.detections, 4);
    }

    #[test]
    fn a_failed_run_loses_the_person_and_nothing_else() {
        let mut script = Script { flags: vec![1.0, f32::NAN, 1.0], sees_people: true, detections: 0 };
        let found = run(&mut script, 3);
        assert_eq!(found[1], Err("scripted fault"));
        assert_eq!(sources(&found)[2], Some(Detector));
    }
}
