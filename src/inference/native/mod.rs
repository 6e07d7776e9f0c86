//! The native inference engine: runs the BlazePose networks on the processor, without a library.
//!
//! [`Network::read`] turns an ONNX file into a list of steps. `onnx` reads the file; `graph` gives every name its
//! meaning and refuses what the engine does not cover; `plan` folds additions and clips into convolutions, joins
//! convolutions to blocks, and finds a place for every map; `packed` orders the weights. [`Network::run`] then walks
//! through the steps (`run`), which call the `kernels`.
//!
//! **Arithmetic.** Every value of a convolution is one chain of fused multiply-adds in a fixed order: it begins with
//! the bias and takes the products row by row, column by column, channel by channel of the kernel. Vector lanes are
//! output channels. So all instruction sets, all tile sizes and all numbers of threads give the same bits. Products
//! with the zeros left and right of a map are part of a depthwise chain, those above and below are not. A clip turns
//! NaN into its lower end, and a zero of either sign into the bound it equals. The bits of a NaN are not specified.
//!
//! **Memory.** Maps are stored in planes of one vector of channels: plane, row, column, lane. The lanes beyond the last
//! channel hold values that nothing reads.

mod error;
mod graph;
mod kernels;
mod memory;
mod network;
mod onnx;
mod packed;
mod plan;
#[cfg(test)]
mod reference;
mod run;
mod sets;
mod sigmoid;
#[cfg(test)]
mod tests;

pub(crate) use error::NativeError;
pub(crate) use network::{Network, Scratch};
pub(crate) use sets::InstructionSet;
