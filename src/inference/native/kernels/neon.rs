//! NEON of 64-bit ARM: 4 values, 32 registers.

use std::arch::aarch64::{
    float32x4_t, vaddq_f32, vbslq_f32, vcgtq_f32, vcltq_f32, vdupq_n_f32, vfmaq_f32, vld1q_f32, vst1q_f32, vsubq_f32,
};

use super::vector::Vector;

/// 4 values.
#[derive(Clone, Copy)]
pub(super) struct Neon(float32x4_t);

impl Vector for Neon {
    const LANES: usize = 4;
    const HAS_32_REGISTERS: bool = true;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for 4 values, and for the instruction set; no alignment is needed.
        Self(unsafe { vld1q_f32(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for 4 values, and for the instruction set; no alignment is needed.
        unsafe { vst1q_f32(to, self.0) }
    }

    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vdupq_n_f32(value) })
    }

    #[inline(always)]
    fn multiply_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vfmaq_f32(sum.0, self.0, factor.0) })
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vsubq_f32(self.0, other.0) })
    }

    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        // A comparison and a choice: ARM's own maximum passes NaN on.
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vbslq_f32(vcgtq_f32(self.0, other.0), self.0, other.0) })
    }

    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        // SAFETY: whoever uses this type vouches for the instruction set (see `Vector`).
        Self(unsafe { vbslq_f32(vcltq_f32(self.0, other.0), self.0, other.0) })
    }
}
