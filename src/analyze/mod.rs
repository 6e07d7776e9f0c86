//! Analysis of stored runs: reads tables and writes tables. Needs neither video nor network.
//!
//! Each result of a run is made by a step, from other results or from the extracted tables. A step's key identifies
//! everything that the result was made from. A step is skipped if its result already has the key that the step would
//! produce now.

pub(crate) mod all;
pub(crate) mod clean;
pub mod config;
pub(crate) mod detect;
pub mod error;
mod exercise;
pub(crate) mod frames;
pub mod key;
pub(crate) mod load;
pub(crate) mod one_by_one;
pub mod plan;
pub(crate) mod remembered;
pub(crate) mod run;
pub mod settings;
pub(crate) mod stability;

pub use error::AnalyzeError;
