//! The settings of a rendered video.

use serde::Serialize;

use crate::video::clock::TimeBase;
use crate::video::encode::VideoCodec;

/// The time range of a video to show and its speed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Span {
    /// The start, seconds from the first frame.
    pub(crate) start_s: Option<f64>,
    /// The end, seconds from the first frame.
    pub(crate) end_s: Option<f64>,
    /// The speed: 1 is real time, 0.25 is four times slower.
    pub(crate) speed: f64,
}

impl Default for Span {
    fn default() -> Self {
        Self { start_s: None, end_s: None, speed: 1.0 }
    }
}

impl Span {
    /// Returns whether a time is before the span.
    #[must_use]
    pub(crate) fn is_before(&self, time_s: f64) -> bool {
        self.start_s.is_some_and(|start| time_s < start)
    }

    /// Returns whether a time is after the span.
    #[must_use]
    pub(crate) fn is_after(&self, time_s: f64) -> bool {
        self.end_s.is_some_and(|end| time_s >= end)
    }

    /// Returns the intersection with another span, if one is given.
    #[must_use]
    pub(crate) fn within(self, span_s: Option<[f64; 2]>) -> Self {
        let Some([first, last]) = span_s else { return self };
        Self {
            start_s: Some(self.start_s.map_or(first, |start| start.max(first))),
            end_s: Some(self.end_s.map_or(last, |end| end.min(last))),
            ..self
        }
    }

    /// Returns whether the span is shown in real time.
    #[must_use]
    pub(crate) fn is_real_time(&self) -> bool {
        self.speed == 1.0
    }

    /// Returns the parts of a file's name that mark a time range or another speed: `2-3.5s`, `slow0.25`. The list is
    /// empty for the whole video.
    #[must_use]
    pub(crate) fn marks(&self) -> Vec<String> {
        let seconds = |time_s: Option<f64>| time_s.map(|time_s| time_s.to_string());
        let part = (self.start_s.is_some() || self.end_s.is_some()).then(|| {
            let start = seconds(self.start_s).unwrap_or_else(|| "0".to_owned());
            seconds(self.end_s).map_or_else(|| format!("{start}s-end"), |end| format!("{start}-{end}s"))
        });
        let pace = if self.speed < 1.0 { "slow" } else { "fast" };
        let speed = (!self.is_real_time()).then(|| format!("{pace}{}", self.speed));
        part.into_iter().chain(speed).collect()
    }

    /// Returns the time base of the new video: that of the source if its timestamps can be kept.
    #[must_use]
    pub(crate) fn time_base(&self, source: TimeBase) -> TimeBase {
        if self.is_real_time() { source } else { TimeBase::USUAL }
    }

    /// Returns a clock that gives each frame its timestamp.
    #[must_use]
    pub(crate) fn clock(&self, time_base: TimeBase) -> SpanClock {
        SpanClock { speed: self.speed, time_base, first_s: None, last: None }
    }
}

/// Converts times of the source into timestamps of the new video, which increase strictly.
#[derive(Debug, Clone)]
pub(crate) struct SpanClock {
    speed: f64,
    time_base: TimeBase,
    first_s: Option<f64>,
    last: Option<i64>,
}

impl SpanClock {
    /// Returns the timestamp of the next frame.
    pub(crate) fn next(&mut self, time_s: f64) -> i64 {
        let first_s = *self.first_s.get_or_insert(time_s);
        let nearest = self.time_base.ticks((time_s - first_s) / self.speed);
        // Two frames with the same time are shown one after the other.
        let ticks = self.last.map_or(nearest, |last| nearest.max(last + 1));
        self.last = Some(ticks);
        ticks
    }
}

/// The encoding of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Encoding {
    /// The codec.
    pub(crate) codec: VideoCodec,
    /// Constant quality on the codec's own scale.
    pub(crate) crf: u8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_whole_video_at_its_speed_has_no_marks() {
        let marks = |start_s, end_s, speed| Span { start_s, end_s, speed }.marks().join(".");
        assert_eq!(marks(None, None, 1.0), "");
        assert_eq!(marks(Some(2.0), Some(3.5), 1.0), "2-3.5s");
        assert_eq!(marks(None, Some(0.5), 0.25), "0-0.5s.slow0.25");
        assert_eq!(marks(Some(1.25), None, 2.0), "1.25s-end.fast2");
        assert_eq!(marks(None, None, 0.5), "slow0.5");
    }

    proptest! {
        #[test]
        fn stamps_of_the_source_are_kept_to_the_tick(
            steps in prop::collection::vec(1i64..5000, 1..200), first in 0i64..1_000_000, denominator in 24i32..1_000_000,
        ) {
            let base = TimeBase { numerator: 1, denominator };
            let stamps: Vec<i64> = steps.iter().scan(first, |stamp, step| { *stamp += step; Some(*stamp) }).collect();
            let mut clock = Span::default().clock(Span::default().time_base(base));
            for &stamp in &stamps {
                prop_assert_eq!(clock.next(base.seconds(stamp - first)), stamp - stamps[0]);
            }
        }

        #[test]
        fn slow_motion_keeps_the_order_and_the_length(times in prop::collection::vec(0.0..100.0f64, 2..50), speed in 0.01..4.0f64) {
            let mut times = times;
            times.sort_by(f64::total_cmp);
            let span = Span { speed, ..Span::default() };
            let mut clock = span.clock(span.time_base(TimeBase { numerator: 1, denominator: 30 }));
            let ticks: Vec<i64> = times.iter().map(|&time| clock.next(time)).collect();
            prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
            let length_s = TimeBase::USUAL.seconds(ticks[ticks.len() - 1]);
            let expected_s = (times[times.len() - 1] - times[0]) / speed;
            prop_assert!((length_s - expected_s).abs() < 60.0 / 90_000.0, "{} {}", length_s, expected_s);
        }
    }
}
