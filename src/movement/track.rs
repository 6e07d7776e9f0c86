//! The landmarks of a person over time, in the form that the analysis uses. Missing values are NaN.

use crate::pose::skeleton::LANDMARK_COUNT;

/// One value per landmark.
pub(crate) type PerLandmark<T> = [T; LANDMARK_COUNT];

/// The number of channels of a landmark: x, y, z in pixels of the picture, then x, y, z of the world in meters.
pub(crate) const CHANNELS: usize = 6;

/// The coordinates of a landmark over time: a series for each channel.
pub(crate) type Series = [Vec<f64>; CHANNELS];

/// A stretch: a person without interruption, one entry per frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stretch {
    /// The frame numbers, consecutive.
    pub(crate) frames: Vec<u32>,
    /// The times of the frames, seconds, strictly increasing.
    pub(crate) times_s: Vec<f64>,
    /// The coordinates by landmark.
    pub(crate) points: Vec<Series>,
    /// The visibility by landmark, 0..1.
    pub(crate) visibility: Vec<Vec<f64>>,
    /// The presence by landmark, 0..1.
    pub(crate) presence: Vec<Vec<f64>>,
}

impl Stretch {
    /// Returns the number of frames.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Returns the frames per second, from the median interval; 0 for fewer than two frames.
    #[must_use]
    pub(crate) fn rate_hz(&self) -> f64 {
        let mut intervals: Vec<f64> = self.times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if intervals.is_empty() {
            return 0.0;
        }
        intervals.sort_by(f64::total_cmp);
        1.0 / intervals[intervals.len() / 2]
    }

    /// Returns a coordinate of a landmark in a frame.
    #[must_use]
    pub(crate) fn at(&self, landmark: usize, channel: usize, index: usize) -> f64 {
        self.points[landmark][channel][index]
    }
}
