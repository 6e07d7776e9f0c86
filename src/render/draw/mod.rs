//! Draws the data of a video on its pictures: skeletons, angles, trails, events, metrics. Pure: from a scene and
//! planes to planes.

mod angles;
mod blend;
pub mod blur;
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
pub mod theme;
pub mod to_rgb;
mod trails;

pub use canvas::Placement;
pub use painter::{DrawError, Painter};
pub use trails::{DEFAULT_POINTS, Trail, TrailPoint};
