//! Connects commands to a cluster: starts the bridge, refuses machines that would compute something else, and does
//! units of segments there.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::worker::{build, excerpted};
use crate::cluster::{Answer, Begin, Bridge, ClusterAddress, ClusterError, Done, Python, Reach, Ready, Task, Video};
use crate::error::Error;
use crate::extract::job::JobError;
use crate::extract::runner::{RunnerError, Runners, UnitRunner};
use crate::extract::schedule::AfterSegment;
use crate::extract::spec::{Failure, SegmentsSpec, UnitRecord};
use crate::extract::unit::{Dispatcher, UnitError, WorkUnit};
use crate::inference::networks::NetworkFile;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::memory::limit::MemoryLimit;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::part::PartLabel;
use crate::store::{Layout, Table, files, segments};
use crate::video::identity;

/// The number of machines or workers that may die over a unit before its video counts as one that cannot be extracted.
const MAX_TRIES: u32 = 3;

/// The largest number of segments of a unit: what a death costs at most.
const MAX_SEGMENTS: u32 = 8;

/// The memory limit of a worker if the user's limit is a share of this machine's memory.
const UNIT_MEMORY_BYTES: u64 = 1536 << 20;

/// The time that a unit may take, seconds: a start, and so much for each frame. Slow machines need 1 s for a frame of six
/// people.
const START_S: f64 = 120.0;
const FRAME_S: f64 = 2.0;

/// Starts the bridge to a cluster whose machines have the same posekit and the same `networks`.
///
/// # Errors
/// The cluster cannot be reached, has no machines, or has a machine that would compute something else.
pub(super) fn connect(
    address: &ClusterAddress,
    layout: &Layout,
    networks: &[NetworkFile],
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<Bridge, Error> {
    let scratch = layout.of_cluster();
    files::remove_folder(&scratch)?;
    let python = Python { program: installation::python(), package_folder: installation::python_package_of_clone() };
    let networks = networks.iter().map(|file| (stem(file.file_name), file.sha256.to_owned())).collect();
    let begin = Begin { version: build(), networks, scratch };
    let bridge = Bridge::start(&python, address, &begin, &|| !interrupt.is_requested())?;
    if interrupt.is_requested() {
        return Err(Error::Interrupted);
    }
    refuse_others(bridge.ready(), &begin)?;
    let Ready { engine, dashboard, nodes } = bridge.ready();
    printer.say(&format!(
        "{engine}: {}, {}{}",
        units::counted(nodes.len() as u64, "machine"),
        units::counted(cores(&bridge) as u64, "core"),
        dashboard.as_ref().map_or_else(String::new, |url| format!("; its own pages: {url}"))
    ));
    Ok(bridge)
}

/// Returns the number of cores of the cluster.
#[must_use]
pub(super) fn cores(bridge: &Bridge) -> usize {
    let cores: f64 = bridge.ready().nodes.iter().map(|node| node.num_cpus.max(0.0)).sum();
    (cores as usize).max(1)
}

/// Returns the number of segments of a unit. Each core gets several units, so that all end at about the same time.
#[must_use]
pub(super) fn segments_per_unit(n_segments: usize, n_cores: usize) -> u32 {
    u32::try_from(n_segments / (4 * n_cores)).unwrap_or(u32::MAX).clamp(1, MAX_SEGMENTS)
}

fn stem(file_name: &str) -> String {
    file_name.trim_end_matches(".onnx").to_owned()
}

/// Refuses machines that cannot answer, or that have another version of posekit or other networks.
fn refuse_others(ready: &Ready, begin: &Begin) -> Result<(), ClusterError> {
    let refused = |message: String| {
        let hint = Some("install the same posekit package on every machine of the cluster".to_owned());
        Err(ClusterError::Refused { message, hint })
    };
    if ready.nodes.is_empty() {
        return refused("the cluster has no machine with a free core".to_owned());
    }
    for node in &ready.nodes {
        let name = &node.name;
        if let Some(problem) = &node.problem {
            return refused(format!("machine {name} cannot run posekit: {problem}"));
        }
        let version = node.version.as_deref().unwrap_or("an unknown version");
        if version != begin.version {
            return refused(format!("machine {name} has posekit {version}, this one has {}", begin.version));
        }
        for (network, hash) in &begin.networks {
            match node.networks.get(network) {
                Some(found) if found == hash => {}
                Some(_) => return refused(format!("machine {name} has another network {network}")),
                None => return refused(format!("machine {name} lacks the network {network}")),
            }
        }
    }
    Ok(())
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
    /// Does a unit, at most [`MAX_TRIES`] times.
    fn delivery(&self, spec: &SegmentsSpec, dispatcher: &dyn Dispatcher) -> Result<Delivery, RunnerError> {
        let ClusterRunners { bridge, interrupt, .. } = self.shared;
        let task = self.task(spec)?;
        let is_wanted = || dispatcher.is_wanted() && !interrupt.is_requested();
        let mut fault = String::new();
        for _ in 0..MAX_TRIES {
            let (node, message) = match bridge.run(&task, &is_wanted).map_err(elsewhere)? {
                Answer::Canceled => return Err(UnitError::CalledOff.into()),
                Answer::Done(done) => match self.opened(&done, spec) {
                    Ok(delivery) => return Ok(delivery),
                    Err(message) => (done.node, message),
                },
                Answer::Failed(failed) => {
                    let node = failed.node.unwrap_or_else(|| "unknown".to_owned());
                    match failed.reach {
                        Reach::Video => {
                            return Err(RunnerError::GivenUp(Failure { reason: failed.message, hint: failed.hint }));
                        }
                        Reach::Request => {
                            let message = format!("machine {node}: {}", failed.message);
                            return Err(RunnerError::Elsewhere { message, hint: failed.hint });
                        }
                        Reach::Worker | Reach::Node => (node, failed.message),
                    }
                }
            };
            fault = format!("machine {node}: {message}");
            tracing::warn!("{}, {fault}", spec.path.display());
        }
        Err(RunnerError::GivenUp(Failure {
            reason: format!("it was tried {MAX_TRIES} times; the last time, {fault}"),
            hint: Some("extract it without --cluster to see whether the video is the cause".to_owned()),
        }))
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
        files::remove_folder(place.root()).map_err(UnitError::from)?;
        let is_to_the_end = spec.last_segment.is_none();
        Ok(next.filter(|_| !is_to_the_end))
    }
}

fn elsewhere(error: ClusterError) -> RunnerError {
    RunnerError::Elsewhere { message: error.to_string(), hint: error.hint().map(str::to_owned) }
}

/// Returns the memory limit of a worker on another machine. A share of this machine's memory says nothing there.
fn unit_memory_bytes(limit: MemoryLimit) -> u64 {
    match limit {
        MemoryLimit::Bytes(bytes) => bytes,
        MemoryLimit::Fraction(_) => UNIT_MEMORY_BYTES,
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
