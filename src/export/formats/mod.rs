//! Writers of the files that other tools read: OpenSim, Sports2D, C3D viewers, COCO loaders, YOLO, animation programs.
//!
//! Every writer takes plain structs and any `Write`, checks its input before the first byte, and never opens a file.
//! Wrap the file in a `BufWriter`: the writers make many small writes.
//!
//! | File | Writer | Missing value | Time |
//! | --- | --- | --- | --- |
//! | TRC | [`trc::write_trc`] | `NaN` | true times, frame by frame |
//! | MOT | [`mot::write_mot`] | `NaN` | true times, row by row |
//! | C3D | [`c3d::write_c3d`] | residual -1 | one rate: [`resampled`] first |
//! | BVH | [`bvh::write_bvh`] | the last pose | one rate: [`resampled`] first |
//! | COCO | [`coco::CocoWriter`] | v = 0 | `pts_us` of every annotation |
//! | YOLO | [`yolo::write_labels`] | v = 0 | none: a file for each picture |
//! | DeepLabCut CSV | [`dlc::DlcWriter`] | empty cells | none: a line for every frame |
//! | pose JSON | [`pose_json::PoseJsonWriter`] | 0, 0 with confidence 0 | `time_s` of every frame |

pub(crate) mod bvh;
pub(crate) mod c3d;
pub(crate) mod coco;
pub(crate) mod dlc;
pub(crate) mod labels;
pub(crate) mod markers;
pub(crate) mod mot;
pub(crate) mod pose_json;
mod resample;
mod rotation;
pub(crate) mod trc;
pub(crate) mod yolo;

pub(crate) use resample::resampled;

use std::io::Write;

/// The reason why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormatError {
    /// The destination rejected the bytes.
    #[error("cannot write: {0}")]
    Io(#[from] std::io::Error),
    /// There are no rows to write: most readers reject a file without rows.
    #[error("{name} has no frames")]
    NoFrames {
        /// The name of the motion or the curves.
        name: String,
    },
    /// The format's frame counter cannot hold the recording.
    #[error("{name} has {frames} frames; {format} holds at most {limit}")]
    TooManyFrames {
        /// The name of the motion.
        name: String,
        /// The name of the format.
        format: &'static str,
        /// The number of frames of the motion.
        frames: usize,
        /// The largest number of frames that the format holds.
        limit: usize,
    },
    /// The names of markers and events do not fit the format's header.
    #[error("{name}: the names of its markers and events do not fit the header of a C3D file")]
    HeaderTooLarge {
        /// The name of the motion.
        name: String,
    },
    /// The length of a column differs from that of the time axis.
    #[error("{column} has {found} values for {expected} times")]
    LengthMismatch {
        /// The name of the marker or curve.
        column: String,
        /// The number of times.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// A time does not increase; readers sort and search by time.
    #[error("the time of row {row} is not after the one before it")]
    TimesNotIncreasing {
        /// The index of the row.
        row: usize,
    },
    /// The times are uneven, but the format has one frame rate and no times.
    #[error("the times of {name} are not evenly spaced at {rate_hz} Hz; resample it for {format}")]
    UnevenTimes {
        /// The name of the motion.
        name: String,
        /// The name of the format.
        format: &'static str,
        /// The nominal rate of the motion.
        rate_hz: f64,
    },
    /// The frame rate is not positive and finite.
    #[error("invalid frame rate {rate_hz} Hz")]
    InvalidRate {
        /// The rate.
        rate_hz: f64,
    },
    /// The motion lacks a marker that the skeleton needs.
    #[error("the motion lacks the marker {marker}")]
    MissingMarker {
        /// The name of the marker.
        marker: &'static str,
    },
    /// A name contains a tab or a line break and would shift the columns of a text format.
    #[error("the name {name:?} contains a tab or a line break")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// The methods of a streaming writer were called in an order that its file cannot hold.
    #[error("{0}")]
    Order(&'static str),
}

/// The marker trajectories of one person, with one time axis.
///
/// In meters: X to the right of the picture, Y up, Z toward the camera. Pixel files of [`trc::write_trc`] have picture
/// coordinates instead.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Motion {
    /// The name of the recording, as it appears inside the files.
    pub(crate) name: String,
    /// The nominal frame rate.
    pub(crate) rate_hz: f64,
    /// The number of the first frame, counted from 0.
    pub(crate) first_frame: u32,
    /// The time of every frame, increasing.
    pub(crate) times_s: Vec<f64>,
    /// The trajectories, each as long as `times_s`.
    pub(crate) markers: Vec<Marker>,
    /// Events such as foot strikes, in any order.
    pub(crate) events: Vec<MotionEvent>,
}

/// The trajectory of one marker.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Marker {
    /// The name of the marker.
    pub(crate) name: String,
    /// The position in every frame; `None` if it is not known.
    pub(crate) positions: Vec<Option<[f64; 3]>>,
}

/// An event at one time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MotionEvent {
    /// The time of the event, on the time axis of the motion.
    pub(crate) time_s: f64,
    /// The name of the event: "Foot Strike", "Foot Off".
    pub(crate) label: String,
    /// The side of the body.
    pub(crate) side: EventSide,
}

/// The side of the body that an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventSide {
    /// The athlete's left.
    Left,
    /// The athlete's right.
    Right,
    /// Neither side.
    General,
}

impl EventSide {
    /// Returns the name that C3D files use.
    fn name(self) -> &'static str {
        match self {
            Self::Left => "Left",
            Self::Right => "Right",
            Self::General => "General",
        }
    }
}

/// One landmark of one person in one picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Keypoint {
    /// Pixels from the left edge; NaN if the landmark is missing.
    pub(crate) x_px: f64,
    /// Pixels from the top edge; NaN if the landmark is missing.
    pub(crate) y_px: f64,
    /// The probability that the landmark is visible, 0 to 1.
    pub(crate) visibility: f64,
}

impl Keypoint {
    fn is_missing(&self) -> bool {
        !(self.x_px.is_finite() && self.y_px.is_finite())
    }
}

/// Curves over one time axis, such as joint angles in degrees.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curves {
    /// The name of the recording.
    pub(crate) name: String,
    /// The time of every row, increasing.
    pub(crate) times_s: Vec<f64>,
    /// The name and values of every curve, each as long as `times_s`.
    pub(crate) columns: Vec<(String, Vec<Option<f64>>)>,
}

impl Marker {
    /// Returns the position in one frame; `None` if a coordinate is not finite.
    fn position(&self, frame: usize) -> Option<[f64; 3]> {
        self.positions.get(frame).copied().flatten().filter(|position| position.iter().all(|value| value.is_finite()))
    }
}

/// The largest distance of a frame from an even time axis, in frame intervals: containers round times to
/// milliseconds.
const TIME_TOLERANCE: f64 = 0.1;

impl Motion {
    /// Checks the requirements of every format.
    fn check(&self) -> Result<(), FormatError> {
        check_rate(self.rate_hz)?;
        check_times(&self.name, &self.times_s)?;
        for marker in &self.markers {
            check_length(&marker.name, self.times_s.len(), marker.positions.len())?;
        }
        Ok(())
    }

    /// Checks the requirements of formats without a time column.
    fn check_even(&self, format: &'static str) -> Result<(), FormatError> {
        self.check()?;
        let start_s = self.times_s.first().copied().unwrap_or_default();
        let is_even = self
            .times_s
            .iter()
            .enumerate()
            .all(|(frame, time_s)| ((time_s - start_s) * self.rate_hz - frame as f64).abs() <= TIME_TOLERANCE);
        if is_even {
            Ok(())
        } else {
            Err(FormatError::UnevenTimes { name: self.name.clone(), format, rate_hz: self.rate_hz })
        }
    }
}

fn check_rate(rate_hz: f64) -> Result<(), FormatError> {
    if rate_hz.is_finite() && rate_hz > 0.0 { Ok(()) } else { Err(FormatError::InvalidRate { rate_hz }) }
}

/// Checks that times increase. NaN does not increase, so it is rejected too.
fn check_times(name: &str, times_s: &[f64]) -> Result<(), FormatError> {
    let Some(first_s) = times_s.first() else {
        return Err(FormatError::NoFrames { name: name.to_owned() });
    };
    if !first_s.is_finite() {
        return Err(FormatError::TimesNotIncreasing { row: 0 });
    }
    match times_s.windows(2).position(|pair| !(pair[1].is_finite() && pair[1] > pair[0])) {
        Some(row) => Err(FormatError::TimesNotIncreasing { row: row + 1 }),
        None => Ok(()),
    }
}

fn check_length(column: &str, expected: usize, found: usize) -> Result<(), FormatError> {
    if expected == found {
        Ok(())
    } else {
        Err(FormatError::LengthMismatch { column: column.to_owned(), expected, found })
    }
}

/// Rounds a value for text formats; `digits` is 10 to the power of the number of decimals.
fn rounded(value: f64, digits: f64) -> f64 {
    (value * digits).round() / digits
}

fn write_json(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), FormatError> {
    Ok(serde_json::to_writer(out, value).map_err(std::io::Error::from)?)
}

/// Rejects names that would shift the columns or lines of a text file.
fn check_name(name: &str) -> Result<(), FormatError> {
    if name.is_empty() || name.contains(['\t', '\n', '\r']) {
        Err(FormatError::InvalidName { name: name.to_owned() })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn motion(times_s: Vec<f64>) -> Motion {
        let positions = vec![Some([0.0; 3]); times_s.len()];
        let markers = vec![Marker { name: "nose".to_owned(), positions }];
        Motion { name: "run".to_owned(), rate_hz: 10.0, first_frame: 0, times_s, markers, events: vec![] }
    }

    #[test]
    fn times_have_to_increase() {
        assert!(motion(vec![0.0, 0.1, 0.2]).check().is_ok());
        assert!(matches!(motion(vec![0.0, 0.1, 0.1]).check(), Err(FormatError::TimesNotIncreasing { row: 2 })));
        assert!(matches!(motion(vec![0.0, f64::NAN]).check(), Err(FormatError::TimesNotIncreasing { row: 1 })));
        assert!(matches!(motion(vec![f64::NAN]).check(), Err(FormatError::TimesNotIncreasing { row: 0 })));
        assert!(matches!(motion(vec![]).check(), Err(FormatError::NoFrames { .. })));
    }

    #[test]
    fn a_marker_is_as_long_as_the_time_axis() {
        let mut short = motion(vec![0.0, 0.1]);
        short.markers[0].positions.pop();
        assert!(matches!(short.check(), Err(FormatError::LengthMismatch { expected: 2, found: 1, .. })));
    }

    #[test]
    fn rounded_times_are_even_and_a_dropped_frame_is_not() {
        assert!(motion(vec![0.0, 0.101, 0.2]).check_even("C3D").is_ok());
        assert!(matches!(motion(vec![0.0, 0.1, 0.3]).check_even("C3D"), Err(FormatError::UnevenTimes { .. })));
    }

    #[test]
    fn a_rate_is_positive() {
        for rate_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(check_rate(rate_hz), Err(FormatError::InvalidRate { .. })));
        }
    }

    #[test]
    fn a_position_with_nan_is_missing() {
        let marker = Marker { name: "nose".to_owned(), positions: vec![Some([0.0, f64::NAN, 0.0]), Some([0.0; 3])] };
        assert_eq!((marker.position(0), marker.position(1), marker.position(2)), (None, Some([0.0; 3]), None));
    }
}
