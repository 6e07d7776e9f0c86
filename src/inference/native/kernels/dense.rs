//! The dense convolution: a matrix product of pixels and weights.
//!
//! A tile of some pixels and one to three vectors of output channels stays in registers while the kernel walks through
//! the terms of the sums: the input channels of a 1x1 convolution, or rows, columns and channels of a larger one. Each
//! sum begins with the bias, then takes the products in that order. A sum may be left in the output unfinished and
//! continued by another call, which changes no bit.

use std::ops::Range;

use super::super::error::NativeError;
use super::finish::{Endings, Finish, extent, require};
use super::span::Span;
use super::split;
use super::vector::Vector;

/// Most vectors of output channels of a tile.
const MAX_BLOCK: usize = 3;
/// Terms of a segment, and values from pixel to pixel, in the networks' first layer: 3x3 pixels of three colors, every
/// other one.
const FIRST_LAYER: [usize; 2] = [9, 6];
/// Values of a cache line.
const LINE: usize = 16;

/// A call of the kernel. Strides count values.
#[derive(Debug, Clone)]
pub(crate) struct Dense<'a> {
    /// The weights: unless they are split, blocks of output vectors (see [`blocks`]), in each one vector after the other for each term.
    pub(crate) weights: &'a [f32],
    /// A bias for each output channel.
    pub(crate) bias: &'a [f32],
    /// Vectors of output channels that the weights are for.
    pub(crate) vectors: usize,
    /// The vectors of this call: whole blocks. The first one's plane is the first of the output.
    pub(crate) part: Range<usize>,
    /// Terms of a whole sum.
    pub(crate) depth: usize,
    /// The terms of this call.
    pub(crate) terms: Range<usize>,
    /// The input from the first of these terms on.
    pub(crate) input: Span<'a>,
    /// Terms that are one after the other in memory.
    pub(crate) segment: usize,
    /// From one such group of terms to the next, from pixel to pixel, from row to row of the input.
    pub(crate) input_strides: [usize; 3],
    /// Number of rows.
    pub(crate) rows: usize,
    /// Pixels in a row.
    pub(crate) width: usize,
    /// The output.
    pub(crate) output: Span<'a>,
    /// From plane to plane, and from row to row of the output.
    pub(crate) output_strides: [usize; 2],
    /// What happens before the store, if the sums are complete.
    pub(crate) finish: Option<Finish<'a>>,
    /// Whether this call is the first in a while to read the weights: then they are fetched ahead.
    pub(crate) is_cold: bool,
    /// Whether the products are of bf16, with weights packed for that ([`super::split`]).
    pub(crate) is_split: bool,
}

/// The blocks of `vectors` output vectors, as ranges: three vectors each, but no single one after another block.
pub(crate) fn blocks(vectors: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let len = block_len(vectors - start);
        let block = start..start + len;
        start += len;
        (len > 0).then_some(block)
    })
}

fn block_len(remaining: usize) -> usize {
    match remaining {
        4 => 2,
        _ => remaining.min(MAX_BLOCK),
    }
}

impl Dense<'_> {
    /// Checks that the kernel stays within the spans and slices.
    ///
    /// # Errors
    /// It would not.
    pub(super) fn check(&self, lanes: usize) -> Result<(), NativeError> {
        let require = |is_right| require(is_right, "dense");
        let [segments, pixels, rows] = self.input_strides;
        require(self.segment > 0 && self.terms.start <= self.terms.end && self.terms.end <= self.depth)?;
        let is_edge = |vector| vector == self.vectors || blocks(self.vectors).any(|block| block.start == vector);
        require(self.part.start <= self.part.end && is_edge(self.part.start) && is_edge(self.part.end))?;
        if self.is_split {
            split::check(self, lanes)?;
        } else {
            require(self.weights.len() >= self.vectors.saturating_mul(self.depth).saturating_mul(lanes))?;
        }
        require(self.bias.len() >= self.vectors.saturating_mul(lanes))?;
        let input = extent(self.rows, rows, extent(self.width, pixels, self.segment));
        require(extent(self.terms.len().div_ceil(self.segment), segments, input) <= self.input.len())?;
        let output = extent(self.rows, self.output_strides[1], self.width.saturating_mul(lanes));
        require(extent(self.part.len(), self.output_strides[0], output) <= self.output.len())?;
        self.finish.map_or(Ok(()), |finish| finish.check(self.part.len(), self.output_strides[0], output, "dense"))
    }
}

/// Runs a call.
///
/// # Safety
/// The call was checked, and the processor has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn run<V: Vector>(call: &Dense<'_>) {
    let is_of_planes = call.segment == V::LANES && call.input_strides[1] == V::LANES;
    // SAFETY: the strides are the call's own.
    unsafe {
        // Constants, so that the terms of a segment are one piece of code: a short loop is left at a wrong guess.
        if is_of_planes {
            all_blocks::<V>(call, V::LANES, V::LANES);
        } else if call.segment == FIRST_LAYER[0] && call.input_strides[1] == FIRST_LAYER[1] {
            all_blocks::<V>(call, FIRST_LAYER[0], FIRST_LAYER[1]);
        } else {
            all_blocks::<V>(call, call.segment, call.input_strides[1]);
        }
    }
}

/// # Safety
/// The call was checked; `segment` and `pixel` are its segment and its stride between pixels.
#[inline(always)]
unsafe fn all_blocks<V: Vector>(call: &Dense<'_>, segment: usize, pixel: usize) {
    let mut vector = call.part.start;
    while vector < call.part.end {
        let len = block_len(call.vectors - vector);
        // SAFETY: the block is one of the checked call.
        unsafe {
            match len {
                3 => block::<V, 3>(call, vector, segment, pixel),
                2 => block::<V, 2>(call, vector, segment, pixel),
                _ => block::<V, 1>(call, vector, segment, pixel),
            }
        }
        vector += len;
    }
}

/// Where the tile's values are.
struct Tile<'a, V, const N: usize> {
    input: *const f32,
    segment: usize,
    segment_stride: usize,
    pixel: usize,
    weights: *const f32,
    count: usize,
    bias: *const f32,
    output: *mut f32,
    output_plane: usize,
    /// From the beginning of the output's plane to the tile.
    offset: usize,
    continues: bool,
    /// The next block's weights, and how many cache lines of them to fetch with each segment.
    ahead: *const f32,
    ahead_lines: usize,
    finish: &'a Endings<V, N>,
}

/// # Safety
/// The call was checked; `vector` begins a block of `N` vectors; `segment` and `pixel` as for [`all_blocks`].
#[inline(always)]
unsafe fn block<V: Vector, const N: usize>(call: &Dense<'_>, vector: usize, segment: usize, pixel: usize) {
    let [plane, row_stride] = call.output_strides;
    let first = vector - call.part.start;
    let finish = call.finish.unwrap_or_default().of_planes::<V, N>(first, plane);
    // While a block is computed, the next one's weights come from the outer caches.
    let tiles = call.rows * call.width.div_ceil(tile_len::<V, N>(call.width));
    let next = call.weights.as_ptr().wrapping_add(((vector + N) * call.depth + call.terms.start * N) * V::LANES);
    let segments = call.terms.len() / segment;
    let next_lines = call.terms.len() * N * V::LANES / LINE;
    let ahead_lines = if call.is_cold { next_lines.div_ceil((tiles * segments).max(1)) } else { 0 };
    let mut tile_index = 0;
    for row in 0..call.rows {
        let mut x = 0;
        while x < call.width {
            let pixels = tile_len::<V, N>(call.width - x);
            let offset = row * row_stride + x * V::LANES;
            // SAFETY: the offsets are within the extents that were checked.
            unsafe {
                let tile = Tile {
                    input: call.input.pointer().add(row * call.input_strides[2] + x * pixel),
                    segment,
                    segment_stride: call.input_strides[0],
                    pixel,
                    weights: call.weights.as_ptr().add((vector * call.depth + call.terms.start * N) * V::LANES),
                    count: call.terms.len(),
                    bias: call.bias.as_ptr().add(vector * V::LANES),
                    output: call.output.pointer().add(first * plane + offset),
                    output_plane: plane,
                    offset,
                    continues: call.terms.start > 0,
                    finish: &finish,
                    ahead: next.wrapping_add(tile_index * segments * ahead_lines * LINE),
                    ahead_lines: if tile_index * segments * ahead_lines < next_lines { ahead_lines } else { 0 },
                };
                match pixels {
                    12 => tile.run::<12>(),
                    8 => tile.run::<8>(),
                    6 => tile.run::<6>(),
                    4 => tile.run::<4>(),
                    2 => tile.run::<2>(),
                    _ => tile.run::<1>(),
                }
            }
            x += pixels;
            tile_index += 1;
        }
    }
}

/// The pixels of the next tile if `remaining` are left in the row: the sums fill the registers.
#[inline(always)]
fn tile_len<V: Vector, const N: usize>(remaining: usize) -> usize {
    let largest = match (V::HAS_32_REGISTERS, N) {
        (true, 3) | (false, 1) => 8,
        (true, _) => 12,
        // Eight pixels are two tiles of four rather than one of six and one of two.
        (false, 2) if remaining == 6 || remaining > 8 => 6,
        (false, _) => 4,
    };
    if remaining >= largest {
        return largest;
    }
    match remaining {
        8.. => 8,
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}

impl<V: Vector, const N: usize> Tile<'_, V, N> {
    /// Computes `P` pixels and `N` vectors of output channels.
    ///
    /// # Safety
    /// The tile is within a checked call.
    #[inline(always)]
    unsafe fn run<const P: usize>(&self) {
        // SAFETY: the tile's values are within the extents that were checked.
        unsafe {
            let mut sums = self.start::<P>();
            let (mut input, mut weights) = (self.input, self.weights);
            let mut ahead = self.ahead;
            for _ in 0..self.count / self.segment {
                for _ in 0..self.ahead_lines {
                    V::prefetch(ahead);
                    ahead = ahead.wrapping_add(LINE);
                }
                for term in 0..self.segment {
                    V::add_products(&mut sums, input.add(term), self.pixel, weights.add(term * N * V::LANES));
                }
                input = input.wrapping_add(self.segment_stride);
                weights = weights.add(self.segment * N * V::LANES);
            }
            for term in 0..self.count % self.segment {
                V::add_products(&mut sums, input.add(term), self.pixel, weights.add(term * N * V::LANES));
            }
            self.store(&sums);
        }
    }

    #[inline(always)]
    unsafe fn start<const P: usize>(&self) -> [[V; N]; P] {
        // SAFETY: as for `run`.
        unsafe {
            let mut sums = [[V::splat(0.0); N]; P];
            for n in 0..N {
                if self.continues {
                    for (p, sums) in sums.iter_mut().enumerate() {
                        sums[n] = V::load(self.output.add(n * self.output_plane + p * V::LANES));
                    }
                } else {
                    let bias = V::load(self.bias.add(n * V::LANES));
                    for sums in &mut sums {
                        sums[n] = bias;
                    }
                }
            }
            sums
        }
    }

    #[inline(always)]
    unsafe fn store<const P: usize>(&self, sums: &[[V; N]; P]) {
        // SAFETY: as for `run`.
        unsafe {
            for n in 0..N {
                let mut values = [V::splat(0.0); P];
                for (value, sums) in values.iter_mut().zip(sums) {
                    *value = sums[n];
                }
                self.finish.store(n, values, self.offset, self.output.add(n * self.output_plane));
            }
        }
    }
}
