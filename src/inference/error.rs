//! The reasons why networks do not run.

use std::path::PathBuf;

use super::native::NativeError;
use super::native_networks::INSTRUCTIONS_VARIABLE;
use super::session::OrtError;

/// A library could not be loaded, or a network could not be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InferenceError {
    /// The library is missing, or it is not ONNX Runtime of a known version.
    #[error("cannot load ONNX Runtime: {reason}")]
    Library {
        /// The path of the library.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The library rejects a network.
    #[error("ONNX Runtime cannot load {file_name}: {source}")]
    Load {
        /// The network's file name.
        file_name: &'static str,
        /// ONNX Runtime's reason.
        source: OrtError,
    },
    /// A network failed on a frame.
    #[error("a pose network failed: {0}")]
    Run(#[from] OrtError),
    /// A requested network was not loaded: a bug in posekit.
    #[error("the {network} network is not loaded")]
    NotLoaded {
        /// Name of the network.
        network: &'static str,
    },
    /// The user names an instruction set that does not exist.
    #[error("invalid {INSTRUCTIONS_VARIABLE}: {reason}")]
    Instructions {
        /// The reason.
        reason: String,
    },
    /// The native engine rejects a network or a call.
    #[error("cannot run {file_name}: {source}")]
    Native {
        /// The network's file name.
        file_name: &'static str,
        /// The reason.
        source: NativeError,
    },
    /// A network returned an output of unexpected size.
    #[error("the network's output {name} has {found} values, expected {expected}")]
    Shape {
        /// Name of the output.
        name: &'static str,
        /// Number of values found.
        found: usize,
        /// Number of values expected.
        expected: usize,
    },
}
