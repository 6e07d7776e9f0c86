//! The built-in SQL: files by their path below `sql/`, and their headers.

pub mod header;
pub mod library;
