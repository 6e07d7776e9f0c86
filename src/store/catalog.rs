//! The DuckDB catalog: the index of videos and runs, and views over their Parquet parts.
//!
//! DuckDB lets one process write or several read. So posekit opens the catalog for moments only: to plan, to commit a
//! finished video, to answer a query. A process that finds the catalog in use waits a little before it gives up.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use duckdb::Connection;

use super::connection::{Access, connect_patiently, message};
use super::error::StoreError;
use super::failure::of_catalog;
use super::knowledge::Knowledge;
use super::layout::{Layout, Table};
use super::lock::DatasetLock;
use super::read::read_run;
use super::records::{RunRecord, VideoRecord};
use super::select::Engine;
use super::statements::{describe_video, follow_file, insert_run, set_current, upsert_file, upsert_video};
use super::workspace::EngineLimits;
use super::{change, migrations, run_journal, views};
use crate::artifacts::files::remove_file;
use crate::failpoint;
use crate::video::info::FileStamp;

/// An open catalog.
pub struct Catalog {
    connection: Connection,
    layout: Layout,
}

impl Engine for Catalog {
    fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Catalog {
    /// Opens the catalog of a dataset. Waits while another process holds it.
    ///
    /// # Errors
    /// The catalog is missing (for reading), it stays locked, or DuckDB cannot open it.
    pub fn open(layout: &Layout, access: Access) -> Result<Self, StoreError> {
        let path = layout.catalog();
        if access == Access::Read && finish_or_name(layout) {
            // The finished change may have brought the first part of a table. If the catalog cannot be written now, the
            // next command renews the views.
            let _ = Self::renew_views(layout);
        }
        if std::path::absolute(&path).is_ok_and(|path| path.display().to_string().contains('?')) {
            return Err(StoreError::QuestionMark { dataset: layout.root().to_path_buf() });
        }
        match access {
            Access::Read if !path.exists() && layout.has_records() => {
                return Err(StoreError::LostCatalog { dataset: layout.root().to_path_buf() });
            }
            Access::Read if !path.exists() => {
                return Err(StoreError::NoCatalog { dataset: layout.root().to_path_buf() });
            }
            Access::Write | Access::Commit if !path.exists() => Self::make(layout)?,
            Access::Read | Access::Write | Access::Commit => {}
        }
        let connection = connect_patiently(&path, access)?;
        let mut catalog = Self { connection, layout: layout.clone() };
        if access != Access::Read {
            catalog.bring_up_to_date()?;
            return Ok(catalog);
        }
        catalog.cover_outdated_views()?;
        Ok(catalog)
    }

    /// Renews the catalog's views if they miss something. The catalog is opened for writing only in that case.
    ///
    /// # Errors
    /// The catalog is missing, or DuckDB cannot write it.
    pub fn renew_views(layout: &Layout) -> Result<(), StoreError> {
        let catalog = Self::open(layout, Access::Read)?;
        let is_older = catalog.refuse_newer()? < migrations::VERSION;
        let are_outdated = views::are_outdated(&catalog.connection, layout).map_err(|error| catalog.failed(&error))?;
        if is_older || are_outdated || catalog.has_moved()? {
            drop(catalog);
            Self::open(layout, Access::Write)?.refresh_views()?;
        }
        Ok(())
    }

    /// Returns another connection to the same open catalog.
    ///
    /// # Errors
    /// DuckDB cannot make the connection, or the views cannot be made again for it.
    pub fn beside(&self) -> Result<Self, StoreError> {
        let connection = self.connection.try_clone().map_err(|error| self.failed(&error))?;
        let catalog = Self { connection, layout: self.layout.clone() };
        catalog.cover_outdated_views()?;
        Ok(catalog)
    }

    /// Runs the queries of each connection in its own thread only. With several busy connections, DuckDB's other threads
    /// would mostly wait for work.
    ///
    /// # Errors
    /// DuckDB refuses.
    pub fn use_one_thread_each(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("SET threads = 1").map_err(|error| self.failed(&error))
    }

    /// Covers outdated views with temporary ones of this connection. Views are outdated if an older posekit made the
    /// catalog or if its folder has moved. Tables of an older catalog are covered, too.
    fn cover_outdated_views(&self) -> Result<(), StoreError> {
        let is_older = self.refuse_newer()? < migrations::VERSION;
        if is_older {
            migrations::cover_older_tables(&self.connection).map_err(|error| self.failed(&error))?;
        }
        if is_older || self.has_moved()? { self.shadow_views() } else { Ok(()) }
    }

    /// Confines the connection to the dataset's folder and to the limit of memory, and locks its settings. A query must
    /// also be checked before it runs ([`super::visitor`]).
    ///
    /// # Errors
    /// DuckDB rejects the settings.
    pub(super) fn confine(&self, limits: EngineLimits) -> Result<(), StoreError> {
        let root = self.absolute_root()?.display().to_string();
        // DuckDB compares the paths in a query with these folders as text, once before it looks for files and again for
        // each file. The views use a pattern, in which `[`, for example, is written differently from the folder's name.
        let folders =
            [views::pattern(&root), root].map(|folder| format!("'{}/'", folder.replace('\'', "''"))).join(", ");
        let settings = format!(
            "SET memory_limit = '{}MiB'; SET temp_directory = ''; SET allowed_directories = [{folders}];
             SET enable_external_access = false; SET lock_configuration = true;",
            (limits.memory_bytes >> 20).max(64)
        );
        self.connection.execute_batch(&settings).map_err(|error| self.failed(&error))
    }

    /// Makes a dataset's catalog. The catalog appears complete, with its tables, or not at all.
    fn make(layout: &Layout) -> Result<(), StoreError> {
        std::fs::create_dir_all(layout.root()).map_err(StoreError::io("create", layout.root()))?;
        let (path, new) = (layout.catalog(), layout.catalog().with_extension("new"));
        remove_file(&new)?;
        Self::create(layout, &new)?.close()?;
        std::fs::rename(&new, &path).map_err(StoreError::io("write", &path))
    }

    /// Makes a new catalog for a dataset in a file other than the dataset's own.
    ///
    /// # Errors
    /// DuckDB cannot make the file.
    pub(super) fn create(layout: &Layout, path: &Path) -> Result<Self, StoreError> {
        let mut catalog = Self { connection: connect_patiently(path, Access::Write)?, layout: layout.clone() };
        catalog.bring_up_to_date()?;
        Ok(catalog)
    }

    /// Writes everything into the catalog's file and closes it.
    ///
    /// # Errors
    /// DuckDB cannot write.
    pub(super) fn close(self) -> Result<(), StoreError> {
        self.connection.execute_batch("CHECKPOINT").map_err(|error| self.failed(&error))
    }

    /// Returns the connection, for queries.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs posekit's own statements that return no rows: statements that write a file outside the dataset, or that
    /// make temporary tables and views.
    ///
    /// # Errors
    /// DuckDB cannot read the tables, or cannot write the file.
    pub fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(&error))
    }

    /// Restricts some queries to some videos, so that the queries take no more memory than they need.
    ///
    /// # Errors
    /// DuckDB cannot read the tables.
    pub fn narrow(&self, video_ids: &[&str], queries: &[&str]) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        views::narrow(&self.connection, &root, video_ids, queries).map_err(|error| self.failed(&error))
    }

    /// Excludes these videos from all queries of this connection. Their parts cannot be read.
    ///
    /// # Errors
    /// DuckDB cannot read the tables of the other videos.
    pub fn leave_out(&self, video_ids: &[String]) -> Result<(), StoreError> {
        let read = || -> Result<Vec<String>, duckdb::Error> {
            let mut statement = self.connection.prepare("SELECT video_id FROM videos")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        let all = read().map_err(|error| self.failed(&error))?;
        let others: Vec<&str> = all.iter().filter(|id| !video_ids.contains(id)).map(String::as_str).collect();
        let names: Vec<&str> = views::descriptions().map(|(name, _)| name).collect();
        self.narrow(&others, &names)
    }

    /// Limits the memory of this connection's queries. Beyond the limit DuckDB writes to `spill`.
    ///
    /// # Errors
    /// DuckDB rejects the settings.
    pub(crate) fn keep_within(&self, limits: EngineLimits, spill: &Path) -> Result<(), StoreError> {
        let spill = spill.display().to_string().replace('\'', "''");
        let mebibytes = (limits.memory_bytes >> 20).max(64);
        self.execute(&format!("SET memory_limit = '{mebibytes}MiB'; SET temp_directory = '{spill}';"))
    }

    /// Returns the paths of the dataset's files.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn failed(&self, error: &duckdb::Error) -> StoreError {
        of_catalog(&self.layout.catalog(), message(error))
    }

    /// Returns the version of the catalog, or an error if a newer posekit made it.
    fn refuse_newer(&self) -> Result<i64, StoreError> {
        let found = migrations::version(&self.connection).map_err(|error| self.failed(&error))?;
        if found == 0 {
            return Err(StoreError::NoCatalog { dataset: self.layout.root().to_path_buf() });
        }
        if found > migrations::VERSION {
            return Err(StoreError::NewerCatalog { path: self.layout.catalog(), found, known: migrations::VERSION });
        }
        Ok(found)
    }

    /// Applies migrations, and points the views to the folder's present place.
    fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        let path = self.layout.catalog();
        let is_migrated = migrations::migrate(&mut self.connection, &path)?;
        if is_migrated || self.has_moved()? {
            self.refresh_views()?;
        }
        Ok(())
    }

    /// Returns whether the views read a folder other than the catalog's own.
    fn has_moved(&self) -> Result<bool, StoreError> {
        let known = "SELECT max(root) FROM dataset";
        let known = self.connection.query_row(known, [], |row| row.get::<_, Option<String>>(0));
        let known = known.map_err(|error| self.failed(&error))?;
        Ok(known.as_deref() != Some(&*self.absolute_root()?.display().to_string()))
    }

    pub(super) fn absolute_root(&self) -> Result<PathBuf, StoreError> {
        let root = self.layout.root();
        root.canonicalize().map_err(StoreError::io("find", root))
    }

    /// Makes this connection's views read the folder's present place, and skip damaged parts.
    ///
    /// # Errors
    /// DuckDB cannot make the views.
    pub fn shadow_views(&self) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        views::shadow(&self.connection, &self.layout, &root).map_err(|error| self.failed(&error))
    }

    /// Makes the views include the tables that have parts now. DuckDB looks at parts when it makes a view. If a part is
    /// damaged, views of this connection alone replace the catalog's views. Each connection makes them again until the
    /// part is repaired.
    ///
    /// # Errors
    /// DuckDB cannot write the views.
    pub fn refresh_views(&self) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        let refresh = || -> Result<(), duckdb::Error> {
            // Without a transaction, each statement would be synced to disk separately.
            let transaction = self.connection.unchecked_transaction()?;
            write_views(&transaction, &self.layout, &root)?;
            transaction.commit()
        };
        match refresh().map_err(|error| self.failed(&error)) {
            Err(StoreError::Unreadable { .. }) => {
                self.execute(FORGET_VIEWS)?;
                self.shadow_views()
            }
            result => result,
        }
    }

    /// Makes the views include tables that have received their first parts.
    ///
    /// # Errors
    /// DuckDB cannot write the views.
    pub fn see_new_tables(&self) -> Result<(), StoreError> {
        let are_outdated = views::are_outdated(&self.connection, &self.layout).map_err(|error| self.failed(&error))?;
        if are_outdated { self.refresh_views() } else { Ok(()) }
    }

    /// Returns what the catalog knows about files and runs.
    ///
    /// # Errors
    /// DuckDB cannot read the catalog.
    pub fn knowledge(&self) -> Result<Knowledge, StoreError> {
        Knowledge::read(&self.connection).map_err(|error| self.failed(&error))
    }

    /// Records a run and its video in one transaction. A run with tables becomes the video's current one.
    ///
    /// # Errors
    /// DuckDB cannot write the catalog.
    pub fn commit_run(&mut self, video: &VideoRecord, run: &RunRecord) -> Result<(), StoreError> {
        let (root, layout) = (self.absolute_root()?, self.layout.clone());
        if !run.has_tables() {
            let (video, run) = (Box::new(video.clone()), Box::new(run.clone()));
            run_journal::note(&layout, &run_journal::Line::Failed { video, run })?;
        }
        self.index_run(video, run, &root)
    }

    /// Does the same in the catalog alone, which is an index of the files' contents.
    pub(super) fn index_run(&mut self, video: &VideoRecord, run: &RunRecord, root: &Path) -> Result<(), StoreError> {
        let layout = self.layout.clone();
        let mut commit = |may_write_views: bool| -> Result<(), duckdb::Error> {
            let transaction = self.connection.transaction()?;
            upsert_video(&transaction, video)?;
            upsert_file(&transaction, &video.path, &video.stamp, &video.video_id)?;
            insert_run(&transaction, run)?;
            if run.has_tables() {
                set_current(&transaction, &run.video_id, &run.run_id)?;
            }
            // A table's first parts turn its view from an empty relation into one over files.
            match views::are_outdated(&transaction, &layout)? {
                true if may_write_views => write_views(&transaction, &layout, root)?,
                true => transaction.execute_batch(FORGET_VIEWS)?,
                false => {}
            }
            failpoint::pass("catalog-written");
            transaction.commit()?;
            failpoint::pass("catalog-committed");
            Ok(())
        };
        // A damaged part of another video must not stop this commit.
        let written = commit(true).map_err(|error| of_catalog(&layout.catalog(), message(&error)));
        match written {
            Err(StoreError::Unreadable { .. }) => commit(false).map_err(|error| self.failed(&error)),
            written => written,
        }
    }

    /// Records which files hold known videos, and makes known runs the current ones, in one transaction.
    ///
    /// # Errors
    /// DuckDB cannot write the catalog.
    pub fn commit_known(
        &mut self,
        seen: &[(String, FileStamp, String)],
        current: &[(String, String)],
    ) -> Result<(), StoreError> {
        current.iter().try_for_each(|(video_id, run_id)| self.note_use(video_id, run_id))?;
        // Rates and sizes depend on how a run has read the file. A run whose record is damaged says nothing.
        let record = |(video_id, run_id): &(String, String)| {
            let path = self.layout.part(Table::Runs, video_id, run_id, 0);
            read_run(&path).ok().map(|(video, _)| video)
        };
        let described: Vec<VideoRecord> = current.iter().filter_map(record).collect();
        let commit = |connection: &mut Connection| -> Result<(), duckdb::Error> {
            let transaction = connection.transaction()?;
            for (path, stamp, video_id) in seen {
                upsert_file(&transaction, path, stamp, video_id)?;
                follow_file(&transaction, path, video_id)?;
            }
            for (video_id, run_id) in current {
                set_current(&transaction, video_id, run_id)?;
            }
            for video in &described {
                describe_video(&transaction, video)?;
            }
            transaction.commit()
        };
        commit(&mut self.connection).map_err(|error| self.failed(&error))
    }
}

/// Marks the views as those of another folder, so that the next process that opens the catalog makes them again.
const FORGET_VIEWS: &str = "DELETE FROM dataset";

/// Puts parts in place that a killed process had committed. Returns whether it did. If that is not possible, logs a
/// warning: readers may then see one table as it was before the change and another as it is after it.
fn finish_or_name(layout: &Layout) -> bool {
    static IS_NAMED: AtomicBool = AtomicBool::new(false);
    if !change::is_pending(layout) {
        return false;
    }
    match DatasetLock::acquire(layout, "posekit, finishing a change") {
        Ok(_) => return true,
        // The process that holds the lock has finished the change before anything else.
        Err(StoreError::Busy { .. }) => {}
        Err(_) if IS_NAMED.swap(true, Ordering::Relaxed) => {}
        Err(error) => {
            tracing::warn!(
                "a change of the tables is incomplete: {error}; the next command that can write completes it"
            );
        }
    }
    false
}

/// Points the views to the folder `root`, and records that folder.
fn write_views(connection: &Connection, layout: &Layout, root: &Path) -> Result<(), duckdb::Error> {
    connection.execute(FORGET_VIEWS, [])?;
    connection.execute("INSERT INTO dataset VALUES (?)", [root.display().to_string()])?;
    views::write_macros(connection)?;
    views::write(connection, &views::Scope::Dataset(layout), root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_covers_the_views_of_an_older_catalog() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let made = Catalog::open(&layout, Access::Write).unwrap();
        made.execute("DROP VIEW athletes").unwrap();
        // What migrations after the first have added is missing in a catalog that the first posekit made.
        made.execute("DROP TABLE benchmarks; ALTER TABLE videos DROP COLUMN slow_motion").unwrap();
        made.execute("DELETE FROM schema_migrations WHERE version > 1").unwrap();
        made.close().unwrap();
        let opened = Catalog::open(&layout, Access::Read).unwrap();
        for connection in [opened.beside().unwrap(), opened] {
            connection.execute("SELECT * FROM athletes").unwrap();
            connection.execute("SELECT media_time_s FROM frames").unwrap();
            connection.execute("SELECT slow_motion, transfer FROM videos").unwrap();
            connection.execute("SELECT landmarks_ms FROM benchmarks").unwrap();
            connection.knowledge().unwrap();
        }
    }
}
