//! The HTML report: one folder, or one file, that any browser opens from the disk without a network.
//!
//! [`data`] defines the data of the pages, [`pages`] writes them, [`assets`] has their style sheets and scripts. This
//! module reads neither a catalog nor a video.

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
