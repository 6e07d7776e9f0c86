//! `posekit extract`: videos to landmark tables.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crossbeam_channel::unbounded;

use super::loaded_networks::LoadedNetworks;
use super::memory_share::{Share, is_wide_soon, share_memory};
use super::recording::record;
use super::{Outcome, Step, dataset_option, shell_word};
use crate::error::Error;
use crate::extract::cores::Cores;
use crate::extract::decoding::Ahead;
use crate::extract::elastic::Widening;
use crate::extract::events::{Event, Reporter};
use crate::extract::job::{JobOptions, JobOutcome};
use crate::extract::plan::{Given, Plan, plan};
use crate::extract::resume::has_current_tracks;
use crate::extract::settings::PoseSettings;
use crate::extract::stored::StoredRun;
use crate::extract::workers::Crew;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::machine::{self, Machine};
use crate::memory::budget::Budget;
use crate::memory::limit::MemoryLimit;
use crate::memory::watch::Watcher;
use crate::output::printer::Printer;
use crate::output::progress::ProgressReporter;
use crate::output::units;
use crate::pose::session::{OrtNetworks, Runtime};
use crate::store::knowledge::{Knowledge, KnownRun};
use crate::store::lock::DatasetLock;
use crate::store::people::shown_videos;
use crate::store::standing::Extent;
use crate::store::wholeness::RunExtent;
use crate::store::{Access, Catalog, Layout, StoreError};
use crate::video::discover::{Discovery, find_videos};
use crate::video::{self, VideoError};

/// What the user asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtractSettings {
    /// Folder to search.
    pub input: Option<PathBuf>,
    /// Single videos.
    pub videos: Vec<PathBuf>,
    /// Where the tables go.
    pub dataset: PathBuf,
    /// Where networks are looked for first.
    pub models: PathBuf,
    /// Folders of results, which are not searched for videos.
    pub results: Vec<PathBuf>,
    /// What the rows depend on.
    pub pose: PoseSettings,
    /// Videos at the same time; from the cores where not given.
    pub workers: Option<usize>,
    /// Pictures decoded ahead per worker.
    pub batch_size: usize,
    /// Resident memory at most.
    pub memory_limit: MemoryLimit,
    /// Analyze known videos again.
    pub is_forced: bool,
    /// Let FFmpeg speak.
    pub is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]; single videos that fail are an outcome.
pub fn run(settings: &ExtractSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.0.say(printer))
}

/// Does the work of the command; what came of it, and the ids of all videos that were asked for and could be read.
///
/// # Errors
/// See [`Error`]; single videos that fail are an outcome. What was done before is said.
pub(super) fn perform(
    settings: &ExtractSettings,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(Step, Vec<String>), Error> {
    let started = Instant::now();
    video::initialize(settings.is_verbose)?;
    let layout = Layout::new(&settings.dataset);
    let files = collect_files(settings)?;
    let knowledge = known(&layout)?;
    let is_whole = |video_id: &str, run: &KnownRun| {
        let extent = RunExtent { video_id, run_id: &run.run_id, n_frames: run.n_frames };
        extent.missing_of_extraction(&layout).is_empty()
    };
    let given =
        Given { settings: &settings.pose, knowledge: &knowledge, is_whole: &is_whole, is_forced: settings.is_forced };
    let mut plan = plan(&files.files, given);
    tracing::debug!("{} files, {} to analyze, {} known", files.files.len(), plan.jobs.len(), plan.known.len());
    plan.unreadable.extend(files.unreadable.into_iter().map(|(path, source)| {
        let error = VideoError::Io { path: path.clone(), source };
        (path, error)
    }));
    for known in &plan.found {
        let was_hidden = plan.current.iter().any(|(video_id, _)| *video_id == known.0);
        bring_tracks_up_to_date(&layout, known, was_hidden)?;
    }
    if !plan.current.is_empty() {
        commit_known(&layout, &plan, printer)?;
    } else if let Err(error) = commit_known(&layout, &plan, printer) {
        // Names of files only save reading them again.
        tracing::warn!("new file names could not be noted: {error}");
    }
    let reporter = ProgressReporter::new(printer);
    let mut tally = Tally { known: plan.known.len(), ..Tally::default() };
    for (path, error) in &plan.unreadable {
        tally.failed += 1;
        report_failure(&reporter, None, &path.display().to_string(), &error.to_string(), error.hint());
    }
    let outcome = if plan.jobs.is_empty() {
        Ok(())
    } else {
        analyze(settings, &layout, &plan, printer, &reporter, interrupt, &mut tally)
    };
    reporter.clear();
    let step = tally.step(&settings.dataset, started.elapsed().as_secs_f64());
    match outcome {
        Ok(()) => Ok((step, plan.videos)),
        Err(error) => {
            step.say(printer);
            Err(error)
        }
    }
}

/// The files to look at: those named, and those in the folder.
fn collect_files(settings: &ExtractSettings) -> Result<Discovery, Error> {
    let mut files = settings.videos.clone();
    let mut unreadable = Vec::new();
    if let Some(input) = &settings.input {
        if !input.exists() {
            return Err(Error::Usage {
                message: format!("the input folder {} does not exist", input.display()),
                hint: "name the folder of your videos with --input, or single ones with --video".to_owned(),
            });
        }
        let found = find_videos(input, &settings.results);
        if found.files.is_empty() && found.unreadable.is_empty() && files.is_empty() {
            return Err(Error::Usage {
                message: format!("there is no video in {}", input.display()),
                hint: "name the folder of your videos with --input, or single ones with --video".to_owned(),
            });
        }
        files.extend(found.files);
        unreadable = found.unreadable;
    }
    Ok(Discovery { files, unreadable })
}

fn known(layout: &Layout) -> Result<Knowledge, Error> {
    match Catalog::open(layout, Access::Read) {
        Ok(catalog) => Ok(catalog.knowledge()?),
        Err(StoreError::NoCatalog { .. }) => Ok(Knowledge::default()),
        Err(error) => Err(error.into()),
    }
}

fn commit_known(layout: &Layout, plan: &Plan, printer: &Printer) -> Result<(), Error> {
    let is_known = |video_id: &String| plan.jobs.iter().all(|job| job.label.video_id != *video_id);
    // A copy of a video that is still to be analyzed is noted the next time.
    let seen: Vec<_> = plan.seen.iter().filter(|(_, _, video_id)| is_known(video_id)).cloned().collect();
    if seen.is_empty() && plan.current.is_empty() {
        return Ok(());
    }
    let current: Vec<_> = plan.current.iter().map(|(video_id, run)| (video_id.clone(), run.run_id.clone())).collect();
    let mut catalog = Catalog::open(layout, Access::Write)?;
    catalog.commit_known(&seen, &current)?;
    for (video_id, run) in &plan.current {
        if let Some(name) = shown_videos(&catalog)?.into_iter().find(|video| video.video_id == *video_id) {
            let now = (run.run_id.as_str(), &run.extent);
            tell_standing(printer, layout, &name.name, plan.standing.get(video_id), now);
        }
    }
    Ok(())
}

/// Says which run stands for a video from now on, if the one before was another kind of run.
fn tell_standing(
    printer: &Printer,
    layout: &Layout,
    name: &str,
    before: Option<&KnownRun>,
    (run_id, now): (&str, &Extent),
) {
    let Some(before) = before.filter(|before| before.run_id != run_id && before.extent != *now) else { return };
    printer.say(&format!(
        "{name}: this run ({}) now stands for it instead of {} ({}); `posekit status{} --use {} {}` takes that back",
        now.words(),
        before.run_id,
        before.extent.words(),
        dataset_option(layout.root()),
        shell_word(name),
        before.run_id
    ));
}

/// Edits may have come and gone while another run was shown, and who is who may have been found by another version.
fn bring_tracks_up_to_date(layout: &Layout, known: &(String, String), was_hidden: bool) -> Result<(), Error> {
    let (video_id, run_id) = known;
    let is_current = has_current_tracks(layout, video_id, run_id);
    if is_current && !was_hidden {
        return Ok(());
    }
    let _lock = DatasetLock::acquire(layout, "posekit extract")?;
    let run = StoredRun::open(layout, video_id, run_id)?;
    let warnings = if is_current { run.obey_edits(layout)?.unwrap_or_default() } else { run.identify(layout)? };
    for warning in warnings {
        tracing::warn!("video {video_id}: {warning}");
    }
    Ok(())
}

fn analyze(
    settings: &ExtractSettings,
    layout: &Layout,
    plan: &Plan,
    printer: &Printer,
    reporter: &dyn Reporter,
    interrupt: &Interrupt,
    tally: &mut Tally,
) -> Result<(), Error> {
    let machine = Machine::inspect();
    let cap_bytes = settings.memory_limit.bytes_on(&machine);
    let Share { plan: share, decoder_threads, n_frames } = share_memory(settings, &machine, cap_bytes, &plan.jobs)?;
    let workers = share.workers;
    let loaded = LoadedNetworks::read(&settings.models, &settings.pose)?;
    let runtime = Runtime::load(&installation::onnxruntime())?;
    tracing::debug!(
        "ONNX Runtime {}, network {}, {workers} workers, {} frames decoded ahead",
        runtime.version(),
        settings.pose.network,
        settings.batch_size
    );
    let _lock = DatasetLock::acquire(layout, "posekit extract")?;
    reporter.on(&Event::Planned { n_videos: plan.jobs.len(), n_frames, n_known: plan.known.len(), workers });
    printer.say(&format!(
        "{}, at most {} of memory",
        units::counted(workers as u64, "worker"),
        units::bytes(cap_bytes)
    ));
    let budget = Budget::new(share.frame_bytes);
    let cores = Cores::new(machine.cores);
    let networks = Widening {
        cores: cores.clone(),
        threads: (machine.cores / workers).clamp(2, 4).min(machine.cores),
        spare_sets: Budget::new(share.spare_sets as u64),
        make: &|threads| OrtNetworks::new(&runtime, &loaded.set(), threads),
        make_frequent: &|threads| OrtNetworks::new(&runtime, &loaded.frequent_set(), threads),
    };
    let crew = Crew {
        size: workers,
        options: JobOptions {
            pose: settings.pose,
            ahead: Ahead { frames: settings.batch_size, threads: decoder_threads, budget: budget.clone(), cores },
        },
        layout,
        networks: &networks,
        is_wide_soon: is_wide_soon(&machine, workers),
        reporter,
        interrupt,
    };
    std::thread::scope(|scope| {
        let (finished, outcomes) = unbounded();
        let recorder = std::thread::Builder::new().name("catalog".to_owned());
        let recorder = recorder.spawn_scoped(scope, move || record(layout, &outcomes)).map_err(Error::Thread)?;
        let _watcher = Watcher::start(scope, budget, cap_bytes).map_err(Error::Thread)?;
        let _listening = interrupt.listen();
        // While workers load their networks the catalog is opened: a dataset that cannot be written is known at once.
        let open_catalog = || Catalog::open(layout, Access::Commit).map(drop).map_err(Error::from);
        let worked = crew.run(&plan.jobs, open_catalog, |outcome| {
            tally.add(&outcome);
            report_outcome(reporter, &outcome);
            if outcome.run.has_tables() {
                let (before, run) = (plan.standing.get(&outcome.video.video_id), &outcome.run);
                let extent = Extent::new(&run.network, &run.settings);
                tell_standing(printer, layout, &outcome.video.name, before, (&run.run_id, &extent));
            }
            // It is gone only after an error, which then counts.
            finished.send(outcome).map_err(|_| Error::Interrupted)
        });
        drop(finished);
        // What was done is recorded even where the work ended early.
        let recorded = recorder.join().unwrap_or_else(|_| Err(Error::Recorder));
        recorded.and(worked)
    })
}

fn report_outcome(reporter: &dyn Reporter, outcome: &JobOutcome) {
    let (video, name, run) = (outcome.number, outcome.video.name.as_str(), &outcome.run);
    if run.has_tables() {
        reporter.on(&Event::VideoFinished { video, name, run });
    } else {
        let reason = run.reason.as_deref().unwrap_or("it failed");
        report_failure(reporter, Some(video), name, reason, outcome.hint.as_deref());
    }
}

fn report_failure(reporter: &dyn Reporter, video: Option<usize>, name: &str, reason: &str, hint: Option<&str>) {
    reporter.on(&Event::VideoFailed { video, name, reason, hint });
}

/// Counts for the summary.
#[derive(Debug, Default)]
struct Tally {
    known: usize,
    videos: u64,
    failed: u64,
    degraded: u64,
    frames: u64,
    found: u64,
    failed_frames: u64,
}

impl Tally {
    fn add(&mut self, outcome: &JobOutcome) {
        let run = &outcome.run;
        self.failed += u64::from(!run.has_tables());
        self.videos += u64::from(run.has_tables());
        self.degraded += u64::from(run.has_tables() && run.reason.is_some());
        self.frames += run.n_frames;
        self.found += run.n_found;
        self.failed_frames += run.n_failed;
    }

    fn step(&self, dataset: &Path, seconds: f64) -> Step {
        let mut summary = Vec::new();
        if self.known > 0 {
            let n_known = units::counted(self.known as u64, "video");
            summary.push(format!("{n_known} known already, with these settings: nothing to do (--force repeats)"));
        }
        if self.videos > 0 {
            summary.push(format!(
                "{} in {}: {}, somebody in {}, {} failed; {:.1} frames/s, peak memory {}",
                units::counted(self.videos, "video"),
                units::duration(seconds),
                units::counted(self.frames, "frame"),
                units::count(self.found),
                units::count(self.failed_frames),
                self.frames as f64 / seconds.max(1e-9),
                units::bytes(machine::peak_resident_bytes()),
            ));
        }
        if self.degraded > 0 {
            summary.push(format!("{} degraded: see `posekit status`", units::counted(self.degraded, "video")));
        }
        if self.failed > 0 {
            summary.push(format!("{} failed", units::counted(self.failed, "video")));
        }
        let next = (self.videos > 0).then(|| {
            let option = dataset_option(dataset);
            format!(
                "tables: {}\ntry: posekit query{option} \"SELECT video, landmark, round(avg(visibility), 2) AS visibility FROM landmarks GROUP BY ALL ORDER BY ALL\"",
                dataset.display()
            )
        });
        Step { outcome: if self.failed == 0 { Outcome::Done } else { Outcome::SomeFailed }, summary, next }
    }
}
