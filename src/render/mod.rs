//! Annotated video, out of the tables and the source: decoded, drawn on and encoded at the same time, in parts that a later run goes
//! on from.

pub mod composer;
pub mod context;
pub mod error;
pub mod job;
pub mod memory;
pub mod parts;
pub mod pipeline;
pub mod scenes;
pub mod settings;

pub use error::RenderError;
