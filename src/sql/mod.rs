//! The built-in SQL: files by their path below `sql/`, their headers, and what of them counts.

pub mod essence;
pub mod header;
pub mod library;
