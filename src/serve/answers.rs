//! The interface that answers SQL, and the type of answers.

use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::Value;

/// Answers SQL. Each query is independent: nothing stays open between queries. Called on threads that may block.
pub(crate) trait Answers: Send + Sync + 'static {
    /// Runs a read-only query and returns its first `max_rows` rows. If possible the query ends early once
    /// `is_abandoned` becomes true: the time limit is over, or the client is gone. Until it ends, the query counts as
    /// one of those that may run at once.
    ///
    /// # Errors
    /// A message for the user: the SQL is invalid, with the place (`LINE 1: ...` and a caret below); or it is refused.
    /// The error of an abandoned query is discarded.
    fn answer_until(&self, sql: &str, max_rows: usize, is_abandoned: &AtomicBool) -> Result<Answer, String>;

    /// Answers a question in words, as JSON for the page. Only servers limited to this machine accept questions.
    ///
    /// # Errors
    /// A message for the user: questions are not supported, or the tables cannot be read.
    fn ask(&self, question: &str) -> Result<Value, String> {
        let _ = question;
        Err("This server does not answer questions.".to_owned())
    }

    /// Returns the relations that can be queried, in the order to list them.
    ///
    /// # Errors
    /// A message for the user: the catalog cannot be read.
    fn schema(&self) -> Result<Vec<Relation>, String>;
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Answer {
    /// The columns, in order. Names may repeat.
    pub(crate) columns: Vec<Column>,
    /// The rows; each has one value per column. A number that JSON lacks (NaN, infinity) is a string, and so is an
    /// integer beyond 2^53, which a browser would round.
    pub(crate) rows: Vec<Vec<Value>>,
    /// Whether there are more rows than these.
    pub(crate) is_cut: bool,
    /// The duration of the query, seconds.
    pub(crate) seconds: f64,
}

/// A column of an answer or of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// The kind of its values.
    pub(crate) kind: ColumnKind,
}

/// The kind of values, which decides how they are shown, sorted and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ColumnKind {
    /// Integers and floats.
    Number,
    /// Strings.
    Text,
    /// Dates and times, as ISO 8601 strings.
    Time,
    /// True or false.
    Bool,
    /// Lists, structs and the like, as JSON or as strings.
    Other,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Relation {
    /// Its name, as written in SQL.
    pub(crate) name: String,
    /// A short description; may be empty.
    pub(crate) description: String,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
}
