//! Units of work in other processes give the same rows as a plain extraction, even if a worker is killed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use posekit::extract::settings::{PoseSettings, TimeRange};
use posekit::inference::networks::LandmarkNetwork;
use posekit::pose::follow::People;
use serde_json::{Value, json};

use crate::support::{BALANCE, Dataset, clip, posekit};

const SEGMENT_FRAMES: u32 = 20;

/// A worker process.
struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    fn start(dataset: &Path, failpoint: Option<&str>) -> Self {
        let mut command = posekit();
        command.args(["worker", "--memory_limit", "1GiB", "--dataset"]).arg(dataset);
        failpoint.map(|place| command.env("POSEKIT_FAILPOINT", place));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    /// Sends a line, and reads up to the answer. `None` if the worker dies before.
    fn send(&mut self, line: &str) -> Option<Value> {
        writeln!(self.stdin, "{line}").unwrap();
        loop {
            let mut answer = String::new();
            if self.stdout.read_line(&mut answer).unwrap() == 0 {
                return None;
            }
            let answer: Value = serde_json::from_str(&answer).unwrap();
            if answer.get("progress").is_none() {
                return Some(answer);
            }
        }
    }

    /// The result of a unit that is done.
    fn done(&mut self, id: &str, unit: &Value) -> Value {
        let answer = self.send(&json!({"id": id, "unit": unit}).to_string()).unwrap();
        assert_eq!(answer["id"], id);
        assert!(answer["done"]["peak_rss_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{answer}");
        answer["done"]["result"].clone()
    }

    fn end(self) {
        let Self { mut child, stdin, .. } = self;
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }
}

/// What a plain extraction of a clip makes, and the unit that prepares the same.
fn plain() -> (Dataset, Value) {
    let plain = Dataset::new();
    let path = clip(BALANCE);
    let arguments = ["--people", "1", "--network", "lite", "--end", "1.5", "--segment-frames", "20", "--video"];
    plain.run("extract", &[&arguments[..], &[path.to_str().unwrap()]].concat()).expect_status(0);
    let pose = PoseSettings {
        network: LandmarkNetwork::Lite,
        people: People::One,
        range: TimeRange { start_s: None, end_s: Some(1.5) },
        segment_frames: SEGMENT_FRAMES,
        ..PoseSettings::default()
    };
    let run = plain.rows("SELECT run_id, video_id, fingerprint FROM runs").swap_remove(0);
    assert_eq!(run["fingerprint"], pose.fingerprint(run["video_id"].as_str().unwrap()));
    let stamp = plain.rows("SELECT size_bytes, modified_ns FROM files").swap_remove(0);
    let job = json!({"number": 0, "path": path, "name": BALANCE, "stamp": stamp, "label": run});
    (plain, json!({"prepare": {"job": job, "pose": pose, "segments_per_unit": 1}}))
}

/// The bytes of all parts whose path fits.
fn parts(dataset: &Dataset, is_wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let names = dataset.files().into_iter().filter(|name| name.ends_with(".parquet") && is_wanted(name));
    names.map(|name| (name.clone(), fs::read(dataset.path().join(name)).unwrap())).collect()
}

#[test]
fn workers_make_the_same_bytes_as_one_extraction_even_if_one_is_killed() {
    let (plain, prepare) = plain();
    let apart = Dataset::new();
    // Five files of each segment: it dies while it seals the second one.
    let mut first = Worker::start(&apart.path(), Some("file-renamed=7"));
    let identified = first.done("who", &json!({"identify": {"path": clip(BALANCE)}}));
    assert_eq!(identified["identify"]["video_id"], prepare["prepare"]["job"]["label"]["video_id"]);
    let prepared = first.done("plan", &prepare);
    let units = prepared["prepare"]["segments"].as_array().unwrap().clone();
    assert_eq!(units.len(), 5, "{units:?}");
    let mut records = vec![first.done("0", &json!({"segments": units[0]}))];
    assert!(first.send(&json!({"id": "1", "unit": {"segments": units[1]}}).to_string()).is_none());
    assert!(first.child.wait().unwrap().code().is_none());

    // Another one does what is left, in any order; it also takes what was half done.
    let mut second = Worker::start(&apart.path(), None);
    for number in [4, 1, 3, 2] {
        records.push(second.done(&number.to_string(), &json!({"segments": units[number]})));
    }
    assert!(records.iter().all(|record| record["segments"]["has_diverged"] == false), "{records:?}");
    let mut completion = prepared["prepare"]["completion"].clone();
    completion["record"] = records[0]["segments"]["record"].clone();
    let outcome = second.done("end", &json!({"complete": completion}));
    assert_eq!(outcome["ended"]["outcome"]["run"]["status"], "ok", "{outcome}");
    let is_of_rows = |name: &str| !name.starts_with("runs/");
    assert_eq!(parts(&apart, is_of_rows), parts(&plain, is_of_rows));
    // Prepared again, there is nothing left to do but to record it.
    let again = second.done("again", &prepare);
    assert_eq!(again["ended"]["outcome"]["run"]["n_frames"], 90);

    // The analysis of a run is a unit, too.
    plain.run("analyze", &["--height_m", "1.7"]).expect_status(0);
    let label = &prepare["prepare"]["job"]["label"];
    let wishes = json!({"height_m": 1.7});
    let analyze = json!({"analyze": {"video_id": label["video_id"], "run_id": label["run_id"], "wishes": wishes}});
    let analyzed = second.done("analyze", &analyze);
    assert_eq!(analyzed["analyze"]["n_up_to_date"], 0);
    assert_eq!(second.done("analyze", &analyze)["analyze"]["made"], json!([]));
    second.end();
    assert_eq!(parts(&apart, is_of_rows), parts(&plain, is_of_rows));

    // Whoever sent the units records the run; here that is a plain extraction, which finds nothing else to do.
    let path = clip(BALANCE);
    let arguments = ["--people", "1", "--network", "lite", "--end", "1.5", "--segment-frames", "20", "--video"];
    apart.run("extract", &[&arguments[..], &[path.to_str().unwrap()]].concat()).expect_status(0);
    assert_eq!(apart.number("SELECT count(*) FROM frames"), 90.0);
    assert_eq!(parts(&apart, is_of_rows), parts(&plain, is_of_rows));
    apart.run("status", &["--check"]).expect_status(0);
}

#[test]
fn what_is_wrong_with_a_unit_is_a_line_and_the_next_one_is_done() {
    let (_, prepare) = plain();
    let dataset = Dataset::new();
    let mut worker = Worker::start(&dataset.path(), None);
    let failed = |answer: Option<Value>| answer.unwrap()["failed"].clone();
    let said = failed(worker.send("{\"id\": 7, \"unit\": {\"dance\": {}}}"));
    assert_eq!(said["reach"], "request", "{said}");
    assert!(said["message"].as_str().unwrap().contains("dance"), "{said}");
    assert_eq!(failed(worker.send("no JSON"))["reach"], "request");
    let missing = dataset.beside("gone.mp4");
    let gone = worker.send(&json!({"unit": {"identify": {"path": missing}}}).to_string());
    assert_eq!(failed(gone)["reach"], "video");
    let mut planned_elsewhere = prepare.clone();
    planned_elsewhere["prepare"]["job"]["label"]["fingerprint"] = json!("0123456789abcdef0123456789abcdef");
    let said = failed(worker.send(&json!({"id": 1, "unit": planned_elsewhere}).to_string()));
    assert!(said["message"].as_str().unwrap().contains("another version of posekit"), "{said}");
    let analyze = json!({"analyze": {"video_id": "vgone", "run_id": "rgone"}});
    assert_eq!(failed(worker.send(&json!({"unit": analyze}).to_string()))["reach"], "worker");
    // A video that cannot be read is an outcome.
    let text = dataset.beside("text.mp4");
    fs::write(&text, "no video").unwrap();
    let mut of_text = prepare.clone();
    of_text["prepare"]["job"]["path"] = json!(text);
    let ended = worker.done("text", &of_text);
    assert_eq!(ended["ended"]["outcome"]["run"]["status"], "failed", "{ended}");
    assert!(worker.done("fine", &prepare).get("prepare").is_some());
    worker.end();
}
