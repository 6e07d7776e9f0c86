//! Measurements of `posekit bench`: `DATASET/journal/benchmarks.jsonl`, and the table `benchmarks` of the catalog.

use std::time::{SystemTime, UNIX_EPOCH};

use duckdb::params;
use serde::{Deserialize, Serialize};

use super::catalog::Catalog;
use super::error::StoreError;
use crate::journal;

/// One measurement (a row of table `benchmarks`). Times of stages are in milliseconds of one core per frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Benchmark {
    /// The file name of the clip.
    pub(crate) video: String,
    /// The landmark network.
    pub(crate) network: String,
    /// The engines of the networks, with versions; `None` in measurements of earlier versions.
    #[serde(default)]
    pub(crate) inference: Option<String>,
    /// The largest number of people.
    pub(crate) people: u32,
    /// The number of frames of the clip.
    pub(crate) n_frames: u32,
    /// The number of cores of the machine.
    pub(crate) cores: usize,
    /// The times of decode, convert, detect, crop, landmarks, post-processing, write.
    pub(crate) stages_ms: [f64; 7],
    /// Frames per second if no core is ever idle.
    pub(crate) limit_per_s: f64,
    /// Frames per second end to end, start-up included.
    pub(crate) reached_per_s: f64,
    /// The time that an extraction of one frame takes, seconds.
    pub(crate) startup_s: f64,
    /// The number of repetitions. The values are their medians.
    pub(crate) n_runs: usize,
    /// The largest resident memory, bytes.
    pub(crate) peak_rss_bytes: u64,
}

/// The name of the journal that keeps the measurements. A rebuilt catalog reads the measurements from it.
const NAME: &str = "benchmarks";

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    measured_at_us: i64,
    posekit_version: String,
    benchmark: Benchmark,
}

/// Adds a measurement to the dataset.
///
/// # Errors
/// The journal or the catalog cannot be written.
pub(crate) fn add(catalog: &Catalog, benchmark: &Benchmark) -> Result<(), StoreError> {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let line = Line {
        measured_at_us: i64::try_from(age.as_micros()).unwrap_or_default(),
        posekit_version: env!("CARGO_PKG_VERSION").to_owned(),
        benchmark: benchmark.clone(),
    };
    journal::append(catalog.layout().root(), NAME, &line)?;
    insert(catalog, &line)
}

/// Puts all measurements of the journal into a new catalog.
///
/// # Errors
/// The journal cannot be read, or the catalog cannot be written.
pub(super) fn index(catalog: &Catalog) -> Result<(), StoreError> {
    let mut lines: Vec<Line> = Vec::new();
    journal::scan(catalog.layout().root(), NAME, &mut |_, line| lines.push(line))?;
    lines.iter().try_for_each(|line| insert(catalog, line))
}

fn insert(catalog: &Catalog, line: &Line) -> Result<(), StoreError> {
    let Line { measured_at_us, posekit_version, benchmark } = line;
    let [decode, convert, detect, crop, landmarks, post, write] = benchmark.stages_ms;
    let inserted = catalog.connection().execute(
        "INSERT INTO benchmarks VALUES (make_timestamp(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            measured_at_us,
            posekit_version,
            benchmark.video,
            benchmark.network,
            benchmark.people,
            benchmark.n_frames,
            benchmark.cores as u64,
            decode,
            convert,
            detect,
            crop,
            landmarks,
            post,
            write,
            benchmark.limit_per_s,
            benchmark.reached_per_s,
            benchmark.startup_s,
            benchmark.n_runs as u64,
            benchmark.peak_rss_bytes,
            benchmark.inference,
        ],
    );
    inserted.map(|_| ()).map_err(|error| catalog.failed(&error))
}
