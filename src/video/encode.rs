//! Encodes pictures to one part of a video, which can be decoded by itself. `video/assemble.rs` joins parts.

use std::fmt;
use std::path::{Path, PathBuf};

use ffmpeg::codec::{self, encoder};
use ffmpeg::format::context::Output;
use ffmpeg::util::format::Pixel;
use ffmpeg::util::frame;
use ffmpeg::{Dictionary, Packet, Rational};
use ffmpeg_next as ffmpeg;

use super::clock::TimeBase;
use super::color_tags::ColorTags;
use super::error::EncodeError;
use crate::image::yuv::{YuvColors, YuvImage};

/// The codec of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// H.264 in MP4: plays everywhere.
    #[default]
    H264,
    /// H.265 in MP4: smaller, slower.
    H265,
    /// VP9 in `WebM`.
    Vp9,
    /// AV1 in MP4.
    Av1,
}

impl VideoCodec {
    /// The names of all codecs.
    pub const NAMES: [&'static str; 4] = ["h264", "h265", "vp9", "av1"];

    /// Finds the codec of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let codecs = [Self::H264, Self::H265, Self::Vp9, Self::Av1];
        Self::NAMES.iter().position(|&known| known == name).map(|index| codecs[index])
    }

    /// The file extension for the codec.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::H264 | Self::H265 | Self::Av1 => "mp4",
            Self::Vp9 => "webm",
        }
    }

    pub(super) fn encoder_name(self) -> &'static str {
        match self {
            Self::H264 => "libx264",
            Self::H265 => "libx265",
            Self::Vp9 => "libvpx-vp9",
            Self::Av1 => "libsvtav1",
        }
    }

    /// The default quality, on the codec's own scale: no difference is visible at a glance.
    #[must_use]
    pub fn usual_crf(self) -> u8 {
        match self {
            Self::H264 => 20,
            Self::H265 => 23,
            Self::Vp9 => 31,
            Self::Av1 => 32,
        }
    }
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::NAMES[*self as usize])
    }
}

/// Settings of an encoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncoderSettings {
    /// The codec.
    pub codec: VideoCodec,
    /// Constant quality on the codec's own scale; a lower value gives better quality and larger files.
    pub crf: u8,
    /// Width and height of all pictures, even.
    pub size_px: [usize; 2],
    /// The meaning of the values of all pictures.
    pub colors: YuvColors,
    /// The time base of time stamps.
    pub time_base: TimeBase,
    /// Approximate frames per second: sets the distance between keyframes.
    pub rate_hz: f64,
    /// Limit on the encoder's memory.
    pub effort: Effort,
}

/// How many pictures the encoder keeps: more pictures make files smaller and keep all cores busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// The encoder's own default.
    Full,
    /// No look-ahead.
    Lean,
    /// Two threads share each picture; one picture is out of order.
    Small,
    /// One thread; every picture in order.
    Least,
}

impl Effort {
    /// All values, the one that takes most memory first.
    pub const ALL: [Self; 4] = [Self::Full, Self::Lean, Self::Small, Self::Least];

    /// Memory that the encoder takes for each pixel of a picture, bytes: measured with x264 at 3840 x 2160 on two
    /// cores, rounded up. The other encoders have no such switches; they are assumed to need the maximum of x264.
    #[must_use]
    pub fn bytes_per_pixel(self, codec: VideoCodec) -> u64 {
        match (codec, self) {
            (VideoCodec::H264, Self::Lean) => 70,
            (VideoCodec::H264, Self::Small) => 31,
            (VideoCodec::H264, Self::Least) => 21,
            _ => 105,
        }
    }

    fn threads(self) -> i32 {
        match self {
            Self::Full => 0,
            Self::Lean | Self::Small => 2,
            Self::Least => 1,
        }
    }
}

/// Seconds between keyframes: determines how exactly players can seek.
const KEYFRAME_INTERVAL_S: f64 = 2.0;

impl EncoderSettings {
    /// Pictures between keyframes.
    #[must_use]
    pub fn keyframe_interval(&self) -> u32 {
        (self.rate_hz * KEYFRAME_INTERVAL_S).round().clamp(1.0, 600.0) as u32
    }

    fn options(&self) -> Dictionary<'static> {
        let mut options = Dictionary::new();
        let mut set = |name: &str, value: &str| options.set(name, value);
        set("crf", &self.crf.to_string());
        match self.codec {
            VideoCodec::H264 => {
                set("preset", "veryfast");
                match self.effort {
                    Effort::Full => {}
                    Effort::Lean => set("rc-lookahead", "0"),
                    Effort::Small => {
                        set("x264-params", "sliced-threads=1:rc-lookahead=0:sync-lookahead=0:bframes=1");
                    }
                    Effort::Least => set("x264-params", "rc-lookahead=0:sync-lookahead=0:bframes=0"),
                }
            }
            VideoCodec::H265 => {
                set("preset", "veryfast");
                set("x265-params", "log-level=none");
            }
            VideoCodec::Vp9 => {
                set("deadline", "realtime");
                set("cpu-used", "6");
                set("row-mt", "1");
            }
            VideoCodec::Av1 => set("preset", "10"),
        }
        options
    }
}

/// Settings passed to an encoder.
struct StreamSettings {
    encoder_name: &'static str,
    size_px: [usize; 2],
    colors: YuvColors,
    time_base: TimeBase,
    rate_hz: f64,
    /// Pictures between keyframes.
    gop: u32,
    /// 0 lets the encoder choose.
    threads: i32,
    options: Dictionary<'static>,
}

/// Writes one part.
pub struct PartWriter {
    path: PathBuf,
    output: Output,
    encoder: encoder::video::Encoder,
    encoder_name: &'static str,
    frame: frame::Video,
    stream_base: Rational,
    frame_base: Rational,
}

/// The container of parts: it keeps any time base, and time stamps exact to the tick.
const PART_FORMAT: &str = "nut";

impl PartWriter {
    /// Begins a part at `path`.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn create(path: &Path, settings: &EncoderSettings) -> Result<Self, EncodeError> {
        let mut muxer = Dictionary::new();
        // Decoding times begin before the first picture; the muxer must not shift time stamps because of that.
        muxer.set("avoid_negative_ts", "disabled");
        let stream = StreamSettings {
            encoder_name: settings.codec.encoder_name(),
            size_px: settings.size_px,
            colors: settings.colors,
            time_base: settings.time_base,
            rate_hz: settings.rate_hz,
            gop: settings.keyframe_interval(),
            threads: settings.effort.threads(),
            options: settings.options(),
        };
        Self::open(path, PART_FORMAT, muxer, stream)
    }

    fn open(
        path: &Path,
        format: &str,
        muxer: Dictionary<'static>,
        settings: StreamSettings,
    ) -> Result<Self, EncodeError> {
        let StreamSettings { encoder_name, size_px: [width, height], colors, time_base, .. } = settings;
        let found = encoder::find_by_name(encoder_name).ok_or(EncodeError::NoEncoder { encoder: encoder_name })?;
        let mut output = open_output(path, format)?;
        let refused = |source| EncodeError::Refused { encoder: encoder_name, width, height, source };
        let mut context = codec::Context::new_with_codec(found).encoder().video().map_err(refused)?;
        let frame_base = Rational(time_base.numerator, time_base.denominator);
        context.set_width(width as u32);
        context.set_height(height as u32);
        context.set_format(Pixel::YUV420P);
        context.set_time_base(frame_base);
        context.set_frame_rate(Some(Rational::from(settings.rate_hz)));
        context.set_gop(settings.gop);
        // SAFETY: the context is valid, unshared and not open yet.
        unsafe {
            let context = context.as_mut_ptr();
            // The encoder's own flags include closed groups of pictures, without which seeking fails in players.
            (*context).flags |= codec::Flags::GLOBAL_HEADER.bits() as i32;
            (*context).thread_count = settings.threads;
            ColorTags::of(colors).set_on_context(context);
        }
        let encoder = context.open_with(settings.options).map_err(refused)?;
        let write_error = |source| EncodeError::Write { path: path.to_path_buf(), source };
        let mut stream = output.add_stream(found).map_err(write_error)?;
        stream.set_parameters(codec::Parameters::from(&encoder));
        stream.set_time_base(frame_base);
        output.write_header_with(muxer).map_err(write_error)?;
        let stream_base = output.stream(0).map_or(frame_base, |stream| stream.time_base());
        let mut frame = frame::Video::new(Pixel::YUV420P, width as u32, height as u32);
        ColorTags::of(colors).set_on(&mut frame);
        Ok(Self { path: path.to_path_buf(), output, encoder, encoder_name, frame, stream_base, frame_base })
    }

    /// Adds a picture of the size and colors given in the settings. Time stamps must increase.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn write(&mut self, picture: &YuvImage, ticks: i64) -> Result<(), EncodeError> {
        let refused = |source| EncodeError::Refused {
            encoder: self.encoder_name,
            width: picture.width(),
            height: picture.height(),
            source,
        };
        // SAFETY: the frame is valid and unshared. An encoder that still reads it keeps its memory, and the frame gets
        // new memory.
        let outcome = unsafe { ffmpeg::ffi::av_frame_make_writable(self.frame.as_mut_ptr()) };
        if outcome < 0 {
            return Err(refused(outcome.into()));
        }
        let planes =
            [(&picture.luma, picture.width()), (&picture.cb, picture.width() / 2), (&picture.cr, picture.width() / 2)];
        for (index, (plane, width)) in planes.into_iter().enumerate() {
            let stride = self.frame.stride(index);
            let rows = self.frame.data_mut(index).chunks_mut(stride).zip(plane.chunks_exact(width));
            rows.for_each(|(target, row)| target[..width].copy_from_slice(row));
        }
        self.frame.set_pts(Some(ticks));
        // The encoder chooses the type; it would take the decoder's picture type as a request.
        self.frame.set_kind(ffmpeg::picture::Type::None);
        self.encoder.send_frame(&self.frame).map_err(refused)?;
        self.write_packets()
    }

    fn write_packets(&mut self) -> Result<(), EncodeError> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            packet.set_stream(0);
            packet.rescale_ts(self.frame_base, self.stream_base);
            packet
                .write_interleaved(&mut self.output)
                .map_err(|source| EncodeError::Write { path: self.path.clone(), source })?;
        }
        Ok(())
    }

    /// Finishes the part.
    ///
    /// # Errors
    /// See [`EncodeError`].
    pub fn finish(mut self) -> Result<(), EncodeError> {
        let write_error = |source| EncodeError::Write { path: self.path.clone(), source };
        self.encoder.send_eof().map_err(write_error)?;
        self.write_packets()?;
        close_output(&mut self.output).map_err(|source| EncodeError::Write { path: self.path.clone(), source })
    }
}

/// Writes pictures as one animated `WebP` that repeats forever; each picture is shown for its duration, in seconds.
///
/// # Errors
/// See [`EncodeError`].
pub fn encode_animation(path: &Path, pictures: &[&YuvImage], durations_s: &[f64]) -> Result<(), EncodeError> {
    let Some(first) = pictures.first() else { return Ok(()) };
    let mut options = Dictionary::new();
    options.set("quality", "75");
    let settings = StreamSettings {
        encoder_name: "libwebp_anim",
        size_px: [first.width(), first.height()],
        colors: first.colors,
        time_base: TimeBase { numerator: 1, denominator: 1000 },
        rate_hz: 25.0,
        gop: 0,
        threads: 1,
        options,
    };
    let mut muxer = Dictionary::new();
    muxer.set("loop", "0");
    let mut writer = PartWriter::open(path, "webp", muxer, settings)?;
    let mut time_s = 0.0;
    for (picture, duration_s) in pictures.iter().zip(durations_s) {
        writer.write(picture, (time_s * 1000.0_f64).round() as i64)?;
        time_s += duration_s;
    }
    writer.finish()
}

/// Opens a file for writing in a container format.
pub(super) fn open_output(path: &Path, format: &str) -> Result<Output, EncodeError> {
    let name = path.to_str().ok_or_else(|| EncodeError::NameNotUtf8 { path: path.to_path_buf() })?;
    // The scheme prevents FFmpeg from taking names such as `a:b.mp4` for a protocol.
    ffmpeg::format::output_as(&format!("file:{name}"), format)
        .map_err(|source| EncodeError::Write { path: path.to_path_buf(), source })
}

/// Writes the end of a file and checks that all of it was written.
pub(super) fn close_output(output: &mut Output) -> Result<(), ffmpeg::Error> {
    output.write_trailer()?;
    // SAFETY: the context is valid and owns its file, which is flushed and whose first error is read.
    let error = unsafe {
        let file = (*output.as_mut_ptr()).pb;
        if file.is_null() {
            0
        } else {
            ffmpeg::ffi::avio_flush(file);
            (*file).error
        }
    };
    if error < 0 { Err(error.into()) } else { Ok(()) }
}
