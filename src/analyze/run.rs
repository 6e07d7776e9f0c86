//! The analysis of one run: the steps that are due, in their order.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::clean::clean_run;
use super::detect::{events, repetitions};
use super::error::AnalyzeError;
use super::key::{Key, Reason};
use super::one_by_one::{Selection, stream_file};
use super::pack::SportPack;
use super::plan::{Plan, Step, Work};
use super::settings::AnalysisSettings;
use crate::interrupt::Interrupt;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::{ResultOwner, ResultWriter, input_key, remove_unreadable, result_key};
use crate::store::workspace::{EngineLimits, Workspace};
use crate::store::{Layout, Table};

/// What an analysis works with.
pub struct Analysis<'a> {
    /// The dataset.
    pub layout: &'a Layout,
    /// The steps.
    pub plan: &'a Plan,
    /// The settings.
    pub settings: &'a AnalysisSettings,
    /// The sport pack.
    pub pack: &'a SportPack,
    /// What DuckDB may use for one run.
    pub limits: EngineLimits,
    /// Whether everything is made anew.
    pub is_forced: bool,
    /// The user's wish to stop: no further step is begun.
    pub interrupt: &'a Interrupt,
}

/// A result that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The table, or for metrics and checks the file.
    pub what: String,
    /// Why.
    pub reason: Reason,
    /// Rows of the whole table.
    pub n_rows: u64,
    /// How long it took.
    pub seconds: f64,
}

/// How the analysis of a run ended.
#[derive(Debug, Default)]
pub struct Analyzed {
    /// What was made, in order.
    pub made: Vec<Made>,
    /// Results that were up to date.
    pub n_up_to_date: usize,
    /// Sentences that the user should read: why no gait was found.
    pub remarks: Vec<String>,
    /// SQL files that failed; the others' results are there.
    pub failed: Vec<AnalyzeError>,
}

impl Analysis<'_> {
    /// Analyzes a run.
    ///
    /// # Errors
    /// A part cannot be read or written, or SQL fails. What was made before stays.
    pub fn run(&self, video: &VideoRecord, run: &RunRecord) -> Result<Analyzed, AnalyzeError> {
        let last = u32::try_from(run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
        let owner = ResultOwner { video_id: video.video_id.clone(), run_id: run.run_id.clone(), frames: [0, last] };
        remove_unreadable(self.layout, &owner)?;
        let input = input_key(self.layout, &owner.video_id, &owner.run_id)?;
        let keys = self.plan.keys(&input);
        let mut analyzed = Analyzed::default();
        let mut workspace = None;
        for step in self.plan.steps.iter().take_while(|_| !self.interrupt.is_requested()) {
            let Some(key) = keys.get(step.table.name()) else { continue };
            let found = result_key(self.layout, step.table, &owner);
            let run_step = RunStep { analysis: self, owner: &owner, step, key };
            let started = Instant::now();
            let made = match &step.work {
                Work::OneByOne(files) => {
                    let key_of = |file: &_| self.plan.key_of_file(file, &input, &keys);
                    let selection = Selection::new(files, key_of, found.as_deref(), self.is_forced);
                    if selection.is_up_to_date() {
                        Vec::new()
                    } else {
                        run_step.make_selected(
                            &selection,
                            self.workspace(&mut workspace, video, run)?,
                            &mut analyzed.failed,
                        )?
                    }
                }
                _ => match self.reason(key, found.as_deref(), step.table, &owner) {
                    None => Vec::new(),
                    Some(reason) => {
                        let workspace = self.workspace(&mut workspace, video, run)?;
                        let n_rows = run_step.make(workspace, &mut analyzed.remarks)?;
                        let what = step.table.name().to_owned();
                        vec![Made { what, reason, n_rows, seconds: started.elapsed().as_secs_f64() }]
                    }
                },
            };
            match &workspace {
                Some(workspace) if !made.is_empty() => workspace.refresh()?,
                _ => {}
            }
            analyzed.n_up_to_date += usize::from(made.is_empty());
            analyzed.made.extend(made);
        }
        Ok(analyzed)
    }

    /// Why a result has to be made; `None` where it need not.
    fn reason(&self, key: &Key, found: Option<&str>, table: Table, owner: &ResultOwner) -> Option<Reason> {
        if self.is_forced {
            return Some(Reason::Forced);
        }
        // What comes with the clean landmarks must be there too.
        let companions: &[Table] =
            if table == Table::CleanLandmarks { &[Table::LandmarkNoise, Table::Facings] } else { &[] };
        let is_whole = companions
            .iter()
            .all(|companion| result_key(self.layout, *companion, owner).as_deref() == Some(&key.text()));
        key.reason(found.filter(|_| is_whole))
    }

    /// The run's database; opened by the first step that needs it.
    fn workspace<'w>(
        &self,
        workspace: &'w mut Option<Workspace>,
        video: &VideoRecord,
        run: &RunRecord,
    ) -> Result<&'w Workspace, AnalyzeError> {
        match workspace {
            Some(workspace) => Ok(workspace),
            None => Ok(workspace.insert(Workspace::open(self.layout, video, run, self.limits)?)),
        }
    }
}

/// A step of a run that is due.
struct RunStep<'a> {
    analysis: &'a Analysis<'a>,
    owner: &'a ResultOwner,
    step: &'a Step,
    key: &'a Key,
}

impl RunStep<'_> {
    /// Makes the result and returns how many rows it has.
    fn make(&self, workspace: &Workspace, remarks: &mut Vec<String>) -> Result<u64, AnalyzeError> {
        let Analysis { layout, settings, pack, .. } = *self.analysis;
        let key = self.key.text();
        if self.step.work == Work::Clean {
            return clean_run(layout, self.owner, settings, &key);
        }
        let mut writer = ResultWriter::new(layout, self.owner, self.step.table)?;
        match &self.step.work {
            Work::Settings => writer.push(&self.settings_row()?)?,
            Work::Sql(file) => stream_file(workspace, file, &file.text, &mut writer)?,
            Work::Events(files) => {
                remarks.extend(events(workspace, pack, &mut writer)?);
                files.iter().try_for_each(|file| stream_file(workspace, file, &file.text, &mut writer))?;
            }
            Work::Repetitions => repetitions(workspace, pack, &mut writer)?,
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
        let Analysis { layout, .. } = *self.analysis;
        let mut writer = ResultWriter::new(layout, self.owner, self.step.table)?;
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
