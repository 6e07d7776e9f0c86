//! The instruction sets that the kernels are built for. All of [`InstructionSet::ALL`] give the same bits; AMX gives
//! others.

use std::fmt;
use std::str::FromStr;

#[cfg(target_arch = "x86_64")]
use super::kernels::amx;

/// Instructions that the kernels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstructionSet {
    /// No vector instructions: the reference. One value at a time.
    Scalar,
    /// The scalar reference in the shape of a vector of 8 values: for tests of the layout.
    Scalar8,
    /// The scalar reference in the shape of a vector of 16 values: for tests of the layout.
    Scalar16,
    /// x86-64 with AVX2, FMA and F16C: 8 values.
    Avx2,
    /// x86-64 with AVX-512F: 16 values.
    Avx512,
    /// ARM's 64-bit instruction set with NEON: 4 values.
    Neon,
    /// AVX-512F, and AMX for 1x1 convolutions in products of bf16: other bits than the sets above.
    Amx,
    /// The scalar reference of [`Self::Amx`].
    #[cfg(test)]
    ScalarSplit,
}

impl InstructionSet {
    /// All sets of 32-bit products, which give the same bits; the fastest first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar8, Self::Scalar16, Self::Scalar];

    /// The set's name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Scalar8 => "scalar8",
            Self::Scalar16 => "scalar16",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Amx => "amx",
            #[cfg(test)]
            Self::ScalarSplit => "scalar_split",
        }
    }

    /// Returns whether this processor has the set.
    #[must_use]
    pub(crate) fn is_available(self) -> bool {
        match self {
            Self::Scalar | Self::Scalar8 | Self::Scalar16 => true,
            #[cfg(test)]
            Self::ScalarSplit => true,
            Self::Avx2 => has_avx2(),
            Self::Avx512 => has_avx512(),
            Self::Amx => has_amx(),
            Self::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
        }
    }

    /// The sets of this processor, the fastest first.
    #[cfg(test)]
    pub(crate) fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|set| set.is_available()).collect()
    }

    /// The fastest set of this processor.
    #[must_use]
    pub(crate) fn best() -> Self {
        Self::ALL.into_iter().find(|set| set.is_available()).unwrap_or(Self::Scalar)
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f") && has_avx2()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx512() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
fn has_amx() -> bool {
    has_avx512() && amx::is_available()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_amx() -> bool {
    false
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for InstructionSet {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|set| set.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|set| set.name()).collect();
            format!("unknown instruction set {name:?} (expected one of {})", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for set in InstructionSet::ALL {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        assert!("mmx".parse::<InstructionSet>().unwrap_err().contains("avx512, avx2"));
    }

    #[test]
    fn the_reference_is_always_available() {
        assert!(InstructionSet::available().contains(&InstructionSet::Scalar));
        assert!(InstructionSet::best().is_available());
    }
}
