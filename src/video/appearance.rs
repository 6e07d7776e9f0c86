//! The properties of a video's pictures: the memory that they take, from the stream's header, and their appearance, from
//! the first frame.

use ffmpeg::codec::decoder;
use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg::util::frame::side_data;
use ffmpeg_next as ffmpeg;

use super::convert::Converter;
use super::fields;
use super::footage::Reading;
use super::hdr;
use super::index::FirstFrame;
use super::info::FieldOrder;
use super::orientation::Orientation;
use super::picture::is_readable;
use super::stream::MainStream;

/// Pictures that the deinterlacer keeps: three frames and the two pictures of one.
const DEINTERLACER_PICTURES: u32 = 5;

/// The pictures that a decoder keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecoderShape {
    /// Stored width, pixels.
    pub width: u32,
    /// Stored height, pixels.
    pub height: u32,
    /// Largest number of pictures.
    pub pictures: u32,
    /// Size of a decoded picture, bytes.
    pub decoded_bytes: u64,
    /// Size of a converted picture, bytes; `None` if there is no conversion.
    pub converted_bytes: Option<u64>,
    /// Memory for finding packets, bytes.
    pub index_bytes: u64,
}

/// The pictures that a decoder with `threads` threads keeps, according to the stream's header.
pub(super) fn decoder_shape(
    stream: &MainStream,
    decoder: &decoder::Video,
    threads: usize,
    index_bytes: u64,
) -> DecoderShape {
    let (width, height, format) = (decoder.width(), decoder.height(), decoder.format());
    let pixels = u64::from(width) * u64::from(height);
    let aspect = stream.pixel_aspect(&frame::Video::empty());
    let is_high = hdr::is_high(decoder.color_transfer_characteristic());
    // The format is unknown if only the header was read: most formats are readable.
    let is_converted = (format != Pixel::None && !is_readable(format)) || aspect != 1.0 || is_high;
    DecoderShape {
        width,
        height,
        pictures: stream.reference_pictures(decoder)
            + threads as u32
            + if stream.is_declared_interlaced() { DEINTERLACER_PICTURES } else { 0 },
        decoded_bytes: pixels * bits_per_pixel(format) / 8,
        converted_bytes: is_converted.then_some((pixels as f64 * 3.0 * aspect.max(1.0)) as u64),
        index_bytes,
    }
}

/// The appearance of a video's pictures, derived from its first frame.
pub(super) struct Appearance {
    pub(super) displayed_size: [usize; 2],
    pub(super) stored_size: [u32; 2],
    pub(super) first_frame: FirstFrame,
    pub(super) field_order: FieldOrder,
    pub(super) pixel_format: String,
    pub(super) transfer: Option<String>,
}

impl Appearance {
    /// The properties of the whole video that follow from its first frame.
    pub(super) fn of(stream: &MainStream, frame: &frame::Video, reading: Reading) -> Self {
        let converter = new_converter(stream, frame, reading);
        Self {
            displayed_size: converter.displayed_size(),
            stored_size: [frame.width(), frame.height()],
            first_frame: FirstFrame {
                // Without a stamp there is no index, because an index needs a stamp of every packet.
                half_ticks: frame.timestamp().map_or(i64::MIN, fields::half_ticks),
                upright_size_px: converter.upright_size(),
                orientation: converter.orientation(),
            },
            field_order: field_order_of(frame),
            pixel_format: pixel_format_name(frame),
            transfer: frame.color_transfer_characteristic().name().map(str::to_owned),
        }
    }
}

fn field_order_of(frame: &frame::Video) -> FieldOrder {
    match (frame.is_interlaced(), frame.is_top_first()) {
        (false, _) => FieldOrder::Progressive,
        (true, true) => FieldOrder::TopFirst,
        (true, false) => FieldOrder::BottomFirst,
    }
}

/// Returns the converter of a video's pictures, from its first frame.
pub(super) fn new_converter(stream: &MainStream, frame: &frame::Video, reading: Reading) -> Converter {
    let orientation = orientation_of(frame, stream.orientation);
    let orientation = if reading.is_mirrored { orientation.mirrored() } else { orientation };
    Converter::for_video_of(frame, stream.pixel_aspect(frame), orientation)
}

/// Stills carry their orientation (EXIF) with the frame, videos with the stream.
fn orientation_of(frame: &frame::Video, of_stream: Orientation) -> Orientation {
    let of_frame = frame.side_data(side_data::Type::DisplayMatrix);
    of_frame.map_or(of_stream, |matrix| Orientation::from_display_matrix(matrix.data()))
}

/// Bits per pixel in memory, including its share of the chroma.
fn bits_per_pixel(format: Pixel) -> u64 {
    /// 8-bit 4:2:0, by far the most frequent format, for headers that give none.
    const USUAL: u64 = 12;
    let Some(descriptor) = format.descriptor() else { return USUAL };
    // SAFETY: descriptors are static.
    let bits = unsafe { ffmpeg::ffi::av_get_padded_bits_per_pixel(descriptor.as_ptr()) };
    u64::try_from(bits).ok().filter(|&bits| bits > 0).unwrap_or(USUAL)
}

/// FFmpeg's name of a frame's pixel format.
pub(super) fn pixel_format_name(frame: &frame::Video) -> String {
    frame.format().descriptor().map_or_else(|| "unknown".to_owned(), |format| format.name().to_owned())
}
