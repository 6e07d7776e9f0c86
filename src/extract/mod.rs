//! Extraction: videos in, sealed Parquet parts and run records out.
//!
//! A video's segments are shared out among workers (`schedule`, `workers`). A unit of work is plain data (`spec`): `unit` decodes some
//! consecutive segments in a thread of its own, into a bounded queue; the worker's networks follow the people through them, and each
//! segment is sealed when it is complete. When all are, who is who and smoothing run over the stored rows (`completion`),
//! since they need the whole video and no network. The catalog is not touched here.

pub mod completion;
pub mod cores;
pub mod decoding;
pub mod edits;
pub mod elastic;
pub mod events;
pub mod identity;
pub mod job;
pub mod memory_plan;
pub mod plan;
pub mod resume;
pub mod schedule;
pub mod segment;
pub mod settings;
pub mod smoothing;
pub mod spec;
pub mod stages;
pub mod stored;
pub mod unit;
pub mod video_work;
pub mod witness;
pub mod workers;
