//! Walks through a model's nodes and gives every name its meaning.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::error::NativeError;
use super::super::onnx::{Input, Model, Node as ModelNode, Tensor};
use super::{Graph, INPUT, MapId, Node, Operation, Size, operations};

/// Most values of a map: a damaged size is refused rather than allocated.
const MAX_VALUES: usize = 1 << 24;

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Meaning<'a> {
    /// A constant of the model.
    Constant(&'a Arc<Tensor>),
    /// A map in ONNX's order: batch, channels, rows, columns.
    Map(MapId),
    /// Values of maps, one map after the other, each in the order rows, columns, channels.
    Flat {
        /// The maps.
        maps: Vec<MapId>,
        /// The sizes of the axes.
        dims: Vec<usize>,
    },
}

/// The state of the walk.
pub(super) struct Builder<'a> {
    pub(super) graph: Graph,
    names: HashMap<&'a str, Meaning<'a>>,
}

/// Makes the graph of the named outputs.
pub(super) fn build(model: &Model, outputs: &[&str]) -> Result<Graph, NativeError> {
    let [input] = &model.inputs[..] else {
        return Err(NativeError::not_covered("", format!("a network with {} inputs", model.inputs.len())));
    };
    let needed = needed_nodes(model, outputs);
    let mut builder = Builder::new(model, input)?;
    for node in needed {
        let meaning = operations::read(&mut builder, node)?;
        let [output] = &node.outputs[..] else {
            return Err(NativeError::not_covered(node.label(), format!("{} outputs of a node", node.outputs.len())));
        };
        if builder.names.insert(output, meaning).is_some() {
            return Err(NativeError::inconsistent(output, "a name given twice"));
        }
    }
    for name in outputs {
        let maps = builder.output(name)?;
        builder.graph.outputs.push(maps);
    }
    Ok(builder.graph)
}

/// The nodes that the outputs need, in the model's order.
fn needed_nodes<'a>(model: &'a Model, outputs: &[&'a str]) -> Vec<&'a ModelNode> {
    let mut names: HashSet<&str> = outputs.iter().copied().collect();
    let mut nodes = Vec::new();
    for node in model.nodes.iter().rev() {
        if node.outputs.iter().any(|output| names.contains(output.as_str())) {
            names.extend(node.inputs.iter().map(String::as_str));
            nodes.push(node);
        }
    }
    nodes.reverse();
    nodes
}

impl<'a> Builder<'a> {
    fn new(model: &'a Model, input: &'a Input) -> Result<Self, NativeError> {
        let dims = input.dims.iter().map(|dim| usize::try_from(*dim).ok().filter(|dim| *dim > 0));
        let dims: Option<Vec<usize>> = dims.collect();
        let Some([1, height, width, channels]) = dims.as_deref() else {
            return Err(NativeError::not_covered(&input.name, format!("an input of the sizes {:?}", input.dims)));
        };
        let size = Size { height: *height, width: *width, channels: *channels };
        let mut names: HashMap<&str, Meaning<'_>> =
            model.constants.iter().map(|(name, tensor)| (name.as_str(), Meaning::Constant(tensor))).collect();
        let dims = vec![1, *height, *width, *channels];
        names.insert(&input.name, Meaning::Flat { maps: vec![INPUT], dims });
        let mut builder = Self { graph: Graph { sizes: Vec::new(), nodes: Vec::new(), outputs: Vec::new() }, names };
        builder.add_map(size, &input.name)?;
        Ok(builder)
    }

    /// Adds a map.
    fn add_map(&mut self, size: Size, label: &str) -> Result<MapId, NativeError> {
        let count = size.height.checked_mul(size.width).and_then(|pixels| pixels.checked_mul(size.channels));
        if count.is_none_or(|count| count == 0 || count > MAX_VALUES) {
            return Err(NativeError::not_covered(label, format!("a map of the size {size:?}")));
        }
        self.graph.sizes.push(size);
        Ok(self.graph.sizes.len() - 1)
    }

    /// Adds an operation; returns its output.
    pub(super) fn add(
        &mut self,
        node: &ModelNode,
        operation: Operation,
        inputs: Vec<MapId>,
        size: Size,
    ) -> Result<MapId, NativeError> {
        let output = self.add_map(size, node.label())?;
        self.graph.nodes.push(Node { operation, inputs, output, label: node.label().to_owned() });
        Ok(output)
    }

    /// The size of a map.
    pub(super) fn size(&self, map: MapId) -> Size {
        self.graph.sizes[map]
    }

    /// The meaning of an input; `None` if the node leaves it out.
    pub(super) fn input(&self, node: &ModelNode, index: usize) -> Result<Option<&Meaning<'a>>, NativeError> {
        let Some(name) = node.inputs.get(index).filter(|name| !name.is_empty()) else { return Ok(None) };
        match self.names.get(name.as_str()) {
            Some(meaning) => Ok(Some(meaning)),
            None => Err(NativeError::inconsistent(node.label(), format!("the input {name} is not known yet"))),
        }
    }

    /// An input that must be a constant; `None` if the node leaves it out.
    pub(super) fn constant(&self, node: &ModelNode, index: usize) -> Result<Option<&'a Arc<Tensor>>, NativeError> {
        match self.input(node, index)? {
            None => Ok(None),
            Some(Meaning::Constant(tensor)) => Ok(Some(tensor)),
            Some(_) => Err(NativeError::not_covered(
                node.label(),
                format!("input {index} of {} that is not constant", node.operator),
            )),
        }
    }

    /// An input that must be a map in ONNX's order.
    pub(super) fn map(&self, node: &ModelNode, index: usize) -> Result<MapId, NativeError> {
        match self.input(node, index)? {
            Some(Meaning::Map(map)) => Ok(*map),
            _ => Err(NativeError::not_covered(
                node.label(),
                format!("input {index} of {} that is not a map of channels, rows and columns", node.operator),
            )),
        }
    }

    /// The maps of a requested output.
    fn output(&self, name: &str) -> Result<Vec<MapId>, NativeError> {
        match self.names.get(name) {
            Some(Meaning::Flat { maps, .. }) if !maps.contains(&INPUT) => Ok(maps.clone()),
            Some(_) => {
                Err(NativeError::not_covered(name, "an output that is an input or does not have its channels last"))
            }
            None => Err(NativeError::NoSuchValue { name: name.to_owned() }),
        }
    }
}
