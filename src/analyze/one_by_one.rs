//! Results that many SQL files make together (metrics and checks). Each file runs again only if necessary.
//!
//! The key of the part is a list: one line for each file, with the file's own key.

use std::collections::BTreeMap;

use super::error::AnalyzeError;
use super::key::{Key, Reason};
use super::plan::SqlFile;
use crate::store::results::ResultWriter;
use crate::store::workspace::Workspace;
use crate::store::{StoreError, Table};

/// The files of a result, the files that have to run, and the key of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection<'a> {
    /// All files, in the order of their rows.
    files: &'a [SqlFile],
    /// The files that have to run, and why.
    pub(crate) due: Vec<(&'a SqlFile, Reason)>,
    /// The lines of the key of the whole.
    lines: Vec<(&'a str, String)>,
    /// Whether rows of files that no longer exist have to be removed.
    has_leftovers: bool,
}

impl<'a> Selection<'a> {
    /// Compares the files with the key of the stored result.
    #[must_use]
    pub(crate) fn new(
        files: &'a [SqlFile],
        key: impl Fn(&SqlFile) -> Key,
        found: Option<&str>,
        is_forced: bool,
    ) -> Self {
        let found: BTreeMap<&str, &str> =
            found.unwrap_or_default().lines().filter_map(|line| line.split_once(' ')).collect();
        let mut selection = Self { files, due: Vec::new(), lines: Vec::new(), has_leftovers: false };
        for file in files {
            let key = key(file);
            let reason =
                if is_forced { Some(Reason::Forced) } else { key.reason(found.get(file.path.as_str()).copied()) };
            selection.due.extend(reason.map(|reason| (file, reason)));
            selection.lines.push((&file.path, key.text()));
        }
        selection.has_leftovers = found.keys().any(|path| !files.iter().any(|file| file.path == *path));
        selection
    }

    /// Returns whether the result is up to date.
    #[must_use]
    pub(crate) fn is_up_to_date(&self) -> bool {
        self.due.is_empty() && !self.has_leftovers
    }

    /// Returns the key of the whole without the files at `failed` paths, which will be due again.
    #[must_use]
    pub(crate) fn key(&self, failed: &[&str]) -> String {
        let lines = self.lines.iter().filter(|(path, _)| !failed.contains(path));
        lines.fold(String::new(), |text, (path, key)| text + path + " " + key + "\n")
    }

    /// Runs the files that are due and copies the rows of the other files, in the order of the files: the bytes do
    /// not depend on which files were due. A file whose SQL fails does not stop the others; its path is returned with
    /// the error.
    ///
    /// # Errors
    /// If rows cannot be read or written.
    pub(crate) fn make(
        &self,
        workspace: &Workspace,
        table: Table,
        writer: &mut ResultWriter,
    ) -> Result<Vec<(&'a str, AnalyzeError)>, AnalyzeError> {
        let column = if table == Table::Checks { "check_name" } else { "made_by" };
        let named = |file: &SqlFile| if table == Table::Checks { file.name.clone() } else { file.path.clone() };
        let mut failed = Vec::new();
        for file in self.files {
            let name = named(file);
            if !self.due.iter().any(|(due, _)| due.path == file.path) {
                let kept = format!("FROM {} WHERE {column} = '{name}' ORDER BY ALL", table.name());
                workspace.stream(&kept, |batch| writer.push(batch))?;
                continue;
            }
            let sql = format!("SELECT '{name}' AS {column}, rows.* FROM (\n{}\n) AS rows ORDER BY ALL", file.text);
            match stream_file(workspace, file, &sql, writer) {
                Err(error @ AnalyzeError::Sql { .. }) => failed.push((file.path.as_str(), error)),
                other => other?,
            }
        }
        Ok(failed)
    }
}

/// Runs a file's SQL and writes its rows into a result. An SQL error names the file.
///
/// # Errors
/// If the SQL fails or rows cannot be written.
pub(crate) fn stream_file(
    workspace: &Workspace,
    file: &SqlFile,
    sql: &str,
    writer: &mut ResultWriter,
) -> Result<(), AnalyzeError> {
    workspace.stream(sql, |batch| writer.push(batch)).map_err(|error| match error {
        StoreError::Sql { message } | StoreError::WrongColumns { problem: message, .. } => {
            AnalyzeError::Sql { file: format!("{}.sql", file.path), message, is_own: file.is_own }
        }
        other => AnalyzeError::Store(other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::stability::WhenMirrored;

    fn file(path: &str) -> SqlFile {
        SqlFile {
            path: path.to_owned(),
            name: path.to_owned(),
            text: String::new(),
            needs: Vec::new(),
            definition: String::new(),
            is_own: true,
            when_mirrored: WhenMirrored::default(),
        }
    }

    fn key(definition: &str) -> Key {
        Key { input: "in".to_owned(), definition: definition.to_owned() }
    }

    #[test]
    fn only_what_changed_is_due() {
        let files = [file("a"), file("b")];
        let first = Selection::new(&files, |_| key("one"), None, false);
        assert_eq!(first.due.len(), 2);
        assert!(Selection::new(&files, |_| key("one"), Some(&first.key(&[])), false).is_up_to_date());
        let changed = |file: &SqlFile| key(if file.path == "b" { "two" } else { "one" });
        let second = Selection::new(&files, changed, Some(&first.key(&[])), false);
        assert_eq!(
            second.due.iter().map(|(file, reason)| (file.path.as_str(), *reason)).collect::<Vec<_>>(),
            [("b", Reason::Definition)]
        );
        let failed = Selection::new(&files, |_| key("one"), Some(&first.key(&["a"])), false);
        assert_eq!(failed.due.len(), 1);
        let fewer = Selection::new(&files[..1], |_| key("one"), Some(&first.key(&[])), false);
        assert!(!fewer.is_up_to_date() && fewer.due.is_empty());
    }
}
