//! Annotated video, out of the tables and the source: decoded, drawn on and encoded at the same time, in parts that a
//! later run goes on from.

pub mod animate;
pub mod composer;
pub mod context;
pub mod crops;
pub mod error;
mod frames;
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
