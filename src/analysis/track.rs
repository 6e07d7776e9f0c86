//! A person's landmarks over time, as analysis works on them. Missing values are NaN.

use crate::pose::skeleton::LANDMARK_COUNT;

/// One value a landmark.
pub type PerLandmark<T> = [T; LANDMARK_COUNT];

/// The coordinates of a landmark, as channels: x, y, z in pixels of the picture, then x, y, z of the world in meters.
pub const CHANNELS: usize = 6;

/// A landmark's coordinates over time: a series for each channel.
pub type Series = [Vec<f64>; CHANNELS];

/// A person without interruption: one entry a frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stretch {
    /// Frame numbers, one after the other.
    pub frames: Vec<u32>,
    /// Their times, seconds, strictly increasing.
    pub times_s: Vec<f64>,
    /// Coordinates by landmark.
    pub points: Vec<Series>,
    /// Visibility by landmark, 0..1.
    pub visibility: Vec<Vec<f64>>,
    /// Presence by landmark, 0..1.
    pub presence: Vec<Vec<f64>>,
}

impl Stretch {
    /// Frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Frames a second, from the median interval; 0 for fewer than two frames.
    #[must_use]
    pub fn rate_hz(&self) -> f64 {
        let mut intervals: Vec<f64> = self.times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if intervals.is_empty() {
            return 0.0;
        }
        intervals.sort_by(f64::total_cmp);
        1.0 / intervals[intervals.len() / 2]
    }

    /// A coordinate of a landmark in a frame.
    #[must_use]
    pub fn at(&self, landmark: usize, channel: usize, index: usize) -> f64 {
        self.points[landmark][channel][index]
    }
}
