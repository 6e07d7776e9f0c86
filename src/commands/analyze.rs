//! `posekit analyze`: turns tables into measurements.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::analyze_files::write_files;
use super::analyze_tally::Counts;
use super::cluster;
use super::cluster_units::ClusterAnalysis;
use super::stability::{self, StabilitySettings};
use super::status::formatted;
use super::videos::{StoredRuns, around_damage, named_videos, some_of, stored_runs};
use super::{Outcome, Step, dataset_option, library, print};
use crate::analyze::AnalyzeError;
use crate::analyze::all::{StoredVideo, analyze_all};
use crate::analyze::config::{DEFAULT_SPORT, SETTINGS_FILE, Wishes};
use crate::analyze::plan::Plan;
use crate::analyze::remembered::{Remembered, Saying};
use crate::analyze::run::Analysis;
use crate::analyze::settings::AnalysisSettings;
use crate::artifacts::files::remove_folder;
use crate::cluster::{Bridge, ClusterAddress};
use crate::error::Error;
use crate::export::ExportFormat;
use crate::interrupt::Interrupt;
use crate::machine::{Machine, now_us};
use crate::memory::PROGRAM_BYTES;
use crate::memory::limit::MemoryLimit;
use crate::output::answer::AnswerFormat;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::{table, units};
use crate::sports::SportPack;
use crate::sql::library::Library;
use crate::store::folders::{folder_size_bytes, has_parquet_files};
use crate::store::lock::DatasetLock;
use crate::store::people::ShownVideo;
use crate::store::results::remove_unfinished;
use crate::store::status;
use crate::store::workspace::EngineLimits;
use crate::store::{Access, Catalog, Layout, StoreError, Table};

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent option")]
pub(crate) struct AnalyzeSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The videos to analyze; all if empty.
    pub(crate) videos: Vec<String>,
    /// The analysis options of the command line.
    pub(crate) wishes: Wishes,
    /// The settings file; default: the one in the working directory.
    pub(crate) config: Option<PathBuf>,
    /// A folder of the user's own sport packs.
    pub(crate) sports_dir: Option<PathBuf>,
    /// A folder whose SQL files add to posekit's.
    pub(crate) sql_dir: Option<PathBuf>,
    /// The number of runs to analyze in parallel.
    pub(crate) workers: Option<usize>,
    /// The memory limit.
    pub(crate) memory_limit: MemoryLimit,
    /// The cluster that does the work; `None` for this machine.
    pub(crate) cluster: Option<ClusterAddress>,
    /// Whether to analyze again even if results are up to date.
    pub(crate) is_forced: bool,
    /// Whether to analyze; otherwise the command only writes files and shows checks.
    pub(crate) is_analyzing: bool,
    /// Whether to forget the remembered options.
    pub(crate) is_anew: bool,
    /// Whether to show the results of the checks and let them decide the exit status.
    pub(crate) is_checking: bool,
    /// The formats to export for other tools.
    pub(crate) export: Vec<ExportFormat>,
    /// The folder for the exported files.
    pub(crate) output: PathBuf,
    /// Every how many frames are exported to COCO and YOLO, as pictures.
    pub(crate) picture_step: Option<u32>,
    /// Whether and how to measure the stability of metrics.
    pub(crate) stability: Option<StabilitySettings>,
    /// Whether to print every result.
    pub(crate) is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &AnalyzeSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`].
pub(super) fn perform(settings: &AnalyzeSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    let layout = Layout::new(&settings.dataset);
    let mut step = Step { outcome: Outcome::Done, summary: Vec::new(), next: None };
    if settings.is_analyzing {
        analyze(settings, &layout, &mut step, printer, interrupt)?;
        if let Some(wanted) = &settings.stability {
            stability::measure(settings, wanted, &mut step, printer, interrupt)?;
        }
    } else {
        let missing = not_analyzed(&layout, &settings.videos)?;
        if !missing.is_empty() {
            let names = some_of(missing.into_iter());
            printer.complain(&format!("not analyzed yet: {names}"), Some("`posekit analyze` measures them"));
            step.outcome = Outcome::SomeFailed;
        }
    }
    if !settings.export.is_empty() {
        let (files, has_failed) = write_files(&layout, settings, printer, interrupt)?;
        step.summary.push(files);
        step.outcome = if has_failed { Outcome::SomeFailed } else { step.outcome };
    }
    if settings.is_checking {
        let (n_errors, has_failed) = show_checks(&layout, printer)?;
        step.summary.push(format!("{} in the data", units::counted(n_errors, "error")));
        step.outcome = if n_errors > 0 || has_failed { Outcome::SomeFailed } else { step.outcome };
        step.next = None;
    }
    Ok(step)
}

/// Returns the videos with tables but without an analysis, among the given `names` or among all videos.
fn not_analyzed(layout: &Layout, names: &[String]) -> Result<Vec<String>, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let videos = named_videos(&catalog, names)?;
    let is_analyzed = |video: &ShownVideo| {
        let run = |run_id: &String| has_parquet_files(&layout.run(Table::Analyses, &video.video_id, run_id));
        video.run_id.as_ref().is_none_or(run)
    };
    Ok(videos.into_iter().filter(|video| !is_analyzed(video)).map(|video| video.name).collect())
}

/// Analyzes the runs whose results are missing or outdated.
fn analyze(
    settings: &AnalyzeSettings,
    layout: &Layout,
    step: &mut Step,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let started = Instant::now();
    let StoredRuns { runs, n_damaged } = stored_runs(layout, &settings.videos, printer)?;
    let said = settings.wishes.clone().or(Wishes::read(&settings_file(settings))?);
    let named = if settings.videos.is_empty() { Vec::new() } else { ids(&runs) };
    let saying = Saying { video_ids: &named, wishes: &said, is_anew: settings.is_anew };
    let lock = DatasetLock::acquire(layout, "posekit analyze");
    let (groups, changes) = groups(settings, layout, &runs, saying)?;
    let counts = Counts { failed: AtomicUsize::new(n_damaged), ..Counts::default() };
    // A dataset that cannot be written can still be up to date.
    let is_readable = |error: &StoreError| error.is_permission_problem() && n_damaged == 0 && !settings.is_forced;
    if lock.as_ref().is_err_and(is_readable) && are_up_to_date(layout, &groups, interrupt)? {
        step.summary.push(counts.summary(runs.len(), 0.0));
        return Ok(());
    }
    let _lock = lock?;
    remove_unfinished(layout)?;
    // Options are remembered only after they were checked.
    Remembered::note(layout.root(), saying, now_us())?;
    if !changes.is_empty() {
        printer.say(&format!("settings: {}", changes.join("; ")));
    }
    let mut bridge = bridge(settings, layout, printer, interrupt)?;
    let machine = Machine::inspect();
    let needs = runs.iter().map(|(video, run)| tracks_bytes(layout, &video.video_id, &run.run_id)).collect();
    let most = settings.workers.unwrap_or(machine.cores).clamp(1, runs.len().max(1));
    let (mut workers, memory_bytes) = share_memory(settings.memory_limit.bytes_on(&machine), needs, most);
    if let Some(bridge) = &bridge {
        workers = settings.workers.unwrap_or(2 * cluster::cores(bridge)).clamp(1, runs.len().max(1));
    }
    let _listening = interrupt.listen();
    let mut is_interrupted = false;
    let counter = Counter::new(printer, "analyze", "runs", Some(runs.len() as u64));
    for group in &groups {
        let analysis = Analysis { is_forced: settings.is_forced, ..group.analysis(layout, memory_bytes, interrupt) };
        let report = |stored: &StoredVideo, outcome| {
            counts.report(stored, outcome, settings.is_verbose, printer);
            counter.advance();
        };
        is_interrupted |= match &bridge {
            None => {
                let here = |(video, run): &StoredVideo| analysis.run(video, run);
                analyze_all(&here, interrupt, &group.runs, workers, &report)?
            }
            Some(bridge) => {
                let memory_limit = settings.memory_limit;
                let there = ClusterAnalysis { bridge, analysis: &analysis, wishes: &group.wishes, memory_limit };
                analyze_all(&|stored: &StoredVideo| there.run(stored), interrupt, &group.runs, workers, &report)?
            }
        };
    }
    counter.clear();
    if bridge.take().is_some() {
        remove_folder(&layout.of_cluster())?;
    }
    remove_unfinished(layout)?;
    Catalog::renew_views(layout)?;
    if is_interrupted {
        return Err(Error::Interrupted);
    }
    step.summary.push(counts.summary(runs.len(), started.elapsed().as_secs_f64()));
    if counts.failed.load(Ordering::Relaxed) > 0 {
        step.outcome = Outcome::SomeFailed;
    }
    if counts.made.load(Ordering::Relaxed) > 0 {
        let dataset = dataset_option(&settings.dataset);
        step.next = Some(format!(
            "try: posekit query{dataset} \"SELECT video, person_id, metric, side, value, low, high, unit FROM metrics\""
        ));
    }
    Ok(())
}

/// Connects to the cluster, if there is one.
fn bridge(
    settings: &AnalyzeSettings,
    layout: &Layout,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<Option<Bridge>, Error> {
    let Some(address) = &settings.cluster else { return Ok(None) };
    if settings.stability.is_some() {
        return Err(Error::Usage {
            message: "--cluster and --stability do not go together: stability is measured on this machine".to_owned(),
            hint: "leave out --cluster".to_owned(),
        });
    }
    if settings.sql_dir.is_some() || settings.sports_dir.is_some() {
        return Err(Error::Usage {
            message: "--cluster takes no --sql_dir and no --sports_dir: other machines lack these folders".to_owned(),
            hint: "analyze with your own SQL on this machine: leave out --cluster".to_owned(),
        });
    }
    let _listening = interrupt.listen_silently();
    cluster::connect(address, layout, &[], printer, interrupt).map(Some)
}

/// Runs that are analyzed with the same settings.
pub(super) struct Group {
    /// Options that give the settings.
    wishes: Wishes,
    pub(super) pack: SportPack,
    pub(super) settings: AnalysisSettings,
    plan: Plan,
    pub(super) runs: Vec<StoredVideo>,
}

impl Group {
    /// Returns the analysis of its runs that makes what is not up to date.
    fn analysis<'a>(&'a self, layout: &'a Layout, memory_bytes: u64, interrupt: &'a Interrupt) -> Analysis<'a> {
        let Self { pack, settings, plan, .. } = self;
        Analysis { layout, plan, settings, pack, limits: EngineLimits { memory_bytes }, is_forced: false, interrupt }
    }
}

/// Returns whether no result of any run has to be made.
fn are_up_to_date(layout: &Layout, groups: &[Group], interrupt: &Interrupt) -> Result<bool, Error> {
    for group in groups {
        let analysis = group.analysis(layout, LEAST_ENGINE_BYTES, interrupt);
        for (video, run) in &group.runs {
            if !analysis.is_up_to_date(video, run)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Returns the file with the user's settings.
fn settings_file(settings: &AnalyzeSettings) -> PathBuf {
    settings.config.clone().unwrap_or_else(|| PathBuf::from(SETTINGS_FILE))
}

/// Returns the chosen videos with the settings of their last analysis, and the SQL that it was made with.
///
/// # Errors
/// The tables, the settings or the SQL cannot be read.
pub(super) fn current_groups(
    settings: &AnalyzeSettings,
    layout: &Layout,
    printer: &Printer,
) -> Result<(Library, Vec<Group>), Error> {
    let runs = stored_runs(layout, &settings.videos, printer)?.runs;
    let said = settings.wishes.clone().or(Wishes::read(&settings_file(settings))?);
    let named = if settings.videos.is_empty() { Vec::new() } else { ids(&runs) };
    let saying = Saying { video_ids: &named, wishes: &said, is_anew: settings.is_anew };
    let library = library::with_folders(settings.sql_dir.as_deref(), settings.sports_dir.as_deref())?;
    Ok((library, groups(settings, layout, &runs, saying)?.0))
}

/// Groups the runs by the effective settings of their videos. Returns the groups and what changes from the remembered
/// settings, in words.
fn groups(
    settings: &AnalyzeSettings,
    layout: &Layout,
    runs: &[StoredVideo],
    saying: Saying,
) -> Result<(Vec<Group>, Vec<String>), Error> {
    let library = library::with_folders(settings.sql_dir.as_deref(), settings.sports_dir.as_deref())?;
    let before = Remembered::read(layout.root())?;
    let mut now = before.clone();
    now.take_in(saying);
    let mut groups: Vec<Group> = Vec::new();
    let mut changes: Vec<String> = Vec::new();
    for stored in runs {
        let (pack, new) = in_force(&library, now.of(&stored.0.video_id))?;
        // The earlier settings may name a sport pack that no longer exists.
        if let Ok((_, old)) = in_force(&library, before.of(&stored.0.video_id)) {
            changes.extend(new.changes_from(&old));
        }
        if let Some(group) = groups.iter_mut().find(|group| group.settings == new) {
            group.runs.push(stored.clone());
        } else {
            let plan = Plan::new(&library, &pack, &new)?;
            let wishes = now.of(&stored.0.video_id);
            groups.push(Group { wishes, pack, settings: new, plan, runs: vec![stored.clone()] });
        }
    }
    changes.sort_unstable();
    changes.dedup();
    Ok((groups, changes))
}

/// Returns the sport pack and the settings that result from the options.
pub(super) fn in_force(library: &Library, wishes: Wishes) -> Result<(SportPack, AnalysisSettings), Error> {
    let pack =
        SportPack::find(library, wishes.sport_type.as_deref().unwrap_or(DEFAULT_SPORT)).map_err(AnalyzeError::from)?;
    let settings = wishes.settings(&pack).map_err(|message| Error::Usage {
        message,
        hint: "docs/SETTINGS.md lists all settings with their defaults".to_owned(),
    })?;
    Ok((pack, settings))
}

const MIB: u64 = 1 << 20;
/// The program, and a part of a million rows on its way to disk.
const BASE_BYTES: u64 = PROGRAM_BYTES + 60 * MIB;
/// What DuckDB gets at least.
const LEAST_ENGINE_BYTES: u64 = EngineLimits::USUAL.memory_bytes;
/// The memory of a run's tracks during cleaning, in bytes per byte of its raw landmarks on disk. A row takes about
/// 9 bytes on disk and 200 bytes in memory.
const TRACKS_PER_STORED: u64 = 24;

/// Returns the memory that the tracks of a run take during cleaning, bytes.
pub(super) fn tracks_bytes(layout: &Layout, video_id: &str, run_id: &str) -> u64 {
    TRACKS_PER_STORED * folder_size_bytes(&layout.run(Table::RawLandmarks, video_id, run_id))
}

/// Returns the number of runs to analyze in parallel within `cap_bytes`, and DuckDB's share for each, bytes. Each run
/// has room for the largest tracks and for DuckDB. The number is at least one.
pub(super) fn share_memory(cap_bytes: u64, mut needs: Vec<u64>, most: usize) -> (usize, u64) {
    needs.sort_unstable_by(|a, b| b.cmp(a));
    let left = |workers: usize| cap_bytes.saturating_sub(BASE_BYTES + needs.iter().take(workers).sum::<u64>());
    let fits = |workers: &usize| left(*workers) >= *workers as u64 * LEAST_ENGINE_BYTES;
    let workers = (1..=most).rev().find(fits).unwrap_or(1);
    (workers, (left(workers) / workers as u64).max(LEAST_ENGINE_BYTES))
}

fn ids(runs: &[StoredVideo]) -> Vec<String> {
    runs.iter().map(|(video, _)| video.video_id.clone()).collect()
}

/// Shows the results of the data-quality checks. Returns the number of errors, and whether a video was left out.
fn show_checks(layout: &Layout, printer: &Printer) -> Result<(u64, bool), Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let found = |_: &[StoredVideo]| Ok((status::check_summary(&catalog)?, status::check_errors(&catalog)?));
    let ((found, n_errors), n_left_out) = around_damage(&catalog, &mut Vec::new(), printer, &found)?;
    print(&formatted(&found, AnswerFormat::Table, table::terminal_width())?)?;
    Ok((n_errors, n_left_out > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_runs_at_once_as_have_room() {
        let gib = 1024 * MIB;
        // Two runs of 500 MiB, each with DuckDB: 150 + 2 x 500 + 2 x 128.
        assert_eq!(share_memory(2 * gib, vec![500 * MIB; 4], 2), (2, (2 * gib - 1150 * MIB) / 2));
        assert_eq!(share_memory(gib, vec![10 * MIB, 500 * MIB, 500 * MIB], 2).0, 1);
        assert_eq!(share_memory(gib, vec![10 * MIB; 3], 2).0, 2);
        // Too little for any run: one run with DuckDB's minimum.
        assert_eq!(share_memory(100 * MIB, vec![500 * MIB], 4), (1, LEAST_ENGINE_BYTES));
    }
}
