//! The engines that run the BlazePose networks. Pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::native::InstructionSet;

/// An engine that runs the BlazePose networks. The detector of several people always runs in ONNX Runtime.
///
/// The engines round differently, so the rows depend on the engine. The native engine gives the same bits on every
/// processor, and so does AMX on all that have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// posekit's own engine.
    #[default]
    Native,
    /// ONNX Runtime.
    Ort,
    /// posekit's own engine with AMX for 1x1 convolutions of the landmark networks, in products of bf16.
    Amx,
}

impl EngineKind {
    /// All engines.
    pub const ALL: [Self; 3] = [Self::Native, Self::Ort, Self::Amx];

    /// Returns the name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ort => "ort",
            Self::Amx => "amx",
        }
    }

    /// Returns whether this machine can run the engine.
    #[must_use]
    pub fn is_available(self) -> bool {
        self != Self::Amx || InstructionSet::Amx.is_available()
    }

    /// Returns the engine for this machine: the native one if the processor has vector instructions that it knows.
    #[must_use]
    pub fn best() -> Self {
        let has_vectors =
            matches!(InstructionSet::best(), InstructionSet::Avx512 | InstructionSet::Avx2 | InstructionSet::Neon);
        if has_vectors { Self::Native } else { Self::Ort }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
