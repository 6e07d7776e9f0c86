//! Joins layers into steps: expansion, depthwise convolution and projection become one block.
//!
//! A block keeps the wide maps between its layers in a small buffer, a few rows or a few channels at a time.

use super::super::graph::{Convolution, Graph, INPUT, Kind, MapId, Size};
use super::layers::{Ending, Layer, Work};

/// A convolution with its clip, inside a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inner {
    /// The convolution.
    pub(crate) convolution: Convolution,
    /// The least and the largest value.
    pub(crate) clip: Option<[f32; 2]>,
    /// Size of its output.
    pub(crate) size: Size,
}

/// A depthwise convolution with its neighbors.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    /// The convolution before it, if only the block needs its result.
    pub(crate) expand: Option<Inner>,
    /// The depthwise convolution.
    pub(crate) depthwise: Inner,
    /// The 1x1 convolution after it, if only that needs the depthwise one's result.
    pub(crate) project: Option<Convolution>,
}

/// What a step computes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepWork {
    /// A block around a depthwise convolution.
    Block(Box<Block>),
    /// A single layer of another kind.
    Layer(Work),
}

/// A unit of the plan: reads maps, writes one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// What is computed.
    pub(crate) work: StepWork,
    /// The input.
    pub(crate) input: MapId,
    /// What happens before the store.
    pub(crate) ending: Ending,
    /// The output.
    pub(crate) output: MapId,
    /// Name in messages and profiles.
    pub(crate) label: String,
}

impl Step {
    /// The step's convolutions.
    pub(crate) fn convolutions(&self) -> impl Iterator<Item = &Convolution> {
        let (block, single) = match &self.work {
            StepWork::Block(block) => (Some(block), None),
            StepWork::Layer(Work::Convolution(convolution)) => (None, Some(convolution)),
            StepWork::Layer(_) => (None, None),
        };
        let of_block = block.into_iter().flat_map(|block| {
            let expand = block.expand.as_ref().map(|expand| &expand.convolution);
            expand.into_iter().chain([&block.depthwise.convolution]).chain(&block.project)
        });
        of_block.chain(single)
    }
}

/// Joins the layers of a graph.
pub(crate) fn join(graph: &Graph, layers: Vec<Layer>) -> Vec<Step> {
    let mut joiner = Joiner::new(graph, layers);
    for index in 0..joiner.layers.len() {
        joiner.join_around(index);
    }
    let single = |layer: Layer| Step {
        work: StepWork::Layer(layer.work),
        input: layer.input,
        ending: layer.ending,
        output: layer.output,
        label: layer.label,
    };
    let slots = joiner.layers.into_iter().zip(joiner.blocks);
    slots.filter_map(|(layer, block)| block.or_else(|| layer.map(single))).collect()
}

struct Joiner<'a> {
    graph: &'a Graph,
    uses: Vec<usize>,
    /// The layers that are not part of a block yet.
    layers: Vec<Option<Layer>>,
    /// The blocks, each at the place of its last layer.
    blocks: Vec<Option<Step>>,
}

impl<'a> Joiner<'a> {
    fn new(graph: &'a Graph, layers: Vec<Layer>) -> Self {
        let mut uses = vec![0; graph.sizes.len()];
        let inputs = layers.iter().flat_map(|layer| layer.ending.maps().chain([layer.input]));
        for map in inputs.chain(graph.outputs.iter().flatten().copied()) {
            uses[map] += 1;
        }
        let blocks = vec![None; layers.len()];
        Self { graph, uses, layers: layers.into_iter().map(Some).collect(), blocks }
    }

    /// Makes a block of the layer at `index` and its neighbors, if it is a depthwise convolution.
    fn join_around(&mut self, index: usize) {
        let Some(layer) = self.layers[index].take_if(|layer| is_convolution(layer, |it| it.kind == Kind::Depthwise))
        else {
            return;
        };
        let before = self.find(|other| other.output == layer.input).filter(|other| self.is_expansion(*other));
        let after = self.find(|other| other.input == layer.output).filter(|other| self.is_projection(*other, &layer));
        let (expand, input) = match before.and_then(|before| self.layers[before].take()) {
            Some(expand) => (inner(self.graph, &expand), expand.input),
            None => (None, layer.input),
        };
        let Some(depthwise) = inner(self.graph, &layer) else { return };
        let mut step = Step {
            work: StepWork::Layer(Work::Combine),
            input,
            ending: Ending::default(),
            output: layer.output,
            label: layer.label,
        };
        let mut project = None;
        let mut place = index;
        if let Some((after, Layer { work: Work::Convolution(convolution), ending, output, label, .. })) =
            after.and_then(|after| self.layers[after].take().map(|layer| (after, layer)))
        {
            (step.ending, step.output, step.label) = (ending, output, label);
            (project, place) = (Some(convolution), after);
        }
        step.work = StepWork::Block(Box::new(Block { expand, depthwise, project }));
        self.blocks[place] = Some(step);
    }

    fn find(&self, is_it: impl Fn(&Layer) -> bool) -> Option<usize> {
        self.layers.iter().position(|layer| layer.as_ref().is_some_and(&is_it))
    }

    /// Whether only one layer needs the result of the layer at `index`, and it is a convolution without additions.
    fn is_expansion(&self, index: usize) -> bool {
        self.layers[index].as_ref().is_some_and(|layer| {
            is_convolution(layer, |it| it.is_pointwise() || (it.kind == Kind::Dense && layer.input == INPUT))
                && layer.ending.maps().next().is_none()
                && self.uses[layer.output] == 1
        })
    }

    fn is_projection(&self, index: usize, depthwise: &Layer) -> bool {
        self.uses[depthwise.output] == 1
            && self.layers[index].as_ref().is_some_and(|layer| is_convolution(layer, Convolution::is_pointwise))
    }
}

fn is_convolution(layer: &Layer, is_as_wished: impl Fn(&Convolution) -> bool) -> bool {
    matches!(&layer.work, Work::Convolution(convolution) if is_as_wished(convolution))
}

fn inner(graph: &Graph, layer: &Layer) -> Option<Inner> {
    match &layer.work {
        Work::Convolution(convolution) => {
            Some(Inner { convolution: convolution.clone(), clip: layer.ending.clip, size: graph.sizes[layer.output] })
        }
        _ => None,
    }
}
