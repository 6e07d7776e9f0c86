//! The commands. Each command assembles the parts, divides memory and cores among them, runs them and prints the
//! result.

pub(crate) mod analyze;
mod analyze_files;
mod analyze_tally;
pub(crate) mod ask;
#[cfg(feature = "train")]
mod ask_local;
mod ask_model;
mod asker;
pub(crate) mod bench;
mod bench_engines;
mod charts;
mod cluster;
mod cluster_units;
pub(crate) mod doctor;
pub(crate) mod export_llm;
pub(crate) mod extract;
mod extract_files;
mod extract_known;
mod extract_progress;
mod extract_tally;
pub(crate) mod footage;
mod library;
mod memory_share;
pub(crate) mod query;
mod recording;
pub(crate) mod render;
mod repair;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod stability;
pub(crate) mod status;
pub(crate) mod synth;
mod synth_provider;
pub(crate) mod tracks;
#[cfg(feature = "train")]
pub(crate) mod train;
#[cfg(feature = "train")]
mod train_output;
#[cfg(feature = "train")]
mod train_rows;
mod videos;
pub(crate) mod worker;
mod worker_lines;

use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::output::printer::Printer;

/// The default dataset folder.
pub(crate) const DEFAULT_DATASET: &str = "datasets";

/// The outcome of a command that finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything succeeded.
    Done,
    /// Finished, but some inputs failed.
    SomeFailed,
    /// The environment lacks something (`doctor`).
    EnvironmentLacking,
}

/// The result of a step of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The outcome.
    pub(crate) outcome: Outcome,
    /// The summary, one line per item.
    pub(crate) summary: Vec<String>,
    /// A suggestion for the user's next command; not shown if another step follows.
    pub(crate) next: Option<String>,
}

impl Step {
    /// Prints the summary and the suggestion, and returns the outcome.
    fn say(self, printer: &Printer) -> Outcome {
        self.summary.iter().chain(&self.next).for_each(|line| printer.say(line));
        self.outcome
    }
}

/// Writes an answer to standard output.
fn print(text: &str) -> Result<(), Error> {
    let failed = |source| Error::Output { target: "standard output".into(), source };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed)
}

/// Returns ` --dataset DIR` if the folder is not the default one, for commands that users may copy.
fn dataset_option(dataset: &Path) -> String {
    if dataset.components().eq(Path::new(DEFAULT_DATASET).components()) {
        return String::new();
    }
    format!(" --dataset {}", shell_word(&dataset.display().to_string()))
}

/// Quotes a text as one word of a command that users may copy.
fn shell_word(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+,:@".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
