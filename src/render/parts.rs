//! The parts of a video that is being rendered. A complete part is sealed by a rename, so that an interrupted render
//! continues after the last sealed part.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::RenderError;
use crate::artifacts::made::KEPT;

/// The number of frames of a part.
pub(crate) const PART_FRAMES: u64 = 900;

/// The folder of a render in progress.
pub(crate) struct Parts {
    folder: PathBuf,
}

impl Parts {
    /// Opens the folder of the parts of `target`. `key` identifies the inputs; parts with another key are removed.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub(crate) fn open(target: &Path, key: &str) -> Result<Self, RenderError> {
        let name = target.file_name().unwrap_or_default();
        let of_target = target.parent().unwrap_or(Path::new("")).join(KEPT).join("work").join(name);
        let folder = of_target.join(key);
        for other in fs::read_dir(&of_target).into_iter().flatten().flatten() {
            if other.path() != folder {
                fs::remove_dir_all(other.path()).map_err(RenderError::output(&other.path()))?;
            }
        }
        fs::create_dir_all(&folder).map_err(RenderError::output(&folder))?;
        Ok(Self { folder })
    }

    /// Returns the number of consecutive sealed parts, counted from the first part.
    #[must_use]
    pub(crate) fn n_sealed(&self) -> u64 {
        (0..u64::MAX).find(|&part| !self.sealed(part).exists()).unwrap_or(u64::MAX)
    }

    /// Returns the path of a sealed part.
    #[must_use]
    pub(crate) fn sealed(&self, part: u64) -> PathBuf {
        self.folder.join(format!("part-{part:05}.nut"))
    }

    /// Returns the path that an unsealed part is written to.
    #[must_use]
    pub(crate) fn unsealed(&self, part: u64) -> PathBuf {
        self.folder.join(format!("part-{part:05}.unfinished"))
    }

    /// Returns the path that the whole video is assembled at.
    #[must_use]
    pub(crate) fn whole(&self) -> PathBuf {
        self.folder.join("whole.unfinished")
    }

    /// Seals a complete part.
    ///
    /// # Errors
    /// The part cannot be flushed to disk or renamed.
    pub(crate) fn seal(&self, part: u64) -> Result<(), RenderError> {
        put_in_place(&self.unsealed(part), &self.sealed(part))
    }

    /// Removes the folder, and its two parents if they are empty then.
    pub(crate) fn remove(self) {
        // Leftovers only take space until the next render of this file.
        let _is_gone = fs::remove_dir_all(&self.folder).is_ok();
        for folder in self.folder.ancestors().skip(1).take(2) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Flushes a file to disk and renames it.
///
/// # Errors
/// The disk is full, or the file cannot be renamed.
pub(crate) fn put_in_place(from: &Path, to: &Path) -> Result<(), RenderError> {
    let put = || {
        fs::File::open(from)?.sync_all()?;
        fs::rename(from, to)
    };
    put().map_err(RenderError::output(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_goes_on_after_its_sealed_parts_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.mp4");
        let parts = Parts::open(&target, "one").unwrap();
        assert_eq!(parts.n_sealed(), 0);
        for part in [0, 1, 3] {
            fs::write(parts.unsealed(part), "video").unwrap();
            parts.seal(part).unwrap();
        }
        fs::write(parts.unsealed(2), "vid").unwrap();
        assert_eq!(Parts::open(&target, "one").unwrap().n_sealed(), 2);
        assert_eq!(Parts::open(&target, "two").unwrap().n_sealed(), 0);
        assert_eq!(Parts::open(&target, "one").unwrap().n_sealed(), 0, "the other render has removed them");
        parts.remove();
        assert!(!folder.path().join(KEPT).join("work").exists());
    }
}
