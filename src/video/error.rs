//! What can be wrong with a video.

use std::path::{Path, PathBuf};

/// FFmpeg could not be initialized.
#[derive(Debug, thiserror::Error)]
#[error("FFmpeg cannot be initialized: {0}")]
pub struct InitializeError(#[from] ffmpeg_next::Error);

/// A video could not be read. Always about one file; the others are not concerned.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// The file system refused.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds nothing.
    #[error("{} is empty (0 bytes)", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// FFmpeg takes paths as text.
    #[error("the file name {path:?} is not valid UTF-8, which FFmpeg cannot open")]
    NameNotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// No demuxer makes sense of the file.
    #[error("{} is not a video that FFmpeg can open: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// Only sound, subtitles or cover pictures.
    #[error("{} has no video stream", path.display())]
    NoVideoStream {
        /// The file.
        path: PathBuf,
    },
    /// The codec is unknown to this FFmpeg, or its parameters are broken.
    #[error("{} is coded as {codec}, which cannot be decoded: {source}", path.display())]
    Decoder {
        /// The file.
        path: PathBuf,
        /// FFmpeg's name of the codec.
        codec: String,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// Decoding from within the video did not give the frame that should be there. Decoding from its start is what helps.
    #[error("{} cannot be decoded from frame {frame_idx} on", path.display())]
    NotAtEntryPoint {
        /// The file.
        path: PathBuf,
        /// The frame that decoding should have begun at.
        frame_idx: u32,
    },
    /// Demuxing worked, decoding gave nothing.
    #[error("no frame of {} could be decoded", path.display())]
    NoFrames {
        /// The file.
        path: PathBuf,
    },
    /// Somebody wrote into the file, or put another in its place, between its identification and its last frame.
    #[error("{} changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Its pictures do not fit into the memory that there is for them.
    #[error("the pictures of {} take at least {} MiB, more than --memory_limit leaves for them", path.display(), need_bytes >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What they take, bytes.
        need_bytes: u64,
    },
    /// The part that is asked for begins after the video's end.
    #[error("{} lasts {duration_s:.2} s: it has no frame in the part that is asked for", path.display())]
    OutsideRange {
        /// The file.
        path: PathBuf,
        /// Its duration, seconds.
        duration_s: f64,
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

/// A video could not be written. Always about one file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// This FFmpeg cannot write the codec.
    #[error("this FFmpeg has no encoder {encoder}")]
    NoEncoder {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
    },
    /// The encoder does not take these pictures or settings.
    #[error("the encoder {encoder} refuses pictures of {width}x{height}: {source}")]
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
    /// The file cannot be written: a full disk, no right to.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// FFmpeg takes paths as text.
    #[error("the file name {path:?} is not valid UTF-8, which FFmpeg cannot write")]
    NameNotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// A part that was written before cannot be read any more.
    #[error("{} cannot be read again: {source}", path.display())]
    Part {
        /// The file.
        path: PathBuf,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
}

impl EncodeError {
    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoEncoder { .. } => Some("choose another --codec, or install an FFmpeg that has it"),
            Self::Refused { .. } => Some("choose another --codec"),
            Self::Write { .. } => Some("check that there is room and that you may write there"),
            Self::NameNotUtf8 { .. } => Some("choose another --output"),
            Self::Part { .. } => Some("run the same command again"),
        }
    }
}

impl VideoError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), source }
    }

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } => Some("check that the file exists and that you may read it"),
            Self::Empty { .. } => Some("copy the file again: the transfer was probably cut off"),
            Self::NameNotUtf8 { .. } => Some("rename the file"),
            Self::Unreadable { .. } => Some(
                "the file is damaged, cut off or no video; try to play it, or to repair it with `ffmpeg -i FILE -c copy NEW`",
            ),
            Self::NoVideoStream { .. } => Some("sound files and cover pictures are not analyzed"),
            Self::Decoder { .. } => Some("convert it with `ffmpeg -i FILE -c:v libx264 NEW.mp4`"),
            Self::NoFrames { .. } | Self::NotAtEntryPoint { .. } => Some("the file is damaged; try to play it"),
            Self::Changed { .. } => Some("run the same command again when nobody writes to the file any more"),
            Self::TooLarge { .. } => Some("raise --memory_limit"),
            Self::OutsideRange { .. } => Some("choose another --start"),
            Self::Conversion { .. } => Some("convert it with `ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p NEW.mp4`"),
        }
    }
}
