//! Units of work on a cluster: segments of videos, and analyses of runs.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::cluster::{NotDone, have_done, unit_memory_bytes};
use super::worker::excerpted;
use super::worker_lines::{AnalyzeResult, AnalyzeSpec};
use crate::analyze::AnalyzeError;
use crate::analyze::all::StoredVideo;
use crate::analyze::config::Wishes;
use crate::analyze::run::{Analysis, Analyzed};
use crate::artifacts::files;
use crate::cluster::{Bridge, Done, Task, Video};
use crate::extract::job::JobError;
use crate::extract::runner::{RunnerError, Runners, UnitRunner};
use crate::extract::schedule::AfterSegment;
use crate::extract::spec::{SegmentsSpec, UnitRecord};
use crate::extract::unit::{Dispatcher, UnitError, WorkUnit};
use crate::interrupt::Interrupt;
use crate::memory::limit::MemoryLimit;
use crate::output::units;
use crate::store::change::Change;
use crate::store::folders::parquet_files;
use crate::store::part::PartLabel;
use crate::store::{Layout, StoreError, Table, segments};
use crate::video::identity;

/// The largest number of segments of a unit: what a death costs at most.
const MAX_SEGMENTS: u32 = 8;

/// The time that a unit may take, seconds: a start, and so much for each frame. Slow machines need 1 s for a frame of six
/// people.
const START_S: f64 = 120.0;
const FRAME_S: f64 = 2.0;

/// The time that the analysis of a run may take, seconds. An hour of video takes minutes.
const ANALYSIS_S: f64 = 7200.0;

/// Returns the number of segments of a unit. Each core gets several units, so that all end at about the same time.
#[must_use]
pub(super) fn segments_per_unit(n_segments: usize, n_cores: usize) -> u32 {
    u32::try_from(n_segments / (4 * n_cores)).unwrap_or(u32::MAX).clamp(1, MAX_SEGMENTS)
}

/// Makes runners that do their units on a cluster.
pub(super) struct ClusterRunners<'a> {
    pub(super) bridge: &'a Bridge,
    pub(super) layout: &'a Layout,
    pub(super) memory_limit: MemoryLimit,
    pub(super) interrupt: &'a Interrupt,
    /// The bytes that went to the cluster, and those that came back.
    traffic: [AtomicU64; 2],
}

impl<'a> ClusterRunners<'a> {
    /// Makes runners for the segments of a dataset.
    pub(super) fn new(
        bridge: &'a Bridge,
        layout: &'a Layout,
        memory_limit: MemoryLimit,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self { bridge, layout, memory_limit, interrupt, traffic: [AtomicU64::new(0), AtomicU64::new(0)] }
    }

    /// Returns how much went over the network, in words.
    pub(super) fn traffic(&self) -> String {
        let [sent, received] = [0, 1].map(|way: usize| units::bytes(self.traffic[way].load(Ordering::Relaxed)));
        format!("{sent} went to the cluster, {received} came back")
    }
}

impl Runners for ClusterRunners<'_> {
    fn make(&self) -> Result<Box<dyn UnitRunner + Send + '_>, JobError> {
        Ok(Box::new(ClusterRunner { shared: self }))
    }
}

struct ClusterRunner<'a> {
    shared: &'a ClusterRunners<'a>,
}

impl UnitRunner for ClusterRunner<'_> {
    fn run(&mut self, unit: &WorkUnit, dispatcher: &dyn Dispatcher) -> Result<UnitRecord, RunnerError> {
        let mut spec = excerpted(unit.spec.clone());
        let mut total = UnitRecord::default();
        loop {
            let delivery = self.delivery(&spec, dispatcher)?;
            total.add(delivery.record);
            let Some(next) = self.seal(&spec, &delivery, dispatcher)? else { return Ok(total) };
            // The frames of the video differ from its index: one worker continues to the end, from the start.
            spec = SegmentsSpec { first_segment: next, last_segment: None, index: None, ..spec };
        }
    }
}

/// The result of a unit, before its parts are in place.
struct Delivery {
    record: UnitRecord,
    /// A dataset that has the parts of the unit only.
    place: Layout,
    /// Its segments, in order.
    segments: Vec<PartLabel>,
}

impl ClusterRunner<'_> {
    fn delivery(&self, spec: &SegmentsSpec, dispatcher: &dyn Dispatcher) -> Result<Delivery, RunnerError> {
        let ClusterRunners { bridge, interrupt, .. } = self.shared;
        let task = self.task(spec)?;
        let is_wanted = || dispatcher.is_wanted() && !interrupt.is_requested();
        let what = spec.path.display().to_string();
        have_done(bridge, &task, &what, &is_wanted, |done| self.opened(done, spec)).map_err(|not_done| match not_done {
            NotDone::Canceled => UnitError::CalledOff.into(),
            NotDone::GivenUp(failure) => RunnerError::GivenUp(failure),
            NotDone::Elsewhere { message, hint } => RunnerError::Elsewhere { message, hint },
        })
    }

    /// Verifies what came back from a machine.
    fn opened(&self, done: &Done, spec: &SegmentsSpec) -> Result<Delivery, String> {
        let ClusterRunners { layout, traffic, .. } = self.shared;
        traffic[0].fetch_add(done.sent_bytes, Ordering::Relaxed);
        traffic[1].fetch_add(done.received_bytes, Ordering::Relaxed);
        let place = Layout::new(layout.of_cluster().join(&done.files));
        let record = serde_json::from_value(done.result["segments"]["record"].clone());
        let record = record.map_err(|error| error.to_string())?;
        let segments = segments::delivered(&place, &spec.label).map_err(|error| error.to_string())?;
        Ok(Delivery { record, place, segments })
    }

    fn task(&self, spec: &SegmentsSpec) -> Result<Task, RunnerError> {
        let ClusterRunners { layout, memory_limit, .. } = self.shared;
        let stamp = identity::stamp(&spec.path).map_err(UnitError::from)?;
        Ok(Task {
            unit: json!({"segments": spec}),
            video: Some(Video {
                path: spec.path.clone(),
                video_id: spec.label.video_id.clone(),
                size_bytes: stamp.size_bytes,
            }),
            parts: Vec::new(),
            dataset: layout.root().to_path_buf(),
            outputs: segments::SEGMENT_TABLES.map(Table::name).to_vec(),
            num_cpus: 1,
            memory_bytes: unit_memory_bytes(*memory_limit),
            timeout_s: timeout_s(spec),
        })
    }

    /// Seals the segments of a unit in the dataset. Returns the segment from which the rest of the video is still to be
    /// done, if its frames differ from its index.
    fn seal(
        &self,
        spec: &SegmentsSpec,
        delivery: &Delivery,
        dispatcher: &dyn Dispatcher,
    ) -> Result<Option<u32>, RunnerError> {
        let Delivery { place, segments, .. } = delivery;
        let mut next = None;
        for part in segments {
            for _ in part.frames[0]..=part.frames[1] {
                dispatcher.on_frame();
            }
            let after = dispatcher.after_segment(part.is_as_indexed);
            if after == AfterSegment::Void {
                break;
            }
            dispatcher
                .in_turn(&mut || segments::seal_delivered(place, self.shared.layout, part))
                .map_err(UnitError::from)?;
            next = (after == AfterSegment::GoOn).then_some(part.part + 1);
            if after == AfterSegment::Stop {
                break;
            }
        }
        files::remove_folder(place.root()).map_err(|error| UnitError::Store(error.into()))?;
        let is_to_the_end = spec.last_segment.is_none();
        Ok(next.filter(|_| !is_to_the_end))
    }
}

/// Returns the time after which a unit counts as hung.
fn timeout_s(spec: &SegmentsSpec) -> f64 {
    let segment_frames = f64::from(spec.pose.segment_frames);
    let n_segments = spec.last_segment.map(|last| last + 1 - spec.first_segment);
    let index_frames = spec.index.as_ref().map(|index| f64::from(index.n_frames()));
    // Without a last segment, the number of frames is unknown: a day must do.
    n_segments.map_or(86_400.0, |n_segments| {
        let n_frames = f64::from(n_segments) * segment_frames;
        START_S + FRAME_S * index_frames.map_or(n_frames, |all| all.min(n_frames))
    })
}

/// Analyzes runs on a cluster.
pub(super) struct ClusterAnalysis<'a> {
    pub(super) bridge: &'a Bridge,
    /// The same analysis on this machine: it knows what is up to date.
    pub(super) analysis: &'a Analysis<'a>,
    /// The options that give the analysis' settings.
    pub(super) wishes: &'a Wishes,
    pub(super) memory_limit: MemoryLimit,
}

impl ClusterAnalysis<'_> {
    /// Analyzes a run. All new results are put in place together.
    ///
    /// # Errors
    /// The run cannot be read, no machine could analyze it, or the results cannot be put in place.
    pub(super) fn run(&self, (video, run): &StoredVideo) -> Result<Analyzed, AnalyzeError> {
        let Self { bridge, analysis, .. } = self;
        if analysis.is_up_to_date(video, run)? {
            return Ok(Analyzed { n_up_to_date: analysis.plan.steps.len(), ..Analyzed::default() });
        }
        let (video_id, run_id) = (&video.video_id, &run.run_id);
        let is_wanted = || !analysis.interrupt.is_requested();
        let opened = |done: &Done| {
            let result: AnalyzeResult =
                serde_json::from_value(done.result["analyze"].clone()).map_err(|error| error.to_string())?;
            Ok((result, Layout::new(analysis.layout.of_cluster().join(&done.files))))
        };
        let task = self.task(video_id, run_id);
        let (result, place) = match have_done(bridge, &task, &video.name, &is_wanted, opened) {
            Ok(done) => done,
            Err(NotDone::Canceled) => return Ok(Analyzed::default()),
            Err(NotDone::GivenUp(failure)) => {
                return Err(AnalyzeError::Elsewhere { message: failure.reason, hint: failure.hint });
            }
            Err(NotDone::Elsewhere { message, hint }) => return Err(AnalyzeError::Elsewhere { message, hint }),
        };
        let change = Change::begin(analysis.layout, &format!("analysis-{run_id}"))?;
        for table in Table::RESULTS {
            for from in parts_of(&place, table, video_id, run_id) {
                let to = change.staged().run(table, video_id, run_id).join(from.file_name().unwrap_or_default());
                files::move_whole(&from, &to).map_err(StoreError::from)?;
            }
        }
        change.commit()?;
        files::remove_folder(place.root()).map_err(StoreError::from)?;
        let AnalyzeResult { made, n_up_to_date, remarks, failed } = result;
        let elsewhere = |message| AnalyzeError::Elsewhere { message, hint: None };
        Ok(Analyzed { made, n_up_to_date, remarks, failed: failed.into_iter().map(elsewhere).collect() })
    }

    fn task(&self, video_id: &str, run_id: &str) -> Task {
        let layout = self.analysis.layout;
        let spec = AnalyzeSpec {
            video_id: video_id.to_owned(),
            run_id: run_id.to_owned(),
            wishes: self.wishes.clone(),
            sql_dir: None,
            sports_dir: None,
            is_forced: self.analysis.is_forced,
        };
        let parts = Table::of_runs().flat_map(|table| parts_of(layout, table, video_id, run_id));
        let below = |path: PathBuf| path.strip_prefix(layout.root()).map(Path::to_path_buf).ok();
        Task {
            unit: json!({"analyze": spec}),
            video: None,
            parts: parts.filter_map(below).collect(),
            dataset: layout.root().to_path_buf(),
            outputs: Table::RESULTS.map(Table::name).to_vec(),
            num_cpus: 1,
            memory_bytes: unit_memory_bytes(self.memory_limit),
            timeout_s: ANALYSIS_S,
        }
    }
}

fn parts_of(layout: &Layout, table: Table, video_id: &str, run_id: &str) -> Vec<PathBuf> {
    parquet_files(&layout.run(table, video_id, run_id))
}
