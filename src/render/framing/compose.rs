//! Places two pictures side by side.

use crate::image::yuv::{YuvColors, YuvImage};

/// The places of two pictures in the picture that shows both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SideBySide {
    /// Width and height of the whole; both even.
    pub(crate) size_px: [usize; 2],
    /// Upper left corner of the left picture, x and y; both even.
    pub(crate) left_origin_px: [usize; 2],
    /// Upper left corner of the right picture, x and y; both even.
    pub(crate) right_origin_px: [usize; 2],
}

/// Places two pictures of the given sizes (width, height) side by side with `gap_px` between them. The less high
/// picture gets equal bars above and below. Odd lengths are rounded up, because chroma needs even ones.
#[must_use]
pub(crate) fn side_by_side(left_px: [usize; 2], right_px: [usize; 2], gap_px: usize) -> SideBySide {
    let [left, right] = [left_px, right_px].map(|size| size.map(even));
    let height = left[1].max(right[1]);
    let bar = |own_height: usize| (height - own_height) / 4 * 2;
    let right_x = left[0] + even(gap_px);
    SideBySide {
        size_px: [right_x + right[0], height],
        left_origin_px: [0, bar(left[1])],
        right_origin_px: [right_x, bar(right[1])],
    }
}

fn even(length: usize) -> usize {
    length.next_multiple_of(2)
}

/// Draws a picture on another, with its upper left corner at `origin_px` (rounded down to even). Parts beyond the
/// border are cut off. Colors are converted if the two pictures use different color encodings.
pub(crate) fn draw_at(source: &YuvImage, origin_px: [usize; 2], into: &mut YuvImage) {
    let [x, y] = origin_px.map(|start| start - start % 2);
    let size =
        [source.width().min(into.width().saturating_sub(x)), source.height().min(into.height().saturating_sub(y))];
    if size.contains(&0) {
        return;
    }
    let half = size.map(|length| length / 2);
    let luma = Placement { size, from_width: source.width(), to_width: into.width(), to: [x, y] };
    let chroma =
        Placement { size: half, from_width: source.width() / 2, to_width: into.width() / 2, to: [x / 2, y / 2] };
    if source.colors == into.colors {
        luma.copy(&source.luma, &mut into.luma);
        chroma.copy(&source.cb, &mut into.cb);
        chroma.copy(&source.cr, &mut into.cr);
    } else {
        convert(source, &luma, &chroma, into);
    }
}

/// The place of a piece of a plane within another plane.
struct Placement {
    size: [usize; 2],
    from_width: usize,
    to_width: usize,
    to: [usize; 2],
}

impl Placement {
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let [x, y] = self.to;
        (0..self.size[1]).map(move |row| (row * self.from_width, (y + row) * self.to_width + x))
    }

    fn copy(&self, from: &[u8], to: &mut [u8]) {
        let width = self.size[0];
        for (source, target) in self.rows() {
            to[target..target + width].copy_from_slice(&from[source..source + width]);
        }
    }
}

/// Copies with converted colors. Luma uses the chroma of its block of four pixels, which is right for the viewer at
/// most edges.
fn convert(source: &YuvImage, luma: &Placement, chroma: &Placement, into: &mut YuvImage) {
    let conversion = Conversion::new(source.colors, into.colors);
    for (row, (from, to)) in luma.rows().enumerate() {
        let chroma_row = row / 2 * chroma.from_width;
        for column in 0..luma.size[0] {
            let at = chroma_row + column / 2;
            into.luma[to + column] = conversion.luma(source.luma[from + column], source.cb[at], source.cr[at]);
        }
    }
    for (from, to) in chroma.rows() {
        for column in 0..chroma.size[0] {
            let [cb, cr] = conversion.chroma(source.cb[from + column], source.cr[from + column]);
            (into.cb[to + column], into.cr[to + column]) = (cb, cr);
        }
    }
}

/// Converts luma and chroma from one color encoding to another, without going through 8-bit RGB. In the matrices of all
/// three standards chroma 0 is gray, so new chroma does not depend on old luma. Primaries and transfer curves are
/// assumed to be equal.
struct Conversion {
    /// The factors of old luma, Cb and Cr for new luma, and the offset.
    luma: [f32; 4],
    /// The factors of old Cb and Cr for new Cb.
    cb: [f32; 2],
    /// The factors of old Cb and Cr for new Cr.
    cr: [f32; 2],
}

impl Conversion {
    fn new(from: YuvColors, to: YuvColors) -> Self {
        let (from_black, from_luma, from_chroma) = spans(from.is_full_range);
        let (to_black, to_luma, to_chroma) = spans(to.is_full_range);
        // Red, green and blue minus luma, per unit of Cb and of Cr.
        let (red, blue) = from.matrix.luma_weights();
        let green = 1.0 - red - blue;
        let colors_of_cb = [0.0, -2.0 * (1.0 - blue) * blue / green, 2.0 * (1.0 - blue)];
        let colors_of_cr = [2.0 * (1.0 - red), -2.0 * (1.0 - red) * red / green, 0.0];
        let (red, blue) = to.matrix.luma_weights();
        let new = |[r, g, b]: [f32; 3]| {
            let luma = red * r + (1.0 - red - blue) * g + blue * b;
            [luma, (b - luma) / (2.0 * (1.0 - blue)), (r - luma) / (2.0 * (1.0 - red))]
        };
        let [of_cb, of_cr] = [new(colors_of_cb), new(colors_of_cr)];
        let gain = to_luma / from_luma;
        let (luma_gain, chroma_gain) = (to_luma / from_chroma, to_chroma / from_chroma);
        Self {
            luma: [gain, of_cb[0] * luma_gain, of_cr[0] * luma_gain, to_black - gain * from_black],
            cb: [of_cb[1] * chroma_gain, of_cr[1] * chroma_gain],
            cr: [of_cb[2] * chroma_gain, of_cr[2] * chroma_gain],
        }
    }

    fn luma(&self, luma: u8, cb: u8, cr: u8) -> u8 {
        let [gain, of_cb, of_cr, added] = self.luma;
        rounded(gain * f32::from(luma) + of_cb * centered(cb) + of_cr * centered(cr) + added)
    }

    fn chroma(&self, cb: u8, cr: u8) -> [u8; 2] {
        [self.cb, self.cr].map(|[of_cb, of_cr]| rounded(of_cb * centered(cb) + of_cr * centered(cr) + 128.0))
    }
}

/// Returns the luma of black, the span of luma and the span of chroma.
fn spans(is_full_range: bool) -> (f32, f32, f32) {
    if is_full_range { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) }
}

fn centered(chroma: u8) -> f32 {
    f32::from(chroma) - 128.0
}

fn rounded(level: f32) -> u8 {
    (level + 0.5).clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::yuv::YuvMatrix;
    use proptest::prelude::*;

    fn noise(size_px: [usize; 2], seed: u32) -> YuvImage {
        let mut image = YuvImage::new(size_px, YuvColors::default());
        let mut state = seed | 1;
        let YuvImage { luma, cb, cr, .. } = &mut image;
        for sample in luma.iter_mut().chain(cb).chain(cr) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = (state >> 24) as u8;
        }
        image
    }

    /// 6 x 10 and 4 x 4 with a gap of 3, which becomes 4: bars of 2 above (as chroma needs even ones) and 4 below.
    #[test]
    fn by_hand() {
        let places = side_by_side([6, 10], [4, 4], 3);
        assert_eq!(places, SideBySide { size_px: [14, 10], left_origin_px: [0, 0], right_origin_px: [10, 2] });
    }

    /// The color is the same in both encodings, for colors all over the cube.
    #[test]
    fn colors_stay_the_same_in_another_meaning() {
        let meanings = [YuvMatrix::Bt601, YuvMatrix::Bt709, YuvMatrix::Bt2020]
            .into_iter()
            .flat_map(|matrix| [false, true].map(|is_full_range| YuvColors { matrix, is_full_range }));
        for (from, to) in meanings.clone().flat_map(|from| meanings.clone().map(move |to| (from, to))) {
            for rgb in (0..125).map(|i| [i % 5, i / 5 % 5, i / 25].map(|level: u8| level * 63)) {
                let mut source = YuvImage::new([2, 2], from);
                source.fill(rgb);
                let mut into = YuvImage::new([2, 2], to);
                draw_at(&source, [0, 0], &mut into);
                let expected = to.from_rgb(rgb);
                for (found, expected) in [into.luma[3], into.cb[0], into.cr[0]].into_iter().zip(expected) {
                    assert!(found.abs_diff(expected) <= 1, "{rgb:?} {from:?} {to:?}: {found} {expected}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn both_are_found_again(left in [1usize..9, 1..9], right in [1usize..9, 1..9], gap in 0usize..5, seed: u32) {
            let (left, right) = (noise(left, seed), noise(right, !seed));
            let (left_px, right_px) = ([left.width(), left.height()], [right.width(), right.height()]);
            let places = side_by_side(left_px, right_px, gap);
            let mut into = YuvImage::new(places.size_px, YuvColors::default());
            draw_at(&left, places.left_origin_px, &mut into);
            draw_at(&right, places.right_origin_px, &mut into);
            for (image, [x, y]) in [(&left, places.left_origin_px), (&right, places.right_origin_px)] {
                prop_assert!(x % 2 == 0 && y % 2 == 0);
                for row in 0..image.height() {
                    let at = (y + row) * into.width() + x;
                    prop_assert_eq!(&into.luma[at..at + image.width()], &image.luma[row * image.width()..][..image.width()]);
                }
                let (width, half) = (into.width() / 2, image.width() / 2);
                for row in 0..image.height() / 2 {
                    let at = (y / 2 + row) * width + x / 2;
                    prop_assert_eq!(&into.cb[at..at + half], &image.cb[row * half..][..half]);
                    prop_assert_eq!(&into.cr[at..at + half], &image.cr[row * half..][..half]);
                }
            }
        }

        #[test]
        fn what_reaches_beyond_is_left_out(size in [1usize..9, 1..9], origin in [0usize..20, 0..20], seed: u32) {
            let source = noise(size, seed);
            let mut into = YuvImage::new([8, 8], YuvColors::default());
            draw_at(&source, origin, &mut into);
            let [x, y] = origin.map(|start| start - start % 2);
            let inside = |own: usize, start: usize| own.min(8usize.saturating_sub(start));
            for row in 0..inside(source.height(), y) {
                for column in 0..inside(source.width(), x) {
                    prop_assert_eq!(into.luma[(y + row) * 8 + x + column], source.luma[row * source.width() + column]);
                }
            }
        }
    }
}
