//! Properties of a video and its file. Pure data.

use serde::{Deserialize, Serialize};

use super::clock::TimeSource;
use super::footage::{CaptureSource, Deinterlace, Reading};

/// Stamp that shows, without reading the file, whether it is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification, nanoseconds since 1970.
    pub modified_ns: i64,
}

/// The order in which the rows of a frame were filmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOrder {
    /// All at once.
    #[default]
    Progressive,
    /// Interlaced: first the rows 0, 2, 4, ..., then the others.
    TopFirst,
    /// Interlaced: first the rows 1, 3, 5, ..., then the others.
    BottomFirst,
}

impl FieldOrder {
    /// The order's name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Progressive => "progressive",
            Self::TopFirst => "top_first",
            Self::BottomFirst => "bottom_first",
        }
    }
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
    /// Mean rate at which the camera took the pictures, Hz: measured from the packets' times, several times that in
    /// slow motion, and that of the fields if they are separated; `None` for a still.
    pub fps: Option<f64>,
    /// Whether the interval between frames varies by more than rounding.
    pub is_vfr: bool,
    /// Duration from the first frame's time to the end of the last frame.
    pub duration_s: f64,
    /// Packets of the main stream that are to be shown.
    pub n_packets: u64,
    /// Packets that the container's index promises and that are missing from the file (it was truncated).
    pub n_lost_packets: u64,
    /// Number of frames that decoding gives if nothing is lost: that of the packets, or that of the fields if they are
    /// separated; 0 in records of earlier versions.
    #[serde(default)]
    pub n_expected: u64,
    /// The field order of the first frame.
    #[serde(default)]
    pub field_order: FieldOrder,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// FFmpeg's name of the pixel format.
    pub pixel_format: String,
    /// FFmpeg's name of the transfer characteristics: `bt709`, or of high dynamic range `smpte2084` (PQ) and
    /// `arib-std-b67` (HLG); `None` if untagged.
    #[serde(default)]
    pub transfer: Option<String>,
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
    /// Returns whether the fields of the video's frames become frames of their own.
    #[must_use]
    pub fn is_by_field(&self) -> bool {
        self.field_order != FieldOrder::Progressive && self.reading.deinterlace == Deinterlace::Auto
    }

    /// Returns the number of frames that decoding gives if nothing is lost.
    #[must_use]
    pub fn n_expected_frames(&self) -> u64 {
        if self.n_expected == 0 { self.n_packets } else { self.n_expected }
    }

    /// Returns the number of frames of the packets that are missing from the file.
    #[must_use]
    pub fn n_lost_frames(&self) -> u64 {
        let frames_per_packet = self.n_expected_frames() as f64 / self.n_packets.max(1) as f64;
        self.n_lost_packets * frames_per_packet.round() as u64
    }

    /// Returns the number of frames that the file stores, of `n_frames` that decoding gives.
    #[must_use]
    pub fn n_stored_frames(&self, n_frames: u64) -> u64 {
        if self.is_by_field() { n_frames.div_ceil(2) } else { n_frames }
    }

    /// Returns the rate of the stored frames, Hz; `None` for a still.
    #[must_use]
    pub fn stored_fps(&self) -> Option<f64> {
        self.media_fps().map(|fps| if self.is_by_field() { fps / 2.0 } else { fps })
    }

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
