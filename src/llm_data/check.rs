//! Verifying a folder: files against the manifest, rows against the rules of trainers, proofs against the tables.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::LlmDataError;
use super::folder::io_error;
use super::manifest::{FileEntry, Manifest};
use super::proofs::{ProofRow, Prover, ToolCall};
use crate::store::shared_catalog::SharedCatalog;
use crate::store::workspace::EngineLimits;
use crate::store::{Catalog, Layout};

/// Faults that are told one by one; of more only the number.
const MAX_TOLD: usize = 20;
/// DuckDB's memory for tool calls.
const FENCE_MEMORY_BYTES: u64 = 512 << 20;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Rows that were looked at.
    pub n_rows: u64,
    /// Proofs that were run again.
    pub n_proofs: u64,
    /// Tool calls that were run again.
    pub n_calls: u64,
    /// What is wrong.
    pub faults: Vec<String>,
}

impl Checked {
    /// For people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
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
/// The folder has no manifest, a file cannot be read, or the tables cannot.
pub fn check_folder(folder: &Path, catalog: &Catalog, layout: &Layout) -> Result<Checked, LlmDataError> {
    let manifest = Manifest::read(folder)?;
    let fence = SharedCatalog::new(layout.clone(), EngineLimits { memory_bytes: FENCE_MEMORY_BYTES });
    let mut prover = Prover::new(catalog, &fence);
    let mut checked = Checked::default();
    for entry in &manifest.files {
        if let Some(fault) = file_fault(folder, entry)? {
            checked.faults.push(format!("{}: {fault}", entry.path));
        } else if entry.path.ends_with(".jsonl") && entry.path.starts_with("data/") {
            check_lines(folder, entry, &mut prover, &mut checked)?;
        }
    }
    checked.n_proofs = prover.n_proofs;
    Ok(checked)
}

/// What is wrong with a file as a whole.
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
    Ok((!is_same).then(|| "the content is not what posekit wrote (blake3)".to_owned()))
}

fn check_lines(
    folder: &Path,
    entry: &FileEntry,
    prover: &mut Prover<'_>,
    checked: &mut Checked,
) -> Result<(), LlmDataError> {
    let path = folder.join(&entry.path);
    let file = BufReader::new(File::open(&path).map_err(io_error("read", &path))?);
    for (number, line) in (1_u64..).zip(file.lines()) {
        let line = line.map_err(io_error("read", &path))?;
        checked.n_rows += 1;
        let row: Line = match serde_json::from_str(&line) {
            Ok(row) => row,
            Err(error) => {
                checked.faults.push(format!("{}:{number}: {error}", entry.path));
                continue;
            }
        };
        for proof in &row.proofs {
            if let Some(problem) = prover.problem(proof)? {
                checked.faults.push(format!("{}:{number} ({}): {problem}", entry.path, row.id));
            }
        }
        for call in calls(&row.messages) {
            checked.n_calls += 1;
            if let Some(problem) = prover.call_problem(&call) {
                checked.faults.push(format!("{}:{number} ({}): {problem}", entry.path, row.id));
            }
        }
    }
    Ok(())
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
