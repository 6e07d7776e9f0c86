//! The commands: each puts the parts together, runs them and says what came of it. No logic of their own.

pub mod bench;
pub mod doctor;
pub mod extract;
mod loaded_networks;
pub mod query;
pub mod status;
pub mod tracks;

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
