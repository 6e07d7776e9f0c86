//! Estimates the cost of a job before anything is sent.

use std::collections::HashSet;

use super::course::{Judge, Step, Then};
use super::job::{Job, Work};
use super::journals::Journals;
use crate::journal::JournalError;
use crate::llm::prices::{cost_nano_usd, worst_cost_nano_usd};
use crate::llm::wire::Usage;

/// Approximate number of bytes per token in a request.
const BYTES_PER_TOKEN: u64 = 4;

/// The expected cost of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// Pieces of work that are done.
    pub(crate) n_done: usize,
    /// Pieces of work whose replies are already paid for.
    pub(crate) n_cached: usize,
    /// Pieces of work that need at least one request.
    pub(crate) n_to_send: usize,
    /// Probable cost of these, nano-dollars, without second attempts.
    pub(crate) likely_nano_usd: u64,
    /// Worst-case cost of these, nano-dollars, without second attempts.
    pub(crate) worst_nano_usd: u64,
    /// Cost of the job so far, nano-dollars.
    pub(crate) spent_nano_usd: u64,
}

/// Estimates the rest of a job. `journals` is `None` if the dataset has none yet. `likely_tokens` is the usual length
/// of replies.
///
/// # Errors
/// A journal cannot be read.
pub(crate) fn estimate(
    job: &Job,
    journals: Option<&Journals>,
    judge: Judge,
    works: &[Work],
    is_batch: bool,
    likely_tokens: u32,
) -> Result<Estimate, JournalError> {
    let spent_nano_usd = journals.map_or(0, |journals| journals.ledger.sums(&job.id).spent_nano_usd());
    let mut estimate = Estimate { spent_nano_usd, ..Estimate::default() };
    let mut seen = HashSet::new();
    for work in works {
        if journals.is_some_and(|journals| journals.items.done(&job.id, &work.key).is_some()) {
            estimate.n_done += 1;
            continue;
        }
        let Some((step, n_bytes, hash)) = unanswered(job, journals, judge, work)? else {
            estimate.n_cached += 1;
            continue;
        };
        if !seen.insert(hash) {
            estimate.n_cached += 1;
            continue;
        }
        estimate.n_to_send += 1;
        let usage = Usage {
            input_tokens: n_bytes as u64 / BYTES_PER_TOKEN + 1,
            output_tokens: u64::from(likely_tokens.min(step.ask.max_tokens)),
            ..Usage::default()
        };
        let worst = worst_cost_nano_usd(&job.price, n_bytes, step.ask.max_tokens, is_batch);
        estimate.likely_nano_usd = estimate.likely_nano_usd.saturating_add(cost_nano_usd(&job.price, &usage, is_batch));
        estimate.worst_nano_usd = estimate.worst_nano_usd.saturating_add(worst);
    }
    Ok(estimate)
}

/// The first question of a piece of work that has no reply, with its size in bytes and its hash.
fn unanswered(
    job: &Job,
    journals: Option<&Journals>,
    judge: Judge,
    work: &Work,
) -> Result<Option<(Step, usize, String)>, JournalError> {
    let mut step = Step::first(&work.ask);
    loop {
        let question = step.question(job);
        let paid = journals.map(|journals| journals.replies.get(&question.hash)).transpose()?.flatten();
        let Some(paid) = paid else { return Ok(Some((step, question.bytes.len(), question.hash))) };
        match step.then(work, &paid.reply, judge, job.settings.max_tokens_cap) {
            Then::Fault(_, Some(next)) => step = *next,
            Then::Fault(_, None) | Then::Accept(_) => return Ok(None),
        }
    }
}
