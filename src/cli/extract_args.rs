//! The arguments of `posekit extract`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::engine_args::{EngineWish, engine_name, network_name};
use super::footage_args::FootageArgs;
use super::short_v::ShortV;
use crate::cluster::ClusterAddress;
use crate::commands::DEFAULT_DATASET;
use crate::commands::extract::ExtractSettings;
use crate::commands::footage::FootageRules;
use crate::error::Error;
use crate::extract::settings::{DEFAULT_SEGMENT_FRAMES, PoseSettings, TimeRange};
use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;
use crate::memory::limit::MemoryLimit;
use crate::pose::detector::DetectorThresholds;
use crate::pose::follow::People;
use crate::pose::tiles::Tiling;
use crate::pose::tracker::TrackerThresholds;

/// Turn videos into landmark tables; videos that are already extracted are skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit extract --input public\n  \
    posekit extract -v squat.mp4 --network heavy\n  \
    posekit extract --input season --start 10 --end 40 --workers 4")]
pub(super) struct ExtractArgs {
    /// Folder of videos, searched recursively [default: public, if no --video is given]
    #[arg(short, long, value_name = "DIR")]
    input: Option<PathBuf>,

    /// One video (repeatable)
    #[arg(long, value_name = "FILE")]
    video: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) v: ShortV,

    /// Folder for the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Folder of the networks; a network that is missing there is taken from the installation
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    models: PathBuf,

    /// Folder for annotated videos and reports; it is not searched for videos
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    pub(super) output: PathBuf,

    /// BlazePose landmark network: lite is the fastest, full is better, heavy is the best and several times slower than
    /// full; auto asks heavy where full is not sure
    #[arg(long, default_value = "full", value_parser = network_name())]
    network: LandmarkNetwork,

    /// Engine of the BlazePose networks: native (posekit's own), ort (ONNX Runtime), amx (native with AMX, on processors
    /// that have it), or auto (native where the processor has AVX2, AVX-512 or NEON; tables of any engine count as done)
    #[arg(long, value_name = "ENGINE", default_value = "auto", value_parser = engine_name())]
    inference: EngineWish,

    /// Maximum number of people per video, or auto (up to 6); 1 is MediaPipe's single-person algorithm
    #[arg(long, value_name = "N", default_value = "auto", value_parser = people)]
    people: People,

    /// Search tiles of the picture for small people as well: auto (if the people found are small), columns x rows, or
    /// off
    #[arg(long, value_name = "NxM", default_value = "auto", value_parser = str::parse::<Tiling>)]
    tiles: Tiling,

    /// Second of the file at which to start, counted from the first frame; the tables then hold only this part
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    start: Option<f64>,

    /// Second of the file at which to end, counted from the first frame
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    end: Option<f64>,

    /// Seconds between two searches for new people; missing people are searched for more often
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5, value_parser = seconds)]
    detection_interval: f64,

    /// Minimum score of a detection, 0 to 1 [default: 0.25; 0.5 with --people 1]
    #[arg(long, value_name = "P", value_parser = probability)]
    min_detection_confidence: Option<f32>,

    /// How sure the landmark network must be that a person is there, 0 to 1
    #[arg(long, visible_alias = "min-tracking-confidence", value_name = "P", default_value_t = 0.5, value_parser = probability)]
    min_presence_confidence: f32,

    /// Two detections that overlap more than this are one person, 0 to 1 (only with --people 1)
    #[arg(long, value_name = "P", default_value_t = 0.3, value_parser = probability)]
    max_detection_overlap: f32,

    /// Number of videos to extract in parallel [default: from cores and memory]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    workers: Option<u32>,

    /// Resident memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Number of frames each worker decodes ahead
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    batch_size: u32,

    /// Number of frames per segment: rows are sealed and tracking restarts after each; a killed extraction resumes
    /// there
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEGMENT_FRAMES, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    segment_frames: u32,

    /// Do the work on a cluster: ray, ray://HOST:PORT, dask, or tcp://HOST:PORT of a Dask scheduler
    #[arg(long, value_name = "ADDRESS", value_parser = str::parse::<ClusterAddress>)]
    cluster: Option<ClusterAddress>,

    /// Extract again even if a video has tables; the older run stays until `posekit status --prune`
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    footage: FootageArgs,
}

impl ExtractArgs {
    /// Returns the settings. `config` is the settings file, which has rules about single videos.
    pub(super) fn settings(self, is_verbose: bool, config: &Path) -> Result<ExtractSettings, Error> {
        let Self {
            input,
            mut video,
            v,
            dataset,
            models,
            output,
            network,
            inference,
            people,
            tiles,
            detection_interval,
            start,
            end,
            min_detection_confidence,
            min_presence_confidence,
            max_detection_overlap,
            workers,
            memory_limit,
            batch_size,
            segment_frames,
            cluster,
            force,
            footage,
        } = self;
        video.extend(v.videos().map(PathBuf::from));
        if let (start, Some(end)) = (start.unwrap_or_default(), end)
            && start >= end
        {
            return Err(Error::Usage {
                message: format!("--start {start} is not before --end {end}"),
                hint: "both count seconds from the first frame".to_owned(),
            });
        }
        let defaults = PoseSettings::default();
        let input = if input.is_none() && video.is_empty() { Some(PathBuf::from("public")) } else { input };
        Ok(ExtractSettings {
            input,
            videos: video,
            results: vec![dataset.clone(), output],
            dataset,
            models,
            pose: PoseSettings {
                network,
                inference: inference.0.unwrap_or_else(EngineKind::best),
                people,
                tiling: tiles,
                thresholds: TrackerThresholds {
                    detector: DetectorThresholds {
                        min_score: min_detection_confidence.unwrap_or(defaults.thresholds.detector.min_score),
                        max_overlap: max_detection_overlap,
                    },
                    min_presence: min_presence_confidence,
                },
                detection_interval_s: detection_interval,
                min_people_score: min_detection_confidence.unwrap_or(defaults.min_people_score),
                range: TimeRange { start_s: start, end_s: end },
                segment_frames,
                ..defaults
            },
            footage: FootageRules::read(footage.wishes(), config)?,
            is_any_engine: inference.0.is_none(),
            workers: workers.map(|count| count as usize),
            batch_size: batch_size as usize,
            memory_limit,
            cluster,
            is_forced: force,
            is_verbose,
        })
    }
}

pub(super) fn people(text: &str) -> Result<People, String> {
    match text {
        "auto" => Ok(People::default()),
        "1" => Ok(People::One),
        _ => match text.parse() {
            Ok(count @ 2..=32) => Ok(People::UpTo(count)),
            _ => Err("expected auto or a number from 1 to 32".to_owned()),
        },
    }
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(format!("invalid time {text} (expected 0 or more)")) }
}

fn probability(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "expected a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(format!("invalid value {text} (expected 0 to 1)")) }
}
