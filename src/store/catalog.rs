//! The DuckDB catalog: what videos and runs there are, and views over their Parquet parts.
//!
//! DuckDB lets one process write or several read, so posekit opens the catalog for moments only: to plan, to commit a
//! finished video, to answer a query. Whoever finds it taken waits a little before giving up.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use duckdb::Connection;

use super::connection::{Access, connect_patiently, message};
use super::error::StoreError;
use super::failure::of_catalog;
use super::knowledge::Knowledge;
use super::layout::{Layout, Table};
use super::lock::DatasetLock;
use super::records::{RunRecord, VideoRecord};
use super::select::Engine;
use super::statements::{follow_file, insert_run, set_current, upsert_file, upsert_video};
use super::workspace::EngineLimits;
use super::{change, files, migrations, run_journal, views};
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
    /// Opens the catalog of a dataset, waiting where another process has it.
    ///
    /// # Errors
    /// There is none (for reading), it stays locked, or DuckDB cannot open it.
    pub fn open(layout: &Layout, access: Access) -> Result<Self, StoreError> {
        let path = layout.catalog();
        if access == Access::Read && finish_or_name(layout) {
            // What was finished may be the first of its table. If the catalog cannot be written now, the next command does it.
            let _ = Self::renew_views(layout);
        }
        if std::path::absolute(&path).is_ok_and(|path| path.display().to_string().contains('?')) {
            return Err(StoreError::QuestionMark { dataset: layout.root().to_path_buf() });
        }
        match access {
            Access::Read if !path.exists() && layout.table(Table::Runs).is_dir() => {
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

    /// Lets the catalog's views see what they do not see yet. The catalog is opened for writing only if there is something to do.
    ///
    /// # Errors
    /// There is none, or DuckDB cannot write it.
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

    /// Another connection to the same open catalog.
    ///
    /// # Errors
    /// DuckDB cannot make one, or the views cannot be made anew for it.
    pub fn beside(&self) -> Result<Self, StoreError> {
        let connection = self.connection.try_clone().map_err(|error| self.failed(&error))?;
        let catalog = Self { connection, layout: self.layout.clone() };
        catalog.cover_outdated_views()?;
        Ok(catalog)
    }

    /// Temporary views cover those of a catalog that an older posekit made, or whose folder has moved: they belong to this connection alone.
    fn cover_outdated_views(&self) -> Result<(), StoreError> {
        let is_older = self.refuse_newer()? < migrations::VERSION;
        if is_older || self.has_moved()? { self.shadow_views() } else { Ok(()) }
    }

    /// Confines the connection to the dataset's folder and to the limit of memory, with its settings as they are. What is asked
    /// must be looked at before it runs, too ([`super::visitor`]).
    ///
    /// # Errors
    /// DuckDB does not take the settings.
    pub(super) fn confine(&self, limits: EngineLimits) -> Result<(), StoreError> {
        let root = self.absolute_root()?.display().to_string();
        // DuckDB compares what is asked for with these as texts, before it looks for files and again for each file. The views ask
        // by a pattern, in which `[`, for example, is written in another way than in the folder's name.
        let folders =
            [views::pattern(&root), root].map(|folder| format!("'{}/'", folder.replace('\'', "''"))).join(", ");
        let settings = format!(
            "SET memory_limit = '{}MiB'; SET temp_directory = ''; SET allowed_directories = [{folders}];
             SET enable_external_access = false; SET lock_configuration = true;",
            (limits.memory_bytes >> 20).max(64)
        );
        self.connection.execute_batch(&settings).map_err(|error| self.failed(&error))
    }

    /// Makes a dataset's catalog. It appears whole, with its tables, or not at all.
    fn make(layout: &Layout) -> Result<(), StoreError> {
        std::fs::create_dir_all(layout.root()).map_err(StoreError::io("create", layout.root()))?;
        let (path, new) = (layout.catalog(), layout.catalog().with_extension("new"));
        files::remove_file(&new)?;
        Self::create(layout, &new)?.close()?;
        std::fs::rename(&new, &path).map_err(StoreError::io("write", &path))
    }

    /// Makes a new catalog for a dataset in another file than its own.
    ///
    /// # Errors
    /// DuckDB cannot make it.
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

    /// The connection, for queries.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs statements of ours that give no rows: what writes a file outside the dataset, or makes temporary tables and views.
    ///
    /// # Errors
    /// DuckDB cannot read the tables, or write the file.
    pub fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(&error))
    }

    /// Lets some queries see some videos only, so that they take no more memory than they need.
    ///
    /// # Errors
    /// DuckDB cannot read the tables.
    pub fn narrow(&self, video_ids: &[&str], queries: &[&str]) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        views::narrow(&self.connection, &root, video_ids, queries).map_err(|error| self.failed(&error))
    }

    /// Lets all queries of this connection see all videos but these, whose parts cannot be read.
    ///
    /// # Errors
    /// DuckDB cannot read the tables of the others.
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

    /// Keeps the queries of this connection within a limit. Beyond it DuckDB writes to `spill`.
    ///
    /// # Errors
    /// DuckDB does not take the settings.
    pub fn keep_within(&self, limits: EngineLimits, spill: &Path) -> Result<(), StoreError> {
        let spill = spill.display().to_string().replace('\'', "''");
        let mebibytes = (limits.memory_bytes >> 20).max(64);
        self.execute(&format!("SET memory_limit = '{mebibytes}MiB'; SET temp_directory = '{spill}';"))
    }

    /// Where the dataset's files are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn failed(&self, error: &duckdb::Error) -> StoreError {
        of_catalog(&self.layout.catalog(), message(error))
    }

    /// The version of the catalog, unless a newer posekit made it.
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

    /// Applies migrations, and points the views to the folder where it is now.
    fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        let path = self.layout.catalog();
        let is_migrated = migrations::migrate(&mut self.connection, &path)?;
        if is_migrated || self.has_moved()? {
            self.refresh_views()?;
        }
        Ok(())
    }

    /// Whether the views read another folder than the one that the catalog is in.
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

    /// Lets this connection read the folder where it is now, and around parts that are damaged.
    ///
    /// # Errors
    /// DuckDB cannot make the views.
    pub fn shadow_views(&self) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        views::shadow(&self.connection, &self.layout, &root).map_err(|error| self.failed(&error))
    }

    /// Lets the views see which tables have parts now. DuckDB looks at parts when it makes a view: if one is damaged, views of this
    /// connection alone take their place, and each connection makes them anew until the part is mended.
    ///
    /// # Errors
    /// DuckDB cannot write them.
    pub fn refresh_views(&self) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        let refresh = || -> Result<(), duckdb::Error> {
            // Each statement by itself would be synced to disk by itself.
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

    /// Lets the views see tables that have got their first parts.
    ///
    /// # Errors
    /// DuckDB cannot write them.
    pub fn see_new_tables(&self) -> Result<(), StoreError> {
        let are_outdated = views::are_outdated(&self.connection, &self.layout).map_err(|error| self.failed(&error))?;
        if are_outdated { self.refresh_views() } else { Ok(()) }
    }

    /// What is known about files and runs.
    ///
    /// # Errors
    /// DuckDB cannot read it.
    pub fn knowledge(&self) -> Result<Knowledge, StoreError> {
        Knowledge::read(&self.connection).map_err(|error| self.failed(&error))
    }

    /// Records a run and its video in one transaction. A run with tables becomes the video's current one.
    ///
    /// # Errors
    /// DuckDB cannot write it.
    pub fn commit_run(&mut self, video: &VideoRecord, run: &RunRecord) -> Result<(), StoreError> {
        let (root, layout) = (self.absolute_root()?, self.layout.clone());
        if !run.has_tables() {
            let (video, run) = (Box::new(video.clone()), Box::new(run.clone()));
            run_journal::note(&layout, &run_journal::Line::Failed { video, run })?;
        }
        self.index_run(video, run, &root)
    }

    /// The same in the catalog alone, which is an index of what files hold.
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
            // The first parts of a table turn its view from an empty relation into one over files.
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
        // A damaged part of another video must not hold this one up.
        let written = commit(true).map_err(|error| of_catalog(&layout.catalog(), message(&error)));
        match written {
            Err(StoreError::Unreadable { .. }) => commit(false).map_err(|error| self.failed(&error)),
            written => written,
        }
    }

    /// Records that files hold known videos, and makes known runs the current ones, in one transaction.
    ///
    /// # Errors
    /// DuckDB cannot write it.
    pub fn commit_known(
        &mut self,
        seen: &[(String, FileStamp, String)],
        current: &[(String, String)],
    ) -> Result<(), StoreError> {
        current.iter().try_for_each(|(video_id, run_id)| self.note_use(video_id, run_id))?;
        let commit = |connection: &mut Connection| -> Result<(), duckdb::Error> {
            let transaction = connection.transaction()?;
            for (path, stamp, video_id) in seen {
                upsert_file(&transaction, path, stamp, video_id)?;
                follow_file(&transaction, path, video_id)?;
            }
            for (video_id, run_id) in current {
                set_current(&transaction, video_id, run_id)?;
            }
            transaction.commit()
        };
        commit(&mut self.connection).map_err(|error| self.failed(&error))
    }
}

/// Views that are not as they should be count as those of another folder: whoever opens the catalog makes them anew.
const FORGET_VIEWS: &str = "DELETE FROM dataset";

/// Puts parts in place that a killed process had committed. Returns whether it did. If that is not possible, it is named: readers may
/// then see one table as before and another as after.
fn finish_or_name(layout: &Layout) -> bool {
    static IS_NAMED: AtomicBool = AtomicBool::new(false);
    if !change::is_pending(layout) {
        return false;
    }
    match DatasetLock::acquire(layout, "posekit, finishing a change") {
        Ok(_) => return true,
        // Whoever holds the lock has finished it before anything else.
        Err(StoreError::Busy { .. }) => {}
        Err(_) if IS_NAMED.swap(true, Ordering::Relaxed) => {}
        Err(error) => {
            tracing::warn!(
                "a change of the tables is not finished: {error}; the next command that can write finishes it"
            );
        }
    }
    false
}

/// Points the views to the folder `root`, and notes that.
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
        made.execute("DROP VIEW athletes; DELETE FROM schema_migrations WHERE version > 2").unwrap();
        made.close().unwrap();
        let opened = Catalog::open(&layout, Access::Read).unwrap();
        opened.execute("SELECT * FROM athletes").unwrap();
        opened.beside().unwrap().execute("SELECT * FROM athletes").unwrap();
    }
}
