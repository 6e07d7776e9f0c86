//! Encodes pose sequences as text that a language model can read, with a decoder that returns exactly the encoded data.
//! Pure.
//!
//! `docs/POSE_TEXT.md` describes the text. Only [`quantize`] loses information (time between frames, positions between
//! grid points); [`QuantizedSequence::to_text`] and [`decode`] lose nothing: `decode(&encode(x, s)) == quantize(x, s)`,
//! and each sequence has exactly one text.

mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use text::decode;

/// Largest distance of a landmark from the middle of the hips, in grid units; larger distances are clamped.
pub const MAX_UNITS: i32 = 999_999;
/// Largest absolute index of a frame; frames beyond are left out.
pub const MAX_INDEX: i64 = 999_999_999;
const MAX_RATE_HZ: f64 = 1000.0;
const MAX_GRID: u32 = 10_000;

/// A text or a setting is invalid. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CodecError {
    /// The rate of the settings is out of range.
    #[error("the rate must be above 0 and at most {MAX_RATE_HZ} frames a second, not {0}")]
    Rate(f64),
    /// The grid of the settings is out of range.
    #[error("the grid must have from 1 to {MAX_GRID} units in a torso length, not {0}")]
    Grid(u32),
    /// The coding of the settings is unknown.
    #[error("unknown coding `{0}` (known: absolute, delta)")]
    Coding(String),
    /// The first line is not a header of this version.
    #[error("line 1: `pose1 rate=... grid=... coding=...` not found")]
    Header,
    /// A field of the header is invalid.
    #[error("line 1: field `{0}` is invalid")]
    HeaderField(String),
    /// A frame does not begin with an index, or the index is not above the previous one.
    #[error("line {line}: expected a whole number above the previous frame's, not `{found}`")]
    Index {
        /// The line.
        line: usize,
        /// The text found.
        found: String,
    },
    /// A landmark does not match the header.
    #[error("line {line}: landmark `{code}` must be `{code}.` or `{code}` and two signed numbers, not `{found}`")]
    Landmark {
        /// The line.
        line: usize,
        /// Letters of the expected landmark.
        code: String,
        /// The text found.
        found: String,
    },
    /// A frame has more fields than landmarks.
    #[error("line {line}: `{found}` is beyond the header's landmarks")]
    Extra {
        /// The line.
        line: usize,
        /// The text found.
        found: String,
    },
}

/// One frame of a pose sequence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PoseFrame {
    /// Seconds from the first frame of the video.
    pub time_s: f64,
    /// For each landmark of the sequence: x to the right and y up from the middle of the hips, in torso lengths
    /// ([`relative`]); `None` if missing.
    pub points: Vec<Option<[f64; 2]>>,
}

/// Landmarks over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PoseSequence {
    /// Names of the landmarks.
    pub landmarks: Vec<String>,
    /// The frames, in any order.
    pub frames: Vec<PoseFrame>,
}

/// Converts a point of the picture (pixels, y down) to the codec's coordinates: x right and y up from `mid_hip`, in
/// torso lengths. `None` if the torso has no length or a number is not finite.
#[must_use]
pub fn relative(point_px: [f64; 2], mid_hip_px: [f64; 2], torso_px: f64) -> Option<[f64; 2]> {
    let relative = [(point_px[0] - mid_hip_px[0]) / torso_px, (mid_hip_px[1] - point_px[1]) / torso_px];
    (torso_px > 0.0 && relative.iter().all(|length| length.is_finite())).then_some(relative)
}

/// The reference of written positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding {
    /// Positions relative to the middle of the hips: each line can be read alone.
    #[default]
    Absolute,
    /// Positions relative to the landmark's last known position: smaller numbers.
    Delta,
}

impl Coding {
    /// The coding's name in the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Delta => "delta",
        }
    }
}

impl FromStr for Coding {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        [Self::Absolute, Self::Delta]
            .into_iter()
            .find(|coding| coding.name() == text)
            .ok_or_else(|| CodecError::Coding(text.to_owned()))
    }
}

/// Rate, grid and coding of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodecSettings {
    rate_hz: f64,
    grid: u32,
    coding: Coding,
}

impl CodecSettings {
    /// Creates settings: `rate_hz` frames per second (at most 1000), `grid` units per torso length (1 to 10,000).
    ///
    /// # Errors
    /// If the rate or the grid is out of range.
    pub fn new(rate_hz: f64, grid: u32, coding: Coding) -> Result<Self, CodecError> {
        if !(rate_hz > 0.0 && rate_hz <= MAX_RATE_HZ) {
            return Err(CodecError::Rate(rate_hz));
        }
        if !(1..=MAX_GRID).contains(&grid) {
            return Err(CodecError::Grid(grid));
        }
        Ok(Self { rate_hz, grid, coding })
    }
}

impl Default for CodecSettings {
    /// 10 frames per second, hundredths of a torso length, absolute.
    fn default() -> Self {
        Self { rate_hz: 10.0, grid: 100, coding: Coding::Absolute }
    }
}

/// One frame on the grid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct QuantizedFrame {
    /// Time in steps of 1 / rate.
    pub index: i64,
    /// For each landmark: x and y in grid units, or `None` if missing.
    pub points: Vec<Option<[i32; 2]>>,
}

/// The content of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuantizedSequence {
    /// Frames per second.
    pub rate_hz: f64,
    /// Units per torso length.
    pub grid: u32,
    /// Names of the landmarks.
    pub landmarks: Vec<String>,
    /// Frames by increasing index; indices without a frame are left out.
    pub frames: Vec<QuantizedFrame>,
}

impl QuantizedSequence {
    /// Converts the sequence to seconds and torso lengths.
    #[must_use]
    pub fn dequantize(&self) -> PoseSequence {
        let grid = f64::from(self.grid);
        let frames = self.frames.iter().map(|frame| PoseFrame {
            time_s: frame.index as f64 / self.rate_hz,
            points: frame.points.iter().map(|point| point.map(|xy| xy.map(|units| f64::from(units) / grid))).collect(),
        });
        PoseSequence { landmarks: self.landmarks.clone(), frames: frames.collect() }
    }

    /// Writes the sequence as text. Lines end with a newline.
    #[must_use]
    pub fn to_text(&self, coding: Coding) -> String {
        text::write(self, coding)
    }
}

/// Rounds a sequence to the grid of the settings.
///
/// Each step of 1 / rate gets the frame whose time is nearest to it (the earlier one if two are equally near), or no
/// frame if none is within half a step. Positions are rounded to the nearest grid unit. A position that is not finite
/// is missing, and a frame whose time is not finite is left out.
#[must_use]
pub fn quantize(sequence: &PoseSequence, settings: &CodecSettings) -> QuantizedSequence {
    let mut nearest = BTreeMap::<i64, (f64, &PoseFrame)>::new();
    for frame in &sequence.frames {
        let steps = frame.time_s * settings.rate_hz;
        if steps.is_nan() || steps.abs() > MAX_INDEX as f64 {
            continue;
        }
        let distance = (steps - steps.round()).abs();
        match nearest.entry(steps.round() as i64) {
            Entry::Vacant(entry) => {
                entry.insert((distance, frame));
            }
            Entry::Occupied(mut entry) => {
                let (best, other) = *entry.get();
                if distance < best || distance == best && frame.time_s < other.time_s {
                    entry.insert((distance, frame));
                }
            }
        }
    }
    let frames = nearest.into_iter().map(|(index, (_, frame))| QuantizedFrame {
        index,
        points: (0..sequence.landmarks.len())
            .map(|landmark| frame.points.get(landmark).copied().flatten().and_then(|point| units(point, settings.grid)))
            .collect(),
    });
    QuantizedSequence {
        rate_hz: settings.rate_hz,
        grid: settings.grid,
        landmarks: sequence.landmarks.clone(),
        frames: frames.collect(),
    }
}

fn units(point: [f64; 2], grid: u32) -> Option<[i32; 2]> {
    let max = f64::from(MAX_UNITS);
    point
        .iter()
        .all(|length| length.is_finite())
        .then(|| point.map(|length| (length * f64::from(grid)).round().clamp(-max, max) as i32))
}

/// The text of a sequence.
#[must_use]
pub fn encode(sequence: &PoseSequence, settings: &CodecSettings) -> String {
    quantize(sequence, settings).to_text(settings.coding)
}
