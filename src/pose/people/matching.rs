//! What tracks and detections are compared by, and the tracks that are looked for.

use crate::pose::detector::Detection;
use crate::pose::landmarker::Look;
use crate::pose::multipose::Candidate;
use crate::pose::opinion::Trust;
use crate::pose::region::{Region, object_scale_px};
use crate::pose::track::{Sighting, Track};
use crate::pose::tracker::RegionSource;

/// A pose and a detection belong to the same person up to this mean distance of their points, in sizes.
pub(super) const SAME_PERSON: f32 = 0.2;

/// Where a detector sees a person.
pub(super) struct Lead<'a> {
    /// The region for the landmark network.
    pub(super) region: Region,
    /// Middle of the hips, pixels.
    pub(super) center_px: [f32; 2],
    /// Diameter of BlazePose's circle, pixels.
    pub(super) size_px: f32,
    /// The detector.
    pub(super) source: RegionSource,
    /// The points of the detector for several people.
    candidate: Option<&'a Candidate>,
}

impl<'a> Lead<'a> {
    /// From the detector for several people, in a picture of `size_px`.
    pub(super) fn of_candidate(candidate: &'a Candidate, size_px: [usize; 2]) -> Self {
        Self {
            region: candidate.region(size_px),
            center_px: candidate.body_points_px()[0],
            size_px: candidate.size_px(),
            source: RegionSource::PeopleDetector,
            candidate: Some(candidate),
        }
    }

    /// From the detector for one person, in a picture of `size_px`.
    pub(super) fn of_detection(detection: &Detection, size_px: [usize; 2]) -> Lead<'static> {
        let (center, scale_point) = detection.body_points();
        Lead {
            region: detection.region(size_px),
            center_px: std::array::from_fn(|axis| center[axis] * size_px[axis] as f32),
            size_px: object_scale_px(center, scale_point, size_px),
            source: RegionSource::Detector,
            candidate: None,
        }
    }

    /// Whether the detector for one person gave it.
    pub(super) fn is_of_one(&self) -> bool {
        self.candidate.is_none()
    }

    /// Whether a pose is that of the person.
    pub(super) fn fits(&self, sighting: &Sighting) -> bool {
        if let Some(candidate) = self.candidate {
            candidate.distance(&sighting.landmarks_px).is_none_or(|distance| distance <= SAME_PERSON)
        } else {
            let center_px = sighting.center_px();
            let off_px = (center_px[0] - self.center_px[0]).hypot(center_px[1] - self.center_px[1]);
            off_px <= SAME_PERSON * self.size_px
        }
    }
}

/// A track whose person is looked for.
pub(super) struct Sought {
    /// Index of the track.
    pub(super) track: usize,
    /// The regions still to be looked at, at least one.
    pub(super) regions: Vec<Region>,
    /// Whether rotated crops are tried if the person leans.
    pub(super) may_have_turned: bool,
    /// How much the first network is trusted.
    pub(super) trust: Trust,
    /// Whether the person was there in the last frame. Such a person is lost only if both networks see nobody.
    pub(super) is_followed: bool,
}

impl Sought {
    /// The look at the first region.
    pub(super) fn look(&self) -> Look {
        Look {
            region: self.regions[0],
            source: RegionSource::Tracking,
            trust: self.trust,
            asks_twice: self.is_followed,
        }
    }
}

/// The cost of matching a missing person with a lead; `None` if the lead is too far away or of another size.
pub(super) fn relocation_cost(track: &Track, lead: &Lead, time_s: f64) -> Option<f32> {
    /// Largest distance from the expected position, in sizes: immediately, and per second more.
    const REACH: f32 = 0.4;
    const REACH_PER_S: f32 = 1.5;
    /// Largest ratio of sizes.
    const SIZE_RATIO: f32 = 1.6;
    let (expected, found) = (track.expected_center_px(time_s), lead.center_px);
    let distance = (expected[0] - found[0]).hypot(expected[1] - found[1]) / track.size_px().max(1.0);
    let ratio = lead.size_px / track.size_px().max(1.0);
    let is_near = distance <= REACH + REACH_PER_S * track.missing_s(time_s) as f32;
    let is_alike = (1.0 / SIZE_RATIO..=SIZE_RATIO).contains(&ratio);
    (is_near && is_alike).then(|| distance + ratio.ln().abs())
}

pub(super) fn remove_taken(candidates: &mut Vec<Candidate>, pairs: &[(usize, usize)]) {
    let mut index = 0;
    candidates.retain(|_| {
        let is_taken = pairs.iter().any(|&(_, candidate)| candidate == index);
        index += 1;
        !is_taken
    });
}

pub(super) fn is_inside(point_px: [f32; 2], size_px: [usize; 2]) -> bool {
    (0..2).all(|axis| (0.0..size_px[axis] as f32).contains(&point_px[axis]))
}

/// Whether two boxes (left, top, right, bottom) touch.
pub(super) fn overlap(a: &[f32; 4], b: &[f32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// What two boxes (left, top, right, bottom) have in common within a picture of `size_px`: intersection over union,
/// 0..=1.
pub(super) fn overlap_inside(a: &[f32; 4], b: &[f32; 4], size_px: [usize; 2]) -> f32 {
    let [width_px, height_px] = size_px.map(|side| side as f32);
    let inside = |[left, top, right, bottom]: &[f32; 4]| {
        [left.max(0.0), top.max(0.0), right.min(width_px), bottom.min(height_px)]
    };
    let area_px = |[left, top, right, bottom]: [f32; 4]| (right - left).max(0.0) * (bottom - top).max(0.0);
    let (a, b) = (inside(a), inside(b));
    let common_px = area_px([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    common_px / (area_px(a) + area_px(b) - common_px).max(1.0)
}
