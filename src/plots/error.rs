//! What can go wrong while charts are made. Always about one video; the others are not concerned.

use std::path::PathBuf;

use crate::charts::ChartError;
use crate::scope::Scope;
use crate::store::StoreError;

/// The charts of a video could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The tables cannot be read, or a file not be put in place.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Chart(_) => Scope::Internal,
            Self::Output { .. } => Scope::Environment,
        }
    }

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Output { .. } => Some("check that there is room and that you may write there"),
            Self::Chart(_) => None,
        }
    }
}
