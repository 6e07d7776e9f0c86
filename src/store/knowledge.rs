//! What the catalog knows about files, videos and runs when an extraction begins.

use std::collections::HashMap;

use duckdb::Connection;

use super::standing::Extent;
use crate::video::info::FileStamp;

/// A finished run, as planning needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownRun {
    /// The id of the run.
    pub run_id: String,
    /// The number of frames in its tables.
    pub n_frames: u64,
    /// The range of time and the network of the run.
    pub extent: Extent,
    /// Whether the views show the run.
    pub is_current: bool,
}

/// What the catalog knows.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Files by absolute path: the stamp at the last reading, and the video in the file.
    pub files: HashMap<String, (FileStamp, String)>,
    /// Runs that have tables, by fingerprint. If several share one, the newest.
    pub runs: HashMap<String, KnownRun>,
    /// The current run of each video, by the video's id.
    pub standing: HashMap<String, KnownRun>,
    /// All run ids ever used.
    pub run_ids: Vec<String>,
}

impl Knowledge {
    /// Reads the catalog.
    ///
    /// # Errors
    /// DuckDB cannot read it.
    pub(super) fn read(connection: &Connection) -> Result<Self, duckdb::Error> {
        let mut knowledge = Self::default();
        let mut statement = connection.prepare("SELECT path, size_bytes, modified_ns, video_id FROM files")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stamp = FileStamp { size_bytes: row.get(1)?, modified_ns: row.get(2)? };
            knowledge.files.insert(row.get(0)?, (stamp, row.get(3)?));
        }
        let mut statement = connection.prepare(
            "SELECT run_id, fingerprint, status <> 'failed', n_frames,
                 EXISTS (FROM videos WHERE videos.current_run_id = runs.run_id), network, settings, video_id
             FROM runs ORDER BY finished_at",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let run_id: String = row.get(0)?;
            knowledge.run_ids.push(run_id.clone());
            if !row.get::<_, bool>(2)? {
                continue;
            }
            let extent = Extent::new(&row.get::<_, String>(5)?, &row.get::<_, String>(6)?);
            let run = KnownRun { run_id, n_frames: row.get(3)?, extent, is_current: row.get(4)? };
            if run.is_current {
                knowledge.standing.insert(row.get(7)?, run.clone());
            }
            knowledge.runs.insert(row.get(1)?, run);
        }
        Ok(knowledge)
    }
}
