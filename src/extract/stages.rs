//! How long each stage of the pipeline takes on a video, one after another in one thread: what `posekit bench` shows.

use std::path::Path;
use std::time::{Duration, Instant};

use super::identity::identify_run;
use super::resume;
use super::segment::{RunLabel, SegmentWriter};
use super::settings::PoseSettings;
use super::smoothing::smooth_run;
use crate::image::Picture;
use crate::pose::landmarks::LandmarkTensors;
use crate::pose::people::PeopleNetworks;
use crate::pose::tracker::{DetectorTensors, PoseNetworks};
use crate::store::rows::FrameStatus;
use crate::store::{Layout, StoreError};
use crate::video::{VideoError, VideoReader};

/// Time of one thread spent in each stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StageTimes {
    /// Frames measured.
    pub n_frames: u32,
    /// Frames on which the detector ran.
    pub n_detections: u32,
    /// Demuxing and decoding.
    pub decode: Duration,
    /// To RGB, of pictures whose planes cannot be sampled as they are.
    pub convert: Duration,
    /// Detector network.
    pub detect: Duration,
    /// Landmark network.
    pub landmarks: Duration,
    /// Crops with their colors, decoding of tensors, tracking.
    pub track: Duration,
    /// Rows to sealed parts, identity and smoothing.
    pub write: Duration,
}

impl StageTimes {
    /// Names and times of the stages in the order of the pipeline.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Duration); 6] {
        [
            ("decode", self.decode),
            ("convert", self.convert),
            ("detect", self.detect),
            ("landmarks", self.landmarks),
            ("crop and track", self.track),
            ("write", self.write),
        ]
    }

    /// All stages together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.named().iter().map(|(_, time)| *time).sum()
    }

    /// Frames a second that so many cores could do at best, if none was ever idle.
    #[must_use]
    pub fn limit_per_s(&self, cores: usize) -> f64 {
        cores as f64 * f64::from(self.n_frames) / self.total().as_secs_f64().max(1e-9)
    }
}

/// Why stages could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError<N: std::error::Error + 'static> {
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

/// Networks that note how long they take.
struct Timed<'a, N> {
    networks: &'a mut N,
    times: StageTimes,
}

impl<N: PoseNetworks> PoseNetworks for Timed<'_, N> {
    type Error = N::Error;

    fn detect(&mut self, input: &[f32], output: &mut DetectorTensors) -> Result<(), N::Error> {
        let begin = Instant::now();
        let outcome = self.networks.detect(input, output);
        self.times.detect += begin.elapsed();
        self.times.n_detections += 1;
        outcome
    }

    fn landmarks(&mut self, input: &[f32], output: &mut LandmarkTensors) -> Result<(), N::Error> {
        let begin = Instant::now();
        let outcome = self.networks.landmarks(input, output);
        self.times.landmarks += begin.elapsed();
        outcome
    }
}

impl<N: PeopleNetworks> PeopleNetworks for Timed<'_, N> {
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), N::Error> {
        let begin = Instant::now();
        let outcome = self.networks.find_people(input, size, output);
        self.times.detect += begin.elapsed();
        self.times.n_detections += 1;
        outcome
    }
}

/// Measures the stages on a video, writing its rows under `scratch`.
///
/// # Errors
/// The video cannot be read, a network fails, or the rows cannot be written.
pub fn measure<N>(
    path: &Path,
    settings: &PoseSettings,
    networks: &mut N,
    scratch: &Path,
) -> Result<StageTimes, MeasureError<N::Error>>
where
    N: PeopleNetworks<Error: std::error::Error + 'static>,
{
    let (layout, label) = (Layout::new(scratch), scratch_label());
    let mut timed = Timed { networks, times: StageTimes::default() };
    let mut writer = SegmentWriter::new(&layout, &label, u32::MAX);
    let mut follower = settings.follower();
    let mut reader = VideoReader::open(path, 1)?;
    loop {
        let begin = Instant::now();
        let frame = reader.next_frame();
        timed.times.decode += begin.elapsed();
        let Some(time) = frame else { break };
        timed.times.n_frames += 1;

        let begin = Instant::now();
        let picture = reader.take_picture()?;
        timed.times.convert += begin.elapsed();

        let (begin, networks_before) = (Instant::now(), timed.times.detect + timed.times.landmarks);
        let people = follower.next_frame(&mut timed, &picture, time.time_s).map_err(MeasureError::Network)?;
        let in_networks = (timed.times.detect + timed.times.landmarks).saturating_sub(networks_before);
        timed.times.track += begin.elapsed().saturating_sub(in_networks);

        let begin = Instant::now();
        writer.push(time, FrameStatus::NoPerson, &people, picture.size_px());
        timed.times.write += begin.elapsed();
    }
    let begin = Instant::now();
    writer.end_segment(&follower.end_segment(), true)?;
    let segments = resume::find(&layout, &label)?.segments;
    identify_run(&layout, &label, &segments, settings.max_people())?;
    smooth_run(&layout, &label, &segments)?;
    timed.times.write += begin.elapsed();
    Ok(timed.times)
}

fn scratch_label() -> RunLabel {
    let text = || "bench".to_owned();
    RunLabel { video_id: text(), run_id: text(), fingerprint: text() }
}
