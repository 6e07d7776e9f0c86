//! What can go wrong with the tables.

use std::path::{Path, PathBuf};

use crate::journal::JournalError;

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
    /// DuckDB failed on what posekit asked it.
    #[error("the analysis database failed: {message}")]
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
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    pub(super) fn parquet(action: &'static str, path: &Path) -> impl Fn(parquet::errors::ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Parquet { action, path: path.clone(), source }
    }

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { .. } | Self::Parquet { action: "write", .. } | Self::Journal(JournalError::Io { .. }) => {
                Some("check that the folder exists, can be written, and that the disk has room")
            }
            Self::Parquet { .. } | Self::Damaged { .. } | Self::WrongColumns { .. } => Some(
                "the file is damaged: `posekit extract --force` makes the tables of its video again, then `posekit status --prune`",
            ),
            Self::QuestionMark { .. } => Some("use another --dataset, or rename the folder"),
            Self::NoCatalog { .. } => Some("run `posekit extract` first, or name its folder with --dataset"),
            Self::Locked { .. } => Some("close its connection (in Python `connection.close()`), or end that program"),
            Self::Busy { .. } | Self::Journal(JournalError::Busy { .. }) => {
                Some("wait until it has finished, or use another --dataset")
            }
            Self::NewerCatalog { .. } => Some("install the newer posekit, or use another --dataset"),
            Self::Catalog { .. } => Some(
                "`posekit status --check` says what is wrong; `posekit status --rebuild` makes the catalog again from the Parquet files",
            ),
            Self::Sql { .. } | Self::Columns { .. } | Self::Engine { .. } | Self::Journal(JournalError::Json(_)) => {
                None
            }
        }
    }
}
