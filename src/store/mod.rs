//! Tables: Parquet parts, which are the truth, and the DuckDB catalog over them. The only module that touches DuckDB.

pub mod abandoned;
pub mod benchmarks;
pub mod catalog;
pub mod check;
mod checksum;
mod connection;
pub mod edits;
pub mod engine;
pub mod error;
pub mod files;
pub mod layout;
pub mod lock;
pub mod made;
mod migrations;
pub mod part;
pub mod people;
pub mod query;
pub mod read;
pub mod read_tracks;
pub mod rebuild;
pub mod records;
mod result_schema;
pub mod results;
pub mod rows;
pub mod schema;
pub mod select;
mod statements;
pub mod status;
pub mod stems;
pub mod track_columns;
mod views;
pub mod workspace;

pub use catalog::Catalog;
pub use connection::Access;
pub use error::StoreError;
pub use layout::{Layout, Table};
