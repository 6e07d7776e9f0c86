//! Errors of an analysis.

use std::path::PathBuf;

use crate::journal::JournalError;
use crate::scope::Scope;
use crate::sports::SportError;
use crate::sql::library::LibraryError;
use crate::store::StoreError;

/// The reason why a run, or all runs, could not be analyzed.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    /// Tables could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal of settings could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The user's SQL files could not be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// An SQL file failed.
    #[error("{file}: {message}")]
    Sql {
        /// The file, below `sql/`.
        file: String,
        /// DuckDB's message, with the position.
        message: String,
        /// Whether the file is the unchanged built-in one: then the fault is posekit's, not the user's.
        is_own: bool,
    },
    /// The sport pack cannot be used.
    #[error(transparent)]
    Sport(#[from] SportError),
    /// A settings file or a sport pack is invalid.
    #[error("{}: {problem}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
    /// Another machine could not analyze the run.
    #[error("{message}")]
    Elsewhere {
        /// The reason.
        message: String,
        /// What the user can do.
        hint: Option<String>,
    },
    /// Rows could not be converted to data frames: a bug in posekit.
    #[error("cannot process {what}: {problem}")]
    Frames {
        /// The kind of rows.
        what: &'static str,
        /// The reason.
        problem: String,
    },
}

impl AnalyzeError {
    /// Returns the scope of the error.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Journal(_) | Self::Elsewhere { .. } => Scope::Environment,
            Self::Sql { is_own: true, .. } | Self::Frames { .. } => Scope::Internal,
            Self::Sql { .. } | Self::Sport(_) | Self::Settings { .. } | Self::Library(_) => Scope::Usage,
        }
    }

    /// Returns a hint for the user, if one is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Journal(_) => Some("check that the dataset folder is writable and the disk has free space"),
            Self::Library(_) => Some("check that the folder exists and can be read"),
            Self::Sql { is_own: true, .. } => {
                Some("run `posekit status --check` to find damaged tables; if there are none, please report a bug")
            }
            Self::Sql { .. } => Some("docs/SPORT_PACKS.md lists the relations and their columns"),
            Self::Sport(SportError::Unknown { known, .. }) => Some(known),
            Self::Elsewhere { hint, .. } => hint.as_deref(),
            Self::Settings { .. } => Some("docs/SETTINGS.md lists all settings with their defaults"),
            Self::Sport(SportError::Invalid { .. }) | Self::Frames { .. } => None,
        }
    }
}
