//! What the server remembers, for tests to read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::batches::Batch;
use super::model::Change;
use super::money::{PromptCache, Usage};

/// One request for text that was valid, alone or in a batch.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Number, from 1, in the order of arrival.
    pub(crate) number: u64,
    /// Hash of the body.
    pub(crate) content: String,
    /// How often this content came, this time included.
    pub(crate) attempt: u64,
    /// Path of the API.
    pub(crate) path: &'static str,
    /// The batch.
    pub(crate) batch_id: Option<String>,
    /// Id within the batch.
    pub(crate) custom_id: Option<String>,
    /// Name of the model.
    pub(crate) model: String,
    /// HTTP status, or 0 for a batch item that was not done.
    pub(crate) status: u16,
    /// Names of the faults.
    pub(crate) faults: Vec<&'static str>,
    /// Limit of output tokens.
    pub(crate) max_tokens: u64,
    /// Tokens; none if it was not answered.
    pub(crate) usage: Usage,
    /// What it costs; 0 if it was not answered.
    pub(crate) cost_nano_usd: u64,
    /// When it came, milliseconds from the server's start.
    pub(crate) at_ms: u64,
    /// The user's text.
    pub(crate) user: String,
    /// The model's text.
    pub(crate) reply: String,
    /// What was changed in it on purpose.
    pub(crate) change: Option<Change>,
}

impl Record {
    fn to_json(&self) -> Value {
        let change = self
            .change
            .as_ref()
            .map(|change| json!({"kind": change.kind, "original": change.original, "changed": change.changed}));
        json!({
            "number": self.number, "content": self.content, "attempt": self.attempt, "path": self.path, "batch_id": self.batch_id,
            "custom_id": self.custom_id, "model": self.model, "status": self.status, "faults": self.faults, "max_tokens": self.max_tokens,
            "usage": self.usage.to_json(), "cost_nano_usd": self.cost_nano_usd, "at_ms": self.at_ms, "reply": self.reply, "change": change
        })
    }
}

/// A request that was refused because it was invalid.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    /// Its path.
    pub(crate) path: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// Why.
    pub(crate) message: String,
}

/// A file that was uploaded, or that holds a batch's results.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    /// The file as the API describes it.
    pub(crate) object: Value,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Everything that the server remembers.
pub(crate) struct State {
    /// Valid requests for text.
    pub(crate) records: Vec<Record>,
    /// Invalid requests.
    pub(crate) rejections: Vec<Rejection>,
    /// Batches by id.
    pub(crate) batches: BTreeMap<String, Batch>,
    /// Files by id.
    pub(crate) files: BTreeMap<String, StoredFile>,
    /// Prefixes of prompts.
    pub(crate) cache: PromptCache,
    /// Number of calls by method and path, ids left out: `POST /v1/batches`.
    pub(crate) calls: BTreeMap<String, u64>,
    /// Requests being answered.
    pub(crate) in_flight: u64,
    /// Most requests that were being answered at once.
    pub(crate) max_in_flight: u64,
    /// Requests that came again before the time that `retry-after` gave.
    pub(crate) early_retries: u64,
    /// Where accepted requests are written.
    pub(crate) log: Option<File>,
    attempts: BTreeMap<String, u64>,
    not_before: BTreeMap<String, Instant>,
    started: Instant,
    last_number: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            records: vec![],
            rejections: vec![],
            batches: BTreeMap::new(),
            files: BTreeMap::new(),
            cache: PromptCache::default(),
            calls: BTreeMap::new(),
            in_flight: 0,
            max_in_flight: 0,
            early_retries: 0,
            log: None,
            attempts: BTreeMap::new(),
            not_before: BTreeMap::new(),
            started: Instant::now(),
            last_number: 0,
        }
    }
}

impl State {
    /// The next number of a request, file or batch.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Milliseconds since the start.
    pub(crate) fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Counts an attempt at a content: 1, 2, ...
    pub(crate) fn attempt(&mut self, content: &str) -> u64 {
        if self.not_before.get(content).is_some_and(|time| Instant::now() < *time) {
            self.early_retries += 1;
        }
        let count = self.attempts.entry(content.to_string()).or_insert(0);
        *count += 1;
        *count
    }

    /// How often a content came.
    pub(crate) fn n_attempts(&self, content: &str) -> u64 {
        self.attempts.get(content).copied().unwrap_or(0)
    }

    /// Remembers that a content shall not come again for a while.
    pub(crate) fn hold_off(&mut self, content: &str, time: Duration) {
        self.not_before.insert(content.to_string(), Instant::now() + time);
    }

    /// Writes a line to the log, if there is one.
    pub(crate) fn write_log(&mut self, path: &str, request: &Value, reply: &Value) {
        if let Some(log) = &mut self.log {
            // A log that cannot be written shows by its missing lines; the server goes on.
            let _ = writeln!(log, "{}", json!({"path": path, "request": request, "reply": reply}));
        }
    }

    /// Everything charged, nano-dollars.
    pub(crate) fn cost_nano_usd(&self) -> u64 {
        self.records.iter().map(|record| record.cost_nano_usd).sum()
    }

    /// All tokens charged.
    pub(crate) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        self.records.iter().for_each(|record| usage.add(record.usage));
        usage
    }

    /// How often each content was charged.
    pub(crate) fn paid_by_content(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for record in self.records.iter().filter(|record| record.cost_nano_usd > 0) {
            *counts.entry(record.content.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// Contents that were charged more than once.
    pub(crate) fn paid_twice(&self) -> Vec<&str> {
        self.paid_by_content().into_iter().filter(|(_, count)| *count > 1).map(|(content, _)| content).collect()
    }

    /// Replies that were changed on purpose.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (&Record, &Change)> {
        self.records.iter().filter_map(|record| Some((record, record.change.as_ref()?)))
    }

    /// The state in JSON, with or without each request.
    pub(crate) fn to_json(&self, has_records: bool) -> Value {
        let rejections: Vec<Value> = self
            .rejections
            .iter()
            .map(|rejection| json!({"path": rejection.path, "status": rejection.status, "message": rejection.message}))
            .collect();
        let n_paid = self.records.iter().filter(|record| record.cost_nano_usd > 0).count();
        let mut state = json!({
            "n_requests": self.records.len(), "n_paid": n_paid, "n_changed": self.changed().count(),
            "cost_nano_usd": self.cost_nano_usd(), "usage": self.usage().to_json(), "paid_by_content": self.paid_by_content(),
            "paid_twice": self.paid_twice(), "rejections": rejections, "calls": self.calls, "max_in_flight": self.max_in_flight,
            "early_retries": self.early_retries, "batches": self.batches.keys().collect::<Vec<_>>()
        });
        if has_records {
            state["records"] = self.records.iter().map(Record::to_json).collect();
        }
        state
    }
}
