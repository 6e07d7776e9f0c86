//! Single questions, one after another, as in a conversation, with the same cap and ledger as jobs.

use serde_json::Value;

use super::course::{Question, Step};
use super::engine::{Engine, Miss, Run};
use super::job::JobError;
use crate::llm::wire::{Ask, Reply};

/// The reason why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SingleError {
    /// The budget does not allow the worst case of the request.
    #[error("the budget does not allow the maximum cost of the next request")]
    Unaffordable,
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The provider or the network failed.
    #[error("{0}")]
    Failed(String),
    /// A journal cannot be used, or the provider rejects the key or the request.
    #[error(transparent)]
    Job(#[from] JobError),
}

/// A job whose questions depend on its earlier replies.
pub(crate) struct Single<'a> {
    run: Run<'a>,
    spent_before_nano_usd: u64,
}

impl<'a> Single<'a> {
    /// Begins or continues the job: earlier spending counts.
    #[must_use]
    pub(crate) fn new(engine: Engine<'a>) -> Self {
        let spent_before_nano_usd = engine.journals.ledger.sums(&engine.job.id).spent_nano_usd();
        Self { run: Run::new(engine, 1), spent_before_nano_usd }
    }

    /// The reply to a request: an already paid one, or a new one. `max_tokens` is the limit in the body.
    ///
    /// # Errors
    /// See [`SingleError`].
    pub(crate) fn ask(&self, body: Value, max_tokens: u32) -> Result<Reply, SingleError> {
        let job = self.run.engine.job;
        let question = Question::new(job.api, body, 0);
        let paid = self.run.engine.journals.replies.get(&question.hash).map_err(JobError::from)?;
        if let Some(paid) = paid {
            return Ok(paid.reply);
        }
        let ask = Ask {
            model: job.model.clone(),
            system: String::new(),
            user: String::new(),
            schema_name: String::new(),
            schema: Value::Null,
            max_tokens,
            images: Vec::new(),
        };
        super::send::send(&self.run, &Step::first(&ask), &question).map_err(|miss| match miss {
            Miss::Stopped => SingleError::Interrupted,
            Miss::Unaffordable => SingleError::Unaffordable,
            Miss::Failed(message) => SingleError::Failed(message),
            Miss::Fatal(error) => error.into(),
        })
    }

    /// Cost of this run, nano-dollars.
    #[must_use]
    pub(crate) fn spent_nano_usd(&self) -> u64 {
        self.run.budget.spent().saturating_sub(self.spent_before_nano_usd)
    }
}
