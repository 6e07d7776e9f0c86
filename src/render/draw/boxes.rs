//! Draws a thin box around each person.

use super::body::Body;
use super::canvas::Canvas;
use super::strokes;

/// The margin around the landmarks, as a share of the body's height.
const MARGIN_SHARE: f32 = 0.03;

/// Draws the box of a person.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: &Body) {
    let width_px = canvas.length_px(canvas.theme.sizes.line);
    let bounds = body.bounds.grown(body.height_px * MARGIN_SHARE);
    let corner = [bounds.left, bounds.top];
    let corners =
        [corner, [bounds.right, bounds.top], [bounds.right, bounds.bottom], [bounds.left, bounds.bottom], corner];
    let ink = canvas.theme.colors.middle.ink(canvas.theme.opacities.boxes);
    canvas.draw_cased(&strokes::lines(&corners, width_px), ink);
}
