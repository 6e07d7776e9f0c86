//! Who answers SQL, and what an answer is.

use std::sync::atomic::AtomicBool;

use serde::Serialize;
use serde_json::Value;

/// Answers SQL, each query on its own: nothing stays open in between. Called on threads that may block.
pub trait Answers: Send + Sync + 'static {
    /// Runs a query that only reads and gives its first `max_rows` rows. It ends early if it can once `is_abandoned`
    /// becomes true: the time limit is over, or nobody waits any more. Until it ends the query keeps its place among
    /// those that may run at once.
    ///
    /// # Errors
    /// A message for the user: the SQL is wrong, with the place (`LINE 1: ...` and a caret below); or it is refused.
    /// Nobody sees the error of an abandoned query.
    fn answer_until(&self, sql: &str, max_rows: usize, is_abandoned: &AtomicBool) -> Result<Answer, String>;

    /// Answers a question in words, as JSON that the page knows. Only servers for this machine alone take questions.
    ///
    /// # Errors
    /// A message for the user: nobody answers questions here, or the tables cannot be read.
    fn ask(&self, question: &str) -> Result<Value, String> {
        let _ = question;
        Err("Questions are not answered here.".to_owned())
    }

    /// The relations that can be asked, in the order in which they are to be listed.
    ///
    /// # Errors
    /// A message for the user: the catalog cannot be read.
    fn schema(&self) -> Result<Vec<Relation>, String>;
}

/// What a query gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The columns, in order. Names may repeat.
    pub columns: Vec<Column>,
    /// The rows; each has one value for each column. A number that JSON has not (NaN, infinity) is a string, and so is
    /// an integer beyond 2^53, which a browser would round.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more rows than these.
    pub is_cut: bool,
    /// How long the query took.
    pub seconds: f64,
}

/// A column of an answer or of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub kind: ColumnKind,
}

/// How values are shown, sorted and drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
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
pub struct Relation {
    /// Its name, as it is written in SQL.
    pub name: String,
    /// What it holds, in a few words; may be empty.
    pub description: String,
    /// Its columns.
    pub columns: Vec<Column>,
}
