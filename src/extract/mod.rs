//! Extraction: reads videos, and writes sealed Parquet parts and run records.
//!
//! A video's segments are divided among workers (`schedule`, `workers`). A unit of work is plain data (`spec`). `unit`
//! decodes some consecutive segments in a separate thread, into a bounded queue. The worker's networks follow the
//! people through the frames, and each segment is sealed when it is complete. After the last segment, identity and
//! smoothing run over the stored rows (`completion`, [`crate::tracks`]), since they need the whole video and no network.
//! The catalog is not accessed here.

pub mod completion;
pub mod cores;
pub mod decoding;
pub mod elastic;
pub mod events;
pub mod job;
pub mod memory_plan;
pub mod plan;
pub mod schedule;
pub mod segment;
pub mod settings;
pub mod spec;
pub mod stages;
pub mod unit;
pub mod video_work;
pub mod witness;
pub mod workers;
