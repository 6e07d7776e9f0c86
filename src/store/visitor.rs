//! Untrusted queries, such as those of a page in a browser. They read the dataset's tables, within limits, and do
//! nothing else.
//!
//! There are two protections. DuckDB itself is confined to the dataset's folder, with its settings locked
//! ([`SharedCatalog`]). And each statement is checked before it runs: it must be a single query, or the explanation of
//! one, and only the table functions of a list are allowed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::Value;

use super::catalog::Catalog;
use super::error::StoreError;
use super::query::{self, Author};
use super::select::select;
use super::shared_catalog::SharedCatalog;
use super::values::{ValueKind, values};
use super::views;
use crate::sql::essence::{block_comment, line_comment};

/// The interval at which a running query checks whether its answer is still needed.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The largest size of an answer's texts, bytes. A browser shows rows, not long documents.
const MAX_ANSWER_BYTES: usize = 32 << 20;

const ASKED: &str = include_str!("../../sql/serve/asked.sql");
const RELATIONS: &str = include_str!("../../sql/serve/relations.sql");

/// The query that answers `SHOW TABLES`. Without it, views that are covered for a connection would be listed twice.
const TABLES_ONCE: &str = "SELECT DISTINCT name FROM (SHOW TABLES) ORDER BY name";

/// The table functions that only make rows, or read the dataset and the catalog. All others are rejected.
const TABLE_FUNCTIONS: [&str; 23] = [
    "duckdb_columns",
    "duckdb_constraints",
    "duckdb_functions",
    "duckdb_indexes",
    "duckdb_keywords",
    "duckdb_schemas",
    "duckdb_tables",
    "duckdb_types",
    "duckdb_views",
    "generate_series",
    "json_each",
    "json_tree",
    "parquet_file_metadata",
    "parquet_kv_metadata",
    "parquet_metadata",
    "parquet_scan",
    "parquet_schema",
    "pragma_table_info",
    "pragma_version",
    "range",
    "read_parquet",
    "repeat",
    "unnest",
];

/// A column: its name, and the kind of its values.
pub(crate) type NamedKind = (String, ValueKind);

/// The first rows of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FirstRows {
    /// The columns. Names may repeat.
    pub(crate) columns: Vec<NamedKind>,
    /// The rows. Each has a value for each column.
    pub(crate) rows: Vec<Vec<Value>>,
    /// Whether there are more rows.
    pub(crate) is_cut: bool,
}

/// A table or view of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelationInfo {
    /// The name.
    pub(crate) name: String,
    /// The description from the header of its SQL. It is empty for tables.
    pub(crate) description: String,
    /// The columns.
    pub(crate) columns: Vec<NamedKind>,
}

/// Runs a query and returns its first rows. It ends early, with an error, once `is_abandoned` becomes true.
///
/// # Errors
/// The SQL is wrong (the message shows the place), it is not a query, it does more than read, or the catalog cannot be
/// opened.
pub(crate) fn first_rows(
    shared: &SharedCatalog,
    sql: &str,
    max_rows: usize,
    is_abandoned: &AtomicBool,
) -> Result<FirstRows, StoreError> {
    first_rows_until(shared, sql, max_rows, &|| is_abandoned.load(Ordering::Relaxed))
}

/// Like [`first_rows`], but ends early once `must_end` returns true. `must_end` is called repeatedly, from another
/// thread.
///
/// # Errors
/// As for [`first_rows`].
pub(crate) fn first_rows_until(
    shared: &SharedCatalog,
    sql: &str,
    max_rows: usize,
    must_end: &(dyn Fn() -> bool + Sync),
) -> Result<FirstRows, StoreError> {
    shared.visit(|catalog| {
        let interrupt = catalog.connection().interrupt_handle();
        let (running, has_ended) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let watch = move || {
                while has_ended.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    // The interrupt is repeated, because it has no effect between two statements.
                    if must_end() {
                        interrupt.interrupt();
                    }
                }
            };
            let watching = std::thread::Builder::new().name("query watch".to_owned()).spawn_scoped(scope, watch);
            watching.map_err(|error| StoreError::Sql { message: format!("cannot start a thread: {error}") })?;
            let rows = check(catalog, sql).and_then(|sql| read(catalog, sql, max_rows));
            drop(running);
            rows
        })
    })
}

/// Returns all views, each with the description from the header of its SQL.
#[must_use]
pub(crate) fn descriptions() -> Vec<(String, String)> {
    views::descriptions().map(|(name, what)| (name.to_owned(), what)).collect()
}

/// Returns all tables and views, tables of the catalog first.
///
/// # Errors
/// The catalog cannot be read.
pub(crate) fn relations(shared: &SharedCatalog) -> Result<Vec<RelationInfo>, StoreError> {
    let mut columns: BTreeMap<String, Vec<NamedKind>> = BTreeMap::new();
    shared.visit(|catalog| {
        select(catalog, &[], RELATIONS, |rows| -> Result<(), StoreError> {
            let texts = [rows.texts("relation")?, rows.texts("column_name")?, rows.texts("data_type")?];
            let [names, column_names, types] = texts;
            for ((name, column), data_type) in names.into_iter().zip(column_names).zip(types) {
                columns.entry(name).or_default().push((column, ValueKind::of_name(&data_type)));
            }
            Ok(())
        })
    })?;
    let descriptions: Vec<(&str, String)> = views::descriptions().collect();
    let place = |name: &str| descriptions.iter().position(|(view, _)| *view == name);
    let relation = |(name, columns): (String, Vec<NamedKind>)| {
        let description = place(&name).map(|place| descriptions[place].1.clone()).unwrap_or_default();
        RelationInfo { name, description, columns }
    };
    let mut relations: Vec<RelationInfo> = columns.into_iter().map(relation).collect();
    relations.sort_by_key(|relation| place(&relation.name));
    Ok(relations)
}

fn refused(message: &str) -> StoreError {
    StoreError::Sql { message: message.to_owned() }
}

/// Rejects everything except one query that only reads, or `EXPLAIN` and such a query. Nothing of the statement is run.
/// Returns the SQL to run.
fn check<'sql>(catalog: &Catalog, sql: &'sql str) -> Result<&'sql str, StoreError> {
    let mut verdict = Err(refused("The query cannot be parsed."));
    // `EXPLAIN` is replaced by blanks, so that places in messages match the written text.
    let query = explained(sql);
    select(catalog, &[("asked", Some(query.as_deref().unwrap_or(sql)))], ASKED, |rows| -> Result<(), StoreError> {
        let texts = |name: &str| rows.texts(name).map(|texts| texts.into_iter().next().unwrap_or_default());
        let (problem, message, functions) = (texts("problem")?, texts("message")?, texts("functions")?);
        let number = |name: &str| rows.numbers(name).map(|numbers| numbers.first().copied().unwrap_or(f64::NAN));
        let (place, n_statements) = (number("place")?, number("n_statements")?);
        let is_list = query.is_none() && texts("is_list_of_tables")? == "true";
        let to_run = if is_list { TABLES_ONCE } else { sql };
        verdict = match problem.as_str() {
            "" if n_statements == 0.0 => Err(refused("The query is empty.")),
            "" if n_statements == 1.0 => check_functions(&functions).map(|()| to_run),
            "" => Err(refused("Only one query at a time is allowed.")),
            "parser" => Err(refused(&with_place(&format!("Parser Error: {message}"), sql, place))),
            _ => Err(refused(
                "Only queries are allowed: SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, and EXPLAIN of these (without ANALYZE).\n\
                 Statements that write or change settings are rejected.",
            )),
        };
        Ok(())
    })
    .map_err(|error| match error {
        // SQL that DuckDB cannot parse is an error of the user.
        StoreError::Engine { message } => StoreError::Sql { message },
        other => other,
    })?;
    verdict
}

/// Returns the SQL with blanks in place of `EXPLAIN`, if it begins with that word; `None` also for `EXPLAIN ANALYZE`,
/// which runs the query.
fn explained(sql: &str) -> Option<String> {
    const EXPLAIN: &str = "EXPLAIN";
    let rest = after_word(sql, EXPLAIN)?;
    let end = sql.len() - rest.len();
    let blanks = " ".repeat(EXPLAIN.len());
    after_word(rest, "ANALYZE").is_none().then(|| format!("{}{blanks}{rest}", &sql[..end - EXPLAIN.len()]))
}

/// Returns the text after a word that the SQL begins with, regardless of case.
fn after_word<'sql>(sql: &'sql str, word: &str) -> Option<&'sql str> {
    let (first, rest) = without_comments(sql).split_at_checked(word.len())?;
    let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (is_whole && first.eq_ignore_ascii_case(word)).then_some(rest)
}

/// Returns the text after leading blanks and comments.
fn without_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start();
    loop {
        let bytes = rest.as_bytes();
        let length = match bytes {
            [b'-', b'-', ..] => line_comment(bytes),
            [b'/', b'*', ..] => block_comment(bytes),
            _ => return rest,
        };
        rest = rest[length..].trim_start();
    }
}

/// Rejects table functions that are not on the list. `functions` are separated by commas.
fn check_functions(functions: &str) -> Result<(), StoreError> {
    let mut functions = functions.split(',').filter(|name| !name.is_empty());
    let other = functions.find(|name| !TABLE_FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)));
    other.map_or(Ok(()), |name| Err(refused(&format!("The table function {name} is not allowed."))))
}

/// Returns a message with the line and a caret below the place, as DuckDB writes them. `place` counts characters; it is
/// NaN if unknown.
fn with_place(message: &str, sql: &str, place: f64) -> String {
    if place.is_nan() || place < 0.0 || place as usize > sql.chars().count() {
        return message.to_owned();
    }
    let end = sql.char_indices().nth(place as usize).map_or(sql.len(), |(index, _)| index);
    let before = &sql[..end];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = sql[start..].lines().next().unwrap_or_default();
    let label = format!("LINE {}: ", before.matches('\n').count() + 1);
    let indent = label.len() + before[start..].chars().count();
    format!("{message}\n\n{label}{line}\n{:indent$}^", "")
}

fn read(catalog: &Catalog, sql: &str, max_rows: usize) -> Result<FirstRows, StoreError> {
    let mut answer = query::run(catalog.connection(), sql, Author::User)?;
    let schema = answer.schema();
    let columns = schema.fields().iter().map(|field| (field.name().clone(), ValueKind::of(field.data_type())));
    let mut first = FirstRows { columns: columns.collect(), rows: Vec::new(), is_cut: false };
    let mut n_bytes = 0;
    while let Some(batch) = answer.next_batch()? {
        let missing = max_rows - first.rows.len();
        first.is_cut = batch.num_rows() > missing;
        let batch = batch.slice(0, batch.num_rows().min(missing));
        let columns = batch.columns().iter().map(values).collect::<Result<Vec<_>, _>>();
        let mut columns: Vec<_> = columns
            .map_err(|error| refused(&format!("A value cannot be shown: {error}")))?
            .into_iter()
            .map(Vec::into_iter)
            .collect();
        for _ in 0..batch.num_rows() {
            let row: Vec<Value> = columns.iter_mut().filter_map(Iterator::next).collect();
            n_bytes += row.iter().map(size_bytes).sum::<usize>();
            if n_bytes > MAX_ANSWER_BYTES {
                first.is_cut = true;
                break;
            }
            first.rows.push(row);
        }
        if first.is_cut {
            break;
        }
    }
    if first.is_cut && first.rows.is_empty() && max_rows > 0 {
        return Err(refused("The first row is too large to be shown."));
    }
    Ok(first)
}

/// Returns the approximate size of a value, bytes.
fn size_bytes(value: &Value) -> usize {
    size_of::<Value>() + value.as_str().map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_explained_keeps_its_place() {
        for (sql, query) in [
            ("EXPLAIN SELECT 1", Some("        SELECT 1")),
            ("explain(FROM a)", Some("       (FROM a)")),
            ("-- a\n /* b */ Explain\nFROM a", Some("-- a\n /* b */        \nFROM a")),
            ("EXPLAIN", Some("       ")),
            ("explains", None),
            ("EXPLAIN /* x */ analyze SELECT 1", None),
            ("EXPLAIN FROM analyze", Some("        FROM analyze")),
            ("SELECT 1", None),
            ("/* EXPLAIN SELECT 1", None),
            ("/*/ EXPLAIN SELECT 1", None),
            ("-- EXPLAIN SELECT 1", None),
            // DuckDB's comments may be nested.
            ("/* a /* b */ */ EXPLAIN FROM a", Some("/* a /* b */ */         FROM a")),
            ("EXPLAIN /* a /* b */ */ ANALYZE SELECT 1", None),
            ("ä", None),
        ] {
            assert_eq!(explained(sql).as_deref(), query, "{sql}");
        }
    }
}
