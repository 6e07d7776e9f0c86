//! Makes a picture of each video for the overview.

use std::path::Path;

use crate::render::thumbnail::{ThumbnailError, thumbnail_png};
use crate::video::Reading;

/// The maximum width, pixels: the size in the overview on a high-resolution screen.
const WIDTH_PX: usize = 640;
/// The last frame that a poster may show. A poster shows the middle frame unless decoding up to it takes long.
const MAX_FRAME: u64 = 240;

/// Returns a picture of a video of `n_frames`, as the bytes of a PNG file. If the video ends before the wanted frame,
/// the picture shows its first frame.
pub(super) fn poster(video: &Path, reading: Reading, n_frames: u64) -> Result<Vec<u8>, ThumbnailError> {
    let wanted = (n_frames / 2).min(MAX_FRAME) as u32;
    thumbnail_png(video, reading, wanted, WIDTH_PX).or_else(|_| thumbnail_png(video, reading, 0, WIDTH_PX))
}
