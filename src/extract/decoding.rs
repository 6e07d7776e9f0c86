//! A thread that decodes ahead of inference, through a bounded queue.

use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::cores::{Claim, Cores};
use super::memory_plan::VideoNeed;
use super::schedule::AfterSegment;
use super::settings::PoseSettings;
use super::spec::{SegmentsSpec, UnitRecord};
use super::unit::Dispatcher;
use crate::memory::budget::{Budget, Lease};
use crate::video::{DecodedPicture, DecoderShape, FrameTime, VideoError, VideoReader};

/// A decoded frame on its way to inference. Drop it as soon as its picture is used: decoding may wait for its memory.
pub struct DecodedFrame {
    /// Its place in the video.
    pub time: FrameTime,
    /// The picture, or why there is none; that concerns this frame only.
    pub picture: Result<DecodedPicture, VideoError>,
    /// Comes last, so that the picture is gone when its place is free.
    _place: Place,
}

/// What comes from the decoder.
pub enum Delivery {
    /// The next frame in display order.
    Frame(DecodedFrame),
    /// All frames of a segment have come.
    SegmentEnd {
        /// Whether the frame after it is the one that the index says.
        is_as_indexed: bool,
    },
}

/// The frames of a unit, decoded ahead.
pub struct Deliveries {
    queue: Receiver<Delivery>,
    /// Lets a decoder go on that has gone far enough ahead.
    go_on: Sender<()>,
    few: usize,
}

impl Deliveries {
    /// What comes next; `None` after the last.
    #[must_use]
    pub fn next(&self) -> Option<Delivery> {
        let delivery = self.queue.recv().ok();
        if self.queue.len() <= self.few {
            // Where it has been told already, once is enough.
            let _ = self.go_on.try_send(());
        }
        delivery
    }
}

/// A decoder that has filled the queue rests until no more than one in so many of its pictures is left. Its core is free for the
/// networks meanwhile; waking for every single picture it would be in their way each time.
const RESTS_UNTIL_ONE_IN: usize = 4;

/// The memory that a video's frames need.
#[must_use]
pub fn need_of(shape: DecoderShape) -> VideoNeed {
    let pictures = VideoNeed::of(shape.pictures, shape.decoded_bytes, shape.converted_bytes);
    VideoNeed { decoder_bytes: pictures.decoder_bytes + shape.index_bytes, ..pictures }
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
    /// Who wants cores.
    pub cores: Cores,
}

/// Starts decoding a unit in a thread named for it. Two pictures are covered by the caller's lease, more are used as the
/// budget has room. Dropping the deliveries ends it.
///
/// # Errors
/// The thread cannot be started.
pub fn decode_ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: VideoReader,
    unit: &'scope SegmentsSpec,
    ahead: &Ahead,
    dispatcher: &'scope dyn Dispatcher,
) -> std::io::Result<(Deliveries, ScopedJoinHandle<'scope, UnitRecord>)> {
    let shape = reader.decoder_shape();
    let need = need_of(shape);
    // One picture more than the queue holds is in the worker's hands.
    let places =
        Places::new(ahead.frames + 1, need.picture_bytes, shape.converted_bytes.is_none(), ahead.budget.clone());
    let (sender, queue) = bounded(ahead.frames);
    let (go_on, told_to_go_on) = bounded(1);
    let few = ahead.frames / RESTS_UNTIL_ONE_IN;
    let claim = Some(ahead.cores.claim());
    let rest = Rest { cores: ahead.cores.clone(), claim, told_to_go_on, few };
    let decoding = Decoding { reader, unit, dispatcher, sender, places, rest, segment: None };
    let handle = std::thread::Builder::new().name("decode".to_owned()).spawn_scoped(scope, move || decoding.run())?;
    Ok((Deliveries { queue, go_on, few }, handle))
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

    /// Waits for a place; the core is free meanwhile.
    fn next(&mut self, rest: &mut Rest) -> Option<Place> {
        let cover = match self.free_cover() {
            Some(cover) => cover,
            None => rest.during(|| self.free.recv().ok())?,
        };
        Some(Place { cover: Some(cover), home: self.home.clone() })
    }

    fn free_cover(&mut self) -> Option<Cover> {
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
        None
    }
}

/// When the decoder rests, and gives its core up.
struct Rest {
    cores: Cores,
    claim: Option<Claim>,
    told_to_go_on: Receiver<()>,
    few: usize,
}

impl Rest {
    /// Does something that is mostly waiting.
    fn during<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        self.claim = None;
        let outcome = wait();
        self.claim = Some(self.cores.claim());
        outcome
    }

    /// Where the queue is full, waits until few deliveries are left in it. `None` where nobody wants more.
    fn after<T>(&mut self, queue: &Sender<T>) -> Option<()> {
        if !queue.is_full() {
            return Some(());
        }
        let (told_to_go_on, few) = (self.told_to_go_on.clone(), self.few);
        self.during(|| {
            // It may have been told before the queue was full.
            while queue.len() > few {
                told_to_go_on.recv().ok()?;
            }
            Some(())
        })
    }
}

/// The decoder's thread.
struct Decoding<'a> {
    reader: VideoReader,
    unit: &'a SegmentsSpec,
    dispatcher: &'a dyn Dispatcher,
    sender: Sender<Delivery>,
    places: Places,
    rest: Rest,
    /// The segment in work, once there is a frame of it.
    segment: Option<u32>,
}

impl Decoding<'_> {
    fn run(mut self) -> UnitRecord {
        let mut record = UnitRecord::default();
        self.decode(&mut record);
        record.n_damaged = self.reader.damage_count();
        record
    }

    /// Decodes until the end of the unit, or of the video.
    fn decode(&mut self, record: &mut UnitRecord) {
        let PoseSettings { range, segment_frames, .. } = self.unit.pose;
        while let Some(time) = self.reader.next_frame() {
            let segment = time.frame_idx / segment_frames;
            if segment < self.unit.first_segment {
                continue;
            }
            record.has_frames = true;
            if self.segment.is_some_and(|known| known != segment)
                && self.end_segment(self.is_as_indexed(segment)).is_none()
            {
                return;
            }
            if range.is_after(time.time_s) {
                // Where the range ends within the index, the frames up to there were as it says.
                self.end_segment(true);
                return;
            }
            self.segment = Some(segment);
            if !range.is_before(time.time_s) && self.deliver(time).is_none() {
                return;
            }
        }
        let is_as_indexed =
            self.unit.index.as_ref().is_some_and(|index| index.n_frames() == self.reader.next_frame_idx());
        self.end_segment(is_as_indexed);
    }

    /// Whether the frame that was decoded last is the one with which the index lets `segment` begin.
    fn is_as_indexed(&self, segment: u32) -> bool {
        let entry = self.unit.index.as_ref().and_then(|index| index.entry(segment as usize));
        entry.is_some_and(|entry| Some(entry.ticks) == self.reader.last_ticks())
    }

    /// Lets the segment in work be sealed; `None` where the next one is not this unit's.
    fn end_segment(&mut self, is_as_indexed: bool) -> Option<()> {
        let after = self.dispatcher.after_segment(is_as_indexed);
        if after == AfterSegment::Void {
            return None;
        }
        self.sender.send(Delivery::SegmentEnd { is_as_indexed }).ok()?;
        (after == AfterSegment::GoOn).then_some(())
    }

    fn deliver(&mut self, time: FrameTime) -> Option<()> {
        let place = self.places.next(&mut self.rest)?;
        let picture = self.reader.take_picture();
        self.sender.send(Delivery::Frame(DecodedFrame { time, picture, _place: place })).ok()?;
        self.rest.after(&self.sender)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits for what another thread is about to do.
    fn eventually(is_so: impl Fn() -> bool) -> bool {
        (0..5000).any(|_| {
            is_so() || {
                std::thread::sleep(std::time::Duration::from_millis(1));
                false
            }
        })
    }

    #[test]
    fn a_decoder_rests_from_a_full_queue_until_few_deliveries_are_left() {
        let cores = Cores::new(1);
        let (sender, queue) = bounded(4);
        let (go_on, told_to_go_on) = bounded(1);
        let deliveries = Deliveries { queue, go_on, few: 1 };
        let mut rest = Rest { cores: cores.clone(), claim: Some(cores.claim()), told_to_go_on, few: 1 };
        std::thread::scope(|scope| {
            let decoder = scope.spawn(move || {
                let deliver = |_| {
                    sender.send(Delivery::SegmentEnd { is_as_indexed: true }).ok()?;
                    rest.after(&sender)
                };
                (0..100).map_while(deliver).count()
            });
            let is_resting = |left| cores.free() == 1 && deliveries.queue.len() == left;
            assert!(eventually(|| is_resting(4)));
            assert!(deliveries.next().is_some() && deliveries.next().is_some());
            assert!(is_resting(2), "two are not few");
            assert!(deliveries.next().is_some());
            assert!(eventually(|| is_resting(4)), "it fills the queue again");
            drop(deliveries);
            assert_eq!(decoder.join().unwrap(), 6, "the last one was delivered in vain");
        });
    }

    #[test]
    fn who_waits_for_a_place_does_not_want_a_core() {
        let cores = Cores::new(1);
        let (_go_on, told_to_go_on) = bounded(1);
        let mut rest = Rest { cores: cores.clone(), claim: Some(cores.claim()), told_to_go_on, few: 0 };
        let mut places = Places::new(2, 10, false, Budget::new(0));
        let held = [places.next(&mut rest), places.next(&mut rest)];
        assert_eq!(cores.free(), 0);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(move || {
                let place = places.next(&mut rest).is_some();
                (place, rest)
            });
            assert!(eventually(|| cores.free() == 1));
            drop(held);
            let (has_place, _rest) = waiting.join().unwrap();
            assert!(has_place);
            assert_eq!(cores.free(), 0, "it wants its core again");
        });
    }
}
