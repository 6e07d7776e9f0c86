//! The JSON lines between this process and the bridge (docs/SCALE.md). Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the bridge has to know first.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Begin {
    /// The version of this program.
    pub(crate) version: String,
    /// The hashes of the networks that units need, by file name without extension.
    pub(crate) networks: BTreeMap<String, String>,
    /// The folder in which the bridge puts the files of finished units.
    pub(crate) scratch: PathBuf,
}

/// A unit of work and what it needs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Task {
    /// The unit, as `posekit worker` reads it (docs/WORKER.md).
    pub(crate) unit: Value,
    /// The video that the unit reads.
    pub(crate) video: Option<Video>,
    /// The files below the dataset that the unit reads.
    pub(crate) parts: Vec<PathBuf>,
    /// The dataset on this machine.
    pub(crate) dataset: PathBuf,
    /// The tables that the unit makes.
    pub(crate) outputs: Vec<&'static str>,
    /// The number of cores.
    pub(crate) num_cpus: u32,
    /// The memory limit of the worker.
    pub(crate) memory_bytes: u64,
    /// The time after which the unit counts as hung.
    pub(crate) timeout_s: f64,
}

/// A video file on this machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Video {
    /// The absolute path.
    pub(crate) path: PathBuf,
    /// The hash of the content.
    pub(crate) video_id: String,
    /// The size of the file.
    pub(crate) size_bytes: u64,
}

/// A line to the bridge.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToBridge<'a> {
    Begin(&'a Begin),
    Submit {
        id: u64,
        #[serde(flatten)]
        task: &'a Task,
    },
    Cancel(u64),
    End {},
}

/// A line from the bridge.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromBridge {
    Ready(Ready),
    Started(IgnoredAny),
    Nodes(IgnoredAny),
    Done {
        id: u64,
        #[serde(flatten)]
        done: Done,
    },
    /// Without an id, nothing can be done at all.
    Failed {
        id: Option<u64>,
        #[serde(flatten)]
        failed: Failed,
    },
}

/// The cluster, as it is when the work begins.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ready {
    /// The engine and its version.
    pub(crate) engine: String,
    /// The address of the engine's own pages.
    pub(crate) dashboard: Option<String>,
    /// The machines.
    pub(crate) nodes: Vec<Node>,
}

/// A machine of the cluster.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Node {
    /// The name of the machine.
    pub(crate) name: String,
    /// The number of cores that units may use.
    pub(crate) num_cpus: f64,
    /// The version of posekit there.
    pub(crate) version: Option<String>,
    /// The hashes of the networks there.
    #[serde(default)]
    pub(crate) networks: BTreeMap<String, String>,
    /// Why the machine could not answer.
    pub(crate) problem: Option<String>,
}

/// A finished unit.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Done {
    /// The result, as `posekit worker` writes it.
    pub(crate) result: Value,
    /// The folder with the unit's files, below [`Begin::scratch`].
    pub(crate) files: PathBuf,
    /// The machine that did the unit.
    pub(crate) node: String,
    /// The bytes that went to the machine.
    #[serde(default)]
    pub(crate) sent_bytes: u64,
    /// The bytes that came back.
    #[serde(default)]
    pub(crate) received_bytes: u64,
}

/// A unit that failed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Failed {
    /// The extent of the failure.
    pub(crate) reach: Reach,
    /// The reason.
    pub(crate) message: String,
    /// What the user can do.
    pub(crate) hint: Option<String>,
    /// The machine.
    pub(crate) node: Option<String>,
}

/// The extent of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    /// The unit is invalid, or the machine has another version of posekit.
    Request,
    /// The video cannot be read.
    Video,
    /// The worker's machine cannot do the unit: its disk is full, its memory too small.
    Worker,
    /// The machine or its worker died, or took too long.
    Node,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_documented() {
        let task = Task {
            unit: serde_json::json!({"analyze": {}}),
            video: None,
            parts: vec!["tracks/part-00000.parquet".into()],
            dataset: "/d".into(),
            outputs: vec!["metrics"],
            num_cpus: 1,
            memory_bytes: 1 << 30,
            timeout_s: 9.5,
        };
        let line = serde_json::to_value(ToBridge::Submit { id: 7, task: &task }).unwrap();
        assert_eq!((&line["submit"]["id"], &line["submit"]["timeout_s"]), (&7.into(), &9.5.into()));
        assert_eq!(serde_json::to_string(&ToBridge::Cancel(7)).unwrap(), r#"{"cancel":7}"#);
        assert_eq!(serde_json::to_string(&ToBridge::End {}).unwrap(), r#"{"end":{}}"#);
        let done = r#"{"done": {"id": 7, "result": {"segments": {}}, "files": "a", "node": "n", "wall_s": 1.0,
            "peak_rss_bytes": 1, "sent_bytes": 2, "received_bytes": 3}}"#;
        let Ok(FromBridge::Done { id: 7, done }) = serde_json::from_str(done) else { panic!("{done}") };
        assert_eq!((done.node.as_str(), done.received_bytes), ("n", 3));
        let failed = r#"{"failed": {"id": 8, "reach": "node", "message": "m", "hint": null, "node": null}}"#;
        let Ok(FromBridge::Failed { id: Some(8), failed }) = serde_json::from_str(failed) else { panic!("{failed}") };
        assert_eq!((failed.reach, failed.message.as_str()), (Reach::Node, "m"));
    }
}
