//! The network as a graph of operations on maps, checked: whatever the engine does not cover is refused here.
//!
//! A map has rows, columns and channels. ONNX keeps maps as batch, channels, rows, columns; the networks' inputs and
//! outputs have the channels last. The graph knows maps only: a change of that order is a change of a name's meaning.

mod builder;
mod operations;

use std::sync::Arc;

use super::error::NativeError;
use super::onnx::{Model, Tensor};

/// Number of a map.
pub(crate) type MapId = usize;

/// The size of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Number of rows.
    pub(crate) height: usize,
    /// Number of columns.
    pub(crate) width: usize,
    /// Number of channels.
    pub(crate) channels: usize,
}

impl Size {
    /// Number of values.
    pub(crate) fn values(self) -> usize {
        self.height * self.width * self.channels
    }
}

/// The order in which a convolution's weights are combined with channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every output channel sums over all input channels.
    Dense,
    /// Every output channel has one input channel, its own.
    Depthwise,
}

/// A convolution.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Convolution {
    /// Which channels it combines.
    pub(crate) kind: Kind,
    /// Rows and columns of the kernel.
    pub(crate) kernel: [usize; 2],
    /// 1 or 2, for rows and columns.
    pub(crate) stride: usize,
    /// Rows above and columns left of the input that the kernel reaches.
    pub(crate) before: [usize; 2],
    /// Output channel, input channel (one if depthwise), row, column.
    pub(crate) weights: Arc<Tensor>,
    /// A value for each output channel.
    pub(crate) bias: Vec<f32>,
}

impl Convolution {
    /// Whether it is a matrix product of pixels and weights.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.kind == Kind::Dense && self.kernel == [1, 1] && self.stride == 1
    }
}

/// An operation on maps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    /// A convolution.
    Convolution(Convolution),
    /// Limits values to a range. NaN becomes its lower end.
    Clip([f32; 2]),
    /// Adds two maps of the same size.
    Add,
    /// Adds channels of zeros after the others.
    PadChannels,
    /// The largest of each 2x2 pixels.
    Pool,
    /// Bilinear enlargement, with the centers of corner pixels apart by half a pixel.
    Resize,
    /// The logistic function.
    Sigmoid,
    /// Turns channels into pixels: blocks of 2x2, row and column before the channel.
    DepthToSpace,
}

/// An operation with its inputs and its output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What is computed.
    pub(crate) operation: Operation,
    /// The inputs.
    pub(crate) inputs: Vec<MapId>,
    /// The output.
    pub(crate) output: MapId,
    /// Its name in messages.
    pub(crate) label: String,
}

/// The part of a network that some outputs need.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    /// Sizes of all maps. The first is the network's input.
    pub(crate) sizes: Vec<Size>,
    /// The operations, each after those whose results it needs.
    pub(crate) nodes: Vec<Node>,
    /// For each requested output the maps whose values, one map after the other, are its values.
    pub(crate) outputs: Vec<Vec<MapId>>,
}

/// The network's input.
pub(crate) const INPUT: MapId = 0;

impl Graph {
    /// Makes the graph that the named outputs need.
    ///
    /// # Errors
    /// The model is inconsistent, or has something in that part that the engine does not cover.
    pub(crate) fn new(model: &Model, outputs: &[&str]) -> Result<Self, NativeError> {
        builder::build(model, outputs)
    }
}
