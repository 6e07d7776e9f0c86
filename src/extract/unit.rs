//! A unit of work: some consecutive segments of one video, from file to sealed parts.
//!
//! A unit is self-contained: its inputs are a path, segments and settings, and its outputs are sealed parts and a small
//! record. It knows neither the catalog nor other units. Doing it twice gives the same bytes, so it can be done
//! anywhere. Its rows depend on nothing but the video and the settings.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::decoding::{Ahead, DecodedFrame, Delivery, decode_ahead, need_of};
use super::elastic::ElasticNetworks;
use super::schedule::AfterSegment;
use super::segment::SegmentWriter;
use super::spec::{SegmentsSpec, UnitRecord};
use crate::image::Picture;
use crate::interrupt::Interrupt;
use crate::memory::budget::Lease;
use crate::pose::camera::CameraWatch;
use crate::pose::follow::Follower;
use crate::pose::people::PeopleNetworks;
use crate::store::rows::FrameStatus;
use crate::store::{Layout, StoreError};
use crate::video::{DirectStream, VideoError, VideoReader};

/// A unit of work.
#[derive(Debug, Clone)]
pub(crate) struct WorkUnit {
    /// The segments.
    pub(crate) spec: SegmentsSpec,
    /// The packets, if they can be read from the file itself: this process has found their positions.
    pub(crate) direct: Option<DirectStream>,
}

/// The reason why a unit failed. The parts that were sealed before stay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnitError {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// The parts cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system cannot start a thread.
    #[error("cannot start a decoding thread: {0}")]
    Thread(std::io::Error),
    /// The work is invalid, or no longer needed.
    #[error("the work was canceled")]
    CalledOff,
}

/// Controls a unit in work. The unit's threads call it.
pub(crate) trait Dispatcher: Sync {
    /// Returns the next step after a segment is decoded to its end. `is_as_indexed` tells whether the frame after it is
    /// the one that the index predicts.
    fn after_segment(&self, is_as_indexed: bool) -> AfterSegment;
    /// Returns whether the unit's results are still needed.
    fn is_wanted(&self) -> bool;
    /// Handles a processed frame.
    fn on_frame(&self);
    /// Seals a segment when it is allowed. Turning rows into files takes memory, so the workers that share memory take
    /// turns.
    ///
    /// # Errors
    /// The errors of `seal`.
    fn in_turn(&self, seal: &mut dyn FnMut() -> Result<(), StoreError>) -> Result<(), StoreError>;
}

/// The dispatcher of a unit that nothing else controls: all its segments are done, up to the last one. If the frames of
/// the video differ from its index, the unit ends there, since later frames have other numbers.
pub(crate) struct Closed<'a> {
    /// The segment that is being decoded.
    segment: AtomicU32,
    last_segment: Option<u32>,
    has_diverged: AtomicBool,
    interrupt: &'a Interrupt,
    on_frame: &'a (dyn Fn() + Sync),
}

impl<'a> Closed<'a> {
    /// Creates the dispatcher of a unit. `on_frame` is called after each frame.
    #[must_use]
    pub(crate) fn new(spec: &SegmentsSpec, interrupt: &'a Interrupt, on_frame: &'a (dyn Fn() + Sync)) -> Self {
        Self {
            segment: AtomicU32::new(spec.first_segment),
            last_segment: spec.last_segment,
            has_diverged: AtomicBool::new(false),
            interrupt,
            on_frame,
        }
    }

    /// Returns whether the frames of the video differ from its index.
    #[must_use]
    pub(crate) fn has_diverged(&self) -> bool {
        self.has_diverged.load(Ordering::Relaxed)
    }
}

impl Dispatcher for Closed<'_> {
    fn after_segment(&self, is_as_indexed: bool) -> AfterSegment {
        let segment = self.segment.fetch_add(1, Ordering::Relaxed);
        let Some(last_segment) = self.last_segment else { return AfterSegment::GoOn };
        self.has_diverged.fetch_or(!is_as_indexed, Ordering::Relaxed);
        if is_as_indexed && segment < last_segment { AfterSegment::GoOn } else { AfterSegment::Stop }
    }

    fn is_wanted(&self) -> bool {
        !self.interrupt.is_requested()
    }

    fn on_frame(&self) {
        (self.on_frame)();
    }

    fn in_turn(&self, seal: &mut dyn FnMut() -> Result<(), StoreError>) -> Result<(), StoreError> {
        seal()
    }
}

/// Does a unit of work: its segments one after the other, or fewer if the dispatcher says so. Each segment is sealed
/// under `layout` when it is complete.
///
/// # Errors
/// See [`UnitError`]. Segments that were sealed before stay.
pub(crate) fn run_unit<N: PeopleNetworks<Error: std::fmt::Display>>(
    unit: &WorkUnit,
    layout: &Layout,
    ahead: &Ahead,
    networks: &mut ElasticNetworks<'_, N>,
    dispatcher: &dyn Dispatcher,
) -> Result<UnitRecord, UnitError> {
    let (reader, _lease) = open(unit, ahead)?;
    std::thread::scope(|scope| {
        let (deliveries, decoder) =
            decode_ahead(scope, reader, &unit.spec, ahead, dispatcher).map_err(UnitError::Thread)?;
        let mut tracking = Tracking {
            unit,
            camera: CameraWatch::default(),
            follower: unit.spec.pose.follower(),
            writer: SegmentWriter::new(layout, &unit.spec.label, unit.spec.pose.segment_frames),
            networks,
            dispatcher,
        };
        let mut outcome = Ok(());
        while let Some(delivery) = deliveries.next() {
            outcome = tracking.take(delivery);
            if outcome.is_err() {
                break;
            }
        }
        drop(deliveries);
        // A decoder that panicked has no record. Its video counts as damaged.
        let decoded = decoder.join().unwrap_or(Ok(UnitRecord { n_damaged: 1, ..UnitRecord::default() }));
        outcome?;
        Ok(decoded?)
    })
}

/// Opens the video at the unit's first segment, and leases the least memory that it needs in one step. So no worker
/// waits while it holds memory that another worker needs.
fn open(unit: &WorkUnit, ahead: &Ahead) -> Result<(VideoReader, Lease), UnitError> {
    let reader = match enter(unit, ahead.threads) {
        Some(Err(VideoError::NotAtEntryPoint { .. })) | None => {
            VideoReader::open(&unit.spec.path, ahead.threads, unit.spec.reading)?
        }
        Some(entered) => entered?,
    };
    let need_bytes = need_of(reader.decoder_shape(), &unit.spec.pose).least_bytes();
    if need_bytes > ahead.budget.full_bytes() {
        return Err(VideoError::TooLarge { path: unit.spec.path.clone(), need_bytes }.into());
    }
    Ok((reader, ahead.budget.acquire(need_bytes)))
}

/// Enters the video at the unit's first segment; `None` if opening the video does that anyway.
fn enter(unit: &WorkUnit, threads: usize) -> Option<Result<VideoReader, VideoError>> {
    let entry = unit.spec.index.as_ref()?.entry(unit.spec.first_segment as usize)?;
    let SegmentsSpec { path, reading, .. } = &unit.spec;
    match &unit.direct {
        Some(direct) => Some(VideoReader::open_directly(path, threads, *reading, direct, &entry)),
        None if unit.spec.first_segment > 0 => Some(VideoReader::open_at(path, threads, *reading, &entry)),
        None => None,
    }
}

/// Follows the people through decoded frames.
struct Tracking<'a, 'make, N: PeopleNetworks> {
    unit: &'a WorkUnit,
    camera: CameraWatch,
    follower: Follower,
    writer: SegmentWriter<'a>,
    networks: &'a mut ElasticNetworks<'make, N>,
    dispatcher: &'a dyn Dispatcher,
}

impl<N: PeopleNetworks<Error: std::fmt::Display>> Tracking<'_, '_, N> {
    fn take(&mut self, delivery: Delivery) -> Result<(), UnitError> {
        if !self.dispatcher.is_wanted() {
            return Err(UnitError::CalledOff);
        }
        match delivery {
            Delivery::Frame(frame) => {
                self.follow(&frame);
                self.dispatcher.on_frame();
                Ok(())
            }
            Delivery::SegmentEnd { is_as_indexed } => {
                self.camera.reset();
                let summaries = self.follower.end_segment();
                let writer = &mut self.writer;
                Ok(self.dispatcher.in_turn(&mut || writer.end_segment(&summaries, is_as_indexed))?)
            }
        }
    }

    /// Processes a frame. If it fails, its row says so, and the next frame starts with detection. If its picture repeats
    /// the one before, and that one did not fail, the rows of that one are written again, and the networks do not see it:
    /// people are followed as if the frame were not there.
    fn follow(&mut self, frame: &DecodedFrame) {
        self.networks.choose(self.unit.spec.frames_left(frame.time.frame_idx));
        let fault = match &frame.picture {
            Ok(_) if frame.is_repeated && !self.writer.has_failed() => {
                self.writer.repeat(frame.time);
                return;
            }
            Ok(picture) => {
                let (size_px, seen) = (picture.size_px(), self.camera.next(picture));
                if seen.is_some_and(|seen| seen.is_cut) {
                    self.follower.lose_everybody();
                }
                if let Some(motion) = seen.and_then(|seen| seen.motion) {
                    self.follower.move_with(&motion, size_px);
                }
                match self.follower.next_frame(self.networks, picture, frame.time.time_s) {
                    Ok(people) => {
                        self.camera.note_people(&people, size_px);
                        self.writer.push(frame.time, FrameStatus::NoPerson, &people, size_px);
                        self.writer.note_camera(seen);
                        return;
                    }
                    Err(error) => error.to_string(),
                }
            }
            Err(error) => error.to_string(),
        };
        tracing::warn!("frame {}: {fault}", frame.time.frame_idx);
        self.camera.reset();
        self.follower.lose_everybody();
        self.writer.push(frame.time, FrameStatus::Failed, &[], [0, 0]);
    }
}
