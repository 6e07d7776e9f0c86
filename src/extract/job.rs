//! One video from file to sealed parts.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::decoding::{Ahead, DecodedFrames, DecodingSummary, Selection, decode_ahead};
use super::events::{Event, Reporter};
use super::resume::{self, Progress};
use super::segment::{RunLabel, SealedSegment, SegmentWriter};
use super::settings::PoseSettings;
use super::smoothing::smooth_run;
use crate::image::Picture;
use crate::interrupt::Interrupt;
use crate::machine;
use crate::memory::budget::Lease;
use crate::memory::plan::VideoNeed;
use crate::pose::session::{OrtNetworks, SessionError};
use crate::pose::tracker::SinglePersonTracker;
use crate::store::part::write_part;
use crate::store::read::FrameCounts;
use crate::store::records::{RunRecord, RunStatus, VideoRecord};
use crate::store::rows::FrameStatus;
use crate::store::schema::run_columns;
use crate::store::{Layout, StoreError, Table};
use crate::video::info::FileStamp;
use crate::video::{DecoderShape, UnprobedVideo, VideoError, VideoInfo, VideoReader};

/// A run is degraded where more than this share of its frames failed or is missing.
const DEGRADED_SHARE: f64 = 0.05;

/// A video to be extracted.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number in this extraction, from 0.
    pub number: usize,
    /// The file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its stamp when it was identified.
    pub stamp: FileStamp,
    /// The run to be made.
    pub label: RunLabel,
}

impl Job {
    /// A video's record, from wherever the file is now.
    fn video(&self, known: VideoRecord) -> VideoRecord {
        VideoRecord { path: self.path.display().to_string(), name: self.name.clone(), stamp: self.stamp, ..known }
    }
}

/// How jobs are done.
#[derive(Debug, Clone)]
pub struct JobOptions {
    /// What the rows depend on.
    pub pose: PoseSettings,
    /// How far decoding may go ahead, and with what memory.
    pub ahead: Ahead,
}

/// Why a job may be asked to end early.
#[derive(Debug, Clone, Copy)]
pub struct Stop<'a> {
    /// The user wants to stop: at the end of the segment in work.
    pub interrupt: &'a Interrupt,
    /// Something else has ended the extraction: at once.
    pub is_over: &'a AtomicBool,
}

impl Stop<'_> {
    /// Whether no more work is to be begun.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.interrupt.is_requested() || self.is_over.load(Ordering::Relaxed)
    }
}

/// A job that came to an end, with tables or without.
#[derive(Debug, Clone)]
pub struct JobOutcome {
    /// The job's number.
    pub number: usize,
    /// The video.
    pub video: VideoRecord,
    /// The run.
    pub run: RunRecord,
    /// What the user can do where it failed.
    pub hint: Option<&'static str>,
}

/// Why a job, and with it the whole extraction, cannot go on. A bad video is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The tables cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The networks cannot be loaded.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The system gives no thread.
    #[error("no worker thread could be started: {source}")]
    Thread {
        /// Why.
        source: std::io::Error,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

enum Fault {
    Video(VideoError),
    Job(JobError),
}

impl<E: Into<JobError>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Job(error.into())
    }
}

/// Does a job, going on from the last segment that an earlier try has sealed. What is sealed stays, whatever happens.
///
/// # Errors
/// Something is wrong that concerns more than this video, or the user asked to stop.
pub fn run(
    job: &Job,
    options: &JobOptions,
    layout: &Layout,
    networks: &mut OrtNetworks,
    reporter: &dyn Reporter,
    stop: Stop<'_>,
) -> Result<JobOutcome, JobError> {
    let started_at_s = now_s();
    if let Some((video, run)) = resume::complete_run(layout, &job.label) {
        // Only the catalog's transaction was missing.
        return Ok(JobOutcome { number: job.number, video: job.video(video), run, hint: None });
    }
    let context = Context { job, options, layout, reporter, stop };
    let mut info = None;
    let (summary, counts) = match context.extract(networks, &mut info) {
        Ok(extracted) => extracted,
        Err(Fault::Job(error)) => return Err(error),
        Err(Fault::Video(error)) => return Ok(context.failure(started_at_s, info, &error)),
    };
    let outcome = context.success(started_at_s, info, summary, counts);
    context.seal_record(&outcome)?;
    Ok(outcome)
}

struct Context<'a> {
    job: &'a Job,
    options: &'a JobOptions,
    layout: &'a Layout,
    reporter: &'a dyn Reporter,
    stop: Stop<'a>,
}

impl Context<'_> {
    fn extract(
        &self,
        networks: &mut OrtNetworks,
        info: &mut Option<VideoInfo>,
    ) -> Result<(DecodingSummary, FrameCounts), Fault> {
        let Job { number, path, name, label, .. } = self.job;
        let (video, _lease) = self.open()?;
        let probed = video.probe(self.options.pose.segment_frames).map_err(Fault::Video)?;
        let reader = VideoReader::open(path, self.options.ahead.threads).map_err(Fault::Video)?;
        let known = info.insert(probed.info);
        tracing::debug!(
            "{name}: {} {}x{} as {}x{}, {:?} frames/s, {} packets, times from the {}",
            known.codec,
            known.stored_width,
            known.stored_height,
            known.width,
            known.height,
            known.fps,
            known.n_packets,
            known.time_source.name()
        );
        let n_frames = self.expected_frames(known);
        let sealed = resume::find(self.layout, label)?;
        let first_frame_idx = sealed.next_frame_idx();
        let n_sealed = sealed.counts.n_frames;
        self.reporter.on(&Event::VideoStarted { video: *number, name, n_frames, n_sealed });
        let (summary, (segments, counts)) = std::thread::scope(|scope| {
            let selection = Selection { range: self.options.pose.range, first_frame_idx };
            let (frames, decoder) = decode_ahead(scope, reader, selection, &self.options.ahead)
                .map_err(|source| Fault::Job(JobError::Thread { source }))?;
            let analyzed = self.analyze(&frames, sealed, networks);
            drop(frames);
            // A decoder thread that panicked has no summary; its video counts as damaged.
            let summary = decoder.join().unwrap_or(DecodingSummary { n_decoded: 0, n_damaged: 1 });
            Ok::<_, Fault>((summary, analyzed?))
        })?;
        if counts.n_frames == 0 {
            let duration_s = info.as_ref().map_or(0.0, |info| info.duration_s);
            return Err(Fault::Video(self.nothing_there(summary, duration_s)));
        }
        tracing::debug!("{name}: {} segments sealed, {} stretches damaged", segments.len(), summary.n_damaged);
        smooth_run(self.layout, label, &segments)?;
        Ok((summary, counts))
    }

    /// Opens the video, and leases all the memory that it needs at least at once: nobody waits while holding what another
    /// needs.
    fn open(&self) -> Result<(UnprobedVideo, Lease), Fault> {
        let Ahead { threads, budget, .. } = &self.options.ahead;
        let mut video = UnprobedVideo::open(&self.job.path).map_err(Fault::Video)?;
        let need_bytes = need_of(video.decoder_shape(*threads)).least_bytes();
        if need_bytes > budget.full_bytes() {
            return Err(Fault::Video(VideoError::TooLarge { path: self.job.path.clone(), need_bytes }));
        }
        let lease = budget.acquire(need_bytes);
        Ok((video, lease))
    }

    /// Why there is not one frame.
    fn nothing_there(&self, summary: DecodingSummary, duration_s: f64) -> VideoError {
        let path = self.job.path.clone();
        let is_outside = !self.options.pose.range.is_everything() && summary.n_decoded > 0;
        if is_outside { VideoError::OutsideRange { path, duration_s } } else { VideoError::NoFrames { path } }
    }

    fn analyze(
        &self,
        frames: &DecodedFrames,
        sealed: Progress,
        networks: &mut OrtNetworks,
    ) -> Result<(Vec<SealedSegment>, FrameCounts), Fault> {
        let mut tracker = SinglePersonTracker::new(self.options.pose.thresholds);
        let segment_frames = self.options.pose.segment_frames;
        let mut writer = SegmentWriter::new(self.layout, &self.job.label, segment_frames, sealed);
        while let Some(frame) = frames.next() {
            if self.stop.is_over.load(Ordering::Relaxed) {
                return Err(Fault::Job(JobError::Interrupted));
            }
            if writer.begins_segment(frame.time.frame_idx) {
                if self.stop.interrupt.is_requested() {
                    writer.finish()?;
                    return Err(Fault::Job(JobError::Interrupted));
                }
                tracker.reset();
            }
            match &frame.picture {
                Err(fault) => {
                    tracing::warn!("frame {} of {}: {fault}", frame.time.frame_idx, self.job.name);
                    tracker.reset();
                    writer.push(frame.time, FrameStatus::Failed, None)?;
                }
                Ok(picture) => match tracker.next_frame(networks, picture, frame.time.time_s) {
                    Ok(Some(found)) => writer.push(frame.time, FrameStatus::Ok, Some((&found, picture.size_px())))?,
                    Ok(None) => writer.push(frame.time, FrameStatus::NoPerson, None)?,
                    Err(error) => {
                        tracing::warn!("frame {} of {}: {error}", frame.time.frame_idx, self.job.name);
                        writer.push(frame.time, FrameStatus::Failed, None)?;
                    }
                },
            }
            drop(frame);
            self.reporter.on(&Event::FrameDone { video: self.job.number });
        }
        Ok(writer.finish()?)
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

    /// Frames that a run over the settings' range will have, for showing progress.
    fn expected_frames(&self, info: &VideoInfo) -> u64 {
        let range = self.options.pose.range;
        let Some(fps) = info.fps.filter(|_| !range.is_everything()) else { return info.n_packets };
        let end_s = range.end_s.unwrap_or(info.duration_s).min(info.duration_s);
        let length_s = (end_s - range.start_s.unwrap_or_default()).max(0.0);
        ((length_s * fps).ceil() as u64).min(info.n_packets)
    }

    fn success(
        &self,
        started_at_s: f64,
        info: Option<VideoInfo>,
        summary: DecodingSummary,
        counts: FrameCounts,
    ) -> JobOutcome {
        let is_whole = self.options.pose.range.is_everything();
        let n_missing = info.as_ref().filter(|_| is_whole).map_or(0, |info| missing_frames(info, summary));
        let lost = counts.n_failed + n_missing;
        let share = lost as f64 / (counts.n_frames + n_missing).max(1) as f64;
        let reason = (share > DEGRADED_SHARE).then(|| {
            format!("{} of {} frames failed, {n_missing} are missing from the file", counts.n_failed, counts.n_frames)
        });
        let status = if reason.is_some() { RunStatus::Degraded } else { RunStatus::Ok };
        let run = RunRecord { n_missing, ..self.record(started_at_s, status, reason, counts) };
        let n_decoded = is_whole.then_some(summary.n_decoded);
        JobOutcome { number: self.job.number, video: VideoRecord { n_decoded, ..self.video(info) }, run, hint: None }
    }

    fn failure(&self, started_at_s: f64, info: Option<VideoInfo>, error: &VideoError) -> JobOutcome {
        let reason = Some(error.to_string());
        JobOutcome {
            number: self.job.number,
            video: self.video(info),
            run: self.record(started_at_s, RunStatus::Failed, reason, FrameCounts::default()),
            hint: error.hint(),
        }
    }

    fn video(&self, info: Option<VideoInfo>) -> VideoRecord {
        VideoRecord {
            video_id: self.job.label.video_id.clone(),
            path: self.job.path.display().to_string(),
            name: self.job.name.clone(),
            stamp: self.job.stamp,
            info,
            n_decoded: None,
        }
    }

    fn record(&self, started_at_s: f64, status: RunStatus, reason: Option<String>, counts: FrameCounts) -> RunRecord {
        let network = self.options.pose.network;
        RunRecord {
            run_id: self.job.label.run_id.clone(),
            video_id: self.job.label.video_id.clone(),
            fingerprint: self.job.label.fingerprint.clone(),
            network: network.to_string(),
            network_sha256: network.file().sha256.to_owned(),
            settings: self.options.pose.to_json(),
            status,
            reason,
            started_at_s,
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

/// The memory that a video's frames need.
#[must_use]
pub fn need_of(shape: DecoderShape) -> VideoNeed {
    VideoNeed::of(shape.pictures, shape.decoded_bytes, shape.converted_bytes)
}

/// Frames that should be there and are not: cut off with the file's end, or in packets that did not decode. Packets
/// without a picture of their own are normal in some codecs, so they count only where decoding reported damage.
fn missing_frames(info: &VideoInfo, summary: DecodingSummary) -> u64 {
    let undecoded = if summary.n_damaged > 0 { info.n_packets.saturating_sub(summary.n_decoded) } else { 0 };
    info.n_lost_packets + undecoded
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |age| age.as_secs_f64())
}
