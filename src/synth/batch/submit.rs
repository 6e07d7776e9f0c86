//! Sends a batch in such a way that the journals always contain everything that may have to be paid.

use serde_json::Value;

use super::super::engine::{Miss, Run};
use super::super::job::JobError;
use super::super::ledger::{Intent, Outcome, Settlement, to_ms};
use super::super::send::{fails, told, wait};
use super::list::with_plan_id;
use super::plans::{Plan, PlanState};
use crate::failpoint;
use crate::llm::wire::batch::{BatchItem, create_request, parse_state, upload_request, uploaded_file_id};
use crate::llm::wire::http::{Request, Response, SendError};
use crate::llm::wire::retry::{Next, classify};

/// HTTP statuses with which a busy provider declines a request without doing anything.
const TOO_BUSY: [u16; 2] = [503, 529];

/// A question with its worst-case cost in nano-dollars.
pub(super) struct Planned {
    pub(super) item: BatchItem,
    pub(super) worst: u64,
}

/// The result of creating a batch.
enum Created {
    /// Created, with this id.
    Yes(String),
    /// Certainly not created, for this reason.
    No(Miss),
    /// Unknown, for this reason.
    Maybe(String),
}

/// Sends a batch. Its money is already reserved, and is released if the batch certainly does not exist.
pub(super) fn submit(run: &Run, planned: &[Planned]) -> Result<(), Miss> {
    let mut plan = plan(run, planned)?;
    let items: Vec<BatchItem> = planned.iter().map(|planned| planned.item.clone()).collect();
    if let Some(upload) = upload_request(plan.api, &items) {
        match uploaded(run, &upload) {
            Ok(file_id) => plan.file_id = Some(file_id),
            Err(miss) => return Err(not_created(run, &mut plan, miss)?),
        }
    }
    let create = create_request(plan.api, &items, plan.file_id.as_deref());
    let create = with_plan_id(plan.api, create, &plan.plan_id);
    step(run, &mut plan, PlanState::Creating, None)?;
    failpoint::pass("batch-creating");
    match created(run, &plan, &create) {
        Created::Yes(batch_id) => {
            plan.batch_id = Some(batch_id);
            step(run, &mut plan, PlanState::Created, None)?;
            run.succeeded();
            run.count(|summary| summary.progress.n_requests += planned.len());
            run.tell();
            Ok(())
        }
        Created::No(miss) => Err(not_created(run, &mut plan, miss)?),
        Created::Maybe(message) => {
            run.note(format!(
                "no response to the creation of a batch: searching for it in the provider's list ({message})"
            ));
            Ok(())
        }
    }
}

/// Records the plan and its calls.
fn plan(run: &Run, planned: &[Planned]) -> Result<Plan, Miss> {
    let engine = run.engine;
    let mut plan = Plan {
        plan_id: engine.journals.plans.next_id(&engine.job.id),
        job_id: engine.job.id.clone(),
        api: engine.job.api,
        state: PlanState::Planned,
        n_items: planned.len(),
        file_id: None,
        batch_id: None,
        message: None,
        time_unix_ms: 0,
    };
    step(run, &mut plan, PlanState::Planned, None)?;
    let intents: Vec<Intent> = planned.iter().map(|planned| intent(run, &plan, planned)).collect();
    engine.journals.ledger.intend(&intents, engine.clock.now_s())?;
    Ok(plan)
}

fn intent(run: &Run, plan: &Plan, planned: &Planned) -> Intent {
    Intent {
        job_id: plan.job_id.clone(),
        content_hash: planned.item.custom_id.clone(),
        api: plan.api,
        model: run.engine.job.model.clone(),
        plan_id: Some(plan.plan_id.clone()),
        worst_nano_usd: planned.worst,
    }
}

/// Records the state of a plan.
pub(super) fn step(run: &Run, plan: &mut Plan, state: PlanState, message: Option<String>) -> Result<(), Miss> {
    plan.state = state;
    plan.message = message;
    plan.time_unix_ms = to_ms(run.engine.clock.now_s());
    run.engine.journals.plans.note(plan)?;
    Ok(())
}

/// Closes a plan whose batch certainly does not exist: nothing has to be paid.
pub(super) fn not_created(run: &Run, plan: &mut Plan, miss: Miss) -> Result<Miss, Miss> {
    let message = match &miss {
        Miss::Failed(message) => message.clone(),
        Miss::Fatal(error) => error.to_string(),
        Miss::Stopped | Miss::Unaffordable => "stopped".to_owned(),
    };
    close(run, plan, |_| Settlement::free(Outcome::Unsent, None, message.clone()))?;
    step(run, plan, PlanState::NotCreated, Some(message))?;
    Ok(miss)
}

/// Closes a plan whose calls may have to be paid although nothing comes of them: they count at their maximum cost.
/// Returns the hashes of their questions.
pub(super) fn lost(run: &Run, plan: &mut Plan, why: &str) -> Result<Vec<String>, Miss> {
    let message = Some(why.to_owned());
    let hashes = close(run, plan, |worst| Settlement {
        outcome: Outcome::Lost,
        cost_nano_usd: worst,
        usage: None,
        http_status: None,
        message: message.clone(),
    })?;
    step(run, plan, PlanState::Lost, message)?;
    Ok(hashes)
}

/// Settles all open calls of a plan. Returns the hashes of their questions.
pub(super) fn close(run: &Run, plan: &Plan, end: impl Fn(u64) -> Settlement) -> Result<Vec<String>, Miss> {
    let engine = run.engine;
    let open = engine.journals.ledger.open_of_plan(&plan.plan_id);
    let ends: Vec<_> = open.iter().map(|line| (line.call_id.clone(), end(line.worst_nano_usd))).collect();
    settle(run, &ends)?;
    Ok(open.into_iter().map(|line| line.content_hash).collect())
}

/// Settles calls of batches and the money reserved for them.
pub(super) fn settle(run: &Run, ends: &[(String, Settlement)]) -> Result<(), Miss> {
    let worst = run.engine.journals.ledger.settle(ends, run.engine.clock.now_s())?;
    run.budget.settle(worst, ends.iter().map(|(_, end)| end.cost_nano_usd).sum());
    Ok(())
}

fn uploaded(run: &Run, upload: &Request) -> Result<String, Miss> {
    let response = fetch(run, upload)?;
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    uploaded_file_id(&body).map_err(|error| run.failed(&error.to_string()))
}

/// Creates the batch. Tries again only if it was certainly not created.
fn created(run: &Run, plan: &Plan, create: &Request) -> Created {
    let engine = run.engine;
    let mut attempt = 0;
    loop {
        let result = engine.http.send(create);
        let next = classify(&result, engine.clock.now_s());
        let (status, message) = told(&result);
        if is_maybe_done(&result) {
            return Created::Maybe(message);
        }
        match (next, result) {
            (Next::Done, Ok(response)) => {
                let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
                return match parse_state(plan.api, &body) {
                    Ok(state) => Created::Yes(state.id),
                    Err(error) => Created::Maybe(error.to_string()),
                };
            }
            (Next::Done, Err(_)) => return Created::Maybe(message),
            (Next::Retry { after_s, .. }, _) => {
                attempt += 1;
                if attempt >= engine.job.settings.max_tries.max(1) {
                    return Created::No(run.failed(&message));
                }
                if let Err(miss) = wait(run, attempt - 1, after_s, &message, &plan.plan_id) {
                    return Created::No(miss);
                }
            }
            (Next::Fail, _) => return Created::No(refused(run, status, message)),
        }
    }
}

/// Whether the provider may have executed the request without confirming it.
fn is_maybe_done(result: &Result<Response, SendError>) -> bool {
    match result {
        Ok(response) => response.status >= 500 && !TOO_BUSY.contains(&response.status),
        Err(error) => error.is_sent,
    }
}

/// Handles a rejected batch. Another batch would be rejected as well, because all requests are of the same kind.
fn refused(run: &Run, status: Option<u16>, message: String) -> Miss {
    match status {
        Some(status) => JobError::Refused { status, message }.into(),
        None => run.failed(&message),
    }
}

/// Fetches or uploads something that costs nothing.
pub(super) fn fetch(run: &Run, request: &Request) -> Result<Response, Miss> {
    let engine = run.engine;
    let mut attempt = 0;
    loop {
        let result = engine.http.send(request);
        let next = classify(&result, engine.clock.now_s());
        let (status, message) = told(&result);
        match (next, result) {
            (Next::Done, Ok(response)) => return Ok(response),
            (Next::Fail, _) => return Err(fails(run, status, message)),
            (Next::Done | Next::Retry { .. }, _) if attempt + 1 >= engine.job.settings.max_tries.max(1) => {
                return Err(run.failed(&message));
            }
            (Next::Retry { after_s, .. }, _) => wait(run, attempt, after_s, &message, &request.path)?,
            (Next::Done, _) => wait(run, attempt, None, &message, &request.path)?,
        }
        attempt += 1;
    }
}
