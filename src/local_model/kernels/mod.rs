//! The operations of a language model and their gradients, on plain values on the processor. Pure.
//!
//! If a value has several uses, its gradients are summed. Values that are cheap to compute are recomputed instead of
//! kept.

pub(super) mod attention;
mod exponential;
pub(super) mod gate;
pub(super) mod linear;
pub(super) mod loss;
pub(super) mod norm;
pub(super) mod product;
