//! Why a training stopped.

use std::path::{Path, PathBuf};

use crate::charts::ChartError;
use crate::local_model::LocalModelError;
use crate::store::StoreError;

/// Why a training cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// There is no dataset there.
    #[error("no language-model data found in {}", folder.display())]
    NoData {
        /// The folder.
        folder: PathBuf,
    },
    /// No row of the dataset can be used.
    #[error("no row of {} can be trained on: {reason}", folder.display())]
    NoRows {
        /// The folder.
        folder: PathBuf,
        /// Why.
        reason: String,
    },
    /// A row is not what its format says.
    #[error("{}:{line} is invalid: {message}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The state of an earlier training cannot be used.
    #[error("the saved state {} is invalid: {message}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The loss is no number any more.
    #[error("the loss of step {step} is not a number")]
    Diverged {
        /// The step.
        step: u64,
    },
    /// The model failed.
    #[error(transparent)]
    Model(#[from] LocalModelError),
    /// A file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The loss curve could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The page could not be written.
    #[error("the page of the report could not be made: {0}")]
    Page(#[from] minijinja::Error),
    /// The user asked to stop; what is trained so far is saved.
    #[error("interrupted")]
    Interrupted,
}

impl TrainError {
    /// Whether the request is at fault rather than the machine.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::NoData { .. } | Self::NoRows { .. } | Self::Row { .. } | Self::Diverged { .. } => true,
            Self::Model(error) => error.is_usage(),
            _ => false,
        }
    }

    /// Whether the user asked to stop.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted | Self::Model(LocalModelError::Interrupted))
    }

    /// What the user can do about it, if something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoData { .. } => Some("`posekit export-llm` writes it; --data names its folder"),
            Self::NoRows { .. } => Some("raise --max_seq, or name other formats with --format"),
            Self::Row { .. } => Some("`posekit export-llm --check` tells what else is wrong"),
            Self::Diverged { .. } => Some("lower --lr, or raise --warmup"),
            Self::State { .. } => Some("remove the file to begin anew"),
            Self::Interrupted => Some("the state is saved; run the same command again to go on from there"),
            Self::Model(LocalModelError::Architecture { .. }) => {
                Some("posekit knows Llama (SmolLM2, Llama 3) and Qwen 3")
            }
            Self::Model(LocalModelError::Device { .. }) => {
                Some("--device cpu works everywhere; --device cuda needs a build with `--features cuda`")
            }
            Self::Model(LocalModelError::NotFound { .. }) => {
                Some("--base names a Hugging Face folder or a GGUF file; `make llm` fetches a small one")
            }
            _ => None,
        }
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_path_buf(), source }
    }
}
