//! Analysis of stored runs: reads tables and writes tables. Needs neither video nor network.
//!
//! Each result of a run is made by a step, from other results or from the extracted tables. A step's key identifies
//! everything that the result was made from. A step is skipped if its result already has the key that the step would
//! produce now.

pub mod all;
pub mod clean;
pub mod config;
pub mod detect;
pub mod error;
pub mod frames;
pub mod key;
pub mod load;
pub mod one_by_one;
pub mod plan;
pub mod remembered;
pub mod run;
pub mod settings;

pub use error::AnalyzeError;
