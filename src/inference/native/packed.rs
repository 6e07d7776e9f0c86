//! Weights in the order in which the kernels read them.

use std::ops::Range;

use super::graph::{Convolution, Kind, Size};
use super::kernels::split::{pack, packed_len};
use super::kernels::{Kernels, blocks};
use super::memory::{Aligned, LINE};

/// A dense convolution.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dense {
    /// Its weights.
    pub(super) weights: Range<usize>,
    /// Its bias.
    pub(super) bias: Range<usize>,
    /// Vectors of output channels.
    pub(super) vectors: usize,
    /// Terms of a sum.
    pub(super) depth: usize,
    /// The window; `None` if the convolution is 1x1 and reads a map in planes.
    pub(super) window: Option<Window>,
    /// Whether the weights are split into numbers of bf16.
    pub(super) is_split: bool,
}

/// The window of a convolution that is no matrix product of pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    /// Rows and columns.
    pub(super) kernel: [usize; 2],
    /// 1 or 2.
    pub(super) stride: usize,
    /// Rows above and columns left of the input that it reaches.
    pub(super) before: [usize; 2],
    /// Size of the input.
    pub(super) input: Size,
    /// Columns of the input with those on its left and right that the window reaches.
    pub(super) columns: usize,
}

/// A depthwise convolution.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Depthwise {
    /// Its weights.
    pub(super) weights: Range<usize>,
    /// Its bias.
    pub(super) bias: Range<usize>,
    /// Side of the kernel.
    pub(super) side: usize,
    /// 1 or 2.
    pub(super) stride: usize,
    /// Rows above and columns left of the input that it reaches.
    pub(super) before: [usize; 2],
    /// The least and the largest value.
    pub(super) clip: Option<[f32; 2]>,
    /// Size of the output.
    pub(super) size: Size,
}

/// Packs weights one after the other.
#[derive(Debug)]
pub(super) struct Packer {
    lanes: usize,
    /// Whether 1x1 convolutions are split.
    splits: bool,
    packed: Aligned,
    /// Values that are taken.
    len: usize,
}

impl Packer {
    /// Starts for the vectors of some kernels, with memory for `convolutions`.
    pub(super) fn new<'a>(kernels: &Kernels, convolutions: impl Iterator<Item = &'a Convolution>) -> Self {
        let len = |convolution: &Convolution| {
            let outputs = convolution.bias.len().next_multiple_of(kernels.lanes);
            let terms = convolution.weights.dims.iter().skip(1).product::<usize>();
            let terms = terms.next_multiple_of(kernels.chunk() * if kernels.splits() { kernels.lanes } else { 1 });
            (outputs * terms).next_multiple_of(LINE) + outputs.next_multiple_of(LINE)
        };
        Self {
            lanes: kernels.lanes,
            splits: kernels.splits(),
            packed: Aligned::zeros(convolutions.map(len).sum()),
            len: 0,
        }
    }

    /// Packs a dense convolution that reads a map of the size `input`, in planes or not, and makes rows of `width`
    /// pixels.
    pub(super) fn dense(&mut self, convolution: &Convolution, input: Size, is_in_planes: bool, width: usize) -> Dense {
        let outputs = convolution.bias.len();
        let [rows, columns] = convolution.kernel;
        let places = rows * columns;
        let (vectors, depth) = (outputs.div_ceil(self.lanes), input.channels * places);
        let values = convolution.weights.floats().unwrap_or_default();
        let window = (!convolution.is_pointwise() || !is_in_planes).then(|| Window {
            kernel: convolution.kernel,
            stride: convolution.stride,
            before: convolution.before,
            input,
            columns: (width - 1) * convolution.stride + columns,
        });
        let bias = self.bias(&convolution.bias);
        if self.splits && window.is_none() {
            let weights = self.split(&values, vectors, depth);
            return Dense { weights, bias, vectors, depth, window, is_split: true };
        }
        let weights = self.reserve(vectors * depth * self.lanes);
        let packed = &mut self.packed.values_mut()[weights.clone()];
        for block in blocks(vectors) {
            let stride = block.len() * self.lanes;
            for output in block.start * self.lanes..(block.end * self.lanes).min(outputs) {
                let lane = block.start * self.lanes * depth + output - block.start * self.lanes;
                for term in 0..depth {
                    let (place, channel) = (term / input.channels, term % input.channels);
                    let from = (output * input.channels + channel) * places + place;
                    packed[lane + term * stride] = values[from];
                }
            }
        }
        Dense { weights, bias, vectors, depth, window, is_split: false }
    }

    /// Packs the weights of a 1x1 convolution, `depth` for each output, as two numbers of bf16 each.
    fn split(&mut self, values: &[f32], vectors: usize, depth: usize) -> Range<usize> {
        let len = packed_len(depth);
        let weights = self.reserve(vectors * len);
        let packed = &mut self.packed.values_mut()[weights.clone()];
        for (index, weight) in values.iter().enumerate() {
            let (output, term) = (index / depth, index % depth);
            let vector = &mut packed[output / self.lanes * len..][..len];
            pack(vector, term, output % self.lanes, *weight);
        }
        weights
    }

    /// Packs a depthwise convolution with an output of the given size.
    pub(super) fn depthwise(&mut self, convolution: &Convolution, clip: Option<[f32; 2]>, size: Size) -> Depthwise {
        debug_assert!(convolution.kind == Kind::Depthwise);
        let side = convolution.kernel[0];
        let places = side * side;
        let weights = self.reserve(size.channels.div_ceil(self.lanes) * places * self.lanes);
        let packed = &mut self.packed.values_mut()[weights.clone()];
        for (index, weight) in convolution.weights.floats().unwrap_or_default().iter().enumerate() {
            let (channel, place) = (index / places, index % places);
            let plane = channel / self.lanes;
            packed[(plane * places + place) * self.lanes + channel % self.lanes] = *weight;
        }
        Depthwise {
            weights,
            bias: self.bias(&convolution.bias),
            side,
            stride: convolution.stride,
            before: convolution.before,
            clip,
            size,
        }
    }

    /// All weights in one buffer.
    pub(super) fn finish(self) -> Aligned {
        self.packed
    }

    fn bias(&mut self, bias: &[f32]) -> Range<usize> {
        let range = self.reserve(bias.len().next_multiple_of(self.lanes));
        self.packed.values_mut()[range.start..range.start + bias.len()].copy_from_slice(bias);
        range
    }

    fn reserve(&mut self, len: usize) -> Range<usize> {
        let start = self.len;
        self.len += len.next_multiple_of(LINE);
        start..start + len
    }
}
