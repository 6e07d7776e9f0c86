//! Brightness of a picture at a lower resolution, for comparing pictures. Plain data.

use super::{Colors, Picture};

/// The longer side of reduced pictures is about this long.
const LONG_SIDE: usize = 320;
/// A reduced pixel is the mean of at most this many rows of the pixels that it covers.
const MAX_ROWS: usize = 2;

/// The brightness of a picture: each value is the mean of a square of pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Luma {
    size: [usize; 2],
    /// The side of the squares, pixels of the picture.
    step_px: usize,
    values: Vec<u8>,
}

impl Luma {
    /// Reduces a picture, so that its longer side has about 320 values.
    #[must_use]
    pub fn of<P: Picture + ?Sized>(picture: &P) -> Self {
        let mut luma = Self::default();
        picture.reduce(&mut luma);
        luma
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// The side of the squares, pixels of the picture.
    #[must_use]
    pub fn step_px(&self) -> usize {
        self.step_px
    }

    /// `N` values of row `y` from column `x` on; the caller keeps them inside.
    #[must_use]
    pub fn span<const N: usize>(&self, x: usize, y: usize) -> &[u8; N] {
        let start = y * self.size[0] + x;
        self.values[start..].first_chunk().unwrap_or(&[0; N])
    }

    /// Row `y`; the caller keeps it inside.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        &self.values[y * self.size[0]..(y + 1) * self.size[0]]
    }

    /// The same picture at half the resolution.
    #[must_use]
    pub fn halved(&self) -> Self {
        let mut half = Self { size: self.size.map(|side| side / 2), step_px: self.step_px * 2, values: Vec::new() };
        half.values.reserve_exact(half.size[0] * half.size[1]);
        for y in 0..half.size[1] {
            let (upper, lower) = (self.row(2 * y).chunks_exact(2), self.row(2 * y + 1).chunks_exact(2));
            let mean = |(upper, lower): (&[u8], &[u8])| {
                ((u16::from(upper[0]) + u16::from(upper[1]) + u16::from(lower[0]) + u16::from(lower[1]) + 2) / 4) as u8
            };
            half.values.extend(upper.zip(lower).map(mean));
        }
        half
    }

    /// Fills in the means of a picture of `size_px` from its rows. `add_row` adds the brightness of each pixel of a row
    /// to the sums.
    pub fn fill(&mut self, size_px: [usize; 2], mut add_row: impl FnMut(usize, &mut [u16])) {
        let [width_px, height_px] = size_px;
        self.step_px = ((width_px.max(height_px) + LONG_SIDE / 2) / LONG_SIDE).max(1);
        self.size = size_px.map(|side| side / self.step_px);
        self.values.clear();
        self.values.reserve(self.size[0] * self.size[1]);
        let n_rows = self.step_px.min(MAX_ROWS);
        let share = Share::of((n_rows * self.step_px) as u32);
        let mut sums = vec![0_u16; width_px];
        for y in 0..self.size[1] {
            sums.fill(0);
            for row in 0..n_rows {
                add_row(y * self.step_px + row * self.step_px / n_rows, &mut sums);
            }
            self.add_means(&sums, share);
        }
    }

    /// Adds the means of a row of squares.
    fn add_means(&mut self, sums: &[u16], share: Share) {
        // Steps known at compile time make this several times as fast.
        let means: fn(&mut Vec<u8>, &[u16], Share) = match self.step_px {
            1 => add_means::<1>,
            2 => add_means::<2>,
            3 => add_means::<3>,
            4 => add_means::<4>,
            5 => add_means::<5>,
            6 => add_means::<6>,
            12 => add_means::<12>,
            step => {
                self.values.extend(sums.chunks_exact(step).map(|sums| share.mean(sums)));
                return;
            }
        };
        means(&mut self.values, sums, share);
    }

    /// The picture turned or mirrored: `place` gives the column and the row of this picture for a column and a row of
    /// the result, which is `size` large.
    #[must_use]
    pub fn turned(&self, size: [usize; 2], place: impl Fn(usize, usize) -> [usize; 2]) -> Self {
        let positions = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x, y)));
        let values = positions.map(|(x, y)| {
            let [x, y] = place(x, y);
            self.row(y)[x]
        });
        Self { size, step_px: self.step_px, values: values.collect() }
    }
}

fn add_means<const STEP: usize>(values: &mut Vec<u8>, sums: &[u16], share: Share) {
    values.extend(sums.as_chunks::<STEP>().0.iter().map(|sums| share.mean(sums)));
}

/// One pixel's share in a mean. Multiplying by it is faster than dividing.
#[derive(Clone, Copy)]
struct Share {
    half: u32,
    per_65536: u32,
}

impl Share {
    fn of(n_pixels: u32) -> Self {
        Self { half: n_pixels / 2, per_65536: 65536_u32.div_ceil(n_pixels) }
    }

    fn mean(self, sums: &[u16]) -> u8 {
        let sum: u16 = sums.iter().sum();
        (((u32::from(sum) + self.half) * self.per_65536) >> 16).min(255) as u8
    }
}

/// Fills in the means of any picture, from its colors.
pub fn reduce_colors<P: Picture + ?Sized>(picture: &P, luma: &mut Luma) {
    let size_px = picture.size_px();
    let columns: Vec<u32> = (0..size_px[0] as u32).collect();
    let [mut red, mut green, mut blue] = [(); 3].map(|()| vec![0_u8; size_px[0]]);
    luma.fill(size_px, |y, sums| {
        let rows = vec![y as u32; columns.len()];
        picture.colors_at(&columns, &rows, Colors { red: &mut red, green: &mut green, blue: &mut blue });
        for (((sum, &red), &green), &blue) in sums.iter_mut().zip(&red).zip(&green).zip(&blue) {
            *sum += (u16::from(red) + 2 * u16::from(green) + u16::from(blue)) / 4;
        }
    });
}
