//! The arguments of `posekit status`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::commands::DEFAULT_DATASET;
use crate::commands::status::{StatusSettings, StatusTask};

/// Show what the dataset contains: videos, runs, frames, people, failures, size
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag on the command line; settings() turns them into one task"
)]
pub(super) struct StatusArgs {
    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Output format
    #[arg(short, long, value_enum, default_value_t = StatusFormat::Table)]
    format: StatusFormat,

    /// List the runs of each video and mark its current run
    #[arg(long, group = "task")]
    runs: bool,

    /// Make a run the current run of a video: the one that views, measurements and pages show
    #[arg(long = "use", group = "task", num_args = 2, value_names = ["VIDEO", "RUN"])]
    used: Vec<String>,

    /// Remove replaced runs and the parts of unfinished runs. Each video keeps its current run and its best run:
    /// complete before partial, heavy before auto before full before lite
    #[arg(long, group = "task")]
    prune: bool,

    /// Remove runs without asking for confirmation
    #[arg(long, requires = "prune")]
    yes: bool,

    /// Rebuild the catalog from the Parquet files alone
    #[arg(long, group = "task")]
    rebuild: bool,

    /// Verify every part and all tables; exit status 1 if something is wrong
    #[arg(long, group = "task")]
    check: bool,

    /// Repair what does not need the videos: finish interrupted changes, set damaged parts aside, rebuild people and
    /// landmarks
    #[arg(long, group = "task")]
    repair: bool,

    /// Give videos and runs written by an older posekit the ids that posekit assigns today (some readers took the old
    /// ids for numbers)
    #[arg(long, group = "task")]
    migrate: bool,

    /// Same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    Table,
    Json,
}

impl StatusArgs {
    pub(super) fn settings(self) -> StatusSettings {
        let Self { dataset, format, runs, used, prune, yes, rebuild, check, repair, migrate, v: _ } = self;
        let task = match (used.as_slice(), runs, prune, rebuild, check) {
            _ if repair => StatusTask::Repair,
            _ if migrate => StatusTask::Migrate,
            ([video, run], ..) => StatusTask::Use { video: video.clone(), run: run.clone() },
            (_, true, ..) => StatusTask::Runs,
            (_, _, true, ..) => StatusTask::Prune { is_sure: yes },
            (_, _, _, true, _) => StatusTask::Rebuild,
            (.., true) => StatusTask::Check,
            _ => StatusTask::Show,
        };
        StatusSettings { dataset, is_json: format == StatusFormat::Json, task }
    }
}
