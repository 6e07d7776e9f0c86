//! A model that answers with SQL and words, wherever it runs.

use serde::Serialize;

pub use crate::llm::wire::talk::{Tool, Turn};

/// What a model says next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Reply {
    /// Words: the answer.
    Text(String),
    /// A query that it wants to see the rows of.
    Call {
        /// The call, in the model's own numbering.
        id: String,
        /// The query.
        sql: String,
    },
}

/// Why a model says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssistantError {
    /// The budget does not allow the worst case of the next request.
    #[error("the budget does not allow the worst case of the next request")]
    Unaffordable,
    /// The user wishes to stop.
    #[error("interrupted")]
    Interrupted,
    /// It refuses, or its words cannot be used.
    #[error("the model gives no answer: {0}")]
    NoAnswer(String),
    /// It cannot be reached or does not work.
    #[error("the model cannot be asked: {0}")]
    Failed(String),
}

/// A model that answers questions about the tables: a hosted one, or one that runs here.
///
/// It sees the system text, the definition of the one tool, and what was said so far, and gives the next turn. It keeps no state that the
/// turns do not hold.
pub trait Assistant {
    /// Its name, for the answer.
    fn name(&self) -> &str;

    /// The next turn.
    ///
    /// # Errors
    /// It says nothing; see [`AssistantError`].
    fn next(&mut self, system: &str, tool: &Tool, turns: &[Turn]) -> Result<Reply, AssistantError>;

    /// What it has cost so far, US dollars; none if it costs nothing.
    fn cost_usd(&self) -> Option<f64> {
        None
    }
}
