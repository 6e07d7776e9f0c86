//! The built-in SQL files, and a user's folder that adds to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// All files of `sql/macros`, `views`, `analysis`, `metrics`, `quality`, `sports`, `examples` and `llm`, by their path
/// below `sql/`.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sql_files.rs"));

/// Returns the text of the built-in file at a path.
#[must_use]
pub fn built_in(path: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

/// Returns the built-in SQL files directly in a folder, sorted by name: each name without `.sql`, and the text.
pub fn built_in_folder(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().filter_map(move |(path, text)| {
        let name = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".sql")?;
        (!name.contains('/')).then_some((name, *text))
    })
}

/// A failure to read a user's folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct LibraryError {
    /// The path of the file or folder.
    pub path: PathBuf,
    /// The reason.
    pub source: std::io::Error,
}

/// SQL files by path, for example `metrics/cadence.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    files: BTreeMap<String, String>,
}

/// Returns whether SQL of a user is read from a path.
fn is_read(path: &str) -> bool {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["metrics" | "quality" | "analysis", _] | ["llm" | "examples", ..] => true,
        ["sports", _, kind, _] => ["events", "phases", "metrics", "quality"].contains(kind),
        _ => false,
    }
}

impl Library {
    /// Returns the built-in files.
    #[must_use]
    pub fn built_in() -> Self {
        Self { files: BUILT_IN.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// Adds the SQL, TOML and template files of a folder below `prefix`. A file with the path of a built-in file
    /// replaces it.
    ///
    /// # Errors
    /// If the folder or a file cannot be read.
    pub fn add_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), LibraryError> {
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |source| LibraryError { path, source }
        };
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let path = entry.map_err(failed(folder))?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() {
                self.add_folder(&path, &format!("{name}/"))?;
            } else if path
                .extension()
                .is_some_and(|extension| ["sql", "toml", "jinja"].iter().any(|known| extension == *known))
            {
                self.files.insert(name, fs::read_to_string(&path).map_err(failed(&path))?);
            }
        }
        Ok(())
    }

    /// Returns a file of the user's that posekit never reads, since its folder is none of those that it knows.
    #[must_use]
    pub fn misplaced(&self) -> Option<&str> {
        let is_sql = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "sql");
        let mut users = self.files.keys().filter(|path| is_sql(path) && built_in(path).is_none());
        users.find(|path| !is_read(path)).map(String::as_str)
    }

    /// Returns the text of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Returns the SQL files directly in a folder, sorted by name: each name without `.sql`, and the text.
    pub fn folder(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        let prefix = format!("{folder}/");
        self.files.iter().filter_map(move |(path, text)| {
            let name = path.strip_prefix(&prefix)?.strip_suffix(".sql")?;
            (!name.contains('/')).then_some((name, text.as_str()))
        })
    }

    /// Returns the texts of all files in a folder and its subfolders, sorted by path.
    pub fn texts_below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{folder}/");
        self.files.iter().filter(move |(path, _)| path.starts_with(&prefix)).map(|(_, text)| text.as_str())
    }

    /// Returns the names of the folders directly in a folder.
    #[must_use]
    pub fn subfolders(&self, folder: &str) -> Vec<&str> {
        let inside =
            |path: &'_ str| path.strip_prefix(folder)?.strip_prefix('/')?.find('/').map(|end| folder.len() + 1 + end);
        let mut names: Vec<&str> =
            self.files.keys().filter_map(|path| Some(&path[folder.len() + 1..inside(path)?])).collect();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::header::Header;

    #[test]
    fn a_users_file_takes_the_place_of_the_programs() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("metrics")).unwrap();
        fs::write(folder.path().join("metrics/mine.sql"), "-- metric: mine\nSELECT 1").unwrap();
        fs::write(folder.path().join("metrics/notes.txt"), "no SQL").unwrap();
        let mut library = Library::built_in();
        let n_before = library.folder("metrics").count();
        library.add_folder(folder.path(), "").unwrap();
        assert_eq!(library.folder("metrics").count(), n_before + 1);
        assert_eq!(library.get("metrics/mine.sql"), Some("-- metric: mine\nSELECT 1"));
        assert_eq!(library.misplaced(), None);
        for (place, prefix) in [("metric", ""), ("macros", ""), ("golf/event", "sports/"), ("metrics", "sports/")] {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join(place)).unwrap();
            fs::write(folder.path().join(place).join("mine.sql"), "SELECT 1").unwrap();
            let mut library = Library::built_in();
            library.add_folder(folder.path(), prefix).unwrap();
            assert_eq!(library.misplaced(), Some(format!("{prefix}{place}/mine.sql").as_str()));
        }
    }

    #[test]
    fn every_file_says_what_it_is() {
        let library = Library::built_in();
        let kinds = [("macros", "macro"), ("analysis", "relation"), ("metrics", "metric"), ("quality", "check")];
        let packs: Vec<String> =
            library.subfolders("sports").iter().map(|pack| format!("sports/{pack}/metrics")).collect();
        let pack_kinds = packs.iter().map(|folder| (folder.as_str(), "metric"));
        for (folder, kind) in kinds.into_iter().chain(pack_kinds) {
            for (name, text) in library.folder(folder) {
                let header = Header::parse(text).unwrap_or_else(|| panic!("{folder}/{name} has no header"));
                assert_eq!((header.kind.as_str(), header.name.as_str()), (kind, name), "{folder}/{name}");
                for key in ["what", "unit", "source", "grain", "parameters"] {
                    let is_needed = match key {
                        "unit" => kind != "check",
                        "source" => kind == "metric" || kind == "macro",
                        "grain" => kind != "macro",
                        "parameters" => kind == "macro",
                        _ => true,
                    };
                    assert!(
                        !is_needed || header.get(key).is_some_and(|text| !text.is_empty()),
                        "{folder}/{name}: {key}"
                    );
                }
            }
        }
    }
}
