//! What can go wrong with the tables.

use std::path::{Path, PathBuf};

use super::failure::{remedy, table_of};
use crate::journal::JournalError;
use crate::scope::Scope;

/// The dataset could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The disk has no room.
    #[error("cannot write {}: the disk is full (No space left on device)", path.display())]
    Full {
        /// The file or folder that was being written.
        path: PathBuf,
    },
    /// A Parquet file could not be written, or is damaged.
    #[error("cannot {action} {}: {source}", path.display())]
    Parquet {
        /// What was tried, as a verb: `write`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// A Parquet file does not hold the bytes that were written into it.
    #[error("{} is damaged: its bytes do not fit its checksum", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A Parquet file has other columns than its table.
    #[error("{} is no {table} part: {problem}", path.display())]
    WrongColumns {
        /// The file.
        path: PathBuf,
        /// The table that it should be a part of.
        table: &'static str,
        /// What differs.
        problem: String,
    },
    /// DuckDB takes what follows a question mark for options.
    #[error("the dataset folder {} has a question mark in its name, which DuckDB cannot open", dataset.display())]
    QuestionMark {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// There is no catalog yet.
    #[error("{} holds no pose tables yet", dataset.display())]
    NoCatalog {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// There are tables, but no catalog.
    #[error("the catalog of {} is missing; its tables are there", dataset.display())]
    LostCatalog {
        /// The dataset folder.
        dataset: PathBuf,
    },
    /// Another process is writing.
    #[error("the catalog {} is in use: {holder}", path.display())]
    Locked {
        /// The catalog.
        path: PathBuf,
        /// DuckDB's word on who holds it.
        holder: String,
    },
    /// Another extraction writes the dataset.
    #[error("{} is being written by {holder}", dataset.display())]
    Busy {
        /// The dataset folder.
        dataset: PathBuf,
        /// Who writes it.
        holder: String,
    },
    /// The catalog was made by a newer posekit.
    #[error("the catalog {} has version {found}; this posekit knows versions up to {known}", path.display())]
    NewerCatalog {
        /// The catalog.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// DuckDB failed on the catalog itself.
    #[error("the catalog {} failed: {message}", path.display())]
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
        /// The part, where DuckDB names it.
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
    /// DuckDB failed on what posekit asked it, although the tables could be read: a fault of posekit.
    #[error("SQL of posekit failed: {message}")]
    Engine {
        /// DuckDB's message.
        message: String,
    },
    /// Rows could not be turned into columns: a fault of posekit.
    #[error("cannot build a {table} table: {source}")]
    Columns {
        /// The table.
        table: &'static str,
        /// Why.
        source: arrow::error::ArrowError,
    },
}

impl StoreError {
    /// A failure of the file system: `action`, as a verb, on `path`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { path },
            _ => Self::Io { action, path, source },
        }
    }

    pub(super) fn parquet(action: &'static str, path: &Path) -> impl Fn(parquet::errors::ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Parquet { action, path: path.clone(), source }
    }

    /// How far it reaches.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Sql { .. } => Scope::Usage,
            Self::Columns { .. } | Self::Engine { .. } | Self::Journal(JournalError::Json(_)) => Scope::Internal,
            Self::Io { .. }
            | Self::Full { .. }
            | Self::Parquet { .. }
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

    /// The video that the part belongs to which cannot be read, if it is that.
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

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            // A part that is gone is as bad as a damaged one.
            Self::Io { path, source, .. }
                if source.kind() == std::io::ErrorKind::NotFound && table_of(path).is_some() =>
            {
                Some(remedy(table_of(path)))
            }
            Self::Io { .. } | Self::Parquet { action: "write", .. } => {
                Some("check that the folder exists, can be written, and that the disk has room")
            }
            Self::Full { .. } => Some("make sure that the disk has room, then run the same command again"),
            Self::Parquet { path, .. } | Self::Damaged { path } | Self::WrongColumns { path, .. } => {
                Some(remedy(table_of(path)))
            }
            Self::Unreadable { path, .. } => Some(remedy(path.as_deref().and_then(table_of))),
            Self::Memory { .. } => Some("close other programs, raise --memory_limit, or ask for fewer rows at once"),
            Self::QuestionMark { .. } => Some("use another --dataset, or rename the folder"),
            Self::LostCatalog { .. } => Some("`posekit status --rebuild` makes it again from the tables"),
            Self::NoCatalog { .. } => Some("run `posekit extract` first, or name its folder with --dataset"),
            Self::Locked { .. } => Some("close its connection (in Python `connection.close()`), or end that program"),
            Self::Busy { .. } | Self::Journal(JournalError::Busy { .. }) => {
                Some("wait until it has finished, or use another --dataset")
            }
            Self::NewerCatalog { .. } => Some("install the newer posekit, or use another --dataset"),
            Self::Catalog { .. } => Some(
                "`posekit status --check` says what is wrong; `posekit status --rebuild` makes the catalog again from the Parquet files",
            ),
            Self::Columns { .. } | Self::Engine { .. } => Some(
                "`posekit status --check` says whether a table is damaged; if none is, please report this as a fault of posekit",
            ),
            Self::Journal(JournalError::Io { .. }) => {
                Some("check that the dataset can be written, and that the disk has room")
            }
            Self::Sql { .. } | Self::Journal(JournalError::Json(_)) => None,
        }
    }
}
