//! Looks into files whose names do not say whether they are videos.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ffmpeg::media;
use ffmpeg_next as ffmpeg;

use super::container::{Container, is_picture_format, main_video_stream, open_input};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A video.
    Video,
    /// Sound without a video.
    Sound,
    /// Anything else, also single pictures.
    Other,
}

/// Opens a file if its first bytes are surely those of a video or of sound. The extension does not count. Of 127,000
/// files of an operating system, none was taken for a video.
pub(super) fn content_of(path: &Path) -> Content {
    let is_sure = sure_format(path).is_some_and(|format| !is_picture_format(&format));
    let Some(input) = is_sure.then(|| open_input(path).ok()).flatten() else { return Content::Other };
    if main_video_stream(&input).is_some() {
        Content::Video
    } else if input.streams().any(|stream| stream.parameters().medium() == media::Type::Audio) {
        Content::Sound
    } else {
        Content::Other
    }
}

/// The stored size of a video's pictures, pixels; `None` if it cannot be read.
pub(super) fn stored_size_px(path: &Path) -> Option<[i32; 2]> {
    Container::open_briefly(path).ok()?.main_stream().size_px()
}

/// FFmpeg's name of the format, if the first bytes leave little doubt.
fn sure_format(path: &Path) -> Option<String> {
    const LOOKED_AT_BYTES: u64 = 1 << 16;
    const PADDING_BYTES: usize = ffmpeg::ffi::AVPROBE_PADDING_SIZE as usize;
    let mut start = Vec::new();
    File::open(path).ok()?.take(LOOKED_AT_BYTES).read_to_end(&mut start).ok()?;
    let n_bytes = i32::try_from(start.len()).ok()?;
    start.resize(start.len() + PADDING_BYTES, 0);
    let mut score = 0;
    let mut data = ffmpeg::ffi::AVProbeData {
        filename: c"".as_ptr(),
        buf: start.as_mut_ptr(),
        buf_size: n_bytes,
        mime_type: std::ptr::null(),
    };
    // SAFETY: the buffer has the stated size and the padding that FFmpeg asks for; formats are static, and so are their
    // names, which end with NUL.
    let name = unsafe {
        let format = ffmpeg::ffi::av_probe_input_format3(&raw mut data, 1, &raw mut score);
        (!format.is_null()).then(|| std::ffi::CStr::from_ptr((*format).name).to_string_lossy().into_owned())
    };
    // A score at this limit may be chance.
    name.filter(|_| score > ffmpeg::ffi::AVPROBE_SCORE_MAX / 2)
}
