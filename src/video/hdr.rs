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
            ((*frame).data[index], (*frame).linesize[index])
        };
        #[allow(clippy::cast_ptr_alignment, reason = "the alignment is checked below")]
        let data = data.cast::<u16>();
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

#[cfg(test)]
mod tests {
    use ffmpeg::util::color::{Primaries as Colors, Range, Space, TransferCharacteristic};

    use super::*;

    /// A frame of 16 x 6 pixels of one color, as libswscale converts it from planes of 10 bits.
    fn frame(format: Pixel, values: [u16; 3], transfer: TransferCharacteristic) -> frame::Video {
        let mut planes = frame::Video::new(Pixel::YUV420P10LE, 16, 6);
        for (index, value) in values.into_iter().enumerate() {
            planes.data_mut(index).as_chunks_mut().0.iter_mut().for_each(|bytes| *bytes = value.to_le_bytes());
        }
        let mut frame = planes;
        if format != Pixel::YUV420P10LE {
            let mut scaler = scaling::Context::get(
                Pixel::YUV420P10LE,
                16,
                6,
                format,
                16,
                6,
                scaling::Flags::BICUBIC | scaling::Flags::ACCURATE_RND,
            )
            .unwrap();
            // SAFETY: the context is valid; the tables are static.
            unsafe {
                let table = ffi::sws_getCoefficients(ffi::SWS_CS_BT2020);
                ffi::sws_setColorspaceDetails(scaler.as_mut_ptr(), table, 0, table, 0, 0, 1 << 16, 1 << 16);
            }
            let mut converted = frame::Video::new(format, 16, 6);
            scaler.run(&frame, &mut converted).unwrap();
            frame = converted;
        }
        frame.set_color_space(Space::BT2020NCL);
        frame.set_color_range(Range::MPEG);
        frame.set_color_primaries(Colors::BT2020);
        frame.set_color_transfer_characteristic(transfer);
        frame.set_pts(Some(42));
        frame
    }

    fn first_levels(frame: &frame::Video) -> [u8; 3] {
        [0, 1, 2].map(|plane| frame.data(plane)[0])
    }

    #[test]
    fn frames_of_standard_range_keep_their_memory() {
        for transfer in [
            TransferCharacteristic::Unspecified,
            TransferCharacteristic::BT709,
            TransferCharacteristic::BT2020_10,
            TransferCharacteristic::SMPTE170M,
        ] {
            assert!(!is_high(transfer));
            let frame = frame(Pixel::YUV420P10LE, [500, 400, 600], transfer);
            let memory = frame.data(0).as_ptr();
            let passed = ToneMapper::default().standard(frame).ok().unwrap();
            assert_eq!((passed.data(0).as_ptr(), passed.format()), (memory, Pixel::YUV420P10LE));
            assert_eq!(passed.color_space(), Space::BT2020NCL);
        }
    }

    #[test]
    fn a_converted_frame_has_the_tags_of_a_standard_display_and_its_own_time() {
        for transfer in [TransferCharacteristic::SMPTE2084, TransferCharacteristic::ARIB_STD_B67] {
            assert!(is_high(transfer));
            let shown =
                ToneMapper::default().standard(frame(Pixel::YUV420P10LE, [500, 512, 512], transfer)).ok().unwrap();
            assert_eq!((shown.format(), shown.width(), shown.height()), (Pixel::YUV420P, 16, 6));
            assert_eq!((shown.pts(), shown.color_space(), shown.color_range()), (Some(42), Space::BT709, Range::MPEG));
            assert_eq!(shown.color_primaries(), Colors::BT709);
            assert_eq!(shown.color_transfer_characteristic(), TransferCharacteristic::BT709);
        }
    }

    #[test]
    fn other_formats_have_the_colors_of_planes_of_ten_bits() {
        let hlg = TransferCharacteristic::ARIB_STD_B67;
        for values in [[600, 480, 560], [300, 540, 500], [800, 500, 520]] {
            let shown = |format| {
                ToneMapper::default().standard(frame(format, values, hlg)).ok().map(|shown| first_levels(&shown))
            };
            let expected = shown(Pixel::YUV420P10LE).unwrap();
            for format in [
                Pixel::YUV420P,
                Pixel::YUV422P10LE,
                Pixel::YUV444P10LE,
                Pixel::YUV420P12LE,
                Pixel::P010LE,
                Pixel::GBRP10LE,
                Pixel::RGB48LE,
            ] {
                let found = shown(format).unwrap();
                let worst = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max().unwrap();
                assert!(worst <= 3, "{format:?}: {found:?} instead of {expected:?}");
            }
        }
    }

    #[test]
    fn changes_within_a_video_are_followed() {
        let (pq, hlg) = (TransferCharacteristic::SMPTE2084, TransferCharacteristic::ARIB_STD_B67);
        let mut mapper = ToneMapper::default();
        let alone = |transfer| {
            let frame = frame(Pixel::YUV420P10LE, [600, 480, 560], transfer);
            first_levels(&ToneMapper::default().standard(frame).ok().unwrap())
        };
        for transfer in [pq, hlg, pq] {
            let shown = mapper.standard(frame(Pixel::YUV420P10LE, [600, 480, 560], transfer)).ok().unwrap();
            assert_eq!(first_levels(&shown), alone(transfer));
        }
        assert!(alone(pq) != alone(hlg));
    }
}
