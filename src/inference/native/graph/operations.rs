//! The operators: what each node means, and which forms of it the engine covers.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::error::NativeError;
use super::super::onnx::Node;
use super::builder::{Builder, Meaning};
use super::{Convolution, Kind, MapId, Operation, Size};

/// Largest side of a dense kernel.
const MAX_KERNEL: usize = 8;
/// Padded channels come in whole planes of every instruction set.
const PLANE_CHANNELS: usize = 16;

/// Adds a node to the graph; returns the meaning of its output.
pub(super) fn read<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    match node.operator.as_str() {
        "Cast" => cast(builder, node),
        "Conv" => convolution(builder, node),
        "Clip" => clip(builder, node),
        "Add" => add(builder, node),
        "Pad" => pad(builder, node),
        "MaxPool" => pool(builder, node),
        "Resize" => resize(builder, node),
        "Sigmoid" => sigmoid(builder, node),
        "DepthToSpace" => depth_to_space(builder, node),
        "Transpose" => transpose(builder, node),
        "Reshape" => reshape(builder, node),
        "Concat" => concat(builder, node),
        operator => Err(NativeError::UnknownOperator { operator: operator.to_owned(), node: node.label().to_owned() }),
    }
}

/// A failure to cover the node's form.
fn refuse<T>(node: &Node, what: impl Into<String>) -> Result<T, NativeError> {
    Err(NativeError::not_covered(node.label(), format!("{} with {}", node.operator, what.into())))
}

/// Weights of 16 bits are widened when they are read, so a cast to 32 bits changes nothing.
fn cast<'a>(builder: &Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["to"])?;
    match (builder.constant(node, 0)?, node.integer("to", 0)?) {
        (Some(tensor), 1) if tensor.has_floats() => Ok(Meaning::Constant(tensor)),
        (_, kind) => refuse(node, format!("a change to the type {kind}")),
    }
}

fn convolution<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["dilations", "group", "kernel_shape", "pads", "strides", "auto_pad"])?;
    let input = builder.map(node, 0)?;
    let size = builder.size(input);
    let Some(weights) = builder.constant(node, 1)?.filter(|tensor| tensor.has_floats()) else {
        return refuse(node, "weights that are no constant numbers");
    };
    let [outputs, inputs, rows, columns] = weights.dims[..] else {
        return refuse(node, format!("weights of the sizes {:?}", weights.dims));
    };
    let bias = match builder.constant(node, 2)? {
        Some(tensor) => tensor.floats().map(Cow::into_owned),
        None => Some(vec![0.0; outputs]),
    };
    let bias = bias.filter(|bias| bias.len() == outputs && outputs > 0);
    let Some(bias) = bias else { return refuse(node, "a bias of another length") };
    let all_finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    if !all_finite(&bias) || !weights.floats().is_some_and(|weights| all_finite(&weights)) {
        return refuse(node, "weights that are no finite numbers");
    }
    let kernel = [rows, columns];
    let kind = kind(node, size, [outputs, inputs], kernel)?;
    let stride = stride(node)?;
    let pads = pads(node)?;
    check_kernel(node, kind, kernel, pads)?;
    let [height, width] = [(size.height, 0), (size.width, 1)].map(|(side, axis)| {
        let padded = side + pads[axis] + pads[axis + 2];
        padded.checked_sub(kernel[axis]).map_or(0, |rest| rest / stride + 1)
    });
    let before = [pads[0], pads[1]];
    let convolution = Convolution { kind, kernel, stride, before, weights: Arc::clone(weights), bias };
    let size = Size { height, width, channels: outputs };
    Ok(Meaning::Map(builder.add(node, Operation::Convolution(convolution), vec![input], size)?))
}

fn kind(node: &Node, size: Size, [outputs, inputs]: [usize; 2], kernel: [usize; 2]) -> Result<Kind, NativeError> {
    if let shape @ [_, ..] = node.integers("kernel_shape", &[])? {
        let kernel = kernel.map(|side| i64::try_from(side).unwrap_or(i64::MAX));
        if shape != kernel {
            return Err(NativeError::inconsistent(node.label(), "the kernel is not the weights'"));
        }
    }
    match usize::try_from(node.integer("group", 1)?) {
        Ok(1) if inputs == size.channels => Ok(Kind::Dense),
        Ok(group) if group == size.channels && group == outputs && inputs == 1 => Ok(Kind::Depthwise),
        _ => refuse(node, "groups of channels"),
    }
}

fn stride(node: &Node) -> Result<usize, NativeError> {
    if node.text("auto_pad", "NOTSET")? != "NOTSET" {
        return refuse(node, "automatic padding");
    }
    match (node.integers("dilations", &[1, 1])?, node.integers("strides", &[1, 1])?) {
        ([1, 1], [1, 1]) => Ok(1),
        ([1, 1], [2, 2]) => Ok(2),
        (dilations, strides) => refuse(node, format!("dilations {dilations:?} and strides {strides:?}")),
    }
}

fn pads(node: &Node) -> Result<[usize; 4], NativeError> {
    let pads = node.integers("pads", &[0; 4])?;
    let sides: Option<Vec<usize>> = pads.iter().map(|pad| usize::try_from(*pad).ok()).collect();
    match sides.as_deref().and_then(|sides| <[usize; 4]>::try_from(sides).ok()) {
        Some(pads) => Ok(pads),
        None => refuse(node, format!("paddings {pads:?}")),
    }
}

fn check_kernel(node: &Node, kind: Kind, kernel: [usize; 2], pads: [usize; 4]) -> Result<(), NativeError> {
    let is_covered = match kind {
        Kind::Dense => kernel.iter().all(|side| (1..=MAX_KERNEL).contains(side)),
        Kind::Depthwise => matches!(kernel, [3, 3] | [5, 5]),
    };
    let is_reached = (0..2).all(|axis| pads[axis] < kernel[axis] && pads[axis + 2] < kernel[axis]);
    if is_covered && is_reached { Ok(()) } else { refuse(node, format!("a kernel {kernel:?} and paddings {pads:?}")) }
}

fn clip<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&[])?;
    let input = builder.map(node, 0)?;
    let bound = |index| Ok(builder.constant(node, index)?.and_then(|tensor| tensor.single_float()));
    match (bound(1)?, bound(2)?) {
        (Some(low), Some(high)) if low.is_finite() && high.is_finite() && low <= high => {
            let size = builder.size(input);
            Ok(Meaning::Map(builder.add(node, Operation::Clip([low, high]), vec![input], size)?))
        }
        (low, high) => refuse(node, format!("the bounds {low:?} and {high:?}")),
    }
}

fn add<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&[])?;
    let inputs = [builder.map(node, 0)?, builder.map(node, 1)?];
    let [first, second] = inputs.map(|map| builder.size(map));
    if first != second {
        return refuse(node, format!("maps of the sizes {first:?} and {second:?}"));
    }
    Ok(Meaning::Map(builder.add(node, Operation::Add, inputs.to_vec(), first)?))
}

/// Only channels are padded on their own; the padding of rows and columns belongs to the convolutions.
fn pad<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["mode"])?;
    let input = builder.map(node, 0)?;
    let size = builder.size(input);
    let value = match builder.constant(node, 2)? {
        Some(tensor) => tensor.single_float(),
        None => Some(0.0),
    };
    let pads = builder.constant(node, 1)?.and_then(|tensor| tensor.integers());
    let (Some(&[0, 0, 0, 0, 0, added, 0, 0]), Some(0.0), "constant") = (pads, value, node.text("mode", "constant")?)
    else {
        return refuse(node, format!("the paddings {pads:?}"));
    };
    let channels = usize::try_from(added).ok().and_then(|added| size.channels.checked_add(added));
    match channels {
        Some(channels) if size.channels.is_multiple_of(PLANE_CHANNELS) => {
            Ok(Meaning::Map(builder.add(node, Operation::PadChannels, vec![input], Size { channels, ..size })?))
        }
        _ => refuse(node, format!("{} channels and {added} more", size.channels)),
    }
}

fn pool<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["kernel_shape", "pads", "strides"])?;
    let input = builder.map(node, 0)?;
    let [kernel, strides] = [node.integers("kernel_shape", &[])?, node.integers("strides", &[1, 1])?];
    let pads = node.integers("pads", &[0; 4])?;
    if kernel != [2, 2] || strides != [2, 2] || pads != [0; 4] {
        return refuse(node, format!("the kernel {kernel:?}, strides {strides:?} and paddings {pads:?}"));
    }
    let size = builder.size(input);
    let size = Size { height: size.height / 2, width: size.width / 2, ..size };
    Ok(Meaning::Map(builder.add(node, Operation::Pool, vec![input], size)?))
}

fn resize<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["mode", "coordinate_transformation_mode"])?;
    let input = builder.map(node, 0)?;
    let size = builder.size(input);
    let mode = node.text("mode", "nearest")?;
    let centers = node.text("coordinate_transformation_mode", "half_pixel")?;
    let has_scales = builder.input(node, 1)?.is_some() || builder.input(node, 2)?.is_some();
    if (mode, centers, has_scales) != ("linear", "half_pixel", false) {
        return refuse(node, format!("the mode {mode}, {centers}"));
    }
    let sizes = builder.constant(node, 3)?.and_then(|tensor| tensor.integers());
    let sides: Option<Vec<usize>> =
        sizes.and_then(|sizes| sizes.iter().map(|size| usize::try_from(*size).ok()).collect());
    match sides.as_deref() {
        Some(&[1, channels, height, width])
            if channels == size.channels && height >= size.height && width >= size.width =>
        {
            let size = Size { height, width, channels };
            Ok(Meaning::Map(builder.add(node, Operation::Resize, vec![input], size)?))
        }
        _ => refuse(node, format!("the sizes {sizes:?}")),
    }
}

fn sigmoid<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&[])?;
    let input = builder.map(node, 0)?;
    let size = builder.size(input);
    Ok(Meaning::Map(builder.add(node, Operation::Sigmoid, vec![input], size)?))
}

fn depth_to_space<'a>(builder: &mut Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["blocksize", "mode"])?;
    let input = builder.map(node, 0)?;
    let size = builder.size(input);
    let (block, mode) = (node.integer("blocksize", 0)?, node.text("mode", "DCR")?);
    if (block, mode) != (2, "DCR") || !size.channels.is_multiple_of(4) {
        return refuse(node, format!("blocks of {block}, mode {mode}, {} channels", size.channels));
    }
    let size = Size { height: size.height * 2, width: size.width * 2, channels: size.channels / 4 };
    Ok(Meaning::Map(builder.add(node, Operation::DepthToSpace, vec![input], size)?))
}

/// The sizes of a map whose channels are the last axis.
fn channels_last(size: Size) -> Vec<usize> {
    vec![1, size.height, size.width, size.channels]
}

/// Only the two changes between ONNX's order and channels last: no value moves.
fn transpose<'a>(builder: &Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["perm"])?;
    let order = node.integers("perm", &[])?;
    match (builder.input(node, 0)?, order) {
        (Some(Meaning::Map(map)), [0, 2, 3, 1]) => {
            Ok(Meaning::Flat { maps: vec![*map], dims: channels_last(builder.size(*map)) })
        }
        (Some(Meaning::Flat { maps, dims }), [0, 3, 1, 2]) => match maps[..] {
            [map] if *dims == channels_last(builder.size(map)) => Ok(Meaning::Map(map)),
            _ => refuse(node, format!("the sizes {dims:?}")),
        },
        _ => refuse(node, format!("the order {order:?}")),
    }
}

/// Values keep their order: those with the channels last, and maps of one pixel.
fn reshape<'a>(builder: &Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&[])?;
    let shape = builder.constant(node, 1)?.and_then(|tensor| tensor.integers());
    let dims: Option<Vec<usize>> =
        shape.and_then(|shape| shape.iter().map(|dim| usize::try_from(*dim).ok().filter(|dim| *dim > 0)).collect());
    let Some(dims) = dims else { return refuse(node, format!("the sizes {shape:?}")) };
    let maps: Vec<MapId> = match builder.input(node, 0)? {
        Some(Meaning::Flat { maps, .. }) => maps.clone(),
        Some(Meaning::Map(map)) if builder.size(*map).height * builder.size(*map).width == 1 => vec![*map],
        _ => return refuse(node, "an input of channels, rows and columns"),
    };
    let count: usize = maps.iter().map(|map| builder.size(*map).values()).sum();
    if dims.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim)) != Some(count) {
        return Err(NativeError::inconsistent(node.label(), format!("{count} values cannot have the sizes {dims:?}")));
    }
    Ok(Meaning::Flat { maps, dims })
}

/// Only along the first axis that has more than one entry, so that the values are simply one after the other.
fn concat<'a>(builder: &Builder<'a>, node: &Node) -> Result<Meaning<'a>, NativeError> {
    node.allow(&["axis"])?;
    let axis = usize::try_from(node.integer("axis", -1)?).unwrap_or(usize::MAX);
    let (mut all_maps, mut all_dims) = (Vec::new(), Vec::<usize>::new());
    for index in 0..node.inputs.len() {
        let Some(Meaning::Flat { maps, dims }) = builder.input(node, index)? else {
            return refuse(node, "an input whose channels are not last");
        };
        if axis >= dims.len() || dims[..axis].iter().any(|dim| *dim != 1) {
            return refuse(node, format!("the axis {axis} of the sizes {dims:?}"));
        }
        all_maps.extend_from_slice(maps);
        if index == 0 {
            all_dims.clone_from(dims);
        } else if all_dims.len() == dims.len() && all_dims[axis + 1..] == dims[axis + 1..] {
            all_dims[axis] += dims[axis];
        } else {
            return Err(NativeError::inconsistent(node.label(), "inputs of different sizes"));
        }
    }
    if all_maps.is_empty() { refuse(node, "no inputs") } else { Ok(Meaning::Flat { maps: all_maps, dims: all_dims }) }
}
