//! A unit of work: some consecutive segments of one video, from file to sealed parts.
//!
//! It is self-contained: a path, segments and settings go in, sealed parts and a small record come out. It knows nothing of the
//! catalog or of other units, and doing it twice gives the same bytes, so it can be done anywhere. What its rows are
//! depends on nothing but the video and the settings.

use std::path::PathBuf;

use super::decoding::{Ahead, DecodedFrame, Delivery, decode_ahead, need_of};
use super::elastic::ElasticNetworks;
use super::schedule::AfterSegment;
use super::segment::{RunLabel, SegmentWriter};
use super::settings::PoseSettings;
use crate::image::Picture;
use crate::memory::budget::Lease;
use crate::pose::follow::Follower;
use crate::pose::people::PeopleNetworks;
use crate::store::rows::FrameStatus;
use crate::store::{Layout, StoreError};
use crate::video::index::SegmentIndex;
use crate::video::{DirectStream, VideoError, VideoReader};

/// What is to be done.
#[derive(Debug, Clone)]
pub struct WorkUnit {
    /// The file.
    pub path: PathBuf,
    /// The run that the rows belong to.
    pub label: RunLabel,
    /// What the rows depend on.
    pub pose: PoseSettings,
    /// The first segment.
    pub first_segment: u32,
    /// Where segments can be entered; without it decoding begins with the video.
    pub index: Option<SegmentIndex>,
    /// The packets, where they can be read from the file itself.
    pub direct: Option<DirectStream>,
}

impl WorkUnit {
    /// Frames from `frame_idx` on that its segment has at most.
    fn frames_left(&self, frame_idx: u32) -> u32 {
        let segment_frames = self.pose.segment_frames;
        let of_segment = segment_frames - frame_idx % segment_frames;
        let of_video = self.index.as_ref().map_or(u32::MAX, |index| index.n_frames().saturating_sub(frame_idx));
        of_segment.min(of_video)
    }
}

/// What came of it, besides the sealed parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitRecord {
    /// Packets and stretches of the file that gave no picture.
    pub n_damaged: u64,
    /// Whether the video has a frame at or after the unit's first segment, whatever time is asked for.
    pub has_frames: bool,
}

/// Why a unit came to nothing, or to no more than the parts that are sealed.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// The parts cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no thread.
    #[error("no thread could be started for decoding: {0}")]
    Thread(std::io::Error),
    /// The work is void, or no longer wanted.
    #[error("the work was called off")]
    CalledOff,
}

/// Whoever hands out units: asked from the unit's threads while it is in work.
pub trait Dispatcher: Sync {
    /// A segment is decoded to its end; `is_as_indexed` tells whether the frame after it is the one that the index says.
    fn after_segment(&self, is_as_indexed: bool) -> AfterSegment;
    /// Whether what the unit makes is still wanted.
    fn is_wanted(&self) -> bool;
    /// A frame has been analyzed.
    fn on_frame(&self);
    /// Seals a segment when it may: turning rows into files takes memory, so those who share memory take turns.
    ///
    /// # Errors
    /// Those of `seal`.
    fn in_turn(&self, seal: &mut dyn FnMut() -> Result<(), StoreError>) -> Result<(), StoreError>;
}

/// Does a unit of work: its first segment, and the next ones for as long as the dispatcher says. Each is sealed under
/// `layout` when it is complete.
///
/// # Errors
/// See [`UnitError`]. Segments that were sealed before stay.
pub fn run_unit<N: PeopleNetworks<Error: std::fmt::Display>>(
    unit: &WorkUnit,
    layout: &Layout,
    ahead: &Ahead,
    networks: &mut ElasticNetworks<'_, N>,
    dispatcher: &dyn Dispatcher,
) -> Result<UnitRecord, UnitError> {
    let (reader, _lease) = open(unit, ahead)?;
    std::thread::scope(|scope| {
        let (deliveries, decoder) = decode_ahead(scope, reader, unit, ahead, dispatcher).map_err(UnitError::Thread)?;
        let mut analysis = Analysis {
            unit,
            follower: unit.pose.follower(),
            writer: SegmentWriter::new(layout, &unit.label, unit.pose.segment_frames),
            networks,
            dispatcher,
        };
        let mut outcome = Ok(());
        while let Some(delivery) = deliveries.next() {
            outcome = analysis.take(delivery);
            if outcome.is_err() {
                break;
            }
        }
        drop(deliveries);
        // A decoder that panicked has no record; its video counts as damaged.
        let record = decoder.join().unwrap_or(UnitRecord { n_damaged: 1, ..UnitRecord::default() });
        outcome.map(|()| record)
    })
}

/// Opens the video at the unit's first segment, and leases all the memory that it needs at least at once: nobody waits while
/// holding what another needs.
fn open(unit: &WorkUnit, ahead: &Ahead) -> Result<(VideoReader, Lease), UnitError> {
    let reader = match enter(unit, ahead.threads) {
        Some(Err(VideoError::NotAtEntryPoint { .. })) | None => VideoReader::open(&unit.path, ahead.threads)?,
        Some(entered) => entered?,
    };
    let need_bytes = need_of(reader.decoder_shape()).least_bytes();
    if need_bytes > ahead.budget.full_bytes() {
        return Err(VideoError::TooLarge { path: unit.path.clone(), need_bytes }.into());
    }
    Ok((reader, ahead.budget.acquire(need_bytes)))
}

/// Begins with the unit's first segment; `None` where that is what opening the video does.
fn enter(unit: &WorkUnit, threads: usize) -> Option<Result<VideoReader, VideoError>> {
    let entry = unit.index.as_ref()?.entry(unit.first_segment as usize)?;
    match &unit.direct {
        Some(direct) => Some(VideoReader::open_directly(&unit.path, threads, direct, &entry)),
        None if unit.first_segment > 0 => Some(VideoReader::open_at(&unit.path, threads, &entry)),
        None => None,
    }
}

/// What happens to decoded frames.
struct Analysis<'a, 'make, N: PeopleNetworks> {
    unit: &'a WorkUnit,
    follower: Follower,
    writer: SegmentWriter<'a>,
    networks: &'a mut ElasticNetworks<'make, N>,
    dispatcher: &'a dyn Dispatcher,
}

impl<N: PeopleNetworks<Error: std::fmt::Display>> Analysis<'_, '_, N> {
    fn take(&mut self, delivery: Delivery) -> Result<(), UnitError> {
        if !self.dispatcher.is_wanted() {
            return Err(UnitError::CalledOff);
        }
        match delivery {
            Delivery::Frame(frame) => {
                self.analyze(&frame);
                self.dispatcher.on_frame();
                Ok(())
            }
            Delivery::SegmentEnd { is_as_indexed } => {
                let summaries = self.follower.end_segment();
                let writer = &mut self.writer;
                Ok(self.dispatcher.in_turn(&mut || writer.end_segment(&summaries, is_as_indexed))?)
            }
        }
    }

    /// A frame that cannot be analyzed is a row that says so; the next one starts with detection.
    fn analyze(&mut self, frame: &DecodedFrame) {
        self.networks.choose(self.unit.frames_left(frame.time.frame_idx));
        let fault = match &frame.picture {
            Ok(picture) => match self.follower.next_frame(self.networks, picture, frame.time.time_s) {
                Ok(people) => {
                    self.writer.push(frame.time, FrameStatus::NoPerson, &people, picture.size_px());
                    return;
                }
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        tracing::warn!("frame {}: {fault}", frame.time.frame_idx);
        self.follower.lose_everybody();
        self.writer.push(frame.time, FrameStatus::Failed, &[], [0, 0]);
    }
}
