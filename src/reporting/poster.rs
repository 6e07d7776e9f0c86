//! A picture of each video for the overview.

use std::io::Write;
use std::path::Path;

use super::error::{PosterError, ReportingError};
use crate::draw::to_rgb::png_bytes;
use crate::image::yuv::YuvImage;
use crate::store::files::PendingFile;
use crate::video::VideoReader;
use crate::views::crop_scale::{Border, CropScaler, Rectangle, size_at_most};

/// Width at most, pixels: what the overview shows on a fine screen.
const WIDTH_PX: usize = 640;
/// The frame in the middle, but not so far into the video that decoding up to it takes long.
const MAX_FRAME: u64 = 240;

/// A picture of a video of `n_frames`, as the bytes of a PNG file.
pub(super) fn poster(video: &Path, n_frames: u64) -> Result<Vec<u8>, PosterError> {
    let wanted = (n_frames / 2).min(MAX_FRAME);
    let mut reader = VideoReader::open(video, 2)?;
    let mut picture = YuvImage::default();
    let mut has_picture = false;
    while let Some(time) = reader.next_frame() {
        // Whatever was decoded last is better than nothing, but only the wanted frame is worth its conversion.
        if u64::from(time.frame_idx) >= wanted {
            reader.take_planes(&mut picture)?;
            has_picture = true;
            break;
        }
    }
    if !has_picture {
        first_picture(video, &mut picture)?;
    }
    let size_px = [picture.width(), picture.height()];
    let mut small = YuvImage::new(size_at_most(size_px, WIDTH_PX), picture.colors);
    CropScaler::new(Border::Edge).draw(&picture, Rectangle::whole(size_px), &mut small)?;
    Ok(png_bytes(&small)?)
}

/// A video that ends before the wanted frame shows its first one.
fn first_picture(video: &Path, picture: &mut YuvImage) -> Result<(), PosterError> {
    let mut reader = VideoReader::open(video, 2)?;
    reader.next_frame().ok_or(PosterError::NoFrame)?;
    Ok(reader.take_planes(picture)?)
}

/// Writes a file; it appears whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportingError> {
    let mut pending = PendingFile::create(path)?;
    pending.file().write_all(bytes).map_err(ReportingError::output("write", path))?;
    Ok(pending.commit()?)
}
