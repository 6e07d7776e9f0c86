//! Folds additions and clips into the operations before them.
//!
//! A convolution's result passes through a register before it is stored, so an addition or a clip there costs no trip
//! through memory. A layer takes the place of the last node folded into it: what it adds is computed by then.

use std::collections::HashMap;

use super::super::error::NativeError;
use super::super::graph::{Convolution, Graph, Kind, MapId, Node, Operation};

/// What happens to a layer's values before the store.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Ending {
    /// A map that is added first. It may have fewer channels; the others are zeros.
    pub(crate) before: Option<MapId>,
    /// The least and the largest value.
    pub(crate) clip: Option<[f32; 2]>,
    /// A map that is added last.
    pub(crate) after: Option<MapId>,
}

impl Ending {
    /// The maps that are added.
    pub(crate) fn maps(&self) -> impl Iterator<Item = MapId> {
        self.before.into_iter().chain(self.after)
    }
}

/// What a layer computes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Work {
    /// A convolution.
    Convolution(Convolution),
    /// The largest of each 2x2 pixels.
    Pool,
    /// Bilinear enlargement.
    Resize,
    /// The logistic function.
    Sigmoid,
    /// Turns channels into pixels.
    DepthToSpace,
    /// Nothing but the ending.
    Combine,
}

/// An operation with an ending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    /// What is computed.
    pub(crate) work: Work,
    /// The input.
    pub(crate) input: MapId,
    /// What happens before the store.
    pub(crate) ending: Ending,
    /// The output.
    pub(crate) output: MapId,
    /// Name in messages and profiles.
    pub(crate) label: String,
}

impl Layer {
    /// Whether an addition can join the ending.
    fn takes_addition(&self) -> bool {
        match &self.work {
            Work::Convolution(convolution) => convolution.kind == Kind::Dense && self.ending.after.is_none(),
            Work::Resize | Work::Combine => self.ending.after.is_none(),
            Work::Pool | Work::Sigmoid | Work::DepthToSpace => false,
        }
    }

    fn takes_clip(&self) -> bool {
        matches!(self.work, Work::Convolution(_) | Work::Resize | Work::Combine)
            && self.ending.clip.is_none()
            && self.ending.after.is_none()
    }

    fn add(&mut self, map: MapId) {
        // Before a clip that may still come; after one that is there.
        let is_first = self.ending.before.is_none() && self.ending.clip.is_none();
        *(if is_first { &mut self.ending.before } else { &mut self.ending.after }) = Some(map);
    }
}

/// The state of the walk.
struct Folder<'a> {
    graph: &'a Graph,
    /// How often each map is used.
    uses: Vec<usize>,
    layers: Vec<Option<Layer>>,
    /// The layer that computes a map.
    makers: HashMap<MapId, usize>,
    /// Maps with channels of zeros added, and the maps without.
    padded: HashMap<MapId, MapId>,
}

/// Makes the layers of a graph.
///
/// # Errors
/// Padded channels are used other than by an addition to a convolution.
pub(crate) fn fold(graph: &Graph) -> Result<Vec<Layer>, NativeError> {
    let mut uses = vec![0; graph.sizes.len()];
    let inputs = graph.nodes.iter().flat_map(|node| &node.inputs);
    for map in inputs.chain(graph.outputs.iter().flatten()) {
        uses[*map] += 1;
    }
    let mut folder = Folder { graph, uses, layers: Vec::new(), makers: HashMap::new(), padded: HashMap::new() };
    for node in &graph.nodes {
        folder.fold(node)?;
    }
    Ok(folder.layers.into_iter().flatten().collect())
}

impl Folder<'_> {
    fn fold(&mut self, node: &Node) -> Result<(), NativeError> {
        let work = match &node.operation {
            Operation::Add => return self.fold_addition(node),
            Operation::Clip(bounds) => return self.fold_clip(node, *bounds),
            Operation::PadChannels => {
                self.padded.insert(node.output, self.plain(node, 0)?);
                return Ok(());
            }
            Operation::Convolution(convolution) => Work::Convolution(convolution.clone()),
            Operation::Pool => Work::Pool,
            Operation::Resize => Work::Resize,
            Operation::Sigmoid => Work::Sigmoid,
            Operation::DepthToSpace => Work::DepthToSpace,
        };
        let input = self.plain(node, 0)?;
        self.push(Layer { work, input, ending: Ending::default(), output: node.output, label: node.label.clone() });
        Ok(())
    }

    /// An input that must not have padded channels.
    fn plain(&self, node: &Node, index: usize) -> Result<MapId, NativeError> {
        let map = node.inputs[index];
        if self.padded.contains_key(&map) {
            return Err(NativeError::not_covered(
                &node.label,
                "padded channels that no convolution's result is added to",
            ));
        }
        Ok(map)
    }

    /// Takes the layer that makes `map` out of the list, if nothing else needs the map and the layer is as wished.
    fn take(&mut self, map: MapId, is_as_wished: impl Fn(&Layer) -> bool) -> Option<Layer> {
        let index = *self.makers.get(&map)?;
        let slot = self.layers.get_mut(index)?;
        if self.uses[map] == 1 && slot.as_ref().is_some_and(is_as_wished) { slot.take() } else { None }
    }

    fn fold_clip(&mut self, node: &Node, bounds: [f32; 2]) -> Result<(), NativeError> {
        let input = self.plain(node, 0)?;
        let mut layer = self.take(input, Layer::takes_clip).unwrap_or_else(|| combine(node, input));
        layer.ending.clip = Some(bounds);
        layer.output = node.output;
        self.push(layer);
        Ok(())
    }

    fn fold_addition(&mut self, node: &Node) -> Result<(), NativeError> {
        // The later of the two makers: the other one's result is there already.
        let mut sides = [0, 1];
        sides.sort_by_key(|side| std::cmp::Reverse(self.makers.get(&node.inputs[*side]).copied()));
        for side in sides {
            let other = node.inputs[1 - side];
            if other == node.inputs[side] {
                continue;
            }
            if let Some(mut layer) = self.take(node.inputs[side], Layer::takes_addition) {
                layer.add(self.padded.get(&other).copied().unwrap_or(other));
                layer.output = node.output;
                self.push(layer);
                return Ok(());
            }
        }
        let (first, second) = (self.plain(node, 0)?, self.plain(node, 1)?);
        let mut layer = combine(node, first);
        layer.add(second);
        self.push(layer);
        Ok(())
    }

    fn push(&mut self, layer: Layer) {
        debug_assert!(layer.output < self.graph.sizes.len());
        self.makers.insert(layer.output, self.layers.len());
        self.layers.push(Some(layer));
    }
}

fn combine(node: &Node, input: MapId) -> Layer {
    Layer { work: Work::Combine, input, ending: Ending::default(), output: node.output, label: node.label.clone() }
}
