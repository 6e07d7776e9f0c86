//! `posekit worker`: reads units of work as JSON lines from standard input, and writes their results as JSON lines to
//! standard output.
//!
//! The sender of the units plans, holds the dataset's lock and writes the catalog. A worker does none of these. It
//! writes parts below the dataset's folder, which all machines can access. A unit that is done twice gives the same
//! bytes. docs/WORKER.md describes the lines.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::analyze::{in_force, share_memory, tracks_bytes};
use super::extract::engine;
use super::worker_lines::{
    AnalyzeResult, AnalyzeSpec, Done, Failed, OtherUnit, PrepareSpec, Progress, Reach, Request, Requests, Unit, answer,
};
use super::{Outcome, library, print};
use crate::analyze::plan::Plan;
use crate::analyze::run::{Analysis, Analyzed};
use crate::error::Error;
use crate::extract::completion::Completion;
use crate::extract::cores::Cores;
use crate::extract::decoding::{Ahead, need_of};
use crate::extract::elastic::{ElasticNetworks, Widening};
use crate::extract::job::JobOptions;
use crate::extract::memory_plan::{CapTooSmall, plan};
use crate::extract::settings::PoseSettings;
use crate::extract::spec::{CompletionSpec, SegmentsSpec};
use crate::extract::unit::{Closed, UnitError, WorkUnit, run_unit};
use crate::extract::video_work::{Prepared, VideoWork};
use crate::extract::witness::Witness;
use crate::inference::engine::EngineNetworks;
use crate::inference::networks::{self, DETECTOR, LANDMARK_FILES, NetworkFile, PEOPLE_DETECTOR};
use crate::installation;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::memory::budget::Budget;
use crate::memory::limit::MemoryLimit;
use crate::memory::watch::Watcher;
use crate::store::ids::video_id;
use crate::store::read::read_run;
use crate::store::segments::RunLabel;
use crate::store::workspace::EngineLimits;
use crate::store::{Layout, Table};
use crate::versions;
use crate::video::{self, identity};

/// The options of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WorkerSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The folder that is searched first for networks.
    pub(crate) models: PathBuf,
    /// The largest resident memory.
    pub(crate) memory_limit: MemoryLimit,
    /// The number of cores to use. Default: all.
    pub(crate) cores: Option<usize>,
    /// The number of pictures decoded ahead.
    pub(crate) batch_size: usize,
    /// Whether to describe this posekit only.
    pub(crate) is_describing: bool,
}

/// Runs the command. It ends when standard input ends.
///
/// # Errors
/// Standard input or output is closed, or the user asked to stop. An error of a unit is a line of output.
pub(crate) fn run(settings: &WorkerSettings, interrupt: &Interrupt) -> Result<Outcome, Error> {
    if settings.is_describing {
        return describe(&settings.models);
    }
    if end_with_parent() {
        return Ok(Outcome::Done);
    }
    video::initialize(false)?;
    let machine = Machine::inspect();
    let cores = settings.cores.unwrap_or(machine.cores).clamp(1, machine.cores.max(1));
    let cap_bytes = settings.memory_limit.bytes_on(&machine);
    let layout = Layout::new(&settings.dataset);
    let worker = Worker { settings, layout, cap_bytes, cores, interrupt };
    let _listening = interrupt.listen_silently();
    let mut requests = Requests { lines: io::stdin().lock().lines() };
    let mut next = requests.next()?;
    while let Some(request) = next {
        next = match request.unit {
            Unit::Segments(spec) => worker.with_networks(request.id, *spec, &mut requests)?,
            Unit::Other(unit) => {
                worker.without_networks(&request.id, &unit)?;
                requests.next()?
            }
        };
        if interrupt.is_requested() {
            return Err(Error::Interrupted);
        }
    }
    Ok(Outcome::Done)
}

/// Returns the version of this program and of the rows that it makes. Machines that share work must agree on it.
#[must_use]
pub(super) fn build() -> String {
    format!("{} ({}, {})", env!("CARGO_PKG_VERSION"), versions::ROWS, versions::TRACKS)
}

/// Writes the version and the hashes of the networks found here.
fn describe(models: &Path) -> Result<Outcome, Error> {
    let folders = installation::network_folders(models);
    let files = LANDMARK_FILES.into_iter().chain([DETECTOR, PEOPLE_DETECTOR]);
    let found = |file: NetworkFile| {
        let path = networks::locate(file, &folders).ok()?;
        networks::read_verified(file, &path).ok()?;
        Some((file.name().to_owned(), Value::from(file.sha256)))
    };
    let networks: serde_json::Map<String, Value> = files.filter_map(found).collect();
    print(&format!("{}\n", json!({"version": build(), "networks": networks})))?;
    Ok(Outcome::Done)
}

/// Asks the system to end this process with the thread that started it. The engines of clusters leave the children of
/// their own dead workers alone. Returns whether that thread's process has ended already.
fn end_with_parent() -> bool {
    let parent = rustix::process::getppid();
    #[cfg(target_os = "linux")]
    // A system that refuses leaves the end of standard input as the only sign.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    rustix::process::getppid() != parent
}

struct Worker<'a> {
    settings: &'a WorkerSettings,
    layout: Layout,
    cap_bytes: u64,
    cores: usize,
    interrupt: &'a Interrupt,
}

impl Worker<'_> {
    /// Does a unit, and the units after it as long as they use the same networks. Returns the first one that uses
    /// others.
    fn with_networks(&self, id: Value, spec: SegmentsSpec, requests: &mut Requests) -> Result<Option<Request>, Error> {
        let pose = spec.pose;
        let engine = match engine(&self.settings.models, &pose) {
            Ok(engine) => engine,
            Err(error) => {
                answer(&id, Err(error.into()))?;
                return requests.next();
            }
        };
        let cores = Cores::new(self.cores);
        let networks = Widening {
            cores: cores.clone(),
            threads: self.cores.clamp(2, 4).min(self.cores),
            spare_sets: Budget::new(u64::from(self.cores > 1)),
            make: &|threads| engine.networks(threads),
            make_frequent: &|threads| engine.frequent_networks(threads),
        };
        let mut networks = match ElasticNetworks::new(&networks, false) {
            Ok(networks) => networks,
            Err(error) => {
                answer(&id, Err(Error::from(error).into()))?;
                return requests.next();
            }
        };
        let (mut id, mut spec) = (id, spec);
        loop {
            answer(&id, self.segments(&id, spec, &cores, &mut networks))?;
            spec = loop {
                match requests.next()? {
                    None => return Ok(None),
                    Some(Request { id: next, unit: Unit::Segments(spec) })
                        if spec.pose.sessions() == pose.sessions() =>
                    {
                        id = next;
                        break *spec;
                    }
                    Some(other @ Request { unit: Unit::Segments(_), .. }) => return Ok(Some(other)),
                    Some(Request { id, unit: Unit::Other(unit) }) => self.without_networks(&id, &unit)?,
                }
            };
        }
    }

    fn segments(
        &self,
        id: &Value,
        spec: SegmentsSpec,
        cores: &Cores,
        networks: &mut ElasticNetworks<'_, EngineNetworks>,
    ) -> Result<Done, Failed> {
        check_label(&spec.label, &spec.pose)?;
        let budget = self.budget(&spec)?;
        let progress = Progress::new(id);
        let on_frame = || progress.on_frame();
        let closed = Closed::new(&spec, self.interrupt, &on_frame);
        let ahead = self.ahead(budget.clone(), cores);
        let unit = WorkUnit { spec, direct: None };
        let record = std::thread::scope(|scope| {
            let _watcher = Watcher::start(scope, budget, self.cap_bytes).map_err(UnitError::Thread)?;
            run_unit(&unit, &self.layout, &ahead, networks, &closed)
        })?;
        Ok(Done::Segments { record, has_diverged: closed.has_diverged() })
    }

    /// Returns the memory for a unit's frames besides the networks.
    fn budget(&self, spec: &SegmentsSpec) -> Result<Budget, Failed> {
        let need = need_of(video::outline(&spec.path, self.decoder_threads())?.shape, &spec.pose);
        let shared = plan(self.cap_bytes, spec.pose.sessions(), need, 1..=1, |_| usize::from(self.cores > 1));
        let too_small = |CapTooSmall { smallest_bytes }| Error::MemoryCap { cap_bytes: self.cap_bytes, smallest_bytes };
        Ok(Budget::new(shared.map_err(too_small)?.frame_bytes))
    }

    fn decoder_threads(&self) -> usize {
        self.cores.saturating_sub(1).max(1)
    }

    fn ahead(&self, budget: Budget, cores: &Cores) -> Ahead {
        Ahead { frames: self.settings.batch_size, threads: self.decoder_threads(), budget, cores: cores.clone() }
    }

    /// Does a unit that uses no networks.
    fn without_networks(&self, id: &Value, unit: &OtherUnit) -> Result<(), Error> {
        let result = match unit {
            OtherUnit::Identify { path } => identify(path),
            OtherUnit::Prepare(spec) => self.prepare(spec),
            OtherUnit::Complete(spec) => self.complete(spec),
            OtherUnit::Analyze(spec) => self.analyze(spec),
        };
        answer(id, result)
    }

    fn prepare(&self, spec: &PrepareSpec) -> Result<Done, Failed> {
        check_label(&spec.job.label, &spec.pose)?;
        let ahead = self.ahead(Budget::new(self.cap_bytes), &Cores::new(self.cores));
        let options = JobOptions { pose: spec.pose, ahead };
        let prepared = VideoWork::prepare(&spec.job, &options, &self.layout).map_err(Error::from)?;
        let (work, ranges) = match prepared {
            Prepared::Complete(outcome) | Prepared::Failed(outcome) => return Ok(Done::Ended { outcome }),
            Prepared::Open(work, ranges) => (work, ranges),
        };
        let mut segments = Vec::new();
        for (mut first, end) in ranges {
            while let Some(end) = end.filter(|end| first < *end) {
                let last = (first + spec.segments_per_unit.max(1)).min(end) - 1;
                segments.push(excerpted(work.unit(first, Some(last)).spec));
                first = last + 1;
            }
            if end.is_none() {
                segments.push(work.unit(first, None).spec);
            }
        }
        Ok(Done::Prepare { segments, completion: Box::new(work.completion().clone()) })
    }

    fn complete(&self, spec: &CompletionSpec) -> Result<Done, Failed> {
        check_label(&spec.job.label, &spec.pose)?;
        let witness = Witness::of(&spec.job);
        let completion = Completion { spec, layout: &self.layout, lowest_budget_bytes: self.cap_bytes };
        let outcome = completion.run(&witness).map_err(Error::from)?;
        Ok(Done::Ended { outcome: Box::new(outcome) })
    }

    fn analyze(&self, spec: &AnalyzeSpec) -> Result<Done, Failed> {
        let analyze = || -> Result<Analyzed, Error> {
            let (video, run) = read_run(&self.layout.part(Table::Runs, &spec.video_id, &spec.run_id, 0))?;
            let library = library::with_folders(spec.sql_dir.as_deref(), spec.sports_dir.as_deref())?;
            let (pack, settings) = in_force(&library, spec.wishes.clone())?;
            let plan = Plan::new(&library, &pack, &settings)?;
            let needs = vec![tracks_bytes(&self.layout, &spec.video_id, &spec.run_id)];
            let (_, memory_bytes) = share_memory(self.cap_bytes, needs, 1);
            let analysis = Analysis {
                layout: &self.layout,
                plan: &plan,
                settings: &settings,
                pack: &pack,
                limits: EngineLimits { memory_bytes },
                is_forced: spec.is_forced,
                interrupt: self.interrupt,
            };
            Ok(analysis.run(&video, &run)?)
        };
        let Analyzed { made, n_up_to_date, remarks, failed } = analyze()?;
        let failed = failed.iter().map(ToString::to_string).collect();
        Ok(Done::Analyze(AnalyzeResult { made, n_up_to_date, remarks, failed }))
    }
}

/// Returns a unit with only the part of the index that it needs, since it is about to be sent.
pub(super) fn excerpted(spec: SegmentsSpec) -> SegmentsSpec {
    let index = spec.index.as_ref().map(|index| index.excerpt(spec.first_segment, spec.last_segment));
    SegmentsSpec { index, ..spec }
}

fn identify(path: &Path) -> Result<Done, Failed> {
    let stamp = identity::stamp(path)?;
    Ok(Done::Identify { video_id: video_id(&identity::content_digits(path)?), stamp })
}

/// Verifies that the planner's label describes the rows that this program makes.
fn check_label(label: &RunLabel, pose: &PoseSettings) -> Result<(), Failed> {
    if pose.fingerprint(&label.video_id) == label.fingerprint {
        return Ok(());
    }
    let message = format!("run {} was planned by another version of posekit", label.run_id);
    Err(Failed { reach: Reach::Request, message, hint: Some("use the same version everywhere".to_owned()) })
}
