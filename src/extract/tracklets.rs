//! The tracklets of a single person: one for each stretch in which the person was followed without interruption.

use crate::pose::tracker::{RegionSource, TrackedPose};
use crate::pose::tracklet::{PersonPose, TrackletSummary};

/// Numbers the tracklets of a segment in which at most one person is followed.
#[derive(Debug, Default)]
pub struct SingleTracklets {
    summaries: Vec<TrackletSummary>,
}

impl SingleTracklets {
    /// The person of the next frame that has one. Found by the detector means found anew.
    pub fn person(&mut self, tracked: TrackedPose) -> PersonPose {
        if tracked.source == RegionSource::Detector || self.summaries.is_empty() {
            let tracklet = u16::try_from(self.summaries.len()).unwrap_or(u16::MAX);
            self.summaries.push(TrackletSummary { tracklet, n_detections: 1, appearance: None, is_somebody: true });
        }
        PersonPose { tracklet: self.summaries.last().map_or(0, |last| last.tracklet), tracked }
    }

    /// The segment's tracklets; the next ones are of a new segment.
    pub fn take(&mut self) -> Vec<TrackletSummary> {
        std::mem::take(&mut self.summaries)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pose::landmarks::{Landmark, RawPose};
    use crate::pose::region::Region;
    use crate::pose::skeleton::LANDMARK_COUNT;

    /// A person whose landmarks are all at `x` (relative to the picture's width) in the middle of its height.
    pub(crate) fn standing(x: f32) -> TrackedPose {
        let point = Landmark { x, y: 0.5, visibility: 1.0, presence: 1.0, ..Landmark::default() };
        TrackedPose {
            region: Region { center_x: x, center_y: 0.5, width: 0.25, height: 0.25, rotation_rad: 0.0 },
            source: RegionSource::Tracking,
            object_scale_px: 100.0,
            pose: RawPose {
                score: 0.75,
                landmarks: [point; LANDMARK_COUNT],
                auxiliary: [point; 2],
                world_m: [[0.0; 3]; LANDMARK_COUNT],
            },
        }
    }

    #[test]
    fn a_tracklet_ends_where_the_detector_had_to_help() {
        let mut tracklets = SingleTracklets::default();
        let found = |source| TrackedPose { source, ..standing(0.5) };
        let sources = [RegionSource::Detector, RegionSource::Tracking, RegionSource::Detector];
        let numbers: Vec<u16> = sources.map(|source| tracklets.person(found(source)).tracklet).to_vec();
        assert_eq!(numbers, [0, 0, 1]);
        assert_eq!(tracklets.take().len(), 2);
        assert_eq!(tracklets.person(found(RegionSource::Detector)).tracklet, 0, "a new segment counts from 0");
    }
}
