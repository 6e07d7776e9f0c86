//! `posekit report`: turns tables into pages that a browser opens.

use std::path::PathBuf;

use super::videos::{StoredRuns, around_damage, some_of, stems_by_id, stored_runs};
use super::{Outcome, Step, dataset_option, library, shell_word};
use crate::analyze::all::StoredVideo;
use crate::artifacts::files::remove_abandoned_files;
use crate::error::Error;
use crate::inference::engine;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::machine::since_1970;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::report::page::data::Fact;
use crate::report::{Job, Written, made_at};
use crate::store::engine::duckdb_version;
use crate::store::{Access, Catalog, Layout};
use crate::video;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The videos to report; all if empty.
    pub(crate) videos: Vec<String>,
    /// The folder for the report, with the annotated videos and charts.
    pub(crate) output: PathBuf,
    /// A folder of the user's own sport packs.
    pub(crate) sports_dir: Option<PathBuf>,
    /// Whether to write one file that contains everything.
    pub(crate) is_single_file: bool,
    /// Whether to rebuild pages even if they are up to date.
    pub(crate) is_forced: bool,
    /// Whether to show FFmpeg's messages.
    pub(crate) is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. Failures of single videos are an outcome, not an error.
pub(crate) fn run(settings: &ReportSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`]. Failures of single videos are an outcome, not an error.
pub(super) fn perform(settings: &ReportSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    video::initialize(settings.is_verbose)?;
    remove_abandoned_files(&settings.output);
    let library = library::with_folders(None, settings.sports_dir.as_deref())?;
    let layout = Layout::new(&settings.dataset);
    let StoredRuns { mut runs, mut n_damaged } = stored_runs(&layout, &settings.videos, printer)?;
    let stems = stems_by_id(&layout)?;
    let catalog = Catalog::open(&layout, Access::Read)?;
    let made_at = made_at(&catalog, since_1970().as_secs())?;
    let _listening = interrupt.listen();
    let counter = Counter::new(printer, "report", "pages", Some(runs.len() as u64));
    // The job asks before each page.
    let is_interrupted = || {
        counter.advance();
        interrupt.is_requested()
    };
    let write = |videos: &[StoredVideo]| {
        let job = Job {
            layout: &layout,
            catalog: &catalog,
            library: &library,
            videos,
            stems: &stems,
            output: &settings.output,
            made_at: &made_at,
            method: versions(),
            is_forced: settings.is_forced,
            is_stopped: &|| interrupt.is_requested(),
        };
        let written = if settings.is_single_file {
            job.write_single_file(&is_interrupted)
        } else {
            job.write_folder(&is_interrupted)
        };
        Ok(written?)
    };
    let (written, n_left_out) = around_damage(&catalog, &mut runs, printer, &write)?;
    counter.clear();
    let Some(written) = written else { return Err(Error::Interrupted) };
    n_damaged += n_left_out;
    for (name, note) in &written.notes {
        printer.complain(&format!("{name}: {note}"), None);
    }
    for (name, error) in &written.failed {
        printer.complain(&format!("{name}: {error}"), error.hint());
    }
    let outcome = if written.failed.is_empty() && n_damaged == 0 { Outcome::Done } else { Outcome::SomeFailed };
    Ok(Step { outcome, summary: summary(settings, &written, runs.len()), next: None })
}

fn summary(settings: &ReportSettings, written: &Written, n_videos: usize) -> Vec<String> {
    let videos = units::counted(n_videos as u64, "video");
    let mut lines = vec![format!("{videos}: {}", written.index.display())];
    if !written.failed.is_empty() {
        lines[0] = format!("{} ({} failed)", lines[0], written.failed.len());
    } else if written.n_pages == 0 {
        lines[0] += " is up to date";
    }
    if !written.without_video.is_empty() {
        let names = some_of(written.without_video.iter().cloned());
        let default = PathBuf::from("output");
        let output = if settings.output == default {
            String::new()
        } else {
            format!(" -o {}", shell_word(&settings.output.display().to_string()))
        };
        let dataset = dataset_option(&settings.dataset);
        lines.push(format!("no annotated video of {names}: run `posekit render{dataset}{output}`, then report again"));
    }
    lines
}

/// Returns the versions of this program and its libraries.
fn versions() -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact { name: name.to_owned(), value };
    let runtime = engine::library_version(&installation::onnxruntime());
    let mut facts =
        vec![fact("posekit", env!("CARGO_PKG_VERSION").to_owned()), fact("FFmpeg", video::ffmpeg_version())];
    facts.extend(runtime.ok().map(|version| fact("ONNX Runtime", version)));
    facts.extend(duckdb_version().ok().map(|version| fact("DuckDB", version)));
    facts
}
