//! Makes the report from the tables: pages, posters and tables to download, in a folder or in one file. Up-to-date
//! files are left as they are.
//!
//! [`crate::report::page`] decides what pages look like; this module provides their data and files.

mod curves;
mod error;
mod folder;
mod job;
mod method;
pub(crate) mod page;
mod poster;
mod tables;

pub(crate) use error::ReportingError;
pub(crate) use job::{Job, Written};
pub(crate) use tables::made_at;
