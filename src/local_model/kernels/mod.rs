//! The operations of a language model and their gradients, over plain values on the processor. Pure.
//!
//! A gradient is added to what is there already if a value has several uses. What is cheap to compute again is not kept.

pub(super) mod attention;
mod exponential;
pub(super) mod gate;
pub(super) mod linear;
pub(super) mod loss;
pub(super) mod norm;
pub(super) mod product;
