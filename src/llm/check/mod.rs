//! Checks a dataset's folder against the rules of each trainer. Pure: callers read the files and pass their lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde_json::Value;

use super::shapes::{Config, Field, features};

mod folder;
mod openai;
mod rows;
mod talk;
mod walk;

use walk::Leaf;

/// Maximum number of problems listed per file; the others are counted.
const FAULTS_PER_FILE: u64 = 20;

/// The owner of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Trainer {
    /// Hugging Face's `datasets`, which most trainers use for loading.
    Datasets,
    /// Axolotl.
    Axolotl,
    /// TRL, and Unsloth, which builds on it.
    Trl,
    /// LLaMA-Factory.
    LlamaFactory,
    /// `OpenAI`'s fine-tuning.
    OpenAi,
    /// pandas.
    Pandas,
    /// posekit's own rules: numbers are proven, ids are unique, counts are right.
    Posekit,
}

impl fmt::Display for Trainer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Datasets => "datasets",
            Self::Axolotl => "Axolotl",
            Self::Trl => "TRL",
            Self::LlamaFactory => "LLaMA-Factory",
            Self::OpenAi => "OpenAI",
            Self::Pandas => "pandas",
            Self::Posekit => "posekit",
        })
    }
}

/// One violation of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// File in the folder.
    pub(crate) path: String,
    /// Line of the file, from 1; 0 for the whole file.
    pub(crate) line: u64,
    /// The owner of the rule.
    pub(crate) trainer: Trainer,
    /// The problem.
    pub(crate) problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, trainer, problem } = self;
        match line {
            0 => write!(formatter, "{path}: {problem} ({trainer})"),
            line => write!(formatter, "{path}:{line}: {problem} ({trainer})"),
        }
    }
}

/// Problems, with a limit per file.
#[derive(Debug, Default)]
struct Faults {
    found: BTreeSet<Fault>,
    of_file: BTreeMap<String, u64>,
}

impl Faults {
    fn add(&mut self, path: &str, line: u64, trainer: Trainer, problem: String) {
        let count = self.of_file.entry(path.to_owned()).or_default();
        if *count < FAULTS_PER_FILE {
            if self.found.insert(Fault { path: path.to_owned(), line, trainer, problem }) {
                *count += 1;
            }
        } else {
            *count += 1;
        }
    }

    fn finish(mut self) -> Vec<Fault> {
        for (path, count) in &self.of_file {
            if let Some(more) = count.checked_sub(FAULTS_PER_FILE).filter(|more| *more > 0) {
                let problem = format!("{more} more faults");
                self.found.insert(Fault { path: path.clone(), line: u64::MAX, trainer: Trainer::Posekit, problem });
            }
        }
        let whole = |fault: Fault| Fault { line: if fault.line == u64::MAX { 0 } else { fault.line }, ..fault };
        self.found.into_iter().map(whole).collect()
    }
}

/// Problems of one row, before their position is added.
type RowFaults = Vec<(Trainer, String)>;

/// Properties of one file of rows.
#[derive(Debug, Default)]
struct Seen {
    rows: u64,
    bytes: u64,
    leaves: Vec<Leaf>,
}

/// The check of one folder. Pass all paths first ([`path`](Self::path)), then the lines config by config
/// ([`row`](Self::row)), then the other files' texts and figures.
#[derive(Debug, Default)]
pub(crate) struct FolderCheck {
    faults: Faults,
    files: BTreeMap<(Config, String), Seen>,
    parquet: BTreeMap<String, (u64, u64)>,
    images: BTreeSet<String>,
    /// The current config, its columns, and the split of each of its rows by hash.
    now: Option<(Config, Vec<Field>)>,
    split_of: HashMap<u128, u8>,
    card: Option<String>,
    parquet_card: Option<String>,
    manifest: Option<String>,
}

impl FolderCheck {
    /// Creates an empty check.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds the path of a file, relative to the folder, with `/` between names.
    pub(crate) fn path(&mut self, path: &str) {
        for (trainer, problem) in folder::path(path) {
            self.faults.add(path, 0, trainer, problem);
        }
        if path.starts_with("images/") {
            self.images.insert(path.to_owned());
        }
    }

    /// Adds a line of a config's split, without its line end; `number` counts from 1. All rows of a config must be
    /// added together, because only the ids of the current config are kept.
    pub(crate) fn row(&mut self, config: Config, split: &str, number: u64, line: &str) {
        if self.now.as_ref().is_none_or(|(now, _)| *now != config) {
            self.now = Some((config, features(config)));
            self.split_of.clear();
        }
        let mut faults = RowFaults::new();
        let seen = self.files.entry((config, split.to_owned())).or_default();
        let before_bytes = seen.bytes;
        seen.rows += 1;
        seen.bytes += line.len() as u64 + 1;
        match serde_json::from_str::<Value>(line) {
            Ok(row) => {
                let columns = self.now.as_ref().map_or(&[][..], |(_, columns)| columns);
                walk::row(config, columns, &row, &mut seen.leaves, before_bytes, &mut faults);
                rows::row(config, &row, &self.images, &mut faults);
                identity(&mut self.split_of, config, split, &row, line, &mut faults);
            }
            Err(error) => faults.push((Trainer::Datasets, format!("invalid JSON: {error}"))),
        }
        if !faults.is_empty() {
            let path = config.path(split);
            for (trainer, problem) in faults {
                self.faults.add(&path, number, trainer, problem);
            }
        }
    }

    /// Adds the figures of a split's Parquet file: number of rows, and size in bytes.
    pub(crate) fn parquet(&mut self, split: &str, rows: u64, bytes: u64) {
        self.parquet.insert(split.to_owned(), (rows, bytes));
    }

    /// Adds the text of `README.md`.
    pub(crate) fn card(&mut self, text: &str) {
        self.card = Some(text.to_owned());
    }

    /// Adds the text of `parquet/README.md`.
    pub(crate) fn parquet_card(&mut self, text: &str) {
        self.parquet_card = Some(text.to_owned());
    }

    /// Adds the text of `manifest.toml`.
    pub(crate) fn manifest(&mut self, text: &str) {
        self.manifest = Some(text.to_owned());
    }

    /// Returns the problems, by file and line. For a file with very many problems, only the first ones and the number
    /// of the others are returned.
    #[must_use]
    pub(crate) fn finish(self) -> Vec<Fault> {
        let Self { mut faults, files, parquet, card, parquet_card, manifest, .. } = self;
        for ((config, split), seen) in &files {
            let path = config.path(split);
            for (trainer, problem) in walk::file(*config, &seen.leaves) {
                faults.add(&path, 0, trainer, problem);
            }
            if let Some(problem) = openai::file(*config, split, seen.rows) {
                faults.add(&path, 0, Trainer::OpenAi, problem);
            }
        }
        folder::counts(&files, &parquet, &mut faults);
        folder::cards(&files, &parquet, card.as_deref(), parquet_card.as_deref(), &mut faults);
        folder::manifest(&files, &parquet, manifest.as_deref(), &mut faults);
        faults.finish()
    }
}

/// Finds duplicate rows: by id, or by text if a row has no id.
fn identity(
    split_of: &mut HashMap<u128, u8>,
    config: Config,
    split: &str,
    row: &Value,
    line: &str,
    faults: &mut RowFaults,
) {
    let hash = |text: &str| {
        let mut bytes = [0; 16];
        blake3::Hasher::new().update(text.as_bytes()).finalize_xof().fill(&mut bytes);
        u128::from_le_bytes(bytes)
    };
    let code = split.bytes().fold(0_u8, |code, byte| code.wrapping_mul(31).wrapping_add(byte));
    if matches!(config, Config::OpenAi | Config::OpenAiTools) {
        if split_of.insert(hash(line), code).is_some_and(|other| other != code) {
            faults.push((Trainer::OpenAi, "the same row is in another split: validation may not overlap".to_owned()));
        }
    } else if let Some(id) = row.get("id").and_then(Value::as_str)
        && split_of.insert(hash(id), code).is_some()
    {
        faults.push((Trainer::Posekit, format!("id {id:?} occurs twice")));
    }
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
