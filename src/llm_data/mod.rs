//! Makes language-model data from tables: kinds of examples, the walk through them, the output folder, and its check.

pub(crate) mod check;
pub(crate) mod error;
pub(crate) mod export;
mod filling;
pub(crate) mod finish;
pub(crate) mod folder;
pub(crate) mod kinds;
pub(crate) mod manifest;
mod proofs;
mod querying;
mod rows;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod walk;

pub(crate) use error::LlmDataError;
