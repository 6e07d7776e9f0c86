//! The DuckDB library itself.

use duckdb::Connection;

use super::connection::message;

/// The version of the DuckDB library that is loaded, such as `v1.5.6`.
///
/// # Errors
/// The library does not work; DuckDB's own words.
pub fn duckdb_version() -> Result<String, String> {
    Connection::open_in_memory().and_then(|connection| connection.version()).map_err(|error| message(&error))
}
