//! What the user says about how a video was filmed, and what follows for reading its file. Pure data.
//!
//! A high-speed camera stores 240 pictures of a second as eight seconds of 30 frames. The athlete's time is then an
//! eighth of the file's time. A front camera may store the mirror image. An interlaced picture holds two moments.

use serde::{Deserialize, Serialize};

/// How fast the camera took the pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capture {
    /// As the file's tags say; without such tags as fast as the file shows them.
    #[default]
    Auto,
    /// So many pictures a second.
    Fps(f64),
    /// So many times as fast as the file shows them.
    SlowMotion(f64),
}

/// What to do with interlaced video.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deinterlace {
    /// Each field becomes a picture of its own time if the video is interlaced.
    #[default]
    Auto,
    /// Each frame becomes one picture without combing if the video is interlaced.
    Frame,
    /// Pictures stay as they are stored.
    Off,
}

/// How a video was filmed, as far as the user says it. The rows of a run depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Footage {
    /// How fast the camera took the pictures.
    pub capture: Capture,
    /// What to do with interlaced video.
    pub deinterlace: Deinterlace,
    /// Whether the file holds the mirror image of the scene.
    pub is_mirrored: bool,
}

impl Footage {
    /// Returns whether the user says nothing.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns what the user says, in words; empty if that is nothing.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let capture = match self.capture {
            Capture::Auto => None,
            Capture::Fps(rate_hz) => Some(format!("{rate_hz} pictures/s")),
            Capture::SlowMotion(times) => Some(format!("slow motion {times}")),
        };
        let deinterlace = match self.deinterlace {
            Deinterlace::Auto => None,
            Deinterlace::Frame => Some("a picture of two fields".to_owned()),
            Deinterlace::Off => Some("not deinterlaced".to_owned()),
        };
        let mirrored = self.is_mirrored.then(|| "mirrored".to_owned());
        [capture, deinterlace, mirrored].into_iter().flatten().collect()
    }
}

/// The source of the rate at which the camera took the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureSource {
    /// The user.
    Option,
    /// Android's tag `com.android.capture.fps`.
    AndroidTag,
    /// The description of the recording that Sony's cameras write into the file (`captureFps`).
    SonyTag,
}

impl CaptureSource {
    /// The source's name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::AndroidTag => "com.android.capture.fps",
            Self::SonyTag => "captureFps",
        }
    }
}

/// How a file is read. It follows from [`Footage`] and the file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Seconds of the file for a second of the athlete, above 0: 8 for 240 pictures a second that are stored as 30.
    pub slow_motion: f64,
    /// The rate of a stream without times of its own, Hz; `None` for the declared one.
    pub rate_hz: Option<f64>,
    /// Whether pictures are mirrored when they are read.
    pub is_mirrored: bool,
    /// What to do with interlaced video.
    pub deinterlace: Deinterlace,
}

impl Default for Reading {
    fn default() -> Self {
        Self { slow_motion: 1.0, rate_hz: None, is_mirrored: false, deinterlace: Deinterlace::default() }
    }
}

/// What a file's tags state about the capture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaggedCapture {
    /// How fast the camera took the pictures.
    pub capture: Capture,
    /// The tag.
    pub source: CaptureSource,
}

/// Tagged rates outside this range, Hz, are mistakes of writers.
const USABLE_RATES_HZ: std::ops::RangeInclusive<f64> = 0.01..=100_000.0;
/// A slow motion nearer to 1 than this is the same rate rounded.
const SAME_RATE: f64 = 0.03;

impl Reading {
    /// Returns how to read a file, and the source of the camera's rate if it is not the file's own. `stored_rate_hz` is
    /// the rate at which the file shows its pictures; `None` for a stream without times.
    #[must_use]
    pub fn of(
        footage: &Footage,
        stored_rate_hz: Option<f64>,
        tagged: Option<TaggedCapture>,
    ) -> (Self, Option<CaptureSource>) {
        let plain = Self { is_mirrored: footage.is_mirrored, deinterlace: footage.deinterlace, ..Self::default() };
        let (capture, source) = match (footage.capture, tagged) {
            (Capture::Auto, None) => return (plain, None),
            (Capture::Auto, Some(tag)) => (tag.capture, tag.source),
            (given, _) => (given, CaptureSource::Option),
        };
        let is_given = source == CaptureSource::Option;
        let slow_motion = match (capture, stored_rate_hz) {
            (Capture::SlowMotion(slow_motion), _) => slow_motion,
            (Capture::Fps(rate_hz), None) if is_given => {
                return (Self { rate_hz: Some(rate_hz), ..plain }, Some(source));
            }
            (Capture::Fps(rate_hz), Some(stored_hz)) if is_given || USABLE_RATES_HZ.contains(&rate_hz) => {
                rate_hz / stored_hz
            }
            _ => 1.0,
        };
        let is_usable = slow_motion.is_finite() && slow_motion > 0.0;
        if !is_usable || (!is_given && (slow_motion - 1.0).abs() <= SAME_RATE) {
            return (plain, None);
        }
        (Self { slow_motion, ..plain }, Some(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn android(rate_hz: f64) -> TaggedCapture {
        TaggedCapture { capture: Capture::Fps(rate_hz), source: CaptureSource::AndroidTag }
    }

    #[test]
    fn slow_motion_follows_from_tags_and_options() {
        let auto = Footage::default();
        let (reading, source) = Reading::of(&auto, Some(30.0), Some(android(240.0)));
        assert_eq!((reading.slow_motion, source), (8.0, Some(CaptureSource::AndroidTag)));
        let sony = TaggedCapture { capture: Capture::SlowMotion(4.0), source: CaptureSource::SonyTag };
        assert_eq!(Reading::of(&auto, Some(25.0), Some(sony)).0.slow_motion, 4.0);
        let given = Footage { capture: Capture::Fps(120.0), ..auto };
        assert_eq!(Reading::of(&given, Some(30.0), Some(android(240.0))).0.slow_motion, 4.0);
        let given = Footage { capture: Capture::SlowMotion(2.0), ..auto };
        assert_eq!(Reading::of(&given, Some(30.0), Some(android(240.0))).0.slow_motion, 2.0);
    }

    #[test]
    fn a_time_lapse_is_the_reverse() {
        assert_eq!(Reading::of(&Footage::default(), Some(30.0), Some(android(3.0))).0.slow_motion, 0.1);
    }

    #[test]
    fn tags_that_say_nothing_new_or_nothing_sensible_change_nothing() {
        for tag in [
            Some(android(30.0)),
            Some(android(29.97)),
            Some(android(0.0)),
            Some(android(f64::NAN)),
            Some(android(-30.0)),
            None,
        ] {
            assert_eq!(Reading::of(&Footage::default(), Some(29.99), tag), (Reading::default(), None), "{tag:?}");
        }
        assert_eq!(Reading::of(&Footage::default(), None, Some(android(240.0))), (Reading::default(), None));
    }

    #[test]
    fn a_stream_without_times_gets_the_rate() {
        let given = Footage { capture: Capture::Fps(29.97), ..Footage::default() };
        let (reading, _) = Reading::of(&given, None, None);
        assert_eq!((reading.rate_hz, reading.slow_motion), (Some(29.97), 1.0));
    }
}
