//! The pose networks: their files, and sessions that run them. The only room that knows ONNX Runtime.

pub mod networks;
pub mod session;
