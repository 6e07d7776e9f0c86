//! What can go wrong while a report is made.

use std::path::{Path, PathBuf};

use crate::analyze::AnalyzeError;

use crate::export::ExportError;
use crate::report::ReportError;
use crate::store::StoreError;
use crate::video::VideoError;
use crate::views::crop_scale::CropError;

/// A report, or the page of a video, could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportingError {
    /// The tables cannot be read, or a file not be put in place.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sport of a video is not known.
    #[error(transparent)]
    Analyze(#[from] AnalyzeError),
    /// A table cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A page cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Page {
        /// The page.
        path: PathBuf,
        /// Why.
        source: ReportError,
    },
    /// A file of the output cannot be written or read.
    #[error("cannot {action} {}: {source}", path.display())]
    Output {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ReportingError {
    pub(super) fn output(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Output { action, path, source }
    }

    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Store(error) | Self::Export(ExportError::Store(error)) => error.hint(),
            Self::Analyze(error) => error.hint(),
            Self::Export(_) | Self::Page { .. } | Self::Output { .. } => {
                Some("check that there is room and that you may write there")
            }
        }
    }
}

/// There is no picture of a video.
#[derive(Debug, thiserror::Error)]
pub(super) enum PosterError {
    /// The video cannot be read.
    #[error(transparent)]
    Video(#[from] VideoError),
    /// No frame decoded.
    #[error("no frame of it decodes")]
    NoFrame,
    /// The frame cannot be made smaller.
    #[error(transparent)]
    Scale(#[from] CropError),
    /// The picture cannot be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(#[from] ::png::EncodingError),
}
