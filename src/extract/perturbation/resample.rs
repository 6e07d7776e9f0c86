//! Pictures at other places and sizes, mixed from neighboring pixels.

use crate::image::RgbImage;

/// The two pixels along one axis that a pixel is mixed from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tap {
    first: usize,
    second: usize,
    /// The weight of the second pixel, 0 to 256.
    weight: u32,
}

/// The pixels along one axis that each new pixel is mixed from. `None` is black.
pub(super) struct Taps(Vec<Option<Tap>>);

impl Taps {
    /// For content that is scaled about the middle of `length` pixels, and then moved. The length stays.
    pub(super) fn placed(length: usize, magnification: f64, shift_px: f64) -> Self {
        let middle = length as f64 / 2.0;
        let tap = |target: usize| {
            let at = (target as f64 + 0.5 - middle - shift_px) / magnification + middle - 0.5;
            // A pixel reaches from half a pixel before its middle to half a pixel after it.
            let is_inside = at > -0.5 && at < length as f64 - 0.5;
            is_inside.then(|| Tap::at(at, length))
        };
        Self((0..length).map(tap).collect())
    }

    /// For `length` pixels, from one pixel for each `block_px` of them.
    pub(super) fn enlarged(length: usize, block_px: usize) -> Self {
        let n_blocks = length.div_ceil(block_px);
        let tap = |target: usize| Some(Tap::at((target as f64 + 0.5) / block_px as f64 - 0.5, n_blocks));
        Self((0..length).map(tap).collect())
    }
}

impl Tap {
    /// Mixes the pixels around a position, counted from the middle of the first pixel.
    fn at(position: f64, length: usize) -> Self {
        let inside = position.clamp(0.0, length as f64 - 1.0);
        let first = inside.floor() as usize;
        let weight = ((inside - inside.floor()) * 256.0).round() as u32;
        Self { first, second: (first + 1).min(length - 1), weight }
    }
}

/// Returns a picture whose columns and rows are mixed from those of another.
pub(super) fn resampled(image: &RgbImage, columns: &Taps, rows: &Taps) -> RgbImage {
    let mut mixed = RgbImage::new(columns.0.len(), rows.0.len());
    let (stride, source) = (image.stride(), image.bytes());
    let target_stride = mixed.stride();
    // A row between two rows, in 256ths of a level.
    let mut between = vec![0_u32; stride];
    for (row, target) in rows.0.iter().zip(mixed.bytes_mut().chunks_exact_mut(target_stride)) {
        let Some(row) = row else { continue };
        let [first, second] = [row.first, row.second].map(|y| &source[y * stride..(y + 1) * stride]);
        for (level, (&first, &second)) in between.iter_mut().zip(first.iter().zip(second)) {
            *level = u32::from(first) * (256 - row.weight) + u32::from(second) * row.weight;
        }
        for (column, pixel) in columns.0.iter().zip(target.chunks_exact_mut(3)) {
            let Some(column) = column else { continue };
            for (channel, level) in pixel.iter_mut().enumerate() {
                let [first, second] = [column.first, column.second].map(|x| between[x * 3 + channel]);
                let sum = first * (256 - column.weight) + second * column.weight;
                *level = ((sum + (1 << 15)) >> 16) as u8;
            }
        }
    }
    mixed
}

/// Returns a picture with one pixel for each block of `block_px` by `block_px` pixels: their mean.
pub(super) fn shrunk(image: &RgbImage, block_px: usize) -> RgbImage {
    let (width, height) = (image.width(), image.height());
    let mut small = RgbImage::new(width.div_ceil(block_px), height.div_ceil(block_px));
    for y in 0..small.height() {
        for x in 0..small.width() {
            let (mut sums, mut count) = ([0_u32; 3], 0);
            for inner_y in y * block_px..((y + 1) * block_px).min(height) {
                for inner_x in x * block_px..((x + 1) * block_px).min(width) {
                    let rgb = image.rgb(inner_x, inner_y);
                    sums.iter_mut().zip(rgb).for_each(|(sum, level)| *sum += u32::from(level));
                    count += 1;
                }
            }
            small.set_rgb(x, y, sums.map(|sum| ((sum + count / 2) / count) as u8));
        }
    }
    small
}
