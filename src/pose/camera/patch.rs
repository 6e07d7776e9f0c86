//! Patches of a picture that are found again in the next picture, by the method of Lucas and Kanade.
//!
//! Sums are of whole numbers, so they are the same on every machine.

use crate::image::luma::Luma;

/// The side of a patch, values.
pub(super) const SIDE: usize = 16;
const AREA: usize = SIDE * SIDE;
/// Parts of a value to which positions are rounded before the picture is sampled. The steps that follow from a sample
/// are not rounded.
const PARTS: f64 = 32.0;
/// The smallest texture: the mean square of the differences across two values, in the direction in which it is smallest.
const MIN_TEXTURE: f64 = 16.0;

/// A textured patch of the earlier picture.
pub(super) struct Patch {
    /// Column and row of its first value.
    place: [usize; 2],
    /// Differences across two values, along x and along y.
    slopes: [[i16; AREA]; 2],
    /// The values, sixteenfold.
    values: [i16; AREA],
    /// The sums of the slopes.
    sums: [f64; 2],
    /// The inverse of the matrix of the slopes' products: xx, xy, yy.
    inverse: [f64; 3],
    /// The texture in the direction in which it is smallest.
    pub(super) texture: f64,
}

impl Patch {
    /// Takes a patch with a value around it on each side; `None` if it has too little texture to be found again.
    pub(super) fn of(luma: &Luma, place: [usize; 2]) -> Option<Self> {
        let [left, top] = place;
        let mut slopes = [[0; AREA]; 2];
        let mut values = [0; AREA];
        for row in 0..SIDE {
            let here: &[u8; SIDE + 2] = luma.span(left - 1, top + row);
            let above: &[u8; SIDE] = luma.span(left, top + row - 1);
            let below: &[u8; SIDE] = luma.span(left, top + row + 1);
            for x in 0..SIDE {
                let at = row * SIDE + x;
                slopes[0][at] = i16::from(here[x + 2]) - i16::from(here[x]);
                slopes[1][at] = i16::from(below[x]) - i16::from(above[x]);
                values[at] = i16::from(here[x + 1]) * 16;
            }
        }
        let sums = [0, 1].map(|axis: usize| f64::from(slopes[axis].iter().map(|&slope| i32::from(slope)).sum::<i32>()));
        let centered =
            |a: usize, b: usize| f64::from(product(&slopes[a], &slopes[b])) - sums[a] * sums[b] / AREA as f64;
        let [xx, xy, yy] = [centered(0, 0), centered(0, 1), centered(1, 1)];
        let texture = (f64::midpoint(xx, yy) - ((xx - yy) / 2.0 * ((xx - yy) / 2.0) + xy * xy).sqrt()) / AREA as f64;
        let determinant = xx * yy - xy * xy;
        (texture >= MIN_TEXTURE && determinant > 0.0).then(|| Self {
            place,
            slopes,
            values,
            sums,
            inverse: [yy / determinant, -xy / determinant, xx / determinant],
            texture,
        })
    }

    /// The middle of the patch.
    pub(super) fn center(&self) -> [f64; 2] {
        self.place.map(|start| start as f64 + (SIDE - 1) as f64 / 2.0)
    }

    /// Finds the patch in another picture near `shift` from its place, in a number of steps. `None` if it leaves the
    /// picture.
    pub(super) fn find(&self, luma: &Luma, mut shift: [f64; 2], n_steps: usize) -> Option<[f64; 2]> {
        for _ in 0..n_steps {
            let rounded = shift.map(|along| (along * PARTS).round() / PARTS);
            let [x, y] = self.step(luma, rounded)?;
            shift = [rounded[0] + x, rounded[1] + y];
            if x.abs().max(y.abs()) < 1.0 / PARTS {
                break;
            }
        }
        Some(shift)
    }

    /// How far the patch lies from `shift`. Differences of brightness between the pictures do not count.
    fn step(&self, luma: &Luma, shift: [f64; 2]) -> Option<[f64; 2]> {
        let corner = [0, 1].map(|axis| self.place[axis] as f64 + shift[axis]);
        let whole = corner.map(f64::floor);
        let size = luma.size();
        let is_inside = |axis: usize| whole[axis] >= 0.0 && whole[axis] + (SIDE as f64) < size[axis] as f64;
        if !(is_inside(0) && is_inside(1)) {
            return None;
        }
        let parts = [0, 1].map(|axis| ((corner[axis] - whole[axis]) * PARTS) as u16);
        let differences = self.differences(luma, whole.map(|start| start as usize), parts);
        let sum = f64::from(differences.iter().map(|&difference| i32::from(difference)).sum::<i32>());
        let [x, y] = [0, 1].map(|axis: usize| {
            f64::from(product(&self.slopes[axis], &differences)) - self.sums[axis] * sum / AREA as f64
        });
        let [xx, xy, yy] = self.inverse;
        // Slopes are across two values, differences are sixteenfold.
        Some([(xx * x + xy * y) / 8.0, (xy * x + yy * y) / 8.0])
    }

    /// The patch minus the picture at a place and a number of parts beyond it, sixteenfold.
    fn differences(&self, luma: &Luma, [left, top]: [usize; 2], [along_x, along_y]: [u16; 2]) -> [i16; AREA] {
        let full = PARTS as u16;
        let mut differences = [0; AREA];
        let mut upper = mixed(luma.span(left, top), full, along_x);
        for row in 0..SIDE {
            let lower = mixed(luma.span(left, top + row + 1), full, along_x);
            for x in 0..SIDE {
                // At most 255 * 32 * 32, in 64 parts of a sixteenth.
                let sum = u32::from(upper[x]) * u32::from(full - along_y) + u32::from(lower[x]) * u32::from(along_y);
                let at = row * SIDE + x;
                differences[at] = self.values[at] - ((sum + 32) >> 6) as i16;
            }
            upper = lower;
        }
        differences
    }
}

fn mixed(values: &[u8; SIDE + 1], full: u16, part: u16) -> [u16; SIDE] {
    std::array::from_fn(|x| u16::from(values[x]) * (full - part) + u16::from(values[x + 1]) * part)
}

fn product(a: &[i16; AREA], b: &[i16; AREA]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}
