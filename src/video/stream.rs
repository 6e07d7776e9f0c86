//! The properties of a video's main stream that decoding needs, and the source of its packets.

use std::path::Path;

use ffmpeg::codec::decoder;
use ffmpeg::ffi::AVRational;
use ffmpeg::util::frame;
use ffmpeg::{Packet, codec, threading};
use ffmpeg_next as ffmpeg;

use super::clock::{TimeBase, TimeSource};
use super::error::VideoError;
use super::index::KeyPacket;
use super::input::Input;
use super::orientation::Orientation;
use super::random_access::{KeyJudge, NalCodec};

/// A source of the packets of a main stream.
pub(super) trait PacketSource: Send {
    /// The next packet; `None` at the end. Damaged sections are skipped.
    fn next_packet(&mut self) -> Option<Packet>;
    /// Checks after the last packet that the storage still answers: if it does not, the file seems to end.
    ///
    /// # Errors
    /// [`VideoError::Stalled`].
    fn check(&self) -> Result<(), VideoError>;
    /// Seeks to a position from which a key packet can be decoded, or to an earlier one; `false` if that is not
    /// possible.
    fn seek(&mut self, key: &KeyPacket) -> bool;
    /// Number of sections of the file that could not be read so far.
    fn read_errors(&self) -> u64;
    /// Memory for finding packets, bytes.
    fn index_bytes(&self) -> u64;
}

/// The properties of a main stream except its packets: copied from the container, and independent of it.
pub(super) struct MainStream {
    parameters: Parameters,
    /// The source of the times.
    pub(super) time_source: TimeSource,
    /// Seconds per tick of the time stamps.
    pub(super) seconds_per_tick: f64,
    /// The time base of the time stamps.
    pub(super) time_base: TimeBase,
    /// The declared frame rate, Hz: the average if known, else the demuxer's guess.
    pub(super) declared_rate_hz: Option<f64>,
    /// The rotation of stored pixels for display, according to the container.
    pub(super) orientation: Orientation,
    /// Width of a pixel divided by its height according to the container; 0 if unknown.
    pixel_aspect: AVRational,
    /// Whether the container describes an encryption.
    has_encryption: bool,
}

/// Sample descriptions of encrypted tracks in MP4: common encryption, and Apple's.
const ENCRYPTED_TAGS: [&[u8; 4]; 2] = [b"encv", b"drmi"];

struct Parameters(codec::Parameters);

// SAFETY: the parameters are not shared, and after copying they are only read.
unsafe impl Sync for Parameters {}

impl MainStream {
    /// Copies the properties of a stream; `None` if there is no such stream.
    pub(super) fn of(input: &mut Input, stream_index: usize, time_source: TimeSource) -> Option<Self> {
        let stream = input.stream(stream_index)?;
        let base = stream.time_base();
        let seconds = f64::from(base);
        let rates = [stream.avg_frame_rate(), stream.rate()];
        let is_usable = base.numerator() > 0 && base.denominator() > 0;
        let time_base = TimeBase { numerator: base.numerator(), denominator: base.denominator() };
        let mut side_data = stream.side_data();
        let has_encryption =
            stream.side_data().any(|data| data.kind() == codec::packet::side_data::Type::EncryptionInitInfo);
        let matrix = side_data.find(|data| data.kind() == codec::packet::side_data::Type::DisplayMatrix);
        let orientation =
            matrix.map_or_else(Orientation::default, |data| Orientation::from_display_matrix(data.data()));
        Some(Self {
            parameters: Parameters(stream.parameters().clone()),
            time_source,
            seconds_per_tick: if seconds.is_finite() && seconds > 0.0 { seconds } else { 1e-6 },
            time_base: if is_usable { time_base } else { TimeBase::USUAL },
            declared_rate_hz: rates
                .into_iter()
                .filter(|rate| rate.numerator() > 0 && rate.denominator() > 0)
                .map(f64::from)
                .next(),
            orientation,
            has_encryption,
            // SAFETY: context, stream and frame are valid; FFmpeg only reads them, whatever its signature says.
            pixel_aspect: unsafe {
                let context = input.as_mut_ptr();
                let stream = *(*context).streams.add(stream_index);
                ffmpeg::ffi::av_guess_sample_aspect_ratio(context, stream, frame::Video::empty().as_mut_ptr())
            },
        })
    }

    /// The stream's codec.
    pub(super) fn codec_id(&self) -> codec::Id {
        self.parameters.0.id()
    }

    /// Whether the stream is interlaced according to the container, or to the first packets.
    pub(super) fn is_declared_interlaced(&self) -> bool {
        use ffmpeg::ffi::AVFieldOrder::{AV_FIELD_BB, AV_FIELD_BT, AV_FIELD_TB, AV_FIELD_TT};
        // SAFETY: the parameters are valid; a field is read.
        let order = unsafe { (*self.parameters.0.as_ptr()).field_order };
        matches!(order, AV_FIELD_TT | AV_FIELD_BB | AV_FIELD_TB | AV_FIELD_BT)
    }

    /// The stored size of the pictures; `None` if it is unknown.
    pub(super) fn size_px(&self) -> Option<[i32; 2]> {
        // SAFETY: the parameters are valid; two fields are read.
        let [width, height] = unsafe {
            let parameters = self.parameters.0.as_ptr();
            [(*parameters).width, (*parameters).height]
        };
        (width > 0 && height > 0).then_some([width, height])
    }

    /// Whether the packets are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        // SAFETY: the parameters are valid; a number is read.
        let tag = unsafe { (*self.parameters.0.as_ptr()).codec_tag };
        self.has_encryption || ENCRYPTED_TAGS.contains(&&tag.to_le_bytes())
    }

    /// The judge that checks key packets by their data; `None` if the container can be trusted.
    pub(super) fn key_judge(&self) -> Option<KeyJudge> {
        let codec = match self.codec_id() {
            codec::Id::H264 => NalCodec::H264,
            codec::Id::HEVC => NalCodec::Hevc,
            _ => return None,
        };
        // SAFETY: the parameters are valid and own `extradata_size` bytes, if any.
        let extradata = unsafe {
            let parameters = self.parameters.0.as_ptr();
            match usize::try_from((*parameters).extradata_size) {
                Ok(size) if !(*parameters).extradata.is_null() => {
                    std::slice::from_raw_parts((*parameters).extradata, size)
                }
                _ => &[],
            }
        };
        Some(KeyJudge::new(codec, extradata))
    }

    /// Opens a decoder with `threads` threads.
    pub(super) fn decoder(&self, path: &Path, threads: usize) -> Result<decoder::Video, VideoError> {
        let codec = self.codec_id().name().to_owned();
        let decoder_error = |source| VideoError::Decoder { path: path.to_path_buf(), codec: codec.clone(), source };
        let mut context = codec::Context::from_parameters(self.parameters.0.clone()).map_err(decoder_error)?;
        // Exact cropping on the left, even if it is not a multiple of the vector size.
        context.set_flags(codec::Flags::UNALIGNED);
        context.set_threading(threading::Config { count: threads, ..threading::Config::kind(threading::Type::Frame) });
        context.decoder().video().map_err(decoder_error)
    }

    /// Number of pictures that the decoder keeps as references, plus one being decoded and one that the caller holds.
    pub(super) fn reference_pictures(&self, decoder: &decoder::Video) -> u32 {
        let references = match self.codec_id() {
            // The number of reference slots is a constant of these formats.
            codec::Id::VP8 => 4,
            codec::Id::VP9 | codec::Id::AV1 => 8,
            // Known for certain only after the first frame is decoded; most encoders use up to four.
            _ => decoder.references().clamp(4, 16) as u32,
        };
        references + 2
    }

    /// Width of a pixel divided by its height, from the container, else from the frame; 1 if neither gives it.
    pub(super) fn pixel_aspect(&self, frame: &frame::Video) -> f64 {
        let aspect = if self.pixel_aspect.num == 0 {
            // SAFETY: the frame is valid; FFmpeg only reads it, whatever its signature says, and needs no container for
            // that.
            unsafe {
                let (no_context, no_stream) = (std::ptr::null_mut(), std::ptr::null_mut());
                ffmpeg::ffi::av_guess_sample_aspect_ratio(no_context, no_stream, frame.as_ptr().cast_mut())
            }
        } else {
            self.pixel_aspect
        };
        let ratio = f64::from(aspect.num) / f64::from(aspect.den);
        // Ratios outside this range come from broken headers, not from lenses.
        if (0.1..=10.0).contains(&ratio) { ratio } else { 1.0 }
    }
}
