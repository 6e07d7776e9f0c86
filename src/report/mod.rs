//! The HTML report: one folder, or one file, that any browser opens from the disk without a network.
//!
//! [`data`] says what the pages need, [`pages`] writes them, [`assets`] is what they look and behave like. Nothing here
//! reads a catalog or a video.

pub mod assets;
pub mod data;
pub mod decimate;
mod embed;
mod error;
mod escape;
mod findings;
pub mod pages;
mod rows;
pub mod slug;
mod wording;

pub use assets::ASSETS;
pub use error::ReportError;
pub use pages::{MediaReader, write_index, write_single_file, write_video_page};
