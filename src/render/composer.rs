//! From a picture and what is known of it to the picture that is encoded.

use serde::Serialize;

use crate::analyze::pack::Draw;
use crate::draw::scene::{SceneContext, SceneFrame};
use crate::draw::theme::{Element, Theme};
use crate::image::yuv::YuvImage;

/// What is drawn, and how it looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Look {
    /// What is drawn.
    #[serde(skip)]
    pub elements: Vec<Element>,
    /// Colors, sizes.
    #[serde(skip)]
    pub theme: Theme,
}

impl Look {
    /// How many times the memory of the source's picture a frame takes.
    #[must_use]
    pub fn pictures_per_frame(&self) -> u64 {
        1
    }
}

/// Makes the pictures of one video, in the order of time.
pub struct Composer {}

impl Composer {
    /// A composer for one video.
    #[must_use]
    pub fn new(_look: &Look, _draw: &Draw, _context: SceneContext) -> Self {
        Self {}
    }

    /// Whether pictures are drawn on where they are.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        true
    }

    /// Seconds that trails go back.
    #[must_use]
    pub fn memory_s(&self) -> f64 {
        2.0
    }

    /// Takes note of a frame that is not shown.
    pub fn remember(&mut self, _scene: &SceneFrame) {}

    /// Draws on a picture.
    pub fn draw_on(&mut self, _picture: &mut YuvImage, _scene: &SceneFrame) {}

    /// Makes a picture out of one.
    pub fn compose(&mut self, picture: &YuvImage, _scene: &SceneFrame, canvas: &mut YuvImage) {
        canvas.clone_from(picture);
    }
}
