//! Operations on whole maps that are no convolutions: enlarge, pool, add and clip.
//!
//! A map is stored in planes of one vector of channels: plane, row, column, lane.

use super::super::error::NativeError;
use super::finish::{Finish, extent, require};
use super::span::Span;
use super::vector::Vector;

/// Where a resized row or column comes from: two neighbors, and the weight of the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tap {
    /// Index of the first neighbor.
    pub(crate) first: usize,
    /// Index of the second neighbor.
    pub(crate) second: usize,
    /// Weight of the second neighbor, 0..=1.
    pub(crate) weight: f32,
}

/// Bilinear enlargement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resize<'a> {
    /// The input.
    pub(crate) input: Span<'a>,
    /// Rows and columns of the input.
    pub(crate) input_size: [usize; 2],
    /// Where the output's rows come from.
    pub(crate) rows: &'a [Tap],
    /// Where the output's columns come from.
    pub(crate) columns: &'a [Tap],
    /// Number of planes.
    pub(crate) planes: usize,
    /// The output.
    pub(crate) output: Span<'a>,
    /// What happens before the store.
    pub(crate) finish: Finish<'a>,
}

impl Resize<'_> {
    /// Checks that the kernel stays within the spans.
    ///
    /// # Errors
    /// It would not.
    pub(super) fn check(&self, lanes: usize) -> Result<(), NativeError> {
        let require = |is_right| require(is_right, "resize");
        let is_within = |taps: &[Tap], size| taps.iter().all(|tap| tap.first < size && tap.second < size);
        let input = self.input_size[0].saturating_mul(self.input_size[1]).saturating_mul(lanes);
        let output = self.rows.len().saturating_mul(self.columns.len()).saturating_mul(lanes);
        require(is_within(self.rows, self.input_size[0]) && is_within(self.columns, self.input_size[1]))?;
        require(self.planes.saturating_mul(input) <= self.input.len())?;
        require(self.planes.saturating_mul(output) <= self.output.len())?;
        self.finish.check(self.planes, output, output, "resize")
    }
}

/// Runs a call.
///
/// # Safety
/// The call was checked, and the processor has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn resize<V: Vector>(call: &Resize<'_>) {
    let [height, width] = call.input_size;
    let output_plane = call.rows.len() * call.columns.len() * V::LANES;
    for plane in 0..call.planes {
        let finish = call.finish.of_planes::<V, 1>(plane, output_plane);
        // SAFETY: the offsets are within the extents that were checked.
        unsafe {
            let input = call.input.pointer().add(plane * height * width * V::LANES);
            let output = call.output.pointer().add(plane * output_plane);
            let mut offset = 0;
            for row in call.rows {
                let [upper, lower] = [row.first, row.second].map(|y| input.add(y * width * V::LANES).cast_const());
                let across = V::splat(row.weight);
                for column in call.columns {
                    let upper = between::<V>(upper, column);
                    let lower = between::<V>(lower, column);
                    let value = lower.minus(upper).multiply_add(across, upper);
                    finish.store(0, [value], offset, output.add(offset));
                    offset += V::LANES;
                }
            }
        }
    }
}

/// The value between two pixels of a row.
///
/// # Safety
/// Both are within the row.
#[inline(always)]
unsafe fn between<V: Vector>(row: *const f32, column: &Tap) -> V {
    // SAFETY: the caller vouches for the pixels.
    let (first, second) =
        unsafe { (V::load(row.add(column.first * V::LANES)), V::load(row.add(column.second * V::LANES))) };
    second.minus(first).multiply_add(V::splat(column.weight), first)
}

/// The largest of each 2x2 pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pool<'a> {
    /// The input.
    pub(crate) input: Span<'a>,
    /// Rows and columns of the input. An odd last one is left out.
    pub(crate) input_size: [usize; 2],
    /// Number of planes.
    pub(crate) planes: usize,
    /// The output.
    pub(crate) output: Span<'a>,
}

impl Pool<'_> {
    /// Checks that the kernel stays within the spans.
    ///
    /// # Errors
    /// It would not.
    pub(super) fn check(&self, lanes: usize) -> Result<(), NativeError> {
        let [height, width] = self.input_size;
        let count = |height: usize, width: usize| {
            height.saturating_mul(width).saturating_mul(lanes).saturating_mul(self.planes)
        };
        require(count(height, width) <= self.input.len(), "pool")?;
        require(count(height / 2, width / 2) <= self.output.len(), "pool")
    }
}

/// Runs a call. The first of the four pixels stays unless a later one is larger, so NaN stays only if it is the first.
///
/// # Safety
/// The call was checked, and the processor has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn pool<V: Vector>(call: &Pool<'_>) {
    let [height, width] = call.input_size;
    // SAFETY: the offsets are within the extents that were checked.
    unsafe {
        let mut output = call.output.pointer();
        for plane in 0..call.planes {
            for y in 0..height / 2 {
                let row = call.input.pointer().add((plane * height + 2 * y) * width * V::LANES);
                for x in 0..width / 2 {
                    let pixel = row.add(2 * x * V::LANES);
                    let below = pixel.add(width * V::LANES);
                    let mut largest = V::load(pixel);
                    for other in [pixel.add(V::LANES), below, below.add(V::LANES)] {
                        largest = V::load(other).larger(largest);
                    }
                    largest.store(output);
                    output = output.add(V::LANES);
                }
            }
        }
    }
}

/// Adds and clips without a convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Combine<'a> {
    /// The input.
    pub(crate) input: Span<'a>,
    /// Number of planes.
    pub(crate) planes: usize,
    /// Values of a plane: a whole number of vectors.
    pub(crate) plane: usize,
    /// The output.
    pub(crate) output: Span<'a>,
    /// What happens before the store.
    pub(crate) finish: Finish<'a>,
}

impl Combine<'_> {
    /// Checks that the kernel stays within the spans.
    ///
    /// # Errors
    /// It would not.
    pub(super) fn check(&self, lanes: usize) -> Result<(), NativeError> {
        let all = extent(self.planes, self.plane, self.plane);
        require(self.plane.is_multiple_of(lanes) && all <= self.input.len() && all <= self.output.len(), "combine")?;
        self.finish.check(self.planes, self.plane, self.plane, "combine")
    }
}

/// Runs a call.
///
/// # Safety
/// The call was checked, and the processor has the instruction set of `V`.
#[inline(always)]
pub(super) unsafe fn combine<V: Vector>(call: &Combine<'_>) {
    for plane in 0..call.planes {
        let finish = call.finish.of_planes::<V, 1>(plane, call.plane);
        for offset in (0..call.plane).step_by(V::LANES) {
            // SAFETY: the offsets are within the extents that were checked.
            unsafe {
                let value = V::load(call.input.pointer().add(plane * call.plane + offset));
                finish.store(0, [value], offset, call.output.pointer().add(plane * call.plane + offset));
            }
        }
    }
}
