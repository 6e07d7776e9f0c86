//! The pose networks: their files, and the engines that run them. The only room that knows ONNX Runtime.

pub(crate) mod engine;
mod error;
pub mod kind;
pub(crate) mod native;
pub(crate) mod native_networks;
pub mod networks;
mod session;

pub(crate) use error::InferenceError;
pub use session::disable_telemetry;
