//! What can go wrong while charts are made. Always about one video; the others are not concerned.

use std::path::PathBuf;

use crate::charts::ChartError;
use crate::store::StoreError;

/// The charts of a video could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The tables cannot be read, or a file not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A chart cannot be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The list of charts cannot be written.
    #[error("cannot write {}: {problem}", path.display())]
    List {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
}

impl PlotError {
    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Chart(_) | Self::List { .. } => None,
        }
    }
}
