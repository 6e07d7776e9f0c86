//! The arguments of `posekit worker`.

use std::path::PathBuf;

use clap::Args;

use crate::commands::DEFAULT_DATASET;
use crate::commands::worker::WorkerSettings;
use crate::memory::limit::MemoryLimit;

/// Read units of work as JSON lines from standard input and write their results to standard output (docs/WORKER.md)
#[derive(Debug, Args)]
pub(super) struct WorkerArgs {
    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Folder of the networks; a network that is missing there is taken from the installation
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    models: PathBuf,

    /// Resident memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Cores to use [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    cores: Option<u32>,

    /// Number of frames to decode ahead
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    batch_size: u32,

    /// Print the version and the networks of this posekit as JSON, and end
    #[arg(long)]
    describe: bool,
}

impl WorkerArgs {
    pub(super) fn settings(self) -> WorkerSettings {
        let Self { dataset, models, memory_limit, cores, batch_size, describe } = self;
        let cores = cores.map(|cores| cores as usize);
        let batch_size = batch_size as usize;
        WorkerSettings { dataset, models, memory_limit, cores, batch_size, is_describing: describe }
    }
}
