//! The kernels, built for each instruction set. All `unsafe` code of the engine is in this folder.
//!
//! A kernel is a generic function over [`vector::Vector`]. [`Kernels`] holds the functions of one set; each checks its
//! call against the buffers before it runs.

// A kernel is built for an instruction set by being inlined into a function that is.
#![allow(clippy::inline_always)]

#[cfg(target_arch = "x86_64")]
pub(super) mod amx;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod dense;
mod depthwise;
mod emulated;
mod finish;
mod maps;
#[cfg(target_arch = "aarch64")]
mod neon;

mod share;
mod span;
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only AMX has such products"))]
pub(super) mod split;
#[cfg(test)]
mod tests;
mod vector;

pub(crate) use dense::{Dense, blocks};
pub(crate) use depthwise::Depthwise;
pub(crate) use finish::{Finish, Operand};
pub(crate) use maps::{Combine, Pool, Resize, Tap};

pub(crate) use share::run_together;
pub(crate) use span::Span;

use super::error::NativeError;
use super::sets::InstructionSet;

/// The kernels of one instruction set.
#[derive(Debug)]
pub(crate) struct Kernels {
    /// Values in a vector: the channels of a plane.
    pub(crate) lanes: usize,
    dense: unsafe fn(&Dense<'_>),
    /// For 1x1 convolutions, if they are in products of bf16.
    split: Option<unsafe fn(&Dense<'_>)>,
    depthwise: unsafe fn(&Depthwise<'_>),
    resize: unsafe fn(&Resize<'_>),
    pool: unsafe fn(&Pool<'_>),
    combine: unsafe fn(&Combine<'_>),
}

/// Builds all kernels for a vector type, with the given target features; with 1x1 convolutions in products of bf16 if
/// there is a type for them.
macro_rules! kernels {
    ($vector:ty $(, $features:literal)?) => {
        kernels!(@all $vector, None $(, $features)?)
    };
    ($vector:ty; $tiles:ty $(, $features:literal)?) => {{
        use super::vector::Vector as _;

        // The numbers of lanes are those of the tiles.
        const _: () = assert!(<$vector>::LANES == super::split::SIDE);
        kernels!(@build split, super::Dense<'_>, super::split::run::<$vector, $tiles> $(, $features)?);
        kernels!(@all $vector, Some(split) $(, $features)?)
    }};
    (@all $vector:ty, $split:expr $(, $features:literal)?) => {{
        use super::vector::Vector as _;

        kernels!(@build dense, super::Dense<'_>, super::dense::run::<$vector> $(, $features)?);
        kernels!(@build depthwise, super::Depthwise<'_>, super::depthwise::run::<$vector> $(, $features)?);
        kernels!(@build resize, super::Resize<'_>, super::maps::resize::<$vector> $(, $features)?);
        kernels!(@build pool, super::Pool<'_>, super::maps::pool::<$vector> $(, $features)?);
        kernels!(@build combine, super::Combine<'_>, super::maps::combine::<$vector> $(, $features)?);
        super::Kernels { lanes: <$vector>::LANES, dense, split: $split, depthwise, resize, pool, combine }
    }};
    (@build $name:ident, $call:ty, $kernel:expr $(, $features:literal)?) => {
        $(#[target_feature(enable = $features)])?
        unsafe fn $name(call: &$call) {
            // SAFETY: the caller vouches for the call and for the instruction set.
            unsafe { $kernel(call) }
        }
    };
}

/// The functions of each set; a module, so that every set has functions of its own.
mod built {
    use super::Kernels;
    use super::emulated::Emulated;

    pub(super) static SCALAR: Kernels = kernels!(Emulated<1>);
    pub(super) static SCALAR_8: Kernels = kernels!(Emulated<8>);
    pub(super) static SCALAR_16: Kernels = kernels!(Emulated<16>);
    #[cfg(target_arch = "x86_64")]
    pub(super) static AVX2: Kernels = kernels!(super::avx2::Avx2, "avx2,fma,f16c");
    #[cfg(target_arch = "x86_64")]
    pub(super) static AVX512: Kernels = kernels!(super::avx512::Avx512, "avx512f,avx2,fma,f16c");
    #[cfg(test)]
    pub(super) static SPLIT: Kernels = kernels!(Emulated<16>; super::split::Emulated);
    #[cfg(target_arch = "x86_64")]
    pub(super) static AMX: Kernels = kernels!(super::avx512::Avx512; super::amx::Amx, "avx512f,avx2,fma,f16c");
    #[cfg(target_arch = "aarch64")]
    pub(super) static NEON: Kernels = kernels!(super::neon::Neon, "neon");
}

impl Kernels {
    /// The kernels of a set.
    ///
    /// # Errors
    /// This processor lacks the set.
    pub(crate) fn of(set: InstructionSet) -> Result<&'static Self, NativeError> {
        if !set.is_available() {
            return Err(NativeError::NotAvailable(set));
        }
        match set {
            InstructionSet::Scalar => Ok(&built::SCALAR),
            InstructionSet::Scalar8 => Ok(&built::SCALAR_8),
            InstructionSet::Scalar16 => Ok(&built::SCALAR_16),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Ok(&built::AVX2),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Ok(&built::AVX512),
            #[cfg(test)]
            InstructionSet::ScalarSplit => Ok(&built::SPLIT),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Amx => Ok(&built::AMX),
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => Ok(&built::NEON),
            #[allow(unreachable_patterns)]
            other => Err(NativeError::NotAvailable(other)),
        }
    }

    /// Whether 1x1 convolutions are in products of bf16.
    pub(crate) fn splits(&self) -> bool {
        self.split.is_some()
    }

    /// The planes between which a sum may be left unfinished.
    pub(crate) fn chunk(&self) -> usize {
        if self.splits() { split::TERMS / self.lanes } else { 1 }
    }

    /// The planes that `channels` take.
    pub(crate) fn planes(&self, channels: usize) -> usize {
        channels.div_ceil(self.lanes)
    }

    /// Runs a dense convolution.
    ///
    /// # Errors
    /// The kernel would leave its buffers.
    pub(crate) fn dense(&self, call: &Dense<'_>) -> Result<(), NativeError> {
        call.check(self.lanes)?;
        let kernel = match (call.is_split, self.split) {
            (false, _) => self.dense,
            (true, Some(kernel)) => kernel,
            (true, None) => return Err(NativeError::OutOfBounds { kernel: "split dense" }),
        };
        // SAFETY: the call was checked, and kernels are handed out only where their set is available.
        unsafe { kernel(call) };
        Ok(())
    }

    /// Runs a depthwise convolution.
    ///
    /// # Errors
    /// The kernel would leave its buffers.
    pub(crate) fn depthwise(&self, call: &Depthwise<'_>) -> Result<(), NativeError> {
        call.check(self.lanes)?;
        // SAFETY: the call was checked, and kernels are handed out only where their set is available.
        unsafe { (self.depthwise)(call) };
        Ok(())
    }

    /// Enlarges a map.
    ///
    /// # Errors
    /// The kernel would leave its buffers.
    pub(crate) fn resize(&self, call: &Resize<'_>) -> Result<(), NativeError> {
        call.check(self.lanes)?;
        // SAFETY: the call was checked, and kernels are handed out only where their set is available.
        unsafe { (self.resize)(call) };
        Ok(())
    }

    /// Takes the largest of each 2x2 pixels.
    ///
    /// # Errors
    /// The kernel would leave its buffers.
    pub(crate) fn pool(&self, call: &Pool<'_>) -> Result<(), NativeError> {
        call.check(self.lanes)?;
        // SAFETY: the call was checked, and kernels are handed out only where their set is available.
        unsafe { (self.pool)(call) };
        Ok(())
    }

    /// Adds and clips.
    ///
    /// # Errors
    /// The kernel would leave its buffers.
    pub(crate) fn combine(&self, call: &Combine<'_>) -> Result<(), NativeError> {
        call.check(self.lanes)?;
        // SAFETY: the call was checked, and kernels are handed out only where their set is available.
        unsafe { (self.combine)(call) };
        Ok(())
    }
}
