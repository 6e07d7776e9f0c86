//! Makes a small picture of one frame of a video: as the background of a chart, or to identify the video.

use std::path::Path;

use crate::image::yuv::YuvImage;
use crate::render::draw::to_rgb::png_bytes;
use crate::render::framing::crop_scale::{Border, CropError, CropScaler, Rectangle, size_at_most};
use crate::video::{Footage, Reading, VideoError, VideoReader, probe};

/// The last frame up to which decoding from the start is faster than seeking. Seeking reads the whole file to find its
/// entry points.
const MAX_FRAME_FROM_START: u32 = 300;

/// The reason why no picture could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThumbnailError {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// The video does not have the frame.
    #[error("frame {frame_idx} does not exist")]
    NoFrame {
        /// The number of the frame.
        frame_idx: u32,
    },
    /// The picture has no pixels.
    #[error(transparent)]
    Crop(#[from] CropError),
    /// The picture cannot be written as PNG.
    #[error("cannot encode the picture: {0}")]
    Png(String),
}

/// Returns a frame of a video as the bytes of a PNG file, at most `max_width_px` wide.
///
/// # Errors
/// See [`ThumbnailError`].
pub(crate) fn thumbnail_png(
    path: &Path,
    reading: Reading,
    frame_idx: u32,
    max_width_px: usize,
) -> Result<Vec<u8>, ThumbnailError> {
    let mut reader = reader_at(path, reading, frame_idx)?;
    loop {
        match reader.next_frame()? {
            Some(time) if time.frame_idx == frame_idx => break,
            Some(_) => {}
            None => return Err(ThumbnailError::NoFrame { frame_idx }),
        }
    }
    let mut picture = YuvImage::default();
    reader.take_planes(&mut picture)?;
    let size = [picture.width(), picture.height()];
    let mut small = YuvImage::new(size_at_most(size, max_width_px), picture.colors);
    CropScaler::new(Border::Edge).draw(&picture, Rectangle::whole(size), &mut small)?;
    png_bytes(&small).map_err(|error| ThumbnailError::Png(error.to_string()))
}

/// Returns a reader for a frame. It begins at the start of the video if the frame is near it, otherwise at the frame if
/// the video has an entry point there.
fn reader_at(path: &Path, reading: Reading, frame_idx: u32) -> Result<VideoReader, VideoError> {
    let footage = Footage { deinterlace: reading.deinterlace, is_mirrored: reading.is_mirrored, ..Footage::default() };
    if frame_idx > MAX_FRAME_FROM_START
        && let Some(entry) = probe(path, frame_idx, &footage)?.index.and_then(|index| index.entry(1))
        && let Ok(reader) = VideoReader::open_at(path, 1, reading, &entry)
    {
        return Ok(reader);
    }
    VideoReader::open(path, 1, reading)
}
