//! Makes charts of the measurements of a video from its tables: SVG for reading and printing, PNG for sharing. Charts
//! that are up to date are left as they are.

mod error;
mod gallery;
mod job;
mod person;
pub(crate) mod plot;
mod raw_angles;
mod tables;
mod words;

pub(crate) use error::PlotError;
pub use gallery::ChartFile;
pub(crate) use job::{Job, PlotOutcome, PlotProgress, write_charts};
pub use raw_angles::raw_angles_sql;

/// The width of a still behind a point path, pixels: as wide as a chart shows it.
pub(crate) const STILL_WIDTH_PX: usize = 860;
