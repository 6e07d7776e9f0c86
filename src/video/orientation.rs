//! The rotation of stored pixels for display, from a container's display matrix. Pure.

use crate::image::RgbImage;

/// One of the eight ways to rotate and mirror a rectangle; by default it is displayed as stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Orientation {
    /// Rows become columns (before any flip).
    is_transposed: bool,
    /// Displayed columns run in the opposite direction of their stored axis.
    flips_x: bool,
    /// Displayed rows run in the opposite direction of their stored axis.
    flips_y: bool,
}

/// One axis of the stored picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredAxis {
    /// Stored positions run in the opposite direction of displayed ones.
    pub(super) is_flipped: bool,
}

impl StoredAxis {
    /// The stored position of a displayed position. The largest position is `last`; larger ones count as `last`.
    #[must_use]
    pub fn position(self, displayed: u32, last: u32) -> u32 {
        let inside = displayed.min(last);
        // Written without a branch: flipped axes are looked up as often as others.
        let (base, mask) = if self.is_flipped { (last.wrapping_add(1), u32::MAX) } else { (0, 0) };
        base.wrapping_add(inside ^ mask)
    }
}

impl Orientation {
    /// Reads FFmpeg's display matrix: nine little-endian 32-bit integers, row by row. A stored point (x, y) is
    /// displayed at (a x + c y, b x + d y) with a, b, c, d at positions 0, 1, 3, 4. Angles between quarter turns are
    /// rounded to the nearest one; invalid matrices count as upright.
    #[must_use]
    pub fn from_display_matrix(bytes: &[u8]) -> Self {
        let entry = |index: usize| {
            let word = bytes.get(index * 4..index * 4 + 4)?;
            Some(i64::from(i32::from_ne_bytes([word[0], word[1], word[2], word[3]])))
        };
        let (Some(a), Some(b), Some(c), Some(d)) = (entry(0), entry(1), entry(3), entry(4)) else {
            return Self::default();
        };
        if a.abs() + d.abs() >= b.abs() + c.abs() {
            Self { is_transposed: false, flips_x: a < 0, flips_y: d < 0 }
        } else {
            Self { is_transposed: true, flips_x: c < 0, flips_y: b < 0 }
        }
    }

    /// Clockwise rotation of the stored picture for display, degrees: 0, 90, 180 or 270. For a mirrored picture this is
    /// the rotation after the mirror.
    #[must_use]
    pub fn rotation_degrees(self) -> u16 {
        match (self.is_transposed, self.flips_x, self.flips_y) {
            (false, _, false) => 0,
            (false, _, true) => 180,
            (true, true, _) => 90,
            (true, false, _) => 270,
        }
    }

    /// The orientation that shows the mirror image: left and right change places.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { flips_x: !self.flips_x, ..self }
    }

    /// Whether the picture is displayed as it is stored.
    #[must_use]
    pub fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Displayed (width, height) of a stored (width, height).
    #[must_use]
    pub fn displayed_size(self, stored: [usize; 2]) -> [usize; 2] {
        let [width, height] = stored;
        if self.is_transposed { [height, width] } else { [width, height] }
    }

    /// Whether displayed columns are stored rows.
    #[must_use]
    pub fn is_transposed(self) -> bool {
        self.is_transposed
    }

    /// The stored axes as functions of displayed positions: along the stored columns and along the stored rows.
    #[must_use]
    pub fn stored_axes(self) -> (StoredAxis, StoredAxis) {
        let [x, y] = [self.flips_x, self.flips_y].map(|is_flipped| StoredAxis { is_flipped });
        if self.is_transposed { (y, x) } else { (x, y) }
    }

    /// Rotates and mirrors `stored` for display.
    #[must_use]
    pub fn apply(self, stored: &RgbImage) -> RgbImage {
        /// Side of the tiles in which both pictures are traversed; a tile fits the first-level cache.
        const TILE: usize = 32;
        let [width, height] = self.displayed_size([stored.width(), stored.height()]);
        let mut displayed = RgbImage::new(width, height);
        for tile_y in (0..height).step_by(TILE) {
            for tile_x in (0..width).step_by(TILE) {
                for y in tile_y..(tile_y + TILE).min(height) {
                    for x in tile_x..(tile_x + TILE).min(width) {
                        let along_x = if self.flips_x { width - 1 - x } else { x };
                        let along_y = if self.flips_y { height - 1 - y } else { y };
                        let rgb = if self.is_transposed {
                            stored.rgb(along_y, along_x)
                        } else {
                            stored.rgb(along_x, along_y)
                        };
                        displayed.set_rgb(x, y, rgb);
                    }
                }
            }
        }
        displayed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> Vec<u8> {
        const ONE: i32 = 1 << 16;
        [a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30].iter().flat_map(|value| value.to_ne_bytes()).collect()
    }

    /// A 3x2 picture whose red channel numbers the pixels: 0 1 2 / 3 4 5.
    fn shown(bytes: &[u8]) -> (Vec<Vec<u8>>, u16) {
        let mut stored = RgbImage::new(3, 2);
        for index in 0..6 {
            stored.set_rgb(index % 3, index / 3, [index as u8, 0, 0]);
        }
        let orientation = Orientation::from_display_matrix(bytes);
        let displayed = orientation.apply(&stored);
        let rows = (0..displayed.height()).map(|y| (0..displayed.width()).map(|x| displayed.rgb(x, y)[0]).collect());
        (rows.collect(), orientation.rotation_degrees())
    }

    #[test]
    fn quarter_turns() {
        assert_eq!(shown(&matrix(1, 0, 0, 1)), (vec![vec![0, 1, 2], vec![3, 4, 5]], 0));
        // Clockwise: the left column, read upward, becomes the top row.
        assert_eq!(shown(&matrix(0, 1, -1, 0)), (vec![vec![3, 0], vec![4, 1], vec![5, 2]], 90));
        assert_eq!(shown(&matrix(-1, 0, 0, -1)), (vec![vec![5, 4, 3], vec![2, 1, 0]], 180));
        assert_eq!(shown(&matrix(0, -1, 1, 0)), (vec![vec![2, 5], vec![1, 4], vec![0, 3]], 270));
    }

    #[test]
    fn mirrors() {
        assert_eq!(shown(&matrix(-1, 0, 0, 1)).0, [[2, 1, 0], [5, 4, 3]]);
        assert_eq!(shown(&matrix(1, 0, 0, -1)).0, [[3, 4, 5], [0, 1, 2]]);
        assert_eq!(shown(&matrix(0, 1, 1, 0)).0, [[0, 3], [1, 4], [2, 5]]);
    }

    #[test]
    fn a_mirrored_orientation_exchanges_left_and_right() {
        for bytes in [matrix(1, 0, 0, 1), matrix(0, 1, -1, 0), matrix(-1, 0, 0, -1), matrix(0, 1, 1, 0)] {
            let mut stored = RgbImage::new(3, 2);
            (0..6).for_each(|index| stored.set_rgb(index % 3, index / 3, [index as u8, 0, 0]));
            let orientation = Orientation::from_display_matrix(&bytes);
            let (plain, mirrored) = (orientation.apply(&stored), orientation.mirrored().apply(&stored));
            let last = plain.width() - 1;
            assert!((0..=last).all(|x| (0..plain.height()).all(|y| mirrored.rgb(x, y) == plain.rgb(last - x, y))));
        }
    }

    #[test]
    fn what_is_no_matrix_is_upright() {
        assert!(Orientation::from_display_matrix(&[]).is_upright());
        assert!(Orientation::from_display_matrix(&[1, 2, 3]).is_upright());
        assert!(Orientation::from_display_matrix(&[0; 36]).is_upright());
    }
}
