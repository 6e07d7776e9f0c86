//! The analysis of one run: executes the steps that are due, in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use serde::{Deserialize, Serialize};

use super::clean::clean_run;
use super::detect::{events, repetitions};
use super::error::AnalyzeError;
use super::key::{Key, Reason};
use super::one_by_one::{Selection, stream_file};
use super::plan::{Plan, SqlFile, Step, Work};
use super::settings::AnalysisSettings;
use super::stability;
use crate::interrupt::Interrupt;
use crate::sports::SportPack;
use crate::store::change::Change;
use crate::store::part::order_by;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::{ResultOwner, ResultWriter, damaged_results, input_key, result_key};
use crate::store::workspace::{EngineLimits, Overlay, Workspace};
use crate::store::{Layout, Table};

/// The context of an analysis.
pub(crate) struct Analysis<'a> {
    /// The dataset.
    pub(crate) layout: &'a Layout,
    /// The steps.
    pub(crate) plan: &'a Plan,
    /// The settings.
    pub(crate) settings: &'a AnalysisSettings,
    /// The sport pack.
    pub(crate) pack: &'a SportPack,
    /// The limits for DuckDB for one run.
    pub(crate) limits: EngineLimits,
    /// Whether all results are made again.
    pub(crate) is_forced: bool,
    /// The interrupt flag: once set, no further step is started.
    pub(crate) interrupt: &'a Interrupt,
}

/// A result that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The name of the table, or of the file for metrics and checks.
    pub(crate) what: String,
    /// The reason why it was made.
    pub(crate) reason: Reason,
    /// The number of rows of the whole table.
    pub(crate) n_rows: u64,
    /// The time it took, seconds.
    pub(crate) seconds: f64,
}

/// The outcome of the analysis of a run.
#[derive(Debug, Default)]
pub(crate) struct Analyzed {
    /// The results that were made, in order.
    pub(crate) made: Vec<Made>,
    /// The number of results that were up to date.
    pub(crate) n_up_to_date: usize,
    /// Remarks for the user, for example why no gait was found.
    pub(crate) remarks: Vec<String>,
    /// The SQL files that failed; the results of the other files are stored.
    pub(crate) failed: Vec<AnalyzeError>,
}

/// The state of a run during its analysis.
struct Course<'a> {
    change: Change,
    owner: ResultOwner,
    video: &'a VideoRecord,
    run: &'a RunRecord,
    /// The stored results that cannot be read.
    damaged: Vec<Table>,
    /// The workspace; the first step that needs it opens it.
    workspace: Option<Workspace>,
}

impl Analysis<'_> {
    /// Analyzes a run. All new results are put in place together at the end. Until then readers see the last complete
    /// analysis.
    ///
    /// # Errors
    /// If a part cannot be read or written, or SQL fails. The earlier results stay.
    pub(crate) fn run(&self, video: &VideoRecord, run: &RunRecord) -> Result<Analyzed, AnalyzeError> {
        let owner = owner(video, run);
        let input = input_key(self.layout, &owner.video_id, &owner.run_id)?;
        let keys = self.plan.keys(&input);
        let mut analyzed = Analyzed { n_up_to_date: self.plan.steps.len(), ..Analyzed::default() };
        if !self.is_any_due(&owner, &input, &keys) {
            return Ok(analyzed);
        }
        // All inputs are first read to the last byte: otherwise damage would spread to every result that is made of
        // them.
        let damaged = damaged_results(self.layout, &owner);
        let change = Change::begin(self.layout, &format!("analysis-{}", owner.run_id))?;
        let mut course = Course { change, owner, video, run, damaged, workspace: None };
        analyzed.n_up_to_date = 0;
        for step in &self.plan.steps {
            if self.interrupt.is_requested() {
                return Ok(Analyzed::default());
            }
            let n_before = analyzed.made.len();
            if self.is_due(step, &course.owner, &input, &keys, &course.damaged) {
                self.step(step, &input, &keys, &mut course, &mut analyzed)?;
            }
            analyzed.n_up_to_date += usize::from(analyzed.made.len() == n_before);
        }
        self.remove_outdated_stability(&input, &course, &mut analyzed)?;
        course.change.commit()?;
        Ok(analyzed)
    }

    /// Returns whether no result of a run has to be made. Nothing is written.
    ///
    /// # Errors
    /// If the record of the run cannot be read.
    pub(crate) fn is_up_to_date(&self, video: &VideoRecord, run: &RunRecord) -> Result<bool, AnalyzeError> {
        let owner = owner(video, run);
        let input = input_key(self.layout, &owner.video_id, &owner.run_id)?;
        Ok(!self.is_any_due(&owner, &input, &self.plan.keys(&input)))
    }

    fn is_any_due(&self, owner: &ResultOwner, input: &str, keys: &Keys) -> bool {
        self.plan.steps.iter().any(|step| self.is_due(step, owner, input, keys, &[]))
    }

    /// Returns whether any part of a step has to be made.
    fn is_due(&self, step: &Step, owner: &ResultOwner, input: &str, keys: &Keys, damaged: &[Table]) -> bool {
        let Some(key) = keys.get(step.table.name()) else { return false };
        let found = self.found(step.table, owner, damaged);
        match &step.work {
            Work::OneByOne(files) => !self.selection(files, input, keys, found.as_deref()).is_up_to_date(),
            _ => self.reason(key, found.as_deref(), step.table, owner, damaged).is_some(),
        }
    }

    /// Returns the key of a result that is stored and intact.
    fn found(&self, table: Table, owner: &ResultOwner, damaged: &[Table]) -> Option<String> {
        if damaged.contains(&table) { None } else { result_key(self.layout, table, owner) }
    }

    fn selection<'f>(&self, files: &'f [SqlFile], input: &str, keys: &Keys, found: Option<&str>) -> Selection<'f> {
        Selection::new(files, |file| self.plan.key_of_file(file, input, keys), found, self.is_forced)
    }

    /// Returns why a result has to be made; `None` if it is up to date.
    fn reason(
        &self,
        key: &Key,
        found: Option<&str>,
        table: Table,
        owner: &ResultOwner,
        damaged: &[Table],
    ) -> Option<Reason> {
        if self.is_forced {
            return Some(Reason::Forced);
        }
        // The tables that are written with the clean landmarks must exist too.
        let companions: &[Table] =
            if table == Table::CleanLandmarks { &[Table::LandmarkNoise, Table::Facings] } else { &[] };
        let is_whole =
            companions.iter().all(|companion| self.found(*companion, owner, damaged).as_deref() == Some(&key.text()));
        key.reason(found.filter(|_| is_whole))
    }

    /// Lets an empty result take the place of a stability that is not that of the metrics as they are now.
    fn remove_outdated_stability(
        &self,
        input: &str,
        course: &Course,
        analyzed: &mut Analyzed,
    ) -> Result<(), AnalyzeError> {
        let Course { change, owner, damaged, .. } = course;
        let Some(found) = result_key(self.layout, Table::Stability, owner) else { return Ok(()) };
        let staged = result_key(change.staged(), Table::Metrics, owner);
        let metrics = staged.or_else(|| self.found(Table::Metrics, owner, damaged)).unwrap_or_default();
        if stability::is_outdated(&found, input, &metrics) || damaged.contains(&Table::Stability) {
            ResultWriter::new(change.staged(), owner, Table::Stability).finish("")?;
            let remark = "the stability of earlier metrics was removed: `--stability N` measures it again";
            analyzed.remarks.push(remark.to_owned());
        }
        Ok(())
    }

    /// Makes the parts of a step that are due.
    fn step(
        &self,
        step: &Step,
        input: &str,
        keys: &Keys,
        course: &mut Course,
        analyzed: &mut Analyzed,
    ) -> Result<(), AnalyzeError> {
        let Some(key) = keys.get(step.table.name()) else { return Ok(()) };
        let started = Instant::now();
        let found = self.found(step.table, &course.owner, &course.damaged);
        self.open_workspace(course)?;
        let Some(workspace) = &mut course.workspace else { return Ok(()) };
        let run_step = RunStep { analysis: self, owner: &course.owner, into: course.change.staged(), step, key };
        if let Work::OneByOne(files) = &step.work {
            let selection = self.selection(files, input, keys, found.as_deref());
            analyzed.made.extend(run_step.make_selected(&selection, workspace, &mut analyzed.failed)?);
        } else {
            let reason = self.reason(key, found.as_deref(), step.table, &course.owner, &course.damaged);
            let n_rows = run_step.make(workspace, &mut analyzed.remarks)?;
            let (what, seconds) = (step.table.name().to_owned(), started.elapsed().as_secs_f64());
            analyzed.made.push(Made { what, reason: reason.unwrap_or(Reason::New), n_rows, seconds });
        }
        Ok(workspace.refresh()?)
    }

    fn open_workspace(&self, course: &mut Course) -> Result<(), AnalyzeError> {
        if course.workspace.is_none() {
            let overlay = Overlay { staged: course.change.staged().clone(), hidden: course.damaged.clone() };
            let opened = Workspace::open_over(self.layout, overlay, course.video, course.run, self.limits)?;
            course.workspace = Some(opened);
        }
        Ok(())
    }
}

/// Returns the run that results belong to.
pub(crate) fn owner(video: &VideoRecord, run: &RunRecord) -> ResultOwner {
    let last = u32::try_from(run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
    ResultOwner { video_id: video.video_id.clone(), run_id: run.run_id.clone(), frames: [0, last] }
}

/// The keys of results, by table.
type Keys = BTreeMap<&'static str, Key>;

/// A step of a run that is due.
struct RunStep<'a> {
    analysis: &'a Analysis<'a>,
    owner: &'a ResultOwner,
    /// The folder in which results are made.
    into: &'a Layout,
    step: &'a Step,
    key: &'a Key,
}

impl RunStep<'_> {
    /// Makes the result and returns how many rows it has.
    fn make(&self, workspace: &Workspace, remarks: &mut Vec<String>) -> Result<u64, AnalyzeError> {
        let Analysis { layout, settings, pack, .. } = *self.analysis;
        let key = self.key.text();
        if self.step.work == Work::Clean {
            return clean_run(layout, self.into, self.owner, settings, &key);
        }
        let mut writer = ResultWriter::new(self.into, self.owner, self.step.table);
        match &self.step.work {
            Work::Settings => writer.push(&self.settings_row()?)?,
            Work::Sql(file) => {
                let order = order_by(self.step.table);
                let sql = format!("SELECT * FROM (\n{}\n) AS rows ORDER BY {order}", file.text);
                stream_file(workspace, file, &sql, &mut writer)?;
            }
            Work::Events(files) => {
                remarks.extend(events(workspace, pack, &mut writer)?);
                files.iter().try_for_each(|file| stream_file(workspace, file, &file.text, &mut writer))?;
            }
            Work::Repetitions => repetitions(workspace, pack, settings.min_depth_deg, &mut writer)?,
            Work::Union(files) => {
                files.iter().try_for_each(|file| stream_file(workspace, file, &file.text, &mut writer))?;
            }
            Work::Clean | Work::OneByOne(_) => {}
        }
        Ok(writer.finish(&key)?)
    }

    fn make_selected(
        &self,
        selection: &Selection,
        workspace: &Workspace,
        failures: &mut Vec<AnalyzeError>,
    ) -> Result<Vec<Made>, AnalyzeError> {
        let started = Instant::now();
        let mut writer = ResultWriter::new(self.into, self.owner, self.step.table);
        let failed = selection.make(workspace, self.step.table, &mut writer)?;
        let failed_paths: Vec<&str> = failed.iter().map(|(path, _)| *path).collect();
        let n_rows = writer.finish(&selection.key(&failed_paths))?;
        let seconds = started.elapsed().as_secs_f64() / selection.due.len().max(1) as f64;
        let made = selection.due.iter().filter(|(file, _)| !failed_paths.contains(&file.path.as_str()));
        let made =
            made.map(|(file, reason)| Made { what: file.path.clone(), reason: *reason, n_rows, seconds }).collect();
        failures.extend(failed.into_iter().map(|(_, error)| error));
        Ok(made)
    }

    fn settings_row(&self) -> Result<RecordBatch, AnalyzeError> {
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        let columns = [
            ("sport", text(&self.analysis.pack.name)),
            ("settings", text(self.analysis.plan.settings_json())),
            ("posekit_version", text(env!("CARGO_PKG_VERSION"))),
        ];
        RecordBatch::try_from_iter(columns)
            .map_err(|error| AnalyzeError::Frames { what: "the settings", problem: error.to_string() })
    }
}
