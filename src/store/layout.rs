//! Where things are in a dataset folder. Pure: makes paths, touches nothing.
//!
//! ```text
//! DATASET/catalog.duckdb
//! DATASET/frames/video_id=V/run_id=R/part-00000.parquet         one row per decoded frame
//! DATASET/regions/...                                           one row per frame and tracklet
//! DATASET/raw_landmarks/...                                     one row per frame, tracklet and landmark
//! DATASET/tracklets/...                                         one row per tracklet: a person followed within a segment
//! DATASET/tracks/video_id=V/run_id=R/part-00000.parquet         which person each tracklet is
//! DATASET/landmarks/...                                         one row per frame, person and landmark, smoothed
//! DATASET/runs/video_id=V/run_id=R/part-00000.parquet           the run itself: settings, counts, the video's properties
//! DATASET/edits/video_id=V/part-00000.parquet                   what the user has set right about who is who, for all runs
//! DATASET/.lock                                                 held by the extraction that writes
//! ```

use std::path::{Path, PathBuf};

/// A table that lives in Parquet parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// One row per decoded frame.
    Frames,
    /// One row per frame and tracklet: where the network looked, and how sure it was.
    Regions,
    /// One row per frame, tracklet and landmark, as the network gave it.
    RawLandmarks,
    /// One row per tracklet: one person, followed within one segment.
    Tracklets,
    /// One row per tracklet, or piece of one: which person it is.
    Tracks,
    /// One row per frame, person and landmark, after MediaPipe's smoothing.
    Landmarks,
    /// One row for a complete run and its video; written when all other parts are.
    Runs,
    /// One row per edit of who is who. The only table that belongs to videos and not to runs: it outlives them.
    Edits,
}

impl Table {
    /// All that have parts of runs.
    pub const ALL: [Self; 7] =
        [Self::Frames, Self::Regions, Self::RawLandmarks, Self::Tracklets, Self::Tracks, Self::Landmarks, Self::Runs];

    /// Its name: of the folder, and of most views in the catalog.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Regions => "regions",
            Self::RawLandmarks => "raw_landmarks",
            Self::Tracklets => "tracklets",
            Self::Tracks => "tracks",
            Self::Landmarks => "landmarks",
            Self::Runs => "runs",
            Self::Edits => "edits",
        }
    }
}

/// The paths of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout under a dataset folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The dataset folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> PathBuf {
        self.root.join("catalog.duckdb")
    }

    /// The file that an extraction holds while it writes.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join(".lock")
    }

    /// The folder of a table.
    #[must_use]
    pub fn table(&self, table: Table) -> PathBuf {
        self.root.join(table.name())
    }

    /// The folder of a run's parts of a table.
    #[must_use]
    pub fn run(&self, table: Table, video_id: &str, run_id: &str) -> PathBuf {
        self.table(table).join(format!("video_id={video_id}")).join(format!("run_id={run_id}"))
    }

    /// The edits of a video.
    #[must_use]
    pub fn edits(&self, video_id: &str) -> PathBuf {
        self.table(Table::Edits).join(format!("video_id={video_id}")).join("part-00000.parquet")
    }

    /// A part of a run.
    #[must_use]
    pub fn part(&self, table: Table, video_id: &str, run_id: &str, part: u32) -> PathBuf {
        self.run(table, video_id, run_id).join(format!("part-{part:05}.parquet"))
    }
}
