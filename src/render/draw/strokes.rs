//! Draws lines, dots and rings by the distance of each pixel. This is many times as fast as general paths, and shapes
//! that are drawn together show no seams where they overlap.

use super::overlay::{Bounds, Ink, Overlay, PIXEL_BYTES, TILE_PX};

/// All pixels within `half_px` of a line or, with a radius, of the line's outline at that distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) from: [f32; 2],
    pub(super) to: [f32; 2],
    /// Half of the width, pixels.
    pub(super) half_px: f32,
    /// The radius of a ring around the line, pixels; 0 for the line itself.
    pub(super) ring_px: f32,
    /// The share of the ink's opacity, 0 to 1.
    pub(super) strength: f32,
}

impl Stroke {
    /// Creates a line with round ends.
    pub(super) fn line(from: [f32; 2], to: [f32; 2], width_px: f32) -> Self {
        Self { from, to, half_px: width_px / 2.0, ring_px: 0.0, strength: 1.0 }
    }

    /// Creates a disk.
    pub(super) fn dot(center: [f32; 2], radius_px: f32) -> Self {
        Self::line(center, center, 2.0 * radius_px)
    }

    /// Creates a circle line.
    pub(super) fn ring(center: [f32; 2], radius_px: f32, width_px: f32) -> Self {
        Self { ring_px: radius_px, ..Self::line(center, center, width_px) }
    }

    /// Returns the stroke with another strength.
    pub(super) fn with_strength(self, strength: f32) -> Self {
        Self { strength, ..self }
    }

    /// Returns the stroke grown by `margin_px` on both sides, for the dark edge below.
    pub(super) fn grown(self, margin_px: f32) -> Self {
        Self { half_px: self.half_px + margin_px, ..self }
    }

    fn reach_px(&self) -> f32 {
        self.half_px + self.ring_px + 0.5
    }
}

/// Returns lines between consecutive positions.
pub(super) fn lines(positions: &[[f32; 2]], width_px: f32) -> Vec<Stroke> {
    positions.windows(2).map(|ends| Stroke::line(ends[0], ends[1], width_px)).collect()
}

/// Returns dots along a line, every `step_px`.
pub(super) fn dots(from: [f32; 2], to: [f32; 2], width_px: f32, step_px: f32) -> Vec<Stroke> {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let count = (dx.hypot(dy) / step_px.max(1.0)).round().clamp(1.0, 4096.0) as u32;
    let at = |index: u32| {
        let share = index as f32 / count as f32;
        [from[0] + dx * share, from[1] + dy * share]
    };
    (0..=count).map(|index| Stroke::dot(at(index), width_px / 2.0)).collect()
}

/// The coverage of pixels by shapes that are drawn together, 0 to 255; blank between drawings.
#[derive(Debug)]
pub(super) struct Coverage {
    size: [usize; 2],
    levels: Vec<u8>,
    tile_columns: usize,
    touched: Vec<bool>,
}

impl Coverage {
    /// Creates a blank coverage for an overlay of `size_px`.
    pub(super) fn new(size: [usize; 2]) -> Self {
        let [tile_columns, tile_rows] = size.map(|length| length.div_ceil(TILE_PX));
        Self { size, levels: vec![0; size[0] * size[1]], tile_columns, touched: vec![false; tile_columns * tile_rows] }
    }

    /// Adds a shape. The coverage of a pixel is the maximum over all shapes.
    fn add(&mut self, stroke: &Stroke) {
        let reach_px = stroke.reach_px();
        let Some(bounds) = Bounds::of([stroke.from, stroke.to]).map(|bounds| bounds.grown(reach_px)) else { return };
        let [width, height] = self.size;
        let rows = clipped(bounds.top, bounds.bottom, height);
        let geometry = Geometry::new(stroke);
        for y in rows {
            let middle_y = y as f32 + 0.5;
            let [left, right] = geometry.span(middle_y, reach_px);
            let columns = clipped(left.max(bounds.left), right.min(bounds.right), width);
            if columns.is_empty() {
                continue;
            }
            let tiles = y / TILE_PX * self.tile_columns;
            self.touched[tiles + columns.start / TILE_PX..=tiles + (columns.end - 1) / TILE_PX].fill(true);
            let first = columns.start;
            for (index, level) in self.levels[y * width + first..y * width + columns.end].iter_mut().enumerate() {
                let covered = geometry.cover([(first + index) as f32 + 0.5, middle_y]);
                *level = (*level).max(covered);
            }
        }
    }
}

impl Coverage {
    /// Moves the marks of touched tiles to an overlay's list.
    pub(super) fn move_touched(&mut self, sheet: &mut [bool]) {
        for (of_sheet, own) in sheet.iter_mut().zip(&mut self.touched) {
            *of_sheet |= std::mem::take(own);
        }
    }
}

/// Returns the pixels whose middles may lie between two edges.
fn clipped(first: f32, last: f32, length: usize) -> std::ops::Range<usize> {
    let limit = length as f32;
    // NaN becomes 0.
    let [start, end] = [first.floor().clamp(0.0, limit) as usize, last.ceil().clamp(0.0, limit) as usize];
    start..end
}

/// The geometry of a shape that all its pixels share.
struct Geometry {
    from: [f32; 2],
    direction: [f32; 2],
    length: f32,
    /// The distance from the line or ring at which coverage becomes 0.
    edge: f32,
    ring: f32,
    /// The maximum coverage: 255 times the strength.
    most: f32,
}

impl Geometry {
    fn new(stroke: &Stroke) -> Self {
        let [dx, dy] = [stroke.to[0] - stroke.from[0], stroke.to[1] - stroke.from[1]];
        let length = dx.hypot(dy);
        let direction = if length > 0.0 { [dx / length, dy / length] } else { [1.0, 0.0] };
        let most = 255.0 * stroke.strength.clamp(0.0, 1.0);
        Self { from: stroke.from, direction, length, edge: stroke.half_px + 0.5, ring: stroke.ring_px, most }
    }

    /// Returns the part of a row that may be covered: a strip along the line. The caller clips its ends.
    fn span(&self, y: f32, reach_px: f32) -> [f32; 2] {
        // Across the line: (-direction y, direction x).
        let [along_x, along_y] = self.direction;
        if along_y.abs() < 1e-3 {
            return [f32::MIN, f32::MAX];
        }
        let middle = self.from[0] + (y - self.from[1]) * along_x / along_y;
        let half = (reach_px / along_y).abs();
        [middle - half, middle + half]
    }

    #[inline]
    fn cover(&self, [x, y]: [f32; 2]) -> u8 {
        let [dx, dy] = [x - self.from[0], y - self.from[1]];
        let along = (dx * self.direction[0] + dy * self.direction[1]).clamp(0.0, self.length);
        let [dx, dy] = [dx - along * self.direction[0], dy - along * self.direction[1]];
        let distance = ((dx * dx + dy * dy).sqrt() - self.ring).abs();
        ((self.edge - distance).clamp(0.0, 1.0) * self.most) as u8
    }
}

impl Overlay {
    /// Draws shapes as one shape, so that overlaps are not drawn twice.
    pub(super) fn draw<'a>(&mut self, strokes: impl IntoIterator<Item = &'a Stroke>, ink: Ink) {
        let (coverage, sheet) = self.coverage_and_bytes();
        for stroke in strokes {
            coverage.add(stroke);
        }
        let Coverage { size: [width, height], levels, tile_columns, touched } = coverage;
        let color = [ink.color.red, ink.color.green, ink.color.blue, 255].map(u32::from);
        let opacity = (ink.opacity * 256.0).round() as u32;
        for (index, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
            let [left, top] = [index % *tile_columns * TILE_PX, index / *tile_columns * TILE_PX];
            let right = (left + TILE_PX).min(*width);
            for y in top..(top + TILE_PX).min(*height) {
                let start = y * *width;
                let levels = &mut levels[start + left..start + right];
                let (pixels, _) = sheet[(start + left) * PIXEL_BYTES..(start + right) * PIXEL_BYTES].as_chunks_mut();
                lay(levels, pixels, color, opacity);
            }
        }
        self.touch_covered();
    }
}

/// Draws ink on the covered pixels of a row and clears the coverage. The row of a tile has at most 32 pixels.
fn lay(levels: &mut [u8], pixels: &mut [[u8; PIXEL_BYTES]], color: [u32; 4], opacity: u32) {
    for (levels, pixels) in levels.chunks_mut(8).zip(pixels.chunks_mut(8)) {
        if levels.iter().fold(0, |any, level| any | level) == 0 {
            continue;
        }
        for (level, pixel) in levels.iter_mut().zip(pixels).filter(|(level, _)| **level > 0) {
            let alpha = (u32::from(*level) * opacity) >> 8;
            for (below, color) in pixel.iter_mut().zip(color) {
                let mixed = color * alpha + u32::from(*below) * (255 - alpha) + 128;
                *below = ((mixed + (mixed >> 8)) >> 8) as u8;
            }
            *level = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::draw::theme::Color;
    use proptest::prelude::*;

    const WHITE: Color = Color { red: 255, green: 255, blue: 255 };

    fn alphas(strokes: &[Stroke], opacity: f32) -> Vec<u8> {
        let mut overlay = Overlay::new([60, 40]).unwrap();
        overlay.draw(strokes, WHITE.ink(opacity));
        overlay.bytes().chunks_exact(4).map(|pixel| pixel[3]).collect()
    }

    #[test]
    fn a_line_is_as_wide_as_it_says() {
        let alphas = alphas(&[Stroke::line([10.0, 20.0], [50.0, 20.0], 4.0)], 1.0);
        let column: Vec<u8> = (16..24).map(|y| alphas[y * 60 + 30]).collect();
        assert_eq!(column, [0, 0, 255, 255, 255, 255, 0, 0]);
        assert_eq!((alphas[20 * 60 + 5], alphas[20 * 60 + 9], alphas[20 * 60 + 54]), (0, 255, 0));
    }

    #[test]
    fn a_ring_is_hollow() {
        let alphas = alphas(&[Stroke::ring([30.5, 20.5], 10.0, 2.0)], 1.0);
        assert_eq!([20, 25, 30, 40, 45].map(|x| alphas[20 * 60 + x]), [255, 0, 0, 255, 0]);
    }

    #[test]
    fn overlapping_shapes_of_one_drawing_do_not_add_up() {
        let line = Stroke::line([10.0, 20.0], [50.0, 20.0], 8.0);
        assert_eq!(alphas(&[line, line, line.with_strength(0.3)], 0.5), alphas(&[line], 0.5));
        assert_eq!(alphas(&[line], 0.5)[20 * 60 + 30], 127);
    }

    #[test]
    fn dots_begin_and_end_with_the_line() {
        let dots = dots([0.0, 0.0], [10.0, 0.0], 2.0, 3.0);
        assert_eq!(dots.iter().map(|dot| dot.from[0]).collect::<Vec<_>>().len(), 4);
        assert_eq!((dots[0].from, dots[3].from), ([0.0, 0.0], [10.0, 0.0]));
    }

    proptest! {
        #[test]
        fn pixels_are_covered_by_their_distance(
            ends in prop::array::uniform4(-30.0_f32..80.0), width in 1.0_f32..15.0, ring in prop::sample::select(vec![0.0_f32, 9.0]),
        ) {
            let stroke = Stroke { ring_px: ring, ..Stroke::line([ends[0], ends[1]], [ends[2], ends[3]], width) };
            let alphas = alphas(&[stroke], 1.0);
            for (index, &alpha) in alphas.iter().enumerate() {
                let [x, y] = [(index % 60) as f32 + 0.5, (index / 60) as f32 + 0.5];
                let [dx, dy] = [ends[2] - ends[0], ends[3] - ends[1]];
                let share = (((x - ends[0]) * dx + (y - ends[1]) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
                let distance = ((x - ends[0] - share * dx).hypot(y - ends[1] - share * dy) - ring).abs();
                let expected = (width / 2.0 + 0.5 - distance).clamp(0.0, 1.0) * 255.0;
                prop_assert!((f32::from(alpha) - expected).abs() < 3.0, "{x}, {y}: {alpha}, expected {expected}");
            }
        }

        #[test]
        fn all_of_it_can_be_wiped(ends in prop::array::uniform4(-300.0_f32..300.0), width in 0.1_f32..50.0) {
            let mut overlay = Overlay::new([200, 150]).unwrap();
            overlay.draw(&[Stroke::line([ends[0], ends[1]], [ends[2], ends[3]], width)], WHITE.ink(0.6));
            overlay.clear();
            prop_assert!(overlay.bytes().iter().all(|&byte| byte == 0));
        }
    }
}
