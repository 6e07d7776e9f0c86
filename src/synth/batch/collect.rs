//! Collects the results of a batch. Each reply is written to the disk before its cost is settled. Duplicate results are
//! taken once.

use std::collections::HashMap;

use super::super::engine::{Miss, Run};
use super::super::job::JobError;
use super::super::journals::settlement;
use super::super::ledger::{self, Outcome, Settlement};
use super::super::replies::Paid;
use super::plans::{Plan, PlanState};
use super::submit::{close, fetch, lost, settle, step};
use crate::llm::wire::Reply;
use crate::llm::wire::batch::{BatchState, ItemOutcome, Phase, parse_results};

/// Number of replies stored with one write.
const CHUNK: usize = 256;

/// Questions without a reply, each with the provider's message.
pub(super) type Unanswered = Vec<(String, String)>;

/// Collects the results of a batch that has ended.
pub(super) fn collect(run: &Run, plan: &mut Plan, state: &BatchState) -> Result<Unanswered, Miss> {
    let mut bodies = Vec::new();
    for request in &state.results {
        bodies.push(fetch(run, request)?.body);
    }
    if bodies.is_empty() && state.n_done > 0 {
        return results_are_gone(run, plan);
    }
    let mut taking = Taking::new(run, plan);
    for body in &bodies {
        for line in parse_results(plan.api, body) {
            match line {
                Ok((custom_id, outcome)) => taking.take(&custom_id, outcome)?,
                Err(_) => taking.n_broken += 1,
            }
        }
    }
    taking.keep()?;
    let Taking { n_broken, n_replies, mut unanswered, .. } = taking;
    let missing = close_rest(run, plan, n_broken)?;
    step(run, plan, PlanState::Collected, None)?;
    if n_broken > 0 {
        let n_missing = missing.len();
        run.note(format!(
            "{n_broken} lines of a batch's results cannot be read: \
             its {n_missing} requests without a result are counted at their maximum cost"
        ));
    }
    unanswered.extend(missing.into_iter().map(|hash| (hash, NO_RESULT.to_owned())));
    ended_badly(plan, state, n_replies, &unanswered)?;
    Ok(unanswered)
}

/// Handles results that no longer exist: providers keep results for some weeks, and later the work is paid for and
/// lost.
fn results_are_gone(run: &Run, plan: &mut Plan) -> Result<Unanswered, Miss> {
    let hashes = lost(run, plan, "the provider no longer keeps the results")?;
    run.note(format!(
        "the results of a batch of {} requests no longer exist: the requests are counted at their maximum cost",
        hashes.len()
    ));
    Ok(hashes.into_iter().map(|hash| (hash, NO_RESULT.to_owned())).collect())
}

/// Fails if a batch brought no reply at all: another batch would fail in the same way.
fn ended_badly(plan: &Plan, state: &BatchState, n_replies: usize, unanswered: &Unanswered) -> Result<(), Miss> {
    let id = || plan.batch_id.clone().unwrap_or_default();
    if let Phase::Failed(message) = &state.phase {
        return Err(JobError::BatchFailed { id: id(), message: message.clone() }.into());
    }
    let is_error = |message: &str| ![EXPIRED, CANCELED, NO_RESULT].contains(&message);
    match unanswered.iter().find(|(_, message)| is_error(message)) {
        Some((_, message)) if n_replies == 0 => {
            Err(JobError::BatchFailed { id: id(), message: message.clone() }.into())
        }
        _ => Ok(()),
    }
}

/// Closes the requests without a result. They are not answered and cost nothing, unless unreadable lines may be their
/// results.
fn close_rest(run: &Run, plan: &Plan, n_broken: usize) -> Result<Vec<String>, Miss> {
    close(run, plan, |worst| {
        if n_broken == 0 {
            return Settlement::free(Outcome::Expired, None, NO_RESULT.to_owned());
        }
        let message = Some("its result cannot be read".to_owned());
        Settlement { outcome: Outcome::Invalid, cost_nano_usd: worst, usage: None, http_status: None, message }
    })
}

const EXPIRED: &str = "expired";
const CANCELED: &str = "canceled";
const NO_RESULT: &str = "no result";

struct Taking<'r, 'a> {
    run: &'r Run<'a>,
    /// Calls without a result, by content hash.
    open: HashMap<String, ledger::Line>,
    replies: Vec<Paid>,
    others: Vec<(String, Settlement)>,
    unanswered: Unanswered,
    n_broken: usize,
    n_replies: usize,
}

impl<'r, 'a> Taking<'r, 'a> {
    fn new(run: &'r Run<'a>, plan: &Plan) -> Self {
        let open = run.engine.journals.ledger.open_of_plan(&plan.plan_id);
        let open = open.into_iter().map(|line| (line.content_hash.clone(), line)).collect();
        Self { run, open, replies: Vec::new(), others: Vec::new(), unanswered: Vec::new(), n_broken: 0, n_replies: 0 }
    }

    fn take(&mut self, custom_id: &str, outcome: ItemOutcome) -> Result<(), Miss> {
        self.n_replies += usize::from(matches!(outcome, ItemOutcome::Reply(_)));
        // Already taken, in this file or before the process died, or part of another user's batch.
        let Some(call) = self.open.remove(custom_id) else { return Ok(()) };
        let (outcome, message) = match outcome {
            ItemOutcome::Reply(reply) => return self.take_reply(custom_id, &call, reply),
            ItemOutcome::Errored(message) => (Outcome::HttpError, message),
            ItemOutcome::Expired => (Outcome::Expired, EXPIRED.to_owned()),
            ItemOutcome::Canceled => (Outcome::Expired, CANCELED.to_owned()),
        };
        self.unanswered.push((custom_id.to_owned(), message.clone()));
        self.others.push((call.call_id, Settlement::free(outcome, None, message)));
        Ok(())
    }

    fn take_reply(&mut self, hash: &str, call: &ledger::Line, reply: Reply) -> Result<(), Miss> {
        self.replies.push(self.run.paid(hash, &call.call_id, reply, call.worst_nano_usd, true));
        if self.replies.len() >= CHUNK { self.keep() } else { Ok(()) }
    }

    /// Writes the collected results to the disk: first the replies, then their costs.
    fn keep(&mut self) -> Result<(), Miss> {
        let engine = self.run.engine;
        engine.journals.replies.put_all(&self.replies, engine.clock.now_s())?;
        let mut ends: Vec<_> =
            self.replies.iter().map(|paid| (paid.call_id.clone(), settlement(paid, Some(200)))).collect();
        ends.append(&mut self.others);
        settle(self.run, &ends)?;
        for paid in self.replies.drain(..) {
            self.run.count_usage(&paid.reply);
        }
        Ok(())
    }
}
