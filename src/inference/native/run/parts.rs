//! How steps are cut into parts for several threads. No cut changes a bit of a result.

use std::ops::Range;

use super::super::error::NativeError;
use super::super::kernels::{Kernels, blocks};
use super::super::network::{Block, Inner, Ready, ReadyWork};
use super::Run;
use super::block::Task;

/// Output rows that a part of a large map has at least: its neighbors compute some of its wide rows again.
const LEAST_ROWS: usize = 16;
/// Parts of a small map's planes for each thread: the slower thread then waits less for the other one.
const PIECES: usize = 4;
/// Blocks of output vectors from which on a convolution of few pixels is cut by channels: each thread then reads only
/// a part of the weights.
const MANY_BLOCKS: usize = 6;

/// One of several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Part {
    /// Its index.
    pub(in super::super) index: usize,
    /// The number of parts.
    pub(in super::super) count: usize,
}

impl Part {
    /// The part's share of `len` things.
    pub(super) fn of(self, len: usize) -> Range<usize> {
        len * self.index / self.count..len * (self.index + 1) / self.count
    }
}

/// A part's share of `vectors` output vectors, in whole blocks of the kernels.
pub(super) fn block_range(vectors: usize, part: Part) -> Range<usize> {
    let ends: Vec<usize> = [0].into_iter().chain(blocks(vectors).map(|block| block.end)).collect();
    let share = part.of(ends.len() - 1);
    ends[share.start]..ends[share.end]
}

/// The numbers of parts of the phases of a step. The parts of a phase write different memory, and read nothing that
/// another one of them writes; a phase needs all of the phase before it.
pub(in super::super) fn phases(network: &Inner, step: &Ready, threads: usize) -> Vec<usize> {
    let size = network.sizes[step.output];
    match &step.work {
        ReadyWork::Block(block) => {
            let height = block.depthwise.size.height;
            if !block.tiles.has_all_rows(block.depthwise.size) {
                return vec![(height / LEAST_ROWS).clamp(1, 2 * threads)];
            }
            let first = plane_parts(network.kernels, block, threads);
            match block.project.as_ref().map(|dense| blocks(dense.vectors).count()) {
                None => vec![first],
                Some(count) if count >= MANY_BLOCKS => vec![first, threads.min(count)],
                Some(_) => vec![first, threads.min(height)],
            }
        }
        ReadyWork::Dense(dense) if dense.window.is_some() => vec![threads.min(blocks(dense.vectors).count())],
        ReadyWork::Dense(_) => vec![(2 * threads).min(size.height)],
        ReadyWork::Resize { .. } | ReadyWork::Combine => {
            vec![threads.min(network.kernels.planes(size.channels))]
        }
        ReadyWork::Pool | ReadyWork::Sigmoid | ReadyWork::DepthToSpace => vec![1],
    }
}

/// The parts of a small map's planes: none larger than the largest piece, for which there is memory.
fn plane_parts(kernels: &Kernels, block: &Block, threads: usize) -> usize {
    let planes = kernels.planes(block.wide.channels);
    let most = block.tiles.pieces.iter().map(ExactSizeIterator::len).max().unwrap_or(1);
    let count = blocks(planes).count();
    let is_small =
        |parts: &usize| (0..*parts).all(|index| block_range(planes, Part { index, count: *parts }).len() <= most);
    ((PIECES * threads).min(count)..=count).find(is_small).unwrap_or(count)
}

impl Run<'_> {
    /// Runs a part of a phase of a step.
    ///
    /// # Errors
    /// The plan is wrong.
    pub(in super::super) fn part(&self, step: &Ready, phase: usize, part: Part) -> Result<(), NativeError> {
        match &step.work {
            ReadyWork::Block(block) => {
                let task = Task::new(self, step, block)?;
                if !block.tiles.has_all_rows(block.depthwise.size) {
                    return task.some_rows(part);
                }
                if phase == 0 {
                    return task.some_planes(part);
                }
                let many = block.project.as_ref().is_some_and(|dense| blocks(dense.vectors).count() >= MANY_BLOCKS);
                task.some_projection(many, part)
            }
            ReadyWork::Dense(dense) => self.dense(step, dense, part),
            ReadyWork::Resize { .. } | ReadyWork::Combine => {
                self.planes(step, part.of(self.kernels.planes(self.size(step.output).channels)))
            }
            ReadyWork::Pool | ReadyWork::Sigmoid | ReadyWork::DepthToSpace => self.step(step),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_everything_once() {
        for (len, count) in [(10, 3), (7, 7), (5, 8), (108, 8)] {
            let parts = (0..count).map(|index| Part { index, count });
            assert!(parts.clone().flat_map(|part| part.of(len)).eq(0..len));
            assert!(parts.flat_map(|part| block_range(len, part)).eq(0..len));
        }
    }
}
