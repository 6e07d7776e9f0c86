//! The versions of the catalog. Migrations go forward only and never change once released: a test compares their
//! hashes.

use duckdb::{Connection, params};

use super::connection::message;
use super::error::StoreError;
use super::failure::of_catalog;
use std::collections::BTreeMap;
use std::path::Path;

/// The migrations in order. A catalog's version is the number of migrations that were applied to it.
const MIGRATIONS: [(&str, &str); 5] = [
    ("0001_catalog", include_str!("../../sql/migrations/0001_catalog.sql")),
    ("0002_benchmarks", include_str!("../../sql/migrations/0002_benchmarks.sql")),
    ("0003_result_keys", include_str!("../../sql/migrations/0003_result_keys.sql")),
    ("0004_footage", include_str!("../../sql/migrations/0004_footage.sql")),
    ("0005_benchmark_engines", include_str!("../../sql/migrations/0005_benchmark_engines.sql")),
];

/// The newest version of a catalog.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Returns the version of the catalog behind `connection`. A new catalog has version 0.
pub(super) fn version(connection: &Connection) -> Result<i64, duckdb::Error> {
    let has_table: bool = connection.query_row(
        "SELECT count(*) > 0 FROM duckdb_tables() WHERE table_name = 'schema_migrations'",
        [],
        |row| row.get(0),
    )?;
    if !has_table {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(version), 0) FROM schema_migrations", [], |row| row.get(0))
}

/// Brings the catalog to the newest version. Returns `true` if a migration was applied.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<bool, StoreError> {
    let failed = |error: duckdb::Error| of_catalog(path, message(&error));
    let found = version(connection).map_err(failed)?;
    if found > VERSION {
        return Err(StoreError::NewerCatalog { path: path.to_path_buf(), found, known: VERSION });
    }
    if found == VERSION {
        return Ok(false);
    }
    apply(connection, found).map_err(failed)?;
    Ok(true)
}

/// Applies all migrations after the version `found`, in one transaction.
fn apply(connection: &mut Connection, found: i64) -> Result<(), duckdb::Error> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             version BIGINT PRIMARY KEY, name VARCHAR NOT NULL, blake3 VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)",
    )?;
    for (number, (name, sql)) in (1_i64..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(sql)?;
        transaction.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, ?, (now() AT TIME ZONE 'UTC')::TIMESTAMP)",
            params![number, name, blake3::hash(sql.as_bytes()).to_hex().as_str()],
        )?;
    }
    transaction.commit()
}

/// Covers the tables of an older catalog with temporary ones of this connection, so that the catalog can be read
/// without changing it. Columns that later migrations add are NULL, and tables that they add are empty.
pub(super) fn cover_older_tables(connection: &Connection) -> Result<(), duckdb::Error> {
    let mut newest = Connection::open_in_memory()?;
    apply(&mut newest, 0)?;
    let found = columns(connection)?;
    let database: String = connection.query_row("SELECT current_database()", [], |row| row.get(0))?;
    for (table, columns) in columns(&newest)? {
        let sql = match found.get(&table) {
            None => {
                let declared: Vec<String> = columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
                format!("CREATE OR REPLACE TEMP TABLE {table} ({})", declared.join(", "))
            }
            Some(known) if columns.iter().any(|column| !known.contains(column)) => {
                let selected: Vec<String> = columns.iter().map(|column| select_or_null(column, known)).collect();
                let from = format!("\"{}\".main.{table}", database.replace('"', "\"\""));
                format!("CREATE OR REPLACE TEMP VIEW {table} AS SELECT {} FROM {from}", selected.join(", "))
            }
            Some(_) => continue,
        };
        connection.execute_batch(&sql)?;
    }
    Ok(())
}

/// A column's name and DuckDB type.
type Column = (String, String);

/// Returns the columns of each table of a catalog, in their order.
fn columns(connection: &Connection) -> Result<BTreeMap<String, Vec<Column>>, duckdb::Error> {
    let mut statement = connection.prepare(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()
         WHERE schema_name = 'main' AND NOT internal AND database_name = current_database()
           AND table_name IN (SELECT table_name FROM duckdb_tables())
         ORDER BY table_name, column_index",
    )?;
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    for row in rows {
        let (table, column) = row?;
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

/// Returns the SQL for a column of a table that has the columns `known`.
fn select_or_null(column: &Column, known: &[Column]) -> String {
    let (name, kind) = column;
    if known.contains(column) { format!("\"{name}\"") } else { format!("NULL::{kind} AS \"{name}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A released migration must not change: otherwise, existing catalogs would differ from new ones.
    #[test]
    fn released_migrations_are_unchanged() {
        let hashes = MIGRATIONS.map(|(name, sql)| (name, blake3::hash(sql.as_bytes()).to_hex()[..16].to_owned()));
        let known = [
            ("0001_catalog", "0239994f870f7eb7"),
            ("0002_benchmarks", "fdf7c8214245cc3b"),
            ("0003_result_keys", "26c8f43b8c80b005"),
            ("0004_footage", "ecb39623e468bb46"),
            ("0005_benchmark_engines", "c86b8b6eaff05dbd"),
        ];
        assert_eq!(hashes, known.map(|(name, hash)| (name, hash.to_owned())));
    }

    #[test]
    fn migrating_twice_does_nothing_the_second_time() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(migrate(&mut connection, Path::new("memory")).unwrap());
        assert!(!migrate(&mut connection, Path::new("memory")).unwrap());
        assert_eq!(version(&connection).unwrap(), VERSION);
    }

    #[test]
    fn a_catalog_of_the_future_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("memory")).unwrap();
        connection.execute("INSERT INTO schema_migrations VALUES (999, 'x', 'x', now()::TIMESTAMP)", []).unwrap();
        assert!(matches!(
            migrate(&mut connection, Path::new("memory")),
            Err(StoreError::NewerCatalog { found: 999, .. })
        ));
    }
}
