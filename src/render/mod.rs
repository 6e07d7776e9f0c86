//! Renders annotated videos from the tables and the source. Decoding, drawing and encoding run at the same time. The
//! video is written in parts, and a later run continues after the last part.

pub mod animate;
pub mod composer;
pub mod context;
pub mod crops;
pub mod draw;
pub mod error;
mod frames;
pub mod framing;
pub mod ghosts;
pub mod job;
pub mod look;
pub mod memory;
pub mod parts;
pub mod pipeline;
pub mod scenes;
pub mod settings;
pub mod stills;
pub mod subject;
pub mod thumbnail;

pub use error::RenderError;
