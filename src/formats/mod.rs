//! Writers of the files that other tools read: OpenSim, Sports2D, C3D viewers, COCO loaders, animation programs.
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
//! | pose JSON | [`pose_json::PoseJsonWriter`] | 0, 0 with confidence 0 | `time_s` of every frame |

pub mod bvh;
pub mod c3d;
pub mod coco;
pub mod markers;
pub mod mot;
pub mod pose_json;
mod resample;
mod rotation;
pub mod trc;

pub use resample::resampled;

use std::io::Write;

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The destination refused the bytes.
    #[error("cannot write: {0}")]
    Io(#[from] std::io::Error),
    /// There is nothing to write: most readers refuse a file without rows.
    #[error("{name} has no frames")]
    NoFrames {
        /// Name of the motion or the curves.
        name: String,
    },
    /// The format's frame counter cannot hold the recording.
    #[error("{name} has {frames} frames; {format} holds at most {limit}")]
    TooManyFrames {
        /// Name of the motion.
        name: String,
        /// The format.
        format: &'static str,
        /// Frames of the motion.
        frames: usize,
        /// Most frames that the format holds.
        limit: usize,
    },
    /// The names of markers and events do not fit the format's header.
    #[error("{name}: the names of its markers and events do not fit the header of a C3D file")]
    HeaderTooLarge {
        /// Name of the motion.
        name: String,
    },
    /// A column has another length than the time axis.
    #[error("{column} has {found} values for {expected} times")]
    LengthMismatch {
        /// Marker or curve.
        column: String,
        /// Number of times.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// Readers sort and search by time, so it has to increase.
    #[error("the time of row {row} is not after the one before it")]
    TimesNotIncreasing {
        /// Index of the row.
        row: usize,
    },
    /// The format has one frame rate and no times.
    #[error("the times of {name} are not evenly spaced at {rate_hz} Hz; resample it for {format}")]
    UnevenTimes {
        /// Name of the motion.
        name: String,
        /// The format.
        format: &'static str,
        /// The rate that the motion claims.
        rate_hz: f64,
    },
    /// A frame rate has to be positive and finite.
    #[error("{rate_hz} Hz is no frame rate")]
    InvalidRate {
        /// The rate.
        rate_hz: f64,
    },
    /// The skeleton needs a marker that the motion does not have.
    #[error("the motion has no marker {marker}")]
    MissingMarker {
        /// Name of the marker.
        marker: &'static str,
    },
    /// A name holds a tab or a line break and would shift the columns of a text format.
    #[error("the name {name:?} holds a tab or a line break")]
    InvalidName {
        /// The name.
        name: String,
    },
    /// A streaming writer was called in an order that its file cannot hold.
    #[error("{0}")]
    Order(&'static str),
}

/// Marker trajectories of one person, with one time axis.
///
/// In meters: X to the right of the picture, Y up, Z toward the camera. Pixel files of [`trc::write_trc`] have picture
/// coordinates instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    /// Name of the recording, as it appears inside the files.
    pub name: String,
    /// Nominal frame rate.
    pub rate_hz: f64,
    /// Number of the first frame, counted from 0.
    pub first_frame: u32,
    /// Time of every frame, increasing.
    pub times_s: Vec<f64>,
    /// The trajectories, each as long as `times_s`.
    pub markers: Vec<Marker>,
    /// Foot strikes and the like, in any order.
    pub events: Vec<MotionEvent>,
}

/// Trajectory of one marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    /// Name of the marker.
    pub name: String,
    /// Position in every frame; `None` where it is not known.
    pub positions: Vec<Option<[f64; 3]>>,
}

/// Something that happened at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct MotionEvent {
    /// When, on the time axis of the motion.
    pub time_s: f64,
    /// What: "Foot Strike", "Foot Off".
    pub label: String,
    /// On which side of the body.
    pub side: EventSide,
}

/// Side of the body that an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSide {
    /// The athlete's left.
    Left,
    /// The athlete's right.
    Right,
    /// Neither.
    General,
}

impl EventSide {
    /// The name that C3D files use.
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
pub struct Keypoint {
    /// Pixels from the left edge; NaN if the landmark is missing.
    pub x_px: f64,
    /// Pixels from the top edge; NaN if the landmark is missing.
    pub y_px: f64,
    /// How likely the landmark is seen, 0 to 1.
    pub visibility: f64,
}

impl Keypoint {
    fn is_missing(&self) -> bool {
        !(self.x_px.is_finite() && self.y_px.is_finite())
    }
}

/// Curves over one time axis, such as joint angles in degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Name of the recording.
    pub name: String,
    /// Time of every row, increasing.
    pub times_s: Vec<f64>,
    /// Name and values of every curve, each as long as `times_s`.
    pub columns: Vec<(String, Vec<Option<f64>>)>,
}

impl Marker {
    /// Position in one frame. A coordinate that is not finite makes the position missing.
    fn position(&self, frame: usize) -> Option<[f64; 3]> {
        self.positions.get(frame).copied().flatten().filter(|position| position.iter().all(|value| value.is_finite()))
    }
}

/// How far a frame may lie off an even time axis, in frame intervals: containers round times to milliseconds.
const TIME_TOLERANCE: f64 = 0.1;

impl Motion {
    /// Checks what every format needs.
    fn check(&self) -> Result<(), FormatError> {
        check_rate(self.rate_hz)?;
        check_times(&self.name, &self.times_s)?;
        for marker in &self.markers {
            check_length(&marker.name, self.times_s.len(), marker.positions.len())?;
        }
        Ok(())
    }

    /// Checks what formats without a time column need.
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

/// NaN is not after anything, so it is refused too.
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

/// Rounds for text formats; `digits` is 10 to the number of decimals.
fn rounded(value: f64, digits: f64) -> f64 {
    (value * digits).round() / digits
}

fn write_json(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), FormatError> {
    Ok(serde_json::to_writer(out, value).map_err(std::io::Error::from)?)
}

/// Refuses names that would shift the columns or lines of a text file.
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
