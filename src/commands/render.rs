//! `posekit render`: turns tables and videos into annotated videos, stills, animations and charts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::videos::{StoredRuns, around_damage, stems_by_id, stored_runs};
use super::{Outcome, Step, charts, library};
use crate::analyze::AnalyzeError;
use crate::analyze::all::StoredVideo;
use crate::analyze::config::DEFAULT_SPORT;
use crate::artifacts::files::remove_abandoned_files;
use crate::charts::Job as ChartJob;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::memory::limit::MemoryLimit;
use crate::output::bar::StepBar;
use crate::output::printer::Printer;
use crate::output::units;
use crate::render::animate::{AnimationWish, write_animation};
use crate::render::framing::ghost::{Anchor, JointDifference};
use crate::render::ghosts::Attempt;
use crate::render::job::{Job, JobOutcome};
use crate::render::look::Look;
use crate::render::pipeline::Rendered;
use crate::render::settings::{Encoding, Span};
use crate::render::stills::write_stills;
use crate::render::subject::{GhostWish, Subject};
use crate::sports::SportPack;
use crate::sql::library::Library;
use crate::store::select::select;
use crate::store::{Access, Catalog, Layout, StoreError};
use crate::video;
use crate::video::assemble::SoundOutcome;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RenderSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The videos to render; all if empty.
    pub(crate) videos: Vec<String>,
    /// The folder for the files.
    pub(crate) output: PathBuf,
    /// A folder of the user's own sport packs.
    pub(crate) sports_dir: Option<PathBuf>,
    /// The elements to draw and their look.
    pub(crate) look: Look,
    /// The time range to show and its speed.
    pub(crate) span: Span,
    /// The kind of files to make.
    pub(crate) product: Product,
    /// Another attempt to draw over the video.
    pub(crate) ghost: Option<Ghosting>,
    /// Whether to rebuild files even if they are up to date.
    pub(crate) is_forced: bool,
    /// The memory limit.
    pub(crate) memory_limit: MemoryLimit,
    /// Whether to show FFmpeg's messages.
    pub(crate) is_verbose: bool,
}

/// The kind of files to make from a video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Product {
    /// An annotated video.
    Video(Encoding),
    /// Pictures of events and turning points.
    Stills,
    /// A short animated picture.
    Animation(AnimationWish),
    /// Charts of the measurements.
    Charts,
}

/// One attempt drawn over another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ghosting {
    /// The attempt to draw as the ghost.
    pub(crate) attempt: Attempt,
    /// The attempt to draw the ghost onto.
    pub(crate) onto: Attempt,
    /// The part of the ghost that stays on the athlete.
    pub(crate) anchor: Anchor,
    /// Whether to swap left and right of the ghost.
    pub(crate) is_mirrored: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. Failures of single videos are an outcome, not an error.
pub(crate) fn run(settings: &RenderSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`]. Failures of single videos are an outcome, not an error.
pub(super) fn perform(settings: &RenderSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    let started = Instant::now();
    video::initialize(settings.is_verbose)?;
    remove_abandoned_files(&settings.output);
    let library = library::with_folders(None, settings.sports_dir.as_deref())?;
    let layout = Layout::new(&settings.dataset);
    let names = settings.ghost.as_ref().map(|ghost| vec![ghost.onto.video.clone()]);
    let StoredRuns { mut runs, mut n_damaged } =
        stored_runs(&layout, names.as_ref().unwrap_or(&settings.videos), printer)?;
    let of_ghost = |ghost: &Ghosting| stored_runs(&layout, std::slice::from_ref(&ghost.attempt.video), printer);
    let other = settings.ghost.as_ref().map(of_ghost);
    let catalog = Catalog::open(&layout, Access::Read)?;
    let (sports, n_left_out) = around_damage(&catalog, &mut runs, printer, &|_| Ok(sports(&catalog)?))?;
    drop(catalog);
    n_damaged += n_left_out;
    let shared = Shared {
        settings,
        library: &library,
        layout: &layout,
        cap_bytes: settings.memory_limit.bytes_on(&Machine::inspect()),
        sports,
        stems: stems_by_id(&layout)?,
        ghost: other.transpose()?.and_then(|stored| stored.runs.into_iter().next()),
    };
    let _listening = interrupt.listen();
    let (mut n_made, mut n_failed, mut n_current, mut n_without) = (0, n_damaged as u64, 0, 0);
    for stored in &runs {
        match shared.make(stored, printer, interrupt) {
            Ok(Made::New) => n_made += 1,
            Ok(Made::UpToDate) => n_current += 1,
            Ok(Made::Nothing) => n_without += 1,
            Ok(Made::Interrupted) => return Err(Error::Interrupted),
            Err(error @ (Error::Render(_) | Error::Plot(_))) => {
                n_failed += 1;
                printer.complain(&format!("{}: {error}", stored.0.name), error.hint());
            }
            Err(error) => return Err(error),
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let of = units::counted(runs.len() as u64, "video");
    let name = settings.product.name();
    let summary = match (n_made, n_failed, n_current) {
        (0, 0, 0) if n_without > 0 => format!("{of}: no {name}"),
        (0, 0, _) => format!("{of}: {name} are up to date"),
        _ => format!("{of} in {seconds:.1} s: {n_made} rendered, {n_current} up to date, {n_failed} failed"),
    };
    let outcome = if n_failed == 0 { Outcome::Done } else { Outcome::SomeFailed };
    Ok(Step { outcome, summary: vec![summary], next: None })
}

impl Product {
    fn name(self) -> &'static str {
        match self {
            Self::Video(_) => "annotated videos",
            Self::Stills => "stills",
            Self::Animation(_) => "animations",
            Self::Charts => "charts",
        }
    }
}

/// The result of one video.
pub(super) enum Made {
    New,
    UpToDate,
    /// The video has nothing to show.
    Nothing,
    Interrupted,
}

/// State that all videos of one run of the command share.
struct Shared<'a> {
    settings: &'a RenderSettings,
    library: &'a Library,
    layout: &'a Layout,
    /// The limit on resident memory, bytes.
    cap_bytes: u64,
    /// The sport that each video was analyzed for, by its id.
    sports: HashMap<String, String>,
    /// The file name stem of each video, by its id.
    stems: HashMap<String, String>,
    /// The video of the ghost.
    ghost: Option<StoredVideo>,
}

impl Shared<'_> {
    fn make(&self, stored: &StoredVideo, printer: &Printer, interrupt: &Interrupt) -> Result<Made, Error> {
        let (video, run) = stored;
        let Shared { settings, library, layout, .. } = self;
        let sport = self.sports.get(&video.video_id).map_or(DEFAULT_SPORT, String::as_str);
        let pack = SportPack::find(library, sport).map_err(AnalyzeError::from)?;
        let stem = self.stems.get(&video.video_id).unwrap_or(&video.video_id);
        let ghost = settings.ghost.as_ref().zip(self.ghost.as_ref()).map(|(wish, (video, run))| GhostWish {
            stored: (video, run),
            attempt: wish.attempt.clone(),
            onto: wish.onto.clone(),
            anchor: wish.anchor,
            is_mirrored: wish.is_mirrored,
        });
        let subject = Subject { layout, stored: (video, run), draw: &pack.draw, look: &settings.look, ghost };
        match settings.product {
            Product::Video(encoding) => self.video(subject, encoding, stem, printer, interrupt),
            Product::Stills => {
                let folder = settings.output.join("stills");
                let [n_new, n_current] = write_stills(&subject, settings.span, &folder, stem, settings.is_forced)?;
                if n_new + n_current == 0 {
                    printer.say(&format!("{}: no events and no repetitions, so no stills", video.name));
                    return Ok(Made::Nothing);
                }
                let stills = units::counted(n_new as u64, "still");
                printer.say(&format!("{}: {stills} in {}, {n_current} up to date", video.name, folder.display()));
                Ok(if n_new > 0 { Made::New } else { Made::UpToDate })
            }
            Product::Animation(wish) => {
                let number = wish.repetition.map_or(String::new(), |number| format!(".{number}"));
                let target = settings.output.join(format!("{stem}{number}.{}", wish.format.extension()));
                let is_new = write_animation(&subject, wish, settings.span, &target, settings.is_forced)?;
                if is_new {
                    printer.say(&format!("{}: {}", video.name, target.display()));
                }
                Ok(if is_new { Made::New } else { Made::UpToDate })
            }
            Product::Charts => {
                let (draw, is_forced) = (&pack.draw, settings.is_forced);
                let folder = &settings.output.join("charts");
                let job = ChartJob { layout, stored: (video, run), draw, folder, stem, is_forced };
                charts::make(&job, printer, interrupt)
            }
        }
    }

    /// Returns the stem of the new video's name. A part of the video, another speed or another view has its own name,
    /// so that it never replaces the whole annotated video, which reports show.
    fn beginning(&self, stem: &str) -> String {
        let marks = self.settings.span.marks().into_iter().chain(self.settings.look.view.mark());
        let mut beginning = marks.fold(stem.to_owned(), |beginning, mark| format!("{beginning}.{mark}"));
        // Another video may have the same stem.
        while beginning != stem && self.stems.values().any(|other| *other == beginning) {
            beginning.push('_');
        }
        beginning
    }

    fn video(
        &self,
        subject: Subject<'_>,
        encoding: Encoding,
        stem: &str,
        printer: &Printer,
        interrupt: &Interrupt,
    ) -> Result<Made, Error> {
        let settings = self.settings;
        let kind = if settings.ghost.is_some() { "ghost" } else { "annotated" };
        let target = settings.output.join(format!("{}.{kind}.{}", self.beginning(stem), encoding.codec.extension()));
        let (video, run) = subject.stored;
        let Shared { cap_bytes, .. } = *self;
        let is_forced = settings.is_forced;
        let job = Job { subject, span: settings.span, encoding, is_forced, target: &target, cap_bytes };
        let n_frames = video.info.as_ref().map_or(run.n_frames, |info| info.n_stored_frames(run.n_frames));
        let bar = StepBar::begin(printer, &video.name, n_frames);
        let started = Instant::now();
        let outcome = job.run(interrupt, &|| bar.advance())?;
        drop(bar);
        Ok(match outcome {
            JobOutcome::UpToDate => Made::UpToDate,
            JobOutcome::Interrupted => Made::Interrupted,
            JobOutcome::Rendered(rendered, differences) => {
                let seconds = started.elapsed().as_secs_f64();
                printer.say(&format!("{}: {}", video.name, in_words(&rendered, &target, seconds)));
                differences.iter().filter_map(difference_in_words).for_each(|line| printer.say(&line));
                Made::New
            }
        })
    }
}

/// Describes the angle difference between a joint of the ghost and the athlete's.
fn difference_in_words(joint: &JointDifference) -> Option<String> {
    let largest = joint.largest?;
    Some(format!(
        "  {} {}: {:.0} degrees apart on average; most at {:.2} s: {:+.0}",
        joint.side, joint.joint, joint.mean_absolute_deg, largest.time_s, largest.difference_deg
    ))
}

fn in_words(rendered: &Rendered, target: &Path, seconds: f64) -> String {
    let frames = units::counted(rendered.n_frames, "frame");
    let rate = (rendered.n_frames - rendered.n_earlier) as f64 / seconds.max(1e-9);
    let earlier = match rendered.n_earlier {
        0 => String::new(),
        earlier => format!(", {} of them from an interrupted run", units::count(earlier)),
    };
    let sound = match &rendered.sound {
        SoundOutcome::NotInContainer(codec) => format!("; without sound: this container cannot hold {codec}"),
        SoundOutcome::None | SoundOutcome::Copied => String::new(),
    };
    format!("{frames} in {}, {rate:.1} frames/s{earlier}{sound}", target.display())
}

/// Returns the sport that each video was analyzed for, by its id.
fn sports(catalog: &Catalog) -> Result<HashMap<String, String>, StoreError> {
    let mut sports = HashMap::new();
    select::<StoreError>(catalog, &[], "SELECT video_id, sport::VARCHAR AS sport FROM analyses", |rows| {
        sports.extend(rows.texts("video_id")?.into_iter().zip(rows.texts("sport")?));
        Ok(())
    })?;
    Ok(sports)
}
