//! A video while it is extracted: the facts that are known before its segments, and the missing segments.

use super::completion::Completion;
use super::decoding::need_of;
use super::job::{Job, JobError, JobOptions, JobOutcome};
use super::spec::{CompletionSpec, Failure, SegmentsSpec, UnitRecord, VideoFacts};
use super::unit::WorkUnit;
use super::witness::Witness;
use crate::machine;
use crate::store::Layout;
use crate::store::records::VideoRecord;
use crate::store::segments::{self, Progress};
use crate::video::index::SegmentIndex;
use crate::video::probe::{Probe, UnprobedVideo};
use crate::video::{VideoError, VideoInfo};

/// A video in work.
pub(crate) struct VideoWork<'a> {
    options: &'a JobOptions,
    layout: &'a Layout,
    witness: Witness,
    probe: Option<Probe>,
    sealed: Progress,
    /// The remaining work when all segments are sealed.
    completion: CompletionSpec,
}

/// The result of preparing a video.
pub(crate) enum Prepared<'a> {
    /// Only recording the run remains.
    Complete(Box<JobOutcome>),
    /// These ranges of segments are missing.
    Open(Box<VideoWork<'a>>, Vec<(u32, Option<u32>)>),
    /// The video cannot be extracted.
    Failed(Box<JobOutcome>),
}

impl<'a> VideoWork<'a> {
    /// Probes a video and finds the sealed parts of its run.
    ///
    /// # Errors
    /// The dataset cannot be read.
    pub(crate) fn prepare(job: &Job, options: &'a JobOptions, layout: &'a Layout) -> Result<Prepared<'a>, JobError> {
        if let Some((video, run)) = segments::complete_run(layout, &job.label) {
            // Only the catalog's transaction was missing.
            let video =
                VideoRecord { path: job.path.display().to_string(), name: job.name.clone(), stamp: job.stamp, ..video };
            return Ok(Prepared::Complete(Box::new(JobOutcome { number: job.number, video, run, hint: None })));
        }
        let mut work = Self {
            options,
            layout,
            witness: Witness::of(job),
            probe: None,
            sealed: Progress::default(),
            completion: CompletionSpec {
                job: job.clone(),
                pose: job.pose(options.pose),
                facts: None,
                record: UnitRecord::default(),
                failure: None,
                started_at_s: machine::now_s(),
            },
        };
        match work.probe() {
            Ok(probe) => {
                work.completion.facts = Some(facts(&probe));
                work.probe = Some(probe);
            }
            Err(error) => {
                work.fail(Failure::from(&error));
                return Ok(Prepared::Failed(Box::new(work.finish()?)));
            }
        }
        work.sealed = segments::find(layout, &job.label)?;
        if let (true, Some((last, _))) = (work.sealed.is_sequential, work.sealed.segments.last()) {
            // Parts that are sealed after the first gap may be numbered by a wrong index.
            segments::remove_segments_from(layout, &job.label, last + 1)?;
        }
        let ranges = match work.wanted_segments() {
            Some(wanted) => work.sealed.missing(wanted),
            // The segments are done one after the other, to the end of the video, wherever that is.
            None => vec![(work.sealed.segments.last().map_or(0, |(segment, _)| segment + 1), None)],
        };
        Ok(Prepared::Open(Box::new(work), ranges))
    }

    fn probe(&self) -> Result<Probe, VideoError> {
        let job = self.job();
        let video = UnprobedVideo::open(&job.path)?;
        let shape = video.decoder_shape(self.options.ahead.threads);
        let need_bytes = need_of(shape, &self.options.pose).least_bytes();
        if need_bytes > self.options.ahead.budget.full_bytes() {
            return Err(VideoError::TooLarge { path: job.path.clone(), need_bytes });
        }
        let _lease = self.options.ahead.budget.acquire(need_bytes);
        let probe = video.probe(self.options.pose.segment_frames, &job.footage)?;
        let VideoInfo {
            codec,
            stored_width,
            stored_height,
            width,
            height,
            fps,
            n_packets,
            time_source,
            field_order,
            ..
        } = &probe.info;
        tracing::debug!(
            "{}: {codec} {stored_width}x{stored_height} as {width}x{height}, {fps:?} frames/s, {n_packets} packets, {}, times from the {}, {}",
            job.name,
            field_order.name(),
            time_source.name(),
            match (&probe.index, &probe.direct) {
                (None, _) => "decoded from the start only",
                (Some(_), None) => "segments can be entered",
                (Some(_), Some(_)) => "segments can be entered, packets are read from the file itself",
            },
        );
        Ok(probe)
    }

    /// Returns the index, if segments may be worked on separately.
    fn index(&self) -> Option<&SegmentIndex> {
        self.probe.as_ref().and_then(|probe| probe.index.as_ref()).filter(|_| !self.sealed.is_sequential)
    }

    /// Returns the segments that the settings' range of time touches: the first, and the one after the last; `None` if
    /// only decoding can tell.
    fn wanted_segments(&self) -> Option<(u32, u32)> {
        let (index, probe) = (self.index()?, self.probe.as_ref()?);
        let n_segments = u32::try_from(index.n_segments()).unwrap_or(u32::MAX);
        let starts_at_s = |segment: u32| {
            let entry = index.entry(segment as usize);
            entry.map_or(f64::INFINITY, |entry| {
                (entry.half_ticks - entry.first_frame.half_ticks) as f64 * probe.seconds_per_half_tick
            })
        };
        let range = self.options.pose.range;
        // The last segment that begins before the range does.
        let start_s = range.start_s.unwrap_or_default();
        let first = (0..n_segments).rev().find(|&segment| starts_at_s(segment) <= start_s);
        let end = (0..n_segments).find(|&segment| range.is_after(starts_at_s(segment)));
        Some((first.unwrap_or(0), end.unwrap_or(n_segments)))
    }

    /// Returns the job in work.
    #[must_use]
    pub(crate) fn job(&self) -> &Job {
        &self.completion.job
    }

    /// Returns a unit of work from one segment to another.
    #[must_use]
    pub(crate) fn unit(&self, first_segment: u32, last_segment: Option<u32>) -> WorkUnit {
        let job = self.job();
        let spec = SegmentsSpec {
            path: job.path.clone(),
            label: job.label.clone(),
            pose: self.completion.pose,
            reading: self.probe.as_ref().map(|probe| probe.info.reading).unwrap_or_default(),
            first_segment,
            last_segment,
            index: self.index().cloned(),
        };
        WorkUnit { spec, direct: self.probe.as_ref().and_then(|probe| probe.direct.clone()) }
    }

    /// Returns the remaining work when all segments are sealed.
    #[must_use]
    pub(crate) fn completion(&self) -> &CompletionSpec {
        &self.completion
    }

    /// Returns the expected number of frames of the run, for showing progress, and the number of sealed ones.
    #[must_use]
    pub(crate) fn expected_frames(&self) -> (u64, u64) {
        let Some(Probe { info, .. }) = &self.probe else { return (0, 0) };
        let range = self.options.pose.range;
        let n_frames = match info.media_fps().filter(|_| !range.is_everything()) {
            None => info.n_expected_frames(),
            Some(fps) => {
                let duration_s = info.media_duration_s();
                let end_s = range.end_s.unwrap_or(duration_s).min(duration_s);
                let length_s = (end_s - range.start_s.unwrap_or_default()).max(0.0);
                ((length_s * fps).ceil() as u64).min(info.n_expected_frames())
            }
        };
        (n_frames, self.sealed.counts.n_frames)
    }

    /// Adds the record of a finished unit.
    pub(crate) fn add(&mut self, record: UnitRecord) {
        self.completion.record.add(record);
    }

    /// Marks the video as failed: it cannot be read any further.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.completion.failure.get_or_insert(failure);
    }

    /// Completes the run. All segments are sealed, or the video has failed.
    ///
    /// # Errors
    /// Rows cannot be read or written.
    pub(crate) fn finish(self) -> Result<JobOutcome, JobError> {
        let lowest_budget_bytes = self.options.ahead.budget.lowest_bytes();
        Completion { spec: &self.completion, layout: self.layout, lowest_budget_bytes }.run(&self.witness)
    }
}

fn facts(probe: &Probe) -> VideoFacts {
    VideoFacts {
        info: probe.info.clone(),
        is_indexed: probe.index.is_some(),
        has_a_picture_per_packet: probe.has_a_picture_per_packet,
    }
}
