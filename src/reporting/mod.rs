//! The report out of the tables: pages, posters and tables to take along, in a folder or in one file. What is up to
//! date stays as it is.
//!
//! What pages look like is [`crate::report`]'s affair; here is where their data and files come from.

mod curves;
mod error;
mod folder;
mod job;
mod method;
mod poster;
mod tables;

pub use error::ReportingError;
pub use job::{Job, Written};
pub use tables::made_at;
