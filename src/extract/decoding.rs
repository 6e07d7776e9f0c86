//! A thread that decodes ahead of inference, through a bounded queue.

use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::settings::TimeRange;
use crate::memory::budget::{Budget, Lease};
use crate::memory::plan::VideoNeed;
use crate::video::{DecodedPicture, FrameTime, VideoError, VideoReader};

/// A decoded frame on its way to inference. Drop it as soon as its picture is used: decoding may wait for its memory.
pub struct DecodedFrame {
    /// Its place in the video.
    pub time: FrameTime,
    /// The picture, or why there is none; that concerns this frame only.
    pub picture: Result<DecodedPicture, VideoError>,
    /// Comes last, so that the picture is gone when its place is free.
    _place: Place,
}

/// The frames of a video, decoded ahead.
pub struct DecodedFrames {
    frames: Receiver<DecodedFrame>,
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
    mut reader: VideoReader,
    selection: Selection,
    ahead: &Ahead,
) -> std::io::Result<(DecodedFrames, ScopedJoinHandle<'scope, DecodingSummary>)> {
    let shape = reader.decoder_shape();
    let need = VideoNeed::of(shape.pictures, shape.decoded_bytes, shape.converted_bytes);
    // One picture more than the queue holds is in the worker's hands.
    let places =
        Places::new(ahead.frames + 1, need.picture_bytes, shape.converted_bytes.is_none(), ahead.budget.clone());
    let (sender, frames) = bounded(ahead.frames);
    let handle = std::thread::Builder::new()
        .name("decode".to_owned())
        .spawn_scoped(scope, move || decode_all(reader, selection, &sender, places))?;
    Ok((DecodedFrames { frames }, handle))
}

/// Pictures that the caller's lease covers: one at the decoder, one at the network.
const COVERED_PICTURES: usize = 2;

/// What covers the memory of a picture.
struct Cover {
    /// `None` where the caller's lease covers it.
    own: Option<Lease>,
}

/// The right to have one picture between decoder and network. Its cover goes home when it is dropped.
struct Place {
    cover: Option<Cover>,
    home: Sender<Cover>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(cover) = self.cover.take() {
            // The decoder may be done: then the lease ends here.
            drop(self.home.try_send(cover));
        }
    }
}

/// Hands out the places of a video.
struct Places {
    free: Receiver<Cover>,
    home: Sender<Cover>,
    handed_out: usize,
    most: usize,
    /// Of a picture.
    bytes: u64,
    /// Whether the decoder keeps the memory of a picture that nobody holds any more.
    is_pooled: bool,
    budget: Budget,
}

impl Places {
    fn new(most: usize, bytes: u64, is_pooled: bool, budget: Budget) -> Self {
        let (home, free) = bounded(most.max(COVERED_PICTURES));
        Self { free, home, handed_out: 0, most, bytes, is_pooled, budget }
    }

    /// Waits for a place.
    fn next(&mut self) -> Option<Place> {
        let cover = self.next_cover()?;
        Some(Place { cover: Some(cover), home: self.home.clone() })
    }

    fn next_cover(&mut self) -> Option<Cover> {
        if self.handed_out < COVERED_PICTURES.min(self.most) {
            self.handed_out += 1;
            return Some(Cover { own: None });
        }
        if let Ok(cover) = self.free.try_recv() {
            // Under pressure memory is given back where that frees it; the next place that comes home will do.
            let is_given_back = cover.own.is_some() && !self.is_pooled && self.budget.is_overdrawn();
            if !is_given_back {
                return Some(cover);
            }
            drop(cover);
            self.handed_out -= 1;
        } else if self.handed_out < self.most
            && let Some(lease) = self.budget.try_acquire(self.bytes)
        {
            self.handed_out += 1;
            return Some(Cover { own: Some(lease) });
        }
        self.free.recv().ok()
    }
}

fn decode_all(
    mut reader: VideoReader,
    selection: Selection,
    frames: &Sender<DecodedFrame>,
    mut places: Places,
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
        let Some(place) = places.next() else { break };
        let picture = reader.take_picture();
        if frames.send(DecodedFrame { time, picture, _place: place }).is_err() {
            break;
        }
    }
    DecodingSummary { n_decoded, n_damaged: reader.damage_count() }
}
