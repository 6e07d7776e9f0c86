//! Why a local model cannot be used.

use std::path::{Path, PathBuf};

/// Why a local model cannot be loaded, run or written.
#[derive(Debug, thiserror::Error)]
pub enum LocalModelError {
    /// There is no model there.
    #[error("no model found at {}: neither a GGUF file nor a folder with config.json", path.display())]
    NotFound {
        /// Where it should be.
        path: PathBuf,
    },
    /// The model is of a kind that posekit does not know.
    #[error("{} is a model of architecture {architecture:?}, which posekit cannot train or run", path.display())]
    Architecture {
        /// The model.
        path: PathBuf,
        /// What it says of itself.
        architecture: String,
    },
    /// A file of the model says something that posekit cannot use.
    #[error("{} is invalid: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The adapter does not fit the model.
    #[error("the adapter does not fit the model: {message}")]
    Adapter {
        /// What does not fit.
        message: String,
    },
    /// The device is not there.
    #[error("no CUDA device can be used: {message}")]
    Device {
        /// Why.
        message: String,
    },
    /// The chat template of the model cannot be used.
    #[error("the chat template of the model failed: {message}")]
    Template {
        /// Why.
        message: String,
    },
    /// The tokenizer failed.
    #[error("the tokenizer failed: {message}")]
    Tokenizer {
        /// Why.
        message: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A tensor operation failed.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

impl LocalModelError {
    /// Whether the request is at fault rather than the machine.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Architecture { .. } | Self::Invalid { .. } | Self::Adapter { .. })
    }

    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_path_buf(), source }
    }

    pub(super) fn invalid(path: &Path, message: impl Into<String>) -> Self {
        Self::Invalid { path: path.to_path_buf(), message: message.into() }
    }
}
