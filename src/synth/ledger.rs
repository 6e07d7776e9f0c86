//! The ledger: worst-case and actual cost of every call to a provider, in `DATASET/journal/ledger.jsonl`.
//!
//! A call has two lines. `intent` is on the disk before the request is sent and holds the worst-case cost; `settled`
//! follows when the result is known. A call without its second line counts at its worst case, because the process may
//! have died while the provider worked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::journal::{self, Journal, JournalError, ToSink, lock};
use crate::llm::wire::{Api, Usage};

/// Name of the journal.
pub(crate) const NAME: &str = "ledger";

/// The two kinds of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineKind {
    /// Written before the request is sent.
    Intent,
    /// Written when the result is known.
    Settled,
}

/// The result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A complete reply.
    Ok,
    /// A reply cut off by `max_tokens`.
    CutOff,
    /// The model refused to answer.
    Refused,
    /// A reply without usable content, or unreadable.
    Invalid,
    /// The provider returned an error and charges nothing for it.
    HttpError,
    /// No response was received, and the provider may have worked: the worst case counts.
    Lost,
    /// The request never reached the provider.
    Unsent,
    /// The batch ended before the provider processed the request.
    Expired,
}

/// One line of the ledger. Every line has every key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// The kind of line.
    pub(crate) line: LineKind,
    /// Id of the call, unique in the ledger.
    pub(crate) call_id: String,
    /// The job of the call.
    pub(crate) job_id: String,
    /// Content hash of the question, as in the replies' journal.
    pub(crate) content_hash: String,
    /// The provider's interface.
    pub(crate) api: Api,
    /// The model.
    pub(crate) model: String,
    /// Whether the price of batches applies.
    pub(crate) is_batch: bool,
    /// The plan of its batch, as in `batches.jsonl`.
    pub(crate) plan_id: Option<String>,
    /// Worst-case cost, nano-dollars.
    pub(crate) worst_nano_usd: u64,
    /// Actual cost, nano-dollars; null in an intent.
    pub(crate) cost_nano_usd: Option<u64>,
    /// All input tokens, including cached ones; null if unknown.
    pub(crate) input_tokens: Option<u64>,
    /// Input tokens read from the provider's cache.
    pub(crate) cached_tokens: Option<u64>,
    /// Input tokens written to the provider's cache.
    pub(crate) cache_write_tokens: Option<u64>,
    /// Output tokens.
    pub(crate) output_tokens: Option<u64>,
    /// Status of the HTTP response; null if there was none.
    pub(crate) http_status: Option<u16>,
    /// The result; null in an intent.
    pub(crate) outcome: Option<Outcome>,
    /// Message of the provider or the network about a failure.
    pub(crate) message: Option<String>,
    /// Time at which the line was written, milliseconds since 1970 UTC.
    pub(crate) time_unix_ms: u64,
}

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    /// The job of the call.
    pub(crate) job_id: String,
    /// Content hash of the question.
    pub(crate) content_hash: String,
    /// The provider's interface.
    pub(crate) api: Api,
    /// The model.
    pub(crate) model: String,
    /// The plan of its batch; `None` for a single request.
    pub(crate) plan_id: Option<String>,
    /// Worst-case cost, nano-dollars.
    pub(crate) worst_nano_usd: u64,
}

/// The end of a call.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    /// The result.
    pub(crate) outcome: Outcome,
    /// Actual cost, nano-dollars.
    pub(crate) cost_nano_usd: u64,
    /// Tokens, if known.
    pub(crate) usage: Option<Usage>,
    /// Status of the HTTP response.
    pub(crate) http_status: Option<u16>,
    /// Message of the provider or the network about a failure.
    pub(crate) message: Option<String>,
}

impl Settlement {
    /// Creates the settlement of a call that cost nothing.
    #[must_use]
    pub(crate) fn free(outcome: Outcome, http_status: Option<u16>, message: String) -> Self {
        Self { outcome, cost_nano_usd: 0, usage: None, http_status, message: Some(message) }
    }
}

/// Totals of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Number of calls, including failed ones.
    pub(crate) n_calls: u64,
    /// Number of calls without a known result.
    pub(crate) n_open: u64,
    /// Cost of the calls with a known result, nano-dollars.
    pub(crate) settled_nano_usd: u64,
    /// Worst case of the open calls outside of batches, nano-dollars.
    pub(crate) open_nano_usd: u64,
    /// Worst case of the open calls in batches, nano-dollars.
    pub(crate) open_batch_nano_usd: u64,
    /// Tokens of the calls with a known result.
    pub(crate) usage: Usage,
}

impl Sums {
    /// Money that counts as spent, nano-dollars: settled cost plus the worst case of open calls.
    #[must_use]
    pub(crate) fn spent_nano_usd(&self) -> u64 {
        self.settled_nano_usd.saturating_add(self.open_nano_usd).saturating_add(self.open_batch_nano_usd)
    }

    fn open(&mut self, line: &Line) -> &mut u64 {
        if line.plan_id.is_some() { &mut self.open_batch_nano_usd } else { &mut self.open_nano_usd }
    }
}

/// Adds token counts to a sum.
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

/// Token counts of a line; zero if unknown.
fn usage(line: &Line) -> Usage {
    Usage {
        input_tokens: line.input_tokens.unwrap_or(0),
        cached_tokens: line.cached_tokens.unwrap_or(0),
        cache_write_tokens: line.cache_write_tokens.unwrap_or(0),
        output_tokens: line.output_tokens.unwrap_or(0),
    }
}

/// The open ledger.
#[derive(Debug)]
pub(crate) struct Ledger {
    journal: Journal,
    books: Mutex<Books>,
}

impl Ledger {
    pub(super) fn open_with(dataset: &Path, to_sink: ToSink) -> Result<Self, JournalError> {
        let journal = Journal::open_with(dataset, NAME, to_sink)?;
        let mut books = Books { next_call: 1, ..Books::default() };
        journal::scan(dataset, NAME, &mut |_, line| books.enter(line))?;
        Ok(Self { journal, books: Mutex::new(books) })
    }

    /// Records calls that are about to be made, with one write. When this returns, they are on the disk. Returns their
    /// ids.
    ///
    /// # Errors
    /// The journal cannot be written: the calls must not be made.
    pub(crate) fn intend(&self, intents: &[Intent], now_s: f64) -> Result<Vec<String>, JournalError> {
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

    /// Records the ends of calls with one write. Calls that are not open are left unchanged. Returns the worst case of
    /// the others, nano-dollars.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn settle(&self, ends: &[(String, Settlement)], now_s: f64) -> Result<u64, JournalError> {
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

    /// Whether a call is still open.
    #[must_use]
    pub(crate) fn is_open(&self, call_id: &str) -> bool {
        lock(&self.books).open.contains_key(call_id)
    }

    /// The open intents of a batch's plan, in the order of their calls.
    #[must_use]
    pub(crate) fn open_of_plan(&self, plan_id: &str) -> Vec<Line> {
        let books = lock(&self.books);
        let open = books.open.values().filter(|line| line.plan_id.as_deref() == Some(plan_id));
        let mut open: Vec<Line> = open.cloned().collect();
        open.sort_by(|a, b| a.call_id.cmp(&b.call_id));
        open
    }

    /// The totals of a job.
    #[must_use]
    pub(crate) fn sums(&self, job_id: &str) -> Sums {
        lock(&self.books).jobs.get(job_id).copied().unwrap_or_default()
    }
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

/// Converts seconds to milliseconds since 1970 UTC.
pub(super) fn to_ms(now_s: f64) -> u64 {
    (now_s * 1e3).max(0.0) as u64
}

#[cfg(test)]
mod tests;
