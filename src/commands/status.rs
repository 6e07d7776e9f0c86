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
use crate::store::status::{self, SmallAnswer};
use crate::store::{Access, Catalog, Layout};

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSettings {
    /// The dataset.
    pub dataset: PathBuf,
    /// As JSON instead of a table.
    pub is_json: bool,
    /// Remove runs that are not shown.
    pub is_pruning: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub fn run(settings: &StatusSettings, printer: &Printer) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    if settings.is_pruning {
        // Asked of a dataset that is there; pruning makes none.
        drop(Catalog::open(&layout, Access::Read)?);
        let n_pruned = Catalog::open(&layout, Access::Write)?.prune()?;
        printer.say(&format!("{} removed", units::counted(n_pruned as u64, "older run")));
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
    Ok(Outcome::Done)
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

fn render(answer: &SmallAnswer, format: AnswerFormat, width: Option<usize>) -> Result<String, Error> {
    let render = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = AnswerWriter::new(format, Vec::new(), answer.schema.clone(), width)?;
        answer.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    };
    let bytes = render().map_err(|error| Error::Format { format: format.name(), message: error.to_string() })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
