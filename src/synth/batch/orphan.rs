//! Finds a batch whose id was not stored because the process died or the network failed during its creation.
//!
//! `OpenAI`: the list shows each batch's uploaded file and metadata, and both are unique to this plan. Anthropic: the
//! list shows neither. A batch is then a candidate if it has the right size, was created since, and is unknown here.
//! Its results decide, because their ids are hashes of the requests. If a batch is not in the list some minutes after
//! its creation was sent, it was never created and costs nothing. If the provider has no list, its calls permanently
//! count at their worst case.

use std::collections::HashSet;

use serde_json::Value;

use super::super::engine::{Miss, Run};
use super::super::job::JobError;
use super::list::{self, Listed};
use super::plans::{Plan, PlanState};
use super::submit::{fetch, lost, not_created, step};
use crate::llm::wire::Api;
use crate::llm::wire::batch::{BatchState, Phase, parse_results, parse_state, status_request};

/// Maximum number of pages of a list that are read.
const MAX_PAGES: usize = 20;
/// Time by which the provider's clock may be behind this machine's, seconds.
const CLOCK_SKEW_S: f64 = 900.0;
/// HTTP statuses that mean that there is no list.
const NO_LIST: [u16; 4] = [404, 405, 410, 501];

/// Searches for the batch of a plan whose creation was not confirmed. Changes the plan's state if the batch is found or
/// certainly missing.
pub(super) fn find(run: &Run, plan: &mut Plan, foreign: &mut HashSet<String>) -> Result<(), Miss> {
    let listed = match list(run, plan) {
        Ok(listed) => listed,
        Err(Miss::Fatal(JobError::Refused { status, message })) if NO_LIST.contains(&status) => {
            return lose(run, plan, &message);
        }
        Err(miss) => return Err(miss),
    };
    let candidates: Vec<&Listed> = listed.iter().filter(|batch| is_candidate(run, plan, batch, foreign)).collect();
    let mut is_undecided = false;
    for batch in candidates {
        let is_ours = if plan.api == Api::AnthropicMessages { has_our_results(run, plan, batch)? } else { Some(true) };
        match is_ours {
            Some(true) => {
                plan.batch_id = Some(batch.id.clone());
                return step(run, plan, PlanState::Created, None);
            }
            Some(false) => drop(foreign.insert(batch.id.clone())),
            None => is_undecided = true,
        }
    }
    let age_s = run.engine.clock.now_s() - plan.time_unix_ms as f64 / 1e3;
    if !is_undecided && age_s >= run.engine.job.settings.orphan_after_s {
        run.note(format!("a batch of {} requests was never created: its requests are sent again", plan.n_items));
        not_created(run, plan, Miss::Failed("not in the provider's list".to_owned()))?;
    }
    Ok(())
}

fn is_candidate(run: &Run, plan: &Plan, batch: &Listed, foreign: &HashSet<String>) -> bool {
    if run.engine.journals.plans.knows(&batch.id) || foreign.contains(&batch.id) {
        return false;
    }
    if plan.api != Api::AnthropicMessages {
        return batch.plan_id.as_ref() == Some(&plan.plan_id)
            || (plan.file_id.is_some() && batch.file_id == plan.file_id);
    }
    let since_s = plan.time_unix_ms as f64 / 1e3 - CLOCK_SKEW_S;
    batch.n_total == plan.n_items as u64 && batch.created_s.is_none_or(|created_s| created_s >= since_s)
}

/// All listed batches that are not older than the plan.
fn list(run: &Run, plan: &Plan) -> Result<Vec<Listed>, Miss> {
    let since_s = plan.time_unix_ms as f64 / 1e3 - CLOCK_SKEW_S;
    let mut all: Vec<Listed> = Vec::new();
    for _ in 0..MAX_PAGES {
        let request = list::request(plan.api, all.last().map(|batch| batch.id.as_str()));
        let response = match run.engine.http.send(&request) {
            Ok(response) if NO_LIST.contains(&response.status) => {
                let message = "the provider has no list of batches".to_owned();
                return Err(JobError::Refused { status: response.status, message }.into());
            }
            Ok(response) if response.status == 200 => response,
            _ => fetch(run, &request)?,
        };
        let page = serde_json::from_slice::<Value>(&response.body).ok();
        let Some((batches, has_more)) = page.as_ref().and_then(list::parse) else {
            return Err(run.failed("the provider's list of batches cannot be read"));
        };
        let is_last =
            batches.is_empty() || !has_more || batches.iter().any(|batch| batch.created_s.is_some_and(|s| s < since_s));
        all.extend(batches);
        if is_last {
            break;
        }
    }
    Ok(all)
}

/// Whether a batch's results answer this plan's questions; `None` if it has not ended.
fn has_our_results(run: &Run, plan: &Plan, batch: &Listed) -> Result<Option<bool>, Miss> {
    let body = fetch(run, &status_request(plan.api, &batch.id))?.body;
    let body = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
    let state: BatchState = parse_state(plan.api, &body).map_err(|error| run.failed(&error.to_string()))?;
    if state.phase == Phase::Running {
        return Ok(None);
    }
    let open = run.engine.journals.ledger.open_of_plan(&plan.plan_id);
    let ours: HashSet<&str> = open.iter().map(|line| line.content_hash.as_str()).collect();
    for request in &state.results {
        let results = parse_results(plan.api, &fetch(run, request)?.body);
        if results.iter().flatten().any(|(custom_id, _)| ours.contains(custom_id.as_str())) {
            return Ok(Some(true));
        }
    }
    Ok(Some(false))
}

/// Gives up a batch that may exist.
fn lose(run: &Run, plan: &mut Plan, why: &str) -> Result<(), Miss> {
    lost(run, plan, why)?;
    run.note(format!(
        "a batch of {} requests may have been created but was not found ({why}): it is counted at its maximum cost",
        plan.n_items
    ));
    Ok(())
}
