//! Opening the catalog with DuckDB, patiently: one process writes or several read.

use std::path::Path;
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection};

use super::error::StoreError;
use super::failure::of_catalog;

/// How long another process may hold the catalog before that is an error.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
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

/// Connects, waiting where another process has the catalog.
pub(super) fn connect_patiently(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        let error = match connect(path, access) {
            Ok(connection) => return Ok(connection),
            Err(error) => message(&error),
        };
        if !error.contains("Could not set lock") {
            return Err(of_catalog(path, error));
        }
        if Instant::now() >= deadline {
            return Err(StoreError::Locked { path: path.to_path_buf(), holder: lock_holder(&error) });
        }
        std::thread::sleep(LOCK_RETRY);
    }
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
    let held = held.and_then(|text| text.split(". See").next());
    held.map_or_else(
        || "another process holds it".to_owned(),
        |text| text.replace("Conflicting lock is held in", "held by"),
    )
}
