//! The brightness of a picture in blocks, by which pictures are compared.

/// The side of a block, pixels. Codecs err by blocks of this size; the mean over one hides most of that error.
pub const BLOCK_PX: usize = 8;

/// The sum of the values of a block in which every pixel is one step brighter than 0.
pub const STEP: u16 = (BLOCK_PX * BLOCK_PX) as u16;

/// The summed brightness of each block of a picture, row by row. Pixels beyond the last whole block are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The number of blocks in a row and in a column.
    pub size: [usize; 2],
    /// The sums; [`STEP`] times the mean of a block.
    pub sums: Vec<u16>,
}

impl Blocks {
    /// Sums up 8-bit values: `rows` are the rows of a picture of this width from the top, `pixel_bytes` the distance of
    /// the values of neighbors in a row.
    #[must_use]
    pub fn of_rows<'a>(rows: impl Iterator<Item = &'a [u8]>, width_px: usize, pixel_bytes: usize) -> Self {
        let width = width_px / BLOCK_PX;
        let mut columns = vec![0_u16; width * BLOCK_PX];
        let mut blocks = Self { size: [width, 0], sums: Vec::new() };
        for (y, row) in rows.enumerate() {
            add(&mut columns, row, pixel_bytes);
            if y % BLOCK_PX == BLOCK_PX - 1 {
                blocks.sums.extend(columns.chunks_exact(BLOCK_PX).map(|block| block.iter().sum::<u16>()));
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

/// Adds a row to the sums of its columns.
fn add(columns: &mut [u16], row: &[u8], pixel_bytes: usize) {
    if pixel_bytes == 1 {
        columns.iter_mut().zip(row).for_each(|(sum, &value)| *sum += u16::from(value));
    } else {
        let values = row.iter().step_by(pixel_bytes);
        columns.iter_mut().zip(values).for_each(|(sum, &value)| *sum += u16::from(value));
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
        fn every_block_is_the_sum_of_its_pixels(
            (width, height) in (0_usize..40, 0_usize..40), pixel_bytes in 1_usize..4,
            bytes in prop::collection::vec(any::<u8>(), 4800),
        ) {
            let stride = width * pixel_bytes;
            let blocks = Blocks::of_rows(rows(&bytes, stride, height), width, pixel_bytes);
            prop_assert_eq!(blocks.size, [width / 8, height / 8]);
            for (index, &sum) in blocks.sums.iter().enumerate() {
                let (left, top) = (index % blocks.size[0] * 8, index / blocks.size[0] * 8);
                let pixels = (0..64).map(|n| bytes[(top + n / 8) * stride + (left + n % 8) * pixel_bytes]);
                prop_assert_eq!(u32::from(sum), pixels.map(u32::from).sum::<u32>());
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
}
