//! The depthwise convolution: each channel by itself, 3x3 or 5x5, stride 1 or 2.
//!
//! Rows of the input lie in a ring of some rows, so that a fused block needs no more of them at a time. They have a
//! margin of zeros on both sides, so that the kernel knows no left or right border. Each sum begins with the bias, then
//! takes the products in the order of the kernel's rows and columns. A product with a margin is a product with zero; a
//! row above or below the map is left out.

use std::ops::Range;

use super::super::error::NativeError;
use super::finish::{clipped, extent, require, splat_both};
use super::span::Span;
use super::vector::Vector;

/// A call of the kernel. Strides count values.
#[derive(Debug, Clone)]
pub(crate) struct Depthwise<'a> {
    /// A vector for each place of the kernel, plane after plane.
    pub(crate) weights: &'a [f32],
    /// A bias for each channel.
    pub(crate) bias: &'a [f32],
    /// Side of the kernel: 3 or 5.
    pub(crate) side: usize,
    /// 1 or 2.
    pub(crate) stride: usize,
    /// Vectors of channels.
    pub(crate) planes: usize,
    /// The input's ring: row `y` of a plane is its row `y % ring`.
    pub(crate) input: Span<'a>,
    /// From plane to plane, and from row to row of the input.
    pub(crate) input_strides: [usize; 2],
    /// Rows of the ring.
    pub(crate) ring: usize,
    /// Rows of the whole input.
    pub(crate) height: usize,
    /// Rows by which the kernel reaches above the input.
    pub(crate) top: usize,
    /// Rows of the output to compute.
    pub(crate) rows: Range<usize>,
    /// Pixels of a row of the output.
    pub(crate) width: usize,
    /// The output, from the first row to compute.
    pub(crate) output: Span<'a>,
    /// From plane to plane, and from row to row of the output.
    pub(crate) output_strides: [usize; 2],
    /// The least and the largest value.
    pub(crate) clip: Option<[f32; 2]>,
}

impl Depthwise<'_> {
    /// Checks that the kernel stays within the spans and slices.
    ///
    /// # Errors
    /// It would not.
    pub(super) fn check(&self, lanes: usize) -> Result<(), NativeError> {
        let require = |is_right| require(is_right, "depthwise");
        let taps = self.side * self.side;
        require(matches!((self.side, self.stride), (3 | 5, 1 | 2)) && self.ring > 0)?;
        require(self.weights.len() >= self.planes.saturating_mul(taps * lanes))?;
        require(self.bias.len() >= self.planes.saturating_mul(lanes))?;
        let reach = extent(self.width, self.stride * lanes, self.side * lanes);
        let input = extent(self.ring, self.input_strides[1], reach);
        require(extent(self.planes, self.input_strides[0], input) <= self.input.len())?;
        let output = extent(self.rows.len(), self.output_strides[1], self.width.saturating_mul(lanes));
        require(extent(self.planes, self.output_strides[0], output) <= self.output.len())
    }

    /// The rows of the kernel that meet the input at row `y` of the output.
    #[inline(always)]
    fn kernel_rows(&self, y: usize) -> Range<usize> {
        let first = (self.top).saturating_sub(y * self.stride);
        let last = (self.height + self.top).saturating_sub(y * self.stride).min(self.side);
        first..last
    }
}

/// Runs a call.
///
/// # Safety
/// The call was checked, and the processor has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn run<V: Vector>(call: &Depthwise<'_>) {
    // SAFETY: the call was checked for the side and the stride.
    unsafe {
        match (call.side, call.stride) {
            (3, 1) => planes::<V, 3, 1>(call),
            (3, _) => planes::<V, 3, 2>(call),
            (_, 1) => planes::<V, 5, 1>(call),
            _ => planes::<V, 5, 2>(call),
        }
    }
}

/// # Safety
/// The call was checked; `K` is its side and `S` its stride.
#[inline(always)]
unsafe fn planes<V: Vector, const K: usize, const S: usize>(call: &Depthwise<'_>) {
    let mut clip = None;
    if let Some(bounds) = call.clip {
        clip = Some(splat_both(bounds));
    }
    for plane in 0..call.planes {
        // SAFETY: the offsets are within the extents that were checked.
        unsafe {
            let input = call.input.pointer().add(plane * call.input_strides[0]);
            let output = call.output.pointer().add(plane * call.output_strides[0]);
            let weights = call.weights.as_ptr().add(plane * K * K * V::LANES);
            let bias = V::load(call.bias.as_ptr().add(plane * V::LANES));
            for (index, y) in call.rows.clone().enumerate() {
                let kernel_rows = call.kernel_rows(y);
                let mut rows = [input.cast_const(); K];
                for ky in kernel_rows.clone() {
                    rows[ky] = input.add((y * S + ky - call.top) % call.ring * call.input_strides[1]);
                }
                let row = Row { rows, kernel_rows, weights, bias, clip };
                row.run::<S>(call.width, output.add(index * call.output_strides[1]));
            }
        }
    }
}

/// A row of one plane.
struct Row<V, const K: usize> {
    /// The input's rows.
    rows: [*const f32; K],
    /// Those that are within the map.
    kernel_rows: Range<usize>,
    weights: *const f32,
    bias: V,
    clip: Option<[V; 2]>,
}

impl<V: Vector, const K: usize> Row<V, K> {
    /// # Safety
    /// The row belongs to a checked call.
    #[inline(always)]
    unsafe fn run<const S: usize>(&self, width: usize, output: *mut f32) {
        let mut x = 0;
        while x < width {
            let remaining = width - x;
            // SAFETY: the pixels are within the row.
            unsafe {
                let to = output.add(x * V::LANES);
                match remaining {
                    16.. if V::HAS_32_REGISTERS => self.tile::<S, 16>(x, to),
                    8.. => self.tile::<S, 8>(x, to),
                    4.. => self.tile::<S, 4>(x, to),
                    2.. => self.tile::<S, 2>(x, to),
                    _ => self.tile::<S, 1>(x, to),
                }
            }
            x += match remaining {
                16.. if V::HAS_32_REGISTERS => 16,
                8.. => 8,
                4.. => 4,
                2.. => 2,
                _ => 1,
            };
        }
    }

    /// Computes `T` pixels from pixel `x` on.
    ///
    /// # Safety
    /// The pixels belong to a checked call.
    #[inline(always)]
    unsafe fn tile<const S: usize, const T: usize>(&self, x: usize, output: *mut f32) {
        // SAFETY: the values are within the extents that were checked.
        unsafe {
            let mut sums = [self.bias; T];
            for ky in self.kernel_rows.clone() {
                let row = self.rows[ky].add(x * S * V::LANES);
                let weights = self.weights.add(ky * K * V::LANES);
                for kx in 0..K {
                    let weight = V::load(weights.add(kx * V::LANES));
                    for (t, sum) in sums.iter_mut().enumerate() {
                        *sum = V::load(row.add((t * S + kx) * V::LANES)).multiply_add(weight, *sum);
                    }
                }
            }
            for (t, sum) in sums.into_iter().enumerate() {
                clipped(sum, self.clip).store(output.add(t * V::LANES));
            }
        }
    }
}
