//! A video while it is worked on: what is found out before its segments are, and what is made of them when all are sealed.

use std::time::{SystemTime, UNIX_EPOCH};

use super::decoding::need_of;
use super::identity::identify_run;
use super::job::{Job, JobError, JobOptions, JobOutcome};
use super::resume::{self, Progress};
use super::segment::{RunLabel, SealedSegment};
use super::smoothing::smooth_run;
use super::unit::{UnitRecord, WorkUnit};
use super::witness::Witness;
use crate::machine;
use crate::store::change::Change;
use crate::store::edits::read_edits;
use crate::store::files::remove_folder;
use crate::store::part::write_part;
use crate::store::read::FrameCounts;
use crate::store::records::{RunRecord, RunStatus, VideoRecord};
use crate::store::schema::run_columns;
use crate::store::{Layout, StoreError, Table};
use crate::video::index::SegmentIndex;
use crate::video::probe::{Probe, UnprobedVideo};
use crate::video::{VideoError, VideoInfo};

/// A run is degraded where more than this share of its frames failed or is missing.
const DEGRADED_SHARE: f64 = 0.05;

/// A video in work.
pub struct VideoWork<'a> {
    job: &'a Job,
    options: &'a JobOptions,
    layout: &'a Layout,
    witness: Witness<'a>,
    started_at_s: f64,
    probe: Option<Probe>,
    sealed: Progress,
    /// What the units that have ended came to.
    record: UnitRecord,
    failure: Option<VideoError>,
}

/// What preparing a video came to.
pub enum Prepared<'a> {
    /// There is nothing to do but to record the run.
    Complete(Box<JobOutcome>),
    /// These ranges of segments are to be worked on.
    Open(Box<VideoWork<'a>>, Vec<(u32, Option<u32>)>),
    /// The video cannot be worked on.
    Failed(Box<JobOutcome>),
}

impl<'a> VideoWork<'a> {
    /// Probes a video and looks for what is sealed of its run.
    ///
    /// # Errors
    /// The dataset cannot be read.
    pub fn prepare(job: &'a Job, options: &'a JobOptions, layout: &'a Layout) -> Result<Prepared<'a>, JobError> {
        if let Some((video, run)) = resume::complete_run(layout, &job.label) {
            // Only the catalog's transaction was missing.
            let video =
                VideoRecord { path: job.path.display().to_string(), name: job.name.clone(), stamp: job.stamp, ..video };
            return Ok(Prepared::Complete(Box::new(JobOutcome { number: job.number, video, run, hint: None })));
        }
        let mut work = Self {
            job,
            options,
            layout,
            witness: Witness::of(job),
            started_at_s: now_s(),
            probe: None,
            sealed: Progress::default(),
            record: UnitRecord::default(),
            failure: None,
        };
        match work.probe() {
            Ok(probe) => work.probe = Some(probe),
            Err(error) => {
                work.failure = Some(error);
                return Ok(Prepared::Failed(Box::new(work.finish()?)));
            }
        }
        work.sealed = resume::find(layout, &job.label)?;
        let ranges = match work.wanted_segments() {
            Some(wanted) => work.sealed.missing(wanted),
            // One after the other, to the end of the video, wherever that is.
            None => vec![(work.sealed.segments.last().map_or(0, |(segment, _)| segment + 1), None)],
        };
        Ok(Prepared::Open(Box::new(work), ranges))
    }

    fn probe(&self) -> Result<Probe, VideoError> {
        let video = UnprobedVideo::open(&self.job.path)?;
        let need_bytes = need_of(video.decoder_shape(self.options.ahead.threads)).least_bytes();
        if need_bytes > self.options.ahead.budget.full_bytes() {
            return Err(VideoError::TooLarge { path: self.job.path.clone(), need_bytes });
        }
        let _lease = self.options.ahead.budget.acquire(need_bytes);
        let probe = video.probe(self.options.pose.segment_frames)?;
        let VideoInfo { codec, stored_width, stored_height, width, height, fps, n_packets, time_source, .. } =
            &probe.info;
        tracing::debug!(
            "{}: {codec} {stored_width}x{stored_height} as {width}x{height}, {fps:?} frames/s, {n_packets} packets, times from the {}, {}",
            self.job.name,
            time_source.name(),
            match (&probe.index, &probe.direct) {
                (None, _) => "decoded from the start only",
                (Some(_), None) => "segments can be entered",
                (Some(_), Some(_)) => "segments can be entered, packets are read from the file itself",
            },
        );
        Ok(probe)
    }

    /// The index, where segments may be worked on apart.
    fn index(&self) -> Option<&SegmentIndex> {
        self.probe.as_ref().and_then(|probe| probe.index.as_ref()).filter(|_| !self.sealed.is_sequential)
    }

    /// The segments that the settings' range of time touches: the first, and the one after the last; `None` where decoding must
    /// tell.
    fn wanted_segments(&self) -> Option<(u32, u32)> {
        let (index, probe) = (self.index()?, self.probe.as_ref()?);
        let n_segments = u32::try_from(index.n_segments()).unwrap_or(u32::MAX);
        let starts_at_s = |segment: u32| {
            let entry = index.entry(segment as usize);
            entry.map_or(f64::INFINITY, |entry| (entry.ticks - entry.first_frame.ticks) as f64 * probe.seconds_per_tick)
        };
        let range = self.options.pose.range;
        // The last segment that begins before the range does.
        let start_s = range.start_s.unwrap_or_default();
        let first = (0..n_segments).rev().find(|&segment| starts_at_s(segment) <= start_s);
        let end = (0..n_segments).find(|&segment| range.is_after(starts_at_s(segment)));
        Some((first.unwrap_or(0), end.unwrap_or(n_segments)))
    }

    /// The job that is done.
    #[must_use]
    pub fn job(&self) -> &'a Job {
        self.job
    }

    /// A unit of work that begins with a segment.
    #[must_use]
    pub fn unit(&self, first_segment: u32) -> WorkUnit {
        WorkUnit {
            path: self.job.path.clone(),
            label: self.job.label.clone(),
            pose: self.options.pose,
            first_segment,
            index: self.index().cloned(),
            direct: self.probe.as_ref().and_then(|probe| probe.direct.clone()),
        }
    }

    /// Frames that the run will have, for showing progress, and how many of them are sealed.
    #[must_use]
    pub fn expected_frames(&self) -> (u64, u64) {
        let Some(Probe { info, .. }) = &self.probe else { return (0, 0) };
        let range = self.options.pose.range;
        let n_frames = match info.fps.filter(|_| !range.is_everything()) {
            None => info.n_packets,
            Some(fps) => {
                let end_s = range.end_s.unwrap_or(info.duration_s).min(info.duration_s);
                let length_s = (end_s - range.start_s.unwrap_or_default()).max(0.0);
                ((length_s * fps).ceil() as u64).min(info.n_packets)
            }
        };
        (n_frames, self.sealed.counts.n_frames)
    }

    /// A unit has ended.
    pub fn add(&mut self, record: UnitRecord) {
        self.record.n_damaged += record.n_damaged;
        self.record.has_frames |= record.has_frames;
    }

    /// The video cannot be read any further.
    pub fn fail(&mut self, error: VideoError) {
        self.failure.get_or_insert(error);
    }

    /// All segments are sealed, or the video has failed: identity, smoothing, and the record that makes the run complete.
    ///
    /// # Errors
    /// Rows cannot be read or written.
    pub fn finish(mut self) -> Result<JobOutcome, JobError> {
        if !self.witness.finds_it_unchanged() {
            // Its rows belong to other bytes than those that were identified.
            self.discard_parts()?;
            self.failure = Some(VideoError::Changed { path: self.job.path.clone() });
        }
        if let Some(error) = &self.failure {
            return Ok(self.failed(error));
        }
        self.sealed = resume::find(self.layout, &self.job.label)?;
        let Progress { segments, counts, .. } = &self.sealed;
        if counts.n_frames == 0 {
            return Ok(self.failed(&self.nothing_there()));
        }
        self.complete(segments, *counts)
    }

    fn complete(&self, segments: &[SealedSegment], counts: FrameCounts) -> Result<JobOutcome, JobError> {
        let Job { label, name, .. } = self.job;
        // A run that stands for its video may have lost segments to damage: readers see the people of before until all are there.
        let change = Change::begin(self.layout, &format!("tracks-{}", label.run_id))?;
        let (people, edits) = (self.options.pose.max_people(), read_edits(self.layout, &label.video_id)?);
        for warning in identify_run(self.layout, change.staged(), label, segments, people, &edits)? {
            tracing::warn!("{name}: {warning}");
        }
        smooth_run(self.layout, change.staged(), label, segments)?;
        change.commit()?;
        let outcome = self.succeeded(segments, counts);
        self.seal_record(&outcome)?;
        Ok(outcome)
    }

    /// Why there is not one frame.
    fn nothing_there(&self) -> VideoError {
        let path = self.job.path.clone();
        let is_outside = !self.options.pose.range.is_everything() && self.record.has_frames;
        let duration_s = self.probe.as_ref().map_or(0.0, |probe| probe.info.duration_s);
        if is_outside { VideoError::OutsideRange { path, duration_s } } else { VideoError::NoFrames { path } }
    }

    /// Removes all that is sealed of the run.
    fn discard_parts(&self) -> Result<(), StoreError> {
        let RunLabel { video_id, run_id, .. } = &self.job.label;
        Table::ALL.into_iter().try_for_each(|table| remove_folder(&self.layout.run(table, video_id, run_id)))
    }

    /// Seals the run's record: from here on its tables are complete, whether the catalog knows of it or not.
    fn seal_record(&self, outcome: &JobOutcome) -> Result<(), StoreError> {
        let label = &self.job.label;
        let columns = run_columns(&outcome.video, &outcome.run);
        let columns = columns.map_err(|source| StoreError::Columns { table: Table::Runs.name(), source })?;
        let path = self.layout.part(Table::Runs, &label.video_id, &label.run_id, 0);
        let last_frame_idx = u32::try_from(outcome.run.n_frames).unwrap_or(u32::MAX).saturating_sub(1);
        write_part(&path, Table::Runs, &label.part(0, [0, last_frame_idx]), &columns)
    }

    fn succeeded(&self, segments: &[SealedSegment], counts: FrameCounts) -> JobOutcome {
        let is_whole = self.options.pose.range.is_everything();
        // Frames are numbered from 0 without gaps, so the last one tells how many there are.
        let n_decoded = segments.last().filter(|_| is_whole).map(|(_, [_, last])| u64::from(*last) + 1);
        let n_missing = n_decoded.map_or(0, |n_decoded| self.missing_frames(n_decoded));
        let lost = counts.n_failed + n_missing;
        let share = lost as f64 / (counts.n_frames + n_missing).max(1) as f64;
        let reason = (share > DEGRADED_SHARE).then(|| {
            format!("{} of {} frames failed, {n_missing} are missing from the file", counts.n_failed, counts.n_frames)
        });
        let status = if reason.is_some() { RunStatus::Degraded } else { RunStatus::Ok };
        let run = RunRecord { n_missing, ..self.run_record(status, reason, counts) };
        let video = VideoRecord { n_decoded, ..self.video_record() };
        JobOutcome { number: self.job.number, video, run, hint: None }
    }

    /// Frames that should be there and are not: cut off with the file's end, or in packets that did not decode. Packets
    /// without a picture of their own are normal in some codecs, so there they count only where decoding reported damage.
    fn missing_frames(&self, n_decoded: u64) -> u64 {
        let Some(Probe { info, has_a_picture_per_packet, .. }) = &self.probe else { return 0 };
        let is_irregular = self.sealed.is_sequential && self.probe.as_ref().is_some_and(|probe| probe.index.is_some());
        let is_a_loss = *has_a_picture_per_packet || is_irregular || self.record.n_damaged > 0;
        info.n_lost_packets + if is_a_loss { info.n_packets.saturating_sub(n_decoded) } else { 0 }
    }

    fn failed(&self, error: &VideoError) -> JobOutcome {
        let reason = Some(error.to_string());
        JobOutcome {
            number: self.job.number,
            video: self.video_record(),
            run: self.run_record(RunStatus::Failed, reason, FrameCounts::default()),
            hint: error.hint(),
        }
    }

    fn video_record(&self) -> VideoRecord {
        VideoRecord {
            video_id: self.job.label.video_id.clone(),
            path: self.job.path.display().to_string(),
            name: self.job.name.clone(),
            stamp: self.job.stamp,
            info: self.probe.as_ref().map(|probe| probe.info.clone()),
            n_decoded: None,
        }
    }

    fn run_record(&self, status: RunStatus, reason: Option<String>, counts: FrameCounts) -> RunRecord {
        let network = self.options.pose.network;
        let RunLabel { video_id, run_id, fingerprint } = self.job.label.clone();
        RunRecord {
            run_id,
            video_id,
            fingerprint,
            network: network.to_string(),
            network_sha256: network.file().sha256.to_owned(),
            settings: self.options.pose.to_json(),
            status,
            reason,
            started_at_s: self.started_at_s,
            finished_at_s: now_s(),
            n_frames: counts.n_frames,
            n_found: counts.n_found,
            n_failed: counts.n_failed,
            n_missing: 0,
            peak_rss_bytes: machine::peak_resident_bytes(),
            lowest_budget_bytes: self.options.ahead.budget.lowest_bytes(),
        }
    }
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |age| age.as_secs_f64())
}
