//! Analysis of stored runs: tables to tables. Needs neither video nor network.
//!
//! Each result of a run is made by a step, from other results or from what was extracted. A step's key says what it was made from;
//! a step whose result carries the key that it would get now has nothing to do.

pub mod all;
pub mod clean;
pub mod config;
pub mod detect;
pub mod error;
pub mod frames;
pub mod key;
pub mod load;
pub mod one_by_one;
pub mod pack;
pub mod plan;
pub mod remembered;
pub mod run;
pub mod settings;

pub use error::AnalyzeError;
