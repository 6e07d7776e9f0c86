//! Why a language-model dataset could not be written or checked.

use std::path::PathBuf;

use crate::llm::template::TemplateError;
use crate::scope::Scope;
use crate::store::StoreError;

/// Why a language-model dataset could not be written or checked.
#[derive(Debug, thiserror::Error)]
pub enum LlmDataError {
    /// The tables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// SQL of a kind failed, or its answer has other columns than an example needs.
    #[error("sql/{file}: {problem}")]
    Kind {
        /// The file, below `sql/`.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A template is invalid, or its answer has a number without proof.
    #[error("sql/{0}")]
    Template(#[from] TemplateError),
    /// A kind was asked for that is not found.
    #[error("unknown kind {name}")]
    UnknownKind {
        /// The name.
        name: String,
        /// What there is, for the hint.
        known: String,
    },
    /// The same athlete or video would be in two splits.
    #[error("the splits share {what}")]
    Leakage {
        /// What they share.
        what: String,
    },
    /// Examples could not be turned into columns: a fault of posekit.
    #[error("examples could not be turned into columns: {message}")]
    Columns {
        /// Why.
        message: String,
    },
    /// A file of the dataset folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, ...
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds something else than a dataset of posekit.
    #[error("{} is not empty and was not written by posekit", folder.display())]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds no dataset.
    #[error("{} holds no language-model dataset (manifest.toml not found)", folder.display())]
    NoManifest {
        /// The folder.
        folder: PathBuf,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl LlmDataError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Kind { .. } | Self::Template(_) => Some("docs/LLM_KINDS.md explains the files of a kind"),
            Self::UnknownKind { known, .. } => Some(known),
            Self::Leakage { .. } => Some("split by athlete or video (--split_by), or accept it with --allow_leakage"),
            Self::Io { .. } => Some("check that the folder exists, can be written and has room"),
            Self::ForeignFolder { .. } => Some("name another folder with --llm_data, or empty this one"),
            Self::NoManifest { .. } => Some("`posekit export-llm` writes one; --llm_data names its folder"),
            Self::Columns { .. } | Self::Interrupted => None,
        }
    }

    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::UnknownKind { .. } | Self::Leakage { .. } | Self::Kind { .. } | Self::Template(_) => Scope::Usage,
            Self::Io { .. } | Self::ForeignFolder { .. } | Self::NoManifest { .. } => Scope::Environment,
            Self::Columns { .. } => Scope::Internal,
            Self::Interrupted => Scope::Interrupted,
        }
    }
}
