//! Converts decoded frames of any pixel format to RGB as a player would show them. Used for frames whose planes cannot
//! be read directly.
//!
//! Supported: 8 to 16 bits, every chroma subsampling, gray and palettes (through libswscale); BT.601, BT.709 and
//! BT.2020 matrices and full or limited range from the frame's own tags; non-square pixels by stretching the width;
//! display-matrix rotation and mirrors. Untagged video counts as BT.709 from 1280 columns or 577 rows on, else as
//! BT.601, as in players. Frames of high dynamic range come from `hdr`, which has converted them to BT.709.

use ffmpeg::ffi;
use ffmpeg::software::scaling;
use ffmpeg::util::color;
use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use super::orientation::Orientation;
use super::picture::Planes;
use super::yuv::YuvMatrix;
use crate::image::RgbImage;

/// The properties of a frame that the conversion depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) format: Pixel,
    pub(super) width: u32,
    pub(super) height: u32,
    space: color::Space,
    range: color::Range,
}

impl Source {
    pub(super) fn of(frame: &frame::Video) -> Self {
        Self {
            format: frame.format(),
            width: frame.width(),
            height: frame.height(),
            space: frame.color_space(),
            range: frame.color_range(),
        }
    }

    /// libswscale's number of the YUV matrix.
    pub(super) fn matrix_number(self) -> i32 {
        let is_high_definition = self.width >= 1280 || self.height > 576;
        let guess = if is_high_definition { ffi::SWS_CS_ITU709 } else { ffi::SWS_CS_ITU601 };
        self.tagged_matrix_number().unwrap_or(guess)
    }

    /// libswscale's number of the YUV matrix that the frame's tag gives.
    pub(super) fn tagged_matrix_number(self) -> Option<i32> {
        match self.space {
            color::Space::BT709 => Some(ffi::SWS_CS_ITU709),
            color::Space::BT2020NCL | color::Space::BT2020CL => Some(ffi::SWS_CS_BT2020),
            color::Space::SMPTE240M => Some(ffi::SWS_CS_SMPTE240M),
            color::Space::FCC => Some(ffi::SWS_CS_FCC),
            color::Space::BT470BG | color::Space::SMPTE170M => Some(ffi::SWS_CS_ITU601),
            _ => None,
        }
    }

    /// Whether the format has components red, green and blue.
    pub(super) fn is_rgb(self) -> bool {
        self.format.descriptor().is_none_or(|descriptor| {
            // SAFETY: descriptors are static; flags are read.
            let flags = unsafe { (*descriptor.as_ptr()).flags };
            flags & u64::from(ffi::AV_PIX_FMT_FLAG_RGB.unsigned_abs()) != 0
        })
    }

    pub(super) fn is_full_range(self) -> bool {
        use Pixel::{YUVJ411P, YUVJ420P, YUVJ422P, YUVJ440P, YUVJ444P};
        self.range == color::Range::JPEG || matches!(self.format, YUVJ411P | YUVJ420P | YUVJ422P | YUVJ440P | YUVJ444P)
    }
}

/// The matrix that converts a frame's YUV to RGB.
fn yuv_matrix(frame: &frame::Video) -> YuvMatrix {
    let source = Source::of(frame);
    // SAFETY: the tables are static, with four numbers each; unknown matrices get the default one.
    let coefficients = unsafe { *ffi::sws_getCoefficients(source.matrix_number()).cast::<[i32; 4]>() };
    YuvMatrix::new(coefficients, source.is_full_range())
}

/// A frame that libswscale cannot convert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unconvertible;

/// Converts frames of one video. The context is kept from frame to frame.
pub(super) struct Converter {
    orientation: Orientation,
    /// Size of every converted picture before rotation. If the size changes in mid-stream, frames are scaled to the
    /// first size.
    upright_size: [usize; 2],
    scaler: Option<(Source, scaling::Context)>,
}

// SAFETY: libswscale's contexts may be used from any thread, one at a time; `&mut self` ensures that.
unsafe impl Send for Converter {}

impl Converter {
    /// Creates a converter whose pictures have the displayed size of `frame`.
    pub(super) fn for_video_of(frame: &frame::Video, pixel_aspect: f64, orientation: Orientation) -> Self {
        Self::new(square_pixel_size(frame, pixel_aspect), orientation)
    }

    /// Creates a converter whose pictures have `upright_size` before they are rotated for display.
    pub(super) fn new(upright_size: [usize; 2], orientation: Orientation) -> Self {
        Self { orientation, upright_size, scaler: None }
    }

    /// (Width, height) in pixels before rotation for display.
    pub(super) fn upright_size(&self) -> [usize; 2] {
        self.upright_size
    }

    /// The rotation of stored pixels for display.
    pub(super) fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// Takes a frame whose planes can be read directly: of the video's size, with square pixels, in 8-bit planes. Gives
    /// any other frame back.
    pub(super) fn keep_planes(&self, frame: frame::Video) -> Result<Planes, frame::Video> {
        if self.upright_size != [frame.width() as usize, frame.height() as usize] {
            return Err(frame);
        }
        let matrix = yuv_matrix(&frame);
        Planes::of(frame, matrix, self.orientation)
    }

    /// Displayed (width, height) in pixels.
    pub(super) fn displayed_size(&self) -> [usize; 2] {
        self.orientation.displayed_size(self.upright_size)
    }

    /// Converts the frame to RGB as displayed.
    pub(super) fn convert(&mut self, frame: &frame::Video) -> Result<RgbImage, Unconvertible> {
        let upright = self.scale(frame)?;
        Ok(if self.orientation.is_upright() { upright } else { self.orientation.apply(&upright) })
    }

    fn scale(&mut self, frame: &frame::Video) -> Result<RgbImage, Unconvertible> {
        let [width, height] = self.upright_size;
        let source = Source::of(frame);
        if self.scaler.as_ref().is_none_or(|(known, _)| *known != source) {
            self.scaler = Some((source, new_scaler(source, self.upright_size)?));
        }
        let Some((_, scaler)) = &mut self.scaler else { return Err(Unconvertible) };
        let mut picture = RgbImage::new(width, height);
        let stride = i32::try_from(picture.stride()).map_err(|_| Unconvertible)?;
        let planes =
            [picture.bytes_mut().as_mut_ptr(), std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut()];
        // SAFETY: the frame's planes and strides describe `source`, for which the context was made; the target holds
        // `height` rows of `stride` bytes and a tail for vector stores past the last row.
        let rows = unsafe {
            let decoded = frame.as_ptr();
            ffi::sws_scale(
                scaler.as_mut_ptr(),
                (*decoded).data.as_ptr().cast(),
                (*decoded).linesize.as_ptr(),
                0,
                (*decoded).height,
                planes.as_ptr(),
                [stride, 0, 0, 0].as_ptr(),
            )
        };
        if usize::try_from(rows) == Ok(height) { Ok(picture) } else { Err(Unconvertible) }
    }
}

fn new_scaler(source: Source, [width, height]: [usize; 2]) -> Result<scaling::Context, Unconvertible> {
    let (target_width, target_height) =
        (u32::try_from(width).map_err(|_| Unconvertible)?, u32::try_from(height).map_err(|_| Unconvertible)?);
    let mut context = scaling::Context::get(
        source.format,
        source.width,
        source.height,
        Pixel::RGB24,
        target_width,
        target_height,
        scaling::Flags::BICUBIC,
    )
    .map_err(|_| Unconvertible)?;
    // SAFETY: the context is valid and unshared; the coefficient tables are static. Formats without a matrix (RGB)
    // reject the call, which changes nothing for them.
    unsafe {
        ffi::sws_setColorspaceDetails(
            context.as_mut_ptr(),
            ffi::sws_getCoefficients(source.matrix_number()),
            i32::from(source.is_full_range()),
            ffi::sws_getCoefficients(ffi::SWS_CS_DEFAULT),
            1,
            0,
            1 << 16,
            1 << 16,
        );
    }
    Ok(context)
}

/// The size of a frame whose pixels are made square by stretching the width.
fn square_pixel_size(frame: &frame::Video, pixel_aspect: f64) -> [usize; 2] {
    let displayed_width = (f64::from(frame.width()) * pixel_aspect).round() as usize;
    [displayed_width.max(1), frame.height() as usize]
}
