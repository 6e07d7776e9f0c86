//! The brightness of a picture in blocks, by which pictures are compared.

/// The side of a block, pixels. Codecs err by blocks of this size; the mean over one hides most of that error.
pub const BLOCK_PX: usize = 8;

/// The number of pixels of a block: the sum of a block in which every pixel is one step brighter than 0.
pub const STEP: u16 = (BLOCK_PX * BLOCK_PX) as u16;

/// The largest number of values of a pixel whose sum over a block fits 16 bits.
const MAX_VALUES: usize = 4;

/// The summed brightness of each block of a picture, row by row. Pixels beyond the last whole block are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The number of blocks in a row and in a column.
    pub size: [usize; 2],
    /// The sums; [`STEP`] times the mean of a block.
    pub sums: Vec<u16>,
}

impl Blocks {
    /// Sums up 8-bit values: `rows` are the rows of a picture of this width from the top, with `n_values` neighboring
    /// values of each pixel (at most 4); their mean is its brightness. No blocks for more values.
    #[must_use]
    pub fn of_rows<'a>(rows: impl Iterator<Item = &'a [u8]>, width_px: usize, n_values: usize) -> Self {
        if !(1..=MAX_VALUES).contains(&n_values) {
            return Self::default();
        }
        let (width, block_values) = (width_px / BLOCK_PX, BLOCK_PX * n_values);
        let mut columns = vec![0_u16; width * block_values];
        let mut blocks = Self { size: [width, 0], sums: Vec::new() };
        for (y, row) in rows.enumerate() {
            columns.iter_mut().zip(row).for_each(|(sum, &value)| *sum += u16::from(value));
            if y % BLOCK_PX == BLOCK_PX - 1 {
                let sums = columns.chunks_exact(block_values).map(|block| block.iter().sum::<u16>() / n_values as u16);
                blocks.sums.extend(sums);
                blocks.size[1] += 1;
                columns.fill(0);
            }
        }
        blocks
    }

    /// Returns the largest difference of two blocks at the same place, as a difference of their means; `None` if the
    /// pictures have different sizes or no blocks.
    #[must_use]
    pub fn largest_difference(&self, other: &Self) -> Option<f32> {
        if self.size != other.size {
            return None;
        }
        let differences = self.sums.iter().zip(&other.sums).map(|(a, b)| a.abs_diff(*b));
        differences.max().map(|largest| f32::from(largest) / f32::from(STEP))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(bytes: &[u8], stride: usize, height: usize) -> impl Iterator<Item = &[u8]> {
        (0..height).map(move |y| &bytes[y * stride..(y + 1) * stride])
    }

    proptest! {
        #[test]
        fn every_block_is_the_mean_of_the_values_of_its_pixels(
            (width, height) in (0_usize..40, 0_usize..40), n_values in 1_usize..=4,
            bytes in prop::collection::vec(any::<u8>(), 6400),
        ) {
            let stride = width * n_values;
            let blocks = Blocks::of_rows(rows(&bytes, stride, height), width, n_values);
            prop_assert_eq!(blocks.size, [width / 8, height / 8]);
            for (index, &sum) in blocks.sums.iter().enumerate() {
                let (left, top) = (index % blocks.size[0] * 8, index / blocks.size[0] * 8);
                let row = |y: usize| &bytes[(top + y) * stride + left * n_values..][..8 * n_values];
                let total: u32 = (0..8).flat_map(row).map(|&value| u32::from(value)).sum();
                prop_assert_eq!(u32::from(sum), total / n_values as u32);
            }
        }

        #[test]
        fn the_difference_is_that_of_the_block_that_changed_most(
            bytes in prop::collection::vec(0_u8..200, 320), place in 0_usize..320, step in 0_u8..56,
        ) {
            let mut other = bytes.clone();
            other[place] += step;
            let [before, after] = [&bytes, &other].map(|bytes| Blocks::of_rows(rows(bytes, 16, 20), 16, 1));
            // The last four rows are beyond the blocks.
            let expected = if place < 16 * 16 { f32::from(step) / 64.0 } else { 0.0 };
            prop_assert_eq!(before.largest_difference(&after), Some(expected));
            prop_assert_eq!(after.largest_difference(&before), Some(expected));
        }
    }

    #[test]
    fn pictures_of_other_sizes_and_tiny_ones_cannot_be_compared() {
        let of = |width: usize, height: usize| Blocks::of_rows(rows(&[7; 1000], width, height), width, 1);
        assert_eq!(of(16, 32).largest_difference(&of(32, 16)), None);
        assert_eq!(of(7, 16).largest_difference(&of(7, 16)), None);
        assert_eq!(of(16, 16).largest_difference(&of(16, 16)), Some(0.0));
    }

    #[test]
    fn the_brightest_block_of_four_values_fits() {
        let white = Blocks::of_rows(rows(&[255; 256], 32, 8), 8, 4);
        assert_eq!(white.sums, [255 * STEP]);
        assert_eq!(Blocks::of_rows(rows(&[255; 320], 40, 8), 8, 5), Blocks::default());
    }
}
