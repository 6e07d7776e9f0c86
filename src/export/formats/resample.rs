//! Resamples motions to an even time axis, for formats that have a frame rate and no times.

use crate::export::formats::{Marker, Motion, TIME_TOLERANCE};

/// The largest gap that is filled, in source intervals.
const MAX_GAP_INTERVALS: f64 = 2.0;

/// Returns the motion at the times `k / rate_hz`, for whole numbers k within its own time span.
///
/// Interpolates linearly between two known positions. If they are more than two source intervals apart (the median
/// interval, rounded to whole ones), the position stays missing; nothing is extrapolated. A frame whose time is off
/// the grid by less than a tenth of the source interval is used for the nearest grid time, so that rounded timestamps
/// do not remove the frames at the edges of gaps. `first_frame` of the result is k of its first time, so that
/// `time = frame / rate` holds for every frame. Events are kept as they are.
///
/// The result has no frames if the rate is not positive or the motion has no frames.
#[must_use]
pub(crate) fn resampled(motion: &Motion, rate_hz: f64) -> Motion {
    let grid = Grid::new(&motion.times_s, rate_hz);
    let times_s: Vec<f64> = grid.times_s().collect();
    let markers = motion
        .markers
        .iter()
        .map(|marker| Marker { name: marker.name.clone(), positions: grid.positions(&motion.times_s, marker) })
        .collect();
    Motion {
        name: motion.name.clone(),
        rate_hz,
        first_frame: grid.first as u32,
        times_s,
        markers,
        events: motion.events.clone(),
    }
}

/// The target times `first / rate_hz ..= last / rate_hz`.
struct Grid {
    rate_hz: f64,
    first: i64,
    count: i64,
    source_interval_s: f64,
}

impl Grid {
    fn new(times_s: &[f64], rate_hz: f64) -> Self {
        let (Some(start_s), Some(end_s), true) = (times_s.first(), times_s.last(), rate_hz > 0.0) else {
            return Self { rate_hz, first: 0, count: 0, source_interval_s: 0.0 };
        };
        let source_interval_s = median_interval_s(times_s).unwrap_or(1.0 / rate_hz);
        let tolerance_s = TIME_TOLERANCE * source_interval_s;
        let first = (((start_s - tolerance_s) * rate_hz).ceil() as i64).max(0);
        let last = ((end_s + tolerance_s) * rate_hz).floor() as i64;
        Self { rate_hz, first, count: (last - first + 1).max(0), source_interval_s }
    }

    fn times_s(&self) -> impl Iterator<Item = f64> {
        (self.first..self.first + self.count).map(|k| k as f64 / self.rate_hz)
    }

    fn positions(&self, times_s: &[f64], marker: &Marker) -> Vec<Option<[f64; 3]>> {
        let known: Vec<(f64, [f64; 3])> = times_s
            .iter()
            .enumerate()
            .filter_map(|(frame, &time_s)| marker.position(frame).map(|position| (time_s, position)))
            .collect();
        self.times_s().map(|time_s| self.position_at(time_s, &known)).collect()
    }

    fn position_at(&self, time_s: f64, known: &[(f64, [f64; 3])]) -> Option<[f64; 3]> {
        let next = known.partition_point(|&(known_s, _)| known_s < time_s);
        let after = known.get(next);
        let before = next.checked_sub(1).and_then(|index| known.get(index));
        if let (Some(&(before_s, from)), Some(&(after_s, to))) = (before, after) {
            let intervals = (after_s - before_s) / self.source_interval_s;
            if intervals.round() <= MAX_GAP_INTERVALS {
                let fraction = (time_s - before_s) / (after_s - before_s);
                return Some(std::array::from_fn(|axis| from[axis] + (to[axis] - from[axis]) * fraction));
            }
        }
        let tolerance_s = TIME_TOLERANCE * self.source_interval_s;
        [before, after]
            .into_iter()
            .flatten()
            .find(|(known_s, _)| (known_s - time_s).abs() <= tolerance_s)
            .map(|&(_, position)| position)
    }
}

/// Returns the median interval between two frames; `None` for fewer than two.
fn median_interval_s(times_s: &[f64]) -> Option<f64> {
    let mut intervals_s: Vec<f64> = times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals_s.sort_by(f64::total_cmp);
    intervals_s.get(intervals_s.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One marker on a straight line, known where `is_known`.
    fn line(times_s: &[f64], is_known: impl Fn(usize) -> bool) -> Motion {
        let positions = times_s
            .iter()
            .enumerate()
            .map(|(frame, time_s)| is_known(frame).then_some([*time_s, 2.0 * time_s, -time_s]))
            .collect();
        Motion {
            name: "line".to_owned(),
            rate_hz: 10.0,
            first_frame: 0,
            times_s: times_s.to_vec(),
            markers: vec![Marker { name: "m".to_owned(), positions }],
            events: vec![],
        }
    }

    fn x(motion: &Motion) -> Vec<Option<f64>> {
        motion.markers[0].positions.iter().map(|position| position.map(|[x, _, _]| (x * 1e6).round() / 1e6)).collect()
    }

    #[test]
    fn between_two_frames_it_is_linear() {
        let result = resampled(&line(&[0.0, 0.1, 0.2], |_| true), 20.0);
        assert_eq!(x(&result), [0.0, 0.05, 0.1, 0.15, 0.2].map(Some));
        assert_eq!(result.first_frame, 0);
    }

    #[test]
    fn one_missing_frame_is_filled_and_two_are_not() {
        let times_s: Vec<f64> = (0..8).map(|k| f64::from(k) / 10.0).collect();
        let result = resampled(&line(&times_s, |frame| ![1, 4, 5].contains(&frame)), 10.0);
        assert_eq!(x(&result), [Some(0.0), Some(0.1), Some(0.2), Some(0.3), None, None, Some(0.6), Some(0.7)]);
    }

    #[test]
    fn nothing_is_extrapolated() {
        let result = resampled(&line(&[0.0, 0.1, 0.2, 0.3], |frame| frame == 1 || frame == 2), 10.0);
        assert_eq!(x(&result), [None, Some(0.1), Some(0.2), None]);
        let late = resampled(&line(&[1.04, 1.14, 1.24], |_| true), 10.0);
        assert_eq!((late.first_frame, late.times_s), (11, vec![1.1, 1.2]));
    }

    #[test]
    fn a_dropped_frame_of_a_variable_rate_is_filled() {
        let result = resampled(&line(&[0.0, 0.1, 0.3, 0.4], |_| true), 10.0);
        assert_eq!(x(&result), [0.0, 0.1, 0.2, 0.3, 0.4].map(Some));
        assert_eq!(resampled(&result, 10.0).times_s, result.times_s);
    }

    #[test]
    fn rounded_times_keep_the_frames_at_the_edges_of_gaps() {
        let result = resampled(&line(&[0.001, 0.099, 0.2, 0.301, 0.399], |frame| frame != 2 && frame != 3), 10.0);
        let known: Vec<bool> = x(&result).iter().map(Option::is_some).collect();
        assert_eq!(known, [true, true, false, false, true]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(resampled(&line(&[], |_| true), 10.0).times_s.is_empty());
        assert!(resampled(&line(&[0.0, 0.1], |_| true), 0.0).times_s.is_empty());
        assert_eq!(x(&resampled(&line(&[0.5], |_| true), 10.0)), [Some(0.5)]);
    }

    proptest! {
        /// A straight line stays one, at any rate and with any timestamps.
        #[test]
        fn a_line_stays_a_line(
            steps in prop::collection::vec(0.01..0.05_f64, 2..40),
            start_s in 0.0..5.0_f64,
            rate_hz in 5.0..120.0_f64,
        ) {
            let times_s: Vec<f64> =
                steps.iter().scan(start_s, |time_s, step| { *time_s += step; Some(*time_s) }).collect();
            let result = resampled(&line(&times_s, |_| true), rate_hz);
            for (k, (time_s, position)) in result.times_s.iter().zip(&result.markers[0].positions).enumerate() {
                let frame = f64::from(result.first_frame) + k as f64;
                prop_assert!((time_s - frame / rate_hz).abs() < 1e-9);
                if let Some(position) = position {
                    // A tenth of the longest interval is the tolerance of the frames beside gaps.
                    prop_assert!((position[0] - time_s).abs() <= 0.1 * 0.05 + 1e-9);
                    prop_assert!((position[1] - 2.0 * position[0]).abs() < 1e-9);
                }
            }
        }
    }
}
