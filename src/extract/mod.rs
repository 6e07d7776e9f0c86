//! Extraction: reads videos, and writes sealed Parquet parts and run records.
//!
//! A video's segments are divided among workers (`schedule`, `workers`). A unit of work is plain data (`spec`). `unit`
//! decodes some consecutive segments in a separate thread, into a bounded queue. The worker's networks follow the
//! people through the frames, and each segment is sealed when it is complete. After the last segment, identity and
//! smoothing run over the stored rows (`completion`, [`crate::tracks`]), since they need the whole video and no network.
//! The catalog is not accessed here.

pub(crate) mod completion;
pub(crate) mod cores;
pub(crate) mod decoding;
pub(crate) mod elastic;
pub(crate) mod events;
pub(crate) mod job;
pub(crate) mod memory_plan;
mod pace;
pub mod perturbation;
pub(crate) mod plan;
pub(crate) mod runner;
pub(crate) mod schedule;
pub mod segment;
pub mod settings;
pub(crate) mod spec;
pub(crate) mod stages;
pub(crate) mod unit;
pub(crate) mod video_work;
pub(crate) mod witness;
pub(crate) mod workers;
