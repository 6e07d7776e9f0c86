//! What happens to a value before it is stored: add, clip, add.

use super::super::error::NativeError;
use super::span::Span;
use super::vector::Vector;

/// Another map that is added. It has the geometry of the output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operand<'a> {
    /// The map, from the first value that belongs to the call.
    pub(crate) values: Span<'a>,
    /// Its number of planes. Zeros are added to the output's further planes.
    pub(crate) planes: usize,
}

/// The steps before the store, each if it is there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Finish<'a> {
    /// Added first.
    pub(crate) before: Option<Operand<'a>>,
    /// The least and the largest value. NaN becomes the least.
    pub(crate) clip: Option<[f32; 2]>,
    /// Added last.
    pub(crate) after: Option<Operand<'a>>,
}

/// The number of values that planes of `inner` values, `stride` apart, take.
pub(super) fn extent(planes: usize, stride: usize, inner: usize) -> usize {
    planes.checked_sub(1).map_or(0, |last| last.saturating_mul(stride).saturating_add(inner))
}

/// Returns an error unless `is_right`.
pub(super) fn require(is_right: bool, kernel: &'static str) -> Result<(), NativeError> {
    if is_right { Ok(()) } else { Err(NativeError::OutOfBounds { kernel }) }
}

impl Finish<'_> {
    /// Checks that the operands cover a call's output: `planes`, `plane` apart, of `inner` values each.
    ///
    /// # Errors
    /// An operand is shorter.
    pub(super) fn check(
        &self,
        planes: usize,
        plane: usize,
        inner: usize,
        kernel: &'static str,
    ) -> Result<(), NativeError> {
        [self.before, self.after].into_iter().flatten().try_for_each(|operand| {
            let used = operand.planes.min(planes);
            require(extent(used, plane, inner) <= operand.values.len(), kernel)
        })
    }

    /// Prepares for the planes from `first` on, `stride` apart.
    #[inline(always)]
    pub(super) fn of_planes<V: Vector, const N: usize>(&self, first: usize, stride: usize) -> Endings<V, N> {
        let mut endings = Endings { before: [Addend::None; N], clip: None, after: [Addend::None; N], adds: false };
        if let Some(bounds) = self.clip {
            endings.clip = Some(splat_both(bounds));
        }
        endings.adds = self.before.is_some() || self.after.is_some();
        for n in 0..N {
            endings.before[n] = Addend::of(self.before, first + n, stride);
            endings.after[n] = Addend::of(self.after, first + n, stride);
        }
        endings
    }
}

/// The vectors of two bounds.
#[inline(always)]
pub(super) fn splat_both<V: Vector>([low, high]: [f32; 2]) -> [V; 2] {
    [V::splat(low), V::splat(high)]
}

#[derive(Clone, Copy)]
enum Addend {
    None,
    Zero,
    Plane(*const f32),
}

impl Addend {
    fn of(operand: Option<Operand<'_>>, index: usize, stride: usize) -> Self {
        match operand {
            None => Self::None,
            Some(operand) if index < operand.planes => {
                Self::Plane(operand.values.pointer().wrapping_add(index * stride))
            }
            Some(_) => Self::Zero,
        }
    }

    /// # Safety
    /// The plane is valid for reads of a vector at `offset`.
    #[inline(always)]
    unsafe fn add<V: Vector>(self, value: V, offset: usize) -> V {
        match self {
            Self::None => value,
            Self::Zero => value.plus(V::splat(0.0)),
            // SAFETY: the caller vouches for the offset.
            Self::Plane(plane) => value.plus(unsafe { V::load(plane.add(offset)) }),
        }
    }
}

/// The steps before the store, for some planes.
#[derive(Clone, Copy)]
pub(super) struct Endings<V, const N: usize> {
    before: [Addend; N],
    clip: Option<[V; 2]>,
    after: [Addend; N],
    /// Whether anything is added.
    adds: bool,
}

impl<V: Vector, const N: usize> Endings<V, N> {
    /// Finishes vectors of a plane, `offset` values into it and on, and stores them at `to`.
    ///
    /// # Safety
    /// The call was checked, and the vectors are within its extents.
    #[inline(always)]
    pub(super) unsafe fn store<const P: usize>(&self, plane: usize, values: [V; P], offset: usize, to: *mut f32) {
        // Most calls add nothing: one question for all vectors.
        // SAFETY: the caller vouches for the vectors.
        unsafe {
            match (self.adds, self.clip) {
                (false, None) => {
                    for (p, value) in values.iter().enumerate() {
                        value.store(to.add(p * V::LANES));
                    }
                }
                (false, Some([low, high])) => {
                    for (p, value) in values.iter().enumerate() {
                        value.larger(low).smaller(high).store(to.add(p * V::LANES));
                    }
                }
                (true, clip) => {
                    for (p, value) in values.iter().enumerate() {
                        let offset = offset + p * V::LANES;
                        let value = clipped(self.before[plane].add(*value, offset), clip);
                        self.after[plane].add(value, offset).store(to.add(p * V::LANES));
                    }
                }
            }
        }
    }
}

/// Clips a vector: NaN becomes the least value.
#[inline(always)]
pub(super) fn clipped<V: Vector>(value: V, clip: Option<[V; 2]>) -> V {
    match clip {
        Some([low, high]) => value.larger(low).smaller(high),
        None => value,
    }
}
