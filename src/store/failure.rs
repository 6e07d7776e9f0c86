//! Classifies failures of DuckDB. The class depends on the author of the SQL, unless a table is damaged, the disk is
//! full or memory is short. Pure.

use std::path::Path;

use super::error::StoreError;
use super::layout::Table;
use crate::artifacts::ArtifactError;

/// The author of the SQL that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// The user, or a language model.
    User,
    /// The program itself.
    Posekit,
}

/// DuckDB's messages about incomplete Parquet files that do not name the file.
const DAMAGED: [&str; 8] = [
    "No magic bytes",
    "too small to be a Parquet file",
    "ecompression failure",
    "TProtocolException",
    "Out of buffer",
    "Footer length error",
    "rror reading Parquet",
    "don't know what type",
];

/// Classifies a failure of SQL.
pub(super) fn of_sql(message: String, author: Author) -> StoreError {
    of_machine(&message, Path::new("a temporary file")).unwrap_or(match author {
        Author::User => StoreError::Sql { message },
        Author::Posekit => StoreError::Engine { message },
    })
}

/// Classifies a failure of a posekit statement on the catalog.
pub(super) fn of_catalog(path: &Path, message: String) -> StoreError {
    // A statement that does not fit the existing tables and views is wrong. All other failures are failures of the
    // catalog.
    let is_wrong = ["Parser Error", "Binder Error", "Conversion Error", "Out of Range Error", "Invalid Input Error"]
        .iter()
        .any(|kind| message.starts_with(kind));
    of_machine(&message, path).unwrap_or(if is_wrong {
        StoreError::Engine { message }
    } else {
        StoreError::Catalog { path: path.to_path_buf(), message }
    })
}

/// Returns a failure that no SQL caused. `written` is the file that was written; it is used if DuckDB does not name the
/// file.
fn of_machine(message: &str, written: &Path) -> Option<StoreError> {
    if message.contains("No space left on device") {
        return Some(ArtifactError::Full { path: quoted(message).unwrap_or(written).to_path_buf() }.into());
    }
    if message.starts_with("Out of Memory Error") || message.contains("bad_alloc") {
        return Some(StoreError::Memory { message: message.to_owned() });
    }
    let path = part(message);
    // A query may name any other file that never existed. That is an error of the query.
    let is_damaged = path.is_some() || quoted(message).is_none() && DAMAGED.iter().any(|words| message.contains(words));
    let message = message.lines().next().unwrap_or_default().to_owned();
    is_damaged.then(|| StoreError::Unreadable { path: path.map(Path::to_path_buf), message })
}

/// Returns the part that a message names. The names of the folders above the part may contain quotation marks.
fn part(message: &str) -> Option<&Path> {
    let end = message.find(".parquet")? + ".parquet".len();
    let start = message[..end].find(['"', '\''])? + 1;
    Some(Path::new(&message[start..end])).filter(|path| table_of(path).is_some())
}

/// Returns the first path in quotation marks.
fn quoted(message: &str) -> Option<&Path> {
    let pieces = message.split(['"', '\'']).skip(1).step_by(2);
    pieces.map(Path::new).find(|path| path.is_absolute() || path.extension().is_some())
}

/// Returns the table that a file is a part of, from its path: `TABLE/video_id=...`.
pub(super) fn table_of(path: &Path) -> Option<Table> {
    let names: Vec<&str> = path.iter().filter_map(|name| name.to_str()).collect();
    let place = names.iter().rposition(|name| name.starts_with("video_id=") || *name == "*")?;
    let folder = names[..place].iter().rev().find(|name| **name != "*")?;
    Table::of_runs().find(|table| table.name() == *folder)
}

/// Returns the advice about a damaged part of a table: the commands that rebuild it.
pub(super) fn remedy(table: Option<Table>) -> &'static str {
    match table {
        None => "`posekit status --check` names the damaged file",
        Some(
            Table::Frames | Table::CameraMotion | Table::Regions | Table::RawLandmarks | Table::Tracklets | Table::Runs,
        ) => {
            "the file is damaged: `posekit status --repair` sets it aside, then `posekit extract` with its video \
             rebuilds it"
        }
        Some(Table::Tracks | Table::Landmarks) => {
            "the file is damaged: `posekit status --repair` rebuilds it without inference"
        }
        Some(_) => "the file is damaged: `posekit status --repair` sets it aside, then `posekit analyze` rebuilds it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "/data/d's/metrics/video_id=ab/run_id=cd/part-00000.parquet";

    #[test]
    fn a_damaged_part_is_nobodys_sql() {
        for author in [Author::User, Author::Posekit] {
            let found = of_sql(format!("Invalid Input Error: No magic bytes found at end of file '{PART}'"), author);
            assert!(
                matches!(&found, StoreError::Unreadable { path: Some(path), .. } if path == Path::new(PART)),
                "{found:?}"
            );
            assert!(found.hint().is_some_and(|hint| hint.contains("posekit analyze")));
            let gone = "IO Error: No files found that match the pattern \"/data/frames/*/*/*.parquet\"";
            let found = of_sql(gone.to_owned(), author);
            assert!(found.hint().is_some_and(|hint| hint.contains("posekit extract")), "{found:?}");
            let found = of_sql("Invalid Error: don't know what type: \u{f}".to_owned(), author);
            assert!(matches!(&found, StoreError::Unreadable { path: None, .. }), "{found:?}");
        }
    }

    #[test]
    fn a_full_disk_is_named_with_its_path() {
        let message = "IO Error: Could not write file \"out/.metrics.csv.tmp\": No space left on device";
        let found = of_catalog(Path::new("catalog.duckdb"), message.to_owned());
        let StoreError::Artifact(ArtifactError::Full { path }) = &found else { panic!("{found:?}") };
        assert_eq!(path, Path::new("out/.metrics.csv.tmp"));
    }

    #[test]
    fn sql_is_to_blame_where_nothing_else_is() {
        let wrong = || "Binder Error: Referenced column \"nosuch\" not found in FROM clause!".to_owned();
        assert!(matches!(of_sql(wrong(), Author::User), StoreError::Sql { .. }));
        assert!(matches!(of_sql(wrong(), Author::Posekit), StoreError::Engine { .. }));
        assert!(matches!(of_catalog(Path::new("c"), wrong()), StoreError::Engine { .. }));
        let missing = "Catalog Error: Table with name frames does not exist!".to_owned();
        assert!(matches!(of_catalog(Path::new("c"), missing), StoreError::Catalog { .. }));
        let others = "IO Error: No files found that match the pattern \"mine.parquet\"".to_owned();
        assert!(matches!(of_sql(others, Author::User), StoreError::Sql { .. }));
    }

    #[test]
    fn a_part_is_known_by_its_place() {
        assert_eq!(table_of(Path::new(PART)), Some(Table::Metrics));
        assert_eq!(table_of(Path::new("/data/frames/*/*/*.parquet")), Some(Table::Frames));
        assert_eq!(table_of(Path::new("/data/frames/mine.parquet")), None);
    }
}
