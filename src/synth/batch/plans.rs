//! Where batches are on their way: `DATASET/journal/batches.jsonl`. Each step of a batch is a line; the last one counts.
//!
//! A plan is noted before anything is sent, and that its batch is about to be created, before it is; the batch's id follows right
//! after. So whenever the process dies, the next run knows whether there is a batch, there is none, or there may be one.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::journal::{self, Journal, JournalError, Lines, ToSink, lock};
use crate::llm::wire::Api;

/// Name of the journal.
pub const NAME: &str = "batches";

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Nothing was sent, but for an upload that costs nothing.
    Planned,
    /// Its creation was sent, and no answer is noted: there may be a batch.
    Creating,
    /// There is a batch.
    Created,
    /// Its results are in.
    Collected,
    /// There is no batch.
    NotCreated,
    /// There may be a batch, and there is no way to find it.
    Lost,
}

impl PlanState {
    /// Whether there is more to come.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Creating | Self::Created)
    }
}

/// A batch on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its id here, as in the ledger.
    pub plan_id: String,
    /// The job.
    pub job_id: String,
    /// The provider's interface.
    pub api: Api,
    /// How far it is.
    pub state: PlanState,
    /// Requests in it.
    pub n_items: usize,
    /// The provider's id of the uploaded requests, where it wants an upload.
    pub file_id: Option<String>,
    /// The provider's id of the batch.
    pub batch_id: Option<String>,
    /// What the provider said about a failure.
    pub message: Option<String>,
    /// When the line was written: milliseconds since 1970 UTC.
    pub time_unix_ms: u64,
}

#[derive(Debug, Default)]
struct State {
    /// By plan id.
    last: HashMap<String, Plan>,
    /// In order of their first line.
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

/// The journal of batches, open.
#[derive(Debug)]
pub struct Plans {
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

    /// An id for the next plan of a job.
    #[must_use]
    pub fn next_id(&self, job_id: &str) -> String {
        let n_plans = lock(&self.state).last.values().filter(|plan| plan.job_id == job_id).count();
        format!("{job_id}-b{}", n_plans + 1)
    }

    /// Notes how far a plan is. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn note(&self, plan: &Plan) -> Result<(), JournalError> {
        self.journal.append(plan)?;
        lock(&self.state).enter(plan.clone());
        Ok(())
    }

    /// The plans of a job with more to come, oldest first.
    #[must_use]
    pub fn open(&self, job_id: &str) -> Vec<Plan> {
        let state = lock(&self.state);
        let plans = state.order.iter().filter_map(|plan_id| state.last.get(plan_id));
        plans.filter(|plan| plan.job_id == job_id && plan.state.is_open()).cloned().collect()
    }

    /// Whether a batch is known here.
    #[must_use]
    pub fn knows(&self, batch_id: &str) -> bool {
        lock(&self.state).last.values().any(|plan| plan.batch_id.as_deref() == Some(batch_id))
    }
}

/// All steps of a dataset's batches; the journal may be open elsewhere.
///
/// # Errors
/// The file system refuses.
pub fn read(dataset: &Path) -> Result<Lines<Plan>, JournalError> {
    journal::read(dataset, NAME)
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
