//! Opens a file with FFmpeg: demuxer and main video stream. Shared by probing and decoding.

use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;

use ffmpeg::format::stream::{Disposition, Stream};
use ffmpeg::{Dictionary, Packet, codec, media};
use ffmpeg_next as ffmpeg;

use super::clock::TimeSource;
use super::diagnosis;
use super::error::VideoError;
use super::identity;
use super::index::{KeyPacket, PacketHeader};
use super::input::{Input, OpenError};
use super::sequence::Sequence;
use super::storage::{StorageFile, within_limit};
use super::stream::{MainStream, PacketSource};

/// Consecutive read errors that are tolerated; after more errors the file counts as ended.
pub(super) const MAX_CONSECUTIVE_READ_ERRORS: usize = 100;

/// A file opened for reading its main video stream.
pub(super) struct Container {
    input: Input,
    stream_index: usize,
    main_stream: Arc<MainStream>,
    file_bytes: u64,
    read_errors: u64,
    /// Number of pictures of a sequence; `None` for a file.
    n_pictures: Option<u64>,
}

/// A file whose header is read.
struct Opened {
    input: Input,
    file_bytes: u64,
    /// Number of pictures of a sequence; `None` for a file.
    n_pictures: Option<u64>,
}

impl Container {
    /// Opens `path` and picks the main video stream; sound and attached cover pictures do not count. If the header does
    /// not describe the pictures, the demuxer decodes the first frames: some 20 ms for a large picture, 5 MB at most.
    pub(super) fn open(path: &Path) -> Result<Self, VideoError> {
        let mut opened = open_header(path)?;
        find_streams(&mut opened.input, path)?;
        Self::of(opened, path)
    }

    /// Opens `path` and reads its header only. For most containers the header includes the size of the pictures, for
    /// none their pixel format. If the size is missing, the function reads on.
    pub(super) fn open_briefly(path: &Path) -> Result<Self, VideoError> {
        match Self::of(open_header(path)?, path) {
            Ok(container) if container.main_stream.size_px().is_some() => Ok(container),
            Err(stalled @ VideoError::Stalled { .. }) => Err(stalled),
            _ => Self::open(path),
        }
    }

    fn of(Opened { mut input, file_bytes, n_pictures }: Opened, path: &Path) -> Result<Self, VideoError> {
        let no_stream = || VideoError::NoVideoStream { path: path.to_path_buf() };
        let stream_index = main_video_stream(&input).ok_or_else(no_stream)?;
        let time_source = time_source(&input);
        let main_stream = MainStream::of(&mut input, stream_index, time_source).ok_or_else(no_stream)?;
        if main_stream.is_encrypted() {
            return Err(VideoError::Encrypted { path: path.to_path_buf() });
        }
        let main_stream = Arc::new(main_stream);
        Ok(Self { input, stream_index, main_stream, file_bytes, read_errors: 0, n_pictures })
    }

    /// Whether decoding can begin within the video: it is a sequence of pictures, or each packet stands for one frame,
    /// the file can be seeked, times come from the container, and the file is not a still.
    pub(super) fn can_be_entered(&self) -> bool {
        if self.n_pictures.is_some() {
            return true;
        }
        // VP8 has packets without a frame, and the container does not mark them.
        let has_a_frame_a_packet = self.main_stream.codec_id() != codec::Id::VP8;
        // SAFETY: the context is valid; a pointer, which may be null, and a field behind it are read.
        let is_seekable = unsafe {
            let file = (*self.input.as_ptr()).pb;
            !file.is_null() && (*file).seekable & ffmpeg::ffi::AVIO_SEEKABLE_NORMAL != 0
        };
        has_a_frame_a_packet
            && is_seekable
            && self.main_stream.time_source != TimeSource::StreamRate
            && !self.is_still()
    }

    /// The known properties of the main video stream.
    pub(super) fn main_stream(&self) -> &Arc<MainStream> {
        &self.main_stream
    }

    fn stream(&self) -> Option<Stream<'_>> {
        self.input.stream(self.stream_index)
    }

    /// Whether the file also holds sound.
    pub(super) fn has_audio(&self) -> bool {
        self.input.streams().any(|stream| stream.parameters().medium() == media::Type::Audio)
    }

    /// Number of frames that the container promises, as far as it was read; 0 if it gives none.
    pub(super) fn promised_frames(&self) -> u64 {
        if let Some(n_pictures) = self.n_pictures {
            return n_pictures;
        }
        // MP4 lists every sample, including those of fragments. The counts in its other headers are not backed by
        // anything.
        if self.input.format().name().contains("mp4") { self.indexed_frames() } else { self.declared_frames() }
    }

    /// The number of frames in the stream's header; 0 if missing.
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

    /// Whether each packet that is to be shown holds exactly one picture. This is false for codecs with hidden
    /// pictures, and for streams whose packets may hold single fields of a picture.
    pub(super) fn has_a_picture_per_packet(&self) -> bool {
        let Some(parameters) = self.stream().map(|stream| stream.parameters()) else { return false };
        // SAFETY: the parameters live as long as `self.input`; a number is read.
        let field_order = unsafe { (*parameters.as_ptr()).field_order };
        matches!(parameters.id(), codec::Id::H264 | codec::Id::HEVC)
            && field_order == ffmpeg::ffi::AVFieldOrder::AV_FIELD_PROGRESSIVE
    }

    /// Number of frames from the header, else from duration and rate; 0 if neither is known.
    pub(super) fn estimated_frames(&self) -> u64 {
        let declared = self.n_pictures.unwrap_or_else(|| self.declared_frames());
        if declared > 0 {
            return declared;
        }
        let duration_s = self.file_duration_s();
        self.main_stream.declared_rate_hz.map_or(0, |rate_hz| (duration_s.max(0.0) * rate_hz).round() as u64)
    }

    /// Duration from the stream's header, else from the file's, seconds; `None` if neither gives one.
    pub(super) fn declared_duration_s(&self) -> Option<f64> {
        let of_stream = self.stream().filter(|stream| stream.duration() > 0).map(|stream| {
            let base = stream.time_base();
            stream.duration() as f64 * f64::from(base.numerator()) / f64::from(base.denominator().max(1))
        });
        of_stream.or_else(|| Some(self.file_duration_s()).filter(|&duration_s| duration_s > 0.0))
    }

    fn file_duration_s(&self) -> f64 {
        self.input.duration() as f64 / f64::from(ffmpeg::ffi::AV_TIME_BASE)
    }

    /// FFmpeg's name of the container.
    pub(super) fn format_name(&self) -> String {
        self.input.format().name().to_owned()
    }

    /// A tag of the file or of the main stream.
    pub(super) fn tag(&self, name: &str) -> Option<String> {
        let of_file = self.input.metadata().get(name).map(ToOwned::to_owned);
        of_file.or_else(|| self.stream().and_then(|stream| stream.metadata().get(name).map(ToOwned::to_owned)))
    }

    /// Whether the file is a still picture, or several stills joined.
    pub(super) fn is_still(&self) -> bool {
        self.n_pictures.is_none() && is_picture_format(self.input.format().name())
    }
}

impl PacketSource for Container {
    fn next_packet(&mut self) -> Option<Packet> {
        next_packet(&mut self.input, self.stream_index, &mut self.read_errors)
    }

    fn seek(&mut self, key: &KeyPacket) -> bool {
        let Ok(stream) = i32::try_from(self.stream_index) else { return false };
        // SAFETY: the context is valid and unshared, and has this stream.
        let outcome = unsafe {
            let backward = ffmpeg::ffi::AVSEEK_FLAG_BACKWARD;
            ffmpeg::ffi::av_seek_frame(self.input.as_mut_ptr(), stream, key.decoding_ticks, backward)
        };
        outcome >= 0
    }

    fn check(&self) -> Result<(), VideoError> {
        self.input.check()
    }

    fn read_errors(&self) -> u64 {
        self.read_errors
    }

    /// Memory of FFmpeg's copy of the container's index while the file is open: in MP4 some 80 bytes for each frame, so
    /// 17 MB for two hours. A header may claim any number of frames, but each frame takes at least a few bytes of the
    /// file.
    fn index_bytes(&self) -> u64 {
        const BYTES_PER_FRAME: u64 = 80;
        const SMALLEST_FRAME_BYTES: u64 = 32;
        self.estimated_frames().min(self.file_bytes / SMALLEST_FRAME_BYTES) * BYTES_PER_FRAME
    }
}

/// Opens a file for reading packets, whatever streams it has.
pub(super) fn open_input(path: &Path) -> Result<Input, VideoError> {
    let Opened { mut input, .. } = open_header(path)?;
    find_streams(&mut input, path)?;
    Ok(input)
}

/// Reads as much of a file as is needed to know its streams.
fn find_streams(input: &mut Input, path: &Path) -> Result<(), VideoError> {
    // SAFETY: the context is valid and unshared; no options are passed for its streams.
    let outcome = unsafe { ffmpeg::ffi::avformat_find_stream_info(input.as_mut_ptr(), std::ptr::null_mut()) };
    // A stall passes for the end of the file.
    input.check()?;
    if outcome < 0 { Err(unreadable(path, outcome.into())) } else { Ok(()) }
}

/// The next packet of a stream; `None` at the end. Damaged sections are skipped and counted in `read_errors`.
pub(super) fn next_packet(input: &mut Input, stream_index: usize, read_errors: &mut u64) -> Option<Packet> {
    let mut consecutive_errors = 0;
    while consecutive_errors < MAX_CONSECUTIVE_READ_ERRORS {
        let mut packet = Packet::empty();
        match packet.read(input) {
            Ok(()) if packet.stream() == stream_index => return Some(packet),
            Ok(()) => consecutive_errors = 0,
            Err(ffmpeg::Error::Eof) => return None,
            Err(_) => {
                *read_errors += 1;
                consecutive_errors += 1;
            }
        }
    }
    None
}

/// Extracts the header of a packet.
pub(super) fn header(packet: &Packet) -> PacketHeader {
    // SAFETY: the packet is valid; a flag is read. The flag marks packets that an edit list hides.
    let is_hidden = unsafe { (*ffmpeg::packet::Ref::as_ptr(packet)).flags & ffmpeg::ffi::AV_PKT_FLAG_DISCARD != 0 };
    PacketHeader {
        presentation_ticks: packet.pts(),
        decoding_ticks: packet.dts(),
        is_key: packet.is_key(),
        is_clean: true,
        is_shown: !is_hidden,
    }
}

fn open_header(path: &Path) -> Result<Opened, VideoError> {
    let of_thread = path.to_path_buf();
    let listing = within_limit(path, &|| true, move |_| Sequence::at(&of_thread))?;
    let sequence = listing.flatten();
    let first = sequence.as_ref().and_then(|sequence| sequence.files().next());
    let file = StorageFile::open(first.as_deref().unwrap_or(path))?;
    let file_bytes = if sequence.is_some() { identity::stamp(path)?.size_bytes } else { file.size_bytes() };
    if file_bytes == 0 {
        return Err(VideoError::Empty { path: path.to_path_buf() });
    }
    let not_utf8 = || VideoError::NameNotUtf8 { path: path.to_path_buf() };
    let mut options = Dictionary::new();
    options.set("protocol_whitelist", "file");
    let name = if let Some(sequence) = &sequence {
        options.set("pattern_type", "sequence");
        options.set("start_number", &sequence.first.to_string());
        sequence.for_ffmpeg()
    } else {
        // A still named `shot%02d.png` is that one file, not a series.
        options.set("pattern_type", "none");
        path.to_str().map(str::to_owned)
    };
    // The scheme prevents FFmpeg from taking names such as `a:b.mp4` for a protocol. The list prevents playlists from
    // accessing the network.
    let url = name.and_then(|name| CString::new(format!("file:{name}")).ok()).ok_or_else(not_utf8)?;
    let format = match &sequence {
        // SAFETY: the name ends with NUL; formats are static.
        Some(_) => unsafe { ffmpeg::ffi::av_find_input_format(c"image2".as_ptr()) },
        None => std::ptr::null(),
    };
    let input = Input::open(path, &url, file, format, options).map_err(|error| match error {
        OpenError::Stalled(stalled) => stalled,
        OpenError::Ffmpeg(source) => unreadable(path, source),
    })?;
    Ok(Opened { input, file_bytes, n_pictures: sequence.map(|sequence| sequence.len()) })
}

/// The error about a file that FFmpeg does not open.
fn unreadable(path: &Path, source: ffmpeg::Error) -> VideoError {
    let path = path.to_path_buf();
    if diagnosis::is_unfinished_mp4(&path) {
        VideoError::Unfinished { path }
    } else {
        VideoError::Unreadable { path, source }
    }
}

/// The source of a container's times.
fn time_source(input: &Input) -> TimeSource {
    // SAFETY: the context and its demuxer live as long as `input`; a flag is read.
    let has_no_times = unsafe {
        let format = (*input.as_ptr()).iformat;
        !format.is_null() && (*format).flags & ffmpeg::ffi::AVFMT_NOTIMESTAMPS != 0
    };
    match input.format().name() {
        // Elementary streams are parsed and carry no stamps: their demuxers are flagged as having no index of times.
        name if has_no_times || is_elementary(name) || is_picture_format(name) => TimeSource::StreamRate,
        name if COUNTING.contains(&name) => TimeSource::HeaderRate,
        _ => TimeSource::Container,
    }
}

/// Containers that number their frames. FFmpeg computes times from the numbers and the rate in the header.
const COUNTING: [&str; 3] = ["avi", "cine", "yuv4mpegpipe"];

/// Whether a demuxer reads pictures without times, one or more; by FFmpeg's name.
pub(super) fn is_picture_format(name: &str) -> bool {
    name.contains("image2") || name == "ico" || (name.ends_with("_pipe") && name != "gif_pipe")
}

/// Demuxers of raw streams. FFmpeg derives their times from a rate.
fn is_elementary(format_name: &str) -> bool {
    const ELEMENTARY: [&str; 12] =
        ["h264", "hevc", "m4v", "mpegvideo", "mjpeg", "av1", "obu", "h263", "h261", "vc1", "dirac", "rawvideo"];
    ELEMENTARY.contains(&format_name)
}

/// The stream that FFmpeg chooses; if that is a cover picture, the first real video stream.
pub(super) fn main_video_stream(input: &Input) -> Option<usize> {
    let is_real = |stream: &Stream<'_>| {
        stream.parameters().medium() == media::Type::Video && !stream.disposition().contains(Disposition::ATTACHED_PIC)
    };
    let best = input.streams().best(media::Type::Video).filter(is_real);
    best.or_else(|| input.streams().find(is_real)).map(|stream| stream.index())
}
