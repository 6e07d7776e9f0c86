//! Trains a local model on exported data and evaluates it: rows to tokens, the steps, scores, the report. Independent
//! of tables and tensors.

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
