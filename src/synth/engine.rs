//! The parts that both ways of running a job share: money, counts, stopping, and the consequences of a reply.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::budget::Budget;
use super::clock::Clock;
use super::course::{Judge, Step, Then};
use super::items::{self, Done};
use super::job::{Event, Job, JobError, Progress, Summary, Work};
use super::journals::Journals;
use super::ledger::add_usage;
use super::replies::Paid;
use super::throttle::{Limits, Throttle};
use crate::journal::{JournalError, lock};
use crate::llm::prices::{cost_nano_usd, worst_cost_nano_usd};
use crate::llm::wire::Reply;
use crate::llm::wire::http::Http;

/// Maximum number of failure messages in a summary.
const MAX_FAILURES: usize = 5;

/// Everything needed to run a job.
#[derive(Clone, Copy)]
pub(crate) struct Engine<'a> {
    /// The job.
    pub(crate) job: &'a Job,
    /// The dataset's journals.
    pub(crate) journals: &'a Journals,
    /// The HTTP client for the provider.
    pub(crate) http: &'a dyn Http,
    /// The clock.
    pub(crate) clock: &'a dyn Clock,
    /// Judges replies.
    pub(crate) judge: Judge<'a>,
    /// Whether the user asked to stop. Requests in flight are completed first.
    pub(crate) is_interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Receives progress events. Called from several threads.
    pub(crate) on_event: &'a (dyn Fn(Event) + Sync),
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("job", self.job).finish_non_exhaustive()
    }
}

/// The reason why a piece of work is not done.
#[derive(Debug)]
pub(super) enum Miss {
    Stopped,
    Unaffordable,
    Failed(String),
    Fatal(JobError),
}

impl From<JournalError> for Miss {
    fn from(error: JournalError) -> Self {
        Self::Fatal(error.into())
    }
}

impl From<JobError> for Miss {
    fn from(error: JobError) -> Self {
        Self::Fatal(error)
    }
}

/// One run of a job.
pub(super) struct Run<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) budget: Budget,
    pub(super) throttle: Throttle<'a>,
    /// Whether the provider has replied in this run.
    has_success: AtomicBool,
    n_failures_in_a_row: AtomicU32,
    is_stopping: AtomicBool,
    fatal: Mutex<Option<JobError>>,
    summary: Mutex<Summary>,
    spent_before: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(engine: Engine<'a>, n_total: usize) -> Self {
        let job = engine.job;
        let sums = engine.journals.ledger.sums(&job.id);
        let spent_before = sums.settled_nano_usd.saturating_add(sums.open_nano_usd);
        let limits =
            Limits { max_in_flight: job.settings.n_threads.max(1), tokens_per_minute: job.settings.tokens_per_minute };
        let progress = Progress { n_total, ..Progress::default() };
        Self {
            engine,
            budget: Budget::new(job.budget_nano_usd, spent_before, sums.open_batch_nano_usd),
            throttle: Throttle::new(limits, engine.clock),
            has_success: AtomicBool::new(false),
            n_failures_in_a_row: AtomicU32::new(0),
            is_stopping: AtomicBool::new(false),
            fatal: Mutex::new(None),
            summary: Mutex::new(Summary { progress, ..Summary::default() }),
            spent_before,
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst) || (self.engine.is_interrupted)()
    }

    pub(super) fn has_success(&self) -> bool {
        self.has_success.load(Ordering::SeqCst)
    }

    /// Notes that the provider replied.
    pub(super) fn succeeded(&self) {
        self.has_success.store(true, Ordering::SeqCst);
        self.n_failures_in_a_row.store(0, Ordering::SeqCst);
    }

    /// Notes a permanent failure of the provider or the network. Too many in a row stop the job.
    pub(super) fn failed(&self, message: &str) -> Miss {
        let n = self.n_failures_in_a_row.fetch_add(1, Ordering::SeqCst) + 1;
        if n >= self.engine.job.settings.max_failures_in_a_row.max(1) {
            return JobError::Failing { n, message: message.to_owned() }.into();
        }
        Miss::Failed(message.to_owned())
    }

    /// Stops the run; the first reason is kept.
    pub(super) fn stop(&self, error: JobError) {
        lock(&self.fatal).get_or_insert(error);
        self.is_stopping.store(true, Ordering::SeqCst);
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Summary)) {
        change(&mut lock(&self.summary));
    }

    pub(super) fn note(&self, text: String) {
        (self.engine.on_event)(Event::Note(text));
    }

    pub(super) fn tell(&self) {
        let progress = self.progress();
        (self.engine.on_event)(Event::Progress(progress));
    }

    fn progress(&self) -> Progress {
        let mut progress = lock(&self.summary).progress;
        progress.spent_nano_usd = self.budget.spent();
        progress.reserved_nano_usd = self.budget.reserved();
        progress.left_nano_usd = self.budget.left();
        progress
    }

    /// Notes why a piece of work is not done.
    pub(super) fn missed(&self, miss: Miss) {
        match miss {
            Miss::Stopped => {}
            Miss::Unaffordable => self.count(|summary| summary.is_budget_exhausted = true),
            Miss::Failed(message) => self.count(|summary| {
                summary.progress.n_failed += 1;
                if summary.failures.len() < MAX_FAILURES && !summary.failures.contains(&message) {
                    summary.failures.push(message);
                }
            }),
            Miss::Fatal(error) => self.stop(error),
        }
    }

    /// Counts a piece of work if it is done. Returns whether it is.
    pub(super) fn is_done(&self, work: &Work) -> bool {
        let done = self.engine.journals.items.done(&self.engine.job.id, &work.key);
        match done {
            Some(Done::Accepted) => self.count(|summary| summary.progress.n_accepted += 1),
            Some(Done::Rejected) => self.count(|summary| summary.progress.n_rejected += 1),
            None => {}
        }
        done.is_some()
    }

    /// Recounts the work that is done.
    pub(super) fn recount(&self, works: &[Work]) {
        self.count(|summary| (summary.progress.n_accepted, summary.progress.n_rejected) = (0, 0));
        for work in works {
            self.is_done(work);
        }
    }

    /// Applies the consequence of a reply. Returns the next step if the work is not done.
    pub(super) fn conclude(&self, work: &Work, step: &Step, hash: &str, reply: &Reply) -> Result<Option<Step>, Miss> {
        let Engine { job, journals, judge, .. } = self.engine;
        let (fault, next) = match step.then(work, reply, judge, job.settings.max_tokens_cap) {
            Then::Accept(texts) => {
                journals.items.accept(&items::item(&job.id, work, hash, texts))?;
                return Ok(None);
            }
            Then::Fault(fault, next) => (fault, next),
        };
        journals.items.reject(&items::reject(&job.id, work, hash, &fault))?;
        Ok(next.map(|step| *step))
    }

    /// The worst-case cost of a question, nano-dollars.
    pub(super) fn worst(&self, n_bytes: usize, max_tokens: u32, is_batch: bool) -> u64 {
        worst_cost_nano_usd(&self.engine.job.price, n_bytes, max_tokens, is_batch)
    }

    /// A reply with its cost. A reply without token counts is counted at its worst case.
    pub(super) fn paid(&self, hash: &str, call_id: &str, reply: Reply, worst: u64, is_batch: bool) -> Paid {
        let usage = &reply.usage;
        let is_known = usage.input_tokens + usage.output_tokens > 0;
        let cost = if is_known { cost_nano_usd(&self.engine.job.price, usage, is_batch) } else { worst };
        if cost > worst {
            self.note(format!(
                "a request cost {cost} nano-dollars, more than its maximum cost of {worst}: check the price"
            ));
        }
        Paid {
            content_hash: hash.to_owned(),
            call_id: call_id.to_owned(),
            job_id: self.engine.job.id.clone(),
            api: self.engine.job.api,
            reply,
            cost_nano_usd: cost,
        }
    }

    /// Counts a reply's tokens.
    pub(super) fn count_usage(&self, reply: &Reply) {
        self.count(|summary| add_usage(&mut summary.usage, &reply.usage));
    }

    /// Ends the run and returns its summary.
    pub(super) fn finish(self) -> Result<Summary, JobError> {
        let progress = self.progress();
        let is_interrupted = (self.engine.is_interrupted)();
        if let Some(error) = lock(&self.fatal).take() {
            return Err(error);
        }
        let mut summary = lock(&self.summary).clone();
        summary.progress = progress;
        summary.spent_now_nano_usd = progress.spent_nano_usd.saturating_sub(self.spent_before);
        summary.n_left = progress.n_total.saturating_sub(progress.n_done() + progress.n_failed);
        summary.is_interrupted = is_interrupted && summary.n_left > 0;
        Ok(summary)
    }
}
