//! The errors of rendering. Each concerns one video only.

use std::path::PathBuf;

use crate::artifacts::ArtifactError;
use crate::render::draw::DrawError;
use crate::render::framing::animation::AnimationError;
use crate::render::framing::crop_scale::CropError;
use crate::render::framing::follow::FollowError;
use crate::render::framing::ghost::GhostError;
use crate::scope::Scope;
use crate::store::StoreError;
use crate::video::VideoError;
use crate::video::error::EncodeError;

/// A video could not be rendered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] VideoError),
    /// The result cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The tables cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be put in place.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The source is missing or has changed.
    #[error("{} is missing, or its content changed since it was extracted", path.display())]
    SourceMoved {
        /// The path of the source.
        path: PathBuf,
    },
    /// A file or folder of the output cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The memory limit is too small for the video.
    #[error("its pictures of {width}x{height} need a memory limit of at least {} MiB", smallest_bytes.div_ceil(1 << 20))]
    TooLarge {
        /// Width of its pictures, pixels.
        width: u32,
        /// Height.
        height: u32,
        /// The smallest sufficient limit, bytes.
        smallest_bytes: u64,
    },
    /// A picture cannot be drawn on.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A part of a picture cannot be shown.
    #[error(transparent)]
    Crop(#[from] CropError),
    /// Nobody can be followed.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// One attempt cannot be laid over another.
    #[error(transparent)]
    Ghost(#[from] GhostError),
    /// An animation cannot be written.
    #[error(transparent)]
    Animation(#[from] AnimationError),
    /// There is nothing to draw.
    #[error("{what}")]
    Nothing {
        /// What is missing, in words.
        what: String,
    },
    /// A thread could not be started, or ended without a result.
    #[error("a worker thread failed: {what}")]
    Thread {
        /// The details.
        what: String,
    },
}

impl RenderError {
    pub(super) fn output(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Output { path, source }
    }

    /// Returns the scope of the error.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Artifact(error) => error.scope(),
            Self::Thread { .. } => Scope::Internal,
            Self::Source(_)
            | Self::Encode(_)
            | Self::SourceMoved { .. }
            | Self::Output { .. }
            | Self::TooLarge { .. }
            | Self::Draw(_)
            | Self::Crop(_)
            | Self::Follow(_)
            | Self::Ghost(_)
            | Self::Animation(_)
            | Self::Nothing { .. } => Scope::Environment,
        }
    }

    /// Returns a hint on what the user can do about the error, if there is one.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Encode(error) => error.hint(),
            Self::Store(error) => error.hint(),
            Self::Artifact(error) => Some(error.hint()),
            Self::SourceMoved { .. } => Some("run `posekit extract` on the video at its current path"),
            Self::Output { .. } => Some("check that the folder is writable and has free space"),
            Self::TooLarge { .. } => Some("raise --memory_limit"),
            Self::Draw(_)
            | Self::Crop(_)
            | Self::Follow(_)
            | Self::Ghost(_)
            | Self::Animation(_)
            | Self::Nothing { .. }
            | Self::Thread { .. } => None,
        }
    }
}
