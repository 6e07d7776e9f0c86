//! Extraction: videos in, sealed Parquet parts and run records out.
//!
//! A video is decoded once, by a thread of its own, into a bounded queue of reused pictures; a worker with its own
//! networks follows the person through them. Rows are sealed segment by segment; smoothing then runs over the stored
//! rows, since it needs the whole video and no network. The catalog is not touched here.

pub mod decoding;
pub mod edits;
pub mod events;
pub mod identity;
pub mod job;
pub mod plan;
pub mod resume;
pub mod segment;
pub mod settings;
pub mod smoothing;
pub mod stages;
pub mod stored;
pub mod tracklets;
pub mod workers;
