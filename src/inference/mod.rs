//! The pose networks: their files, and the engine that runs them. The only room that knows ONNX Runtime.

pub(crate) mod engine;
pub mod networks;
mod session;

pub(crate) use session::SessionError;
pub use session::disable_telemetry;
