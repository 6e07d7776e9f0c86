//! The track of one of several people through a segment: position, motion and the next search regions.

use super::appearance::Appearance;
use super::camera::motion::CameraMotion;
use super::landmarker::{Found, region_after};
use super::opinion::{Reading, Trust};
use super::region::Region;
use super::skeleton::{LANDMARK_COUNT, MIRROR, landmark};
use super::smoothing::AuxiliarySmoother;
use super::tracker::TrackedPose;
use super::tracklet::TrackletSummary;

/// Time for which a lost person is assumed to move on, seconds; afterwards the person is assumed to stay.
const MOVES_ON_S: f64 = 0.3;
/// Score from which on the landmark network counts as confident.
const SURE_SCORE: f32 = 0.95;
/// Weight of the newest frame in the velocity.
const VELOCITY_WEIGHT: f32 = 0.4;

/// A person as seen in one frame.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) tracked: TrackedPose,
    /// The networks that found it.
    reading: Reading,
    /// The 33 landmarks, pixels.
    pub(super) landmarks_px: [[f32; 2]; LANDMARK_COUNT],
}

impl Sighting {
    pub(super) fn new(found: Found, size_px: [usize; 2]) -> Self {
        let Found { tracked, reading } = found;
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let landmarks_px = std::array::from_fn(|index| {
            let landmark = &tracked.pose.landmarks[index];
            [landmark.x * width_px, landmark.y * height_px]
        });
        Self { tracked, reading, landmarks_px }
    }

    /// Middle of the hips, pixels.
    pub(super) fn center_px(&self) -> [f32; 2] {
        let [left, right] = landmark::HIPS.map(|hip| self.landmarks_px[hip]);
        std::array::from_fn(|axis| left[axis].midpoint(right[axis]))
    }

    /// Bounding box of all landmarks, pixels: left, top, right, bottom.
    pub(super) fn box_px(&self) -> [f32; 4] {
        self.landmarks_px.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[l, t, r, b], [x, y]| {
            [l.min(*x), t.min(*y), r.max(*x), b.max(*y)]
        })
    }

    /// Share of the landmarks within a picture of `size_px`.
    pub(super) fn share_inside(&self, size_px: [usize; 2]) -> f32 {
        let [width_px, height_px] = size_px.map(|side| side as f32);
        let is_inside = |[x, y]: &&[f32; 2]| (0.0..width_px).contains(x) && (0.0..height_px).contains(y);
        self.landmarks_px.iter().filter(is_inside).count() as f32 / LANDMARK_COUNT as f32
    }

    /// Distance of two poses' bodies: the median distance of their landmarks divided by the larger height. Front and
    /// back views of a body (left and right exchanged) count as the same.
    pub(super) fn body_distance(&self, other: &Self) -> f32 {
        let height_px = self.height_px().max(other.height_px()).max(1.0);
        let median_px = |partner: &dyn Fn(usize) -> usize| {
            let mut distances: [f32; LANDMARK_COUNT] = std::array::from_fn(|index| {
                let (a, b) = (self.landmarks_px[index], other.landmarks_px[partner(index)]);
                (a[0] - b[0]).hypot(a[1] - b[1])
            });
            distances.sort_by(f32::total_cmp);
            distances[LANDMARK_COUNT / 2]
        };
        median_px(&|index| index).min(median_px(&|index| MIRROR[index])) / height_px
    }

    /// The longer side of the box: the height of a standing person, the length of a lying one.
    pub(super) fn height_px(&self) -> f32 {
        let [left, top, right, bottom] = self.box_px();
        (right - left).max(bottom - top)
    }
}

/// A moving region.
#[derive(Debug, Clone, Copy)]
struct Motion {
    region: Region,
    velocity_px_per_s: [f32; 2],
    time_s: f64,
}

impl Motion {
    fn at(&self, time_s: f64, size_px: [usize; 2]) -> Region {
        let moved_s = (time_s - self.time_s).clamp(0.0, MOVES_ON_S) as f32;
        let [x_px, y_px] = self.velocity_px_per_s.map(|velocity| velocity * moved_s);
        Region {
            center_x: self.region.center_x + x_px / size_px[0] as f32,
            center_y: self.region.center_y + y_px / size_px[1] as f32,
            ..self.region
        }
    }
}

/// A region that moves with the picture of the scene.
fn moved_with(camera: &CameraMotion, region: Region, size_px: [usize; 2]) -> Region {
    let [width_px, height_px] = size_px.map(|side| side as f32);
    let [x_px, y_px] = camera.moved([region.center_x * width_px, region.center_y * height_px], size_px);
    Region { center_x: x_px / width_px, center_y: y_px / height_px, ..region }
}

/// A followed person.
#[derive(Debug)]
pub(super) struct Track {
    /// Number in the segment.
    pub(super) number: u16,
    /// Sighting in the current frame; `None` if there is none (yet).
    pub(super) now: Option<Sighting>,
    /// The last sighting.
    last: Sighting,
    /// Where the middle of the hips would be seen now if the person had stayed there, pixels.
    last_center_px: [f32; 2],
    last_seen_s: f64,
    next_region: Region,
    /// Position and motion at the network's last confident frame: just before a loss the network is often not
    /// confident.
    sure: Motion,
    auxiliary: AuxiliarySmoother,
    /// How much the first network's readings of the person are trusted.
    trust: Trust,
    /// The velocity over the scene, at the present zoom.
    velocity_px_per_s: [f32; 2],
    appearance: Appearance,
    first_seen_s: f64,
    n_frames: u32,
    n_detections: u32,
    /// Detections that passed over the track since the last one that confirmed it.
    n_passed_over: u32,
    /// Whether the track was another track's person.
    is_double: bool,
    best_detection: f32,
    is_at_segment_start: bool,
}

impl Track {
    /// Creates the track of a person who is seen for the first time in the current frame, found by a detection of the
    /// given score.
    pub(super) fn new(
        number: u16,
        sighting: Sighting,
        time_s: f64,
        detection_score: f32,
        is_at_segment_start: bool,
    ) -> Self {
        Self {
            number,
            next_region: sighting.tracked.region,
            sure: Motion { region: sighting.tracked.region, velocity_px_per_s: [0.0; 2], time_s },
            now: Some(sighting.clone()),
            last_center_px: sighting.center_px(),
            last: sighting,
            last_seen_s: time_s,
            auxiliary: AuxiliarySmoother::default(),
            trust: Trust::default(),
            velocity_px_per_s: [0.0; 2],
            appearance: Appearance::default(),
            first_seen_s: time_s,
            n_frames: 0,
            n_detections: 1,
            n_passed_over: 0,
            is_double: false,
            best_detection: detection_score,
            is_at_segment_start,
        }
    }

    /// Seconds since the last sighting.
    pub(super) fn missing_s(&self, time_s: f64) -> f64 {
        time_s - self.last_seen_s
    }

    /// Whether the person was seen in the previous frame.
    pub(super) fn is_followed(&self, last_frame_s: Option<f64>) -> bool {
        last_frame_s == Some(self.last_seen_s)
    }

    /// Number of frames in which the person was seen.
    pub(super) fn n_frames(&self) -> u32 {
        self.n_frames
    }

    /// The person's size (diameter of BlazePose's circle), pixels.
    pub(super) fn size_px(&self) -> f32 {
        self.last.tracked.object_scale_px
    }

    /// How much the first network's readings of the person are trusted.
    pub(super) fn trust(&self) -> Trust {
        self.trust
    }

    /// The last sighting.
    pub(super) fn last(&self) -> &Sighting {
        &self.last
    }

    /// Moves what is expected with the picture of the scene. A person who is followed is looked for where the landmarks
    /// were: a camera that moves usually follows somebody.
    pub(super) fn move_with(&mut self, camera: &CameraMotion, last_frame_s: Option<f64>, size_px: [usize; 2]) {
        self.last_center_px = camera.moved(self.last_center_px, size_px);
        self.sure.region = moved_with(camera, self.sure.region, size_px);
        if !self.is_followed(last_frame_s) {
            self.next_region = moved_with(camera, self.next_region, size_px);
        }
    }

    /// Expected middle of the person's hips at `time_s`, pixels.
    pub(super) fn expected_center_px(&self, time_s: f64) -> [f32; 2] {
        let center_px = self.last_center_px;
        let moved_s = self.missing_s(time_s).clamp(0.0, MOVES_ON_S) as f32;
        std::array::from_fn(|axis| center_px[axis] + self.velocity_px_per_s[axis] * moved_s)
    }

    /// Regions to search at `time_s`: MediaPipe's next region. For a missing person, that region and the last confident
    /// one, both moved on for as long as people are assumed to move.
    pub(super) fn expected_regions(&self, time_s: f64, last_frame_s: Option<f64>, size_px: [usize; 2]) -> Vec<Region> {
        if self.is_followed(last_frame_s) {
            return vec![self.next_region];
        }
        let velocity_px_per_s = self.velocity_px_per_s;
        let last = Motion { region: self.next_region, velocity_px_per_s, time_s: self.last_seen_s };
        let is_old = self.sure.time_s < self.last_seen_s;
        [Some(last), is_old.then_some(self.sure)]
            .into_iter()
            .flatten()
            .map(|motion| motion.at(time_s, size_px))
            .collect()
    }

    /// Distance of a sighting from the expected position, in the person's sizes.
    pub(super) fn surprise(&self, sighting: &Sighting, time_s: f64) -> f32 {
        let (expected, found) = (self.expected_center_px(time_s), sighting.center_px());
        (expected[0] - found[0]).hypot(expected[1] - found[1]) / self.size_px().max(1.0)
    }

    /// Notes that the detector for several people confirmed the person.
    pub(super) fn confirm(&mut self, score: f32) {
        self.n_detections += 1;
        self.n_passed_over = 0;
        self.best_detection = self.best_detection.max(score);
    }

    /// Notes that the detector for several people looked, before it is known whether it saw the person.
    pub(super) fn pass_over(&mut self) {
        self.n_passed_over += 1;
    }

    /// Number of detections that passed over the track since the last one that confirmed it.
    pub(super) fn n_passed_over(&self) -> u32 {
        self.n_passed_over
    }

    /// Takes the sighting that is right in place of that of the network.
    pub(super) fn correct(&mut self, sighting: Sighting) {
        self.now = Some(sighting);
        self.n_passed_over = 0;
        self.auxiliary = AuxiliarySmoother::default();
        self.trust = Trust::default();
    }

    /// Gives the sighting to another track of the same person. The track was nobody else.
    pub(super) fn give_up(&mut self) -> Option<Sighting> {
        self.is_double = true;
        self.now.take()
    }

    /// Whether the track was another track's person.
    pub(super) fn is_double(&self) -> bool {
        self.is_double
    }

    /// Seconds since the first sighting.
    pub(super) fn age_s(&self, time_s: f64) -> f64 {
        time_s - self.first_seen_s
    }

    /// The person's appearance, for adding to it.
    pub(super) fn appearance_mut(&mut self) -> &mut Appearance {
        &mut self.appearance
    }

    /// Ends the current frame: the sighting becomes the last one. Returns it.
    pub(super) fn settle(
        &mut self,
        last_frame_s: Option<f64>,
        time_s: f64,
        size_px: [usize; 2],
    ) -> Option<TrackedPose> {
        let sighting = self.now.take()?;
        let interval_s = time_s - self.last_seen_s;
        if self.n_frames > 0 && interval_s > 0.0 {
            let (old, new) = (self.last_center_px, sighting.center_px());
            for axis in 0..2 {
                let velocity = (new[axis] - old[axis]) / interval_s as f32;
                self.velocity_px_per_s[axis] += VELOCITY_WEIGHT * (velocity - self.velocity_px_per_s[axis]);
            }
        }
        if self.n_frames > 0 && !self.is_followed(last_frame_s) {
            self.auxiliary = AuxiliarySmoother::default();
            self.trust = Trust::default();
        }
        self.trust.note(sighting.reading);
        self.next_region = region_after(&mut self.auxiliary, &sighting.tracked, size_px, time_s);
        if sighting.tracked.pose.score >= SURE_SCORE {
            self.sure = Motion { region: self.next_region, velocity_px_per_s: self.velocity_px_per_s, time_s };
        }
        self.last_seen_s = time_s;
        self.n_frames += 1;
        let tracked = sighting.tracked.clone();
        self.last_center_px = sighting.center_px();
        self.last = sighting;
        Some(tracked)
    }

    /// Summary of the track at the end of the segment, which is at `end_s`. A track does not count as a person if the
    /// detector confirmed it only once, with a low score, and it lies in the middle of the segment.
    pub(super) fn summary(&self, end_s: f64) -> TrackletSummary {
        /// Score from which on a single detection is enough.
        const CLEAR_SCORE: f32 = 0.4;
        /// Duration of a moment, seconds: shorter than the time between two detections.
        const MOMENT_S: f64 = 0.5;
        let is_at_segment_end = end_s - self.last_seen_s < MOMENT_S && end_s - self.first_seen_s < 2.0 * MOMENT_S;
        let is_sure = self.n_detections >= 2 || self.best_detection >= CLEAR_SCORE;
        let is_somebody = !self.is_double && (is_sure || self.is_at_segment_start || is_at_segment_end);
        TrackletSummary {
            tracklet: self.number,
            n_detections: self.n_detections,
            appearance: self.appearance.mean(),
            is_somebody,
        }
    }
}
