//! Tables: Parquet parts, which are the truth, and the DuckDB catalog over them. The only module that touches DuckDB.

pub mod catalog;
pub mod error;
pub mod files;
pub mod layout;
mod migrations;
pub mod part;
pub mod query;
pub mod records;
pub mod rows;
pub mod schema;
pub mod status;
mod views;

pub use catalog::{Access, Catalog};
pub use error::StoreError;
pub use layout::{Layout, Table};
