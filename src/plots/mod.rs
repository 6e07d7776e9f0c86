//! Charts of what was measured in a video, out of its tables into a folder: SVG for reading and printing, PNG for
//! showing around. Left as they are where nothing that they are made from has changed.

mod error;
mod gallery;
mod job;
mod person;
mod raw_angles;
mod tables;
mod words;

pub use error::PlotError;
pub use gallery::ChartFile;
pub use job::{Job, PlotOutcome, PlotProgress, write_charts};
pub use raw_angles::raw_angles_sql;

/// Width of a still that a way is drawn over, pixels: as wide as a chart shows it.
pub const STILL_WIDTH_PX: usize = 860;
