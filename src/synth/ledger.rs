//! What every call to a provider may cost and did cost: `DATASET/journal/ledger.jsonl`.
//!
//! A call has two lines. `intent` is on the disk before the request is sent, with the most that it can cost; `settled` follows when
//! its end is known. A call without its second line counts what it can cost at most: the process may have died while the
//! provider worked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::journal::{self, Journal, JournalError, Lines, ToSink, lock};
use crate::llm::wire::{Api, Usage};

/// Name of the journal.
pub const NAME: &str = "ledger";

/// Which of a call's two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Written before the request is sent.
    Intent,
    /// Written when its end is known.
    Settled,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A whole reply.
    Ok,
    /// A reply cut off by `max_tokens`.
    CutOff,
    /// The model refused.
    Refused,
    /// A reply that says nothing that can be used, or that cannot be read.
    Invalid,
    /// The provider answered with an error and asks nothing for it.
    HttpError,
    /// No answer came back, and the provider may have worked: its most counts.
    Lost,
    /// The request never reached the provider.
    Unsent,
    /// A batch ended before the provider came to it.
    Expired,
}

/// One line of the ledger. Every line has every key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Which of the two.
    pub line: LineKind,
    /// The call, unique in the ledger.
    pub call_id: String,
    /// The job that it is for.
    pub job_id: String,
    /// Hash of what is asked, as in the replies' journal.
    pub content_hash: String,
    /// The provider's interface.
    pub api: Api,
    /// The model that is asked.
    pub model: String,
    /// Whether it goes at the price of batches.
    pub is_batch: bool,
    /// The plan of the batch that it goes with, as in `batches.jsonl`.
    pub plan_id: Option<String>,
    /// The most that it can cost, in nano-dollars.
    pub worst_nano_usd: u64,
    /// What it cost, in nano-dollars; null in an intent.
    pub cost_nano_usd: Option<u64>,
    /// All input, cached included; null if not known.
    pub input_tokens: Option<u64>,
    /// Input that was read from the provider's cache.
    pub cached_tokens: Option<u64>,
    /// Input that was written to the provider's cache.
    pub cache_write_tokens: Option<u64>,
    /// Output.
    pub output_tokens: Option<u64>,
    /// Status of the HTTP response; null if there was none.
    pub http_status: Option<u16>,
    /// How it ended; null in an intent.
    pub outcome: Option<Outcome>,
    /// What the provider or the network said about a failure.
    pub message: Option<String>,
    /// When the line was written: milliseconds since 1970 UTC.
    pub time_unix_ms: u64,
}

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The job that it is for.
    pub job_id: String,
    /// Hash of what is asked.
    pub content_hash: String,
    /// The provider's interface.
    pub api: Api,
    /// The model that is asked.
    pub model: String,
    /// The plan of the batch that it goes with; none if it goes alone.
    pub plan_id: Option<String>,
    /// The most that it can cost, in nano-dollars.
    pub worst_nano_usd: u64,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// How.
    pub outcome: Outcome,
    /// What it cost, in nano-dollars.
    pub cost_nano_usd: u64,
    /// Tokens, if known.
    pub usage: Option<Usage>,
    /// Status of the HTTP response.
    pub http_status: Option<u16>,
    /// What the provider or the network said about a failure.
    pub message: Option<String>,
}

impl Settlement {
    /// A call that cost nothing.
    #[must_use]
    pub fn free(outcome: Outcome, http_status: Option<u16>, message: String) -> Self {
        Self { outcome, cost_nano_usd: 0, usage: None, http_status, message: Some(message) }
    }
}

/// What a job has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Calls, failed ones too.
    pub n_calls: u64,
    /// Calls whose end is not known.
    pub n_open: u64,
    /// Cost of the calls whose end is known, in nano-dollars.
    pub settled_nano_usd: u64,
    /// The most that the open calls outside of batches can cost.
    pub open_nano_usd: u64,
    /// The most that the open calls of batches can cost.
    pub open_batch_nano_usd: u64,
    /// Tokens of the calls whose end is known.
    pub usage: Usage,
}

impl Sums {
    /// What counts as spent: what is settled, and the most that open calls can cost.
    #[must_use]
    pub fn spent_nano_usd(&self) -> u64 {
        self.settled_nano_usd.saturating_add(self.open_nano_usd).saturating_add(self.open_batch_nano_usd)
    }

    fn open(&mut self, line: &Line) -> &mut u64 {
        if line.plan_id.is_some() { &mut self.open_batch_nano_usd } else { &mut self.open_nano_usd }
    }
}

/// Adds tokens to tokens.
pub(super) fn add_usage(sum: &mut Usage, usage: &Usage) {
    sum.input_tokens += usage.input_tokens;
    sum.cached_tokens += usage.cached_tokens;
    sum.cache_write_tokens += usage.cache_write_tokens;
    sum.output_tokens += usage.output_tokens;
}

#[derive(Debug, Default)]
struct Books {
    next_call: u64,
    open: HashMap<String, Line>,
    jobs: HashMap<String, Sums>,
}

impl Books {
    fn enter(&mut self, line: Line) {
        let number = line.call_id.strip_prefix('c').and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        self.next_call = self.next_call.max(number + 1);
        let sums = self.jobs.entry(line.job_id.clone()).or_default();
        if line.line == LineKind::Intent {
            sums.n_calls += 1;
            sums.n_open += 1;
            let open = sums.open(&line);
            *open = open.saturating_add(line.worst_nano_usd);
            self.open.insert(line.call_id.clone(), line);
        } else if let Some(intent) = self.open.remove(&line.call_id) {
            sums.n_open -= 1;
            let open = sums.open(&intent);
            *open = open.saturating_sub(intent.worst_nano_usd);
            let cost = line.cost_nano_usd.unwrap_or(intent.worst_nano_usd);
            sums.settled_nano_usd = sums.settled_nano_usd.saturating_add(cost);
            add_usage(&mut sums.usage, &usage(&line));
        }
    }
}

/// Tokens of a line; zero if not known.
fn usage(line: &Line) -> Usage {
    Usage {
        input_tokens: line.input_tokens.unwrap_or(0),
        cached_tokens: line.cached_tokens.unwrap_or(0),
        cache_write_tokens: line.cache_write_tokens.unwrap_or(0),
        output_tokens: line.output_tokens.unwrap_or(0),
    }
}

/// The ledger, open for calls.
#[derive(Debug)]
pub struct Ledger {
    journal: Journal,
    books: Mutex<Books>,
    n_skipped: usize,
}

impl Ledger {
    /// Opens a dataset's ledger.
    ///
    /// # Errors
    /// Another process has it open, or the file system refuses.
    pub fn open(dataset: &Path) -> Result<Self, JournalError> {
        Self::open_with(dataset, &|file| Box::new(file))
    }

    pub(super) fn open_with(dataset: &Path, to_sink: ToSink) -> Result<Self, JournalError> {
        let journal = Journal::open_with(dataset, NAME, to_sink)?;
        let mut books = Books { next_call: 1, ..Books::default() };
        let n_skipped = journal::scan(dataset, NAME, &mut |_, line| books.enter(line))?;
        Ok(Self { journal, books: Mutex::new(books), n_skipped })
    }

    /// How many lines could not be read when it was opened.
    #[must_use]
    pub fn n_skipped(&self) -> usize {
        self.n_skipped
    }

    /// Notes calls that are about to be made, with one write. When this returns, they are on the disk. Returns their ids.
    ///
    /// # Errors
    /// The journal cannot be written: the calls may not be made.
    pub fn intend(&self, intents: &[Intent], now_s: f64) -> Result<Vec<String>, JournalError> {
        let first = {
            let mut books = lock(&self.books);
            let first = books.next_call;
            books.next_call += intents.len() as u64;
            first
        };
        let lines: Vec<Line> = (first..).zip(intents).map(|(number, intent)| line_of(number, intent, now_s)).collect();
        self.journal.append_all(&lines)?;
        let ids = lines.iter().map(|line| line.call_id.clone()).collect();
        let mut books = lock(&self.books);
        for line in lines {
            books.enter(line);
        }
        Ok(ids)
    }

    /// Notes how calls ended, with one write. Those that are not open are left as they are. Returns the most that the others
    /// could have cost, in nano-dollars.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn settle(&self, ends: &[(String, Settlement)], now_s: f64) -> Result<u64, JournalError> {
        let lines: Vec<Line> = {
            let books = lock(&self.books);
            let lines = ends.iter().filter_map(|(call_id, end)| Some(settled(books.open.get(call_id)?, end, now_s)));
            lines.collect()
        };
        if lines.is_empty() {
            return Ok(0);
        }
        self.journal.append_all(&lines)?;
        let worst = lines.iter().map(|line| line.worst_nano_usd).sum();
        let mut books = lock(&self.books);
        for line in lines {
            books.enter(line);
        }
        Ok(worst)
    }

    /// Whether the end of a call is not known.
    #[must_use]
    pub fn is_open(&self, call_id: &str) -> bool {
        lock(&self.books).open.contains_key(call_id)
    }

    /// The intents of a batch's plan whose end is not known, in the order of their calls.
    #[must_use]
    pub fn open_of_plan(&self, plan_id: &str) -> Vec<Line> {
        let books = lock(&self.books);
        let open = books.open.values().filter(|line| line.plan_id.as_deref() == Some(plan_id));
        let mut open: Vec<Line> = open.cloned().collect();
        open.sort_by(|a, b| a.call_id.cmp(&b.call_id));
        open
    }

    /// What a job has cost.
    #[must_use]
    pub fn sums(&self, job_id: &str) -> Sums {
        lock(&self.books).jobs.get(job_id).copied().unwrap_or_default()
    }
}

/// The lines of a dataset's ledger, which may be open elsewhere.
///
/// # Errors
/// The file system refuses.
pub fn read(dataset: &Path) -> Result<Lines<Line>, JournalError> {
    journal::read(dataset, NAME)
}

fn line_of(number: u64, intent: &Intent, now_s: f64) -> Line {
    Line {
        line: LineKind::Intent,
        call_id: format!("c{number:08}"),
        job_id: intent.job_id.clone(),
        content_hash: intent.content_hash.clone(),
        api: intent.api,
        model: intent.model.clone(),
        is_batch: intent.plan_id.is_some(),
        plan_id: intent.plan_id.clone(),
        worst_nano_usd: intent.worst_nano_usd,
        cost_nano_usd: None,
        input_tokens: None,
        cached_tokens: None,
        cache_write_tokens: None,
        output_tokens: None,
        http_status: None,
        outcome: None,
        message: None,
        time_unix_ms: to_ms(now_s),
    }
}

fn settled(intent: &Line, end: &Settlement, now_s: f64) -> Line {
    let usage = end.usage.as_ref();
    Line {
        line: LineKind::Settled,
        cost_nano_usd: Some(end.cost_nano_usd),
        input_tokens: usage.map(|usage| usage.input_tokens),
        cached_tokens: usage.map(|usage| usage.cached_tokens),
        cache_write_tokens: usage.map(|usage| usage.cache_write_tokens),
        output_tokens: usage.map(|usage| usage.output_tokens),
        http_status: end.http_status,
        outcome: Some(end.outcome),
        message: end.message.clone(),
        time_unix_ms: to_ms(now_s),
        ..intent.clone()
    }
}

/// Milliseconds since 1970 UTC.
pub(super) fn to_ms(now_s: f64) -> u64 {
    (now_s * 1e3).max(0.0) as u64
}

#[cfg(test)]
mod tests;
