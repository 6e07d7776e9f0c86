//! The engine against a provider that fails in every way, and against kills at every append.

mod batches;
pub(super) mod fake;
mod killed;
pub(super) mod kit;
mod online;
mod shapes;
