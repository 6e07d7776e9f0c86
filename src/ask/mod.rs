//! Questions in words about the tables: which ready question they are, what the rows say, and what a model may add. Pure.
//!
//! posekit computes, and words: a question that matches one of `sql/llm/questions` is answered by its SQL and its template. For others a
//! model ([`Assistant`](assistant::Assistant)) may write SQL, which somebody else runs, and every number that it says is compared with
//! the rows.

pub mod answer;
pub mod assistant;
mod choose;
mod fill;
pub mod known;
pub mod lexicon;
pub mod ready;
mod slots;
pub mod table;
pub mod talk;
mod text;
pub mod understand;
pub mod unproven;

/// What `posekit ask` reads of the program's own files is invalid.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// A file of `sql/llm/questions`.
    #[error("{file}: {problem}")]
    File {
        /// The file, below `sql/`.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A template.
    #[error(transparent)]
    Template(#[from] crate::llm::template::TemplateError),
}
