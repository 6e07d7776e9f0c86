//! Reading videos: finding, identifying, probing and decoding files. The only module that uses FFmpeg.
//!
//! Frames are returned as a player would show them (rotation, aspect, colors), numbered from 0 in display order, with
//! the container's presentation times and those of the athlete ([`footage`]). Nothing here is computed from a frame rate
//! unless a stream carries no times.

mod appearance;
pub mod assemble;
mod bwdif;
mod capture_tags;
pub mod clock;
mod color_tags;
mod container;
mod content;
mod convert;
pub mod decode;
mod deinterlace;
mod diagnosis;
pub mod direct;
pub mod discover;
pub mod encode;
pub mod error;
mod extensions;
pub mod fields;
pub mod footage;
mod hdr;
pub mod identity;
pub mod index;
pub mod info;
mod input;
#[cfg(target_arch = "x86_64")]
mod mixing;
pub mod orientation;
pub mod packet_table;
pub mod picture;
mod planar;
pub mod probe;
pub mod random_access;
pub mod sequence;
mod storage;
mod stream;
mod yuv;

pub use appearance::DecoderShape;
pub use decode::{FrameTime, VideoReader};
pub use direct::DirectStream;
pub use error::VideoError;
pub use footage::{Footage, Reading};
pub use index::{EntryPoint, SegmentIndex};
pub use info::VideoInfo;
pub use picture::DecodedPicture;
pub use probe::{Outline, Probe, UnprobedVideo, outline, probe};
pub use storage::hurry;

/// Initializes FFmpeg. FFmpeg prints its own messages to standard error only if `is_verbose` is set: posekit's errors
/// include the important ones.
///
/// # Errors
/// FFmpeg could not be initialized.
pub fn initialize(is_verbose: bool) -> Result<(), error::InitializeError> {
    use ffmpeg_next::util::log::{Level, set_level};
    ffmpeg_next::init()?;
    set_level(if is_verbose { Level::Warning } else { Level::Quiet });
    Ok(())
}

/// Checks that interlaced video can be read.
///
/// # Errors
/// FFmpeg's filter library is missing; the text says why.
pub fn check_deinterlacer() -> Result<(), String> {
    bwdif::check()
}

/// The version of FFmpeg's codec library at run time, such as `59.37.100`.
#[must_use]
pub fn libavcodec_version() -> String {
    let version = ffmpeg_next::codec::version();
    format!("{}.{}.{}", version >> 16, (version >> 8) & 0xff, version & 0xff)
}

/// The version of FFmpeg at run time in its developers' numbering, such as `5.1.8-0+deb12u1`.
#[must_use]
pub fn ffmpeg_version() -> String {
    // SAFETY: a static, NUL-terminated string.
    let text = unsafe { std::ffi::CStr::from_ptr(ffmpeg_next::ffi::av_version_info()) };
    text.to_string_lossy().into_owned()
}
