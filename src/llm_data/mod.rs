//! Makes language-model data from tables: kinds of examples, the walk through them, the output folder, and its check.

pub mod check;
pub mod error;
pub mod export;
mod filling;
pub mod finish;
pub mod folder;
pub mod kinds;
pub mod manifest;
mod proofs;
mod querying;
mod rows;
pub mod sink;
pub mod source;
pub mod walk;

pub use error::LlmDataError;
