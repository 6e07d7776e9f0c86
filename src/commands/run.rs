//! `posekit run`: runs all steps, each for the given videos.

use std::time::Instant;

use super::analyze::AnalyzeSettings;
use super::export_llm::{self, ExportLlmSettings};
use super::extract::ExtractSettings;
use super::render::RenderSettings;
use super::report::ReportSettings;
#[cfg(feature = "train")]
use super::train::{self, TrainSettings};
use super::videos::stored_runs;
use super::{Outcome, Step, analyze, extract, render, report};
use crate::error::Error;
use crate::export::VideoFiles;
use crate::interrupt::Interrupt;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::people::shown_videos;
use crate::store::results::run_key;
use crate::store::{Access, Catalog, Layout};
use crate::versions;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunSettings {
    /// The first step.
    pub(crate) extract: ExtractSettings,
    /// The second step, for the videos of the first step.
    pub(crate) analyze: AnalyzeSettings,
    /// The step that makes annotated videos; `None` skips it.
    pub(crate) render: Option<RenderSettings>,
    /// The step that makes pages of all videos of the dataset.
    pub(crate) report: ReportSettings,
    /// The step that writes language-model data of all videos of the dataset; `None` skips it.
    pub(crate) export_llm: Option<ExportLlmSettings>,
    /// The step that trains a model on that data; `None` skips it.
    #[cfg(feature = "train")]
    pub(crate) train: Option<TrainSettings>,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. Failures of single videos are an outcome, not an error; the other videos continue with the next step.
pub(crate) fn run(settings: &RunSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    let started = Instant::now();
    let mut steps = Steps::default();
    let (extracted, video_ids) = extract::perform(&settings.extract, printer, interrupt)?;
    steps.add("extract", extracted);
    let videos = with_tables(&Layout::new(&settings.extract.dataset), video_ids)?;
    if !videos.is_empty() {
        let wanted = AnalyzeSettings { videos: videos.clone(), ..settings.analyze.clone() };
        steps.add("analyze", analyze::perform(&wanted, printer, interrupt)?);
        steps.add("poses", write_pose_files(settings, &videos, printer)?);
        if let Some(render) = &settings.render {
            let wanted = RenderSettings { videos: videos.clone(), ..render.clone() };
            steps.add("render", render::perform(&wanted, printer, interrupt)?);
        }
        steps.add("report", report::perform(&settings.report, printer, interrupt)?);
        if let Some(export) = &settings.export_llm {
            steps.add("llm", export_llm::perform(export, printer, interrupt)?);
        }
        #[cfg(feature = "train")]
        if let Some(train) = &settings.train {
            steps.add("train", train::perform(train, printer, interrupt)?);
        }
    }
    steps.say(printer, started.elapsed().as_secs_f64());
    if !videos.is_empty() {
        printer.say(&format!("report: {}", settings.report.output.join("index.html").display()));
    }
    Ok(steps.outcome())
}

/// Writes the pose file of each video beside the annotated videos and the report.
fn write_pose_files(settings: &RunSettings, videos: &[String], printer: &Printer) -> Result<Step, Error> {
    let layout = Layout::new(&settings.extract.dataset);
    let catalog = Catalog::open(&layout, Access::Read)?;
    let folder = &settings.report.output;
    let (mut files, mut n_written) = (VideoFiles::new(&catalog)?, 0);
    for (video, run) in stored_runs(&layout, videos, printer)?.runs {
        let key = run_key(&layout, &video, &run, &[versions::POSE_FILES])?;
        n_written += u64::from(files.write_poses(&video.video_id, folder, &key)?.is_some());
    }
    let folder = folder.display();
    let line = match n_written {
        0 => format!("pose files in {folder} are up to date"),
        _ => format!("{} in {folder}", units::counted(n_written, "pose file")),
    };
    Ok(Step { outcome: Outcome::Done, summary: vec![line], next: None })
}

/// Returns those of the videos that have tables.
fn with_tables(layout: &Layout, video_ids: Vec<String>) -> Result<Vec<String>, Error> {
    let shown = shown_videos(&Catalog::open(layout, Access::Read)?)?;
    let has_tables = |id: &String| shown.iter().any(|video| video.video_id == *id && video.run_id.is_some());
    Ok(video_ids.into_iter().filter(has_tables).collect())
}

/// The results of the steps.
#[derive(Default)]
struct Steps(Vec<(&'static str, Step)>);

impl Steps {
    fn add(&mut self, name: &'static str, step: Step) {
        self.0.push((name, step));
    }

    fn outcome(&self) -> Outcome {
        let is_done = self.0.iter().all(|(_, step)| step.outcome == Outcome::Done);
        if is_done { Outcome::Done } else { Outcome::SomeFailed }
    }

    /// Prints one summary, with one line per item of each step.
    fn say(&self, printer: &Printer, seconds: f64) {
        printer.say(&format!("done in {}", units::duration(seconds)));
        for (name, step) in &self.0 {
            for line in &step.summary {
                printer.say(&format!("  {name:<8} {line}"));
            }
        }
    }
}
