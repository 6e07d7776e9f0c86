//! Opening the catalog with DuckDB. One process writes or several read, so opening waits for other processes.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection};

use super::error::StoreError;
use super::failure::of_catalog;

/// The time that another process may hold the catalog before opening fails.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
/// The time that readers may hold the catalog before they keep an older copy. posekit's own queries end within it. An
/// open notebook does not.
const READER_PATIENCE: Duration = Duration::from_secs(1);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Answers queries. The catalog must exist.
    Read,
    /// Changes the catalog, which is made if it is missing.
    Write,
    /// Makes small changes while an extraction holds most of the memory. DuckDB's memory is kept small.
    Commit,
}

/// DuckDB's memory limit while an extraction runs.
const COMMIT_MEMORY: &str = "64MiB";

/// Returns DuckDB's own message, without the text around it.
pub(super) fn message(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// Connects to the catalog. Waits if another process holds it. A process that only reads, such as an open notebook,
/// does not block a writer: a copy takes the catalog's place, and the reader keeps the old one until it connects again.
pub(super) fn connect_patiently(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let started = Instant::now();
    loop {
        let error = match connect(path, access) {
            Ok(connection) => return Ok(connection),
            Err(error) => message(&error),
        };
        if !error.contains("Could not set lock") {
            return Err(of_catalog(path, error));
        }
        let waited = started.elapsed();
        if access != Access::Read && waited >= READER_PATIENCE && leave_to_readers(path)? {
            continue;
        }
        if waited >= LOCK_PATIENCE {
            return Err(StoreError::Locked { path: path.to_path_buf(), holder: lock_holder(&error) });
        }
        std::thread::sleep(LOCK_RETRY);
    }
}

/// Replaces the catalog by a copy if only readers hold it. The readers keep the old file. Returns whether it did.
fn leave_to_readers(path: &Path) -> Result<bool, StoreError> {
    let gate_path = path.with_file_name(".catalog.lock");
    let gate = OpenOptions::new().write(true).create(true).truncate(false).open(&gate_path);
    let gate = gate.map_err(StoreError::io("write", &gate_path))?;
    // Without the gate, two writers would each put a copy in place, and the first one's commit would be lost.
    gate.lock().map_err(StoreError::io("lock", &gate_path))?;
    // While this connection is open, no process writes.
    let Ok(_reading) = connect(path, Access::Read) else { return Ok(false) };
    let copy = path.with_extension("copy");
    let copied = fs::copy(path, &copy).and_then(|_| File::open(&copy)?.sync_all());
    copied.map_err(StoreError::io("write", &copy))?;
    fs::rename(&copy, path).map_err(StoreError::io("write", path))?;
    Ok(true)
}

fn connect(path: &Path, access: Access) -> Result<Connection, duckdb::Error> {
    // All necessary extensions are built in. Nothing is downloaded without the user's knowledge.
    let config = Config::default()
        .enable_autoload_extension(false)?
        .with("autoinstall_known_extensions", "false")?
        // The system keeps files in memory already. DuckDB's copies would grow to the size of the dataset.
        .with("enable_external_file_cache", "false")?;
    let config = match access {
        Access::Read => config.access_mode(AccessMode::ReadOnly)?,
        Access::Write => config.access_mode(AccessMode::ReadWrite)?,
        Access::Commit => config.access_mode(AccessMode::ReadWrite)?.max_memory(COMMIT_MEMORY)?.threads(1)?,
    };
    Connection::open_with_flags(path, config)
}

/// Returns the part of DuckDB's message that names the other process.
fn lock_holder(message: &str) -> String {
    let held = message.find("Conflicting lock is held in ").map(|start| &message[start..]);
    let held = held.and_then(|text| text.split(". ").next());
    held.map_or_else(
        || "held by another process".to_owned(),
        |text| text.replace("Conflicting lock is held in", "held by"),
    )
}
