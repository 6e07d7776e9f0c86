//! The errors of writing a page.

/// The reason why a page could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// The writer of the page or the reader of a video failed.
    #[error("cannot write the page: {0}")]
    Io(#[from] std::io::Error),
    /// A template does not fit its data.
    #[error("cannot fill the page's template: {0}")]
    Template(#[from] minijinja::Error),
    /// The data cannot be put into the page.
    #[error("cannot write the page's data: {0}")]
    Data(#[from] serde_json::Error),
}
