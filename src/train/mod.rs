//! Training of a local model on exported data, and what came of it: rows to tokens, the course of steps, scores, the report.
//! Knows no tables and no tensors.

pub mod checkpoint;
pub mod course;
pub mod data;
pub mod error;
pub mod evaluate;
pub mod optimizer;
pub mod page;
pub mod plan;
pub mod report;
pub mod scoring;

pub use error::TrainError;
