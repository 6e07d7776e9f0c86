//! Versions of the outputs of posekit. Each version stands for the sources of one set (`build/source_sets.rs`). While
//! the sources are those for which `versions.toml` was confirmed, the version is a number. Otherwise it contains
//! their hash, so that output of other sources never counts as current.
//!
//! A change that does not alter any rows keeps the number: `make confirm-versions` compares the tables of the public
//! clips.

/// The version of the output of inference: frames, regions, raw landmarks, tracklets. Part of a run's fingerprint.
pub const ROWS: &str = env!("POSEKIT_VERSION_ROWS");
/// The version of identity and smoothing: passes over stored rows.
pub const TRACKS: &str = env!("POSEKIT_VERSION_TRACKS");
/// The version of clean landmarks, their noise and the facing (the side toward the camera).
pub const CLEAN: &str = env!("POSEKIT_VERSION_CLEAN");
/// The version of events and repetitions that are detected in Rust.
pub const DETECTIONS: &str = env!("POSEKIT_VERSION_DETECTIONS");
/// The version of stability: how pictures are altered, and how metrics of variants are compared.
pub const STABILITY: &str = env!("POSEKIT_VERSION_STABILITY");
/// The version of annotated videos, stills and animations, with their encoder.
pub const DRAWINGS: &str = env!("POSEKIT_VERSION_DRAWINGS");
/// The version of charts (SVG and PNG).
pub const CHARTS: &str = env!("POSEKIT_VERSION_CHARTS");
/// The version of the pages of the report, with their posters and downloadable tables.
pub const PAGES: &str = env!("POSEKIT_VERSION_PAGES");
/// The version of the pose files beside the annotated videos.
pub const POSE_FILES: &str = env!("POSEKIT_VERSION_POSE_FILES");
/// The version of datasets for language models.
pub const EXAMPLES: &str = env!("POSEKIT_VERSION_EXAMPLES");
