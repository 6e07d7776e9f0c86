//! What can go wrong with an analysis.

use std::path::PathBuf;

use crate::journal::JournalError;
use crate::scope::Scope;
use crate::sql::library::LibraryError;
use crate::store::StoreError;

/// Why a run could not be analyzed, or nothing could.
#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    /// Tables could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal of settings could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A user's SQL could not be read.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// An SQL file failed.
    #[error("{file}: {message}")]
    Sql {
        /// The file, below `sql/`.
        file: String,
        /// DuckDB's message, with the place.
        message: String,
        /// Whether the program carries the file as it is: then it is not the user's fault.
        is_own: bool,
    },
    /// There is no such sport pack.
    #[error("there is no sport pack {name}")]
    NoPack {
        /// The name that was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A settings file or a sport pack makes no sense.
    #[error("{}: {problem}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Rows could not be brought into frames: a fault of posekit.
    #[error("cannot work on {what}: {problem}")]
    Frames {
        /// What they are.
        what: &'static str,
        /// Why.
        problem: String,
    },
}

impl AnalyzeError {
    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Journal(_) => Scope::Environment,
            Self::Sql { is_own: true, .. } | Self::Frames { .. } => Scope::Internal,
            Self::Sql { .. } | Self::NoPack { .. } | Self::Settings { .. } | Self::Library(_) => Scope::Usage,
        }
    }

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Journal(_) => Some("check that the dataset can be written, and that the disk has room"),
            Self::Library(_) => Some("check that the folder exists and can be read"),
            Self::Sql { is_own: true, .. } => Some(
                "`posekit status --check` says whether a table is damaged; if none is, please report this as a fault of posekit",
            ),
            Self::Sql { .. } => Some("docs/SPORT_PACKS.md says which relations and columns there are"),
            Self::NoPack { known, .. } => Some(known),
            Self::Settings { .. } => Some("docs/SETTINGS.md lists all settings with their defaults"),
            Self::Frames { .. } => None,
        }
    }
}
