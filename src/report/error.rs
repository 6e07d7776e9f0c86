//! What can go wrong while a page is written.

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The writer of the page or the reader of a video failed.
    #[error("the page cannot be written: {0}")]
    Io(#[from] std::io::Error),
    /// A template does not fit its data.
    #[error("the page's template fails: {0}")]
    Template(#[from] minijinja::Error),
    /// The data cannot be put into the page.
    #[error("the page's data cannot be written: {0}")]
    Data(#[from] serde_json::Error),
}
