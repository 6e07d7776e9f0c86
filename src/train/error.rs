//! Errors of a training.

use std::path::{Path, PathBuf};

use crate::artifacts::ArtifactError;
use crate::charts::plot::ChartError;
use crate::local_model::LocalModelError;

/// A training cannot be done or was stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The folder contains no dataset.
    #[error("no language-model data found in {}", folder.display())]
    NoData {
        /// The folder.
        folder: PathBuf,
    },
    /// No row of the dataset can be used.
    #[error("no row of {} can be used for training: {reason}", folder.display())]
    NoRows {
        /// The folder.
        folder: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A row does not have its format.
    #[error("{}:{line} is invalid: {message}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The problem.
        message: String,
    },
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The state of an earlier training cannot be used.
    #[error("the saved state {} is invalid: {message}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The problem.
        message: String,
    },
    /// The loss is no longer a number.
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
    Artifact(#[from] ArtifactError),
    /// The loss curve could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The page could not be written.
    #[error("cannot create the page of the report: {0}")]
    Page(#[from] minijinja::Error),
    /// The user asked to stop; the training so far is saved.
    #[error("interrupted")]
    Interrupted,
}

impl TrainError {
    /// Whether the user's request caused the error, rather than the machine.
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

    /// What the user can do about the error, if known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoData { .. } => Some("`posekit export-llm` writes the data; --data gives its folder"),
            Self::NoRows { .. } => Some("raise --max_seq, or choose other formats with --format"),
            Self::Row { .. } => Some("`posekit export-llm --check` lists all problems"),
            Self::Diverged { .. } => Some("lower --lr, or raise --warmup"),
            Self::State { .. } => Some("remove the file to start again"),
            Self::Interrupted => Some("the state is saved; run the same command again to continue"),
            Self::Model(LocalModelError::Architecture { .. }) => {
                Some("posekit supports Llama (SmolLM2, Llama 3) and Qwen 3")
            }
            Self::Model(LocalModelError::Device { .. }) => {
                Some("--device cpu works everywhere; --device cuda needs a build with `--features cuda`")
            }
            Self::Model(LocalModelError::NotFound { .. }) => {
                Some("a model is a Hugging Face folder or a GGUF file; `make llm` fetches a small one")
            }
            _ => None,
        }
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_path_buf(), source }
    }
}
