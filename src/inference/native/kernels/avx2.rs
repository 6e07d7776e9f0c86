//! AVX2 and FMA: 8 values, 16 registers.

use std::arch::asm;
use std::arch::x86_64::{
    __m256, _MM_HINT_T0, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_min_ps,
    _mm256_set1_ps, _mm256_storeu_ps, _mm256_sub_ps,
};

use super::vector::{Vector, add_products_of};

/// 8 values.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256);

impl Vector for Avx2 {
    const LANES: usize = 8;
    const HAS_32_REGISTERS: bool = false;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for 8 values, and for the instruction set; no alignment is needed.
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for 8 values, and for the instruction set; no alignment is needed.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    fn prefetch(address: *const f32) {
        // SAFETY: a prefetch of any address is allowed; SSE is part of x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
    }

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_set1_ps(value) })
    }

    #[inline(always)]
    fn multiply_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, sum.0) })
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        // The instruction returns its second operand for NaN and for two zeros, as the trait says.
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_max_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        // The instruction returns its second operand for NaN and for two zeros, as the trait says.
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { _mm256_min_ps(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn add_products<const P: usize, const N: usize>(
        sums: &mut [[Self; N]; P],
        input: *const f32,
        pixel: usize,
        weights: *const f32,
    ) {
        if P == 4 && N == 3 {
            // SAFETY: as for this function.
            unsafe { add_products_4x3(sums, input, pixel, weights) }
        } else {
            // SAFETY: as for this function.
            unsafe { add_products_of::<Self, P, N>(sums, input, pixel, weights) }
        }
    }
}

/// The largest tile needs all 16 registers: 12 sums, three vectors of weights and an input value. The compiler keeps
/// some of the sums in memory instead, which takes half the speed.
///
/// # Safety
/// As for [`Vector::add_products`]; `P` is 4 and `N` is 3.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn add_products_4x3<const P: usize, const N: usize>(
    sums: &mut [[Avx2; N]; P],
    input: *const f32,
    pixel: usize,
    weights: *const f32,
) {
    // SAFETY: the reads are those that the caller vouches for; the block writes nothing but registers.
    unsafe {
        asm!(
            "vmovups {w0}, [{w}]",
            "vmovups {w1}, [{w} + 32]",
            "vmovups {w2}, [{w} + 64]",
            "vbroadcastss {x}, [{i0}]",
            "vfmadd231ps {s00}, {x}, {w0}",
            "vfmadd231ps {s01}, {x}, {w1}",
            "vfmadd231ps {s02}, {x}, {w2}",
            "vbroadcastss {x}, [{i1}]",
            "vfmadd231ps {s10}, {x}, {w0}",
            "vfmadd231ps {s11}, {x}, {w1}",
            "vfmadd231ps {s12}, {x}, {w2}",
            "vbroadcastss {x}, [{i2}]",
            "vfmadd231ps {s20}, {x}, {w0}",
            "vfmadd231ps {s21}, {x}, {w1}",
            "vfmadd231ps {s22}, {x}, {w2}",
            "vbroadcastss {x}, [{i3}]",
            "vfmadd231ps {s30}, {x}, {w0}",
            "vfmadd231ps {s31}, {x}, {w1}",
            "vfmadd231ps {s32}, {x}, {w2}",
            w = in(reg) weights,
            i0 = in(reg) input,
            i1 = in(reg) input.add(pixel),
            i2 = in(reg) input.add(2 * pixel),
            i3 = in(reg) input.add(3 * pixel),
            w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, w2 = out(ymm_reg) _, x = out(ymm_reg) _,
            s00 = inout(ymm_reg) sums[0][0].0, s01 = inout(ymm_reg) sums[0][1].0, s02 = inout(ymm_reg) sums[0][2].0,
            s10 = inout(ymm_reg) sums[1][0].0, s11 = inout(ymm_reg) sums[1][1].0, s12 = inout(ymm_reg) sums[1][2].0,
            s20 = inout(ymm_reg) sums[2][0].0, s21 = inout(ymm_reg) sums[2][1].0, s22 = inout(ymm_reg) sums[2][2].0,
            s30 = inout(ymm_reg) sums[3][0].0, s31 = inout(ymm_reg) sums[3][1].0, s32 = inout(ymm_reg) sums[3][2].0,
            options(pure, readonly, nostack, preserves_flags),
        );
    }
}
