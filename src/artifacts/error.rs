//! Errors of writing and removing files.

use std::path::{Path, PathBuf};

use crate::scope::Scope;

/// What the user can do if a file cannot be written.
pub(crate) const CHECK_FOLDER: &str = "check that the folder exists and is writable, and that the disk has free space";

/// A file or folder could not be read, written, created or removed.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The file system reported an error.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The attempted action, as a verb: `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The disk is full.
    #[error("cannot write {}: the disk is full (No space left on device)", path.display())]
    Full {
        /// The file or folder that was being written.
        path: PathBuf,
    },
}

impl ArtifactError {
    /// Returns a failure of the file system: `action`, as a verb, on `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            std::io::ErrorKind::StorageFull => Self::Full { path },
            _ => Self::Io { action, path, source },
        }
    }

    /// Returns how far the error reaches.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Io { .. } | Self::Full { .. } => Scope::Environment,
        }
    }

    /// Returns what the user can do about the error.
    #[must_use]
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => CHECK_FOLDER,
            Self::Full { .. } => "free some disk space, then run the same command again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let failed = |kind: ErrorKind| ArtifactError::io("create", Path::new("a/b"))(kind.into());
        let full = failed(ErrorKind::StorageFull);
        assert_eq!(full.to_string(), "cannot write a/b: the disk is full (No space left on device)");
        assert!(full.hint().starts_with("free some disk space"));
        let other = failed(ErrorKind::PermissionDenied);
        assert_eq!(other.to_string(), "cannot create a/b: permission denied");
        assert_eq!(other.hint(), CHECK_FOLDER);
    }
}
