//! Windows over times instead of sample numbers, so that they are right at every frame rate.

use std::ops::Range;

/// The part of a mean interval by which windows are wider than requested. Containers round timestamps (Matroska to 1
/// ms); without this margin a window of whole frames would sometimes lose its outermost frames.
const ROUNDING: f64 = 0.1;

/// Windows of one width over the samples of a section.
pub(super) struct Windows<'a> {
    times_s: &'a [f64],
    width_s: f64,
    /// The distance by which windows extend further to both sides than requested, seconds.
    rounding: f64,
}

impl<'a> Windows<'a> {
    /// Creates windows `window_s` wide over strictly increasing times.
    pub(super) fn new(times_s: &'a [f64], window_s: f64) -> Self {
        Self { times_s, width_s: window_s, rounding: ROUNDING * mean_interval_s(times_s) }
    }

    /// Returns the samples of the window centered on `index`: fewer at the ends of the section.
    pub(super) fn centered(&self, index: usize) -> Range<usize> {
        self.around(self.times_s[index])
    }

    /// Returns the samples of the window that contains `index` and lies within the section: centered if there is
    /// room, otherwise pushed inward, so that the ends are smoothed over as many samples as the middle.
    pub(super) fn within(&self, index: usize) -> Range<usize> {
        let (Some(first_s), Some(last_s)) = (self.times_s.first(), self.times_s.last()) else { return 0..0 };
        let earliest_s = first_s + self.width_s / 2.0;
        let latest_s = (last_s - self.width_s / 2.0).max(earliest_s);
        self.around(self.times_s[index].clamp(earliest_s, latest_s))
    }

    fn around(&self, time_s: f64) -> Range<usize> {
        let reach_s = self.width_s / 2.0 + self.rounding;
        let start = self.times_s.partition_point(|&t| t < time_s - reach_s);
        let end = self.times_s.partition_point(|&t| t <= time_s + reach_s);
        start..end
    }
}

/// Returns the mean interval between samples, seconds; 0 for fewer than two.
pub(super) fn mean_interval_s(times_s: &[f64]) -> f64 {
    match times_s {
        [first, .., last] => (last - first) / (times_s.len() - 1) as f64,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_whole_frames_survives_time_stamps_rounded_to_milliseconds() {
        let times_s: Vec<f64> = (0..300).map(|i| (f64::from(i) / 30.0 * 1000.0).round() / 1000.0).collect();
        let windows = Windows::new(&times_s, 0.2);
        for index in 3..297 {
            assert_eq!(windows.centered(index), index - 3..index + 4);
        }
        assert_eq!(windows.centered(0), 0..4);
        assert_eq!(windows.within(0), 0..7);
        assert_eq!(windows.within(299), 293..300);
    }

    #[test]
    fn windows_measure_time_where_the_rate_changes() {
        // 10 Hz, then 100 Hz from 1 s on.
        let times_s: Vec<f64> =
            (0..10).map(|i| f64::from(i) / 10.0).chain((0..100).map(|i| 1.0 + f64::from(i) / 100.0)).collect();
        let windows = Windows::new(&times_s, 0.4);
        assert_eq!(windows.centered(5).len(), 5);
        assert_eq!(windows.centered(60).len(), 41);
    }

    #[test]
    fn a_window_wider_than_the_section_holds_all_of_it() {
        let times_s = [0.0, 1.0, 3.0];
        for index in 0..3 {
            assert_eq!(Windows::new(&times_s, 100.0).within(index), 0..3);
        }
    }
}
