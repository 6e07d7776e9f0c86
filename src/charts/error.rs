//! The errors of making charts. Each concerns one video only.

use std::path::PathBuf;

use crate::artifacts::ArtifactError;
use crate::charts::plot::ChartError;
use crate::scope::Scope;
use crate::store::StoreError;

/// The charts of a video could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
    /// The tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be put in place.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl PlotError {
    /// Returns the scope of the error.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Artifact(error) => error.scope(),
            Self::Chart(_) => Scope::Internal,
            Self::Output { .. } => Scope::Environment,
        }
    }

    /// Returns a hint on what the user can do about the error, if there is one.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Artifact(error) => Some(error.hint()),
            Self::Output { .. } => Some("check that the folder is writable and has free space"),
            Self::Chart(_) => None,
        }
    }
}
