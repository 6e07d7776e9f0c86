//! What is known about a video and its file. Pure data.

use serde::{Deserialize, Serialize};

use super::clock::TimeSource;

/// What tells without reading it that a file is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Size in bytes.
    pub size_bytes: u64,
    /// Time of modification, nanoseconds since 1970.
    pub modified_ns: i64,
}

/// A video's properties. Sizes in pixels, times in seconds.
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
    /// Degrees clockwise that the stored picture is turned for display.
    pub rotation_degrees: u16,
    /// Mean frame rate measured from the packets' times, Hz; `None` for a still.
    pub fps: Option<f64>,
    /// Whether the time from frame to frame varies by more than rounding.
    pub is_vfr: bool,
    /// From the first frame's time to the end of the last.
    pub duration_s: f64,
    /// Packets of the main stream that are to be shown.
    pub n_packets: u64,
    /// Packets that the container's index promises and that are not in the file (it was cut off).
    pub n_lost_packets: u64,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// FFmpeg's name of the pixel format.
    pub pixel_format: String,
    /// Where times come from.
    pub time_source: TimeSource,
    /// Whether there is sound.
    pub has_audio: bool,
}
