//! Opening a file with FFmpeg: demuxer, main video stream, decoder. Shared by probing and decoding.

use std::ffi::CString;
use std::path::Path;

use ffmpeg::codec::decoder;
use ffmpeg::format::context::Input;
use ffmpeg::format::stream::{Disposition, Stream};
use ffmpeg::util::frame;
use ffmpeg::{Dictionary, Packet, codec, media, threading};
use ffmpeg_next as ffmpeg;

use super::clock::{TimeBase, TimeSource};
use super::error::VideoError;
use super::identity;
use super::index::PacketHeader;
use super::orientation::Orientation;
use super::random_access::{KeyJudge, NalCodec};

/// Errors of the demuxer that are survived in a row; a file that gives more has ended.
const MAX_CONSECUTIVE_READ_ERRORS: usize = 100;

/// A file opened for reading its main video stream.
pub(super) struct Container {
    input: Input,
    stream_index: usize,
    file_bytes: u64,
    read_errors: u64,
}

impl Container {
    /// Opens `path` and picks the main video stream; sound and attached cover pictures are none. The demuxer decodes first
    /// frames where the header leaves out what they look like: some 20 ms for a large picture, 5 MB at most.
    pub(super) fn open(path: &Path) -> Result<Self, VideoError> {
        let mut input = open_header(path)?;
        // SAFETY: the context is valid and unshared; without options for its streams.
        let outcome = unsafe { ffmpeg::ffi::avformat_find_stream_info(input.as_mut_ptr(), std::ptr::null_mut()) };
        if outcome < 0 {
            return Err(VideoError::Unreadable { path: path.to_path_buf(), source: outcome.into() });
        }
        Self::of(input, path)
    }

    /// Opens `path` for what its header says, which for most containers includes the size of the pictures and for none their
    /// pixel format. Reads on where the header does not say even that.
    pub(super) fn open_briefly(path: &Path) -> Result<Self, VideoError> {
        match Self::of(open_header(path)?, path) {
            Ok(container) if container.has_size() => Ok(container),
            _ => Self::open(path),
        }
    }

    fn of(input: Input, path: &Path) -> Result<Self, VideoError> {
        let stream_index =
            main_video_stream(&input).ok_or_else(|| VideoError::NoVideoStream { path: path.to_path_buf() })?;
        let file_bytes = identity::stamp(path)?.size_bytes;
        Ok(Self { input, stream_index, file_bytes, read_errors: 0 })
    }

    fn has_size(&self) -> bool {
        self.stream().is_some_and(|stream| {
            // SAFETY: the stream's parameters live as long as the stream; two fields are read.
            let [width, height] = unsafe {
                let parameters = stream.parameters();
                [(*parameters.as_ptr()).width, (*parameters.as_ptr()).height]
            };
            width > 0 && height > 0
        })
    }

    /// What judges key packets by their data; `None` where the container can be believed.
    pub(super) fn key_judge(&self) -> Option<KeyJudge> {
        let parameters = self.stream()?.parameters();
        let codec = match parameters.id() {
            codec::Id::H264 => NalCodec::H264,
            codec::Id::HEVC => NalCodec::Hevc,
            _ => return None,
        };
        // SAFETY: the parameters live as long as the stream and own `extradata_size` bytes, if any.
        let extradata = unsafe {
            let parameters = parameters.as_ptr();
            match usize::try_from((*parameters).extradata_size) {
                Ok(size) if !(*parameters).extradata.is_null() => {
                    std::slice::from_raw_parts((*parameters).extradata, size).to_vec()
                }
                _ => Vec::new(),
            }
        };
        Some(KeyJudge::new(codec, &extradata))
    }

    /// Goes to where decoding of the key packet with this decoding stamp can begin, or to before it.
    pub(super) fn seek(&mut self, decoding_ticks: i64) -> bool {
        let Ok(stream) = i32::try_from(self.stream_index) else { return false };
        // SAFETY: the context is valid and unshared, and has this stream.
        let outcome = unsafe {
            let backward = ffmpeg::ffi::AVSEEK_FLAG_BACKWARD;
            ffmpeg::ffi::av_seek_frame(self.input.as_mut_ptr(), stream, decoding_ticks, backward)
        };
        outcome >= 0
    }

    /// Whether the container and its codec let packets stand for frames, and decoding begin within.
    pub(super) fn can_be_entered(&self) -> bool {
        // VP8 has packets without a frame, and the container does not say which.
        let has_a_frame_a_packet = self.stream().is_some_and(|stream| stream.parameters().id() != codec::Id::VP8);
        // SAFETY: the context is valid; a pointer, which may be null, and a field behind it are read.
        let is_seekable = unsafe {
            let file = (*self.input.as_ptr()).pb;
            !file.is_null() && (*file).seekable & ffmpeg::ffi::AVIO_SEEKABLE_NORMAL != 0
        };
        has_a_frame_a_packet && is_seekable && self.time_source() == TimeSource::Container && !self.is_still()
    }

    /// The main video stream.
    pub(super) fn stream(&self) -> Option<Stream<'_>> {
        self.input.stream(self.stream_index)
    }

    /// Whether the file also holds sound.
    pub(super) fn has_audio(&self) -> bool {
        self.input.streams().any(|stream| stream.parameters().medium() == media::Type::Audio)
    }

    /// A decoder for the main stream with `threads` threads.
    pub(super) fn decoder(&self, path: &Path, threads: usize) -> Result<decoder::Video, VideoError> {
        let no_stream = || VideoError::NoVideoStream { path: path.to_path_buf() };
        let parameters = self.stream().ok_or_else(no_stream)?.parameters();
        let codec = parameters.id().name().to_owned();
        let decoder_error = |source| VideoError::Decoder { path: path.to_path_buf(), codec: codec.clone(), source };
        let mut context = codec::Context::from_parameters(parameters).map_err(decoder_error)?;
        // Exact cropping on the left, where it is no multiple of the vector size.
        context.set_flags(codec::Flags::UNALIGNED);
        context.set_threading(threading::Config { count: threads, ..threading::Config::kind(threading::Type::Frame) });
        context.decoder().video().map_err(decoder_error)
    }

    /// The next packet of the main stream; `None` at the end. Damaged stretches are skipped.
    pub(super) fn next_packet(&mut self) -> Option<Packet> {
        let mut consecutive_errors = 0;
        while consecutive_errors < MAX_CONSECUTIVE_READ_ERRORS {
            let mut packet = Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream_index => return Some(packet),
                Ok(()) => consecutive_errors = 0,
                Err(ffmpeg::Error::Eof) => return None,
                Err(_) => {
                    self.read_errors += 1;
                    consecutive_errors += 1;
                }
            }
        }
        None
    }

    /// Stretches of the file that could not be read so far.
    pub(super) fn read_errors(&self) -> u64 {
        self.read_errors
    }

    /// Pictures that the decoder keeps to decode others, and one in its hands and one in ours.
    pub(super) fn reference_pictures(&self, decoder: &decoder::Video) -> u32 {
        let codec = self.stream().map(|stream| stream.parameters().id());
        let references = match codec {
            // Their reference slots are a constant of the format.
            Some(codec::Id::VP8) => 4,
            Some(codec::Id::VP9 | codec::Id::AV1) => 8,
            // Known for certain only when the first frame is decoded; most encoders use up to four.
            _ => decoder.references().clamp(4, 16) as u32,
        };
        references + 2
    }

    /// What FFmpeg keeps of the container's own index while the file is open, bytes: in MP4 some 80 for each frame, so 17 MB
    /// of two hours. A header may claim any number of frames, but none is smaller than a few bytes of the file.
    pub(super) fn index_bytes(&self) -> u64 {
        const BYTES_PER_FRAME: u64 = 80;
        const SMALLEST_FRAME_BYTES: u64 = 32;
        self.estimated_frames().min(self.file_bytes / SMALLEST_FRAME_BYTES) * BYTES_PER_FRAME
    }

    /// Seconds per tick of the main stream's time stamps.
    pub(super) fn seconds_per_tick(&self) -> f64 {
        let base = self.stream().map_or(ffmpeg::Rational(0, 1), |stream| stream.time_base());
        let seconds = f64::from(base);
        if seconds.is_finite() && seconds > 0.0 { seconds } else { 1e-6 }
    }

    /// The time base of the main stream's time stamps.
    pub(super) fn time_base(&self) -> TimeBase {
        let base = self.stream().map_or(ffmpeg::Rational(0, 0), |stream| stream.time_base());
        let is_usable = base.numerator() > 0 && base.denominator() > 0;
        if is_usable {
            TimeBase { numerator: base.numerator(), denominator: base.denominator() }
        } else {
            TimeBase::USUAL
        }
    }

    /// The stream's declared frame rate, Hz: the average where it is known, else the demuxer's guess.
    pub(super) fn declared_rate_hz(&self) -> Option<f64> {
        let stream = self.stream()?;
        let rates = [stream.avg_frame_rate(), stream.rate()];
        rates.into_iter().filter(|rate| rate.numerator() > 0 && rate.denominator() > 0).map(f64::from).next()
    }

    /// Frames that the container promises, as far as it was read; 0 where it says nothing.
    pub(super) fn promised_frames(&self) -> u64 {
        // MP4 lists every sample, also those of fragments; the counts in its other headers are claims that nothing bears out.
        if self.input.format().name().contains("mp4") { self.indexed_frames() } else { self.declared_frames() }
    }

    /// The number of frames in the stream's header; 0 where it has none.
    fn declared_frames(&self) -> u64 {
        self.stream().and_then(|stream| u64::try_from(stream.frames()).ok()).unwrap_or_default()
    }

    fn indexed_frames(&self) -> u64 {
        // SAFETY: context and stream live as long as `self.input`; a count is read.
        let count = unsafe {
            let stream = *(*self.input.as_ptr()).streams.add(self.stream_index);
            ffmpeg::ffi::avformat_index_get_entries_count(stream)
        };
        u64::try_from(count).unwrap_or_default()
    }

    /// Whether each packet that is to be shown holds one picture: not so in codecs with hidden pictures, nor where the two
    /// fields of a picture may come apart.
    pub(super) fn has_a_picture_per_packet(&self) -> bool {
        let Some(parameters) = self.stream().map(|stream| stream.parameters()) else { return false };
        // SAFETY: the parameters live as long as `self.input`; a number is read.
        let field_order = unsafe { (*parameters.as_ptr()).field_order };
        matches!(parameters.id(), codec::Id::H264 | codec::Id::HEVC)
            && field_order == ffmpeg::ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE
    }

    /// Frames by the header, else by duration and rate; 0 where neither is known.
    pub(super) fn estimated_frames(&self) -> u64 {
        let declared = self.declared_frames();
        if declared > 0 {
            return declared;
        }
        let duration_s = self.input.duration() as f64 / f64::from(ffmpeg::ffi::AV_TIME_BASE);
        self.declared_rate_hz().map_or(0, |rate_hz| (duration_s.max(0.0) * rate_hz).round() as u64)
    }

    /// Where this container's times come from.
    pub(super) fn time_source(&self) -> TimeSource {
        // SAFETY: the context and its demuxer live as long as `self.input`; a flag is read.
        let has_no_times = unsafe {
            let format = (*self.input.as_ptr()).iformat;
            !format.is_null() && (*format).flags & ffmpeg::ffi::AVFMT_NOTIMESTAMPS != 0
        };
        // Elementary streams are parsed, not stamped: their demuxers are flagged as without an index of times.
        if has_no_times || is_elementary(self.input.format().name()) {
            TimeSource::StreamRate
        } else {
            TimeSource::Container
        }
    }

    /// Whether the file is a still picture.
    pub(super) fn is_still(&self) -> bool {
        let format = self.input.format();
        let name = format.name();
        name.contains("image2") || (name.ends_with("_pipe") && name != "gif_pipe")
    }

    /// Width of a pixel over its height, from the container where it says so, else from the frame; 1 where neither does.
    pub(super) fn pixel_aspect(&mut self, frame: &frame::Video) -> f64 {
        let index = self.stream_index;
        // SAFETY: context, stream and frame are valid; FFmpeg reads them only, whatever its signature says.
        let aspect = unsafe {
            let context = self.input.as_mut_ptr();
            let stream = *(*context).streams.add(index);
            ffmpeg::ffi::av_guess_sample_aspect_ratio(context, stream, frame.as_ptr().cast_mut())
        };
        let ratio = f64::from(aspect.num) / f64::from(aspect.den);
        // Ratios beyond this are broken headers, not lenses.
        if (0.1..=10.0).contains(&ratio) { ratio } else { 1.0 }
    }

    /// How the container says that stored pixels are turned for display.
    pub(super) fn orientation(&self) -> Orientation {
        let Some(stream) = self.stream() else { return Orientation::default() };
        let mut side_data = stream.side_data();
        let matrix = side_data.find(|data| data.kind() == codec::packet::side_data::Type::DisplayMatrix);
        matrix.map_or_else(Orientation::default, |data| Orientation::from_display_matrix(data.data()))
    }
}

/// Opens a file for its packets, whatever streams it has.
pub(super) fn open_input(path: &Path) -> Result<Input, ffmpeg::Error> {
    let mut input = open_header(path).map_err(|error| match error {
        VideoError::Unreadable { source, .. } => source,
        _ => ffmpeg::Error::InvalidData,
    })?;
    // SAFETY: the context is valid and unshared; without options for its streams.
    let outcome = unsafe { ffmpeg::ffi::avformat_find_stream_info(input.as_mut_ptr(), std::ptr::null_mut()) };
    if outcome < 0 { Err(outcome.into()) } else { Ok(input) }
}

/// What a packet's header says.
pub(super) fn header(packet: &Packet) -> PacketHeader {
    // SAFETY: the packet is valid; a flag is read. It marks what an edit list hides.
    let is_hidden = unsafe { (*ffmpeg::packet::Ref::as_ptr(packet)).flags & ffmpeg::ffi::AV_PKT_FLAG_DISCARD != 0 };
    PacketHeader {
        presentation_ticks: packet.pts(),
        decoding_ticks: packet.dts(),
        is_key: packet.is_key(),
        is_clean: true,
        is_shown: !is_hidden,
    }
}

fn open_header(path: &Path) -> Result<Input, VideoError> {
    if identity::stamp(path)?.size_bytes == 0 {
        return Err(VideoError::Empty { path: path.to_path_buf() });
    }
    let not_utf8 = || VideoError::NameNotUtf8 { path: path.to_path_buf() };
    let name = path.to_str().ok_or_else(not_utf8)?;
    // The scheme keeps names such as `a:b.mp4` from being taken for a protocol, the list keeps playlists from reaching out to
    // the network.
    let url = CString::new(format!("file:{name}")).map_err(|_| not_utf8())?;
    let mut options = Dictionary::new();
    options.set("protocol_whitelist", "file");
    // A still named `shot%02d.png` is that file, not a series.
    options.set("pattern_type", "none");
    let mut input = std::ptr::null_mut();
    // SAFETY: the name ends with NUL; the options are given away and what is left of them is taken back; on success the context
    // is valid and nobody else's.
    let outcome = unsafe {
        let mut options = options.disown();
        let no_format = std::ptr::null_mut();
        let outcome = ffmpeg::ffi::avformat_open_input(&raw mut input, url.as_ptr(), no_format, &raw mut options);
        drop(Dictionary::own(options));
        outcome
    };
    if outcome < 0 {
        return Err(VideoError::Unreadable { path: path.to_path_buf(), source: outcome.into() });
    }
    // SAFETY: as above.
    Ok(unsafe { Input::wrap(input) })
}

/// Demuxers of raw streams, whose times FFmpeg makes up from a rate.
fn is_elementary(format_name: &str) -> bool {
    const ELEMENTARY: [&str; 12] =
        ["h264", "hevc", "m4v", "mpegvideo", "mjpeg", "av1", "obu", "h263", "h261", "vc1", "dirac", "rawvideo"];
    ELEMENTARY.contains(&format_name)
}

/// FFmpeg's choice, or where that is a cover picture the first real video stream.
fn main_video_stream(input: &Input) -> Option<usize> {
    let is_real = |stream: &Stream<'_>| {
        stream.parameters().medium() == media::Type::Video && !stream.disposition().contains(Disposition::ATTACHED_PIC)
    };
    let best = input.streams().best(media::Type::Video).filter(is_real);
    best.or_else(|| input.streams().find(is_real)).map(|stream| stream.index())
}
