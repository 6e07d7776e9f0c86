//! `posekit bench`: measures how fast this machine is, stage by stage and end to end.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::bench_engines::{Keeping, side_by_side};
use super::extract::engine;
use super::extract::{self, ExtractSettings};
use super::footage::FootageRules;
use super::{Outcome, print};
use crate::error::Error;
use crate::extract::settings::{PoseSettings, TimeRange};
use crate::extract::stages::{MeasureError, StageTimes, measure};
use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;
use crate::interrupt::Interrupt;
use crate::machine::{self, Machine};
use crate::memory::limit::MemoryLimit;
use crate::output::printer::{Printer, ProgressStyle, Verbosity};
use crate::output::units;
use crate::pose::follow::People;
use crate::store::benchmarks::{self, Benchmark};
use crate::store::{Access, Catalog, Layout};
use crate::video;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BenchSettings {
    /// The clip to measure with.
    pub(crate) video: PathBuf,
    /// The folder that is searched for networks first.
    pub(crate) models: PathBuf,
    /// The landmark network.
    pub(crate) network: LandmarkNetwork,
    /// The engine.
    pub(crate) inference: EngineKind,
    /// The maximum number of people to track.
    pub(crate) people: People,
    /// The number of end-to-end runs; the median is reported.
    pub(crate) runs: usize,
    /// The dataset whose catalog stores the result.
    pub(crate) dataset: PathBuf,
}

impl BenchSettings {
    fn pose(&self) -> PoseSettings {
        PoseSettings {
            network: self.network,
            inference: self.inference,
            people: self.people,
            ..PoseSettings::default()
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &BenchSettings, interrupt: &Interrupt) -> Result<Outcome, Error> {
    video::initialize(false)?;
    let scratch = tempfile::tempdir().map_err(|source| Error::Output { target: std::env::temp_dir(), source })?;
    let stages = measure_stages(settings, scratch.path())?;
    let startup_s = median_s(settings, interrupt, Some(1e-6))?;
    let whole_s = median_s(settings, interrupt, None)?;
    let benchmark = benchmark(settings, &stages, startup_s, whole_s);
    benchmarks::add(&Catalog::open(&Layout::new(&settings.dataset), Access::Write)?, &benchmark)?;
    let mut text = report(&settings.video, &benchmark, &stages.times);
    text.push_str(&side_by_side(&settings.models, settings.pose(), &stages.crops)?);
    print(&text)?;
    Ok(Outcome::Done)
}

/// Returns the median time of extractions of the clip up to `end_s`, seconds.
fn median_s(settings: &BenchSettings, interrupt: &Interrupt, end_s: Option<f64>) -> Result<f64, Error> {
    let mut seconds = Vec::with_capacity(settings.runs);
    for _ in 0..settings.runs {
        let scratch = tempfile::tempdir().map_err(|source| Error::Output { target: std::env::temp_dir(), source })?;
        let begin = Instant::now();
        extract_quietly(settings, scratch.path().join("run"), end_s, interrupt)?;
        seconds.push(begin.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds.get(seconds.len() / 2).copied().unwrap_or_default())
}

fn benchmark(settings: &BenchSettings, stages: &Stages, startup_s: f64, whole_s: f64) -> Benchmark {
    let times = &stages.times;
    let n_frames = f64::from(times.n_frames.max(1));
    let cores = Machine::inspect().cores;
    Benchmark {
        video: settings.video.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        network: settings.network.to_string(),
        inference: Some(stages.engine.clone()),
        people: settings.pose().max_people(),
        n_frames: times.n_frames,
        cores,
        stages_ms: times.named().map(|(_, time)| 1e3 * time.as_secs_f64() / n_frames),
        limit_per_s: times.limit_per_s(cores),
        reached_per_s: n_frames / whole_s.max(1e-9),
        startup_s,
        n_runs: settings.runs,
        peak_rss_bytes: machine::peak_resident_bytes(),
    }
}

/// The measured stages.
struct Stages {
    times: StageTimes,
    /// Some crops of the video.
    crops: Vec<f32>,
    /// The name of what runs the networks.
    engine: String,
}

fn measure_stages(settings: &BenchSettings, scratch: &Path) -> Result<Stages, Error> {
    let engine = engine(&settings.models, &settings.pose())?;
    let mut networks = engine.networks(1)?;
    let mut networks = Keeping::new(&mut networks);
    let measured = measure(&settings.video, &settings.pose(), &mut networks, &scratch.join("stages"));
    let times = measured.map_err(|error| match error {
        MeasureError::Video(error) => Error::Usage {
            hint: error.hint().unwrap_or("choose another --video").to_owned(),
            message: error.to_string(),
        },
        MeasureError::Network(error) => error.into(),
        MeasureError::Store(error) => error.into(),
    })?;
    Ok(Stages { times, crops: networks.crops(), engine: engine.name() })
}

fn extract_quietly(
    settings: &BenchSettings,
    dataset: PathBuf,
    end_s: Option<f64>,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let range = TimeRange { start_s: None, end_s };
    let extract_settings = ExtractSettings {
        input: None,
        videos: vec![settings.video.clone()],
        results: Vec::new(),
        dataset,
        models: settings.models.clone(),
        pose: PoseSettings { range, ..settings.pose() },
        footage: FootageRules::default(),
        is_any_engine: false,
        workers: None,
        batch_size: 5,
        memory_limit: MemoryLimit::default(),
        cluster: None,
        is_forced: false,
        is_verbose: false,
    };
    extract::run(&extract_settings, &Printer::new(Verbosity::Quiet, ProgressStyle::None), interrupt).map(|_| ())
}

fn report(video: &Path, benchmark: &Benchmark, times: &StageTimes) -> String {
    let total_ms: f64 = benchmark.stages_ms.iter().sum::<f64>().max(1e-9);
    let mut text = format!(
        "{}: {}, network {}, at most {}, detector ran on {}\n\n{:<16} {:>8} {:>7}\n",
        video.display(),
        units::counted(u64::from(benchmark.n_frames), "frame"),
        benchmark.network,
        if benchmark.people == 1 { "1 person".to_owned() } else { format!("{} people", benchmark.people) },
        times.n_detections,
        "stage",
        "ms/frame",
        "share"
    );
    for ((name, _), ms) in times.named().iter().zip(benchmark.stages_ms) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<16} {ms:>8.2} {:>6.1}%", 100.0 * ms / total_ms);
    }
    let Benchmark { cores, limit_per_s, reached_per_s, startup_s, n_frames, n_runs, .. } = *benchmark;
    let flowing_per_s = f64::from(n_frames) / (f64::from(n_frames) / reached_per_s - startup_s).max(1e-9);
    let _ = writeln!(
        text,
        "{:<16} {total_ms:>8.2}\n\nlimit of {}: {limit_per_s:.1} frames/s\n\
         end to end (median of {n_runs}): {reached_per_s:.1} frames/s, {:.2} of the limit\n\
         start-up and end: {startup_s:.2} s; without them {flowing_per_s:.1} frames/s, {:.2} of the limit\n\
         peak memory {}",
        "all",
        units::counted(cores as u64, "core"),
        reached_per_s / limit_per_s,
        flowing_per_s / limit_per_s,
        units::bytes(benchmark.peak_rss_bytes),
    );
    text
}
