//! Versions of what posekit computes. Each stands for the sources of one set (`build/source_sets.rs`): while they are those that
//! `versions.toml` was confirmed for it is a number, else it has a hash of them, so nothing that other sources made counts as current.
//!
//! A change that leaves rows as they are keeps the number: `make confirm-versions` compares the tables of the public clips.

/// What inference gives: frames, regions, raw landmarks, tracklets. Part of a run's fingerprint.
pub const ROWS: &str = env!("POSEKIT_VERSION_ROWS");
/// Who is who, and smoothing: passes over stored rows.
pub const TRACKS: &str = env!("POSEKIT_VERSION_TRACKS");
/// Clean landmarks, their noise, the side toward the camera.
pub const CLEAN: &str = env!("POSEKIT_VERSION_CLEAN");
/// Events and repetitions that are found in Rust.
pub const DETECTIONS: &str = env!("POSEKIT_VERSION_DETECTIONS");
/// Annotated videos, stills and animations, with their encoder.
pub const DRAWINGS: &str = env!("POSEKIT_VERSION_DRAWINGS");
/// Charts as SVG and PNG.
pub const CHARTS: &str = env!("POSEKIT_VERSION_CHARTS");
/// Pages of the report, with posters and tables to take along.
pub const PAGES: &str = env!("POSEKIT_VERSION_PAGES");
/// Files of poses beside the annotated videos.
pub const POSE_FILES: &str = env!("POSEKIT_VERSION_POSE_FILES");
/// Datasets for language models.
pub const EXAMPLES: &str = env!("POSEKIT_VERSION_EXAMPLES");
