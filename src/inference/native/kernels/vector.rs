//! What a kernel needs of an instruction set: a vector of numbers and a handful of operations.
//!
//! Kernels are written once, generic over [`Vector`], and built for each set. Lanes are output channels, never terms of
//! a sum, so that the number of lanes does not change any value. All operations are those of IEEE 754 with rounding to
//! the nearest; [`Vector::larger`] and [`Vector::smaller`] say exactly what they return for NaN and for zeros.
//!
//! Kernels use no closures and none of the library's functions that take them where vectors are involved: the compiler
//! may build those without the instruction set, and every operation in them becomes a call.

use std::sync::atomic::{Ordering, compiler_fence};

/// A vector of numbers of 32 bits.
///
/// # Safety
/// The methods of an implementation use its instruction set. They may be called only where the processor has it, from
/// functions that are built for it.
pub(crate) trait Vector: Copy {
    /// Values in a vector.
    const LANES: usize;
    /// Whether the set has 32 vector registers instead of 16: larger tiles then fit.
    const HAS_32_REGISTERS: bool;

    /// Reads `LANES` values.
    ///
    /// # Safety
    /// `from` is valid for reads of `LANES` values.
    unsafe fn load(from: *const f32) -> Self;

    /// Writes `LANES` values.
    ///
    /// # Safety
    /// `to` is valid for writes of `LANES` values.
    unsafe fn store(self, to: *mut f32);

    /// Asks for the memory at `address` to be brought into the cache. It has no effect on values.
    #[inline(always)]
    fn prefetch(_address: *const f32) {}

    /// Repeats a value.
    fn splat(value: f32) -> Self;

    /// `self * factor + sum`, rounded once.
    fn multiply_add(self, factor: Self, sum: Self) -> Self;

    /// `self + other`.
    fn plus(self, other: Self) -> Self;

    /// `self - other`.
    fn minus(self, other: Self) -> Self;

    /// `self` where `self > other`, else `other`: `other` if one of them is NaN, and for zeros of both signs.
    fn larger(self, other: Self) -> Self;

    /// `self` where `self < other`, else `other`: `other` if one of them is NaN, and for zeros of both signs.
    fn smaller(self, other: Self) -> Self;

    /// Adds the products of one term to the sums of `P` pixels and `N` vectors: `sums[p][n] += input[p] * weights[n]`.
    ///
    /// # Safety
    /// `input` is valid for reads of `P` values, `pixel` apart, and `weights` of `N` vectors.
    #[inline(always)]
    unsafe fn add_products<const P: usize, const N: usize>(
        sums: &mut [[Self; N]; P],
        input: *const f32,
        pixel: usize,
        weights: *const f32,
    ) {
        // SAFETY: as for this function.
        unsafe { add_products_of(sums, input, pixel, weights) }
    }
}

/// [`Vector::add_products`] in terms of the other methods.
///
/// # Safety
/// As there.
#[inline(always)]
pub(super) unsafe fn add_products_of<V: Vector, const P: usize, const N: usize>(
    sums: &mut [[V; N]; P],
    input: *const f32,
    pixel: usize,
    weights: *const f32,
) {
    // No instruction: the compiler otherwise reads the values of later terms first, and runs out of registers.
    compiler_fence(Ordering::SeqCst);
    // SAFETY: the caller vouches for both.
    unsafe {
        let mut factors = [V::splat(0.0); N];
        for (n, factor) in factors.iter_mut().enumerate() {
            *factor = V::load(weights.add(n * V::LANES));
        }
        for (p, sums) in sums.iter_mut().enumerate() {
            let value = V::splat(*input.add(p * pixel));
            for n in 0..N {
                sums[n] = value.multiply_add(factors[n], sums[n]);
            }
        }
    }
}
