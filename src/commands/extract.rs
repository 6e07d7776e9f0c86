//! `posekit extract`: extracts videos into landmark tables.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crossbeam_channel::unbounded;

use super::cluster;
use super::cluster_units::{ClusterRunners, segments_per_unit};
use super::extract_files::collect_files;
use super::extract_known::{bring_tracks_up_to_date, known, may_be_outdated, shown_again};
use super::extract_progress::ProgressReporter;
use super::extract_tally::Tally;
use super::footage::FootageRules;
use super::memory_share::{Share, is_wide_soon, share_memory};
use super::recording::{Recordable, record};
use super::{Outcome, Step, dataset_option, shell_word};
use crate::artifacts::files::remove_folder;
use crate::cluster::ClusterAddress;
use crate::error::Error;
use crate::extract::cores::Cores;
use crate::extract::decoding::Ahead;
use crate::extract::elastic::Widening;
use crate::extract::events::{Event, Reporter};
use crate::extract::job::{JobOptions, JobOutcome};
use crate::extract::plan::{Candidate, FirstLook, Given, KnownVideo, Planner};
use crate::extract::runner::{LocalRunners, Runners};
use crate::extract::schedule::Division;
use crate::extract::settings::PoseSettings;
use crate::extract::workers::{Crew, Settled};
use crate::inference::engine::Engine;
use crate::inference::kind::EngineKind;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::memory::budget::Budget;
use crate::memory::limit::MemoryLimit;
use crate::memory::watch::Watcher;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::knowledge::KnownRun;
use crate::store::lock::DatasetLock;
use crate::store::standing::Extent;
use crate::store::wholeness::RunExtent;
use crate::store::{Access, Catalog, Layout};
use crate::video::{self, VideoError};

/// The options of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExtractSettings {
    /// The folder to search.
    pub(crate) input: Option<PathBuf>,
    /// Single videos.
    pub(crate) videos: Vec<PathBuf>,
    /// The dataset folder, in which the tables are written.
    pub(crate) dataset: PathBuf,
    /// The folder that is searched first for networks.
    pub(crate) models: PathBuf,
    /// Folders of results, which are not searched for videos.
    pub(crate) results: Vec<PathBuf>,
    /// The settings that the rows depend on, except for those of single videos.
    pub(crate) pose: PoseSettings,
    /// How each file was filmed.
    pub(crate) footage: FootageRules,
    /// Whether the tables of any engine are as good.
    pub(crate) is_any_engine: bool,
    /// The number of videos extracted at the same time. Default: from the number of cores.
    pub(crate) workers: Option<usize>,
    /// The number of pictures decoded ahead per worker.
    pub(crate) batch_size: usize,
    /// The largest resident memory.
    pub(crate) memory_limit: MemoryLimit,
    /// The cluster that does the work; `None` for this machine.
    pub(crate) cluster: Option<ClusterAddress>,
    /// Whether known videos are extracted again.
    pub(crate) is_forced: bool,
    /// Whether FFmpeg's messages are shown.
    pub(crate) is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. A single video that fails is an outcome, not an error.
pub(crate) fn run(settings: &ExtractSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.0.say(printer))
}

/// Does the work of the command. Returns the outcome, and the ids of all requested videos that could be read.
///
/// # Errors
/// See [`Error`]. A single video that fails is an outcome, not an error. The work done before an error is reported.
pub(super) fn perform(
    settings: &ExtractSettings,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(Step, Vec<String>), Error> {
    let started = Instant::now();
    video::initialize(settings.is_verbose)?;
    let layout = Layout::new(&settings.dataset);
    let files = collect_files(settings, printer)?;
    let knowledge = known(&layout)?;
    let is_whole = |video_id: &str, run: &KnownRun| {
        let extent = RunExtent { video_id, run_id: &run.run_id, n_frames: run.n_frames };
        extent.missing_of_extraction(&layout).is_empty()
    };
    let engines = EngineKind::ALL.into_iter().filter(|_| settings.is_any_engine);
    let equivalent: Vec<_> = engines.map(|inference| PoseSettings { inference, ..settings.pose }).collect();
    let given = Given {
        settings: &settings.pose,
        footage: &|path| settings.footage.of_file(path),
        equivalent: &equivalent,
        knowledge: &knowledge,
        is_whole: &is_whole,
        is_forced: settings.is_forced,
    };
    let (planner, mut look) = Planner::new(&files.files, given);
    let FirstLook { candidates, known, unreadable } = &mut look;
    tracing::debug!("{} files, {} known, {} to look at", files.files.len(), known.len(), candidates.len());
    unreadable.extend(files.unreadable.into_iter().map(|(path, source)| {
        let error = VideoError::Io { path: path.clone(), source };
        (path, error)
    }));
    let extraction =
        Extraction { settings, layout: &layout, planner: &planner, standing: &knowledge.standing, printer };
    extraction.settle_known(known)?;
    let reporter = ProgressReporter::new(printer);
    let mut tally = Tally { known: known.len(), ..Tally::default() };
    for (path, error) in &*unreadable {
        tally.failed += 1;
        report_failure(&reporter, None, &path.display().to_string(), &error.to_string(), error.hint());
    }
    let outcome =
        if candidates.is_empty() { Ok(()) } else { extraction.run(candidates, &reporter, interrupt, &mut tally) };
    reporter.clear();
    let step = tally.step(&settings.dataset, started.elapsed().as_secs_f64());
    match outcome {
        Ok(()) => Ok((step, planner.videos())),
        Err(error) => {
            step.say(printer);
            Err(error)
        }
    }
}

/// What an extraction has found out before it begins.
struct Course<'a> {
    candidates: &'a [Candidate],
    machine: Machine,
    cap_bytes: u64,
    share: Share,
    reporter: &'a dyn Reporter,
    interrupt: &'a Interrupt,
}

impl Course<'_> {
    fn tell_plan(&self, workers: usize, tally: &Tally) {
        let (n_videos, n_frames) = (self.candidates.len(), self.share.n_frames);
        self.reporter.on(&Event::Planned { n_videos, n_frames, n_known: tally.known, workers });
    }
}

/// An extraction in progress.
struct Extraction<'a> {
    settings: &'a ExtractSettings,
    layout: &'a Layout,
    planner: &'a Planner<'a>,
    /// The current run of each video before the work begins, by the video's id.
    standing: &'a HashMap<String, KnownRun>,
    printer: &'a Printer,
}

impl Extraction<'_> {
    /// Makes requested runs current again, and records what is known before any file is read.
    fn settle_known(&self, known: &[KnownVideo]) -> Result<(), Error> {
        let outdated: Vec<_> = known.iter().filter(|known| may_be_outdated(self.layout, known)).collect();
        if outdated.is_empty() {
            return Ok(());
        }
        let _lock = DatasetLock::acquire(self.layout, "posekit extract")?;
        outdated.iter().try_for_each(|known| bring_tracks_up_to_date(self.layout, known))?;
        let current: Vec<_> = known.iter().filter_map(shown_again).collect();
        if !current.is_empty() {
            Catalog::open(self.layout, Access::Write)?.commit_known(&[], &current)?;
        }
        for known in known {
            self.tell_shown_again(known);
        }
        Ok(())
    }

    /// Handles the outcome of a file. Returns what the catalog must record.
    fn settle(
        &self,
        settled: Settled,
        reporter: &dyn Reporter,
        candidates: &[Candidate],
        tally: &mut Tally,
    ) -> Result<Option<Recordable>, Error> {
        match settled {
            Settled::Made(outcome) => {
                tally.add(&outcome);
                report_outcome(reporter, &outcome);
                if outcome.run.has_tables() {
                    let run = &outcome.run;
                    let extent = Extent::new(&run.network, &run.settings);
                    self.tell_standing(&outcome.video.video_id, &outcome.video.name, (&run.run_id, &extent));
                }
                Ok(Some(Recordable::Run(outcome)))
            }
            Settled::Known(known) => {
                tally.known += 1;
                if may_be_outdated(self.layout, &known) {
                    bring_tracks_up_to_date(self.layout, &known)?;
                }
                self.tell_shown_again(&known);
                let current = shown_again(&known);
                Ok(Some(Recordable::Known(known.seen, current)))
            }
            Settled::Copy(seen) => Ok(Some(Recordable::Known(Some(seen), None))),
            Settled::Unreadable(number, error) => {
                tally.failed += 1;
                let path = candidates.get(number).map(|candidate| candidate.path.display().to_string());
                report_failure(reporter, Some(number), &path.unwrap_or_default(), &error.to_string(), error.hint());
                Ok(None)
            }
        }
    }

    fn tell_shown_again(&self, known: &KnownVideo) {
        if !known.run.is_current {
            self.tell_standing(&known.video_id, &known.name, (&known.run.run_id, &known.run.extent));
        }
    }

    /// Reports which run of a video is current from now on, if the one before was another kind of run.
    fn tell_standing(&self, video_id: &str, name: &str, (run_id, now): (&str, &Extent)) {
        let before = self.standing.get(video_id);
        let Some(before) = before.filter(|before| before.run_id != run_id && before.extent != *now) else { return };
        self.printer.say(&format!(
            "{name}: run {run_id} ({}) is now current instead of {} ({}); undo with `posekit status{} --use {} {}`",
            now.words(),
            before.run_id,
            before.extent.words(),
            dataset_option(self.layout.root()),
            shell_word(name),
            before.run_id
        ));
    }

    /// Reads all candidates, decides what to do with them, and extracts them.
    fn run(
        &self,
        candidates: &[Candidate],
        reporter: &dyn Reporter,
        interrupt: &Interrupt,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let machine = Machine::inspect();
        let cap_bytes = self.settings.memory_limit.bytes_on(&machine);
        let share = share_memory(self.settings, &machine, cap_bytes, candidates)?;
        let course = Course { candidates, machine, cap_bytes, share, reporter, interrupt };
        match &self.settings.cluster {
            None => self.run_here(&course, tally),
            Some(address) => self.run_on_cluster(&course, address, tally),
        }
    }

    /// Extracts with networks of this process.
    fn run_here(&self, course: &Course<'_>, tally: &mut Tally) -> Result<(), Error> {
        let Self { settings, layout, printer, .. } = *self;
        let Course { machine, cap_bytes, share, .. } = course;
        let workers = share.plan.workers;
        let engine = engine(&settings.models, &settings.pose)?;
        tracing::debug!(
            "{}, network {}, {workers} workers, {} frames decoded ahead",
            engine.name(),
            settings.pose.network,
            settings.batch_size
        );
        let _lock = DatasetLock::acquire(layout, "posekit extract")?;
        course.tell_plan(workers, tally);
        printer.say(&format!(
            "{}, at most {} of memory",
            units::counted(workers as u64, "worker"),
            units::bytes(*cap_bytes)
        ));
        let cores = Cores::new(machine.cores);
        let networks = Widening {
            cores: cores.clone(),
            threads: (machine.cores / workers).clamp(2, 4).min(machine.cores),
            spare_sets: Budget::new(share.plan.spare_sets as u64),
            make: &|threads| engine.networks(threads),
            make_frequent: &|threads| engine.frequent_networks(threads),
        };
        let budget = Budget::new(share.plan.frame_bytes);
        let ahead = Ahead { frames: settings.batch_size, threads: share.decoder_threads, budget, cores };
        let is_wide_soon = is_wide_soon(machine, workers);
        let runners = LocalRunners { networks: &networks, is_wide_soon, ahead: ahead.clone(), layout };
        let crew = self.crew(course, workers, ahead, (&runners, Division::WhileInWork));
        self.record_while(&crew, course, tally)
    }

    /// Plans and records here, and extracts on other machines.
    fn run_on_cluster(&self, course: &Course<'_>, address: &ClusterAddress, tally: &mut Tally) -> Result<(), Error> {
        let Self { settings, layout, printer, .. } = *self;
        let Course { machine, cap_bytes, share, interrupt, .. } = course;
        let _lock = DatasetLock::acquire(layout, "posekit extract")?;
        let networks = settings.pose.wanted_networks().files();
        let bridge = {
            let _listening = interrupt.listen_silently();
            cluster::connect(address, layout, &networks, printer, interrupt)?
        };
        let n_cores = cluster::cores(&bridge);
        // Twice as many units as cores: a machine that finishes one has the next one already.
        let workers = settings.workers.unwrap_or(2 * n_cores);
        course.tell_plan(workers, tally);
        let runners = ClusterRunners::new(&bridge, layout, settings.memory_limit, interrupt);
        let budget = Budget::new(cap_bytes / 2);
        let cores = Cores::new(machine.cores);
        let ahead = Ahead { frames: settings.batch_size, threads: share.decoder_threads, budget, cores };
        let division = Division::InAdvance(segments_per_unit(share.n_segments, n_cores));
        let crew = self.crew(course, workers, ahead, (&runners, division));
        let recorded = self.record_while(&crew, course, tally);
        let traffic = runners.traffic();
        // The bridge has ended before its folder is removed.
        drop(bridge);
        remove_folder(&layout.of_cluster())?;
        printer.say(&traffic);
        recorded
    }

    fn crew<'c>(
        &'c self,
        course: &'c Course<'_>,
        size: usize,
        ahead: Ahead,
        (runners, division): (&'c dyn Runners, Division),
    ) -> Crew<'c> {
        Crew {
            size,
            options: JobOptions { pose: self.settings.pose, ahead },
            layout: self.layout,
            planner: self.planner,
            runners,
            division,
            order: &course.share.longest_first,
            reporter: course.reporter,
            interrupt: course.interrupt,
        }
    }

    /// Lets the crew work, while a thread records in the catalog what is finished.
    fn record_while(&self, crew: &Crew<'_>, course: &Course<'_>, tally: &mut Tally) -> Result<(), Error> {
        let Course { candidates, cap_bytes, .. } = *course;
        let (layout, reporter, budget) = (self.layout, crew.reporter, crew.options.ahead.budget.clone());
        std::thread::scope(|scope| {
            let (finished, outcomes) = unbounded();
            let recorder = std::thread::Builder::new().name("catalog".to_owned());
            let recorder = recorder.spawn_scoped(scope, move || record(layout, &outcomes)).map_err(Error::Thread)?;
            let _watcher = Watcher::start(scope, budget, cap_bytes).map_err(Error::Thread)?;
            let _listening = crew.interrupt.listen();
            // The catalog is opened while workers load their networks. So an error of a dataset that cannot be written
            // is found at once.
            let open_catalog = || Catalog::open(layout, Access::Commit).map(drop).map_err(Error::from);
            let worked = crew.run(candidates, open_catalog, |settled| {
                match self.settle(settled, reporter, candidates, tally)? {
                    // The recorder has ended only after an error, which is then the one that counts.
                    Some(recordable) => finished.send(recordable).map_err(|_| Error::Interrupted),
                    None => Ok(()),
                }
            });
            drop(finished);
            // Finished work is recorded even if the extraction ended early.
            let recorded = recorder.join().unwrap_or_else(|_| Err(Error::Recorder));
            recorded.and(worked)
        })
    }
}

fn report_outcome(reporter: &dyn Reporter, outcome: &JobOutcome) {
    let (video, name, run) = (outcome.number, outcome.video.name.as_str(), &outcome.run);
    if run.has_tables() {
        reporter.on(&Event::VideoFinished { video, name, run });
    } else {
        let reason = run.reason.as_deref().unwrap_or("the extraction failed");
        report_failure(reporter, Some(video), name, reason, outcome.hint.as_deref());
    }
}

fn report_failure(reporter: &dyn Reporter, video: Option<usize>, name: &str, reason: &str, hint: Option<&str>) {
    reporter.on(&Event::VideoFailed { video, name, reason, hint });
}

/// Opens the engine for the networks of some settings. `models` is the folder that is searched first.
pub(super) fn engine(models: &Path, pose: &PoseSettings) -> Result<Engine, Error> {
    let folders = installation::network_folders(models);
    Engine::open(pose.inference, pose.wanted_networks(), &folders, &installation::onnxruntime())
}
