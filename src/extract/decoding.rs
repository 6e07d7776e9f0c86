//! A thread that decodes ahead of inference, through a bounded queue of pictures that are used again and again.

use std::path::Path;
use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::settings::TimeRange;
use crate::image::RgbImage;
use crate::video::{FrameTime, VideoError, VideoReader};

/// A decoded frame on its way to inference. Return its picture with [`DecodedFrames::recycle`].
pub struct DecodedFrame {
    /// Its place in the video.
    pub time: FrameTime,
    /// The picture; unspecified where there is a fault.
    pub picture: RgbImage,
    /// Why there is no picture; this frame only is concerned.
    pub fault: Option<VideoError>,
}

/// The frames of a video, decoded ahead.
pub struct DecodedFrames {
    frames: Receiver<DecodedFrame>,
    free: Sender<RgbImage>,
}

/// What decoding came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecodingSummary {
    /// Frames decoded from the start of the video.
    pub n_decoded: u64,
    /// Packets and stretches of the file that gave no picture.
    pub n_damaged: u64,
}

impl DecodedFrames {
    /// The next frame in display order; `None` after the last.
    #[must_use]
    pub fn next(&self) -> Option<DecodedFrame> {
        self.frames.recv().ok()
    }

    /// Gives a picture's memory back to the decoder.
    pub fn recycle(&self, picture: RgbImage) {
        // The decoder may be done: then the memory is no longer needed.
        drop(self.free.try_send(picture));
    }
}

/// What of a video is decoded into pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection {
    /// The part that is asked for.
    pub range: TimeRange,
    /// Frames before this one are done.
    pub first_frame_idx: u32,
}

/// Starts decoding `path` in a thread named for it, at most `frames_ahead` pictures ahead. Dropping the frames ends it.
///
/// # Errors
/// The file cannot be opened, or the thread not be started.
pub fn decode_ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    path: &Path,
    selection: Selection,
    frames_ahead: usize,
    threads: usize,
) -> Result<(DecodedFrames, ScopedJoinHandle<'scope, DecodingSummary>), VideoError> {
    let reader = VideoReader::open(path, threads)?;
    // One picture more than the queue holds is in the worker's hands.
    let (free, free_pictures) = bounded(frames_ahead + 1);
    for _ in 0..=frames_ahead {
        drop(free.try_send(RgbImage::default()));
    }
    let (sender, frames) = bounded(frames_ahead);
    let handle = std::thread::Builder::new()
        .name("decode".to_owned())
        .spawn_scoped(scope, move || decode_all(reader, selection, &sender, &free_pictures))
        .map_err(|source| VideoError::Io { path: path.to_path_buf(), source })?;
    Ok((DecodedFrames { frames, free }, handle))
}

fn decode_all(
    mut reader: VideoReader,
    selection: Selection,
    frames: &Sender<DecodedFrame>,
    free: &Receiver<RgbImage>,
) -> DecodingSummary {
    let mut n_decoded = 0;
    while let Some(time) = reader.next_frame() {
        if selection.range.is_after(time.time_s) {
            break;
        }
        n_decoded += 1;
        if selection.range.is_before(time.time_s) || time.frame_idx < selection.first_frame_idx {
            continue;
        }
        let Ok(mut picture) = free.recv() else { break };
        let fault = reader.picture(&mut picture).err();
        if frames.send(DecodedFrame { time, picture, fault }).is_err() {
            break;
        }
    }
    DecodingSummary { n_decoded, n_damaged: reader.damage_count() }
}
