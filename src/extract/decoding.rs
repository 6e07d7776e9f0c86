//! A thread that decodes ahead of inference, through a bounded queue.

use std::thread::{Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::cores::{Claim, Cores};
use super::memory_plan::VideoNeed;
use super::repeats::RepeatFinder;
use super::schedule::AfterSegment;
use super::settings::PoseSettings;
use super::spec::{SegmentsSpec, UnitRecord};
use super::unit::Dispatcher;
use crate::memory::budget::{Budget, Lease};
use crate::video::{DecodedPicture, DecoderShape, FrameTime, VideoError, VideoReader};

/// A decoded frame on its way to inference. Drop it as soon as its picture is used, because decoding may be waiting for
/// its memory.
pub(crate) struct DecodedFrame {
    /// The frame's place in the video.
    pub(crate) time: FrameTime,
    /// The picture, or the reason why it is missing. The error concerns this frame only.
    pub(crate) picture: Result<DecodedPicture, VideoError>,
    /// Whether the picture repeats that of the frame before in the segment.
    pub(crate) is_repeated: bool,
    /// The last field, so that the picture is dropped before its place becomes free.
    _place: Place,
}

/// A message from the decoder.
pub(crate) enum Delivery {
    /// The next frame in display order.
    Frame(DecodedFrame),
    /// All frames of a segment have been delivered.
    SegmentEnd {
        /// Whether the frame after the segment is the one that the index predicts.
        is_as_indexed: bool,
    },
}

/// The frames of a unit, decoded ahead.
pub(crate) struct Deliveries {
    queue: Receiver<Delivery>,
    /// Resumes a decoder that waits because the queue was full.
    go_on: Sender<()>,
    few: usize,
}

impl Deliveries {
    /// Returns the next delivery, or `None` after the last.
    #[must_use]
    pub(crate) fn next(&self) -> Option<Delivery> {
        let delivery = self.queue.recv().ok();
        if self.queue.len() <= self.few {
            // One signal is enough, so a full channel is not an error.
            let _ = self.go_on.try_send(());
        }
        delivery
    }
}

/// A decoder that has filled the queue waits until at most one in so many of its pictures is left. Its core is free for
/// the networks meanwhile. If the decoder woke up for every single picture, it would interrupt them each time.
const RESTS_UNTIL_ONE_IN: usize = 4;

/// Returns the memory that a video's frames need with these settings.
#[must_use]
pub(crate) fn need_of(shape: DecoderShape, pose: &PoseSettings) -> VideoNeed {
    let shape = shape_with(shape, pose);
    let pictures = VideoNeed::of(shape.pictures, shape.decoded_bytes, shape.converted_bytes);
    VideoNeed { decoder_bytes: pictures.decoder_bytes + shape.index_bytes, ..pictures }
}

/// Returns the pictures that a decoder keeps if each is altered as the settings say.
fn shape_with(shape: DecoderShape, pose: &PoseSettings) -> DecoderShape {
    if pose.perturbation.is_none() {
        return shape;
    }
    let rgb_bytes = 3 * u64::from(shape.width) * u64::from(shape.height);
    let altered_bytes = shape.converted_bytes.unwrap_or(rgb_bytes);
    // While a picture is altered, there is one before and one after each step besides the decoded one.
    let index_bytes = shape.index_bytes + 2 * altered_bytes;
    DecoderShape { converted_bytes: Some(altered_bytes), index_bytes, ..shape }
}

/// The limits of decoding ahead, and its memory.
#[derive(Debug, Clone)]
pub(crate) struct Ahead {
    /// The largest number of pictures in the queue.
    pub(crate) frames: usize,
    /// The number of threads of the decoder.
    pub(crate) threads: usize,
    /// The budget that pictures beyond the first two take their memory from.
    pub(crate) budget: Budget,
    /// The count of cores in demand.
    pub(crate) cores: Cores,
}

/// Starts to decode a unit in a thread named `decode`. The caller's lease covers two pictures. More are used while the
/// budget has room. Dropping the deliveries ends the decoding.
///
/// # Errors
/// The thread cannot be started.
pub(crate) fn decode_ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    reader: VideoReader,
    unit: &'scope SegmentsSpec,
    ahead: &Ahead,
    dispatcher: &'scope dyn Dispatcher,
) -> std::io::Result<(Deliveries, ScopedJoinHandle<'scope, Result<UnitRecord, VideoError>>)> {
    let shape = shape_with(reader.decoder_shape(), &unit.pose);
    let need = need_of(reader.decoder_shape(), &unit.pose);
    // The worker holds one picture in addition to those in the queue.
    let places =
        Places::new(ahead.frames + 1, need.picture_bytes, shape.converted_bytes.is_none(), ahead.budget.clone());
    let (sender, queue) = bounded(ahead.frames);
    let (go_on, told_to_go_on) = bounded(1);
    let few = ahead.frames / RESTS_UNTIL_ONE_IN;
    let claim = Some(ahead.cores.claim());
    let rest = Rest { cores: ahead.cores.clone(), claim, told_to_go_on, few };
    let repeats = RepeatFinder::default();
    let decoding = Decoding { reader, unit, dispatcher, sender, places, rest, repeats, segment: None };
    let handle = std::thread::Builder::new().name("decode".to_owned()).spawn_scoped(scope, move || decoding.run())?;
    Ok((Deliveries { queue, go_on, few }, handle))
}

/// The number of pictures that the caller's lease covers: one at the decoder, one at the network.
const COVERED_PICTURES: usize = 2;

/// The memory reserved for a picture.
struct Cover {
    /// `None` if the caller's lease covers the picture.
    own: Option<Lease>,
}

/// The right to have one picture between decoder and network. Its cover is returned when the place is dropped.
struct Place {
    cover: Option<Cover>,
    home: Sender<Cover>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(cover) = self.cover.take() {
            // If the decoder has ended, the lease ends here.
            drop(self.home.try_send(cover));
        }
    }
}

/// Gives out the places of a video.
struct Places {
    free: Receiver<Cover>,
    home: Sender<Cover>,
    handed_out: usize,
    most: usize,
    /// The size of a picture.
    bytes: u64,
    /// Whether the decoder keeps the memory of a picture after its last use.
    is_pooled: bool,
    budget: Budget,
}

impl Places {
    fn new(most: usize, bytes: u64, is_pooled: bool, budget: Budget) -> Self {
        let (home, free) = bounded(most.max(COVERED_PICTURES));
        Self { free, home, handed_out: 0, most, bytes, is_pooled, budget }
    }

    /// Waits for a place. The core is free meanwhile.
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
            // Under pressure, the lease is returned if that frees memory. The next place that is returned is then used.
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

/// Releases the decoder's core while the decoder waits.
struct Rest {
    cores: Cores,
    claim: Option<Claim>,
    told_to_go_on: Receiver<()>,
    few: usize,
}

impl Rest {
    /// Runs something that mostly waits.
    fn during<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        self.claim = None;
        let outcome = wait();
        self.claim = Some(self.cores.claim());
        outcome
    }

    /// If the queue is full, waits until few deliveries are left in it. Returns `None` if the receiver is gone.
    fn after<T>(&mut self, queue: &Sender<T>) -> Option<()> {
        if !queue.is_full() {
            return Some(());
        }
        let (told_to_go_on, few) = (self.told_to_go_on.clone(), self.few);
        self.during(|| {
            // The signal may date from before the queue was full.
            while queue.len() > few {
                told_to_go_on.recv().ok()?;
            }
            Some(())
        })
    }
}

/// The state of the decoder's thread.
struct Decoding<'a> {
    reader: VideoReader,
    unit: &'a SegmentsSpec,
    dispatcher: &'a dyn Dispatcher,
    sender: Sender<Delivery>,
    places: Places,
    rest: Rest,
    repeats: RepeatFinder,
    /// The segment in work, once one of its frames is decoded.
    segment: Option<u32>,
}

impl Decoding<'_> {
    fn run(mut self) -> Result<UnitRecord, VideoError> {
        let mut record = UnitRecord::default();
        self.decode(&mut record)?;
        record.n_damaged = self.reader.damage_count();
        Ok(record)
    }

    /// Decodes until the end of the unit or of the video. If the storage stalls, the segment in work does not end.
    fn decode(&mut self, record: &mut UnitRecord) -> Result<(), VideoError> {
        let PoseSettings { range, segment_frames, .. } = self.unit.pose;
        while let Some(time) = self.reader.next_frame()? {
            let segment = time.frame_idx / segment_frames;
            if segment < self.unit.first_segment {
                continue;
            }
            record.has_frames = true;
            if self.segment.is_some_and(|known| known != segment)
                && self.end_segment(self.is_as_indexed(segment)).is_none()
            {
                return Ok(());
            }
            if range.is_after(time.media_time_s) {
                // If the range ends within the index, the frames up to that point matched it.
                self.end_segment(true);
                return Ok(());
            }
            self.segment = Some(segment);
            if !range.is_before(time.media_time_s) && self.deliver(time).is_none() {
                return Ok(());
            }
        }
        let is_as_indexed =
            self.unit.index.as_ref().is_some_and(|index| index.n_frames() == self.reader.next_frame_idx());
        self.end_segment(is_as_indexed);
        Ok(())
    }

    /// Returns whether the last decoded frame is the one with which `segment` begins in the index.
    fn is_as_indexed(&self, segment: u32) -> bool {
        let entry = self.unit.index.as_ref().and_then(|index| index.entry(segment as usize));
        entry.is_some_and(|entry| Some(entry.half_ticks) == self.reader.last_half_ticks())
    }

    /// Ends the segment in work, so that it can be sealed. Returns `None` if the next segment does not belong to this
    /// unit.
    fn end_segment(&mut self, is_as_indexed: bool) -> Option<()> {
        self.repeats.forget();
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
        let is_repeated = self.is_repeated(picture.as_ref().ok(), time);
        // The networks do not see a repeated picture, so it need not be altered.
        let picture = picture.map(|picture| match &self.unit.pose.perturbation {
            Some(perturbation) if !is_repeated => {
                DecodedPicture::converted(perturbation.apply(&picture, time.frame_idx))
            }
            _ => picture,
        });
        self.sender.send(Delivery::Frame(DecodedFrame { time, picture, is_repeated, _place: place })).ok()?;
        self.rest.after(&self.sender)
    }

    /// Compares pictures as they were filmed: variants of a video have the repeated frames of the video.
    fn is_repeated(&mut self, picture: Option<&DecodedPicture>, time: FrameTime) -> bool {
        let Some(picture) = picture else {
            self.repeats.forget();
            return false;
        };
        self.repeats.is_repeated(picture.blocks(), time.media_time_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits for an action of another thread.
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
