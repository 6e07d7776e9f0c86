//! `posekit status`: shows the contents of the dataset and maintains it.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use serde_json::{Map, Value, json};

use super::repair::repair;
use super::videos::{around_damage, find_video, some_of};
use super::{Outcome, print};
use crate::analyze::all::StoredVideo;
use crate::analyze::config::Wishes;
use crate::analyze::remembered::Remembered;
use crate::artifacts::files::remove_folder;
use crate::error::Error;
use crate::output::answer::{AnswerFormat, AnswerWriter};
use crate::output::printer::Printer;
use crate::output::{table, units};
use crate::store::abandoned::remove_abandoned;
use crate::store::lock::DatasetLock;
use crate::store::migrate_ids::migrate_ids;
use crate::store::people::shown_videos;
use crate::store::runs::{VideoRun, prunable};
use crate::store::status::{self, SmallAnswer};
use crate::store::{Access, Catalog, Layout, check, rebuild};
use crate::tracks::stored::StoredRun;

/// The settings of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusSettings {
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// Whether to write JSON instead of a table.
    pub(crate) is_json: bool,
    /// The task to do.
    pub(crate) task: StatusTask,
}

/// A task of `posekit status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StatusTask {
    /// Show the dataset.
    Show,
    /// Show all runs of each video and mark its current run.
    Runs,
    /// Make a run the current run of a video.
    Use {
        /// The file name of the video, its id, or the beginning of either.
        video: String,
        /// The id of the run or its beginning.
        run: String,
    },
    /// Remove replaced runs.
    Prune {
        /// Whether to remove without asking for confirmation.
        is_sure: bool,
    },
    /// Rebuild the catalog from the Parquet files.
    Rebuild,
    /// Verify every part and print the problems.
    Check,
    /// Repair what does not need the videos.
    Repair,
    /// Give videos and runs written by an older posekit the ids that posekit assigns today.
    Migrate,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &StatusSettings, printer: &Printer) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    let mut outcome = Outcome::Done;
    match &settings.task {
        StatusTask::Show => {}
        StatusTask::Runs => return show_runs(&layout, settings.is_json),
        StatusTask::Use { video, run } => use_run(&layout, video, run, printer)?,
        StatusTask::Prune { is_sure } => prune(&layout, *is_sure, printer)?,
        StatusTask::Rebuild => outcome = rebuild_catalog(&layout, printer)?,
        StatusTask::Check => return check_parts(&layout, printer),
        StatusTask::Repair => return repair(&layout, printer),
        StatusTask::Migrate => outcome = migrate(&layout, printer)?,
    }
    let catalog = Catalog::open(&layout, Access::Read)?;
    let ask = |_: &[StoredVideo]| Ok((status::videos(&catalog)?, status::totals(&catalog)?));
    let ((videos, totals), n_left_out) = around_damage(&catalog, &mut Vec::new(), printer, &ask)?;
    if n_left_out > 0 {
        outcome = Outcome::SomeFailed;
    }
    let sizes = status::sizes_bytes(&catalog);
    let asked = asked_for(&catalog)?;
    let text = if settings.is_json {
        as_json(&videos, &totals, &sizes, &asked)?
    } else {
        as_table(&videos, &totals, &sizes, &settings.dataset)? + &asked_in_words(&asked)
    };
    print(&text)?;
    Ok(outcome)
}

fn show_runs(layout: &Layout, is_json: bool) -> Result<Outcome, Error> {
    let runs = status::runs(&Catalog::open(layout, Access::Read)?)?;
    let text =
        formatted(&runs, if is_json { AnswerFormat::Json } else { AnswerFormat::Table }, table::terminal_width())?;
    print(&text)?;
    Ok(Outcome::Done)
}

fn use_run(layout: &Layout, video: &str, run: &str, printer: &Printer) -> Result<(), Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let video = find_video(&catalog, video)?;
    let runs: Vec<VideoRun> = catalog.runs()?.into_iter().filter(|other| other.video_id == video.video_id).collect();
    drop(catalog);
    let mut found = runs.iter().filter(|other| other.run_id == run);
    let mut beginning = runs.iter().filter(|other| other.run_id.starts_with(run));
    let chosen = found.next().or_else(|| beginning.next().filter(|_| beginning.next().is_none()));
    let Some(chosen) = chosen else {
        let runs = runs.iter().map(|run| format!("{} ({})", run.run_id, run.extent.words()));
        return Err(Error::Usage {
            message: format!("{}: {run} matches no run or several runs", video.name),
            hint: format!("runs: {}", some_of(runs)),
        });
    };
    let _lock = DatasetLock::acquire(layout, "posekit status --use")?;
    // Edits may have changed while another run was the current one.
    for warning in StoredRun::open(layout, &video.video_id, &chosen.run_id)?.obey_edits(layout)?.into_iter().flatten() {
        printer.say(&format!("warning: {}: {warning}", video.name));
    }
    Catalog::open(layout, Access::Write)?.use_run(&video.video_id, &chosen.run_id)?;
    printer.say(&format!("{}: the current run is {} ({})", video.name, chosen.run_id, chosen.extent.words()));
    Ok(())
}

fn prune(layout: &Layout, is_sure: bool, printer: &Printer) -> Result<(), Error> {
    let runs = Catalog::open(layout, Access::Read)?.runs()?;
    let prunable = prunable(&runs);
    for run in &prunable {
        printer.say(&format!("{}: {} ({})", run.video, run.run_id, run.extent.words()));
    }
    let count = units::counted(prunable.len() as u64, "run");
    if !prunable.is_empty() && !is_sure && !is_confirmed(&format!("remove {count}?"))? {
        printer.say("nothing was removed");
        return Ok(());
    }
    let _lock = DatasetLock::acquire(layout, "posekit status --prune")?;
    let catalog = Catalog::open(layout, Access::Write)?;
    let known = catalog.knowledge()?.run_ids;
    catalog.prune(&prunable)?;
    let n_abandoned = remove_abandoned(layout, &known)?;
    printer.say(&format!("{count} removed"));
    let scratch = layout.of_stability();
    if scratch.exists() {
        let _lock = DatasetLock::acquire(&Layout::new(&scratch), "posekit status --prune")?;
        remove_folder(&scratch)?;
        printer.say("variants of a stopped measurement of stability removed");
    }
    if n_abandoned > 0 {
        printer.say(&format!("{} removed", units::counted(n_abandoned as u64, "unfinished run")));
    }
    let better = runs.iter().filter(|run| !run.is_current && !prunable.contains(run));
    for run in better {
        printer.say(&format!(
            "{}: {} ({}) is kept: it is better than the current run",
            run.video,
            run.run_id,
            run.extent.words()
        ));
    }
    Ok(())
}

/// Asks for confirmation on a terminal. Without a terminal the command line counts as confirmation.
fn is_confirmed(question: &str) -> Result<bool, Error> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(true);
    }
    let failed = |source| Error::Output { target: PathBuf::from("standard error"), source };
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).map_err(failed)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn migrate(layout: &Layout, printer: &Printer) -> Result<Outcome, Error> {
    rebuild::require_records(layout)?;
    let _lock = DatasetLock::acquire(layout, "posekit status --migrate")?;
    let (n_changed, damaged) = migrate_ids(layout)?;
    rebuild::rebuild(layout)?;
    printer.say(&format!("{} got new ids, which every reader reads as text", units::counted(n_changed as u64, "run")));
    for error in &damaged {
        printer.complain(&error.to_string(), Some("run `posekit status --repair`, then this command again"));
    }
    Ok(if damaged.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn rebuild_catalog(layout: &Layout, printer: &Printer) -> Result<Outcome, Error> {
    rebuild::require_records(layout)?;
    let _lock = DatasetLock::acquire(layout, "posekit status --rebuild")?;
    let rebuilt = rebuild::rebuild(layout)?;
    printer.say(&format!("the catalog was rebuilt from {}", units::counted(rebuilt.n_runs as u64, "run")));
    for damaged in &rebuilt.damaged {
        printer.complain(&damaged.to_string(), damaged.hint());
    }
    Ok(if rebuilt.damaged.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn check_parts(layout: &Layout, printer: &Printer) -> Result<Outcome, Error> {
    let findings = check::verify(&Catalog::open(layout, Access::Read)?);
    for problem in &findings.problems {
        printer.complain(problem, None);
    }
    let verdict = match findings.problems.len() {
        0 => "no problems found".to_owned(),
        count => format!(
            "{} (`posekit status --repair` repairs the parts that do not need the videos and names the command for \
             the others)",
            units::counted(count as u64, "problem")
        ),
    };
    printer.say(&format!("{} checked: {verdict}", units::counted(findings.n_parts as u64, "part")));
    Ok(if findings.problems.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

/// Returns the remembered analysis options of each video, by its name. Videos without options are left out.
fn asked_for(catalog: &Catalog) -> Result<Vec<(String, Wishes)>, Error> {
    let remembered = Remembered::read(catalog.layout().root())?;
    let videos = shown_videos(catalog)?.into_iter().map(|video| (video.name, remembered.of(&video.video_id)));
    Ok(videos.filter(|(_, wishes)| *wishes != Wishes::default()).collect())
}

/// Formats the remembered options, one line per combination of options.
fn asked_in_words(asked: &[(String, Wishes)]) -> String {
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for (name, wishes) in asked {
        let words = wishes.words();
        match kinds.iter_mut().find(|(known, _)| *known == words) {
            Some((_, names)) => names.push(name.clone()),
            None => kinds.push((words, vec![name.clone()])),
        }
    }
    kinds.into_iter().fold(String::new(), |text, (words, names)| {
        text + &format!("analyzed with {words}: {}\n", some_of(names.into_iter()))
    })
}

fn as_json(
    videos: &SmallAnswer,
    totals: &SmallAnswer,
    sizes: &[(&str, u64)],
    asked: &[(String, Wishes)],
) -> Result<String, Error> {
    let sizes: Map<String, Value> = sizes.iter().map(|(name, bytes)| ((*name).to_owned(), json!(bytes))).collect();
    let total = json_rows(totals)?.into_iter().next().unwrap_or_default();
    Ok(format!(
        "{:#}\n",
        json!({"videos": json_rows(videos)?, "totals": total, "bytes": sizes, "analyzed_with": asked})
    ))
}

fn json_rows(answer: &SmallAnswer) -> Result<Vec<Value>, Error> {
    let text = formatted(answer, AnswerFormat::Json, None)?;
    serde_json::from_str(&text).map_err(|error| Error::Format { format: "json", message: error.to_string() })
}

/// Tables whose size is shown; JSON has all.
const MAX_SIZES: usize = 3;

fn as_table(
    videos: &SmallAnswer,
    totals: &SmallAnswer,
    sizes: &[(&str, u64)],
    dataset: &Path,
) -> Result<String, Error> {
    let total = json_rows(totals)?.into_iter().next().unwrap_or_default();
    let number = |name: &str| total[name].as_u64().unwrap_or_default();
    let table = formatted(videos, AnswerFormat::Table, table::terminal_width())?;
    let table = table.rsplit_once('\n').and_then(|(rows, _)| rows.rsplit_once('\n')).map_or("", |(rows, _)| rows);
    let size: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let mut largest = sizes.to_vec();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let others: u64 = largest.iter().skip(MAX_SIZES).map(|(_, bytes)| bytes).sum();
    largest.truncate(MAX_SIZES);
    largest.extend((others > 0).then_some(("others", others)));
    let parts: Vec<String> = largest.iter().map(|(name, bytes)| format!("{name} {}", units::bytes(*bytes))).collect();
    Ok(format!(
        "{table}\n{}, {} without tables; {}; {}, {}\n{}: {} ({})\n",
        units::counted(number("videos"), "video"),
        number("failed_videos"),
        units::counted(number("runs"), "run"),
        units::counted(number("frames"), "frame"),
        units::counted(number("poses"), "pose"),
        dataset.display(),
        units::bytes(size),
        parts.join(", "),
    ))
}

pub(super) fn formatted(answer: &SmallAnswer, format: AnswerFormat, width: Option<usize>) -> Result<String, Error> {
    let bytes = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = AnswerWriter::new(format, Vec::new(), answer.schema.clone(), width)?;
        answer.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    };
    let bytes = bytes().map_err(|error| Error::Format { format: format.name(), message: error.to_string() })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
