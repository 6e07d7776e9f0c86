//! Coarse compression: blocks of a picture are transformed into frequencies, and the frequencies are rounded, as in a
//! JPEG of low quality.

use std::f64::consts::PI;

use crate::image::RgbImage;

/// The side of a block, samples.
const SIDE: usize = 8;
/// The side of the area whose colors are one block at half the resolution, pixels.
const AREA: usize = 2 * SIDE;

type Block = [[f32; SIDE]; SIDE];

/// Rounds the frequencies of all blocks to steps: `step` for the mean of a block, more for finer details.
pub(super) fn quantized(image: &mut RgbImage, step: f32) {
    let transform = Transform::new(step);
    for top in (0..image.height()).step_by(AREA) {
        for left in (0..image.width()).step_by(AREA) {
            quantize_area(image, left, top, &transform);
        }
    }
}

/// Quantizes four blocks of brightness, and one of each color difference.
fn quantize_area(image: &mut RgbImage, left: usize, top: usize, transform: &Transform) {
    let (last_x, last_y) = (image.width() - 1, image.height() - 1);
    let mut luma = [[[[0.0; SIDE]; SIDE]; 2]; 2];
    let mut chroma: [Block; 2] = [[[0.0; SIDE]; SIDE]; 2];
    for y in 0..AREA {
        for x in 0..AREA {
            // The border is repeated.
            let [red, green, blue] = image.rgb((left + x).min(last_x), (top + y).min(last_y)).map(f32::from);
            let level = 0.299 * red + 0.587 * green + 0.114 * blue;
            luma[y / SIDE][x / SIDE][y % SIDE][x % SIDE] = level;
            chroma[0][y / 2][x / 2] += (blue - level) / 4.0;
            chroma[1][y / 2][x / 2] += (red - level) / 4.0;
        }
    }
    luma.iter_mut().flatten().chain(&mut chroma).for_each(|block| *block = transform.quantized(block));
    for y in 0..AREA.min(last_y + 1 - top) {
        for x in 0..AREA.min(last_x + 1 - left) {
            let level = luma[y / SIDE][x / SIDE][y % SIDE][x % SIDE];
            let [blue, red] = [0, 1].map(|channel| level + chroma[channel][y / 2][x / 2]);
            let green = (level - 0.299 * red - 0.114 * blue) / 0.587;
            image.set_rgb(left + x, top + y, [red, green, blue].map(|level| level.round().clamp(0.0, 255.0) as u8));
        }
    }
}

/// The discrete cosine transform of a block, and the step of each frequency.
struct Transform {
    forward: Block,
    steps: Block,
}

impl Transform {
    fn new(step: f32) -> Self {
        let cosine = |frequency: usize, place: usize| {
            let norm = if frequency == 0 { (1.0 / SIDE as f64).sqrt() } else { (2.0 / SIDE as f64).sqrt() };
            (norm * ((2 * place + 1) as f64 * frequency as f64 * PI / (2 * SIDE) as f64).cos()) as f32
        };
        let forward = std::array::from_fn(|frequency| std::array::from_fn(|place| cosine(frequency, place)));
        let steps = std::array::from_fn(|v| std::array::from_fn(|u| step * (1.0 + 0.5 * (u + v) as f32)));
        Self { forward, steps }
    }

    fn quantized(&self, block: &Block) -> Block {
        let back = transposed(&self.forward);
        let mut frequencies = product(&product(&self.forward, block), &back);
        for (row, steps) in frequencies.iter_mut().zip(&self.steps) {
            for (value, step) in row.iter_mut().zip(steps) {
                *value = (*value / step).round() * step;
            }
        }
        product(&product(&back, &frequencies), &self.forward)
    }
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|row| std::array::from_fn(|column| block[column][row]))
}

fn product(one: &Block, other: &Block) -> Block {
    let mut result = [[0.0; SIDE]; SIDE];
    for (row, target) in one.iter().zip(&mut result) {
        for (factor, values) in row.iter().zip(other) {
            for (sum, value) in target.iter_mut().zip(values) {
                *sum += factor * value;
            }
        }
    }
    result
}
