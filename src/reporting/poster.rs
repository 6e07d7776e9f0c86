//! A picture of each video for the overview.

use std::path::Path;

use crate::render::thumbnail::{ThumbnailError, thumbnail_png};

/// Width at most, pixels: what the overview shows on a fine screen.
const WIDTH_PX: usize = 640;
/// The frame in the middle, but not so far into the video that decoding up to it takes long.
const MAX_FRAME: u64 = 240;

/// A picture of a video of `n_frames`, as the bytes of a PNG file. A video that ends before the wanted frame shows its
/// first one.
pub(super) fn poster(video: &Path, n_frames: u64) -> Result<Vec<u8>, ThumbnailError> {
    let wanted = (n_frames / 2).min(MAX_FRAME) as u32;
    thumbnail_png(video, wanted, WIDTH_PX).or_else(|_| thumbnail_png(video, 0, WIDTH_PX))
}
