//! A network that is ready to run: packed weights, steps, and a place for every map.

use std::sync::Arc;

use super::error::NativeError;
use super::graph::{Convolution, Graph, INPUT, MapId, Size};
use super::kernels::{Kernels, Tap};
use super::memory::{Aligned, LINE};
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
    pub(super) kernels: &'static Kernels,
    pub(super) weights: Aligned,
    pub(super) sizes: Vec<Size>,
    pub(super) steps: Vec<Ready>,
    pub(super) buffers: Buffers,
    pub(super) outputs: Vec<Vec<MapId>>,
    /// Values of scratch memory: of several threads together, and of each thread.
    scratch: [usize; 2],
}

impl Inner {
    /// Values of scratch memory on some threads: of all together, and of each.
    pub(super) fn scratch_lens(&self, threads: usize) -> [usize; 2] {
        let [shared, own] = self.scratch;
        [if threads > 1 { shared } else { 0 }, own]
    }
}

/// The memory of one worker: the maps of a frame, and scratch memory of its threads.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(super) threads: usize,
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
        let graph = Graph::new(&Model::read(bytes)?, outputs)?;
        Self::of_graph(graph, set)
    }

    /// Plans a graph and packs its weights.
    ///
    /// # Errors
    /// The graph has something that the steps do not cover, or this processor lacks the instruction set.
    pub(super) fn of_graph(graph: Graph, set: InstructionSet) -> Result<Self, NativeError> {
        let kernels = Kernels::of(set)?;
        let planned = steps::join(&graph, fold(&graph)?);
        let mut packer = Packer::new(kernels, planned.iter().flat_map(Step::convolutions));
        let mut ready = Vec::with_capacity(planned.len());
        let kept: Vec<MapId> = graph.outputs.iter().flatten().copied().collect();
        let buffers = place(&planned, graph.sizes.len(), &kept, |map| map_len(kernels, graph.sizes[map]));
        for step in planned {
            ready.push(prepare(&graph, step, kernels, &mut packer)?);
        }
        let Graph { sizes, outputs, .. } = graph;
        let most = |len: fn(&Kernels, &Ready) -> usize| ready.iter().map(|step| len(kernels, step)).max().unwrap_or(0);
        // Whole cache lines, so that threads do not share one.
        let scratch = [most(run::shared_len), most(run::scratch_len)].map(|len| len.next_multiple_of(LINE));
        let weights = packer.finish();
        Ok(Self { inner: Arc::new(Inner { kernels, weights, sizes, steps: ready, buffers, outputs, scratch }) })
    }

    /// Makes the memory of a worker that runs on `threads` threads (at least one): its own, and threads of the pool of
    /// `rayon` as far as they are idle. The results do not depend on the number of threads.
    #[must_use]
    pub(crate) fn scratch(&self, threads: usize) -> Scratch {
        let threads = threads.max(1);
        let [maps, work] = self.scratch_len(threads);
        Scratch { threads, maps: Aligned::zeros(maps), work: Aligned::zeros(work) }
    }

    /// Values of the maps, and of scratch memory.
    fn scratch_len(&self, threads: usize) -> [usize; 2] {
        let [shared, own] = self.inner.scratch_lens(threads);
        [self.inner.buffers.len, shared + threads * own]
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
        run::run(&self.inner, scratch, input, outputs)
    }

    /// Number of values of the input.
    #[cfg(test)]
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
    #[cfg(test)]
    pub(crate) fn weight_bytes(&self) -> usize {
        Aligned::bytes_of(self.inner.weights.values().len())
    }

    /// Bytes of the memory that each worker needs: see [`Network::scratch`].
    #[cfg(test)]
    pub(crate) fn scratch_bytes(&self, threads: usize) -> usize {
        self.scratch_len(threads.max(1)).into_iter().map(Aligned::bytes_of).sum()
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
    Ok(Ready { work, input, ending, output })
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
