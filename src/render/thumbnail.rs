//! A frame of a video as a small picture: to draw a chart over, or to show which video is meant.

use std::path::Path;

use crate::draw::to_rgb::png_bytes;
use crate::image::yuv::YuvImage;
use crate::video::{VideoError, VideoReader, probe};
use crate::views::crop_scale::{Border, CropError, CropScaler, Rectangle, size_at_most};

/// Up to this frame decoding from the start takes less than finding out where the video can be entered, for which all
/// of it is read.
const MAX_FRAME_FROM_START: u32 = 300;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// It has no such frame.
    #[error("there is no frame {frame_idx}")]
    NoFrame {
        /// Its number.
        frame_idx: u32,
    },
    /// It has no pixels.
    #[error(transparent)]
    Crop(#[from] CropError),
    /// It cannot be written as PNG.
    #[error("the picture cannot be coded: {0}")]
    Png(String),
}

/// A frame of a video as a PNG file's bytes, at most `max_width_px` wide.
///
/// # Errors
/// See [`ThumbnailError`].
pub fn thumbnail_png(path: &Path, frame_idx: u32, max_width_px: usize) -> Result<Vec<u8>, ThumbnailError> {
    let mut reader = reader_at(path, frame_idx)?;
    let is_there = std::iter::from_fn(|| reader.next_frame()).any(|time| time.frame_idx == frame_idx);
    if !is_there {
        return Err(ThumbnailError::NoFrame { frame_idx });
    }
    let mut picture = YuvImage::default();
    reader.take_planes(&mut picture)?;
    let size = [picture.width(), picture.height()];
    let mut small = YuvImage::new(size_at_most(size, max_width_px), picture.colors);
    CropScaler::new(Border::Edge).draw(&picture, Rectangle::whole(size), &mut small)?;
    png_bytes(&small).map_err(|error| ThumbnailError::Png(error.to_string()))
}

/// A reader that begins at the start for a frame that is near it, else right at the frame if the video can be entered
/// there.
fn reader_at(path: &Path, frame_idx: u32) -> Result<VideoReader, VideoError> {
    if frame_idx > MAX_FRAME_FROM_START
        && let Some(entry) = probe(path, frame_idx)?.index.and_then(|index| index.entry(1))
        && let Ok(reader) = VideoReader::open_at(path, 1, &entry)
    {
        return Ok(reader);
    }
    VideoReader::open(path, 1)
}
