//! `posekit analyze --stability N`: extracts each video N times with altered pictures, analyzes these variants, and
//! writes the spread of each metric. The variants are datasets in a folder of their own, which is removed at the end. If
//! the command is stopped, the next one continues with them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::analyze::{AnalyzeSettings, Group, current_groups, share_memory, tracks_bytes};
use super::extract::{self, ExtractSettings};
use super::footage::FootageRules;
use super::videos::stored_runs;
use super::{Outcome, Step};
use crate::analyze::AnalyzeError;
use crate::analyze::all::{StoredVideo, analyze_all};
use crate::analyze::key::Key;
use crate::analyze::plan::Plan;
use crate::analyze::run::{Analysis, Analyzed, owner};
use crate::analyze::stability::{
    self, Measurement, MetricSpread, Name, Tables, as_original, same_people, settings_of_variant, spreads,
};
use crate::artifacts::files::remove_folder;
use crate::error::Error;
use crate::extract::perturbation::Perturbation;
use crate::extract::settings::PoseSettings;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::output::printer::Printer;
use crate::output::units;
use crate::sql::library::Library;
use crate::store::lock::DatasetLock;
use crate::store::results::result_key;
use crate::store::workspace::EngineLimits;
use crate::store::{Access, Catalog, Layout, Table};
use crate::video::identity;

/// The settings of the measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StabilitySettings {
    /// The number of variants of each video.
    pub(crate) n_variants: usize,
    /// The folder that is searched first for networks.
    pub(crate) models: PathBuf,
}

/// The number of pictures decoded ahead per worker, as `extract` has it by default.
const BATCH_SIZE: usize = 5;
/// The name of the lock's holder.
const COMMAND: &str = "posekit analyze --stability";

/// Measures the stability of the chosen videos. Videos whose stability is up to date are skipped.
///
/// # Errors
/// See [`Error`]. A single video that fails is an outcome, not an error.
pub(super) fn measure(
    settings: &AnalyzeSettings,
    wanted: &StabilitySettings,
    step: &mut Step,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let started = Instant::now();
    let layout = Layout::new(&settings.dataset);
    let (library, groups) = current_groups(settings, &layout, printer)?;
    let measurement = Measure { settings, wanted, layout: &layout, library: &library, printer, interrupt };
    let (mut subjects, mut n_failed, n_known) = measurement.subjects(&groups)?;
    if n_known > 0 {
        step.summary.push(format!("stability of {} is up to date", units::counted(n_known, "video")));
    }
    if !subjects.is_empty() {
        let scratch = Layout::new(layout.of_stability());
        let lock = DatasetLock::acquire(&scratch, COMMAND)?;
        measurement.measure_variants(&scratch, &mut subjects)?;
        n_failed += subjects.iter().filter(|subject| subject.has_failed).count() as u64;
        subjects.retain(|subject| !subject.has_failed);
        let (rows, n_changed) = measurement.write(&subjects)?;
        n_failed += n_changed;
        drop(lock);
        remove_folder(scratch.root())?;
        if !rows.is_empty() {
            let n_videos = units::counted(subjects.len() as u64 - n_changed, "video");
            step.summary.push(summary(&rows, &n_videos, wanted.n_variants, started.elapsed().as_secs_f64()));
        }
    }
    if n_failed > 0 {
        step.summary.push(format!("stability of {} failed", units::counted(n_failed, "video")));
        step.outcome = Outcome::SomeFailed;
    }
    Ok(())
}

/// A video whose stability is measured.
struct Subject<'a> {
    stored: &'a StoredVideo,
    group: &'a Group,
    /// The file of the video.
    path: PathBuf,
    /// The settings of its extraction.
    pose: PoseSettings,
    /// The key of its stability.
    key: Key,
    /// The metrics of each variant, by the rows of the original.
    variants: Vec<BTreeMap<Name, Measurement>>,
    has_failed: bool,
}

/// What all variants of all videos have in common.
struct Measure<'a> {
    settings: &'a AnalyzeSettings,
    wanted: &'a StabilitySettings,
    layout: &'a Layout,
    library: &'a Library,
    printer: &'a Printer,
    interrupt: &'a Interrupt,
}

impl Measure<'_> {
    /// Returns the videos to measure, the number of videos that cannot be measured, and of those that are up to date.
    fn subjects<'g>(&self, groups: &'g [Group]) -> Result<(Vec<Subject<'g>>, u64, u64), Error> {
        let paths = Catalog::open(self.layout, Access::Read)?.video_paths()?;
        let (mut subjects, mut n_failed, mut n_known) = (Vec::new(), 0, 0);
        for (group, stored) in groups.iter().flat_map(|group| group.runs.iter().map(move |stored| (group, stored))) {
            let (video, run) = stored;
            let owner = owner(video, run);
            let Some(key) = stability::key(self.layout, &owner, self.wanted.n_variants)? else {
                self.complain(stored, "there are no metrics", "`posekit analyze` makes them");
                n_failed += 1;
                continue;
            };
            let found = result_key(self.layout, Table::Stability, &owner);
            if !self.settings.is_forced && found == Some(key.text()) {
                n_known += 1;
                continue;
            }
            let path = PathBuf::from(paths.get(&video.video_id).unwrap_or(&video.path));
            let Some(pose) = PoseSettings::of_record(&run.settings) else {
                let hint = "`posekit extract` on the video makes its tables again with this version";
                self.complain(stored, "another version of posekit has extracted it", hint);
                n_failed += 1;
                continue;
            };
            if identity::stamp(&path).is_err() {
                let problem = format!("the video is needed, but {} does not exist", path.display());
                self.complain(stored, &problem, "run `posekit extract` on the video at its current path");
                n_failed += 1;
                continue;
            }
            subjects.push(Subject { stored, group, path, pose, key, variants: Vec::new(), has_failed: false });
        }
        Ok((subjects, n_failed, n_known))
    }

    fn complain(&self, (video, _): &StoredVideo, problem: &str, hint: &str) {
        self.printer.complain(&format!("{}: its stability cannot be measured: {problem}", video.name), Some(hint));
    }

    /// Extracts and analyzes all variants.
    fn measure_variants(&self, scratch: &Layout, subjects: &mut [Subject<'_>]) -> Result<(), Error> {
        let n_variants = self.wanted.n_variants;
        for (number, perturbation) in (1..=n_variants).zip(Perturbation::all()) {
            let words = perturbation.words();
            self.printer.say(&format!("stability: variant {number} of {n_variants}: {words}"));
            let variant = Variant {
                measure: self,
                layout: Layout::new(scratch.root().join(format!("variant_{number:02}"))),
                perturbation,
            };
            variant.extract(subjects)?;
            let mut found = variant.analyze(subjects)?;
            for subject in subjects.iter_mut().filter(|subject| !subject.has_failed) {
                if let Some(metrics) = found.remove(&subject.stored.0.video_id) {
                    subject.variants.push(metrics);
                } else {
                    let hint = "the messages above say why; the other videos are not affected";
                    self.complain(subject.stored, &format!("variant {number} ({words}) failed"), hint);
                    subject.has_failed = true;
                }
            }
        }
        Ok(())
    }

    /// Writes the stability of videos whose variants are complete. Returns all rows, and the number of videos whose
    /// tables have changed since the beginning.
    fn write(&self, subjects: &[Subject<'_>]) -> Result<(Vec<MetricSpread>, u64), Error> {
        let _lock = DatasetLock::acquire(self.layout, COMMAND)?;
        let n_variants = self.wanted.n_variants;
        let (mut all, mut n_changed) = (Vec::new(), 0);
        for Subject { stored, key, variants, .. } in subjects {
            let owner = owner(&stored.0, &stored.1);
            if stability::key(self.layout, &owner, n_variants)?.as_ref() != Some(key) {
                let hint = "run the command again";
                self.complain(stored, "its tables were changed meanwhile", hint);
                n_changed += 1;
                continue;
            }
            let original = Tables::open(self.layout, stored, EngineLimits::USUAL)?.metrics()?;
            let rows = spreads(original, variants);
            stability::write(self.layout, &owner, &rows, n_variants, key)?;
            all.extend(rows);
        }
        Catalog::renew_views(self.layout)?;
        Ok((all, n_changed))
    }
}

/// A variant of all videos.
struct Variant<'a> {
    measure: &'a Measure<'a>,
    /// The dataset of the variant.
    layout: Layout,
    perturbation: Perturbation,
}

impl Variant<'_> {
    /// Extracts the videos, each with the settings of its original.
    fn extract(&self, subjects: &[Subject<'_>]) -> Result<(), Error> {
        let Measure { settings, wanted, printer, interrupt, .. } = self.measure;
        let mut poses: Vec<PoseSettings> = Vec::new();
        for subject in subjects.iter().filter(|subject| !subject.has_failed) {
            if !poses.contains(&subject.pose) {
                poses.push(subject.pose);
            }
        }
        for pose in poses {
            let with_pose = subjects.iter().filter(|subject| !subject.has_failed && subject.pose == pose);
            let extraction = ExtractSettings {
                input: None,
                videos: with_pose.map(|subject| subject.path.clone()).collect(),
                dataset: self.layout.root().to_path_buf(),
                models: wanted.models.clone(),
                results: Vec::new(),
                pose: PoseSettings { perturbation: Some(self.perturbation), ..pose },
                footage: FootageRules::same(pose.footage),
                is_any_engine: false,
                workers: settings.workers,
                batch_size: BATCH_SIZE,
                memory_limit: settings.memory_limit,
                cluster: None,
                is_forced: false,
                is_verbose: settings.is_verbose,
            };
            extract::perform(&extraction, printer, interrupt)?;
        }
        Ok(())
    }

    /// Analyzes the videos, each with the settings of its original. Returns their metrics by the rows of the original,
    /// by the id of the video.
    fn analyze(&self, subjects: &[Subject<'_>]) -> Result<HashMap<String, BTreeMap<Name, Measurement>>, Error> {
        let Measure { settings, printer, interrupt, .. } = *self.measure;
        if !self.layout.catalog().exists() {
            return Ok(HashMap::new());
        }
        let by_id: HashMap<&str, &Subject> = subjects
            .iter()
            .filter(|subject| !subject.has_failed)
            .map(|subject| (subject.stored.0.video_id.as_str(), subject))
            .collect();
        let mut runs = stored_runs(&self.layout, &[], printer)?.runs;
        runs.retain(|(video, _)| by_id.contains_key(video.video_id.as_str()));
        let machine = Machine::inspect();
        let needs = runs.iter().map(|(video, run)| tracks_bytes(&self.layout, &video.video_id, &run.run_id)).collect();
        let most = settings.workers.unwrap_or(machine.cores).clamp(1, runs.len().max(1));
        let (workers, memory_bytes) = share_memory(settings.memory_limit.bytes_on(&machine), needs, most);
        let found = Mutex::new(HashMap::new());
        let one = |stored: &StoredVideo| -> Result<Analyzed, AnalyzeError> {
            let Some(subject) = by_id.get(stored.0.video_id.as_str()) else { return Ok(Analyzed::default()) };
            let metrics = self.metrics(subject, stored, EngineLimits { memory_bytes })?;
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(stored.0.video_id.clone(), metrics);
            Ok(Analyzed::default())
        };
        let report = |(video, _): &StoredVideo, outcome: Result<Analyzed, AnalyzeError>| {
            if let Err(error) = outcome {
                printer.complain(&format!("{}: {error}", video.name), error.hint());
            }
        };
        let _listening = interrupt.listen();
        if analyze_all(&one, interrupt, &runs, workers, &report)? {
            return Err(Error::Interrupted);
        }
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Analyzes a video, and returns its metrics by the rows of the original.
    fn metrics(
        &self,
        subject: &Subject<'_>,
        stored: &StoredVideo,
        limits: EngineLimits,
    ) -> Result<BTreeMap<Name, Measurement>, AnalyzeError> {
        let Measure { layout: original, library, interrupt, .. } = *self.measure;
        let perturbation = self.perturbation;
        let size_px = stored.0.info.as_ref().map_or([0.0; 2], |info| [f64::from(info.width), f64::from(info.height)]);
        let places = Tables::open(original, subject.stored, limits)?.places(&|at_px| at_px, 1.0)?;
        let to_original = |at_px| perturbation.original_px(size_px, at_px);
        let moved = Tables::open(&self.layout, stored, limits)?.places(&to_original, perturbation.magnification)?;
        let people = same_people(&places, &moved);
        let settings = settings_of_variant(&subject.group.settings, &people);
        let pack = &subject.group.pack;
        let plan = Plan::new(library, pack, &settings)?;
        let (layout, settings) = (&self.layout, &settings);
        let analysis = Analysis { layout, plan: &plan, settings, pack, limits, is_forced: false, interrupt };
        // A file of SQL that fails here fails in the original, too, and is reported there.
        analysis.run(&stored.0, &stored.1)?;
        let metrics = Tables::open(&self.layout, stored, limits)?.metrics()?;
        Ok(as_original(&metrics, &people, perturbation.is_mirrored, &plan))
    }
}

/// Returns the result in words: how many values agree, and the median spread.
fn summary(rows: &[MetricSpread], videos: &str, n_variants: usize, seconds: f64) -> String {
    let compared = rows.iter().filter(|row| row.spread.n_agree.is_some());
    let n_found: u32 = compared.map(|row| row.spread.n_found).sum();
    let n_agree: u32 = rows.iter().filter_map(|row| row.spread.n_agree).sum();
    let mut relative: Vec<f64> = rows.iter().filter_map(MetricSpread::relative).collect();
    relative.sort_by(f64::total_cmp);
    let spread = relative.get(relative.len() / 2);
    let spread =
        spread.map_or_else(String::new, |share| format!("; median spread {:.1} % of the value", 100.0 * share));
    format!(
        "stability of {videos} in {}: {}, {} of {} values agree within both intervals ({:.0} %){spread}",
        units::duration(seconds),
        units::counted(n_variants as u64, "variant"),
        units::count(n_agree.into()),
        units::count(n_found.into()),
        100.0 * f64::from(n_agree) / f64::from(n_found.max(1)),
    )
}
