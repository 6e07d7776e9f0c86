//! The messages of a model: nodes, their attributes, constants, inputs and outputs.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::error::NativeError;
use super::tensor::Tensor;
use super::wire::Reader;

/// The version of the operators that the engine knows.
const OPERATOR_SET: i64 = 13;

/// An attribute of a node.
#[derive(Debug, Clone, Default, PartialEq)]
struct Attribute {
    /// Its kind: 1 a number, 2 an integer, 3 a text, 7 integers.
    kind: i64,
    integer: i64,
    text: String,
    integers: Vec<i64>,
}

/// An operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Node {
    /// Name of the operator.
    pub(crate) operator: String,
    /// Names of the inputs; an input left out has an empty name.
    pub(crate) inputs: Vec<String>,
    /// Names of the outputs.
    pub(crate) outputs: Vec<String>,
    domain: String,
    attributes: HashMap<String, Attribute>,
}

impl Node {
    /// The node's name in messages: its first output.
    pub(crate) fn label(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    /// The attribute's integer, or `default` if the node does not have it.
    pub(crate) fn integer(&self, name: &str, default: i64) -> Result<i64, NativeError> {
        Ok(self.attribute(name, 2)?.map_or(default, |attribute| attribute.integer))
    }

    /// The attribute's text, or `default` if the node does not have it.
    pub(crate) fn text<'a>(&'a self, name: &str, default: &'a str) -> Result<&'a str, NativeError> {
        Ok(self.attribute(name, 3)?.map_or(default, |attribute| &attribute.text))
    }

    /// The attribute's integers, or `default` if the node does not have it.
    pub(crate) fn integers<'a>(&'a self, name: &str, default: &'a [i64]) -> Result<&'a [i64], NativeError> {
        Ok(self.attribute(name, 7)?.map_or(default, |attribute| &attribute.integers))
    }

    /// Refuses attributes that the engine would not heed.
    ///
    /// # Errors
    /// The node has an attribute that is not among `known`.
    pub(crate) fn allow(&self, known: &[&str]) -> Result<(), NativeError> {
        // The smallest name, so that the message does not depend on the order of a hash map.
        let unknown = self.attributes.keys().filter(|name| !known.contains(&name.as_str())).min();
        let Some(name) = unknown else { return Ok(()) };
        Err(NativeError::not_covered(self.label(), format!("the attribute {name} of {}", self.operator)))
    }

    fn attribute(&self, name: &str, kind: i64) -> Result<Option<&Attribute>, NativeError> {
        let attribute = self.attributes.get(name);
        if attribute.is_some_and(|attribute| attribute.kind != kind) {
            return Err(NativeError::inconsistent(self.label(), format!("the attribute {name} is of another kind")));
        }
        Ok(attribute)
    }

    fn read(bytes: &[u8]) -> Result<Self, NativeError> {
        let mut node = Self::default();
        Reader::for_each(bytes, |number, value| {
            match number {
                1 => node.inputs.push(value.text()?.to_owned()),
                2 => node.outputs.push(value.text()?.to_owned()),
                4 => value.text()?.clone_into(&mut node.operator),
                5 => {
                    let (name, attribute) = read_attribute(value.bytes()?)?;
                    node.attributes.insert(name, attribute);
                }
                7 => value.text()?.clone_into(&mut node.domain),
                _ => {}
            }
            Ok(())
        })?;
        if !node.domain.is_empty() || node.outputs.is_empty() {
            return Err(NativeError::UnknownOperator {
                node: node.label().to_owned(),
                operator: format!("{}.{}", node.domain, node.operator),
            });
        }
        Ok(node)
    }
}

fn read_attribute(bytes: &[u8]) -> Result<(String, Attribute), NativeError> {
    let (mut name, mut attribute) = (String::new(), Attribute::default());
    Reader::for_each(bytes, |number, value| {
        match number {
            1 => value.text()?.clone_into(&mut name),
            3 => attribute.integer = value.integer()?,
            4 => value.text()?.clone_into(&mut attribute.text),
            8 => value.append_integers(&mut attribute.integers)?,
            20 => attribute.kind = value.integer()?,
            // Values of other kinds: whoever asks for the attribute finds another kind.
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, attribute))
}

/// An input of the whole network.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Input {
    /// Its name.
    pub(crate) name: String,
    /// Sizes of the axes; zero for a size that is left open.
    pub(crate) dims: Vec<i64>,
    element_type: i64,
}

impl Input {
    /// Reads a `ValueInfoProto`.
    fn read(bytes: &[u8]) -> Result<Self, NativeError> {
        let mut input = Self::default();
        Reader::for_each(bytes, |number, value| match number {
            1 => {
                value.text()?.clone_into(&mut input.name);
                Ok(())
            }
            2 => Reader::for_each(value.bytes()?, |number, value| match number {
                1 => read_tensor_type(value.bytes()?, &mut input.element_type, &mut input.dims),
                _ => Ok(()),
            }),
            _ => Ok(()),
        })?;
        Ok(input)
    }
}

fn read_tensor_type(bytes: &[u8], element_type: &mut i64, dims: &mut Vec<i64>) -> Result<(), NativeError> {
    Reader::for_each(bytes, |number, value| match number {
        1 => value.integer().map(|kind| *element_type = kind),
        2 => Reader::for_each(value.bytes()?, |number, value| {
            if number == 1 {
                let mut size = 0;
                Reader::for_each(value.bytes()?, |number, value| {
                    if number == 1 {
                        size = value.integer()?;
                    }
                    Ok(())
                })?;
                dims.push(size);
            }
            Ok(())
        }),
        _ => Ok(()),
    })
}

/// A network as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Model {
    /// The operations, each after those whose results it needs.
    pub(crate) nodes: Vec<Node>,
    /// The constants by name.
    pub(crate) constants: HashMap<String, Arc<Tensor>>,
    /// The inputs that are not constants.
    pub(crate) inputs: Vec<Input>,
}

impl Model {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// The bytes are damaged, or the file is of a kind that the engine does not cover.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NativeError> {
        let (mut graph, mut version) = (None, None);
        Reader::for_each(bytes, |number, value| {
            match number {
                7 => graph = Some(value.bytes()?),
                8 => version = read_operator_set(value.bytes()?)?.or(version),
                _ => {}
            }
            Ok(())
        })?;
        if version != Some(OPERATOR_SET) {
            let what = version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
            return Err(NativeError::not_covered("", format!("{what} of the operators, only {OPERATOR_SET}")));
        }
        let graph = graph.ok_or(NativeError::Damaged { what: "no graph", offset: bytes.len() })?;
        Self::read_graph(graph)
    }

    fn read_graph(bytes: &[u8]) -> Result<Self, NativeError> {
        let mut model = Self::default();
        Reader::for_each(bytes, |number, value| {
            match number {
                1 => model.nodes.push(Node::read(value.bytes()?)?),
                5 => {
                    let (name, tensor) = Tensor::read(value.bytes()?)?;
                    model.constants.insert(name, Arc::new(tensor));
                }
                11 => model.inputs.push(Input::read(value.bytes()?)?),
                15 => return Err(NativeError::not_covered("", "sparse constants")),
                _ => {}
            }
            Ok(())
        })?;
        model.inputs.retain(|input| !model.constants.contains_key(&input.name));
        match model.inputs.iter().find(|input| input.element_type != 1) {
            Some(input) => Err(NativeError::not_covered(&input.name, "an input of another type than 32-bit numbers")),
            None => Ok(model),
        }
    }
}

/// Reads an `OperatorSetIdProto`: the version, if it is of ONNX's own operators.
fn read_operator_set(bytes: &[u8]) -> Result<Option<i64>, NativeError> {
    let (mut is_own, mut version) = (true, None);
    Reader::for_each(bytes, |number, value| {
        match number {
            1 => is_own = value.text()?.is_empty(),
            2 => version = Some(value.integer()?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(version.filter(|_| is_own))
}
