//! Opening the catalog with DuckDB, patiently: one process writes or several read.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection};

use super::error::StoreError;
use super::failure::of_catalog;

/// How long another process may hold the catalog before that is an error.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
/// How long readers may hold it before they keep an older one: a query of ours is over by then, an open notebook is not.
const READER_PATIENCE: Duration = Duration::from_secs(1);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Answer queries; the catalog must exist.
    Read,
    /// Change it; it is made where it is missing.
    Write,
    /// Change it a little while an extraction holds most of the memory: DuckDB is kept small.
    Commit,
}

/// DuckDB's memory while an extraction runs.
const COMMIT_MEMORY: &str = "64MiB";

/// DuckDB's own words, without the wrapping.
pub(super) fn message(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// Connects, waiting if another process has the catalog. Who only reads it, such as an open notebook, does not hold up who writes:
/// a copy takes the catalog's place, and the reader keeps the old one until it connects anew.
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

/// Puts a copy in the catalog's place if only readers hold it; they keep what they have. Returns whether it did.
fn leave_to_readers(path: &Path) -> Result<bool, StoreError> {
    let gate_path = path.with_file_name(".catalog.lock");
    let gate = OpenOptions::new().write(true).create(true).truncate(false).open(&gate_path);
    let gate = gate.map_err(StoreError::io("write", &gate_path))?;
    // Two writers would each put a copy in its place, and the first's commit would be gone.
    gate.lock().map_err(StoreError::io("lock", &gate_path))?;
    // While this connection is open, nobody writes.
    let Ok(_reading) = connect(path, Access::Read) else { return Ok(false) };
    let copy = path.with_extension("copy");
    let copied = fs::copy(path, &copy).and_then(|_| File::open(&copy)?.sync_all());
    copied.map_err(StoreError::io("write", &copy))?;
    fs::rename(&copy, path).map_err(StoreError::io("write", path))?;
    Ok(true)
}

fn connect(path: &Path, access: Access) -> Result<Connection, duckdb::Error> {
    // Everything that is needed is built in; nothing is fetched behind the user's back.
    let config = Config::default().enable_autoload_extension(false)?.with("autoinstall_known_extensions", "false")?;
    let config = match access {
        Access::Read => config.access_mode(AccessMode::ReadOnly)?,
        Access::Write => config.access_mode(AccessMode::ReadWrite)?,
        Access::Commit => config.access_mode(AccessMode::ReadWrite)?.max_memory(COMMIT_MEMORY)?.threads(1)?,
    };
    Connection::open_with_flags(path, config)
}

/// The part of DuckDB's message that names the other process.
fn lock_holder(message: &str) -> String {
    let held = message.find("Conflicting lock is held in ").map(|start| &message[start..]);
    let held = held.and_then(|text| text.split(". ").next());
    held.map_or_else(
        || "another process holds it".to_owned(),
        |text| text.replace("Conflicting lock is held in", "held by"),
    )
}
