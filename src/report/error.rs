//! The errors of making a report.

use std::path::PathBuf;

use crate::analyze::AnalyzeError;
use crate::artifacts::ArtifactError;
use crate::export::ExportError;
use crate::report::page::ReportError;
use crate::scope::Scope;
use crate::store::StoreError;

/// A report, or the page of a video, could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportingError {
    /// The tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be put in place.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The sport of a video is unknown.
    #[error(transparent)]
    Analyze(#[from] AnalyzeError),
    /// A table cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A page cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Page {
        /// The page.
        path: PathBuf,
        /// Why.
        source: ReportError,
    },
}

impl ReportingError {
    /// Returns the scope of the error.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Artifact(error) => error.scope(),
            Self::Analyze(error) => error.scope(),
            Self::Export(error) => error.scope(),
            Self::Page { .. } => Scope::Environment,
        }
    }

    /// Returns a hint on what the user can do about the error, if there is one.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Artifact(error) => Some(error.hint()),
            Self::Export(error) => error.hint(),
            Self::Analyze(error) => error.hint(),
            Self::Page { .. } => Some("check that the folder is writable and has free space"),
        }
    }
}
