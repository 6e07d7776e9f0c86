//! The DuckDB library itself.

use duckdb::Connection;

use super::connection::message;

/// Returns the version of the loaded DuckDB library, such as `v1.5.6`.
///
/// # Errors
/// The library does not work. The error is DuckDB's own message.
pub(crate) fn duckdb_version() -> Result<String, String> {
    Connection::open_in_memory().and_then(|connection| connection.version()).map_err(|error| message(&error))
}
