//! Errors of local models.

use std::path::{Path, PathBuf};

/// A local model cannot be loaded, run or written.
#[derive(Debug, thiserror::Error)]
pub enum LocalModelError {
    /// No model was found.
    #[error("no model found at {}: neither a GGUF file nor a folder with config.json", path.display())]
    NotFound {
        /// The expected path.
        path: PathBuf,
    },
    /// The architecture of the model is not supported.
    #[error("the architecture {architecture:?} of {} is not supported", path.display())]
    Architecture {
        /// The model.
        path: PathBuf,
        /// The architecture according to the model.
        architecture: String,
    },
    /// A file of the model has invalid or unsupported content.
    #[error("{} is invalid: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The problem.
        message: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The adapter does not fit the model.
    #[error("the adapter does not fit the model: {message}")]
    Adapter {
        /// The mismatch.
        message: String,
    },
    /// The device is not available.
    #[error("no usable CUDA device: {message}")]
    Device {
        /// The reason.
        message: String,
    },
    /// The chat template of the model cannot be used.
    #[error("the chat template of the model failed: {message}")]
    Template {
        /// The reason.
        message: String,
    },
    /// The tokenizer failed.
    #[error("the tokenizer failed: {message}")]
    Tokenizer {
        /// The reason.
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
    /// Whether the user's request caused the error, rather than the machine.
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
