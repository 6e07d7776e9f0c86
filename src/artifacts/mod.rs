//! Files that posekit writes: whole or not at all, made again only if what they are made from has changed, and named
//! after their video.

pub mod error;
pub(crate) mod files;
pub(crate) mod made;
pub(crate) mod stems;

pub use error::ArtifactError;
