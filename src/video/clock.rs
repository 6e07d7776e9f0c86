//! Presentation times of decoded frames: taken from the container, starting at zero, never decreasing. Pure.

/// The source of a video's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// Time stamps of the container.
    Container,
    /// Number of the frame in the container and the rate in its header (AVI, Y4M, cine).
    HeaderRate,
    /// Frame number divided by the stream's declared rate, because the stream carries no time stamps (raw elementary
    /// streams, pictures).
    StreamRate,
}

impl TimeSource {
    /// The source's name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::HeaderRate => "header_rate",
            Self::StreamRate => "stream_rate",
        }
    }
}

/// The duration of a tick of time stamps: `numerator / denominator` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeBase {
    /// Numerator, seconds.
    pub numerator: i32,
    /// Denominator, above zero.
    pub denominator: i32,
}

impl TimeBase {
    /// The time base of MPEG and RTP: fine enough for any usual rate.
    pub const USUAL: Self = Self { numerator: 1, denominator: 90_000 };

    /// Converts a time in seconds to the nearest tick.
    #[must_use]
    pub fn ticks(self, time_s: f64) -> i64 {
        (time_s * f64::from(self.denominator) / f64::from(self.numerator)).round() as i64
    }

    /// Converts a tick to seconds.
    #[must_use]
    pub fn seconds(self, ticks: i64) -> f64 {
        ticks as f64 * f64::from(self.numerator) / f64::from(self.denominator)
    }
}

/// Converts time stamps in display order to seconds from the first frame.
#[derive(Debug, Clone)]
pub struct FrameClock {
    source: TimeSource,
    seconds_per_tick: f64,
    nominal_interval_s: f64,
    first_ticks: Option<i64>,
    last_s: Option<f64>,
    /// The time of the last frame, without second fields.
    last_frame_s: Option<f64>,
    /// Offset added to container times after they jumped back (joined streams that each start anew).
    offset_s: f64,
    frame_count: u64,
}

impl FrameClock {
    /// Creates a clock. `nominal_interval_s` replaces the interval if a time stamp is missing or jumps back.
    #[must_use]
    pub fn new(source: TimeSource, seconds_per_tick: f64, nominal_interval_s: f64) -> Self {
        Self {
            source,
            seconds_per_tick,
            nominal_interval_s,
            first_ticks: None,
            last_s: None,
            last_frame_s: None,
            offset_s: 0.0,
            frame_count: 0,
        }
    }

    /// Makes a clock for frames from frame number `frame_idx` of a video on, whose times count from the video's first
    /// time stamp.
    #[must_use]
    pub fn starting_from(self, first_ticks: i64, frame_idx: u32) -> Self {
        Self { first_ticks: Some(first_ticks), frame_count: u64::from(frame_idx), ..self }
    }

    /// The time of the next frame in seconds; `ticks` is its time stamp in the stream's time base.
    pub fn next(&mut self, ticks: Option<i64>) -> f64 {
        let number = self.frame_count;
        self.frame_count += 1;
        let time_s = match (self.source, ticks) {
            (TimeSource::StreamRate, _) => number as f64 * self.nominal_interval_s,
            (_, None) => self.nominal_next_s(),
            (_, Some(ticks)) => self.container_time_s(ticks),
        };
        self.last_s = Some(time_s);
        self.last_frame_s = Some(time_s);
        time_s
    }

    /// The time of the next frame if it is a nominal interval after the last one.
    fn nominal_next_s(&self) -> f64 {
        let next_s = self.last_frame_s.map_or(0.0, |last| last + self.nominal_interval_s);
        self.last_s.map_or(next_s, |last| next_s.max(last))
    }

    /// The time of the second field of the last frame.
    pub fn next_field(&mut self, ticks: Option<i64>) -> f64 {
        let stamped = ticks.filter(|_| self.source != TimeSource::StreamRate);
        let time_s = if let Some(ticks) = stamped {
            self.container_time_s(ticks)
        } else {
            let nominal_s = self.last_frame_s.unwrap_or_default() + self.nominal_interval_s / 2.0;
            self.last_s.map_or(nominal_s, |last| nominal_s.max(last))
        };
        self.last_s = Some(time_s);
        time_s
    }

    fn container_time_s(&mut self, ticks: i64) -> f64 {
        // A first frame without a time stamp got time 0; the first stamp then continues from there.
        let next_s = self.nominal_next_s();
        let elapsed_ticks = (next_s / self.seconds_per_tick).round() as i64;
        let first = *self.first_ticks.get_or_insert_with(|| ticks.saturating_sub(elapsed_ticks));
        let since_first_s = ticks.saturating_sub(first) as f64 * self.seconds_per_tick;
        let time_s = since_first_s + self.offset_s;
        match self.last_s {
            Some(last) if time_s < last => {
                self.offset_s = next_s - since_first_s;
                next_s
            }
            _ => time_s,
        }
    }
}

/// Whether presentation times vary: some interval differs from the median by more than rounding to the time base
/// explains (two ticks, at least a millisecond). Times in seconds, in display order.
#[must_use]
pub fn is_variable(times_s: &[f64], seconds_per_tick: f64) -> bool {
    let Some(median) = median_interval_s(times_s) else { return false };
    let tolerance_s = (2.0 * seconds_per_tick).max(1e-3).min(median * 0.5);
    times_s.windows(2).any(|pair| (pair[1] - pair[0] - median).abs() > tolerance_s)
}

/// The rate of the frames, Hz, without the gaps that dropped frames leave: from the mean of the intervals that are near
/// the median one. `None` for fewer than two frames, or if all have one time.
#[must_use]
pub fn usual_rate_hz(times_s: &[f64]) -> Option<f64> {
    const NEAR: f64 = 0.25;
    let median_s = median_interval_s(times_s).filter(|&median_s| median_s > 0.0)?;
    let intervals = times_s.windows(2).map(|pair| pair[1] - pair[0]);
    let usual = intervals.filter(|interval_s| (interval_s / median_s - 1.0).abs() <= NEAR);
    let (n, sum_s) = usual.fold((0_u32, 0.0), |(n, sum_s), interval_s| (n + 1, sum_s + interval_s));
    Some(f64::from(n) / sum_s)
}

/// The median time from a frame to the next, seconds; `None` for fewer than two frames.
#[must_use]
pub fn median_interval_s(times_s: &[f64]) -> Option<f64> {
    let mut intervals: Vec<f64> = times_s.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals.sort_by(f64::total_cmp);
    intervals.get(intervals.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(source: TimeSource, stamps: &[Option<i64>]) -> Vec<f64> {
        let mut clock = FrameClock::new(source, 0.01, 0.04);
        stamps.iter().map(|&stamp| clock.next(stamp)).collect()
    }

    #[test]
    fn times_count_from_the_first_frame_and_keep_gaps() {
        assert_eq!(times(TimeSource::Container, &[Some(730), Some(734), Some(934)]), [0.0, 0.04, 2.04]);
    }

    #[test]
    fn raw_streams_count_frames() {
        assert_eq!(times(TimeSource::StreamRate, &[Some(5), None, Some(1)]), [0.0, 0.04, 0.08]);
    }

    #[test]
    fn a_missing_stamp_is_a_nominal_interval_later() {
        assert_eq!(times(TimeSource::Container, &[Some(100), None, Some(108)]), [0.0, 0.04, 0.08]);
        assert_eq!(times(TimeSource::Container, &[None, Some(100), Some(104)]), [0.0, 0.04, 0.08]);
    }

    #[test]
    fn a_field_is_half_an_interval_after_its_frame() {
        for (source, stamps) in [
            (TimeSource::StreamRate, [None; 4]),
            (TimeSource::Container, [Some(100), None, Some(104), Some(106)]),
            (TimeSource::Container, [Some(100), Some(102), None, None]),
        ] {
            let mut clock = FrameClock::new(source, 0.01, 0.04);
            let times_s = [clock.next(stamps[0]), clock.next_field(stamps[1]), clock.next(stamps[2])];
            assert_eq!(times_s, [0.0, 0.02, 0.04]);
            assert_eq!(clock.next_field(stamps[3]), 0.06);
            assert_eq!(clock.next(None), 0.08);
        }
    }

    #[test]
    fn streams_joined_end_to_end_go_on() {
        let joined = times(TimeSource::Container, &[Some(0), Some(4), Some(0), Some(4), Some(8)]);
        for (time_s, expected) in joined.iter().zip([0.0, 0.04, 0.08, 0.12, 0.16]) {
            assert!((time_s - expected).abs() < 1e-9, "{joined:?}");
        }
    }

    #[test]
    fn a_clock_for_the_middle_gives_the_times_that_one_from_the_start_gives() {
        for source in [TimeSource::Container, TimeSource::HeaderRate, TimeSource::StreamRate] {
            let new = || FrameClock::new(source, 1.0 / 90_000.0, 0.04);
            let ticks = (0..100).map(|number| 7_001 + number * 3_003);
            let (mut whole, mut later) = (new(), new().starting_from(7_001, 60));
            let times_s: Vec<f64> = ticks.clone().map(|ticks| whole.next(Some(ticks))).collect();
            let later_s: Vec<f64> = ticks.skip(60).map(|ticks| later.next(Some(ticks))).collect();
            assert_eq!(later_s, times_s[60..], "{source:?}");
        }
    }

    #[test]
    fn rounding_to_milliseconds_is_no_variable_rate_but_a_dropped_frame_is() {
        let rounded = [0.0, 0.033, 0.067, 0.1, 0.133, 0.167];
        assert!(!is_variable(&rounded, 0.001));
        assert!(is_variable(&[0.0, 0.033, 0.067, 0.133, 0.167], 0.001));
        assert!(!is_variable(&[0.0], 0.001));
    }

    #[test]
    fn dropped_frames_do_not_lower_the_usual_rate() {
        let times_s: Vec<f64> =
            (0..50_u32).filter(|number| number % 9 != 4).map(|number| f64::from(number) / 25.0).collect();
        assert!((usual_rate_hz(&times_s).unwrap() - 25.0).abs() < 1e-9);
        assert!((usual_rate_hz(&[0.0, 0.033, 0.067, 0.1, 0.133, 0.167, 0.2]).unwrap() - 30.0).abs() < 1e-9);
        assert_eq!(usual_rate_hz(&[0.0]), None);
        assert_eq!(usual_rate_hz(&[1.0, 1.0, 1.0]), None);
    }

    proptest! {
        #[test]
        fn time_never_runs_backward(stamps in prop::collection::vec(prop::option::of(any::<i64>()), 0..40)) {
            let seconds = times(TimeSource::Container, &stamps);
            prop_assert!(seconds.windows(2).all(|pair| pair[1] >= pair[0]));
            prop_assert!(seconds.first().is_none_or(|&first| first == 0.0));
        }

        #[test]
        fn nor_does_it_with_fields(stamps in prop::collection::vec((prop::option::of(-1000_i64..1000), any::<bool>()), 0..40)) {
            let mut clock = FrameClock::new(TimeSource::Container, 0.01, 0.04);
            let mut last_s = clock.next(Some(0));
            for (stamp, is_field) in stamps {
                let next_s = if is_field { clock.next_field(stamp) } else { clock.next(stamp) };
                prop_assert!(next_s >= last_s);
                last_s = next_s;
            }
        }
    }
}
