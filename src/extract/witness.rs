//! Checks after reading a video that the file is still the one that was identified before.

use super::job::Job;
use crate::store::ids::video_id;
use crate::video::identity;
use crate::video::identity::OpenedFile;
use crate::video::sequence::is_pattern;

/// A record of a video's file. It is made before the video is read, and checked afterwards.
#[derive(Debug)]
pub(crate) struct Witness {
    job: Job,
    /// The open file. It stays readable even if the file's name is gone by then.
    file: Option<OpenedFile>,
}

impl Witness {
    /// Creates a witness for a job's file as it is now.
    #[must_use]
    pub(crate) fn of(job: &Job) -> Self {
        Self { job: job.clone(), file: OpenedFile::open(&job.path).ok() }
    }

    /// Returns whether the file is still the one that was identified: no process has written into it or put another
    /// file in its place. A file that was removed is still read to its end. A file whose time alone changed is
    /// recognized by its content.
    #[must_use]
    pub(crate) fn finds_it_unchanged(&self) -> bool {
        let Job { path, stamp, label, .. } = &self.job;
        let opened = self.file.as_ref().and_then(|file| file.stamp().ok());
        let is_as_opened = opened.is_none_or(|now| now == *stamp);
        match identity::stamp(path) {
            Ok(now) if is_as_opened && now == *stamp => true,
            Ok(_) => identity::content_digits(path).is_ok_and(|digits| video_id(&digits) == label.video_id),
            // Pictures of a sequence are opened one by one: none stays readable after its removal.
            Err(_) => is_as_opened && !is_pattern(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::segments::RunLabel;
    use crate::video::footage::Footage;
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    /// Asks after `change` was applied to a file.
    fn is_unchanged_after(change: impl Fn(&std::path::Path)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp4");
        fs::write(&path, "as it was").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let label = RunLabel {
            video_id: video_id(&identity::content_digits(&path).unwrap()),
            run_id: "r".to_owned(),
            fingerprint: "f".to_owned(),
        };
        let stamp = identity::stamp(&path).unwrap();
        let job =
            Job { number: 0, path: path.clone(), name: "a.mp4".to_owned(), stamp, label, footage: Footage::default() };
        let witness = Witness::of(&job);
        change(&path);
        witness.finds_it_unchanged()
    }

    #[test]
    fn what_is_left_alone_touched_or_removed_is_unchanged() {
        assert!(is_unchanged_after(|_| ()));
        assert!(is_unchanged_after(|path| fs::remove_file(path).unwrap()));
        let later = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
        assert!(is_unchanged_after(|path| File::open(path).unwrap().set_modified(later).unwrap()));
    }

    #[test]
    fn what_is_written_cut_off_or_replaced_is_changed() {
        assert!(!is_unchanged_after(|path| fs::write(path, "as it is ").unwrap()));
        assert!(!is_unchanged_after(|path| File::options().write(true).open(path).unwrap().set_len(3).unwrap()));
        assert!(!is_unchanged_after(|path| {
            let other = path.with_extension("new");
            fs::write(&other, "another file").unwrap();
            fs::rename(other, path).unwrap();
        }));
        // The file was cut off, then removed. Only the open file itself still shows that.
        assert!(!is_unchanged_after(|path| {
            File::options().write(true).open(path).unwrap().set_len(3).unwrap();
            fs::remove_file(path).unwrap();
        }));
    }
}
