//! What `posekit bench` has measured, kept in the catalog.

use duckdb::params;

use super::catalog::Catalog;
use super::error::StoreError;

/// A measurement (table `benchmarks`). Times of stages in milliseconds of one core for each frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Benchmark {
    /// File name of the clip.
    pub video: String,
    /// The landmark network.
    pub network: String,
    /// People at most.
    pub people: u32,
    /// Frames of the clip.
    pub n_frames: u32,
    /// Cores of the machine.
    pub cores: usize,
    /// Decode, convert, detect, crop, landmarks, post-processing, write.
    pub stages_ms: [f64; 7],
    /// Frames a second if no core was ever idle.
    pub limit_per_s: f64,
    /// Frames a second end to end, start-up included.
    pub reached_per_s: f64,
    /// Seconds that an extraction of one frame takes.
    pub startup_s: f64,
    /// Runs of which the median counts.
    pub n_runs: usize,
    /// Largest resident memory, bytes.
    pub peak_rss_bytes: u64,
}

/// Adds a measurement to the catalog.
///
/// # Errors
/// DuckDB cannot write it.
pub fn add(catalog: &Catalog, benchmark: &Benchmark) -> Result<(), StoreError> {
    let [decode, convert, detect, crop, landmarks, post, write] = benchmark.stages_ms;
    let inserted = catalog.connection().execute(
        "INSERT INTO benchmarks VALUES ((now() AT TIME ZONE 'UTC')::TIMESTAMP, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            env!("CARGO_PKG_VERSION"),
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
        ],
    );
    inserted.map(|_| ()).map_err(|error| catalog.failed(&error))
}
