//! The reasons why a cluster cannot be used.

use std::path::PathBuf;

/// The reason why a cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    /// The bridge's Python could not be started.
    #[error("cannot start {}: {source}", python.display())]
    Start {
        /// The interpreter.
        python: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The bridge ended before it was told to.
    #[error("the connection to the cluster ended: {message}")]
    Ended {
        /// What the bridge said last.
        message: String,
    },
    /// The bridge wrote a line that this version of posekit does not know.
    #[error("the bridge to the cluster wrote an invalid line: {0}")]
    Line(serde_json::Error),
    /// A machine of the cluster cannot do any unit of this command.
    #[error("{message}")]
    Refused {
        /// The reason.
        message: String,
        /// What the user can do.
        hint: Option<String>,
    },
}

impl ClusterError {
    /// Returns what the user can do about the error.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Start { .. } => Some(
                "--cluster needs Python with posekit's package and Ray or Dask (docs/SCALE.md); POSEKIT_PYTHON names the \
                 interpreter",
            ),
            Self::Ended { .. } => Some("finished work is kept; run the same command again to continue from there"),
            Self::Line(_) => Some("install the same version of posekit's Python package"),
            Self::Refused { hint, .. } => hint.as_deref(),
        }
    }
}
