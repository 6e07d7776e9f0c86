//! Runs a job with the providers' batches, at half the price: send, exit, return later, collect.
//!
//! Every round determines the questions without a reply, sends them, and waits. Second attempts are treated like any
//! other question without a reply: they go with the next round. The journals hold the state in which the last run
//! stopped.

mod collect;
mod list;
mod orphan;
pub(crate) mod plans;
mod submit;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::clock::wait_until;
use super::course::Step;
use super::engine::{Engine, Miss, Run};
use super::job::{Event, JobError, Summary, Work};
use crate::llm::wire::batch::{BatchItem, Phase, limits, parse_state, split, status_request};
use plans::{Plan, PlanState};
use submit::Planned;

/// Maximum number of times that a question is sent in one run if batches bring no reply to it.
const MAX_TRIES: u32 = 3;

/// Runs a job's work with batches. Returns when all work is done. If the job does not wait, returns when everything is
/// sent and each batch was checked once.
///
/// # Errors
/// A journal cannot be used, or the provider rejects the key or a batch. Paid replies are kept.
pub(crate) fn run(engine: &Engine, works: &[Work]) -> Result<Summary, JobError> {
    let run = Run::new(*engine, works.len());
    let mut rounds = Rounds {
        run: &run,
        works,
        tries: HashMap::new(),
        foreign: HashSet::new(),
        searched: HashSet::new(),
        is_first: true,
    };
    run.recount(works);
    run.tell();
    match rounds.all() {
        Err(Miss::Fatal(error)) => run.stop(error),
        Err(Miss::Failed(message)) => run.count(|summary| summary.failures.push(message)),
        Err(Miss::Stopped | Miss::Unaffordable) | Ok(()) => {}
    }
    rounds.finish();
    run.finish()
}

/// A question without a reply.
struct Open {
    step: Step,
    hash: String,
    worst: u64,
}

struct Rounds<'r, 'a> {
    run: &'r Run<'a>,
    works: &'r [Work],
    /// Number of times that a question came back without a reply, and the last message.
    tries: HashMap<String, (u32, String)>,
    /// Ids of batches that do not belong to this job.
    foreign: HashSet<String>,
    /// Ids of plans whose batches were searched for.
    searched: HashSet<String>,
    is_first: bool,
}

impl Rounds<'_, '_> {
    fn all(&mut self) -> Result<(), Miss> {
        self.forget_unsent()?;
        loop {
            let is_under_way = !self.plans().is_empty();
            if self.is_first || !is_under_way {
                let open = self.open_questions()?;
                let n_sent = self.send(open)?;
                self.is_first = false;
                if n_sent == 0 && self.plans().is_empty() {
                    return Ok(());
                }
            }
            self.look()?;
            if self.plans().is_empty() {
                continue;
            }
            let engine = self.run.engine;
            let until_s = engine.clock.now_s() + engine.job.settings.poll_s;
            let is_leaving = !engine.job.settings.is_waiting;
            if is_leaving || !wait_until(engine.clock, until_s, &|| self.run.is_stopped()) {
                return Ok(());
            }
        }
    }

    fn plans(&self) -> Vec<Plan> {
        self.run.engine.journals.plans.open(&self.run.engine.job.id)
    }

    /// Closes plans that a killed run had not begun to send.
    fn forget_unsent(&self) -> Result<(), Miss> {
        for mut plan in self.plans().into_iter().filter(|plan| plan.state == PlanState::Planned) {
            submit::not_created(self.run, &mut plan, Miss::Stopped)?;
        }
        Ok(())
    }

    /// All questions that have no reply and are not in flight, in the order of the work. Concludes work that has its
    /// replies.
    fn open_questions(&self) -> Result<Vec<Open>, Miss> {
        let (run, mut open) = (self.run, Vec::new());
        let mut under_way: HashSet<String> = HashSet::new();
        for plan in self.plans() {
            let calls = run.engine.journals.ledger.open_of_plan(&plan.plan_id);
            under_way.extend(calls.into_iter().map(|call| call.content_hash));
        }
        for work in self.works {
            if run.is_stopped() {
                return Err(Miss::Stopped);
            }
            let Some(question) = self.next_question(work)? else { continue };
            let is_hopeless = self.tries.get(&question.hash).is_some_and(|(n, _)| *n >= MAX_TRIES);
            if !is_hopeless && under_way.insert(question.hash.clone()) {
                open.push(question);
            }
        }
        Ok(open)
    }

    /// Follows a piece of work through the existing replies to its next question.
    fn next_question(&self, work: &Work) -> Result<Option<Open>, Miss> {
        let engine = self.run.engine;
        if engine.journals.items.done(&engine.job.id, &work.key).is_some() {
            return Ok(None);
        }
        let mut step = Step::first(&work.ask);
        loop {
            let question = step.question(engine.job);
            let Some(paid) = engine.journals.replies.get(&question.hash)? else {
                let worst = self.run.worst(question.bytes.len(), step.ask.max_tokens, true);
                return Ok(Some(Open { step, hash: question.hash, worst }));
            };
            if self.is_first {
                self.run.count(|summary| summary.progress.n_cached += 1);
            }
            match self.run.conclude(work, &step, &question.hash, &paid.reply)? {
                Some(next) => step = next,
                None => return Ok(None),
            }
        }
    }

    /// Sends the questions that the budget allows. Returns the number of questions sent.
    fn send(&self, open: Vec<Open>) -> Result<usize, Miss> {
        let (run, job) = (self.run, self.run.engine.job);
        let mut limits = limits(job.api);
        limits.max_requests =
            job.settings.max_batch_requests.unwrap_or(limits.max_requests).clamp(1, limits.max_requests);
        run.count(|summary| summary.is_budget_exhausted = false);
        let (mut n_sent, mut open) = (0, open.into_iter().peekable());
        while open.peek().is_some() {
            // Only the requests of one batch at a time are in memory.
            let affordable = self.affordable(open.by_ref().take(limits.max_requests));
            let worsts: HashMap<String, u64> =
                affordable.iter().map(|planned| (planned.item.custom_id.clone(), planned.worst)).collect();
            let items = affordable.into_iter().map(|planned| planned.item).collect();
            let planned = |item: BatchItem| Planned { worst: worsts.get(&item.custom_id).copied().unwrap_or(0), item };
            let mut groups = split(items, job.api, &limits).into_iter().peekable();
            while !run.is_stopped() && groups.peek().is_some() {
                let group: Vec<Planned> = groups.next().into_iter().flatten().map(planned).collect();
                submit::submit(run, &group)?;
                n_sent += group.len();
            }
            run.budget.settle(groups.flatten().map(|item| planned(item).worst).sum(), 0);
            if run.is_stopped() {
                return Err(Miss::Stopped);
            }
        }
        Ok(n_sent)
    }

    /// The questions that the budget allows now; their money is reserved.
    fn affordable(&self, open: impl Iterator<Item = Open>) -> Vec<Planned> {
        let (run, mut affordable) = (self.run, Vec::new());
        for question in open {
            match run.budget.reserve(question.worst) {
                Some(reservation) => {
                    reservation.keep();
                    let body = question.step.question(run.engine.job).body;
                    let item = BatchItem { custom_id: question.hash, body };
                    affordable.push(Planned { item, worst: question.worst });
                }
                None => run.missed(Miss::Unaffordable),
            }
        }
        affordable
    }

    /// Checks every open batch and collects those that have ended.
    fn look(&mut self) -> Result<(), Miss> {
        for mut plan in self.plans() {
            if self.run.is_stopped() {
                return Err(Miss::Stopped);
            }
            match self.look_at(&mut plan) {
                // The network may work again at the next check.
                Err(Miss::Failed(message)) => self.run.note(format!("the state of a batch is unknown: {message}")),
                result => result?,
            }
        }
        Ok(())
    }

    fn look_at(&mut self, plan: &mut Plan) -> Result<(), Miss> {
        let run = self.run;
        if plan.state == PlanState::Creating {
            orphan::find(run, plan, &mut self.foreign)?;
            if plan.state == PlanState::Creating && self.searched.insert(plan.plan_id.clone()) {
                run.note(format!(
                    "it is not known whether a batch of {} requests was created: posekit looks for it for {:.0} minutes, \
                     then its requests are sent again",
                    plan.n_items,
                    run.engine.job.settings.orphan_after_s / 60.0
                ));
            }
        }
        let (PlanState::Created, Some(batch_id)) = (plan.state, plan.batch_id.clone()) else { return Ok(()) };
        let response = submit::fetch(run, &status_request(plan.api, &batch_id))?;
        let body = serde_json::from_slice::<Value>(&response.body).unwrap_or(Value::Null);
        let state = parse_state(plan.api, &body).map_err(|error| run.failed(&error.to_string()))?;
        run.succeeded();
        (run.engine.on_event)(Event::Batch { id: batch_id, n_done: state.n_done, n_total: state.n_total });
        if state.phase == Phase::Running {
            return Ok(());
        }
        for (hash, message) in collect::collect(run, plan, &state)? {
            let tries = self.tries.entry(hash).or_default();
            *tries = (tries.0 + 1, message);
        }
        // Concludes the work that now has its replies, so that the result is stored and shown at once.
        self.is_first = false;
        self.open_questions()?;
        run.recount(self.works);
        run.tell();
        Ok(())
    }

    /// Counts how every piece of work ended.
    fn finish(&self) {
        let run = self.run;
        run.recount(self.works);
        let is_all_answered = self.tries.is_empty();
        for work in self.works.iter().filter(|_| !is_all_answered) {
            // If a journal fails, the run has already stopped.
            if let Ok(Some(question)) = self.next_question(work)
                && let Some((n, message)) = self.tries.get(&question.hash)
                && *n >= MAX_TRIES
            {
                run.missed(Miss::Failed(message.clone()));
            }
        }
        let open = self.plans().into_iter().map(|plan| plan.batch_id.unwrap_or(plan.plan_id)).collect();
        run.count(|summary| summary.open_batches = open);
        run.tell();
    }
}
