//! The HTML report: one folder, or one file, that any browser opens from the disk without a network.
//!
//! [`data`] defines the data of the pages, [`pages`] writes them, [`assets`] has their style sheets and scripts. This
//! module reads neither a catalog nor a video.

pub(crate) mod assets;
pub(crate) mod data;
pub(crate) mod decimate;
mod embed;
mod error;
mod escape;
mod findings;
pub(crate) mod pages;
mod rows;
pub(crate) mod slug;
mod wording;

pub(crate) use assets::ASSETS;
pub(crate) use error::ReportError;
pub(crate) use pages::{write_index, write_single_file, write_video_page};
