//! Runs the steps of a network, one after the other.

mod block;
mod convolve;

use super::error::NativeError;
use super::graph::{INPUT, MapId, Size};
use super::kernels::{Combine, Finish, Kernels, Operand, Pool, Resize, Span};
use super::network::{Inner, Ready, ReadyWork, Scratch, map_len};
use super::plan::layers::Ending;
use super::sigmoid::sigmoid;

/// What the steps of one run share.
pub(super) struct Run<'a> {
    network: &'a Inner,
    kernels: &'a Kernels,
    weights: &'a [f32],
    input: &'a [f32],
    maps: Span<'a>,
    scratch: Span<'a>,
}

/// Computes the outputs.
///
/// # Errors
/// The input, the scratch memory or the outputs do not belong to the network.
pub(super) fn run(
    network: &Inner,
    scratch: &mut Scratch,
    input: &[f32],
    outputs: &mut [Vec<f32>],
    mut after_step: impl FnMut(&str, usize),
) -> Result<(), NativeError> {
    let check = |what, found, expected| {
        if found == expected { Ok(()) } else { Err(NativeError::Size { what, found, expected }) }
    };
    check("the input", input.len(), network.sizes[INPUT].values())?;
    check("the list of outputs", outputs.len(), network.outputs.len())?;
    check("the memory of the maps", scratch.maps.values().len(), network.buffers.len)?;
    check("the scratch memory", scratch.work.values().len(), network.scratch)?;
    let run = Run {
        network,
        kernels: network.kernels,
        weights: network.weights.values(),
        input,
        maps: Span::of(scratch.maps.values_mut()),
        scratch: Span::of(scratch.work.values_mut()),
    };
    for step in &network.steps {
        run.step(step)?;
        after_step(&step.label, work(network, step));
    }
    for (output, maps) in outputs.iter_mut().zip(&network.outputs) {
        output.clear();
        maps.iter().try_for_each(|map| run.append(*map, output))?;
    }
    Ok(())
}

/// Values of scratch memory that a step needs.
pub(super) fn scratch_len(kernels: &Kernels, step: &Ready) -> usize {
    match &step.work {
        ReadyWork::Block(block) => block::scratch_len(kernels, block),
        ReadyWork::Dense(dense) => convolve::scratch_len(dense),
        _ => 0,
    }
}

/// Multiplications of a step's convolutions.
fn work(network: &Inner, step: &Ready) -> usize {
    let pixels = |size: Size| size.height * size.width;
    let result = network.sizes[step.output];
    match &step.work {
        ReadyWork::Block(block) => {
            let of_expansion =
                block.expand.as_ref().map_or(0, |(dense, _)| pixels(block.wide) * dense.depth * block.wide.channels);
            let of_depthwise = block.depthwise.size.values() * block.depthwise.side * block.depthwise.side;
            let of_projection = block.project.as_ref().map_or(0, |dense| result.values() * dense.depth);
            of_expansion + of_depthwise + of_projection
        }
        ReadyWork::Dense(dense) => result.values() * dense.depth,
        _ => 0,
    }
}

impl<'a> Run<'a> {
    fn step(&self, step: &Ready) -> Result<(), NativeError> {
        match &step.work {
            ReadyWork::Block(block) => self.block(step, block),
            ReadyWork::Dense(dense) => self.dense(step, dense),
            ReadyWork::Pool => {
                let size = self.size(step.input);
                let planes = self.kernels.planes(size.channels);
                let input_size = [size.height, size.width];
                let (input, output) = (self.map(step.input)?, self.map(step.output)?);
                self.kernels.pool(&Pool { input, input_size, planes, output })
            }
            ReadyWork::Resize { rows, columns } => {
                let size = self.size(step.input);
                self.kernels.resize(&Resize {
                    input: self.map(step.input)?,
                    input_size: [size.height, size.width],
                    rows,
                    columns,
                    planes: self.kernels.planes(size.channels),
                    output: self.map(step.output)?,
                    finish: self.finish(&step.ending, 0)?,
                })
            }
            ReadyWork::Combine => {
                let size = self.size(step.output);
                self.kernels.combine(&Combine {
                    input: self.map(step.input)?,
                    planes: self.kernels.planes(size.channels),
                    plane: self.plane(size),
                    output: self.map(step.output)?,
                    finish: self.finish(&step.ending, 0)?,
                })
            }
            ReadyWork::Sigmoid => self.sigmoid(step),
            ReadyWork::DepthToSpace => self.depth_to_space(step),
        }
    }

    fn size(&self, map: MapId) -> Size {
        self.network.sizes[map]
    }

    /// Values of a plane of a map.
    fn plane(&self, size: Size) -> usize {
        size.height * size.width * self.kernels.lanes
    }

    /// The memory of a map.
    fn map(&self, map: MapId) -> Result<Span<'a>, NativeError> {
        let place = self.network.buffers.places[map].clone();
        self.maps.part(place.ok_or(NativeError::OutOfBounds { kernel: "plan" })?)
    }

    /// The ending of a step for a call that begins `offset` values into each plane.
    fn finish(&self, ending: &Ending, offset: usize) -> Result<Finish<'a>, NativeError> {
        let operand = |map: Option<MapId>| {
            map.map(|map| {
                let planes = self.kernels.planes(self.size(map).channels);
                Ok(Operand { values: self.map(map)?.skip(offset)?, planes })
            })
            .transpose()
        };
        Ok(Finish { before: operand(ending.before)?, clip: ending.clip, after: operand(ending.after)? })
    }

    /// The place of a value in a map.
    fn place(&self, size: Size, y: usize, x: usize, channel: usize) -> usize {
        let lanes = self.kernels.lanes;
        ((channel / lanes * size.height + y) * size.width + x) * lanes + channel % lanes
    }

    fn sigmoid(&self, step: &Ready) -> Result<(), NativeError> {
        let (input, output) = (self.map(step.input)?, self.map(step.output)?);
        (0..map_len(self.kernels, self.size(step.output)))
            .try_for_each(|index| output.set(index, sigmoid(input.get(index)?)))
    }

    fn depth_to_space(&self, step: &Ready) -> Result<(), NativeError> {
        let (input, output) = (self.map(step.input)?, self.map(step.output)?);
        let (from, to) = (self.size(step.input), self.size(step.output));
        let lanes = self.kernels.lanes;
        // Whole vectors where a block's channels fill them.
        let len = if to.channels.is_multiple_of(lanes) { lanes } else { 1 };
        for y in 0..to.height {
            for x in 0..to.width {
                let first = (y % 2 * 2 + x % 2) * to.channels;
                for channel in (0..to.channels).step_by(len) {
                    let source = self.place(from, y / 2, x / 2, first + channel);
                    output.copy_from(self.place(to, y, x, channel), input, source, len)?;
                }
            }
        }
        Ok(())
    }

    /// Appends the values of a map in the order rows, columns, channels.
    fn append(&self, map: MapId, output: &mut Vec<f32>) -> Result<(), NativeError> {
        let size = self.size(map);
        let start = output.len();
        // The last channels' vector may be longer than what is left of them: the next pixel overwrites the rest.
        output.resize(start + size.values() + self.kernels.lanes, 0.0);
        let (values, to) = (self.map(map)?, Span::of(&mut output[start..]));
        for pixel in 0..size.height * size.width {
            for channel in (0..size.channels).step_by(self.kernels.lanes) {
                let from = self.place(size, 0, pixel, channel);
                to.copy_from(pixel * size.channels + channel, values, from, self.kernels.lanes)?;
            }
        }
        output.truncate(start + size.values());
        Ok(())
    }
}
