//! The DuckDB catalog: what videos and runs there are, and views over their Parquet parts.
//!
//! DuckDB lets one process write or several read, so posekit opens the catalog for moments only: to plan, to commit a
//! finished video, to answer a query. Whoever finds it taken waits a little before giving up.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection, params};

use super::error::StoreError;
use super::layout::{Layout, Table};
use super::records::{RunRecord, VideoRecord};
use super::{files, migrations, views};
use crate::failpoint;
use crate::video::info::FileStamp;

/// How long another process may hold the catalog before that is an error.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Answer queries; the catalog must exist.
    Read,
    /// Change it; it is made where it is missing.
    Write,
    /// Change it a little while an extraction holds most of the memory: DuckDB is kept small.
    Commit,
}

/// DuckDB's memory while an extraction runs.
const COMMIT_MEMORY: &str = "64MiB";

/// An open catalog.
pub struct Catalog {
    connection: Connection,
    layout: Layout,
}

/// A finished run, as planning needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRun {
    /// Its identity.
    pub run_id: String,
    /// Frames in its tables.
    pub n_frames: u64,
    /// Whether the views show it.
    pub is_current: bool,
}

/// What the catalog knows when an extraction begins.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Files by absolute path: their stamp when last read, and the video in them.
    pub files: HashMap<String, (FileStamp, String)>,
    /// Runs that have tables, by fingerprint; of several the newest.
    pub runs: HashMap<String, KnownRun>,
    /// All run ids ever given.
    pub run_ids: Vec<String>,
}

impl Catalog {
    /// Opens the catalog of a dataset, waiting where another process has it.
    ///
    /// # Errors
    /// There is none (for reading), it stays locked, or DuckDB cannot open it.
    pub fn open(layout: &Layout, access: Access) -> Result<Self, StoreError> {
        let path = layout.catalog();
        match access {
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
        catalog.refuse_newer()?;
        if catalog.has_moved()? {
            drop(catalog);
            // Its views read the old place. Where they cannot be written anew, that is the answer.
            drop(Self::open(layout, Access::Write)?);
            catalog = Self { connection: connect_patiently(&path, access)?, layout: layout.clone() };
        }
        Ok(catalog)
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

    /// Where the dataset's files are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    fn failed(&self, error: &duckdb::Error) -> StoreError {
        StoreError::Catalog { path: self.layout.catalog(), message: message(error) }
    }

    fn refuse_newer(&self) -> Result<(), StoreError> {
        let found = migrations::version(&self.connection).map_err(|error| self.failed(&error))?;
        if found == 0 {
            return Err(StoreError::NoCatalog { dataset: self.layout.root().to_path_buf() });
        }
        if found > migrations::VERSION {
            return Err(StoreError::NewerCatalog { path: self.layout.catalog(), found, known: migrations::VERSION });
        }
        Ok(())
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

    fn absolute_root(&self) -> Result<PathBuf, StoreError> {
        let root = self.layout.root();
        root.canonicalize().map_err(StoreError::io("find", root))
    }

    fn refresh_views(&self) -> Result<(), StoreError> {
        let root = self.absolute_root()?;
        write_views(&self.connection, &self.layout, &root).map_err(|error| self.failed(&error))
    }

    /// What is known about files and runs.
    ///
    /// # Errors
    /// DuckDB cannot read it.
    pub fn knowledge(&self) -> Result<Knowledge, StoreError> {
        self.read_knowledge().map_err(|error| self.failed(&error))
    }

    fn read_knowledge(&self) -> Result<Knowledge, duckdb::Error> {
        let mut knowledge = Knowledge::default();
        let mut statement = self.connection.prepare("SELECT path, size_bytes, modified_ns, video_id FROM files")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stamp = FileStamp { size_bytes: row.get(1)?, modified_ns: row.get(2)? };
            knowledge.files.insert(row.get(0)?, (stamp, row.get(3)?));
        }
        let mut statement = self.connection.prepare(
            "SELECT run_id, fingerprint, status <> 'failed', n_frames,
                 EXISTS (FROM videos WHERE videos.current_run_id = runs.run_id)
             FROM runs ORDER BY finished_at",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let run_id: String = row.get(0)?;
            knowledge.run_ids.push(run_id.clone());
            if row.get(2)? {
                let run = KnownRun { run_id, n_frames: row.get(3)?, is_current: row.get(4)? };
                knowledge.runs.insert(row.get(1)?, run);
            }
        }
        Ok(knowledge)
    }

    /// Records a run and its video in one transaction. A run with tables becomes the video's current one.
    ///
    /// # Errors
    /// DuckDB cannot write it.
    pub fn commit_run(&mut self, video: &VideoRecord, run: &RunRecord) -> Result<(), StoreError> {
        let (root, layout) = (self.absolute_root()?, self.layout.clone());
        let commit = |connection: &mut Connection| -> Result<(), duckdb::Error> {
            let transaction = connection.transaction()?;
            upsert_video(&transaction, video)?;
            upsert_file(&transaction, &video.path, &video.stamp, &video.video_id)?;
            insert_run(&transaction, run)?;
            if run.has_tables() {
                set_current(&transaction, &run.video_id, &run.run_id)?;
            }
            // The first parts of a table turn its view from an empty relation into one over files.
            write_views(&transaction, &layout, &root)?;
            failpoint::pass("catalog-written");
            transaction.commit()?;
            failpoint::pass("catalog-committed");
            Ok(())
        };
        commit(&mut self.connection).map_err(|error| self.failed(&error))
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
        let commit = |connection: &mut Connection| -> Result<(), duckdb::Error> {
            let transaction = connection.transaction()?;
            for (path, stamp, video_id) in seen {
                upsert_file(&transaction, path, stamp, video_id)?;
            }
            for (video_id, run_id) in current {
                set_current(&transaction, video_id, run_id)?;
            }
            transaction.commit()
        };
        commit(&mut self.connection).map_err(|error| self.failed(&error))
    }

    /// Forgets every run that is not current, and removes its parts. Returns how many runs went.
    ///
    /// # Errors
    /// DuckDB cannot write, or a folder cannot be removed.
    pub fn prune(&mut self) -> Result<usize, StoreError> {
        let stale = self.stale_runs().map_err(|error| self.failed(&error))?;
        let forgotten = self.connection.execute(
            "DELETE FROM runs WHERE run_id NOT IN (SELECT current_run_id FROM videos WHERE current_run_id IS NOT NULL)",
            [],
        );
        forgotten.map_err(|error| self.failed(&error))?;
        for (video_id, run_id) in &stale {
            for table in Table::ALL {
                files::remove_folder(&self.layout.run(table, video_id, run_id))?;
            }
        }
        self.refresh_views()?;
        Ok(stale.len())
    }

    fn stale_runs(&self) -> Result<Vec<(String, String)>, duckdb::Error> {
        let mut statement = self.connection.prepare(
            "SELECT video_id, run_id FROM runs
             WHERE run_id NOT IN (SELECT current_run_id FROM videos WHERE current_run_id IS NOT NULL)",
        )?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// DuckDB's own words, without the wrapping.
pub(super) fn message(error: &duckdb::Error) -> String {
    match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

fn connect_patiently(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        let error = match connect(path, access) {
            Ok(connection) => return Ok(connection),
            Err(error) => message(&error),
        };
        if !error.contains("Could not set lock") {
            return Err(StoreError::Catalog { path: path.to_path_buf(), message: error });
        }
        if Instant::now() >= deadline {
            return Err(StoreError::Locked { path: path.to_path_buf(), holder: lock_holder(&error) });
        }
        std::thread::sleep(LOCK_RETRY);
    }
}

fn connect(path: &Path, access: Access) -> Result<Connection, duckdb::Error> {
    // Everything that is needed is built in; nothing is fetched behind the user's back.
    let config = Config::default().enable_autoload_extension(false)?.with("autoinstall_known_extensions", "false")?;
    let config = match access {
        Access::Read => config.access_mode(AccessMode::ReadOnly)?,
        Access::Write => config.access_mode(AccessMode::ReadWrite)?,
        Access::Commit => config.access_mode(AccessMode::ReadWrite)?.max_memory(COMMIT_MEMORY)?.threads(1)?,
    };
    Connection::open_with_flags(path, config)
}

/// The part of DuckDB's message that names the other process.
fn lock_holder(message: &str) -> String {
    let held = message.find("Conflicting lock is held in ").map(|start| &message[start..]);
    let held = held.and_then(|text| text.split(". See").next());
    held.map_or_else(
        || "another process holds it".to_owned(),
        |text| text.replace("Conflicting lock is held in", "held by"),
    )
}

/// Points the views to the folder `root`, and notes that.
fn write_views(connection: &Connection, layout: &Layout, root: &Path) -> Result<(), duckdb::Error> {
    connection.execute("DELETE FROM dataset", [])?;
    connection.execute("INSERT INTO dataset VALUES (?)", [root.display().to_string()])?;
    views::refresh(connection, layout, root)
}

fn upsert_video(connection: &Connection, video: &VideoRecord) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT INTO videos (video_id, path, name) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET path = excluded.path, name = excluded.name",
        params![video.video_id, video.path, video.name],
    )?;
    let Some(info) = &video.info else { return Ok(()) };
    connection.execute(
        "UPDATE videos SET width = ?, height = ?, rotation = ?, fps = ?, is_vfr = ?, duration_s = ?,
             n_frames = coalesce(?, n_frames, ?), codec = ?, stored_width = ?, stored_height = ?, pixel_format = ?,
             n_packets = ?, time_source = ?, has_audio = ?
         WHERE video_id = ?",
        params![
            info.width,
            info.height,
            info.rotation_degrees,
            info.fps,
            info.is_vfr,
            info.duration_s,
            video.n_decoded,
            info.n_packets,
            info.codec,
            info.stored_width,
            info.stored_height,
            info.pixel_format,
            info.n_packets,
            info.time_source.name(),
            info.has_audio,
            video.video_id,
        ],
    )?;
    Ok(())
}

fn upsert_file(connection: &Connection, path: &str, stamp: &FileStamp, video_id: &str) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT INTO files VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET video_id = excluded.video_id, size_bytes = excluded.size_bytes,
             modified_ns = excluded.modified_ns",
        params![path, video_id, stamp.size_bytes, stamp.modified_ns],
    )?;
    Ok(())
}

fn insert_run(connection: &Connection, run: &RunRecord) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT OR REPLACE INTO runs
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, make_timestamp(?), make_timestamp(?), ?, ?, ?, ?, ?, ?, ?)",
        params![
            run.run_id,
            run.video_id,
            run.fingerprint,
            run.network,
            run.network_sha256,
            run.settings,
            run.status.name(),
            run.reason,
            (run.started_at_s * 1e6) as i64,
            (run.finished_at_s * 1e6) as i64,
            run.n_frames,
            run.n_found,
            run.n_failed,
            run.n_missing,
            run.finished_at_s - run.started_at_s,
            run.peak_rss_bytes,
            run.lowest_budget_bytes,
        ],
    )?;
    Ok(())
}

fn set_current(connection: &Connection, video_id: &str, run_id: &str) -> Result<(), duckdb::Error> {
    connection.execute("UPDATE videos SET current_run_id = ? WHERE video_id = ?", params![run_id, video_id])?;
    Ok(())
}
