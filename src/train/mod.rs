//! Trains a local model on exported data and evaluates it: rows to tokens, the steps, scores, the report. Independent
//! of tables and tensors.

pub(crate) mod checkpoint;
pub(crate) mod course;
pub mod data;
pub mod error;
pub(crate) mod evaluate;
pub(crate) mod optimizer;
pub(crate) mod page;
pub mod plan;
pub(crate) mod report;
pub(crate) mod scoring;

pub use error::TrainError;
