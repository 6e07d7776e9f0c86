//! The SQL that the program carries: files by their path below `sql/`, and what their headers say.

pub mod header;
pub mod library;
