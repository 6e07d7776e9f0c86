//! Connects commands to a cluster: starts the bridge, refuses machines that would compute something else, and has units
//! done there.

use super::worker::build;
use crate::artifacts::files;
use crate::cluster::{Answer, Begin, Bridge, ClusterAddress, ClusterError, Done, Python, Reach, Ready, Task};
use crate::error::Error;
use crate::extract::spec::Failure;
use crate::inference::networks::NetworkFile;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::memory::limit::MemoryLimit;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::Layout;

/// The number of tries of a unit. Machines and workers may die for other reasons than the video.
const MAX_TRIES: u32 = 3;

/// The memory limit of a worker if the user's limit is a share of this machine's memory.
const UNIT_MEMORY_BYTES: u64 = 1536 << 20;

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
    let networks = networks.iter().map(|file| (file.name().to_owned(), file.sha256.to_owned())).collect();
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
            return refused(format!("machine {name}: {problem}"));
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

/// The reason why a unit was not done.
pub(super) enum NotDone {
    /// It was not wanted any more.
    Canceled,
    /// The video cannot be read, or every try failed.
    GivenUp(Failure),
    /// The cluster can do no unit at all.
    Elsewhere { message: String, hint: Option<String> },
}

impl From<ClusterError> for NotDone {
    fn from(error: ClusterError) -> Self {
        Self::Elsewhere { message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

/// Has a unit done, in at most [`MAX_TRIES`] tries. `open` verifies what came back. `what` names the unit for messages.
pub(super) fn have_done<T>(
    bridge: &Bridge,
    task: &Task,
    what: &str,
    is_wanted: &dyn Fn() -> bool,
    open: impl Fn(&Done) -> Result<T, String>,
) -> Result<T, NotDone> {
    let mut fault = String::new();
    for _ in 0..MAX_TRIES {
        let (node, message) = match bridge.run(task, is_wanted)? {
            Answer::Canceled => return Err(NotDone::Canceled),
            Answer::Done(done) => match open(&done) {
                Ok(opened) => return Ok(opened),
                Err(message) => (done.node, message),
            },
            Answer::Failed(failed) => {
                let node = failed.node.unwrap_or_else(|| "unknown".to_owned());
                match failed.reach {
                    Reach::Video => {
                        return Err(NotDone::GivenUp(Failure {
                            reason: failed.message,
                            hint: failed.hint,
                            is_stalled: false,
                        }));
                    }
                    Reach::Request => {
                        let message = format!("machine {node}: {}", failed.message);
                        return Err(NotDone::Elsewhere { message, hint: failed.hint });
                    }
                    Reach::Worker | Reach::Node => (node, failed.message),
                }
            }
        };
        fault = format!("machine {node}: {message}");
        tracing::warn!("{what}, {fault}");
    }
    Err(NotDone::GivenUp(Failure {
        reason: format!("it was tried {MAX_TRIES} times; the last time, {fault}"),
        hint: Some("without --cluster, you see whether the video is the cause".to_owned()),
        is_stalled: false,
    }))
}

/// Returns the memory limit of a worker on another machine. A share of this machine's memory says nothing there.
#[must_use]
pub(super) fn unit_memory_bytes(limit: MemoryLimit) -> u64 {
    match limit {
        MemoryLimit::Bytes(bytes) => bytes,
        MemoryLimit::Fraction(_) => UNIT_MEMORY_BYTES,
    }
}
