//! `posekit status`: what the dataset holds.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use serde_json::{Map, Value, json};

use super::Outcome;
use crate::error::Error;
use crate::output::answer::{AnswerFormat, AnswerWriter};
use crate::output::printer::Printer;
use crate::output::{table, units};
use crate::store::abandoned::remove_abandoned;
use crate::store::lock::DatasetLock;
use crate::store::status::{self, SmallAnswer};
use crate::store::{Access, Catalog, Layout, check, rebuild};

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSettings {
    /// The dataset.
    pub dataset: PathBuf,
    /// As JSON instead of a table.
    pub is_json: bool,
    /// What to do before it is shown.
    pub task: StatusTask,
}

/// What `posekit status` does with a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusTask {
    /// Show it.
    Show,
    /// Remove runs that are not shown, then show it.
    Prune,
    /// Make the catalog again from the Parquet files, then show it.
    Rebuild,
    /// Verify every part and say what is wrong.
    Check,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub fn run(settings: &StatusSettings, printer: &Printer) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    let mut outcome = Outcome::Done;
    match settings.task {
        StatusTask::Show => {}
        StatusTask::Prune => prune(&layout, printer)?,
        StatusTask::Rebuild => outcome = rebuild_catalog(&layout, printer)?,
        StatusTask::Check => return check_parts(&layout, printer),
    }
    let catalog = Catalog::open(&layout, Access::Read)?;
    let (videos, totals) = (status::videos(&catalog)?, status::totals(&catalog)?);
    let sizes = status::sizes_bytes(&catalog);
    let text = if settings.is_json {
        as_json(&videos, &totals, &sizes)?
    } else {
        as_table(&videos, &totals, &sizes, &settings.dataset)?
    };
    let written = io::stdout().lock().write_all(text.as_bytes());
    written.map_err(|source| Error::Output { target: PathBuf::from("standard output"), source })?;
    Ok(outcome)
}

fn prune(layout: &Layout, printer: &Printer) -> Result<(), Error> {
    // Asked of a dataset that is there; pruning makes none.
    drop(Catalog::open(layout, Access::Read)?);
    let _lock = DatasetLock::acquire(layout, "posekit status --prune")?;
    let mut catalog = Catalog::open(layout, Access::Write)?;
    let known = catalog.knowledge()?.run_ids;
    let n_pruned = catalog.prune()?;
    let n_abandoned = remove_abandoned(layout, &known)?;
    printer.say(&format!("{} removed", units::counted(n_pruned as u64, "older run")));
    if n_abandoned > 0 {
        printer.say(&format!("{} removed", units::counted(n_abandoned as u64, "unfinished run")));
    }
    Ok(())
}

fn rebuild_catalog(layout: &Layout, printer: &Printer) -> Result<Outcome, Error> {
    rebuild::require_records(layout)?;
    let _lock = DatasetLock::acquire(layout, "posekit status --rebuild")?;
    let rebuilt = rebuild::rebuild(layout)?;
    printer.say(&format!("the catalog was made again from {}", units::counted(rebuilt.n_runs as u64, "run")));
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
        0 => "nothing is wrong".to_owned(),
        count => format!(
            "{} (`posekit extract --force` makes the tables of a video again, then `posekit status --prune`)",
            units::counted(count as u64, "problem")
        ),
    };
    printer.say(&format!("{} checked: {verdict}", units::counted(findings.n_parts as u64, "part")));
    Ok(if findings.problems.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn as_json(videos: &SmallAnswer, totals: &SmallAnswer, sizes: &[(&str, u64)]) -> Result<String, Error> {
    let sizes: Map<String, Value> = sizes.iter().map(|(name, bytes)| ((*name).to_owned(), json!(bytes))).collect();
    let total = json_rows(totals)?.into_iter().next().unwrap_or_default();
    Ok(format!("{:#}\n", json!({"videos": json_rows(videos)?, "totals": total, "bytes": sizes})))
}

fn json_rows(answer: &SmallAnswer) -> Result<Vec<Value>, Error> {
    let text = render(answer, AnswerFormat::Json, None)?;
    serde_json::from_str(&text).map_err(|error| Error::Format { format: "json", message: error.to_string() })
}

fn as_table(
    videos: &SmallAnswer,
    totals: &SmallAnswer,
    sizes: &[(&str, u64)],
    dataset: &Path,
) -> Result<String, Error> {
    let total = json_rows(totals)?.into_iter().next().unwrap_or_default();
    let number = |name: &str| total[name].as_u64().unwrap_or_default();
    let table = render(videos, AnswerFormat::Table, table::terminal_width())?;
    let table = table.rsplit_once('\n').and_then(|(rows, _)| rows.rsplit_once('\n')).map_or("", |(rows, _)| rows);
    let size: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let parts: Vec<String> = sizes.iter().map(|(name, bytes)| format!("{name} {}", units::bytes(*bytes))).collect();
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

pub(super) fn render(answer: &SmallAnswer, format: AnswerFormat, width: Option<usize>) -> Result<String, Error> {
    let render = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = AnswerWriter::new(format, Vec::new(), answer.schema.clone(), width)?;
        answer.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    };
    let bytes = render().map_err(|error| Error::Format { format: format.name(), message: error.to_string() })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
