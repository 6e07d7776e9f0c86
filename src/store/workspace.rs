//! A database in memory that knows one run only. It has the same tables, views and macros as the catalog, over the
//! parts of this run.
//!
//! Analyses run in it. So the catalog is free meanwhile, several runs can be analyzed at once, and every SQL file has
//! the same text that runs in any client on the whole catalog.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use duckdb::{Config, Connection};

use super::connection::message;
use super::error::StoreError;
use super::failure::of_sql;
use super::layout::{Layout, Table};
use super::query::{self, Author};
use super::records::{RunRecord, VideoRecord};
use super::select::Engine;
use super::statements::{insert_run, set_current, upsert_video};
use super::{folders, migrations, views};

/// The limits of DuckDB. Beyond the memory limit, DuckDB spills to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EngineLimits {
    /// The memory limit, bytes.
    pub(crate) memory_bytes: u64,
}

impl EngineLimits {
    /// The limits for one run. With less memory, DuckDB spills early.
    pub(crate) const USUAL: Self = Self { memory_bytes: 128 << 20 };
}

/// Returns all macros and views, without comments. A change of them may change any result.
#[must_use]
pub(crate) fn definitions() -> String {
    views::definitions()
}

/// Returns whether a relation is a view over results, not a result itself.
pub(crate) fn is_view(name: &str) -> bool {
    Table::result(name).is_none() && super::view_list::VIEWS.iter().any(|(view, _)| *view == name)
}

/// Results that are being made. They cover the results that are in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overlay {
    /// The layout in which they are made.
    pub(crate) staged: Layout,
    /// Results that are in place and cannot be read.
    pub(crate) hidden: Vec<Table>,
}

/// The database of one run.
pub(crate) struct Workspace {
    connection: Connection,
    layout: Layout,
    overlay: Option<Overlay>,
    video_id: String,
    run_id: String,
    /// The views as they are now.
    views: views::Written,
}

impl Engine for Workspace {
    fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Workspace {
    /// Opens the database of a run. Relations without parts are empty.
    ///
    /// # Errors
    /// DuckDB cannot be started, or a part cannot be read.
    pub(crate) fn open(
        layout: &Layout,
        video: &VideoRecord,
        run: &RunRecord,
        limits: EngineLimits,
    ) -> Result<Self, StoreError> {
        Self::open_with(layout, None, video, run, limits)
    }

    /// Opens the database of a run with results that are being made over those in place.
    ///
    /// # Errors
    /// DuckDB cannot be started, or a part cannot be read.
    pub(crate) fn open_over(
        layout: &Layout,
        overlay: Overlay,
        video: &VideoRecord,
        run: &RunRecord,
        limits: EngineLimits,
    ) -> Result<Self, StoreError> {
        Self::open_with(layout, Some(overlay), video, run, limits)
    }

    fn open_with(
        layout: &Layout,
        overlay: Option<Overlay>,
        video: &VideoRecord,
        run: &RunRecord,
        limits: EngineLimits,
    ) -> Result<Self, StoreError> {
        let failed = |error: duckdb::Error| of_sql(message(&error), Author::Posekit);
        // The folder is separate: DuckDB uses the same file names in every database, so two databases would overwrite
        // each other's files.
        let spill = layout.staging().join(format!("spill-{}", run.run_id));
        // DuckDB makes the folder when it needs it, but not its parent folders.
        std::fs::create_dir_all(layout.staging()).map_err(StoreError::io("create", &layout.staging()))?;
        let open = || -> Result<Connection, duckdb::Error> {
            let config = Config::default()
                .enable_autoload_extension(false)?
                .max_memory(&format!("{}MiB", (limits.memory_bytes >> 20).max(64)))?
                // Sums are identical to the last bit only in one order. So each database has one thread, and several
                // runs are analyzed at once.
                .threads(1)?
                .with("autoinstall_known_extensions", "false")?
                .with("temp_directory", spill.display().to_string())?;
            Connection::open_in_memory_with_flags(config)
        };
        let mut connection = open().map_err(failed)?;
        migrations::migrate(&mut connection, Path::new("memory"))?;
        upsert_video(&connection, video).map_err(failed)?;
        insert_run(&connection, run).map_err(failed)?;
        set_current(&connection, &video.video_id, &run.run_id).map_err(failed)?;
        views::write_macros(&connection).map_err(failed)?;
        let (video_id, run_id) = (video.video_id.clone(), run.run_id.clone());
        let views = views::Written::new();
        let mut workspace = Self { connection, layout: layout.clone(), overlay, video_id, run_id, views };
        workspace.refresh()?;
        Ok(workspace)
    }

    /// Makes the views include the results that have come into place.
    ///
    /// # Errors
    /// A part cannot be read.
    pub(crate) fn refresh(&mut self) -> Result<(), StoreError> {
        let folders = format!("video_id={}/run_id={}", self.video_id, self.run_id);
        let root = absolute(&self.layout)?;
        let staged = self.overlay.as_ref().filter(|overlay| overlay.staged.root().exists());
        let staged = staged.map(|overlay| absolute(&overlay.staged)).transpose()?;
        let has_parts =
            |layout: &Layout, table| folders::has_parquet_files(&layout.run(table, &self.video_id, &self.run_id));
        let root_of = |table: Table| match &self.overlay {
            Some(overlay) if has_parts(&overlay.staged, table) => staged.clone(),
            Some(overlay) if overlay.hidden.contains(&table) => None,
            _ => has_parts(&self.layout, table).then(|| root.clone()),
        };
        let scope = views::Scope::Run { folders: &folders, root_of: &root_of };
        views::write_changed(&self.connection, &scope, &root, &mut self.views)
            .map_err(|error| of_sql(message(&error), Author::Posekit))
    }

    /// Runs SQL and passes its rows on, batch by batch.
    ///
    /// # Errors
    /// The SQL fails, or `take` does.
    pub(crate) fn stream(
        &self,
        sql: &str,
        mut take: impl FnMut(&RecordBatch) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut answer = query::run(&self.connection, sql, Author::User)?;
        while let Some(batch) = answer.next_batch()? {
            take(&batch)?;
        }
        Ok(())
    }

    /// Runs SQL that returns no rows, such as a statement that makes temporary tables.
    ///
    /// # Errors
    /// The SQL fails.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), StoreError> {
        let done = self.connection.execute_batch(sql);
        done.map_err(|error| of_sql(message(&error), Author::Posekit))
    }

    /// Runs SQL whose answer fits in memory.
    ///
    /// # Errors
    /// The SQL fails.
    pub(crate) fn collect(&self, sql: &str) -> Result<Vec<RecordBatch>, StoreError> {
        let mut batches = Vec::new();
        self.stream(sql, |batch| {
            batches.push(batch.clone());
            Ok(())
        })?;
        Ok(batches)
    }
}

fn absolute(layout: &Layout) -> Result<PathBuf, StoreError> {
    layout.root().canonicalize().map_err(StoreError::io("find", layout.root()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::records::RunStatus;
    use crate::video::info::FileStamp;
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;

    fn workspace(layout: &Layout, name: &str) -> Workspace {
        let video = VideoRecord {
            video_id: format!("video-{name}"),
            path: String::new(),
            name: name.to_owned(),
            stamp: FileStamp { size_bytes: 0, modified_ns: 0 },
            info: None,
            n_decoded: None,
        };
        let run = RunRecord {
            run_id: format!("run-{name}"),
            video_id: video.video_id.clone(),
            fingerprint: name.to_owned(),
            network: String::new(),
            network_sha256: String::new(),
            settings: "{}".to_owned(),
            status: RunStatus::Ok,
            reason: None,
            started_at_s: 0.0,
            finished_at_s: 0.0,
            n_frames: 0,
            n_found: 0,
            n_failed: 0,
            n_missing: 0,
            peak_rss_bytes: 0,
            lowest_budget_bytes: 0,
        };
        Workspace::open(layout, &video, &run, EngineLimits { memory_bytes: 64 << 20 }).unwrap()
    }

    #[test]
    fn runs_that_spill_at_the_same_time_do_not_disturb_each_other() {
        const N: i64 = 3_000_000;
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let workspaces = ["a", "b"].map(|name| workspace(&layout, name));
        // The rows are twice as many as the memory holds, and are sorted in another order than they are made in.
        let sql = |first: i64| {
            format!(
                "SELECT i, i::VARCHAR || ' is a longer text' AS text FROM range({first}, {first} + {N}) AS t(i) ORDER BY hash(i)"
            )
        };
        let mut answers = [0, 1]
            .map(|index| query::run(&workspaces[index].connection, &sql(index as i64 * N), Author::User).unwrap());
        let spills = ["a", "b"].map(|name| layout.staging().join(format!("spill-run-{name}")));
        assert!(spills.iter().all(|spill| spill.read_dir().is_ok_and(|mut files| files.next().is_some())));
        let mut sums = [0_i64; 2];
        let mut are_open = true;
        while are_open {
            are_open = false;
            for (answer, sum) in answers.iter_mut().zip(&mut sums) {
                let Some(batch) = answer.next_batch().unwrap() else { continue };
                are_open = true;
                let (numbers, texts) =
                    (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_string::<i32>());
                for (number, text) in numbers.values().iter().zip(texts) {
                    assert_eq!(text, Some(format!("{number} is a longer text").as_str()));
                    *sum += number;
                }
            }
        }
        assert_eq!(sums, [N * (N - 1) / 2, N * (N - 1) / 2 + N * N]);
    }
}
