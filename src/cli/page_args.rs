//! The arguments of `posekit report`.

use std::path::PathBuf;

use clap::Args;

use super::short_v::ShortV;
use crate::commands::DEFAULT_DATASET;
use crate::commands::report::ReportSettings;

/// Turn tables and annotated videos into pages that any browser opens offline; up-to-date pages are skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit report\n  \
    posekit report --video squat.mp4 -o squat\n  \
    posekit report --single_file\n\n\
    The pages play the annotated videos that `posekit render` wrote into the folder. Without a video, charts\n\
    use their own clock.")]
pub(super) struct PageArgs {
    /// Video of the tables: its file name, its id, or the beginning of either (repeatable) [default: all]
    #[arg(long, value_name = "VIDEO")]
    video: Vec<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Folder for annotated videos and reports
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// Folder of your own sport packs
    #[arg(long, value_name = "DIR")]
    sports_dir: Option<PathBuf>,

    /// Write one file, report.html, that contains everything, including videos
    #[arg(long)]
    single_file: bool,

    /// Make pages again even if they are up to date
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    pub(super) v: ShortV,
}

impl PageArgs {
    pub(super) fn settings(self, is_verbose: bool) -> ReportSettings {
        let Self { video, dataset, output, sports_dir, single_file, force, v } = self;
        let (videos, is_single_file, is_forced) = (v.added_to(video), single_file, force);
        ReportSettings { dataset, videos, output, sports_dir, is_single_file, is_forced, is_verbose }
    }
}
