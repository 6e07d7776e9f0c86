//! Errors of writing or checking a language-model dataset.

use std::path::PathBuf;

use crate::llm::template::TemplateError;
use crate::scope::Scope;
use crate::store::StoreError;

/// A language-model dataset could not be written or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LlmDataError {
    /// The tables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The SQL of a kind failed, or its result lacks columns that an example needs.
    #[error("sql/{file}: {problem}")]
    Kind {
        /// The file, below `sql/`.
        file: String,
        /// The problem.
        problem: String,
    },
    /// A template is invalid, or its answer contains a number without proof.
    #[error("sql/{0}")]
    Template(#[from] TemplateError),
    /// A requested kind does not exist.
    #[error("unknown kind {name}")]
    UnknownKind {
        /// The name.
        name: String,
        /// The known kinds, for the hint.
        known: String,
    },
    /// The same athlete or video would be in two splits.
    #[error("the splits share {what}")]
    Leakage {
        /// The shared athletes or videos.
        what: String,
    },
    /// Examples could not be converted to columns: a bug in posekit.
    #[error("examples could not be converted to columns: {message}")]
    Columns {
        /// The reason.
        message: String,
    },
    /// A file of the dataset folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, ...
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The folder contains something other than a posekit dataset.
    #[error("{} is not empty and was not written by posekit", folder.display())]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder contains no dataset.
    #[error("{} contains no language-model dataset (manifest.toml not found)", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl LlmDataError {
    /// What the user can do about the error.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Kind { .. } | Self::Template(_) => Some("docs/LLM_KINDS.md explains the files of a kind"),
            Self::UnknownKind { known, .. } => Some(known),
            Self::Leakage { .. } => Some("split by athlete or video (--split_by), or accept it with --allow_leakage"),
            Self::Io { .. } => Some("check that the folder exists, is writable and has free space"),
            Self::ForeignFolder { .. } => Some("choose another folder with --llm_data, or empty this one"),
            Self::NoManifest { .. } => Some("`posekit export-llm` writes a dataset; --llm_data gives its folder"),
            Self::Columns { .. } | Self::Interrupted => None,
        }
    }

    /// The scope of the error.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::UnknownKind { .. } | Self::Leakage { .. } | Self::Kind { .. } | Self::Template(_) => Scope::Usage,
            Self::Io { .. } | Self::ForeignFolder { .. } | Self::NoManifest { .. } => Scope::Environment,
            Self::Columns { .. } => Scope::Internal,
            Self::Interrupted => Scope::Interrupted,
        }
    }
}
