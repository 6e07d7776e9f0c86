//! The commands: each puts the parts together, runs them and says what came of it. No logic of their own.

pub mod bench;
pub mod doctor;
pub mod extract;
pub mod query;
mod recording;
pub mod status;

/// The dataset folder where none is named.
pub const DEFAULT_DATASET: &str = "datasets";

/// How a command that did its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All good.
    Done,
    /// Finished, but some inputs failed.
    SomeFailed,
    /// The environment lacks something (`doctor`).
    EnvironmentLacking,
}
