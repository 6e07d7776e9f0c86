//! The end of a run: identity, smoothing, and the record that makes its tables complete.

use super::job::{JobError, JobOutcome};
use super::spec::{CompletionSpec, Failure, VideoFacts};
use super::witness::Witness;
use crate::artifacts::files::remove_folder;
use crate::machine;
use crate::store::change::Change;
use crate::store::edits::read_edits;
use crate::store::part::write_part;
use crate::store::read::FrameCounts;
use crate::store::records::{RunRecord, RunStatus, VideoRecord};
use crate::store::schema::run_columns;
use crate::store::segments::{self, Progress};
use crate::store::segments::{RunLabel, SealedSegment};
use crate::store::{Layout, StoreError, Table};
use crate::tracks::identity::identify_run;
use crate::tracks::smoothing::smooth_run;
use crate::video::VideoError;

/// A run is degraded if more than this share of its frames failed or is missing.
const DEGRADED_SHARE: f64 = 0.05;

impl From<&VideoError> for Failure {
    fn from(error: &VideoError) -> Self {
        let is_stalled = matches!(error, VideoError::Stalled { .. });
        Self { reason: error.to_string(), hint: error.hint().map(str::to_owned), is_stalled }
    }
}

/// Completes the runs of a dataset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Completion<'a> {
    /// The run to be completed.
    pub(crate) spec: &'a CompletionSpec,
    /// The dataset.
    pub(crate) layout: &'a Layout,
    /// The smallest budget of memory for frames, bytes.
    pub(crate) lowest_budget_bytes: u64,
}

impl Completion<'_> {
    /// Completes the run. `witness` was made before the file was read.
    ///
    /// # Errors
    /// Rows cannot be read or written.
    pub(crate) fn run(&self, witness: &Witness) -> Result<JobOutcome, JobError> {
        let CompletionSpec { job, failure, .. } = self.spec;
        if let Some(stalled) = failure.as_ref().filter(|failure| failure.is_stalled) {
            return Ok(self.failed(stalled));
        }
        if !witness.finds_it_unchanged() {
            // The rows belong to other bytes than those that were identified.
            self.discard_parts()?;
            return Ok(self.failed(&Failure::from(&VideoError::Changed { path: job.path.clone() })));
        }
        if let Some(failure) = failure {
            return Ok(self.failed(failure));
        }
        let sealed = segments::find(self.layout, &job.label)?;
        if sealed.counts.n_frames == 0 {
            return Ok(self.failed(&Failure::from(&self.nothing_there())));
        }
        self.complete(&sealed)
    }

    fn complete(&self, sealed: &Progress) -> Result<JobOutcome, JobError> {
        let label = &self.spec.job.label;
        // The current run of a video may have lost segments to damage. Readers see the earlier tracks until all
        // segments are there.
        let change = Change::begin(self.layout, &format!("tracks-{}", label.run_id))?;
        let (people, edits) = (self.spec.pose.max_people(), read_edits(self.layout, &label.video_id)?);
        let size_px = self.spec.facts.as_ref().map(|facts| [facts.info.width, facts.info.height]);
        for warning in identify_run(self.layout, change.staged(), label, &sealed.segments, people, size_px, &edits)? {
            tracing::warn!("{}: {warning}", self.spec.job.name);
        }
        smooth_run(self.layout, change.staged(), label, &sealed.segments)?;
        change.commit()?;
        let outcome = self.succeeded(sealed);
        self.seal_record(&outcome)?;
        Ok(outcome)
    }

    /// Returns the reason why there are no frames.
    fn nothing_there(&self) -> VideoError {
        let CompletionSpec { job, pose, record, facts, .. } = self.spec;
        let path = job.path.clone();
        let is_outside = !pose.range.is_everything() && record.has_frames;
        let duration_s = facts.as_ref().map_or(0.0, |facts| facts.info.media_duration_s());
        if is_outside { VideoError::OutsideRange { path, duration_s } } else { VideoError::NoFrames { path } }
    }

    /// Removes all sealed parts of the run.
    fn discard_parts(&self) -> Result<(), StoreError> {
        let RunLabel { video_id, run_id, .. } = &self.spec.job.label;
        Table::ALL.into_iter().try_for_each(|table| Ok(remove_folder(&self.layout.run(table, video_id, run_id))?))
    }

    /// Seals the run's record. From then on its tables are complete, even if the catalog does not know the run yet.
    fn seal_record(&self, outcome: &JobOutcome) -> Result<(), StoreError> {
        let label = &self.spec.job.label;
        let columns = run_columns(&outcome.video, &outcome.run);
        let columns = columns.map_err(|source| StoreError::Columns { table: Table::Runs.name(), source })?;
        let path = self.layout.part(Table::Runs, &label.video_id, &label.run_id, 0);
        let last_frame_idx = u32::try_from(outcome.run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
        write_part(&path, Table::Runs, &label.part(0, [0, last_frame_idx]), &columns)
    }

    fn succeeded(&self, sealed: &Progress) -> JobOutcome {
        let Progress { segments, counts, .. } = sealed;
        let n_decoded = self.n_decoded(segments);
        let n_missing = n_decoded.map_or(0, |n_decoded| self.missing_frames(n_decoded, sealed.is_sequential));
        let lost = counts.n_failed + n_missing;
        let share = lost as f64 / (counts.n_frames + n_missing).max(1) as f64;
        let reason = (share > DEGRADED_SHARE).then(|| {
            format!("{} of {} frames failed, {n_missing} are missing from the file", counts.n_failed, counts.n_frames)
        });
        let status = if reason.is_some() { RunStatus::Degraded } else { RunStatus::Ok };
        let run = RunRecord { n_missing, ..self.run_record(status, reason, *counts) };
        let video = VideoRecord { n_decoded, ..self.video_record() };
        JobOutcome { number: self.spec.job.number, video, run, hint: None }
    }

    /// Returns the number of frames of the whole video, or `None` if only a part of it was requested.
    fn n_decoded(&self, segments: &[SealedSegment]) -> Option<u64> {
        let is_whole = self.spec.pose.range.is_everything();
        // Frames are numbered from 0 without gaps, so the last number gives their count.
        segments.last().filter(|_| is_whole).map(|(_, [_, last])| u64::from(*last) + 1)
    }

    /// Returns the number of missing frames: those cut off with the file's end, and those in packets that did not
    /// decode. Packets without a picture of their own are normal in some codecs. There, they count only if decoding
    /// reported damage.
    fn missing_frames(&self, n_decoded: u64, is_sequential: bool) -> u64 {
        let Some(VideoFacts { info, is_indexed, has_a_picture_per_packet }) = &self.spec.facts else { return 0 };
        // A progressive frame among interlaced ones gives one frame where two were expected.
        let is_irregular = is_sequential && *is_indexed && !info.is_by_field();
        let is_a_loss = *has_a_picture_per_packet || is_irregular || self.spec.record.n_damaged > 0;
        info.n_lost_frames() + if is_a_loss { info.n_expected_frames().saturating_sub(n_decoded) } else { 0 }
    }

    fn failed(&self, failure: &Failure) -> JobOutcome {
        JobOutcome {
            number: self.spec.job.number,
            video: self.video_record(),
            run: self.run_record(RunStatus::Failed, Some(failure.reason.clone()), FrameCounts::default()),
            hint: failure.hint.clone(),
        }
    }

    fn video_record(&self) -> VideoRecord {
        let CompletionSpec { job, facts, .. } = self.spec;
        VideoRecord {
            video_id: job.label.video_id.clone(),
            path: job.path.display().to_string(),
            name: job.name.clone(),
            stamp: job.stamp,
            info: facts.as_ref().map(|facts| facts.info.clone()),
            n_decoded: None,
        }
    }

    fn run_record(&self, status: RunStatus, reason: Option<String>, counts: FrameCounts) -> RunRecord {
        let CompletionSpec { job, pose, started_at_s, .. } = self.spec;
        let RunLabel { video_id, run_id, fingerprint } = job.label.clone();
        RunRecord {
            run_id,
            video_id,
            fingerprint,
            network: pose.network.to_string(),
            network_sha256: pose.network.sha256(),
            settings: pose.to_json(),
            status,
            reason,
            started_at_s: *started_at_s,
            finished_at_s: machine::now_s(),
            n_frames: counts.n_frames,
            n_found: counts.n_found,
            n_failed: counts.n_failed,
            n_missing: 0,
            peak_rss_bytes: machine::peak_resident_bytes(),
            lowest_budget_bytes: self.lowest_budget_bytes,
        }
    }
}
