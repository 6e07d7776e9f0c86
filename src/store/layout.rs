//! The paths in a dataset folder. Pure: makes paths, accesses no files.
//!
//! ```text
//! DATASET/catalog.duckdb
//! DATASET/frames/video_id=V/run_id=R/part-00000.parquet         one row per decoded frame
//! DATASET/camera_motion/...                                     one row per decoded frame: how the camera moved
//! DATASET/regions/...                                           one row per frame and tracklet
//! DATASET/raw_landmarks/...                                     one row per frame, tracklet and landmark
//! DATASET/tracklets/...                                         one row per tracklet: a person followed in a segment
//! DATASET/tracks/video_id=V/run_id=R/part-00000.parquet         which person each tracklet is
//! DATASET/landmarks/...                                         one row per frame, person and landmark, smoothed
//! DATASET/runs/video_id=V/run_id=R/part-00000.parquet           the run: settings, counts, the video's properties
//! DATASET/clean_landmarks/video_id=V/run_id=R/...               results of `posekit analyze`, a folder for each table
//! DATASET/stability/video_id=V/run_id=R/...                     result of `posekit analyze --stability`
//! DATASET/journal/edits.jsonl                                   the user's corrections of tracks, for all runs
//! DATASET/journal/...                                           everything else that cannot be rebuilt
//! DATASET/.staging/...                                          parts that are being made
//! DATASET/.stability/...                                        variants of videos while their stability is measured
//! DATASET/.pending/...                                          committed parts that are not yet in their folders
//! DATASET/.lock                                                 held by the process that writes
//! ```

use std::path::{Path, PathBuf};

/// A table that lives in Parquet parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// One row per decoded frame.
    Frames,
    /// One row per decoded frame: how the camera moved since the frame before.
    CameraMotion,
    /// One row per frame and tracklet: the region of the landmark network, and its score.
    Regions,
    /// One row per frame, tracklet and landmark, as the network gave it.
    RawLandmarks,
    /// One row per tracklet: one person, followed within one segment.
    Tracklets,
    /// One row per tracklet, or piece of one: its person.
    Tracks,
    /// One row per frame, person and landmark, after MediaPipe's smoothing.
    Landmarks,
    /// One row for a complete run and its video. It is written after all other parts.
    Runs,
    /// One row per analyzed run: the sport, the settings.
    Analyses,
    /// One row per frame, person and landmark: outliers, gaps and swaps repaired, filtered.
    CleanLandmarks,
    /// One row per person and landmark: how much the network's raw output jitters.
    LandmarkNoise,
    /// One row per person and span of time with one side toward the camera.
    Facings,
    /// One row per person: meters per pixel, the floor.
    Scales,
    /// One row per frame, person, joint and side.
    JointAngles,
    /// One row per frame, person, body segment and side.
    SegmentAngles,
    /// One row per frame, person and point of the body: its position and speed.
    Kinematics,
    /// One row per event: contact, toe-off, take-off, landing and the events of a sport pack.
    Events,
    /// One row per phase of a movement.
    Phases,
    /// One row per repetition.
    Repetitions,
    /// One row per cycle, joint and percent.
    Cycles,
    /// One row per person, metric and side.
    Metrics,
    /// One row per violation of a data-quality check.
    Checks,
    /// One row per metric: its spread over variants of the video.
    Stability,
}

impl Table {
    /// All tables that have parts for each run, made by extraction.
    pub const ALL: [Self; 8] = [
        Self::Frames,
        Self::CameraMotion,
        Self::Regions,
        Self::RawLandmarks,
        Self::Tracklets,
        Self::Tracks,
        Self::Landmarks,
        Self::Runs,
    ];

    /// All tables that `posekit analyze` makes, in the order in which they depend on each other.
    pub const RESULTS: [Self; 14] = [
        Self::Analyses,
        Self::CleanLandmarks,
        Self::LandmarkNoise,
        Self::Facings,
        Self::JointAngles,
        Self::SegmentAngles,
        Self::Scales,
        Self::Kinematics,
        Self::Events,
        Self::Phases,
        Self::Repetitions,
        Self::Cycles,
        Self::Metrics,
        Self::Checks,
    ];

    /// The tables that `posekit analyze` makes on request only. They are not among [`Table::RESULTS`]: a run without them
    /// is complete.
    pub const ON_REQUEST: [Self; 1] = [Self::Stability];

    /// Returns all tables that have a folder for each run.
    pub fn of_runs() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().chain(Self::RESULTS).chain(Self::ON_REQUEST)
    }

    /// Returns the result table with a name.
    #[must_use]
    pub fn result(name: &str) -> Option<Self> {
        Self::RESULTS.into_iter().find(|table| table.name() == name)
    }

    /// Returns the name of the table: of its folder, and of most views in the catalog.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::CameraMotion => "camera_motion",
            Self::Regions => "regions",
            Self::RawLandmarks => "raw_landmarks",
            Self::Tracklets => "tracklets",
            Self::Tracks => "tracks",
            Self::Landmarks => "landmarks",
            Self::Runs => "runs",
            Self::Analyses => "analyses",
            Self::CleanLandmarks => "clean_landmarks",
            Self::LandmarkNoise => "landmark_noise",
            Self::Facings => "facings",
            Self::Scales => "scales",
            Self::JointAngles => "joint_angles",
            Self::SegmentAngles => "segment_angles",
            Self::Kinematics => "kinematics",
            Self::Events => "events",
            Self::Phases => "phases",
            Self::Repetitions => "repetitions",
            Self::Cycles => "cycles",
            Self::Metrics => "metrics",
            Self::Checks => "checks",
            Self::Stability => "stability",
        }
    }
}

/// The paths of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Creates the layout of a dataset folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Returns the dataset folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the path of the catalog.
    #[must_use]
    pub fn catalog(&self) -> PathBuf {
        self.root.join("catalog.duckdb")
    }

    /// Returns the path of the lock file that a process holds while it writes.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join(".lock")
    }

    /// Returns the folder of a table.
    #[must_use]
    pub fn table(&self, table: Table) -> PathBuf {
        self.root.join(table.name())
    }

    /// Returns the folder of a video's parts of a table, for all its runs.
    #[must_use]
    pub fn of_video(&self, table: Table, video_id: &str) -> PathBuf {
        self.table(table).join(format!("video_id={video_id}"))
    }

    /// Returns the folder of a run's parts of a table.
    #[must_use]
    pub fn run(&self, table: Table, video_id: &str, run_id: &str) -> PathBuf {
        self.of_video(table, video_id).join(format!("run_id={run_id}"))
    }

    /// Returns whether there are records of runs: a catalog can be made of them.
    #[must_use]
    pub fn has_records(&self) -> bool {
        self.table(Table::Runs).is_dir()
    }

    /// Returns the folder in which results are made before they are moved into place.
    #[must_use]
    pub fn staging(&self) -> PathBuf {
        self.root.join(".staging")
    }

    /// Returns the folder of committed changes whose parts are not all in place.
    #[must_use]
    pub fn pending(&self) -> PathBuf {
        self.root.join(".pending")
    }

    /// Returns the folder in which the results of other machines arrive.
    #[must_use]
    pub fn of_cluster(&self) -> PathBuf {
        self.root.join(".cluster")
    }

    /// Returns the folder in which the stability of metrics is measured: datasets of variants, removed at the end.
    #[must_use]
    pub fn of_stability(&self) -> PathBuf {
        self.root.join(".stability")
    }

    /// Returns the path of a part of a run.
    #[must_use]
    pub fn part(&self, table: Table, video_id: &str, run_id: &str, part: u32) -> PathBuf {
        self.run(table, video_id, run_id).join(format!("part-{part:05}.parquet"))
    }
}
