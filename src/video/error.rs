//! Errors of reading and writing videos.

use std::path::{Path, PathBuf};

use super::storage::Stall;

/// FFmpeg could not be initialized.
#[derive(Debug, thiserror::Error)]
#[error("FFmpeg cannot be initialized: {0}")]
pub struct InitializeError(#[from] ffmpeg_next::Error);

/// A video could not be read. The error is always about one file; other files are not affected.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// The file system reported an error.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is empty.
    #[error("{} is empty (0 bytes)", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The path is a folder, a pipe or a device.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// A picture of a sequence is missing.
    #[error("the pictures of a sequence must have consecutive numbers, and {} is missing", path.display())]
    MissingPicture {
        /// The first picture that is missing.
        path: PathBuf,
    },
    /// An MP4 file has pictures, but no description of them yet.
    #[error("{} is not finished: the part that says where its pictures are (moov) is missing", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// Reading made no progress for a long time.
    #[error("reading {} has made no progress for {limit_s} s", path.display())]
    Stalled {
        /// The file.
        path: PathBuf,
        /// The time without progress, seconds.
        limit_s: u64,
    },
    /// The video track is encrypted.
    #[error("the video track of {} is encrypted (copy protection)", path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// An animated WebP picture, which this FFmpeg cannot decode.
    #[error("{} is an animated WebP picture, which this FFmpeg cannot decode", path.display())]
    AnimatedWebp {
        /// The file.
        path: PathBuf,
    },
    /// The file name is not valid UTF-8; FFmpeg takes paths as text.
    #[error("FFmpeg cannot open {path:?}: the file name is not valid UTF-8")]
    NameNotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// No demuxer recognizes the file.
    #[error("{} is not a video that FFmpeg can open: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// The file contains only sound, subtitles or cover pictures.
    #[error("{} has no video stream", path.display())]
    NoVideoStream {
        /// The file.
        path: PathBuf,
    },
    /// This FFmpeg does not know the codec, or the codec's parameters are broken.
    #[error("cannot decode {} (codec {codec}): {source}", path.display())]
    Decoder {
        /// The file.
        path: PathBuf,
        /// FFmpeg's name of the codec.
        codec: String,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// Decoding from within the video did not give the expected frame. Decoding from the start of the video helps.
    #[error("{} cannot be decoded from frame {frame_idx} on", path.display())]
    NotAtEntryPoint {
        /// The file.
        path: PathBuf,
        /// The frame at which decoding should have begun.
        frame_idx: u32,
    },
    /// Demuxing worked, but decoding gave no frame.
    #[error("no frame of {} could be decoded", path.display())]
    NoFrames {
        /// The file.
        path: PathBuf,
    },
    /// The file was modified or replaced between its identification and its last frame.
    #[error("{} changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The video's pictures do not fit into the memory available for them.
    #[error(
        "the pictures of {} take at least {} MiB, more than --memory_limit leaves for them",
        path.display(),
        need_bytes >> 20
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Memory that the pictures take, bytes.
        need_bytes: u64,
    },
    /// The requested part begins after the video's end.
    #[error("{} lasts {duration_s:.2} s: the requested part contains no frame", path.display())]
    OutsideRange {
        /// The file.
        path: PathBuf,
        /// Duration of the video, seconds.
        duration_s: f64,
    },
    /// FFmpeg's deinterlacing filter cannot be loaded, or does not accept the frames.
    #[error("{} is interlaced, and its fields cannot be separated: {reason}", path.display())]
    Deinterlacing {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A frame has a pixel format or size that cannot be converted.
    #[error("cannot convert a frame of {} ({format}, {width}x{height}) to RGB", path.display())]
    Conversion {
        /// The file.
        path: PathBuf,
        /// FFmpeg's name of the pixel format.
        format: String,
        /// Stored width, pixels.
        width: u32,
        /// Stored height, pixels.
        height: u32,
    },
}

/// A video could not be written. The error is always about one file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// This FFmpeg has no encoder for the codec.
    #[error("this FFmpeg has no {encoder} encoder")]
    NoEncoder {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
    },
    /// The encoder does not accept these pictures or settings.
    #[error("the encoder {encoder} does not accept pictures of {width}x{height}: {source}")]
    Refused {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// Width, pixels.
        width: usize,
        /// Height, pixels.
        height: usize,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// The file cannot be written, for example because the disk is full or permission is missing.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// The file name is not valid UTF-8; FFmpeg takes paths as text.
    #[error("FFmpeg cannot write {path:?}: the file name is not valid UTF-8")]
    NameNotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A part written earlier cannot be read back.
    #[error("{} cannot be read back: {source}", path.display())]
    Part {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// A file that is copied from cannot be read.
    #[error(transparent)]
    Source(VideoError),
}

impl EncodeError {
    /// What the user can do about the error, if known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoEncoder { .. } => Some("choose another --codec, or install an FFmpeg with that encoder"),
            Self::Refused { .. } => Some("choose another --codec"),
            Self::Write { .. } => Some("check the free disk space and the permissions of the folder"),
            Self::NameNotUtf8 { .. } => Some("choose another --output"),
            Self::Part { .. } => Some("run the same command again"),
            Self::Source(error) => error.hint(),
        }
    }
}

impl VideoError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        match Stall::of(&source) {
            Some(stall) => Self::stalled(path, stall),
            None => Self::Io { path: path.to_path_buf(), source },
        }
    }

    pub(super) fn stalled(path: &Path, stall: Stall) -> Self {
        Self::Stalled { path: path.to_path_buf(), limit_s: stall.limit_s }
    }

    /// What the user can do about the error, if known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => Some("check that the file exists and that you have permission to read it"),
            Self::Empty { .. } => Some("copy the file again: the transfer was probably cut off"),
            Self::NotAFile { .. } => Some("give the folder of your videos with --input, or a file with --video"),
            Self::MissingPicture { .. } => {
                Some("number the pictures without gaps; pictures that are named one by one with --video are stills")
            }
            Self::Unfinished { .. } => Some(
                "if it is still being recorded or copied, run the same command again later; \
                 a recording that was cut off can be repaired with the program untrunc",
            ),
            Self::Stalled { .. } => Some("check the drive or the network, then run the same command again"),
            Self::Encrypted { .. } => Some("use a copy without copy protection"),
            Self::AnimatedWebp { .. } => Some("convert it, for example with ImageMagick: `magick FILE.webp NEW.gif`"),
            Self::NameNotUtf8 { .. } => Some("rename the file"),
            Self::Unreadable { .. } => Some(
                "the file is damaged, truncated or not a video; try to play it, \
                 or repair it with `ffmpeg -i FILE -c copy NEW`",
            ),
            Self::NoVideoStream { .. } => Some("sound files and cover pictures are not extracted"),
            Self::Decoder { .. } => Some("convert it with `ffmpeg -i FILE -c:v libx264 NEW.mp4`"),
            Self::NoFrames { .. } | Self::NotAtEntryPoint { .. } => Some("the file is damaged; try to play it"),
            Self::Changed { .. } => Some("run the same command again when no program writes to the file any more"),
            Self::TooLarge { .. } => Some("raise --memory_limit"),
            Self::OutsideRange { .. } => Some("choose another --start"),
            Self::Deinterlacing { .. } => Some(
                "install FFmpeg's libavfilter (Debian 12: apt-get install libavfilter8), \
                 or take the frames as they are stored: --deinterlace off",
            ),
            Self::Conversion { .. } => Some("convert it with `ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p NEW.mp4`"),
        }
    }
}
