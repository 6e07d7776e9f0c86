//! A thread that decodes ahead of inference, through a bounded queue of pictures that are used again and again.

use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::settings::TimeRange;
use crate::image::RgbImage;
use crate::memory::budget::{Budget, Lease};
use crate::memory::plan::VideoNeed;
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

/// How far decoding may go ahead, and with what memory.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// Pictures in the queue at most.
    pub frames: usize,
    /// Threads of the decoder.
    pub threads: usize,
    /// Where pictures beyond the first two take their memory from.
    pub budget: Budget,
}

/// Starts decoding in a thread named for it. Two pictures are covered by the caller's lease, more are used as the budget has
/// room. Dropping the frames ends it.
///
/// # Errors
/// The thread cannot be started.
pub fn decode_ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: VideoReader,
    selection: Selection,
    ahead: &Ahead,
) -> std::io::Result<(DecodedFrames, ScopedJoinHandle<'scope, DecodingSummary>)> {
    // One picture more than the queue holds is in the worker's hands.
    let (free, free_pictures) = bounded(ahead.frames + 1);
    let pictures = Pictures {
        free: free_pictures,
        unused: COVERED_PICTURES,
        most: ahead.frames + 1,
        budget: ahead.budget.clone(),
        leases: Vec::new(),
    };
    let (sender, frames) = bounded(ahead.frames);
    let handle = std::thread::Builder::new()
        .name("decode".to_owned())
        .spawn_scoped(scope, move || decode_all(reader, selection, &sender, pictures))?;
    Ok((DecodedFrames { frames, free }, handle))
}

/// Pictures that the caller's lease covers: one at the decoder, one at the network.
const COVERED_PICTURES: usize = 2;

/// Pictures that go round between decoder and worker.
struct Pictures {
    free: Receiver<RgbImage>,
    /// Covered pictures that were never asked for.
    unused: usize,
    most: usize,
    budget: Budget,
    /// Of the pictures beyond the covered ones.
    leases: Vec<Lease>,
}

impl Pictures {
    /// A picture to decode into; `None` when the worker is gone. `bytes` is the size of one.
    fn next(&mut self, bytes: u64) -> Option<RgbImage> {
        if self.unused > 0 {
            self.unused -= 1;
            return Some(RgbImage::default());
        }
        if let Ok(picture) = self.free.try_recv() {
            if !(self.budget.is_overdrawn() && self.leases.pop().is_some()) {
                return Some(picture);
            }
            // Given back under pressure, with its lease; the next one that comes round will do.
            drop(picture);
        } else if COVERED_PICTURES + self.leases.len() < self.most
            && let Some(lease) = self.budget.try_acquire(bytes)
        {
            self.leases.push(lease);
            return Some(RgbImage::default());
        }
        self.free.recv().ok()
    }
}

fn decode_all(
    mut reader: VideoReader,
    selection: Selection,
    frames: &Sender<DecodedFrame>,
    mut pictures: Pictures,
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
        let shape = reader.decoder_shape();
        let Some(mut picture) = pictures.next(VideoNeed::of(shape.width, shape.height, 0).picture_bytes) else { break };
        let fault = reader.picture(&mut picture).err();
        if frames.send(DecodedFrame { time, picture, fault }).is_err() {
            break;
        }
    }
    DecodingSummary { n_decoded, n_damaged: reader.damage_count() }
}
