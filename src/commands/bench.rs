//! `posekit bench`: how fast this machine is, stage by stage and end to end.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Outcome;
use super::extract::{self, ExtractSettings};
use super::loaded_networks::LoadedNetworks;
use crate::error::Error;
use crate::extract::settings::PoseSettings;
use crate::extract::stages::{MeasureError, StageTimes, measure};
use crate::installation;
use crate::interrupt::Interrupt;
use crate::machine::{self, Machine};
use crate::memory::limit::MemoryLimit;
use crate::output::printer::{Printer, ProgressStyle, Verbosity};
use crate::output::units;
use crate::pose::follow::People;
use crate::pose::networks::LandmarkNetwork;
use crate::pose::session::{OrtNetworks, Runtime};
use crate::video;

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchSettings {
    /// The clip.
    pub video: PathBuf,
    /// Where networks are looked for first.
    pub models: PathBuf,
    /// Which landmark network.
    pub network: LandmarkNetwork,
    /// How many people are followed.
    pub people: People,
    /// End-to-end runs, of which the median counts.
    pub runs: usize,
}

impl BenchSettings {
    fn pose(&self) -> PoseSettings {
        PoseSettings { network: self.network, people: self.people, ..PoseSettings::default() }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub fn run(settings: &BenchSettings, interrupt: &Interrupt) -> Result<Outcome, Error> {
    video::initialize(false)?;
    let scratch = tempfile::tempdir().map_err(|source| Error::Output { target: std::env::temp_dir(), source })?;
    let times = measure_stages(settings, scratch.path())?;
    let mut seconds = Vec::with_capacity(settings.runs);
    for number in 0..settings.runs {
        let dataset = scratch.path().join(format!("run-{number}"));
        let begin = Instant::now();
        extract_quietly(settings, dataset, interrupt)?;
        seconds.push(begin.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let median_s = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
    let text = report(settings, &times, median_s);
    let written = io::stdout().lock().write_all(text.as_bytes());
    written.map_err(|source| Error::Output { target: PathBuf::from("standard output"), source })?;
    Ok(Outcome::Done)
}

fn measure_stages(settings: &BenchSettings, scratch: &Path) -> Result<StageTimes, Error> {
    let loaded = LoadedNetworks::read(&settings.models, &settings.pose())?;
    let runtime = Runtime::load(&installation::onnxruntime())?;
    let mut networks = OrtNetworks::new(&runtime, &loaded.set(), 1)?;
    measure(&settings.video, &settings.pose(), &mut networks, &scratch.join("stages")).map_err(|error| match error {
        MeasureError::Video(error) => {
            Error::Usage { hint: error.hint().unwrap_or("name another --video").to_owned(), message: error.to_string() }
        }
        MeasureError::Network(error) => error.into(),
        MeasureError::Store(error) => error.into(),
    })
}

fn extract_quietly(settings: &BenchSettings, dataset: PathBuf, interrupt: &Interrupt) -> Result<(), Error> {
    let extract_settings = ExtractSettings {
        input: None,
        videos: vec![settings.video.clone()],
        results: Vec::new(),
        dataset,
        models: settings.models.clone(),
        pose: settings.pose(),
        workers: None,
        batch_size: 5,
        memory_limit: MemoryLimit::default(),
        is_forced: false,
        is_verbose: false,
    };
    extract::run(&extract_settings, &Printer::new(Verbosity::Quiet, ProgressStyle::None), interrupt).map(|_| ())
}

fn report(settings: &BenchSettings, times: &StageTimes, median_s: f64) -> String {
    let frames = f64::from(times.n_frames.max(1));
    let total_s = times.total().as_secs_f64().max(1e-9);
    let mut text = format!(
        "{}: {}, network {}, detector on {}\n\n{:<16} {:>8} {:>7}\n",
        settings.video.display(),
        units::counted(u64::from(times.n_frames), "frame"),
        settings.network,
        times.n_detections,
        "stage",
        "ms/frame",
        "share"
    );
    for (name, time) in times.named() {
        let seconds = time.as_secs_f64();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<16} {:>8.2} {:>6.1}%", 1e3 * seconds / frames, 100.0 * seconds / total_s);
    }
    let cores = Machine::inspect().cores;
    let (limit, reached) = (times.limit_per_s(cores), frames / median_s.max(1e-9));
    let _ = writeln!(
        text,
        "{:<16} {:>8.2}\n\nlimit of {}: {limit:.1} frames/s\nend to end, with start-up (median of {}): {reached:.1} frames/s, {:.2} of the limit; peak memory {}",
        "all",
        1e3 * total_s / frames,
        units::counted(cores as u64, "core"),
        settings.runs,
        reached / limit,
        units::bytes(machine::peak_resident_bytes()),
    );
    text
}
