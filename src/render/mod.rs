//! Renders annotated videos from the tables and the source. Decoding, drawing and encoding run at the same time. The
//! video is written in parts, and a later run continues after the last part.

pub(crate) mod animate;
pub(crate) mod composer;
pub(crate) mod context;
pub(crate) mod crops;
pub(crate) mod draw;
pub(crate) mod error;
mod frames;
pub(crate) mod framing;
pub(crate) mod ghosts;
pub(crate) mod job;
pub(crate) mod look;
pub(crate) mod memory;
pub(crate) mod parts;
pub(crate) mod pictures;
pub(crate) mod pipeline;
pub(crate) mod scenes;
pub(crate) mod settings;
pub(crate) mod stills;
pub(crate) mod subject;
pub(crate) mod thumbnail;

pub(crate) use error::RenderError;
