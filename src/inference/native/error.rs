//! What can be wrong with a network file, or with a call.

use super::sets::InstructionSet;

/// The native engine cannot read a network, or cannot run it as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NativeError {
    /// The bytes are not a whole ONNX file.
    #[error("the network file is damaged: {what} at byte {offset}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
        /// Where, counted from the beginning of the message that holds it.
        offset: usize,
    },
    /// The network has an operator that the engine does not know.
    #[error("the native engine does not know the operator {operator} (node {node})")]
    UnknownOperator {
        /// Name of the operator, such as `LSTM`.
        operator: String,
        /// Name of the node's first output.
        node: String,
    },
    /// A known operator is used in a way that the engine does not cover.
    #[error("the native engine does not cover {what} (node {node})")]
    NotCovered {
        /// What is not covered.
        what: String,
        /// Name of the node's first output, or of the value.
        node: String,
    },
    /// A name stands for no value of the network.
    #[error("the network has no value {name}")]
    NoSuchValue {
        /// The name.
        name: String,
    },
    /// The network does not hold together.
    #[error("the network is inconsistent: {what} (node {node})")]
    Inconsistent {
        /// What does not fit.
        what: String,
        /// Name of the node's first output, or of the value.
        node: String,
    },
    /// This processor lacks the instruction set.
    #[error("this processor lacks the instruction set {0}")]
    NotAvailable(InstructionSet),
    /// A buffer has a wrong size.
    #[error("{what} has {found} values, expected {expected}")]
    Size {
        /// The buffer.
        what: &'static str,
        /// Number of values found.
        found: usize,
        /// Number of values expected.
        expected: usize,
    },
    /// A kernel would leave its buffers: a bug in the plan.
    #[error("the {kernel} kernel was given a buffer that is too small")]
    OutOfBounds {
        /// Name of the kernel.
        kernel: &'static str,
    },
}

impl NativeError {
    /// The error of a node that the engine does not cover.
    pub(crate) fn not_covered(node: &str, what: impl Into<String>) -> Self {
        Self::NotCovered { what: what.into(), node: node.to_owned() }
    }

    /// The error of a node that contradicts itself or its inputs.
    pub(crate) fn inconsistent(node: &str, what: impl Into<String>) -> Self {
        Self::Inconsistent { what: what.into(), node: node.to_owned() }
    }
}
