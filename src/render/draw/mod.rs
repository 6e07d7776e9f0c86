//! Draws the data of a video on its pictures: skeletons, angles, trails, events, metrics. Pure: from a scene and
//! planes to planes.

mod angles;
mod blend;
pub(crate) mod blur;
mod body;
mod boxes;
mod canvas;
mod clock;
mod events;
mod numbers;
mod overlay;
mod painter;
mod panel;
mod skeleton;
mod strokes;
mod text;
pub(crate) mod theme;
pub(crate) mod to_rgb;
mod trails;

pub(crate) use canvas::Placement;
pub(crate) use painter::{DrawError, Painter};
pub(crate) use trails::TrailPoint;
