//! The transparent overlay that each frame is drawn on. It records the touched tiles, so that the cost of clearing it
//! and of blending it onto a picture depends on the drawing and not on the picture's size.

use tiny_skia::{
    Color as SkiaColor, FillRule, LineCap, LineJoin, Paint, Path, PathSegment, Pixmap, Point, Rect, Stroke, Transform,
};

use super::strokes::Coverage;
use super::theme::Color;

/// The side of a tile, pixels; even, so that tiles end between the 2 x 2 blocks of chroma.
pub(super) const TILE_PX: usize = 32;
/// The bytes of a pixel: red, green, blue, alpha; colors are premultiplied by alpha.
pub(super) const PIXEL_BYTES: usize = 4;

/// A color with an opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    /// The color.
    pub(super) color: Color,
    /// The opacity, 0 (invisible) to 1 (opaque).
    pub(super) opacity: f32,
}

impl Color {
    /// Returns the color as ink.
    pub(super) fn ink(self, opacity: f32) -> Ink {
        Ink { color: self, opacity: opacity.clamp(0.0, 1.0) }
    }

    /// Returns the color mixed with a share of another color.
    pub(super) fn tinted(self, other: Self, share: f32) -> Self {
        let mix = |own: u8, other: u8| (f32::from(own) * (1.0 - share) + f32::from(other) * share).round() as u8;
        Self { red: mix(self.red, other.red), green: mix(self.green, other.green), blue: mix(self.blue, other.blue) }
    }
}

/// Left, top, right and bottom in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Bounds {
    /// Returns the smallest bounds of all points; `None` without points.
    pub(super) fn of(points: impl IntoIterator<Item = [f32; 2]>) -> Option<Self> {
        points.into_iter().fold(None, |bounds: Option<Self>, [x, y]| {
            let before = bounds.unwrap_or(Self { left: x, top: y, right: x, bottom: y });
            Some(Self {
                left: before.left.min(x),
                top: before.top.min(y),
                right: before.right.max(x),
                bottom: before.bottom.max(y),
            })
        })
    }

    /// Returns the bounds grown by `margin_px` on all sides.
    pub(super) fn grown(self, margin_px: f32) -> Self {
        Self {
            left: self.left - margin_px,
            top: self.top - margin_px,
            right: self.right + margin_px,
            bottom: self.bottom + margin_px,
        }
    }

    /// Returns whether both have pixels in common.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Returns the width.
    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    /// Returns the height.
    pub(super) fn height(self) -> f32 {
        self.bottom - self.top
    }
}

impl From<Rect> for Bounds {
    fn from(rect: Rect) -> Self {
        Self { left: rect.left(), top: rect.top(), right: rect.right(), bottom: rect.bottom() }
    }
}

/// The overlay.
#[derive(Debug)]
pub(super) struct Overlay {
    pixmap: Pixmap,
    tile_columns: usize,
    touched: Vec<bool>,
    coverage: Coverage,
}

impl Overlay {
    /// Creates an empty overlay of `size_px` (width, height); `None` for a picture without pixels or beyond tiny-skia's
    /// limits.
    pub(super) fn new(size_px: [usize; 2]) -> Option<Self> {
        let [width, height] = size_px.map(|length| u32::try_from(length).ok());
        let pixmap = Pixmap::new(width?, height?)?;
        let [tile_columns, tile_rows] = size_px.map(|length| length.div_ceil(TILE_PX));
        let touched = vec![false; tile_columns * tile_rows];
        Some(Self { pixmap, tile_columns, touched, coverage: Coverage::new(size_px) })
    }

    /// Returns width and height in pixels.
    pub(super) fn size_px(&self) -> [usize; 2] {
        [self.pixmap.width() as usize, self.pixmap.height() as usize]
    }

    /// Returns the pixels, row by row.
    pub(super) fn bytes(&self) -> &[u8] {
        self.pixmap.data()
    }

    /// Returns the pixels for writing. The caller must call [`Overlay::touch`] for the written part.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        self.pixmap.data_mut()
    }

    /// Returns the coverage that collects shapes, and the pixels.
    pub(super) fn coverage_and_bytes(&mut self) -> (&mut Coverage, &mut [u8]) {
        (&mut self.coverage, self.pixmap.data_mut())
    }

    /// Marks the tiles that the coverage has shapes in.
    pub(super) fn touch_covered(&mut self) {
        self.coverage.move_touched(&mut self.touched);
    }

    /// Returns the columns and rows (from, to) of all touched tiles.
    pub(super) fn touched_tiles(&self) -> impl Iterator<Item = [usize; 4]> + '_ {
        let [width, height] = self.size_px();
        let tiles = self.touched.iter().enumerate().filter(|(_, touched)| **touched);
        tiles.map(move |(index, _)| {
            let [x, y] = [index % self.tile_columns * TILE_PX, index / self.tile_columns * TILE_PX];
            [x, y, (x + TILE_PX).min(width), (y + TILE_PX).min(height)]
        })
    }

    /// Clears the drawing.
    pub(super) fn clear(&mut self) {
        let [width, height] = self.size_px();
        let bytes = self.pixmap.data_mut();
        for (index, touched) in self.touched.iter_mut().enumerate().filter(|(_, touched)| **touched) {
            let [x, y] = [index % self.tile_columns * TILE_PX, index / self.tile_columns * TILE_PX];
            let len = ((x + TILE_PX).min(width) - x) * PIXEL_BYTES;
            for row in y..(y + TILE_PX).min(height) {
                let start = (row * width + x) * PIXEL_BYTES;
                bytes[start..start + len].fill(0);
            }
            *touched = false;
        }
    }

    /// Marks the tiles that `bounds` overlaps.
    pub(super) fn touch(&mut self, bounds: Bounds) {
        let [width, height] = self.size_px().map(|length| length as f32);
        if bounds.right < 0.0 || bounds.bottom < 0.0 || bounds.left >= width || bounds.top >= height {
            return;
        }
        let tile = |position: f32, length: f32| position.clamp(0.0, length - 1.0) as usize / TILE_PX;
        let columns = tile(bounds.left, width)..=tile(bounds.right, width);
        for row in tile(bounds.top, height)..=tile(bounds.bottom, height) {
            let start = row * self.tile_columns;
            self.touched[start + columns.start()..=start + columns.end()].fill(true);
        }
    }

    /// Returns whether any part of the bounds is visible.
    fn is_inside(&self, bounds: Bounds) -> bool {
        let [right, bottom] = self.size_px().map(|length| length as f32);
        bounds.overlaps(Bounds { left: 0.0, top: 0.0, right, bottom })
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, path: &Path, ink: Ink) {
        let bounds = Bounds::from(path.bounds()).grown(1.0);
        if self.is_inside(bounds) {
            self.touch(bounds);
            self.pixmap.fill_path(path, &paint(ink), FillRule::Winding, Transform::identity(), None);
        }
    }

    /// Draws along a path with round ends.
    pub(super) fn stroke(&mut self, path: &Path, width_px: f32, ink: Ink) {
        self.stroke_with(path, &round_stroke(width_px), ink);
    }

    /// Draws along a path with straight ends, so that pieces of a line join without a seam.
    pub(super) fn stroke_flat(&mut self, path: &Path, width_px: f32, ink: Ink) {
        let stroke = Stroke { line_cap: LineCap::Butt, ..round_stroke(width_px) };
        self.stroke_with(path, &stroke, ink);
    }

    fn stroke_with(&mut self, path: &Path, stroke: &Stroke, ink: Ink) {
        let margin_px = stroke.width / 2.0 + 1.0;
        if self.is_inside(Bounds::from(path.bounds()).grown(margin_px)) {
            self.touch_along(path, margin_px);
            self.pixmap.stroke_path(path, &paint(ink), stroke, Transform::identity(), None);
        }
    }

    /// Marks the tiles along a path, not those of its whole bounds.
    fn touch_along(&mut self, path: &Path, margin_px: f32) {
        let mut start = Point::zero();
        let mut last = Point::zero();
        for segment in path.segments() {
            let end = match segment {
                PathSegment::MoveTo(point) => {
                    start = point;
                    point
                }
                PathSegment::LineTo(point) => {
                    self.touch_line(last, point, margin_px);
                    point
                }
                PathSegment::QuadTo(control, point) => {
                    self.touch_points(&[last, control, point], margin_px);
                    point
                }
                PathSegment::CubicTo(first, second, point) => {
                    self.touch_points(&[last, first, second, point], margin_px);
                    point
                }
                PathSegment::Close => {
                    self.touch_line(last, start, margin_px);
                    start
                }
            };
            last = end;
        }
    }

    fn touch_points(&mut self, points: &[Point], margin_px: f32) {
        if let Some(bounds) = Bounds::of(points.iter().map(|point| [point.x, point.y])) {
            self.touch(bounds.grown(margin_px));
        }
    }

    /// Marks the tiles along a line, in pieces of a tile's length, but at most as many pieces as a line across the
    /// largest picture has.
    fn touch_line(&mut self, from: Point, to: Point, margin_px: f32) {
        let delta = to - from;
        let pieces = (delta.x.abs().max(delta.y.abs()) / TILE_PX as f32).ceil().clamp(1.0, 512.0) as u32;
        let at = |piece: u32| {
            let share = piece as f32 / pieces as f32;
            Point::from_xy(from.x + delta.x * share, from.y + delta.y * share)
        };
        for piece in 0..pieces {
            self.touch_points(&[at(piece), at(piece + 1)], margin_px);
        }
    }
}

fn round_stroke(width_px: f32) -> Stroke {
    Stroke { width: width_px, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() }
}

fn paint(ink: Ink) -> Paint<'static> {
    let Color { red, green, blue } = ink.color;
    let mut paint = Paint::default();
    paint.set_color(SkiaColor::from_rgba8(red, green, blue, (ink.opacity * 255.0).round() as u8));
    paint
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tiny_skia::PathBuilder;

    const WHITE: Color = Color { red: 255, green: 255, blue: 255 };

    fn line(from: [f32; 2], to: [f32; 2]) -> Path {
        let mut builder = PathBuilder::new();
        builder.move_to(from[0], from[1]);
        builder.line_to(to[0], to[1]);
        builder.finish().unwrap()
    }

    #[test]
    fn a_diagonal_touches_the_tiles_along_it_only() {
        let mut overlay = Overlay::new([320, 320]).unwrap();
        overlay.stroke(&line([5.0, 5.0], [315.0, 315.0]), 2.0, WHITE.ink(1.0));
        let touched = overlay.touched_tiles().count();
        assert!((10..=40).contains(&touched), "{touched} of 100 tiles");
    }

    #[test]
    fn what_is_outside_touches_nothing() {
        let mut overlay = Overlay::new([64, 64]).unwrap();
        overlay.stroke(&line([100.0, 5.0], [200.0, 60.0]), 4.0, WHITE.ink(1.0));
        assert_eq!(overlay.touched_tiles().count(), 0);
    }

    #[test]
    fn a_picture_without_pixels_has_no_sheet() {
        assert!(Overlay::new([0, 5]).is_none());
    }

    proptest! {
        #[test]
        fn every_painted_pixel_lies_in_a_touched_tile_and_is_wiped(
            ends in prop::array::uniform4(-80.0_f32..300.0), width in 0.5_f32..20.0, is_flat in any::<bool>(),
        ) {
            let mut overlay = Overlay::new([200, 150]).unwrap();
            let path = line([ends[0], ends[1]], [ends[2] + 0.1, ends[3]]);
            if is_flat { overlay.stroke_flat(&path, width, WHITE.ink(0.7)) } else { overlay.stroke(&path, width, WHITE.ink(0.7)) }
            let mut untouched = overlay.bytes().to_vec();
            for [left, top, right, bottom] in overlay.touched_tiles() {
                for y in top..bottom {
                    untouched[(y * 200 + left) * 4..(y * 200 + right) * 4].fill(0);
                }
            }
            prop_assert!(untouched.iter().all(|&byte| byte == 0));
            overlay.clear();
            prop_assert!(overlay.bytes().iter().all(|&byte| byte == 0));
            prop_assert_eq!(overlay.touched_tiles().count(), 0);
        }
    }
}
