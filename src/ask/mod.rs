//! Answers questions in words about the tables: finds the matching ready question, puts its rows into words, and lets a
//! model answer other questions. Pure.
//!
//! A question that matches one of `sql/llm/questions` is answered by its SQL and its template. For other questions a
//! model ([`Assistant`](assistant::Assistant)) may write SQL, which the caller runs. Every number in the model's text
//! is compared with the rows.

pub(crate) mod answer;
pub(crate) mod assistant;
mod choose;
mod fill;
pub(crate) mod known;
pub(crate) mod lexicon;
pub mod ready;
mod slots;
pub(crate) mod table;
pub(crate) mod talk;
mod text;
pub(crate) mod understand;
pub(crate) mod unproven;

/// A file of the program that `posekit ask` needs is invalid.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A file of `sql/llm/questions`.
    #[error("{file}: {problem}")]
    File {
        /// The file, below `sql/`.
        file: String,
        /// The problem.
        problem: String,
    },
    /// A template.
    #[error(transparent)]
    Template(#[from] crate::llm::template::TemplateError),
}
