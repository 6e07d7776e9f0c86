//! What there is to do: which files hold videos whose tables are missing.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::job::Job;
use super::segment::RunLabel;
use super::settings::PoseSettings;
use crate::store::ids;
use crate::store::knowledge::{Knowledge, KnownRun};
use crate::video::info::FileStamp;
use crate::video::{VideoError, identity};

/// The work of an extraction.
#[derive(Debug, Default)]
pub struct Plan {
    /// Videos to be analyzed.
    pub jobs: Vec<Job>,
    /// All videos that could be identified, by their id.
    pub videos: Vec<String>,
    /// Names and frames of videos whose tables are there.
    pub known: Vec<(String, u64)>,
    /// Files that were read and hold known videos: absolute path, stamp, video.
    pub seen: Vec<(String, FileStamp, String)>,
    /// Runs of known videos: video, run.
    pub found: Vec<(String, String)>,
    /// Known runs that are to be shown again, since their settings are asked for again, by their video.
    pub current: Vec<(String, KnownRun)>,
    /// The run that stands for each video before the work begins, by the video's id.
    pub standing: HashMap<String, KnownRun>,
    /// Files that cannot be read.
    pub unreadable: Vec<(PathBuf, VideoError)>,
}

struct Identified {
    path: PathBuf,
    stamp: FileStamp,
    video_id: String,
    is_new_file: bool,
}

/// What a plan is made with.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// What rows depend on.
    pub settings: &'a PoseSettings,
    /// What the catalog knows.
    pub knowledge: &'a Knowledge,
    /// Whether all parts of a video's run are there: what is missing is made again.
    pub is_whole: &'a dyn Fn(&str, &KnownRun) -> bool,
    /// Whether known videos are analyzed again as new runs.
    pub is_forced: bool,
}

/// Plans the extraction of `files`.
#[must_use]
pub fn plan(files: &[PathBuf], given: Given) -> Plan {
    let knowledge = given.knowledge;
    // Reading whole files to identify them is the slow part; it runs on all cores and keeps the order.
    let identified: Vec<_> =
        files.par_iter().map(|path| identify(path, knowledge).map_err(|error| (path.clone(), error))).collect();
    let mut plan = Plan { standing: knowledge.standing.clone(), ..Plan::default() };
    let mut planned = HashSet::new();
    for file in identified {
        match file {
            Ok(file) if planned.insert(file.video_id.clone()) => plan.add(file, given),
            // A copy of a video that is in the plan already.
            Ok(file) => plan.note_file(file),
            Err(unreadable) => plan.unreadable.push(unreadable),
        }
    }
    plan
}

impl Plan {
    fn add(&mut self, file: Identified, given: Given) {
        let Given { settings, knowledge, is_whole, is_forced } = given;
        self.videos.push(file.video_id.clone());
        let name = file_name(&file.path);
        let fingerprint = settings.fingerprint(&file.video_id);
        let known = knowledge.runs.get(&fingerprint).filter(|_| !is_forced);
        if let Some(run) = known.filter(|run| is_whole(&file.video_id, run)) {
            self.known.push((name, run.n_frames));
            self.found.push((file.video_id.clone(), run.run_id.clone()));
            if !run.is_current {
                self.current.push((file.video_id.clone(), run.clone()));
            }
            self.note_file(file);
            return;
        }
        // A run that lacks parts goes on under its id.
        let free = || free_run_id(&fingerprint, &knowledge.run_ids, is_forced);
        let run_id = known.map_or_else(free, |run| run.run_id.clone());
        self.jobs.push(Job {
            number: self.jobs.len(),
            path: file.path,
            name,
            stamp: file.stamp,
            label: RunLabel { video_id: file.video_id, run_id, fingerprint },
        });
    }

    fn note_file(&mut self, file: Identified) {
        if file.is_new_file {
            self.seen.push((file.path.display().to_string(), file.stamp, file.video_id));
        }
    }
}

/// A file's video: from the catalog where size and time of modification are as they were, else by reading it.
fn identify(path: &Path, knowledge: &Knowledge) -> Result<Identified, VideoError> {
    let stamp = identity::stamp(path)?;
    let path = std::path::absolute(path).map_err(|source| VideoError::Io { path: path.to_path_buf(), source })?;
    let known = knowledge.files.get(&path.display().to_string()).filter(|(known, _)| *known == stamp);
    let (video_id, is_new_file) = match known {
        Some((_, video_id)) => (video_id.clone(), false),
        None => (ids::video_id(&identity::content_digits(&path)?), true),
    };
    Ok(Identified { path, stamp, video_id, is_new_file })
}

/// The fingerprint's first half names a run; a forced repetition gets a number, so that the older run stays.
fn free_run_id(fingerprint: &str, taken: &[String], is_forced: bool) -> String {
    let base = ids::run_id(&fingerprint[..16]);
    if !is_forced || !taken.contains(&base) {
        return base;
    }
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    numbered.into_iter().find(|run_id| !taken.contains(run_id)).unwrap_or(base)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::knowledge::KnownRun;
    use crate::store::standing::Extent;

    fn folder_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = files.iter().map(|(name, content)| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        });
        let paths = paths.collect();
        (folder, paths)
    }

    fn planned(files: &[PathBuf], settings: &PoseSettings, knowledge: &Knowledge, is_forced: bool) -> Plan {
        plan(files, Given { settings, knowledge, is_whole: &|_, _| true, is_forced })
    }

    fn knowing(job: &Job) -> Knowledge {
        let RunLabel { video_id, run_id, fingerprint } = job.label.clone();
        let run = KnownRun { run_id: run_id.clone(), n_frames: 7, extent: Extent::default(), is_current: true };
        Knowledge {
            files: [(job.path.display().to_string(), (job.stamp, video_id))].into(),
            runs: [(fingerprint, run)].into(),
            standing: [].into(),
            run_ids: vec![run_id],
        }
    }

    #[test]
    fn a_known_video_is_left_alone_whatever_its_name() {
        let (_folder, files) = folder_with(&[("a.mp4", "one"), ("b.mp4", "one"), ("c.mp4", "two")]);
        let settings = PoseSettings::default();
        let first = planned(&files, &settings, &Knowledge::default(), false);
        assert_eq!(first.jobs.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["a.mp4", "c.mp4"]);
        let second = planned(&files[1..2], &settings, &knowing(&first.jobs[0]), false);
        assert!(second.jobs.is_empty());
        assert_eq!(second.known, [("b.mp4".to_owned(), 7)]);
        assert_eq!(second.seen.len(), 1, "the new name is remembered");
    }

    #[test]
    fn other_settings_or_force_make_a_new_run() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, &settings, &Knowledge::default(), false);
        let knowledge = knowing(&first.jobs[0]);
        let forced = planned(&files, &settings, &knowledge, true);
        assert_eq!(forced.jobs[0].label.run_id, format!("{}-2", first.jobs[0].label.run_id));
        let mut heavy = settings;
        heavy.network = crate::pose::networks::LandmarkNetwork::Heavy;
        let other = planned(&files, &heavy, &knowledge, false);
        assert_ne!(other.jobs[0].label.run_id, first.jobs[0].label.run_id);
    }

    #[test]
    fn a_known_run_that_lacks_parts_goes_on() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, &settings, &Knowledge::default(), false);
        let knowledge = knowing(&first.jobs[0]);
        let given = Given { settings: &settings, knowledge: &knowledge, is_whole: &|_, _| false, is_forced: false };
        let again = plan(&files, given);
        assert!(again.known.is_empty() && again.jobs[0].label == first.jobs[0].label);
    }

    #[test]
    fn a_changed_file_is_another_video() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, &settings, &Knowledge::default(), false);
        std::fs::write(&files[0], "one more").unwrap();
        let changed = planned(&files, &settings, &knowing(&first.jobs[0]), false);
        assert_ne!(changed.jobs[0].label.video_id, first.jobs[0].label.video_id);
    }

    #[test]
    fn a_run_that_is_asked_for_again_becomes_current() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, &settings, &Knowledge::default(), false);
        let mut knowledge = knowing(&first.jobs[0]);
        for run in knowledge.runs.values_mut() {
            run.is_current = false;
        }
        let again = planned(&files, &settings, &knowledge, false);
        let shown: Vec<_> = again.current.iter().map(|(video_id, run)| (video_id, &run.run_id)).collect();
        assert_eq!(shown, [(&first.jobs[0].label.video_id, &first.jobs[0].label.run_id)]);
    }
}
