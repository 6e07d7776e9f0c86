//! Charts of what was measured in a video, out of its tables into a folder: SVG for reading and printing, PNG for showing around.
//! Left as they are where nothing that they are made from has changed.

mod error;
mod gallery;
mod job;
mod person;
mod raw_angles;
mod still;
mod tables;
mod words;

pub use error::PlotError;
pub use gallery::ChartFile;
pub use job::{Job, PlotOutcome, write_charts};
pub use raw_angles::raw_angles_sql;
pub use still::{StillError, still_png};
