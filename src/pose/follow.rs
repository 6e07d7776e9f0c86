//! Follows one person or several people through a segment, as an extraction requests.

use super::camera::motion::CameraMotion;
use super::people::{PeopleNetworks, PeopleSettings, PeopleTracker};
use super::tracker::{RegionSource, SinglePersonTracker, TrackedPose, TrackerThresholds};
use super::tracklet::{PersonPose, TrackletSummary};
use crate::image::Picture;

/// The number of people to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum People {
    /// One, by MediaPipe's single-person algorithm.
    One,
    /// At most this many.
    UpTo(u8),
}

/// Default maximum number of people to follow.
pub const DEFAULT_MAX_PEOPLE: u8 = 6;

impl Default for People {
    fn default() -> Self {
        Self::UpTo(DEFAULT_MAX_PEOPLE)
    }
}

/// A follower of one person or of several people.
#[derive(Debug)]
pub enum Follower {
    /// By MediaPipe's single-person algorithm.
    One(Box<SinglePersonFollower>),
    /// Everybody in view.
    Several(Box<PeopleTracker>),
}

/// The single-person tracker. Its uninterrupted sections are tracklets.
#[derive(Debug)]
pub struct SinglePersonFollower {
    tracker: SinglePersonTracker,
    n_tracklets: u16,
}

impl Follower {
    /// Creates a follower of one person. With a second opinion, two landmark networks are asked.
    #[must_use]
    pub fn one(thresholds: TrackerThresholds, has_second_opinion: bool) -> Self {
        let tracker = SinglePersonTracker::new(thresholds, has_second_opinion);
        Self::One(Box::new(SinglePersonFollower { tracker, n_tracklets: 0 }))
    }

    /// Creates a follower of several people.
    #[must_use]
    pub fn several(settings: PeopleSettings) -> Self {
        Self::Several(Box::new(PeopleTracker::new(settings)))
    }

    /// Notes that the camera has moved since the last frame, whose size was `size_px`. MediaPipe's single-person
    /// algorithm knows no cameras.
    pub fn move_with(&mut self, camera: &CameraMotion, size_px: [usize; 2]) {
        if let Self::Several(tracker) = self {
            tracker.move_with(camera, size_px);
        }
    }

    /// Finds the people in the next frame.
    ///
    /// # Errors
    /// A network could not be run; all people are forgotten and the next frame starts with detection.
    pub fn next_frame<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<Vec<PersonPose>, N::Error> {
        match self {
            Self::One(follower) => {
                let found = follower.tracker.next_frame(networks, image, time_s)?;
                Ok(found.map(|tracked| follower.number(tracked)).into_iter().collect())
            }
            Self::Several(tracker) => tracker.next_frame(networks, image, time_s),
        }
    }

    /// Forgets all people, as after a frame that could not be decoded.
    pub fn lose_everybody(&mut self) {
        match self {
            Self::One(follower) => follower.tracker.reset(),
            Self::Several(tracker) => tracker.lose_everybody(),
        }
    }

    /// Ends the segment: returns the summaries of its tracklets and forgets all people.
    pub fn end_segment(&mut self) -> Vec<TrackletSummary> {
        match self {
            Self::One(follower) => follower.end_segment(),
            Self::Several(tracker) => tracker.end_segment(),
        }
    }
}

impl SinglePersonFollower {
    fn number(&mut self, tracked: TrackedPose) -> PersonPose {
        self.n_tracklets += u16::from(tracked.source == RegionSource::Detector);
        PersonPose { tracklet: self.n_tracklets.saturating_sub(1), tracked }
    }

    fn end_segment(&mut self) -> Vec<TrackletSummary> {
        self.tracker.reset();
        let summary = |tracklet| TrackletSummary { tracklet, n_detections: 1, appearance: None, is_somebody: true };
        (0..std::mem::take(&mut self.n_tracklets)).map(summary).collect()
    }
}
