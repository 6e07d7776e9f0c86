//! Planning: finds the files that hold videos whose tables are missing.
//!
//! A file that the catalog knows by its path, size and time is decided upon at once. Any other file must first be read
//! to its end. Workers do that, one file after the other, so that the first frames are processed while later files are
//! still unread.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::job::Job;
use super::settings::PoseSettings;
use crate::store::ids;
use crate::store::knowledge::{Knowledge, KnownRun};
use crate::store::segments::RunLabel;
use crate::video::footage::Footage;
use crate::video::info::FileStamp;
use crate::video::sequence::display_name;
use crate::video::{VideoError, identity};

/// The facts that decisions depend on.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// The settings that rows depend on, except for those of a single video.
    pub(crate) settings: &'a PoseSettings,
    /// How each file was filmed.
    pub(crate) footage: &'a (dyn Fn(&Path) -> Footage + Sync),
    /// Other settings whose tables are as good.
    pub(crate) equivalent: &'a [PoseSettings],
    /// The catalog's knowledge.
    pub(crate) knowledge: &'a Knowledge,
    /// Returns whether all parts of a video's run are there. Missing parts are rebuilt.
    pub(crate) is_whole: &'a (dyn Fn(&str, &KnownRun) -> bool + Sync),
    /// Whether known videos are extracted again as new runs.
    pub(crate) is_forced: bool,
}

/// A file that may hold a video whose tables are missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// The file's number in this extraction, from 0.
    pub(crate) number: usize,
    /// The absolute path of the file.
    pub(crate) path: PathBuf,
    /// The file's name.
    pub(crate) name: String,
    /// The file's stamp before it is read.
    pub(crate) stamp: FileStamp,
    /// The file's video, if the catalog knows the file.
    pub(crate) video_id: Option<String>,
    /// The file's place among all requested files.
    place: usize,
}

/// A file that holds a known video: absolute path, stamp, video.
pub(crate) type SeenFile = (String, FileStamp, String);

/// A video whose tables are there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownVideo {
    /// The name of the video's file.
    pub(crate) name: String,
    /// The video.
    pub(crate) video_id: String,
    /// The run with these settings. If it is not the current one, it becomes current again.
    pub(crate) run: KnownRun,
    /// The file, if the catalog does not know it.
    pub(crate) seen: Option<SeenFile>,
}

/// The decision about a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// A video to be extracted.
    Extract(Job),
    /// A video whose tables are there.
    Known(KnownVideo),
    /// Another copy of a video of this extraction. It has the file if the video's tables are there.
    Copy(Option<SeenFile>),
}

/// The decisions that need no reading of files.
#[derive(Debug, Default)]
pub(crate) struct FirstLook {
    /// Files that [`Planner::decide`] must decide upon.
    pub(crate) candidates: Vec<Candidate>,
    /// Videos whose tables are there.
    pub(crate) known: Vec<KnownVideo>,
    /// Files whose properties cannot be read.
    pub(crate) unreadable: Vec<(PathBuf, VideoError)>,
}

/// Decides upon files. Of several copies of a video the first one counts, regardless of the order in which workers read
/// them.
pub(crate) struct Planner<'a> {
    given: Given<'a>,
    state: Mutex<State>,
    has_decided: Condvar,
}

#[derive(Default)]
struct State {
    /// The videos of this extraction, and whether their tables are there.
    planned: HashMap<String, bool>,
    /// The videos by the place of their files.
    videos: BTreeMap<usize, String>,
    /// The sizes of the undecided candidates, by number.
    open: BTreeMap<usize, u64>,
}

impl<'a> Planner<'a> {
    /// Creates a planner. It inspects files, without reading them.
    #[must_use]
    pub(crate) fn new(files: &[PathBuf], given: Given<'a>) -> (Self, FirstLook) {
        let looked_at: Vec<_> = files.par_iter().map(|path| look_at(path).map_err(|error| (path, error))).collect();
        let mut state = State::default();
        let mut look = FirstLook::default();
        for (place, file) in looked_at.into_iter().enumerate() {
            let (path, stamp) = match file {
                Ok(file) => file,
                Err((path, error)) => {
                    look.unreadable.push((path.clone(), error));
                    continue;
                }
            };
            let known = given.knowledge.files.get(&path.display().to_string()).filter(|(known, _)| *known == stamp);
            let video_id = known.map(|(_, video_id)| video_id.clone());
            let candidate =
                Candidate { number: look.candidates.len(), name: display_name(&path), path, stamp, video_id, place };
            match &candidate.video_id {
                Some(video_id) if state.planned.contains_key(video_id) => {}
                Some(video_id) => {
                    let run = known_run(given, &candidate.path, video_id);
                    state.plan(&candidate, video_id, run.is_some());
                    look.known.extend(run.map(|run| candidate.known(video_id, run.clone())));
                    look.candidates.extend(run.is_none().then_some(candidate));
                }
                None => {
                    state.open.insert(candidate.number, stamp.size_bytes);
                    look.candidates.push(candidate);
                }
            }
        }
        (Self { given, state: Mutex::new(state), has_decided: Condvar::new() }, look)
    }

    /// Decides upon a candidate. Reads the file unless the catalog knows it. Returns `None` if the decision is no
    /// longer wanted.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn decide(
        &self,
        candidate: &Candidate,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Option<Decision>, VideoError> {
        if let Some(video_id) = &candidate.video_id {
            return Ok(Some(Decision::Extract(self.job(candidate, video_id))));
        }
        // Other threads may wait for this candidate, whatever the result.
        let _open = Open { planner: self, number: candidate.number };
        let Some(digits) = identity::content_digits_while(&candidate.path, is_wanted)? else { return Ok(None) };
        // A file that grows is still being recorded or copied.
        if identity::stamp(&candidate.path)?.size_bytes != candidate.stamp.size_bytes {
            return Err(VideoError::Changed { path: candidate.path.clone() });
        }
        let video_id = ids::video_id(&digits);
        let mut state = self.state();
        // A copy has the same size. Other workers are already reading the files that come first.
        let size_bytes = candidate.stamp.size_bytes;
        while state.open.range(..candidate.number).any(|(_, size)| *size == size_bytes) {
            state = self.has_decided.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(is_known) = state.planned.get(&video_id) {
            return Ok(Some(Decision::Copy(is_known.then(|| candidate.seen(&video_id)))));
        }
        let run = known_run(self.given, &candidate.path, &video_id);
        state.plan(candidate, &video_id, run.is_some());
        let seen = Some(candidate.seen(&video_id));
        let known = run.map(|run| KnownVideo { seen, ..candidate.known(&video_id, run.clone()) });
        Ok(Some(known.map_or_else(|| Decision::Extract(self.job(candidate, &video_id)), Decision::Known)))
    }

    /// Returns all videos that could be identified, in the order of the files.
    #[must_use]
    pub(crate) fn videos(&self) -> Vec<String> {
        self.state().videos.values().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn job(&self, candidate: &Candidate, video_id: &str) -> Job {
        let Given { settings, footage, knowledge, is_forced, .. } = self.given;
        let footage = footage(&candidate.path);
        let fingerprint = PoseSettings { footage, ..*settings }.fingerprint(video_id);
        // A run with missing parts continues under its id.
        let known = knowledge.runs.get(&fingerprint).filter(|_| !is_forced);
        let free = || free_run_id(&fingerprint, &knowledge.run_ids, is_forced);
        let run_id = known.map_or_else(free, |run| run.run_id.clone());
        let Candidate { number, path, name, stamp, .. } = candidate.clone();
        let label = RunLabel { video_id: video_id.to_owned(), run_id, fingerprint };
        Job { number, path, name, stamp, label, footage }
    }
}

/// Returns the run of a video with the settings, or with equivalent ones, if all its parts are there.
fn known_run<'a>(given: Given<'a>, path: &Path, video_id: &str) -> Option<&'a KnownRun> {
    let Given { settings, footage, equivalent, knowledge, is_whole, is_forced } = given;
    let footage = footage(path);
    let mut all = std::iter::once(settings).chain(equivalent).filter(|_| !is_forced);
    all.find_map(|settings| {
        let fingerprint = PoseSettings { footage, ..*settings }.fingerprint(video_id);
        knowledge.runs.get(&fingerprint).filter(|run| is_whole(video_id, run))
    })
}

impl State {
    fn plan(&mut self, candidate: &Candidate, video_id: &str, is_known: bool) {
        self.planned.insert(video_id.to_owned(), is_known);
        self.videos.insert(candidate.place, video_id.to_owned());
    }
}

impl Candidate {
    fn seen(&self, video_id: &str) -> SeenFile {
        (self.path.display().to_string(), self.stamp, video_id.to_owned())
    }

    fn known(&self, video_id: &str, run: KnownRun) -> KnownVideo {
        KnownVideo { name: self.name.clone(), video_id: video_id.to_owned(), run, seen: None }
    }
}

/// A candidate that is not decided upon. Dropping it marks the candidate as decided.
struct Open<'a> {
    planner: &'a Planner<'a>,
    number: usize,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.planner.state().open.remove(&self.number);
        self.planner.has_decided.notify_all();
    }
}

fn look_at(path: &Path) -> Result<(PathBuf, FileStamp), VideoError> {
    let stamp = identity::stamp(path)?;
    let path = std::path::absolute(path).map_err(|source| VideoError::Io { path: path.to_path_buf(), source })?;
    Ok((path, stamp))
}

/// Returns the id of a run: the first half of its fingerprint. A forced repetition has a number added, so that the
/// older run stays.
fn free_run_id(fingerprint: &str, taken: &[String], is_forced: bool) -> String {
    let base = ids::run_id(&fingerprint[..16]);
    if !is_forced || !taken.contains(&base) {
        return base;
    }
    let numbered = (2_u32..).map(|number| format!("{base}-{number}"));
    numbered.into_iter().find(|run_id| !taken.contains(run_id)).unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;
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

    /// The results for all files: jobs, known videos, and new files of known videos.
    #[derive(Debug, Default)]
    struct Planned {
        jobs: Vec<Job>,
        known: Vec<KnownVideo>,
        seen: Vec<SeenFile>,
    }

    fn planned(files: &[PathBuf], given: Given) -> Planned {
        let (planner, look) = Planner::new(files, given);
        let mut planned = Planned { known: look.known, ..Planned::default() };
        // All candidates are decided at once, as workers do it.
        let decisions: Vec<Decision> = std::thread::scope(|scope| {
            let deciding = |candidate| {
                let planner = &planner;
                move || planner.decide(candidate, &|| true).unwrap().unwrap()
            };
            let threads: Vec<_> = look.candidates.iter().map(|candidate| scope.spawn(deciding(candidate))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for decision in decisions {
            match decision {
                Decision::Extract(job) => planned.jobs.push(job),
                Decision::Known(known) => planned.known.push(known),
                Decision::Copy(seen) => planned.seen.extend(seen),
            }
        }
        planned.seen.extend(planned.known.iter().filter_map(|known| known.seen.clone()));
        planned
    }

    fn given<'a>(settings: &'a PoseSettings, knowledge: &'a Knowledge) -> Given<'a> {
        Given {
            settings,
            footage: &|_| Footage::default(),
            equivalent: &[],
            knowledge,
            is_whole: &|_, _| true,
            is_forced: false,
        }
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
        let nothing = Knowledge::default();
        for _ in 0..20 {
            let first = planned(&files, given(&settings, &nothing));
            assert_eq!(first.jobs.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["a.mp4", "c.mp4"]);
        }
        let knowledge = knowing(&planned(&files, given(&settings, &nothing)).jobs[0]);
        let second = planned(&files[..2], given(&settings, &knowledge));
        assert!(second.jobs.is_empty());
        assert_eq!((second.known.len(), second.known[0].run.n_frames), (1, 7));
        assert_eq!(second.seen.len(), 1, "the new name is remembered");
        let third = planned(&files[1..2], given(&settings, &knowledge));
        assert_eq!((third.jobs.len(), third.known.len(), third.seen.len()), (0, 1, 1));
    }

    #[test]
    fn other_settings_or_force_make_a_new_run() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, given(&settings, &Knowledge::default()));
        let knowledge = knowing(&first.jobs[0]);
        let forced = planned(&files, Given { is_forced: true, ..given(&settings, &knowledge) });
        assert_eq!(forced.jobs[0].label.run_id, format!("{}-2", first.jobs[0].label.run_id));
        let mut heavy = settings;
        heavy.network = crate::inference::networks::LandmarkNetwork::Heavy;
        let other = planned(&files, given(&heavy, &knowledge));
        assert_ne!(other.jobs[0].label.run_id, first.jobs[0].label.run_id);
    }

    #[test]
    fn a_known_run_that_lacks_parts_goes_on() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, given(&settings, &Knowledge::default()));
        let knowledge = knowing(&first.jobs[0]);
        let again = planned(&files, Given { is_whole: &|_, _| false, ..given(&settings, &knowledge) });
        assert!(again.known.is_empty() && again.jobs[0].label == first.jobs[0].label);
    }

    #[test]
    fn a_changed_file_is_another_video() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, given(&settings, &Knowledge::default()));
        std::fs::write(&files[0], "one more").unwrap();
        let changed = planned(&files, given(&settings, &knowing(&first.jobs[0])));
        assert_ne!(changed.jobs[0].label.video_id, first.jobs[0].label.video_id);
    }

    #[test]
    fn what_is_not_wanted_any_more_and_what_cannot_be_read_hold_up_nobody() {
        let (_folder, files) = folder_with(&[("a.mp4", "one"), ("b.mp4", "two"), ("c.mp4", "one")]);
        let (settings, nothing) = (PoseSettings::default(), Knowledge::default());
        let (planner, look) = Planner::new(&files, given(&settings, &nothing));
        assert_eq!(planner.decide(&look.candidates[0], &|| false).unwrap(), None);
        std::fs::remove_file(&files[1]).unwrap();
        assert!(planner.decide(&look.candidates[1], &|| true).is_err());
        let last = planner.decide(&look.candidates[2], &|| true).unwrap();
        assert!(matches!(last, Some(Decision::Extract(_))), "{last:?}");
        assert_eq!(planner.videos().len(), 1);
    }

    #[test]
    fn a_run_that_is_asked_for_again_becomes_current() {
        let (_folder, files) = folder_with(&[("a.mp4", "one")]);
        let settings = PoseSettings::default();
        let first = planned(&files, given(&settings, &Knowledge::default()));
        let mut knowledge = knowing(&first.jobs[0]);
        for run in knowledge.runs.values_mut() {
            run.is_current = false;
        }
        let again = planned(&files, given(&settings, &knowledge));
        assert_eq!(again.known[0].run.run_id, first.jobs[0].label.run_id);
        assert!(!again.known[0].run.is_current);
    }
}
