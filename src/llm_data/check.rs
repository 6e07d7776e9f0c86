//! Checks a dataset folder: files against the manifest, rows against the rules of trainers, proofs against the tables.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::error::LlmDataError;
use super::folder::{MANIFEST, io_error};
use super::manifest::{FileEntry, Manifest};
use super::proofs::{ProofRow, Prover, ToolCall, call_problem};
use crate::llm::check::FolderCheck;
use crate::llm::shapes::Config;
use crate::llm::split::Split;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::workspace::EngineLimits;
use crate::store::{Catalog, Layout};

/// Maximum number of problems that are listed; only the number of further ones is given.
const MAX_TOLD: usize = 20;
/// DuckDB's memory for tool calls.
const FENCE_MEMORY_BYTES: u64 = 512 << 20;

/// The result of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Number of rows checked.
    pub(crate) n_rows: u64,
    /// Number of proofs run again.
    pub(crate) n_proofs: u64,
    /// Number of tool calls run again.
    pub(crate) n_calls: u64,
    /// The problems.
    pub(crate) faults: Vec<String>,
}

impl Checked {
    /// The result as lines of text.
    #[must_use]
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self { n_rows, n_proofs, n_calls, faults } = self;
        let mut lines: Vec<String> = faults.iter().take(MAX_TOLD).cloned().collect();
        if faults.len() > MAX_TOLD {
            lines.push(format!("and {} more", faults.len() - MAX_TOLD));
        }
        lines.push(format!(
            "{n_rows} rows, {n_proofs} proofs and {n_calls} tool calls checked: {}",
            if faults.is_empty() { "all hold".to_owned() } else { format!("{} faults", faults.len()) }
        ));
        lines
    }
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    #[serde(default)]
    proofs: Vec<ProofRow>,
    #[serde(default)]
    messages: Vec<Value>,
}

/// Checks a folder.
///
/// # Errors
/// The manifest is missing, or a file or the tables cannot be read.
pub(crate) fn check_folder(folder: &Path, catalog: &Catalog, layout: &Layout) -> Result<Checked, LlmDataError> {
    let manifest = Manifest::read(folder)?;
    let fence = SharedCatalog::new(layout.clone(), EngineLimits { memory_bytes: FENCE_MEMORY_BYTES });
    let _stay = fence.stay()?;
    let mut check = Check {
        folder,
        prover: Prover::new(catalog, &fence),
        rules: rules(folder, &manifest)?,
        calls: HashMap::new(),
        checked: Checked::default(),
    };
    for entry in &manifest.files {
        if let Some(fault) = file_fault(folder, entry)? {
            check.checked.faults.push(format!("{}: {fault}", entry.path));
        }
    }
    for config in Config::ALL {
        for split in Split::ALL {
            check.lines(config, split.name())?;
        }
    }
    let Check { prover, rules, calls, mut checked, .. } = check;
    checked.n_proofs = prover.n_proofs;
    checked.faults.extend(call_faults(&fence, &calls));
    checked.faults.extend(rules.finish().iter().map(ToString::to_string));
    Ok(checked)
}

/// Runs tool calls, each once, several at a time.
fn call_faults(fence: &SharedCatalog, calls: &HashMap<ToolCall, Vec<String>>) -> Vec<String> {
    let faults = |(call, places): (&ToolCall, &Vec<String>)| {
        let problem = call_problem(fence, call);
        let of_place = |place: &String| problem.as_ref().map(|problem| format!("{place}: {problem}"));
        places.iter().filter_map(of_place).collect::<Vec<_>>()
    };
    let mut faults: Vec<String> = calls.par_iter().flat_map_iter(faults).collect();
    faults.sort();
    faults
}

/// Checks the rules of trainers and everything except rows: the set of files, the cards, the manifest.
fn rules(folder: &Path, manifest: &Manifest) -> Result<FolderCheck, LlmDataError> {
    let mut rules = FolderCheck::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        if let Ok(path) = entry.path().strip_prefix(folder)
            && entry.file_type().is_file()
        {
            rules.path(&path.display().to_string());
        }
    }
    for entry in manifest.files.iter().filter(|entry| entry.path.ends_with(".parquet")) {
        let name = entry.path.trim_start_matches("parquet/");
        rules.parquet(name.split('-').next().unwrap_or_default(), entry.rows, entry.bytes);
    }
    let text = |name: &str| match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", &folder.join(name))(error)),
    };
    text("README.md")?.iter().for_each(|card| rules.card(card));
    text("parquet/README.md")?.iter().for_each(|card| rules.parquet_card(card));
    text(MANIFEST)?.iter().for_each(|manifest| rules.manifest(manifest));
    Ok(rules)
}

/// A check in progress.
struct Check<'a> {
    folder: &'a Path,
    prover: Prover<'a>,
    rules: FolderCheck,
    /// Tool calls with their positions in files.
    calls: HashMap<ToolCall, Vec<String>>,
    checked: Checked,
}

impl Check<'_> {
    /// Checks the rows of a config and split.
    fn lines(&mut self, config: Config, split: &str) -> Result<(), LlmDataError> {
        let name = config.path(split);
        let path = self.folder.join(&name);
        let file = match File::open(&path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_error("read", &path)(error)),
        };
        for (number, line) in (1_u64..).zip(file.lines()) {
            let line = line.map_err(io_error("read", &path))?;
            self.checked.n_rows += 1;
            self.rules.row(config, split, number, &line);
            // Invalid rows are reported by the rules.
            let Ok(row) = serde_json::from_str::<Line>(&line) else { continue };
            let mut problems = Vec::new();
            for proof in &row.proofs {
                problems.extend(self.prover.problem(proof)?);
            }
            let place = format!("{name}:{number} ({})", row.id);
            for call in calls(&row.messages) {
                self.checked.n_calls += 1;
                self.calls.entry(call).or_default().push(place.clone());
            }
            self.checked.faults.extend(problems.into_iter().map(|problem| format!("{place}: {problem}")));
        }
        Ok(())
    }
}

/// The problem with a file as a whole.
fn file_fault(folder: &Path, entry: &FileEntry) -> Result<Option<String>, LlmDataError> {
    let path = folder.join(&entry.path);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some("file not found".to_owned())),
        Err(error) => return Err(io_error("read", &path)(error)),
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut file).map_err(io_error("read", &path))?;
    let is_same = hasher.finalize().to_hex().as_str() == entry.blake3;
    Ok((!is_same).then(|| "the content was changed since posekit wrote it (blake3)".to_owned()))
}

/// The tool calls of a conversation with their answers. Arguments are an object or JSON text.
fn calls(messages: &[Value]) -> Vec<ToolCall> {
    let mut calls = Vec::new();
    for message in messages {
        let made = message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
        for call in made {
            let arguments = &call["function"]["arguments"];
            let parsed = arguments.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            let sql = parsed.as_ref().unwrap_or(arguments)["sql"].as_str().unwrap_or_default().to_owned();
            let answer = messages
                .iter()
                .find(|answer| answer["role"] == "tool" && answer["tool_call_id"] == call["id"])
                .and_then(|answer| answer["content"].as_str());
            calls.push(ToolCall { sql, answer: answer.unwrap_or_default().to_owned() });
        }
    }
    calls
}
