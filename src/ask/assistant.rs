//! The interface of a model that answers with SQL and text, hosted or local.

use serde::Serialize;

pub(crate) use crate::llm::wire::talk::{Tool, Turn};

/// The next turn of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Reply {
    /// The text of the answer.
    Text(String),
    /// A query whose rows the model requests.
    Call {
        /// Id of the call, assigned by the model.
        id: String,
        /// The query.
        sql: String,
    },
}

/// The model gave no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssistantError {
    /// The budget does not allow the worst case of the next request.
    #[error("the budget does not allow the maximum cost of the next request")]
    Unaffordable,
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The model refuses, or its reply cannot be used.
    #[error("the model gives no answer: {0}")]
    NoAnswer(String),
    /// The model cannot be reached or does not work.
    #[error("the model cannot be used: {0}")]
    Failed(String),
}

/// A model that answers questions about the tables, hosted or on this machine.
///
/// The model receives the system text, the definition of the one tool and the turns so far, and returns the next turn.
/// It keeps no state outside the turns.
pub(crate) trait Assistant {
    /// Name of the model, for the answer.
    fn name(&self) -> &str;

    /// Returns the next turn.
    ///
    /// # Errors
    /// The model gave no reply; see [`AssistantError`].
    fn next(&mut self, system: &str, tool: &Tool, turns: &[Turn]) -> Result<Reply, AssistantError>;

    /// Cost so far, US dollars; `None` if the model is free.
    fn cost_usd(&self) -> Option<f64> {
        None
    }
}
