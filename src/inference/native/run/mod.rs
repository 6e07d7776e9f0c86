//! Runs the steps of a network, one after the other.

mod block;
mod convolve;
pub(super) mod parts;

use std::ops::Range;

use block::Task;
use parts::Part;

use super::error::NativeError;
use super::graph::{INPUT, MapId, Size};
use super::kernels::{Combine, Finish, Kernels, Operand, Pool, Resize, Span, run_together};
use super::network::{Inner, Ready, ReadyWork, Scratch, map_len};
use super::plan::layers::Ending;
use super::sigmoid::sigmoid;

/// What the steps of one run share, and a thread's own scratch memory.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    network: &'a Inner,
    kernels: &'a Kernels,
    weights: &'a [f32],
    input: &'a [f32],
    maps: Span<'a>,
    /// Scratch memory of all threads together.
    shared: Span<'a>,
    /// Scratch memory of this thread.
    scratch: Span<'a>,
}

/// Computes the outputs on as many threads as `scratch` has memory for.
///
/// # Errors
/// The input, the scratch memory or the outputs do not belong to the network.
pub(super) fn run(
    network: &Inner,
    scratch: &mut Scratch,
    input: &[f32],
    outputs: &mut [Vec<f32>],
) -> Result<(), NativeError> {
    let check = |what, found, expected| {
        if found == expected { Ok(()) } else { Err(NativeError::Size { what, found, expected }) }
    };
    check("the input", input.len(), network.sizes[INPUT].values())?;
    check("the list of outputs", outputs.len(), network.outputs.len())?;
    check("the memory of the maps", scratch.maps.values().len(), network.buffers.len)?;
    let lens = network.scratch_lens(scratch.threads);
    check("the scratch memory", scratch.work.values().len(), lens[0] + scratch.threads * lens[1])?;
    let work = Span::of(scratch.work.values_mut());
    let run = Run {
        network,
        kernels: network.kernels,
        weights: network.weights.values(),
        input,
        maps: Span::of(scratch.maps.values_mut()),
        shared: work.part(0..lens[0])?,
        scratch: work.part(lens[0]..lens[0] + lens[1])?,
    };
    if scratch.threads > 1 {
        run_together(&run, work.skip(lens[0] + lens[1])?, scratch.threads)?;
    } else {
        for step in &network.steps {
            run.step(step)?;
        }
    }
    for (output, maps) in outputs.iter_mut().zip(&network.outputs) {
        output.clear();
        maps.iter().try_for_each(|map| run.append(*map, output))?;
    }
    Ok(())
}

/// Values of scratch memory that several threads need together for a step.
pub(super) fn shared_len(kernels: &Kernels, step: &Ready) -> usize {
    match &step.work {
        ReadyWork::Block(block) => block::shared_len(kernels, block),
        _ => 0,
    }
}

/// Values of scratch memory that each thread needs for a step.
pub(super) fn scratch_len(kernels: &Kernels, step: &Ready) -> usize {
    match &step.work {
        ReadyWork::Block(block) => block::scratch_len(kernels, block),
        ReadyWork::Dense(dense) => convolve::scratch_len(dense),
        _ => 0,
    }
}

impl<'a> Run<'a> {
    /// The steps of the network.
    pub(super) fn steps(&self) -> &'a [Ready] {
        &self.network.steps
    }

    /// The phases of a step on some threads: see [`parts::phases`].
    pub(super) fn phases(&self, step: &Ready, threads: usize) -> Vec<usize> {
        parts::phases(self.network, step, threads)
    }

    /// The same run with a part of other scratch memory: the one of thread `index`.
    ///
    /// # Errors
    /// The memory is too small.
    pub(super) fn with_scratch(&self, all: Span<'a>, index: usize) -> Result<Self, NativeError> {
        let len = self.scratch.len();
        Ok(Self { scratch: all.part(index * len..(index + 1) * len)?, ..*self })
    }

    fn step(&self, step: &Ready) -> Result<(), NativeError> {
        match &step.work {
            ReadyWork::Block(block) => Task::new(self, step, block)?.whole(),
            ReadyWork::Dense(dense) => self.dense(step, dense, Part { index: 0, count: 1 }),
            ReadyWork::Pool => {
                let size = self.size(step.input);
                let planes = self.kernels.planes(size.channels);
                let input_size = [size.height, size.width];
                let (input, output) = (self.map(step.input)?, self.map(step.output)?);
                self.kernels.pool(&Pool { input, input_size, planes, output })
            }
            ReadyWork::Resize { .. } | ReadyWork::Combine => {
                self.planes(step, 0..self.kernels.planes(self.size(step.output).channels))
            }
            ReadyWork::Sigmoid => self.sigmoid(step),
            ReadyWork::DepthToSpace => self.depth_to_space(step),
        }
    }

    /// Runs some planes of an enlargement, or of additions and a clip.
    fn planes(&self, step: &Ready, planes: Range<usize>) -> Result<(), NativeError> {
        let (from, to) = (self.size(step.input), self.size(step.output));
        let input = self.map(step.input)?.skip(planes.start * self.plane(from))?;
        let output = self.map(step.output)?.skip(planes.start * self.plane(to))?;
        let finish = self.finish(&step.ending, planes.start, 0)?;
        let planes = planes.len();
        if let ReadyWork::Resize { rows, columns } = &step.work {
            let input_size = [from.height, from.width];
            return self.kernels.resize(&Resize { input, input_size, rows, columns, planes, output, finish });
        }
        self.kernels.combine(&Combine { input, planes, plane: self.plane(to), output, finish })
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

    /// The ending of a step for a call that begins with plane `first`, and `offset` values into each plane.
    fn finish(&self, ending: &Ending, first: usize, offset: usize) -> Result<Finish<'a>, NativeError> {
        Ok(Finish {
            before: self.operand(ending.before, first, offset)?,
            clip: ending.clip,
            after: self.operand(ending.after, first, offset)?,
        })
    }

    fn operand(&self, map: Option<MapId>, first: usize, offset: usize) -> Result<Option<Operand<'a>>, NativeError> {
        let Some(map) = map else { return Ok(None) };
        let size = self.size(map);
        let planes = self.kernels.planes(size.channels).saturating_sub(first);
        // A map with padded channels may end before the first plane of the call.
        let start = if planes > 0 { first * self.plane(size) + offset } else { 0 };
        Ok(Some(Operand { values: self.map(map)?.skip(start)?, planes }))
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
