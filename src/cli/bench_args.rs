//! The arguments of `posekit bench`.

use std::path::PathBuf;

use clap::Args;

use super::engine_args::{EngineWish, engine_name, network_name};
use crate::commands::DEFAULT_DATASET;
use crate::commands::bench::BenchSettings;
use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;
use crate::pose::follow::People;

/// Measure how fast this machine is: each stage of the pipeline, their limit, and the speed of extraction
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// The clip to measure with
    #[arg(long, value_name = "FILE", default_value = "public/flip_and_walk_2p.mp4")]
    video: PathBuf,

    /// Folder of the networks
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    models: PathBuf,

    /// BlazePose landmark network
    #[arg(long, default_value = "full", value_parser = network_name())]
    network: LandmarkNetwork,

    /// Engine of the BlazePose networks: native, ort, amx, or auto
    #[arg(long, value_name = "ENGINE", default_value = "auto", value_parser = engine_name())]
    inference: EngineWish,

    /// Maximum number of people, or auto; 1 is MediaPipe's single-person algorithm
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::extract_args::people)]
    people: People,

    /// Folder of the tables; the result is stored in its catalog (table benchmarks)
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Number of end-to-end runs; the median is reported
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
}

impl BenchArgs {
    pub(super) fn settings(self) -> BenchSettings {
        let Self { video, models, network, inference, people, dataset, runs } = self;
        let inference = inference.0.unwrap_or_else(EngineKind::best);
        BenchSettings { video, models, network, inference, people, dataset, runs: runs as usize }
    }
}
