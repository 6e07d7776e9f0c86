//! Errors of reading and writing the dataset's tables.

use std::path::{Path, PathBuf};

use super::failure::{remedy, table_of};
use crate::artifacts::error::{ArtifactError, CHECK_FOLDER};
use crate::journal::JournalError;
use crate::scope::Scope;

/// An error while the dataset was read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be read or written.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A Parquet file could not be written, or is damaged.
    #[error("cannot {action} {}: {source}", path.display())]
    Parquet {
        /// The attempted action, as a verb: `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: parquet::errors::ParquetError,
    },
    /// The bytes of a Parquet file differ from those that were written.
    #[error("{} is damaged: its content does not match its checksum", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The columns of a Parquet file differ from those of its table.
    #[error("{} is not a valid part of {table}: {problem}", path.display())]
    WrongColumns {
        /// The file.
        path: PathBuf,
        /// The table that it should be a part of.
        table: &'static str,
        /// The difference.
        problem: String,
    },
    /// The path has a question mark. DuckDB reads the text after it as options.
    #[error("DuckDB cannot open the dataset folder {}: its path contains a question mark", dataset.display())]
    QuestionMark {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// The catalog does not exist yet.
    #[error("{} contains no pose tables yet", dataset.display())]
    NoCatalog {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// The catalog is missing, but there are tables.
    #[error("the catalog of {} is missing, but its tables exist", dataset.display())]
    LostCatalog {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// Another process is writing.
    #[error("the catalog {} is in use: {holder}", path.display())]
    Locked {
        /// The catalog.
        path: PathBuf,
        /// DuckDB's description of the process that holds the catalog.
        holder: String,
    },
    /// Another extraction is writing the dataset.
    #[error("{} is being written by {holder}", dataset.display())]
    Busy {
        /// The dataset folder.
        dataset: PathBuf,
        /// The process that writes it.
        holder: String,
    },
    /// The catalog was made by a newer posekit.
    #[error("the catalog {} has version {found}; this posekit supports versions up to {known}", path.display())]
    NewerCatalog {
        /// The catalog.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// DuckDB failed on the catalog itself.
    #[error("DuckDB failed on the catalog {}: {message}", path.display())]
    Catalog {
        /// The catalog.
        path: PathBuf,
        /// DuckDB's message.
        message: String,
    },
    /// The user's SQL is wrong, or failed while it ran.
    #[error("{message}")]
    Sql {
        /// DuckDB's message, with the place.
        message: String,
    },
    /// A journal of the dataset could not be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// DuckDB cannot read a part.
    #[error("a table cannot be read: {message}")]
    Unreadable {
        /// The part, if DuckDB names it.
        path: Option<PathBuf>,
        /// DuckDB's message.
        message: String,
    },
    /// DuckDB needs more memory than it may use.
    #[error("{message}")]
    Memory {
        /// DuckDB's message.
        message: String,
    },
    /// DuckDB failed on a statement of posekit, although the tables could be read: a bug in posekit.
    #[error("posekit's own SQL failed: {message}")]
    Engine {
        /// DuckDB's message.
        message: String,
    },
    /// Rows could not be converted to columns: a bug in posekit.
    #[error("cannot build a {table} table: {source}")]
    Columns {
        /// The table.
        table: &'static str,
        /// The cause.
        source: arrow::error::ArrowError,
    },
}

impl StoreError {
    /// Returns a failure of the file system: `action`, as a verb, on `path`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let artifact = ArtifactError::io(action, path);
        move |source| Self::Artifact(artifact(source))
    }

    pub(super) fn parquet(action: &'static str, path: &Path) -> impl Fn(parquet::errors::ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Parquet { action, path: path.clone(), source }
    }

    /// Returns whether the file system is read-only, or the user may not write there.
    #[must_use]
    pub fn is_permission_problem(&self) -> bool {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        let Self::Artifact(ArtifactError::Io { source, .. }) = self else { return false };
        [PermissionDenied, ReadOnlyFilesystem].contains(&source.kind())
    }

    /// Returns how far the error reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Sql { .. } => Scope::Usage,
            Self::Columns { .. } | Self::Engine { .. } | Self::Journal(JournalError::Json(_)) => Scope::Internal,
            Self::Artifact(error) => error.scope(),
            Self::Parquet { .. }
            | Self::Damaged { .. }
            | Self::WrongColumns { .. }
            | Self::QuestionMark { .. }
            | Self::NoCatalog { .. }
            | Self::LostCatalog { .. }
            | Self::Locked { .. }
            | Self::Busy { .. }
            | Self::NewerCatalog { .. }
            | Self::Catalog { .. }
            | Self::Unreadable { .. }
            | Self::Journal(_)
            | Self::Memory { .. } => Scope::Environment,
        }
    }

    /// Returns the video whose part cannot be read, if that is the error.
    #[must_use]
    pub fn damaged_video(&self) -> Option<&str> {
        let (Self::Unreadable { path: Some(path), .. }
        | Self::Parquet { path, .. }
        | Self::Damaged { path }
        | Self::WrongColumns { path, .. }) = self
        else {
            return None;
        };
        path.iter().find_map(|name| name.to_str()?.strip_prefix("video_id="))
    }

    /// Returns what the user can do about the error, if known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            // A missing part is treated like a damaged one.
            Self::Artifact(ArtifactError::Io { path, source, .. })
                if source.kind() == std::io::ErrorKind::NotFound && table_of(path).is_some() =>
            {
                Some(remedy(table_of(path)))
            }
            Self::Artifact(error) => Some(error.hint()),
            Self::Parquet { action: "write", .. } => Some(CHECK_FOLDER),
            Self::Parquet { path, .. } | Self::Damaged { path } | Self::WrongColumns { path, .. } => {
                Some(remedy(table_of(path)))
            }
            Self::Unreadable { path, .. } => Some(remedy(path.as_deref().and_then(table_of))),
            Self::Memory { .. } => Some("close other programs, raise --memory_limit, or ask for fewer rows at once"),
            Self::QuestionMark { .. } => Some("use another --dataset, or rename the folder"),
            Self::LostCatalog { .. } => Some("`posekit status --rebuild` rebuilds the catalog from the tables"),
            Self::NoCatalog { .. } => Some("run `posekit extract` first, or give the dataset folder with --dataset"),
            Self::Locked { .. } => {
                Some("close the connection of that program (in Python `connection.close()`), or end the program")
            }
            Self::Busy { .. } | Self::Journal(JournalError::Busy { .. }) => {
                Some("wait until that process has finished, or use another --dataset")
            }
            Self::NewerCatalog { .. } => Some("install a newer posekit, or use another --dataset"),
            Self::Catalog { .. } => {
                Some("`posekit status --check` shows the problem; `posekit status --rebuild` rebuilds the catalog")
            }
            Self::Columns { .. } | Self::Engine { .. } => {
                Some("run `posekit status --check` to find damaged tables; if there are none, please report a bug")
            }
            Self::Journal(JournalError::Io { .. }) => {
                Some("check that the dataset folder is writable and the disk has free space")
            }
            Self::Sql { .. } | Self::Journal(JournalError::Json(_)) => None,
        }
    }
}
