//! Makes charts of the measurements of a video from its tables: SVG for reading and printing, PNG for sharing. Charts
//! that are up to date are left as they are.

mod error;
mod gallery;
mod job;
mod person;
pub mod plot;
mod raw_angles;
mod tables;
mod words;

pub use error::PlotError;
pub use gallery::ChartFile;
pub use job::{Job, PlotOutcome, PlotProgress, write_charts};
pub use raw_angles::raw_angles_sql;

/// The width of a still behind a point path, pixels: as wide as a chart shows it.
pub const STILL_WIDTH_PX: usize = 860;
