//! Measures the time of each stage of the pipeline on a video, one after another in one thread. `posekit bench` shows
//! these times.

use std::path::Path;
use std::time::{Duration, Instant};

use super::segment::SegmentWriter;
use super::settings::PoseSettings;
use crate::image::Picture;
use crate::pose::landmarks::LandmarkTensors;
use crate::pose::opinion::Opinion;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};
use crate::store::edits::Edits;
use crate::store::rows::FrameStatus;
use crate::store::segments;
use crate::store::segments::RunLabel;
use crate::store::{Layout, StoreError};
use crate::tracks::identity::identify_run;
use crate::tracks::smoothing::smooth_run;
use crate::video::{Reading, VideoError, VideoReader};

/// The time of one thread in each stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StageTimes {
    /// The number of measured frames.
    pub(crate) n_frames: u32,
    /// The number of frames on which a detector ran.
    pub(crate) n_detections: u32,
    /// Demuxing and decoding.
    pub(crate) decode: Duration,
    /// Conversion to RGB as displayed, for pictures that cannot be sampled in their decoded form.
    pub(crate) convert: Duration,
    /// Detector network.
    pub(crate) detect: Duration,
    /// Sampling of pictures into the networks' inputs: positions, colors, interpolation.
    pub(crate) crop: Duration,
    /// Landmark network.
    pub(crate) landmarks: Duration,
    /// From the networks' outputs to people: decoding of tensors, tracking.
    pub(crate) post: Duration,
    /// Writing of rows to sealed parts, identity and smoothing.
    pub(crate) write: Duration,
}

impl StageTimes {
    /// Returns the names and times of the stages in the order of the pipeline.
    #[must_use]
    pub(crate) fn named(&self) -> [(&'static str, Duration); 7] {
        [
            ("decode", self.decode),
            ("convert", self.convert),
            ("detect", self.detect),
            ("crop", self.crop),
            ("landmarks", self.landmarks),
            ("post-processing", self.post),
            ("write", self.write),
        ]
    }

    /// Returns the time of all stages together.
    #[must_use]
    pub(crate) fn total(&self) -> Duration {
        self.named().iter().map(|(_, time)| *time).sum()
    }

    /// Returns the highest possible number of frames per second on so many cores, if none is ever idle.
    #[must_use]
    pub(crate) fn limit_per_s(&self, cores: usize) -> f64 {
        cores as f64 * f64::from(self.n_frames) / self.total().as_secs_f64().max(1e-9)
    }
}

/// The reason why stages could not be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasureError<N: std::error::Error + 'static> {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// A network failed.
    #[error(transparent)]
    Network(N),
    /// The rows cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Networks that record their own time, and the time to make their inputs.
struct Timed<'a, N> {
    networks: &'a mut N,
    times: StageTimes,
    /// The end of the last stage within the frame.
    mark: Instant,
}

impl<N> Timed<'_, N> {
    /// Adds the time since the mark to a stage, and moves the mark to now.
    fn lap(&mut self, stage: fn(&mut StageTimes) -> &mut Duration) {
        let now = Instant::now();
        *stage(&mut self.times) += now - std::mem::replace(&mut self.mark, now);
    }
}

impl<N: PoseNetworks> PoseNetworks for Timed<'_, N> {
    type Error = N::Error;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), N::Error> {
        self.lap(|times| &mut times.crop);
        let outcome = self.networks.detect(input, output);
        self.lap(|times| &mut times.detect);
        self.times.n_detections += 1;
        outcome
    }

    fn landmarks(&mut self, opinion: Opinion, inputs: &[f32], outputs: &mut [LandmarkTensors]) -> Result<(), N::Error> {
        self.lap(|times| &mut times.crop);
        let outcome = self.networks.landmarks(opinion, inputs, outputs);
        self.lap(|times| &mut times.landmarks);
        outcome
    }
}

impl<N: PeopleNetworks> PeopleNetworks for Timed<'_, N> {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), N::Error> {
        self.lap(|times| &mut times.crop);
        let outcome = self.networks.find_people(input, size, output);
        self.lap(|times| &mut times.detect);
        self.times.n_detections += 1;
        outcome
    }
}

/// Measures the stages on a video, writing its rows under `scratch`.
///
/// # Errors
/// The video cannot be read, a network fails, or the rows cannot be written.
pub(crate) fn measure<N>(
    path: &Path,
    settings: &PoseSettings,
    networks: &mut N,
    scratch: &Path,
) -> Result<StageTimes, MeasureError<N::Error>>
where
    N: PeopleNetworks<Error: std::error::Error + 'static>,
{
    let (layout, label) = (Layout::new(scratch), scratch_label());
    let mut writer = SegmentWriter::new(&layout, &label, u32::MAX);
    let mut follower = settings.follower();
    let mut reader = VideoReader::open(path, 1, Reading::default())?;
    let mut timed = Timed { networks, times: StageTimes::default(), mark: Instant::now() };
    loop {
        let frame = reader.next_frame()?;
        timed.lap(|times| &mut times.decode);
        let Some(time) = frame else { break };
        timed.times.n_frames += 1;
        let picture = reader.take_picture()?;
        timed.lap(|times| &mut times.convert);
        let people = follower.next_frame(&mut timed, &picture, time.time_s).map_err(MeasureError::Network)?;
        timed.lap(|times| &mut times.post);
        writer.push(time, FrameStatus::NoPerson, &people, picture.size_px());
        timed.lap(|times| &mut times.write);
    }
    writer.end_segment(&follower.end_segment(), true)?;
    let segments = segments::find(&layout, &label)?.segments;
    identify_run(&layout, &layout, &label, &segments, settings.max_people(), None, &Edits::default())?;
    smooth_run(&layout, &layout, &label, &segments)?;
    timed.lap(|times| &mut times.write);
    Ok(timed.times)
}

fn scratch_label() -> RunLabel {
    let text = || "bench".to_owned();
    RunLabel { video_id: text(), run_id: text(), fingerprint: text() }
}
