//! Writes frames of a video as JPEG files, without drawings: the pictures of training sets.

use std::io::Error as IoError;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::draw::to_rgb::rgb_bytes;
use super::error::RenderError;
use crate::artifacts::files::write_whole;
use crate::image::yuv::YuvImage;
use crate::video::{Reading, VideoReader};

/// The quality of the pictures, at most 100: compression is not to be seen.
const QUALITY: u8 = 92;

/// Writes frames of a video, read as `reading` says, to files, as displayed, `size_px` (width, height). `wanted` has the number of each frame,
/// increasing, and the path of its picture. Calls `go_on` after each picture. Returns the number of pictures written:
/// fewer than wanted if the video ends before a wanted frame, or if `go_on` breaks off.
///
/// # Errors
/// The video cannot be decoded, its pictures are too large for JPEG, or a file cannot be written.
pub(crate) fn write_pictures(
    (source, reading): (&Path, Reading),
    size_px: [u32; 2],
    wanted: &[(u32, PathBuf)],
    mut go_on: impl FnMut() -> ControlFlow<()>,
) -> Result<usize, RenderError> {
    let mut reader = VideoReader::open(source, 2, reading)?;
    let mut picture = YuvImage::default();
    let mut n_written = 0;
    while let Some((frame_idx, path)) = wanted.get(n_written) {
        let Some(time) = reader.next_frame()? else { break };
        if time.frame_idx != *frame_idx {
            continue;
        }
        reader.take_planes(&mut picture)?;
        let failed = |problem: String| RenderError::output(path)(IoError::other(problem));
        let bytes = jpeg_bytes(&picture, size_px).map_err(failed)?;
        write_whole(path, &bytes)?;
        n_written += 1;
        if go_on().is_break() {
            break;
        }
    }
    Ok(n_written)
}

/// Returns the upper left part of a picture, of `size_px`, as the bytes of a JPEG file. Planes have even lengths, so
/// they can be a pixel larger than the picture that they show.
fn jpeg_bytes(picture: &YuvImage, size_px: [u32; 2]) -> Result<Vec<u8>, String> {
    let [width, height] = size_px.map(u16::try_from);
    let (Ok(width), Ok(height)) = (width, height) else {
        return Err("a JPEG picture has at most 65535 pixels in a row".to_owned());
    };
    if usize::from(width) > picture.width() || usize::from(height) > picture.height() {
        return Err(format!("the picture has {}x{} pixels", picture.width(), picture.height()));
    }
    let rgb = rgb_bytes(picture);
    let rows = rgb.chunks_exact(3 * picture.width().max(1)).take(usize::from(height));
    let inside: Vec<u8> = rows.flat_map(|row| &row[..3 * usize::from(width)]).copied().collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&inside, width, height, ColorType::Rgb).map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::yuv::YuvColors;

    /// Width and height in the header of a JPEG file (the segment SOF0).
    fn size_of(jpeg: &[u8]) -> [u16; 2] {
        let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
        [number(at + 7), number(at + 5)]
    }

    #[test]
    fn a_picture_has_the_size_of_the_video() {
        let mut picture = YuvImage::new([322, 240], YuvColors::default());
        picture.fill([200, 30, 90]);
        let bytes = jpeg_bytes(&picture, [321, 239]).unwrap();
        assert_eq!(size_of(&bytes), [321, 239]);
        assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
        assert_eq!(size_of(&jpeg_bytes(&picture, [322, 240]).unwrap()), [322, 240]);
        for other in [[0, 0], [323, 240], [70_000, 240]] {
            assert!(jpeg_bytes(&picture, other).is_err(), "{other:?}");
        }
    }
}
