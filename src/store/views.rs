//! The catalog's views over the Parquet parts, from `sql/views/`.
//!
//! The files there read the parts relative to the dataset folder, so that they run in any DuckDB client started in it.
//! The catalog uses the folder's absolute path instead, so that the views work from any working directory. A table
//! without parts reads an empty relation of the same columns, since DuckDB rejects a pattern that matches no files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::datatypes::DataType;
use duckdb::Connection;

use super::folders::{first_parquet_files, has_parquet_files, outermost_parquet_files, parquet_files};
use super::layout::{Layout, Table};
use super::read::{column_names, read_footer};
use super::schema::schema;
use super::view_list::{VIEWS, View};
use crate::sql::essence::essence;
use crate::sql::header::Header;
use crate::sql::library::built_in_folder;

/// Returns the tables whose parts the views read.
fn sources() -> impl Iterator<Item = Table> {
    let extracted = [
        Table::Frames,
        Table::CameraMotion,
        Table::Regions,
        Table::RawLandmarks,
        Table::Tracklets,
        Table::Tracks,
        Table::Landmarks,
    ];
    extracted.into_iter().chain(Table::RESULTS).chain(Table::ON_REQUEST)
}

/// The parts that the views read.
pub(super) enum Scope<'a> {
    /// The parts of all runs.
    Dataset(&'a Layout),
    /// The parts of all runs, some of which may be damaged.
    Damaged(&'a Layout),
    /// The parts of one run.
    Run {
        /// The run's folder in a table's folder.
        folders: &'a str,
        /// Returns the root of the dataset that has the run's parts of a table, or `None` if there are no parts.
        root_of: &'a dyn Fn(Table) -> Option<PathBuf>,
    },
    /// The parts of the videos with these ids.
    Videos(&'a [&'a str]),
}

impl Scope<'_> {
    /// Returns the files of a table, as patterns below the dataset's folder `root`. The result is empty if there are
    /// none.
    ///
    /// # Errors
    /// All files are damaged: the first one. Only scopes that may be damaged are examined.
    fn patterns(&self, table: Table, root: &Path) -> Result<Vec<String>, PathBuf> {
        let of_folders = |root: &Path, folders: &str| {
            format!("{}/{}/{folders}/*.parquet", escaped(&root.display().to_string()), table.name())
        };
        let of_files = |files: &[PathBuf]| files.iter().map(|file| escaped(&file.display().to_string())).collect();
        Ok(match self {
            Self::Dataset(layout) if has_parts(layout, table) => vec![of_folders(root, ANY_RUN)],
            Self::Dataset(_) => Vec::new(),
            Self::Damaged(layout) => of_files(&whole_first(layout, table)?),
            Self::Run { folders, root_of } => root_of(table).iter().map(|root| of_folders(root, folders)).collect(),
            // The files are listed one by one: with a pattern, DuckDB also looks into the folders of all other videos.
            Self::Videos(ids) => {
                let layout = Layout::new(root);
                of_files(&ids.iter().flat_map(|id| parquet_files(&layout.of_video(table, id))).collect::<Vec<_>>())
            }
        })
    }

    /// Returns whether parts of an earlier version, which lack a column, are among the files of a table. Results are
    /// made again in the order of videos, so their first and last files tell. Extracted parts stay, so a part of each run
    /// is examined: a run's id depends on the version, so all its parts are of one version.
    fn has_earlier_parts(&self, table: Table, root: &Path) -> bool {
        let find: fn(&Path) -> Vec<PathBuf> = match table {
            Table::Frames | Table::CameraMotion => first_parquet_files,
            table if Table::RESULTS.contains(&table) || Table::ON_REQUEST.contains(&table) => outermost_parquet_files,
            _ => return false,
        };
        let files = match self {
            Self::Dataset(layout) | Self::Damaged(layout) => find(&layout.table(table)),
            Self::Run { folders, root_of } => {
                root_of(table).map(|root| find(&root.join(table.name()).join(folders))).unwrap_or_default()
            }
            Self::Videos(ids) => {
                let layout = Layout::new(root);
                ids.iter().flat_map(|id| find(&layout.of_video(table, id))).collect()
            }
        };
        let columns = schema(table);
        files
            .iter()
            .filter_map(|file| column_names(file))
            .any(|names| columns.fields().iter().any(|field| names.iter().all(|name| name != field.name())))
    }
}

/// Creates all views again. `root` is the dataset folder's absolute path.
pub(super) fn write(connection: &Connection, scope: &Scope, root: &Path) -> Result<(), duckdb::Error> {
    write_changed(connection, scope, root, &mut Written::new())
}

/// The SQL of views that a connection has, by name.
pub(super) type Written = BTreeMap<&'static str, String>;

/// Creates the views whose SQL is not the one in `written`. DuckDB binds a view, and all views below it, when it makes
/// it. A view that reads others stays as it is, because the columns of the others stay the same.
pub(super) fn write_changed(
    connection: &Connection,
    scope: &Scope,
    root: &Path,
    written: &mut Written,
) -> Result<(), duckdb::Error> {
    for (name, sql) in VIEWS.iter() {
        let sql = with_parts(sql, scope, root);
        if written.get(name) != Some(&sql) {
            connection.execute_batch(&sql)?;
            written.insert(name, sql);
        }
    }
    Ok(())
}

/// Returns all macros and views, without comments.
pub(super) fn definitions() -> String {
    built_in_folder("macros").chain(VIEWS.iter().copied()).map(|(_, sql)| essence(sql)).collect::<Vec<_>>().join("\n")
}

/// Returns the views, each with the description from its header.
pub(super) fn descriptions() -> impl Iterator<Item = (&'static str, String)> {
    let what = |sql| Header::parse(sql).and_then(|header| header.get("what").map(str::to_owned)).unwrap_or_default();
    VIEWS.iter().map(move |(name, sql)| (*name, what(sql)))
}

/// Creates the macros that the views and ad-hoc SQL use (`sql/macros/`).
pub(super) fn write_macros(connection: &Connection) -> Result<(), duckdb::Error> {
    built_in_folder("macros").try_for_each(|(_, sql)| connection.execute_batch(sql))
}

/// Returns whether a view still reads an empty relation although its table has parts now. Only then are the views made
/// again, because DuckDB looks at every file of a table when it makes a view.
pub(super) fn are_outdated(connection: &Connection, layout: &Layout) -> Result<bool, duckdb::Error> {
    let mut statement = connection.prepare("SELECT sql FROM duckdb_views() WHERE NOT internal")?;
    let views: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let is_read = |table: Table| views.iter().any(|sql| sql.contains(&format!("/{}/*", table.name())));
    let should_be_read = |table: Table| VIEWS.iter().any(|(_, sql)| sql.contains(&relative_parts(table)));
    let is_outdated = |table| should_be_read(table) && !is_read(table) && has_parts(layout, table);
    let journals = VIEWS.iter().filter_map(|(_, sql)| journal_of(sql));
    let is_new = |journal: &str| layout.root().join(journal).exists() && !views.iter().any(|sql| sql.contains(journal));
    Ok(journals.into_iter().any(is_new) || sources().any(is_outdated))
}

/// Covers all views and macros with temporary ones of this connection. This needs no write access. Unreadable parts
/// affect only the queries that read them.
pub(super) fn shadow(connection: &Connection, layout: &Layout, root: &Path) -> Result<(), duckdb::Error> {
    let as_temporary = |sql: &str| sql.replace("CREATE OR REPLACE ", "CREATE OR REPLACE TEMP ");
    built_in_folder("macros").try_for_each(|(_, sql)| connection.execute_batch(&as_temporary(sql)))?;
    VIEWS.iter().try_for_each(|(_, sql)| {
        let make = |scope| connection.execute_batch(&as_temporary(&with_parts(sql, &scope, root)));
        make(Scope::Dataset(layout)).or_else(|_| make(Scope::Damaged(layout)))
    })
}

/// Returns the files of a table, an undamaged one first: DuckDB takes the columns from it. If all are damaged, the
/// first of them is the error.
fn whole_first(layout: &Layout, table: Table) -> Result<Vec<PathBuf>, PathBuf> {
    let mut files = parquet_files(&layout.table(table));
    match files.iter().position(|file| read_footer(file, table).is_ok()) {
        Some(whole) => files[..=whole].rotate_right(1),
        None if files.is_empty() => {}
        None => return Err(files.swap_remove(0)),
    }
    Ok(files)
}

/// The relations that are copied into memory when a connection is narrowed: small ones that many queries read.
const COPIED: [&str; 10] = [
    "metrics",
    "events",
    "repetitions",
    "phases",
    "tracks",
    "athletes",
    "checks",
    "facings",
    "scales",
    "sides_compared",
];

/// The views that read all videos at once, or none.
const NOT_NARROWED: [&str; 2] = ["session_changes", "llm_ledger"];

/// Restricts some queries to some videos: temporary tables and views cover the relations that the queries read, so that
/// the queries take no more memory than these videos need.
pub(super) fn narrow(
    connection: &Connection,
    root: &Path,
    ids: &[&str],
    queries: &[&str],
) -> Result<(), duckdb::Error> {
    let scope = Scope::Videos(ids);
    widen(connection)?;
    for (name, sql) in read_by(queries).into_iter().filter(|(name, _)| !NOT_NARROWED.contains(name)) {
        let sql = with_parts(sql, &scope, root);
        let kind = if COPIED.contains(&name) { "TABLE" } else { "VIEW" };
        connection.execute_batch(&sql.replace("CREATE OR REPLACE VIEW", &format!("CREATE TEMP {kind}")))?;
    }
    Ok(())
}

/// Returns the views that the queries read, and the views that those read, in order.
fn read_by(queries: &[&str]) -> Vec<View> {
    let mut texts: Vec<&str> = queries.to_vec();
    // A view comes before the views that read it.
    let mut read: Vec<View> = (VIEWS.iter().rev().copied())
        .filter(|(name, sql)| {
            let is_read = texts.iter().any(|text| text.contains(name));
            texts.extend(is_read.then_some(sql));
            is_read
        })
        .collect();
    read.reverse();
    read
}

/// Undoes [`narrow`], and removes everything else that covers the catalog's views.
pub(super) fn widen(connection: &Connection) -> Result<(), duckdb::Error> {
    let sql = "SELECT table_name, if(table_type = 'VIEW', 'VIEW', 'TABLE') FROM information_schema.tables WHERE table_catalog = 'temp'";
    let found = |row: &duckdb::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let temporary: Vec<(String, String)> = connection.prepare(sql)?.query_map([], found)?.collect::<Result<_, _>>()?;
    let is_narrowed = |name: &str| VIEWS.iter().any(|(known, _)| *known == name && !NOT_NARROWED.contains(known));
    let narrowed = temporary.iter().filter(|(name, _)| is_narrowed(name));
    let drops: Vec<String> = narrowed.map(|(name, kind)| format!("DROP {kind} temp.{name};")).collect();
    connection.execute_batch(&drops.concat())
}

fn with_parts(sql: &str, scope: &Scope, root: &Path) -> String {
    sources().fold(with_journal(sql, root), |sql, table| {
        let relative = relative_parts(table);
        if sql.contains(&relative) { sql.replace(&relative, &parts(table, scope, root)) } else { sql }
    })
}

/// Returns the journal that a view reads, by its path below the dataset. A journal's content cannot be rebuilt, so
/// the journal is not part of a run.
fn journal_of(sql: &str) -> Option<&str> {
    sql.split_once(READ_JOURNAL)?.1.split('\'').next()
}

/// The call by which the files in `sql/views/` read a journal.
const READ_JOURNAL: &str = "read_text('";

/// Returns a view of a journal with the file's absolute path, or over an empty text if the file is missing.
fn with_journal(sql: &str, root: &Path) -> String {
    let Some(journal) = journal_of(sql) else { return sql.to_owned() };
    let path = root.join(journal);
    let read = format!("{READ_JOURNAL}{journal}')");
    if path.exists() {
        sql.replace(&read, &format!("{READ_JOURNAL}{}')", escaped(&path.display().to_string())))
    } else {
        sql.replace(&read, "(SELECT '' AS content)")
    }
}

/// The pattern of the folders of all runs in a table's folder.
const ANY_RUN: &str = "*/*";

/// Returns the expression by which the files in `sql/views/` read a table's parts.
fn relative_parts(table: Table) -> String {
    read_parts(&format!("'{}/{ANY_RUN}/*.parquet'", table.name()))
}

fn read_parts(files: &str) -> String {
    format!("read_parquet({files}, hive_partitioning = true, hive_types_autocast = false)")
}

/// Returns the expression by which the catalog reads a table's parts.
fn parts(table: Table, scope: &Scope, root: &Path) -> String {
    let patterns = scope.patterns(table, root).map_err(|damaged| {
        let damaged = damaged.display().to_string().replace('\'', "''");
        // DuckDB treats a relation of NULLs as empty without evaluating it. So all columns raise the error.
        let error = format!("error('No readable part found; the first damaged part is \"{damaged}\"')");
        format!("({} WHERE {error})", select_columns(table, &error))
    });
    let any_version = |read: &str| {
        if scope.has_earlier_parts(table, root) { by_name(read, table) } else { read.to_owned() }
    };
    match patterns.as_deref() {
        Err(relation) => relation.clone(),
        Ok([]) => format!("({} WHERE false)", select_columns(table, "NULL")),
        Ok([pattern]) => any_version(&read_parts(&format!("'{pattern}'"))),
        Ok(patterns) => any_version(&read_parts(&format!("['{}']", patterns.join("', '")))),
    }
}

/// Returns parts some of which are of an earlier version: columns that they lack are NULL. DuckDB then opens every part
/// when it makes the view, so this is only done if there are such parts.
fn by_name(read: &str, table: Table) -> String {
    let read = read.strip_suffix(')').unwrap_or(read);
    let none = select_columns(table, "NULL");
    format!("(SELECT * FROM {read}, union_by_name = true) UNION ALL BY NAME ({none} WHERE false))")
}

/// Returns a row of a table in which each column has this value.
fn select_columns(table: Table, value: &str) -> String {
    let columns = schema(table);
    let columns = columns.fields().iter().map(|field| (field.name().as_str(), sql_type(field.data_type())));
    let columns = columns.chain([("video_id", "VARCHAR"), ("run_id", "VARCHAR")]);
    let columns = columns.map(|(name, sql_type)| format!("{value}::{sql_type} AS {name}")).collect::<Vec<_>>();
    format!("SELECT {}", columns.join(", "))
}

/// Returns a folder's name as a piece of a pattern in SQL that matches this folder alone, with quotes doubled.
fn escaped(folder: &str) -> String {
    pattern(folder).replace('\'', "''")
}

/// Returns a folder's name as a piece of a pattern, with the pattern's special characters escaped.
pub(super) fn pattern(folder: &str) -> String {
    folder.chars().fold(String::with_capacity(folder.len()), |mut text, c| {
        match c {
            '*' | '?' | '[' => text.extend(['[', c, ']']),
            _ => text.push(c),
        }
        text
    })
}

fn sql_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int16 => "SMALLINT",
        DataType::Int32 => "INTEGER",
        DataType::Float32 => "FLOAT",
        DataType::Float64 => "DOUBLE",
        DataType::Boolean => "BOOLEAN",
        DataType::List(_) => "FLOAT[]",
        DataType::Timestamp(..) => "TIMESTAMP",
        _ => "VARCHAR",
    }
}

fn has_parts(layout: &Layout, table: Table) -> bool {
    has_parquet_files(&layout.table(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_read_of_parts_in_a_view_is_put_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        for (name, sql) in VIEWS.iter() {
            assert!(sql.contains(&format!("-- view:   {name}\n")), "{name}");
            let empty = with_parts(sql, &Scope::Dataset(&layout), folder.path());
            let reads = ["read_parquet(", READ_JOURNAL].iter().any(|function| empty.contains(function));
            assert!(!reads, "{name} reads files where there are none: {empty}");
        }
        for table in sources() {
            assert!(VIEWS.iter().any(|(_, sql)| sql.contains(&relative_parts(table))), "{}", table.name());
        }
    }

    #[test]
    fn quotes_and_patterns_in_the_folder_name_are_escaped() {
        let scope = Scope::Run { folders: "*/*", root_of: &|_| Some(PathBuf::from("/data/coach's [1]*")) };
        let sql = parts(Table::Frames, &scope, Path::new("/"));
        assert!(sql.starts_with("read_parquet('/data/coach''s [[]1][*]/frames/*/*/*.parquet'"), "{sql}");
    }

    /// A part without its last column, as an earlier version has left it, and one of this version.
    #[test]
    fn columns_that_results_of_an_earlier_version_lack_are_null() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let connection = Connection::open_in_memory().unwrap();
        let all = select_columns(Table::Facings, "NULL");
        let write = |video_id: &str, columns: &str| {
            let path = layout.part(Table::Facings, video_id, "r", 0);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let sql = format!("COPY (SELECT {columns} FROM ({all})) TO '{}'", path.display());
            connection.execute_batch(&sql).unwrap();
        };
        write("v1", "* EXCLUDE (video_id, run_id, yaw_deg)");
        let count = |scope: &Scope| -> [u32; 2] {
            let sql = format!("SELECT count(*), count(yaw_deg) FROM {}", parts(Table::Facings, scope, folder.path()));
            connection.query_row(&sql, [], |row| Ok([row.get(0)?, row.get(1)?])).unwrap()
        };
        assert_eq!(count(&Scope::Dataset(&layout)), [1, 0]);
        write("v2", "* EXCLUDE (video_id, run_id) REPLACE (90 AS yaw_deg)");
        assert_eq!(count(&Scope::Dataset(&layout)), [2, 1]);
        assert_eq!(count(&Scope::Videos(&["v1", "v2"])), [2, 1]);
        let earlier = Scope::Run { folders: "video_id=v1/run_id=r", root_of: &|_| Some(folder.path().to_owned()) };
        assert_eq!(count(&earlier), [1, 0]);
        assert!(!parts(Table::Facings, &Scope::Videos(&["v2"]), folder.path()).contains("union_by_name"));
    }

    /// Earlier runs stay among later ones, wherever their names put them.
    #[test]
    fn extracted_parts_of_an_earlier_version_are_read_among_others() {
        for (table, column) in [(Table::Frames, "is_repeated"), (Table::CameraMotion, "is_cut")] {
            an_earlier_run_lacks(table, column);
        }
    }

    fn an_earlier_run_lacks(table: Table, column: &str) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let connection = Connection::open_in_memory().unwrap();
        let all = select_columns(table, "NULL").replace("NULL::BOOLEAN", "true");
        for (video_id, columns) in
            [("a", "*".to_owned()), ("b", format!("* EXCLUDE ({column})")), ("c", "*".to_owned())]
        {
            for part in 0..2 {
                let path = layout.part(table, video_id, "r", part);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                let sql = format!("COPY (SELECT {columns} FROM ({all})) TO '{}'", path.display());
                connection.execute_batch(&sql).unwrap();
            }
        }
        let count = |scope: &Scope| -> [u32; 2] {
            let relation = parts(table, scope, folder.path());
            let sql = format!("SELECT count(*), count({column}) FROM {relation}");
            connection.query_row(&sql, [], |row| Ok([row.get(0)?, row.get(1)?])).unwrap()
        };
        assert_eq!(count(&Scope::Dataset(&layout)), [6, 4]);
        assert_eq!(count(&Scope::Videos(&["a", "b"])), [4, 2]);
        assert_eq!(count(&Scope::Videos(&["b"])), [2, 0]);
        assert!(!parts(table, &Scope::Videos(&["a", "c"]), folder.path()).contains("union_by_name"));
    }
}
