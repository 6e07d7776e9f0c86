//! A network that is ready to run: packed weights, steps, and a place for every map.

use std::sync::Arc;

use super::error::NativeError;
use super::graph::{Convolution, Graph, INPUT, MapId, Size};
use super::kernels::{Kernels, Tap};
use super::memory::Aligned;
use super::onnx::Model;
use super::packed::{Dense, Depthwise, Packer};
use super::plan::buffers::{Buffers, place};
use super::plan::layers::{Ending, Work, fold};
use super::plan::steps::{self, Step, StepWork};
use super::plan::tiles::{Tiles, tiles};
use super::run;
use super::sets::InstructionSet;

/// A network, parsed, planned, and packed for an instruction set. It does not change; clones share it, so that all
/// workers have one set of weights.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) set: InstructionSet,
    pub(super) kernels: &'static Kernels,
    pub(super) weights: Aligned,
    pub(super) sizes: Vec<Size>,
    pub(super) steps: Vec<Ready>,
    pub(super) buffers: Buffers,
    pub(super) outputs: Vec<Vec<MapId>>,
    /// Values of the scratch memory of a thread.
    pub(super) scratch: usize,
}

/// The memory of one worker: the maps of a frame, and scratch memory of its thread.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(super) maps: Aligned,
    pub(super) work: Aligned,
}

/// A step with packed weights.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) work: ReadyWork,
    pub(super) input: MapId,
    pub(super) ending: Ending,
    pub(super) output: MapId,
    pub(super) label: String,
}

/// What a step computes.
#[derive(Debug)]
pub(super) enum ReadyWork {
    Block(Box<Block>),
    Dense(Dense),
    Pool,
    Resize { rows: Vec<Tap>, columns: Vec<Tap> },
    Sigmoid,
    DepthToSpace,
    Combine,
}

/// A depthwise convolution with its neighbors.
#[derive(Debug)]
pub(super) struct Block {
    /// The convolution before it, with its clip.
    pub(super) expand: Option<(Dense, Option<[f32; 2]>)>,
    /// Size of the depthwise convolution's input.
    pub(super) wide: Size,
    pub(super) depthwise: Depthwise,
    pub(super) project: Option<Dense>,
    pub(super) tiles: Tiles,
}

impl Network {
    /// Reads an ONNX file for an instruction set. Only what the named outputs need is read and computed.
    ///
    /// # Errors
    /// The bytes are damaged; the network has something that the engine does not cover; an output is missing; or this
    /// processor lacks the instruction set.
    pub(crate) fn read(bytes: &[u8], outputs: &[&str], set: InstructionSet) -> Result<Self, NativeError> {
        let kernels = Kernels::of(set)?;
        let graph = Graph::new(&Model::read(bytes)?, outputs)?;
        let planned = steps::join(&graph, fold(&graph)?);
        let mut packer = Packer::new(kernels);
        let mut ready = Vec::with_capacity(planned.len());
        let kept: Vec<MapId> = graph.outputs.iter().flatten().copied().collect();
        let buffers = place(&planned, graph.sizes.len(), &kept, |map| map_len(kernels, graph.sizes[map]));
        for step in planned {
            ready.push(prepare(&graph, step, kernels, &mut packer)?);
        }
        let Graph { sizes, outputs, .. } = graph;
        let scratch = ready.iter().map(|step| run::scratch_len(kernels, step)).max().unwrap_or(0);
        let weights = packer.finish();
        Ok(Self { inner: Arc::new(Inner { set, kernels, weights, sizes, steps: ready, buffers, outputs, scratch }) })
    }

    /// Makes the memory of one worker.
    #[must_use]
    pub(crate) fn scratch(&self) -> Scratch {
        Scratch { maps: Aligned::zeros(self.inner.buffers.len), work: Aligned::zeros(self.inner.scratch) }
    }

    /// Computes the outputs for `input` (rows, columns, channels) into `outputs`, one for each name given to
    /// [`Network::read`]. Their memory is used again.
    ///
    /// # Errors
    /// The input, the scratch memory or the outputs do not belong to this network.
    pub(crate) fn run(
        &self,
        scratch: &mut Scratch,
        input: &[f32],
        outputs: &mut [Vec<f32>],
    ) -> Result<(), NativeError> {
        run::run(&self.inner, scratch, input, outputs, |_, _| ())
    }

    /// As [`Network::run`]; calls `after_step` with the name of each step and the number of its multiplications.
    ///
    /// # Errors
    /// As for [`Network::run`].
    pub(crate) fn run_observed(
        &self,
        scratch: &mut Scratch,
        input: &[f32],
        outputs: &mut [Vec<f32>],
        after_step: impl FnMut(&str, usize),
    ) -> Result<(), NativeError> {
        run::run(&self.inner, scratch, input, outputs, after_step)
    }

    /// The instruction set that the network is packed for.
    #[must_use]
    pub(crate) fn instruction_set(&self) -> InstructionSet {
        self.inner.set
    }

    /// Number of values of the input.
    #[must_use]
    pub(crate) fn input_len(&self) -> usize {
        self.inner.sizes[INPUT].values()
    }

    /// Number of values of each output, in the order of the names given to [`Network::read`].
    #[must_use]
    pub(crate) fn output_lens(&self) -> Vec<usize> {
        let len = |maps: &Vec<MapId>| maps.iter().map(|map| self.inner.sizes[*map].values()).sum();
        self.inner.outputs.iter().map(len).collect()
    }

    /// Bytes of the packed weights, which all workers share.
    #[must_use]
    pub(crate) fn weight_bytes(&self) -> usize {
        self.inner.weights.bytes()
    }

    /// Bytes of the memory that each worker needs: see [`Network::scratch`].
    #[must_use]
    pub(crate) fn scratch_bytes(&self) -> usize {
        self.scratch().bytes()
    }
}

impl Scratch {
    /// Bytes of memory.
    #[must_use]
    pub(crate) fn bytes(&self) -> usize {
        self.maps.bytes() + self.work.bytes()
    }
}

/// Values of a map in planes.
pub(super) fn map_len(kernels: &Kernels, size: Size) -> usize {
    kernels.planes(size.channels) * size.height * size.width * kernels.lanes
}

/// Packs a step's weights.
fn prepare(graph: &Graph, step: Step, kernels: &Kernels, packer: &mut Packer) -> Result<Ready, NativeError> {
    let Step { work, input, ending, output, label } = step;
    let (size, result) = (graph.sizes[input], graph.sizes[output]);
    let dense =
        |packer: &mut Packer, convolution: &Convolution, width| packer.dense(convolution, size, input != INPUT, width);
    let reads_planes = match &work {
        StepWork::Block(block) => block.expand.is_none(),
        StepWork::Layer(work) => !matches!(work, Work::Convolution(_)),
    };
    if (reads_planes && input == INPUT) || ending.maps().any(|map| map == INPUT) {
        return Err(NativeError::not_covered(&label, "an operation on the network's input other than a convolution"));
    }
    let work = match work {
        StepWork::Block(block) => {
            let wide = block.expand.as_ref().map_or(size, |expand| expand.size);
            let expand = block.expand.map(|it| (dense(packer, &it.convolution, it.size.width), it.clip));
            let inner = block.depthwise;
            let depthwise = packer.depthwise(&inner.convolution, inner.clip, inner.size);
            let project = block.project.map(|it| packer.dense(&it, inner.size, true, inner.size.width));
            let tiles = tiles(kernels, wide, &depthwise, expand.is_none() && project.is_none());
            ReadyWork::Block(Box::new(Block { expand, wide, depthwise, project, tiles }))
        }
        StepWork::Layer(Work::Convolution(convolution)) => ReadyWork::Dense(dense(packer, &convolution, result.width)),
        StepWork::Layer(Work::Pool) => ReadyWork::Pool,
        StepWork::Layer(Work::Resize) => {
            ReadyWork::Resize { rows: taps(size.height, result.height), columns: taps(size.width, result.width) }
        }
        StepWork::Layer(Work::Sigmoid) => ReadyWork::Sigmoid,
        StepWork::Layer(Work::DepthToSpace) => ReadyWork::DepthToSpace,
        StepWork::Layer(Work::Combine) => ReadyWork::Combine,
    };
    Ok(Ready { work, input, ending, output, label })
}

/// Where the rows or columns of a map enlarged from `from` to `to` come from. Centers of pixels are at halves; beyond
/// the outermost centers the edge goes on.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    (0..to)
        .map(|index| {
            let center = ((index as f32 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f32);
            let first = center.floor();
            let second = (first as usize + 1).min(from - 1);
            Tap { first: first as usize, second, weight: center - first }
        })
        .collect()
}
