//! Converts decoded frames of any pixel format to 8-bit planes as a player would show them, for drawing and encoding.
//!
//! A frame already stored this way is copied; any other frame goes through libswscale. The video's own matrix and range
//! are kept. So pixels that are not drawn on keep their exact values if the frame needs no conversion.

use ffmpeg::ffi;
use ffmpeg::software::scaling;
use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use super::convert::{Source, Unconvertible};
use super::orientation::Orientation;
use crate::image::yuv::{YuvColors, YuvImage, YuvMatrix};

/// Converts frames of one video. Contexts and buffers are kept from frame to frame.
pub(super) struct PlanarConverter {
    orientation: Orientation,
    /// Size of every picture before rotation. If the size changes in mid-stream, frames are scaled to the first size.
    upright_size: [usize; 2],
    colors: YuvColors,
    upright: YuvImage,
    scaler: Option<Scaler>,
}

/// libswscale's context for frames of one kind, and its output buffer.
struct Scaler {
    source: Source,
    context: scaling::Context,
    target: frame::Video,
}

// SAFETY: libswscale's contexts may be used from any thread, one at a time; `&mut self` ensures that.
unsafe impl Send for PlanarConverter {}

impl PlanarConverter {
    /// Creates a converter whose pictures have `upright_size` before rotation, and the colors of `first`.
    pub(super) fn new(first: &frame::Video, upright_size: [usize; 2], orientation: Orientation) -> Self {
        let colors = colors_of(first);
        Self { orientation, upright_size, colors, upright: YuvImage::default(), scaler: None }
    }

    /// Writes the frame as displayed into `picture`. Its memory is reused if it has the right size.
    pub(super) fn convert(&mut self, frame: &frame::Video, picture: &mut YuvImage) -> Result<(), Unconvertible> {
        let size = self.orientation.displayed_size(self.upright_size);
        make_fit(picture, size, self.colors);
        if self.orientation.is_upright() {
            return self.fill(frame, picture);
        }
        let mut upright = std::mem::take(&mut self.upright);
        make_fit(&mut upright, self.upright_size, self.colors);
        let filled = self.fill(frame, &mut upright);
        if filled.is_ok() {
            turn(&upright, self.orientation, picture);
        }
        self.upright = upright;
        filled
    }

    fn fill(&mut self, frame: &frame::Video, upright: &mut YuvImage) -> Result<(), Unconvertible> {
        let source = Source::of(frame);
        let is_planar = matches!(source.format, Pixel::YUV420P | Pixel::YUVJ420P);
        let has_size = self.upright_size == [frame.width() as usize, frame.height() as usize];
        if is_planar && has_size && colors_of(frame) == self.colors && copy_planes(frame, upright).is_some() {
            return Ok(());
        }
        if self.scaler.as_ref().is_none_or(|scaler| scaler.source != source) {
            self.scaler = Some(Scaler::new(source, [upright.width(), upright.height()], self.colors)?);
        }
        let Some(Scaler { context, target, .. }) = &mut self.scaler else { return Err(Unconvertible) };
        context.run(frame, target).map_err(|_| Unconvertible)?;
        copy_planes(target, upright).ok_or(Unconvertible)
    }
}

impl Scaler {
    fn new(source: Source, [width, height]: [usize; 2], colors: YuvColors) -> Result<Self, Unconvertible> {
        let length = |length: usize| u32::try_from(length).map_err(|_| Unconvertible);
        let (width, height) = (length(width)?, length(height)?);
        let mut context = scaling::Context::get(
            source.format,
            source.width,
            source.height,
            Pixel::YUV420P,
            width,
            height,
            scaling::Flags::BICUBIC,
        )
        .map_err(|_| Unconvertible)?;
        let target_matrix = match colors.matrix {
            YuvMatrix::Bt601 => ffi::SWS_CS_ITU601,
            YuvMatrix::Bt709 => ffi::SWS_CS_ITU709,
            YuvMatrix::Bt2020 => ffi::SWS_CS_BT2020,
        };
        // SAFETY: the context is valid and unshared; the coefficient tables are static.
        unsafe {
            ffi::sws_setColorspaceDetails(
                context.as_mut_ptr(),
                ffi::sws_getCoefficients(source.matrix_number()),
                i32::from(source.is_full_range()),
                ffi::sws_getCoefficients(target_matrix),
                i32::from(colors.is_full_range),
                0,
                1 << 16,
                1 << 16,
            );
        }
        Ok(Self { source, context, target: frame::Video::new(Pixel::YUV420P, width, height) })
    }
}

/// The meaning of a frame's values after conversion to planes. RGB becomes BT.709, and so does video tagged with a rare
/// matrix.
fn colors_of(frame: &frame::Video) -> YuvColors {
    let source = Source::of(frame);
    if source.is_rgb() {
        return YuvColors::default();
    }
    let matrix = match source.matrix_number() {
        ffi::SWS_CS_ITU601 => YuvMatrix::Bt601,
        ffi::SWS_CS_BT2020 => YuvMatrix::Bt2020,
        _ => YuvMatrix::Bt709,
    };
    YuvColors { matrix, is_full_range: source.is_full_range() }
}

fn make_fit(picture: &mut YuvImage, size: [usize; 2], colors: YuvColors) {
    let even = size.map(|length| length.next_multiple_of(2));
    if [picture.width(), picture.height()] != even || picture.colors != colors {
        *picture = YuvImage::new(size, colors);
    }
}

/// Copies the planes of a 4:2:0 frame. The last column and row are repeated if the picture is larger by one. `None` if
/// the frame has an unusual memory layout.
fn copy_planes(frame: &frame::Video, picture: &mut YuvImage) -> Option<()> {
    let (width, height) = (picture.width(), picture.height());
    let planes = [
        (&mut picture.luma, width, [frame.width() as usize, frame.height() as usize]),
        (&mut picture.cb, width / 2, [frame.width().div_ceil(2) as usize, frame.height().div_ceil(2) as usize]),
        (&mut picture.cr, width / 2, [frame.width().div_ceil(2) as usize, frame.height().div_ceil(2) as usize]),
    ];
    for (index, (target, target_width, [source_width, source_height])) in planes.into_iter().enumerate() {
        let (source, stride) = plane(frame, index, source_width, source_height)?;
        let columns = source_width.min(target_width);
        for (y, row) in target.chunks_exact_mut(target_width).enumerate() {
            let start = y.min(source_height - 1) * stride;
            row[..columns].copy_from_slice(&source[start..start + columns]);
            if let Some(&last) = source.get(start + columns - 1) {
                row[columns..].fill(last);
            }
        }
    }
    debug_assert_eq!(picture.luma.len(), width * height);
    Some(())
}

/// The bytes of a plane and its stride.
fn plane(frame: &frame::Video, index: usize, width: usize, height: usize) -> Option<(&[u8], usize)> {
    // SAFETY: the frame is valid; two of its fields are read.
    let (data, stride) = unsafe {
        let frame = frame.as_ptr();
        ((*frame).data[index], (*frame).linesize[index])
    };
    // Pictures stored from the bottom up have negative strides.
    let stride = usize::try_from(stride).ok().filter(|&stride| stride >= width)?;
    if data.is_null() || width == 0 || height == 0 {
        return None;
    }
    // SAFETY: a plane holds `height` rows that begin `stride` bytes apart, of at least `width` bytes; the frame keeps
    // its memory.
    Some((unsafe { std::slice::from_raw_parts(data, stride * (height - 1) + width) }, stride))
}

/// Writes the displayed picture of `upright` into `displayed`, which has the displayed size.
fn turn(upright: &YuvImage, orientation: Orientation, displayed: &mut YuvImage) {
    let (width, height) = (displayed.width(), displayed.height());
    let stored = [upright.width(), upright.height()];
    turn_plane(&upright.luma, stored, orientation, &mut displayed.luma, [width, height]);
    let stored = stored.map(|length| length / 2);
    turn_plane(&upright.cb, stored, orientation, &mut displayed.cb, [width / 2, height / 2]);
    turn_plane(&upright.cr, stored, orientation, &mut displayed.cr, [width / 2, height / 2]);
}

fn turn_plane(
    source: &[u8],
    [source_width, source_height]: [usize; 2],
    orientation: Orientation,
    target: &mut [u8],
    [width, height]: [usize; 2],
) {
    /// Side of the tiles in which both planes are traversed; a tile fits the first-level cache.
    const TILE: usize = 64;
    let (x_axis, y_axis) = orientation.stored_axes();
    let (last_x, last_y) = (source_width as u32 - 1, source_height as u32 - 1);
    for tile_y in (0..height).step_by(TILE) {
        for tile_x in (0..width).step_by(TILE) {
            for y in tile_y..(tile_y + TILE).min(height) {
                for x in tile_x..(tile_x + TILE).min(width) {
                    let (along_x, along_y) = if orientation.is_transposed() { (y, x) } else { (x, y) };
                    let (from_x, from_y) =
                        (x_axis.position(along_x as u32, last_x), y_axis.position(along_y as u32, last_y));
                    target[y * width + x] = source[from_y as usize * source_width + from_x as usize];
                }
            }
        }
    }
}
