//! Properties of a video and its file. Pure data.

use serde::{Deserialize, Serialize};

use super::clock::TimeSource;
use super::footage::{CaptureSource, Reading};

/// Stamp that shows, without reading the file, whether it is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification, nanoseconds since 1970.
    pub modified_ns: i64,
}

/// A video's properties. Sizes in pixels, times in seconds of the athlete: in slow motion, the file shows them longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoInfo {
    /// Displayed width: after rotation, with square pixels.
    pub width: u32,
    /// Displayed height.
    pub height: u32,
    /// Stored width, as decoded.
    pub stored_width: u32,
    /// Stored height.
    pub stored_height: u32,
    /// Clockwise rotation of the stored picture for display, degrees.
    pub rotation_degrees: u16,
    /// Mean rate at which the camera took the pictures, Hz: measured from the packets' times, and several times that in
    /// slow motion; `None` for a still.
    pub fps: Option<f64>,
    /// Whether the interval between frames varies by more than rounding.
    pub is_vfr: bool,
    /// Duration from the first frame's time to the end of the last frame.
    pub duration_s: f64,
    /// Packets of the main stream that are to be shown.
    pub n_packets: u64,
    /// Packets that the container's index promises and that are missing from the file (it was truncated).
    pub n_lost_packets: u64,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// FFmpeg's name of the pixel format.
    pub pixel_format: String,
    /// The source of the times.
    pub time_source: TimeSource,
    /// Whether the file contains sound.
    pub has_audio: bool,
    /// How the file is read.
    #[serde(default)]
    pub reading: Reading,
    /// The source of the camera's rate if it is not the file's own.
    #[serde(default)]
    pub capture_source: Option<CaptureSource>,
}

impl VideoInfo {
    /// Returns the duration of the file, seconds.
    #[must_use]
    pub fn media_duration_s(&self) -> f64 {
        self.duration_s * self.reading.slow_motion
    }

    /// Returns the rate at which the file shows its pictures, Hz; `None` for a still.
    #[must_use]
    pub fn media_fps(&self) -> Option<f64> {
        self.fps.map(|fps| fps / self.reading.slow_motion)
    }
}
