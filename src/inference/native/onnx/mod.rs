//! Reads ONNX files: the protocol buffer, and of the messages what the engine needs.
//!
//! Source: <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.

mod half;
mod model;
mod tensor;
mod wire;

pub(crate) use model::{Input, Model, Node};
pub(crate) use tensor::Tensor;
#[cfg(test)]
pub(crate) use tensor::Values;
