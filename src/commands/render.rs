//! `posekit render`: tables and videos to annotated videos.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::videos::{stems_by_id, stored_runs};
use super::{Outcome, Step};
use crate::analyze::AnalyzeError;
use crate::analyze::all::StoredVideo;
use crate::analyze::config::DEFAULT_SPORT;
use crate::analyze::pack::SportPack;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::memory::limit::MemoryLimit;
use crate::output::bar::StepBar;
use crate::output::printer::Printer;
use crate::output::units;
use crate::render::job::{Job, JobOutcome, Plan};
use crate::render::pipeline::Rendered;
use crate::sql::library::Library;
use crate::store::select::select;
use crate::store::{Access, Catalog, Layout, StoreError};
use crate::video;
use crate::video::assemble::SoundOutcome;

/// What the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderSettings {
    /// The dataset.
    pub dataset: PathBuf,
    /// The videos; all where none is named.
    pub videos: Vec<String>,
    /// Where the files go.
    pub output: PathBuf,
    /// A folder of the user's own sport packs.
    pub sports_dir: Option<PathBuf>,
    /// How videos are made.
    pub plan: Plan,
    /// The cap on memory.
    pub memory_limit: MemoryLimit,
    /// Let FFmpeg speak.
    pub is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]; single videos that fail are an outcome.
pub fn run(settings: &RenderSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`]; single videos that fail are an outcome.
pub(super) fn perform(settings: &RenderSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    let started = Instant::now();
    video::initialize(settings.is_verbose)?;
    let mut library = Library::built_in();
    if let Some(folder) = &settings.sports_dir {
        library.add_folder(folder, "sports/").map_err(AnalyzeError::from)?;
    }
    let layout = Layout::new(&settings.dataset);
    let runs = stored_runs(&layout, &settings.videos)?;
    let shared = Shared {
        settings,
        library: &library,
        layout: &layout,
        cap_bytes: settings.memory_limit.bytes_on(&Machine::inspect()),
        sports: sports(&Catalog::open(&layout, Access::Read)?)?,
        stems: stems_by_id(&layout)?,
    };
    let _listening = interrupt.listen();
    let (mut n_made, mut n_failed, mut n_current) = (0, 0, 0);
    for stored in &runs {
        match shared.render(stored, printer, interrupt) {
            Ok(JobOutcome::UpToDate) => n_current += 1,
            Ok(JobOutcome::Rendered(_)) => n_made += 1,
            Ok(JobOutcome::Interrupted) => return Err(Error::Interrupted),
            Err(Error::Render(error)) => {
                n_failed += 1;
                printer.complain(&format!("{}: {error}", stored.0.name), error.hint());
            }
            Err(error) => return Err(error),
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let of = units::counted(runs.len() as u64, "video");
    let summary = match (n_made, n_failed) {
        (0, 0) => format!("{of}: annotated videos are up to date"),
        _ => format!("{of} in {seconds:.1} s: {n_made} rendered, {n_current} up to date, {n_failed} failed"),
    };
    let outcome = if n_failed == 0 { Outcome::Done } else { Outcome::SomeFailed };
    Ok(Step { outcome, summary: vec![summary], next: None })
}

/// What all videos of a run of the command share.
struct Shared<'a> {
    settings: &'a RenderSettings,
    library: &'a Library,
    layout: &'a Layout,
    /// Resident memory at most, bytes.
    cap_bytes: u64,
    /// The sport that each video was analyzed for, by its id.
    sports: HashMap<String, String>,
    /// The beginning of the names of each video's files, by its id.
    stems: HashMap<String, String>,
}

impl Shared<'_> {
    fn render(&self, stored: &StoredVideo, printer: &Printer, interrupt: &Interrupt) -> Result<JobOutcome, Error> {
        let (video, run) = stored;
        let Shared { settings, library, layout, .. } = self;
        let sport = self.sports.get(&video.video_id).map_or(DEFAULT_SPORT, String::as_str);
        let pack = SportPack::find(library, sport)?;
        let stem = self.stems.get(&video.video_id).unwrap_or(&video.video_id);
        let extension = settings.plan.encoding.codec.extension();
        let target = settings.output.join(format!("{stem}.annotated.{extension}"));
        let job = Job {
            layout,
            stored: (video, run),
            draw: &pack.draw,
            plan: &settings.plan,
            target: &target,
            cap_bytes: self.cap_bytes,
        };
        let bar = StepBar::begin(printer, &video.name, run.n_frames);
        let started = Instant::now();
        let outcome = job.run(interrupt, &|| bar.advance())?;
        drop(bar);
        if let JobOutcome::Rendered(rendered) = &outcome {
            let seconds = started.elapsed().as_secs_f64();
            printer.say(&format!("{}: {}", video.name, in_words(rendered, &target, seconds)));
        }
        Ok(outcome)
    }
}

fn in_words(rendered: &Rendered, target: &Path, seconds: f64) -> String {
    let frames = units::counted(rendered.n_frames, "frame");
    let rate = (rendered.n_frames - rendered.n_earlier) as f64 / seconds.max(1e-9);
    let earlier = match rendered.n_earlier {
        0 => String::new(),
        earlier => format!(", {} of them from an interrupted run", units::count(earlier)),
    };
    let sound = match &rendered.sound {
        SoundOutcome::NotInContainer(codec) => format!("; its sound ({codec}) does not fit into this container"),
        SoundOutcome::None | SoundOutcome::Copied => String::new(),
    };
    format!("{frames} in {}, {rate:.1} frames/s{earlier}{sound}", target.display())
}

/// The sport that each video was analyzed for, by its id.
fn sports(catalog: &Catalog) -> Result<HashMap<String, String>, StoreError> {
    let mut sports = HashMap::new();
    select::<StoreError>(catalog, &[], "SELECT video_id, sport::VARCHAR AS sport FROM analyses", |rows| {
        sports.extend(rows.texts("video_id")?.into_iter().zip(rows.texts("sport")?));
        Ok(())
    })?;
    Ok(sports)
}
