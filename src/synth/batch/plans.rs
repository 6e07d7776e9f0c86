//! The journal of batches: `DATASET/journal/batches.jsonl`. Each step of a batch is a line; the last line is its state.
//!
//! A plan is recorded before anything is sent. A second line is recorded before the batch is created, and the batch's
//! id right after. So whenever the process dies, the next run knows whether a batch exists, does not exist, or may
//! exist.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::journal::{self, Journal, JournalError, ToSink, lock};
use crate::llm::wire::Api;

/// Name of the journal.
pub(crate) const NAME: &str = "batches";

/// The state of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanState {
    /// Nothing was sent, except for an upload that costs nothing.
    Planned,
    /// The creation was sent and no response is recorded: a batch may exist.
    Creating,
    /// The batch exists.
    Created,
    /// The results are collected.
    Collected,
    /// No batch exists.
    NotCreated,
    /// A batch may exist but cannot be found.
    Lost,
}

impl PlanState {
    /// Whether more steps follow.
    #[must_use]
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Creating | Self::Created)
    }
}

/// A batch and its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Id of the plan, as in the ledger.
    pub(crate) plan_id: String,
    /// The job.
    pub(crate) job_id: String,
    /// The provider's interface.
    pub(crate) api: Api,
    /// The state.
    pub(crate) state: PlanState,
    /// Number of requests in the batch.
    pub(crate) n_items: usize,
    /// The provider's id of the uploaded requests, if the provider needs an upload.
    pub(crate) file_id: Option<String>,
    /// The provider's id of the batch.
    pub(crate) batch_id: Option<String>,
    /// The provider's message about a failure.
    pub(crate) message: Option<String>,
    /// Time at which the line was written, milliseconds since 1970 UTC.
    pub(crate) time_unix_ms: u64,
}

#[derive(Debug, Default)]
struct State {
    /// The last line of each plan, by plan id.
    last: HashMap<String, Plan>,
    /// Plan ids in the order of their first lines.
    order: Vec<String>,
}

impl State {
    fn enter(&mut self, plan: Plan) {
        if !self.last.contains_key(&plan.plan_id) {
            self.order.push(plan.plan_id.clone());
        }
        self.last.insert(plan.plan_id.clone(), plan);
    }
}

/// The open journal of batches.
#[derive(Debug)]
pub(crate) struct Plans {
    journal: Journal,
    state: Mutex<State>,
}

impl Plans {
    pub(in crate::synth) fn open_with(dataset: &Path, to_sink: ToSink) -> Result<Self, JournalError> {
        let journal = Journal::open_with(dataset, NAME, to_sink)?;
        let mut state = State::default();
        journal::scan(dataset, NAME, &mut |_, plan| state.enter(plan))?;
        Ok(Self { journal, state: Mutex::new(state) })
    }

    /// Creates an id for the next plan of a job.
    #[must_use]
    pub(crate) fn next_id(&self, job_id: &str) -> String {
        let n_plans = lock(&self.state).last.values().filter(|plan| plan.job_id == job_id).count();
        format!("{job_id}-b{}", n_plans + 1)
    }

    /// Records the state of a plan. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn note(&self, plan: &Plan) -> Result<(), JournalError> {
        self.journal.append(plan)?;
        lock(&self.state).enter(plan.clone());
        Ok(())
    }

    /// The open plans of a job, oldest first.
    #[must_use]
    pub(crate) fn open(&self, job_id: &str) -> Vec<Plan> {
        let state = lock(&self.state);
        let plans = state.order.iter().filter_map(|plan_id| state.last.get(plan_id));
        plans.filter(|plan| plan.job_id == job_id && plan.state.is_open()).cloned().collect()
    }

    /// Whether a batch is recorded here.
    #[must_use]
    pub(crate) fn knows(&self, batch_id: &str) -> bool {
        lock(&self.state).last.values().any(|plan| plan.batch_id.as_deref() == Some(batch_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_plan_counts() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Plans::open_with(folder.path(), &|file| Box::new(file)).unwrap();
        let plan = |plan_id: &str, state, batch_id: Option<&str>| Plan {
            plan_id: plan_id.to_owned(),
            job_id: "j".to_owned(),
            api: Api::OpenAiResponses,
            state,
            n_items: 3,
            file_id: None,
            batch_id: batch_id.map(str::to_owned),
            message: None,
            time_unix_ms: 1,
        };
        let plans = open();
        assert_eq!(plans.next_id("j"), "j-b1");
        for (plan_id, state, batch_id) in [
            ("j-b1", PlanState::Planned, None),
            ("j-b2", PlanState::Planned, None),
            ("j-b1", PlanState::Creating, None),
            ("j-b2", PlanState::NotCreated, None),
            ("j-b1", PlanState::Created, Some("batch_1")),
        ] {
            plans.note(&plan(plan_id, state, batch_id)).unwrap();
        }
        drop(plans);
        let plans = open();
        assert_eq!(plans.open("j"), [plan("j-b1", PlanState::Created, Some("batch_1"))]);
        assert!(plans.open("other").is_empty() && plans.knows("batch_1") && !plans.knows("batch_2"));
        assert_eq!((plans.next_id("j"), plans.next_id("other")), ("j-b3".to_owned(), "other-b1".to_owned()));
    }
}
