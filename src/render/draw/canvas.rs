//! The canvas of all elements: the overlay, the letters, the theme, and the placement of the picture.

use tiny_skia::{Path, PathBuilder};

use super::overlay::{Bounds, Ink, Overlay};
use super::strokes::Stroke;
use super::text::{Align, CAP_HEIGHT, Lettering, TextStyle};
use super::theme::Theme;

/// The distance beyond which positions are left out, pixels: nothing attached to them would be visible.
const FARTHEST_PX: f32 = 20_000.0;

/// The placement of the video's picture on the canvas (`canvas_from_image`): first scaled, then moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    /// Pixels of the canvas per pixel of the video.
    pub(crate) scale: f32,
    /// The position of the video's upper left corner on the canvas, pixels.
    pub(crate) offset_px: [f32; 2],
}

impl Default for Placement {
    /// Returns the placement for which the canvas is the video's picture.
    fn default() -> Self {
        Self { scale: 1.0, offset_px: [0.0; 2] }
    }
}

impl Placement {
    /// Returns a position on the canvas; `None` if it is not finite or far outside.
    #[must_use]
    pub(crate) fn canvas_from_image(self, image_px: [f32; 2]) -> Option<[f32; 2]> {
        let [x, y] = image_px;
        let canvas_px = [x * self.scale + self.offset_px[0], y * self.scale + self.offset_px[1]];
        canvas_px.iter().all(|position| position.abs() <= FARTHEST_PX).then_some(canvas_px)
    }
}

/// The drawing tools of elements.
pub(super) struct Canvas<'a> {
    pub(super) overlay: &'a mut Overlay,
    pub(super) lettering: &'a mut Lettering,
    pub(super) theme: &'a Theme,
    /// The bounds of existing labels.
    pub(super) labels: Vec<Bounds>,
}

impl Canvas<'_> {
    /// Returns width and height in pixels.
    pub(super) fn size_px(&self) -> [f32; 2] {
        self.overlay.size_px().map(|length| length as f32)
    }

    /// Returns a share of the picture's shorter side in pixels, at least one, so that lines stay visible.
    pub(super) fn length_px(&self, share: f32) -> f32 {
        length_px(self.overlay.size_px(), share)
    }

    /// Returns the dark ink below lines and letters.
    pub(super) fn casing(&self, opacity: f32) -> Ink {
        self.theme.colors.casing.ink(self.theme.opacities.casing * opacity)
    }

    /// Draws shapes as one shape, on a dark edge.
    pub(super) fn draw_cased(&mut self, strokes: &[Stroke], ink: Ink) {
        let casing_px = self.length_px(self.theme.sizes.casing) * 0.7;
        let under: Vec<Stroke> = strokes.iter().map(|stroke| stroke.grown(casing_px)).collect();
        let casing = self.casing(ink.opacity);
        self.overlay.draw(&under, casing);
        self.overlay.draw(strokes, ink);
    }

    /// Draws a dark plate with rounded corners, for text.
    pub(super) fn plate(&mut self, bounds: Bounds, radius_px: f32, opacity: f32) {
        let ink = self.theme.colors.casing.ink(self.theme.opacities.plate * opacity);
        if let Some(path) = rounded(bounds, radius_px) {
            self.overlay.fill(&path, ink);
        }
    }

    /// Returns the height of letters of names, angles and events, pixels.
    pub(super) fn text_px(&self) -> f32 {
        self.length_px(self.theme.sizes.text).max(SMALLEST_TEXT_PX)
    }

    /// Returns the height of letters in the panel and of the clock, pixels.
    pub(super) fn panel_text_px(&self) -> f32 {
        panel_text_px(self.overlay.size_px(), self.theme)
    }

    /// Returns a plate for `width_px` of text with its upper middle at `top_center`, moved into the picture, and the
    /// text's left end on the baseline.
    pub(super) fn label_plate(&self, top_center: [f32; 2], width_px: f32, text_px: f32) -> (Bounds, [f32; 2]) {
        let [width, height] = self.size_px();
        let plate = [width_px + 1.1 * text_px, text_px * LABEL_HEIGHT_EM];
        let within = |position: f32, length: f32, limit: f32| position.min(limit - length).max(0.0);
        let left = within(top_center[0] - plate[0] / 2.0, plate[0], width);
        let top = within(top_center[1], plate[1], height);
        let bounds = Bounds { left, top, right: left + plate[0], bottom: top + plate[1] };
        (bounds, [left + 0.55 * text_px, top + f32::midpoint(plate[1], CAP_HEIGHT * text_px)])
    }

    /// Returns a label plate as above that covers no other label: it moves beside, above or below the label in the way,
    /// whichever is nearest. If all of these places are taken, it stays.
    pub(super) fn free_label_plate(&self, top_center: [f32; 2], width_px: f32, text_px: f32) -> (Bounds, [f32; 2]) {
        let wanted = self.label_plate(top_center, width_px, text_px);
        let plate = wanted.0;
        let Some(taken) = self.labels.iter().find(|label| label.overlaps(plate)) else { return wanted };
        let gap_px = 0.25 * text_px;
        let [x, y] = [f32::midpoint(plate.left, plate.right), plate.top];
        let aside_px = plate.width() / 2.0 + gap_px;
        let places = [
            [x, taken.bottom + gap_px],
            [x, taken.top - plate.height() - gap_px],
            [taken.left - aside_px, y],
            [taken.right + aside_px, y],
        ];
        let placed = places.map(|place| self.label_plate(place, width_px, text_px));
        let free = placed.into_iter().filter(|(plate, _)| !self.labels.iter().any(|label| label.overlaps(*plate)));
        let moved = |(other, _): &(Bounds, [f32; 2])| (other.left - plate.left).hypot(other.top - plate.top);
        free.min_by(|one, other| moved(one).total_cmp(&moved(other))).unwrap_or(wanted)
    }

    /// Writes pieces of text one after the other, from the left.
    pub(super) fn write(&mut self, pieces: &[(&str, Ink)], start: [f32; 2], text_px: f32) {
        let [mut x, y] = start;
        for &(text, ink) in pieces {
            let style = TextStyle { size_px: text_px, ink, halo: None };
            self.lettering.draw(self.overlay, text, [x, y], Align::Left, style);
            x += self.lettering.width_px(text, text_px);
        }
    }
}

/// The height of a label's plate, em.
pub(super) const LABEL_HEIGHT_EM: f32 = 1.5;
/// The smallest legible letters, pixels, for any picture size.
const SMALLEST_TEXT_PX: f32 = 9.0;

/// Returns a share of the shorter side of a picture in pixels; at least one.
pub(super) fn length_px(size_px: [usize; 2], share: f32) -> f32 {
    (size_px[0].min(size_px[1]) as f32 * share).max(1.0)
}

/// Returns the height of letters in the panel and of the clock, pixels.
pub(super) fn panel_text_px(size_px: [usize; 2], theme: &Theme) -> f32 {
    length_px(size_px, theme.sizes.panel_text).max(SMALLEST_TEXT_PX)
}

/// Returns a rectangle with rounded corners.
pub(super) fn rounded(bounds: Bounds, radius_px: f32) -> Option<Path> {
    let Bounds { left, top, right, bottom } = bounds;
    let radius = radius_px.min(bounds.width() / 2.0).min(bounds.height() / 2.0);
    // Bezier curves that approximate a circle.
    let handle = radius * (1.0 - 0.5523);
    let mut builder = PathBuilder::new();
    builder.move_to(left + radius, top);
    builder.line_to(right - radius, top);
    builder.cubic_to(right - handle, top, right, top + handle, right, top + radius);
    builder.line_to(right, bottom - radius);
    builder.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
    builder.line_to(left + radius, bottom);
    builder.cubic_to(left + handle, bottom, left, bottom - handle, left, bottom - radius);
    builder.line_to(left, top + radius);
    builder.cubic_to(left, top + handle, left + handle, top, left + radius, top);
    builder.close();
    builder.finish()
}

/// Returns an open line through points.
pub(super) fn polyline(points: &[[f32; 2]]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let (&[x, y], rest) = points.split_first()?;
    builder.move_to(x, y);
    for &[x, y] in rest {
        builder.line_to(x, y);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_scaled_then_moved() {
        let placement = Placement { scale: 2.0, offset_px: [-100.0, 10.0] };
        assert_eq!(placement.canvas_from_image([60.0, 5.0]), Some([20.0, 20.0]));
        assert_eq!(placement.canvas_from_image([f32::NAN, 5.0]), None);
        assert_eq!(placement.canvas_from_image([1e9, 5.0]), None);
    }

    #[test]
    fn labels_stay_in_the_picture_and_off_each_other() {
        let theme = Theme::default();
        let (mut overlay, mut lettering) = (Overlay::new([300, 200]).unwrap(), Lettering::new().unwrap());
        let mut canvas = Canvas { overlay: &mut overlay, lettering: &mut lettering, theme: &theme, labels: Vec::new() };
        for top_center in [[150.0, 100.0], [-50.0, 190.0], [290.0, -20.0], [0.0, 500.0]] {
            canvas.labels.clear();
            for _ in 0..2 {
                let (plate, start) = canvas.free_label_plate(top_center, 40.0, 12.0);
                assert!(plate.left >= 0.0 && plate.top >= 0.0 && plate.right <= 300.0 && plate.bottom <= 200.0);
                assert!(start[0] > plate.left && start[0] + 40.0 < plate.right && start[1] < plate.bottom);
                assert!(!canvas.labels.iter().any(|label| label.overlaps(plate)), "{top_center:?}");
                canvas.labels.push(plate);
            }
        }
    }

    #[test]
    fn lengths_follow_the_shorter_side() {
        assert_eq!(length_px([1280, 720], 0.01), 7.2);
        assert_eq!(length_px([720, 1280], 0.01), 7.2);
        assert_eq!(length_px([64, 48], 0.001), 1.0);
    }
}
