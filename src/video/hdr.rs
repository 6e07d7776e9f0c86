//! Frames of high dynamic range (PQ and HLG) become frames of a standard display as soon as they leave the decoder. All
//! that follows reads BT.709 in 8-bit planes. Other frames pass untouched.
//!
//! The frame's own tags decide. Dolby Vision of phones (profile 8.4) is HLG with data for other displays, which are not
//! used. Untagged primaries and matrices of such frames count as BT.2020.

mod planes;
mod tone;

use std::sync::{Arc, Mutex, PoisonError};

use ffmpeg::ffi;
use ffmpeg::software::scaling;
use ffmpeg::util::color;
use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use self::planes::{HdrColors, Planes8, Planes10, ToneMap};
use self::tone::{Primaries, Transfer};
use super::color_tags::ColorTags;
use super::convert::{Source, Unconvertible};
use crate::image::yuv::{YuvColors, YuvMatrix};

/// Whether a transfer function is one of high dynamic range.
pub(super) fn is_high(transfer: color::TransferCharacteristic) -> bool {
    of_ffmpeg(transfer).is_some()
}

fn of_ffmpeg(transfer: color::TransferCharacteristic) -> Option<Transfer> {
    match transfer {
        color::TransferCharacteristic::SMPTE2084 => Some(Transfer::Pq),
        color::TransferCharacteristic::ARIB_STD_B67 => Some(Transfer::Hlg),
        _ => None,
    }
}

/// Converts frames of one video. The tables and the context are kept from frame to frame.
#[derive(Default)]
pub(super) struct ToneMapper {
    tone_map: Option<(HdrColors, Arc<ToneMap>)>,
    scaler: Option<(Source, scaling::Context)>,
}

// SAFETY: libswscale's contexts may be used from any thread, one at a time; `&mut self` ensures that.
unsafe impl Send for ToneMapper {}

impl ToneMapper {
    /// Converts a frame of high dynamic range, and returns any other frame as it is. Gives a frame that cannot be
    /// converted back.
    pub(super) fn standard(&mut self, frame: frame::Video) -> Result<frame::Video, frame::Video> {
        let Some(transfer) = of_ffmpeg(frame.color_transfer_characteristic()) else { return Ok(frame) };
        let primaries = match frame.color_primaries() {
            color::Primaries::BT709 => Primaries::Bt709,
            color::Primaries::SMPTE432 => Primaries::DisplayP3,
            _ => Primaries::Bt2020,
        };
        let colors = HdrColors { transfer, primaries, yuv: yuv_colors(&frame) };
        let converted = if frame.format() == Pixel::YUV420P10LE {
            self.convert(&frame, &frame, colors)
        } else {
            self.planes_of(&frame, colors.yuv).and_then(|planes| self.convert(&planes, &frame, colors))
        };
        converted.map_err(|Unconvertible| frame)
    }

    /// Converts planes of 10 bits. The frame gets the properties of `original`.
    fn convert(
        &mut self,
        frame: &frame::Video,
        original: &frame::Video,
        colors: HdrColors,
    ) -> Result<frame::Video, Unconvertible> {
        if self.tone_map.as_ref().is_none_or(|(known, _)| *known != colors) {
            self.tone_map = Some((colors, shared(colors)));
        }
        let Some((_, tone_map)) = &self.tone_map else { return Err(Unconvertible) };
        let size_px = [frame.width() as usize, frame.height() as usize];
        let from = planes_of_ten_bits(frame).ok_or(Unconvertible)?;
        let mut target = frame::Video::new(Pixel::YUV420P, frame.width(), frame.height());
        // SAFETY: both frames are valid and only `target` is written: its time stamp, orientation and other properties.
        if unsafe { ffi::av_frame_copy_props(target.as_mut_ptr(), original.as_ptr()) } < 0 {
            return Err(Unconvertible);
        }
        ColorTags::of(planes::STANDARD).set_on(&mut target);
        tone_map.convert(&from, &mut planes_of_eight_bits(&mut target).ok_or(Unconvertible)?, size_px);
        Ok(target)
    }

    /// Converts a frame of any format to planes of 10 bits, with the meaning `colors`.
    fn planes_of(&mut self, frame: &frame::Video, colors: YuvColors) -> Result<frame::Video, Unconvertible> {
        let source = Source::of(frame);
        if self.scaler.as_ref().is_none_or(|(known, _)| *known != source) {
            self.scaler = Some((source, new_scaler(source, colors)?));
        }
        let Some((_, scaler)) = &mut self.scaler else { return Err(Unconvertible) };
        let mut planes = frame::Video::new(Pixel::YUV420P10LE, frame.width(), frame.height());
        scaler.run(frame, &mut planes).map_err(|_| Unconvertible)?;
        Ok(planes)
    }
}

/// Returns the tables for frames of a meaning. They are computed once: pages and stills open many readers.
fn shared(colors: HdrColors) -> Arc<ToneMap> {
    static KNOWN: Mutex<Vec<(HdrColors, Arc<ToneMap>)>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, tone_map)) = known.iter().find(|(of, _)| *of == colors) {
        return Arc::clone(tone_map);
    }
    let tone_map = Arc::new(ToneMap::new(colors));
    known.push((colors, Arc::clone(&tone_map)));
    tone_map
}

/// The meaning of the values of a frame's planes, and of the planes that RGB is converted to.
fn yuv_colors(frame: &frame::Video) -> YuvColors {
    let source = Source::of(frame);
    let is_full_range = source.is_full_range() && !source.is_rgb();
    let matrix = match source.tagged_matrix_number() {
        Some(ffi::SWS_CS_ITU709) => YuvMatrix::Bt709,
        Some(ffi::SWS_CS_ITU601) => YuvMatrix::Bt601,
        _ => YuvMatrix::Bt2020,
    };
    YuvColors { matrix, is_full_range }
}

fn new_scaler(source: Source, colors: YuvColors) -> Result<scaling::Context, Unconvertible> {
    let Source { format, width, height, .. } = source;
    let mut context =
        scaling::Context::get(format, width, height, Pixel::YUV420P10LE, width, height, scaling::Flags::BICUBIC)
            .map_err(|_| Unconvertible)?;
    let matrix = match colors.matrix {
        YuvMatrix::Bt601 => ffi::SWS_CS_ITU601,
        YuvMatrix::Bt709 => ffi::SWS_CS_ITU709,
        YuvMatrix::Bt2020 => ffi::SWS_CS_BT2020,
    };
    let (from_range, to_range) = (i32::from(source.is_full_range()), i32::from(colors.is_full_range));
    // SAFETY: the context is valid and unshared; the coefficient tables are static.
    unsafe {
        let coefficients = ffi::sws_getCoefficients(matrix);
        let context = context.as_mut_ptr();
        ffi::sws_setColorspaceDetails(context, coefficients, from_range, coefficients, to_range, 0, 1 << 16, 1 << 16);
    }
    Ok(context)
}

/// Widths and heights of a frame's planes of 4:2:0.
fn plane_sizes(frame: &frame::Video) -> [[usize; 2]; 3] {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let chroma = [width.div_ceil(2), height.div_ceil(2)];
    [[width, height], chroma, chroma]
}

/// The planes of a frame of 4:2:0 with 10 bits; `None` if it has an unusual memory layout.
fn planes_of_ten_bits(frame: &frame::Video) -> Option<Planes10<'_>> {
    const VALUE_BYTES: usize = size_of::<u16>();
    let mut planes: [&[u16]; 3] = [&[]; 3];
    let mut strides = [0; 3];
    for (index, [width, height]) in plane_sizes(frame).into_iter().enumerate() {
        // SAFETY: the frame is valid; two of its fields are read.
        let (data, stride) = unsafe {
            let frame = frame.as_ptr();
            ((*frame).data[index].cast::<u16>(), (*frame).linesize[index])
        };
        // Pictures stored from the bottom up have negative strides.
        let stride = usize::try_from(stride).ok().filter(|stride| stride.is_multiple_of(VALUE_BYTES))? / VALUE_BYTES;
        if data.is_null() || !data.is_aligned() || width == 0 || height == 0 || stride < width {
            return None;
        }
        // SAFETY: a plane holds `height` rows that begin `stride` values apart, of at least `width` values; it is
        // aligned, and the frame keeps its memory.
        planes[index] = unsafe { std::slice::from_raw_parts(data, stride * (height - 1) + width) };
        strides[index] = stride;
    }
    Some(Planes10 { planes, strides })
}

/// The planes of a new frame of 4:2:0 with 8 bits; `None` if there was no memory for it.
fn planes_of_eight_bits(frame: &mut frame::Video) -> Option<Planes8<'_>> {
    let sizes = plane_sizes(frame);
    let mut planes: [&mut [u8]; 3] = [&mut [], &mut [], &mut []];
    let mut strides = [0; 3];
    for (index, [width, height]) in sizes.into_iter().enumerate() {
        // SAFETY: the frame is valid; two of its fields are read.
        let (data, stride) = unsafe {
            let frame = frame.as_mut_ptr();
            ((*frame).data[index], (*frame).linesize[index])
        };
        let stride = usize::try_from(stride).ok().filter(|&stride| stride >= width)?;
        if data.is_null() || height == 0 {
            return None;
        }
        // SAFETY: the frame is new and unshared; its planes do not overlap, and each holds `height` rows that begin
        // `stride` bytes apart, of at least `width` bytes. The borrow of the frame lasts as long as the slices.
        planes[index] = unsafe { std::slice::from_raw_parts_mut(data, stride * (height - 1) + width) };
        strides[index] = stride;
    }
    Some(Planes8 { planes, strides })
}
