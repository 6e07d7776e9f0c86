//! The arguments of `posekit run`.

use std::path::Path;

use clap::Args;

use super::analyze_args::WishArgs;
use super::extract_args::ExtractArgs;
use super::llm_args::RunLlmArgs;
use super::render_args::DrawingArgs;
#[cfg(feature = "train")]
use super::train_args::RunTrainArgs;
use crate::analyze::config::SETTINGS_FILE;
use crate::commands::analyze::AnalyzeSettings;
use crate::commands::render::{Product, RenderSettings};
use crate::commands::report::ReportSettings;
use crate::commands::run::RunSettings;
use crate::error::Error;
use crate::render::settings::Span;

/// Run everything: extract, analyze, annotated videos, report; up-to-date results are skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit run --input public\n  \
    posekit run --video squat.mp4 --sport_type squat --height_m 1.78\n  \
    posekit run --input season --no_video --memory_limit 2GiB\n  \
    posekit run --input public --use_claude --model claude-haiku-5-5 --n 50 --budget 1\n  \
    posekit run --input public --train_llm\n\n\
    Options can also be written in the table [run] of posekit.toml (docs/SETTINGS.md). The command line\n\
    overrides the file.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) extract: ExtractArgs,

    #[command(flatten)]
    wishes: WishArgs,

    #[command(flatten)]
    drawing: DrawingArgs,

    #[command(flatten)]
    llm: RunLlmArgs,

    #[cfg(feature = "train")]
    #[command(flatten)]
    train: RunTrainArgs,

    /// Make no annotated videos
    #[arg(long)]
    no_video: bool,

    /// Show the effective options and the source of each, then exit
    #[arg(long)]
    pub(super) show_config: bool,
}

impl RunArgs {
    pub(super) fn settings(self, is_verbose: bool) -> Result<RunSettings, Error> {
        #[cfg(feature = "train")]
        let (is_training, train) = (self.train.train_llm, self.train);
        #[cfg(not(feature = "train"))]
        let is_training = false;
        let Self { extract, wishes, drawing, llm, no_video, .. } = self;
        let output = extract.output.clone();
        let config = wishes.config.clone();
        let extract = extract.settings(is_verbose, config.as_deref().unwrap_or(Path::new(SETTINGS_FILE)))?;
        let analyze = AnalyzeSettings {
            dataset: extract.dataset.clone(),
            videos: Vec::new(),
            config: wishes.config.clone(),
            sports_dir: wishes.sports_dir.clone(),
            sql_dir: wishes.sql_dir.clone(),
            wishes: wishes.wishes(),
            workers: extract.workers,
            memory_limit: extract.memory_limit,
            cluster: extract.cluster.clone(),
            is_forced: extract.is_forced,
            is_analyzing: true,
            is_anew: false,
            is_checking: false,
            export: Vec::new(),
            picture_step: None,
            output: output.clone(),
            stability: None,
            is_verbose,
        };
        let (look, encoding) = drawing.look()?;
        let range = extract.pose.range;
        let span = Span { start_s: range.start_s, end_s: range.end_s, speed: 1.0 };
        let report = ReportSettings {
            dataset: extract.dataset.clone(),
            videos: Vec::new(),
            output: output.clone(),
            sports_dir: wishes.sports_dir.clone(),
            is_single_file: false,
            is_forced: extract.is_forced,
            is_verbose,
        };
        let render = RenderSettings {
            dataset: extract.dataset.clone(),
            videos: Vec::new(),
            output,
            sports_dir: wishes.sports_dir,
            look,
            span,
            product: Product::Video(encoding),
            ghost: None,
            is_forced: extract.is_forced,
            memory_limit: extract.memory_limit,
            is_verbose,
        };
        let export_llm = llm.settings(extract.dataset.clone(), extract.memory_limit, is_training)?;
        #[cfg(feature = "train")]
        let train = export_llm
            .as_ref()
            .and_then(|export| train.settings(export.llm_data.clone(), extract.dataset.clone(), extract.memory_limit));
        let render = (!no_video).then_some(render);
        Ok(RunSettings {
            extract,
            analyze,
            render,
            report,
            export_llm,
            #[cfg(feature = "train")]
            train,
        })
    }
}
