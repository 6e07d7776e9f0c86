//! Blocks: a depthwise convolution with the convolutions around it, piece by piece.
//!
//! The wide maps between the convolutions never exist as a whole. A piece has some output rows and some planes. Large
//! maps go a few rows at a time with all planes, and a ring of the last wide rows; small maps go some planes at a time
//! with all rows, and the sums of the projection wait in the output for the next planes.
//!
//! Threads that share a large map compute the wide rows between their parts twice. Threads that share a small map first
//! make all of the depthwise result, each some planes of it, and then project it, each some rows or channels.

use std::ops::Range;

use super::super::error::NativeError;
use super::super::kernels::{Dense as Call, Depthwise as DepthwiseCall, Finish, Kernels, Span};
use super::super::memory::LINE;
use super::super::network::{Block, Ready};
use super::super::packed::Dense;
use super::Run;
use super::convolve::{self, Rows};
use super::parts::{Part, block_range};

/// A block in work, with its buffers.
pub(super) struct Task<'r, 'a> {
    run: &'r Run<'a>,
    step: &'r Ready,
    block: &'r Block,
    /// The rows of the wide map: planes, ring rows, columns with margins.
    wide: Span<'a>,
    /// The depthwise convolution's rows for the projection.
    narrow: Span<'a>,
    /// From plane to plane of it.
    narrow_plane: usize,
    /// For the window of the expansion.
    rest: Span<'a>,
}

/// Values of the two buffers.
fn lens(kernels: &Kernels, block: &Block) -> [usize; 2] {
    let tiles = &block.tiles;
    let planes = tiles.pieces.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    let wide = planes * tiles.ring * tiles.columns * kernels.lanes;
    let narrow = planes * tiles.rows * block.depthwise.size.width * kernels.lanes;
    [wide, if block.project.is_some() { narrow } else { 0 }].map(|len| len.next_multiple_of(LINE))
}

/// Values of scratch memory that each thread needs for a block.
pub(super) fn scratch_len(kernels: &Kernels, block: &Block) -> usize {
    let [wide, narrow] = lens(kernels, block);
    wide + narrow + block.expand.as_ref().map_or(0, |(dense, _)| convolve::scratch_len(dense))
}

/// Values of scratch memory that several threads need together for a block: the depthwise result.
pub(super) fn shared_len(kernels: &Kernels, block: &Block) -> usize {
    let size = block.depthwise.size;
    let is_shared = block.project.is_some() && block.tiles.has_all_rows(size);
    if is_shared { kernels.planes(size.channels) * size.height * size.width * kernels.lanes } else { 0 }
}

impl<'r, 'a> Task<'r, 'a> {
    /// Prepares the buffers of a thread.
    ///
    /// # Errors
    /// The scratch memory is too small.
    pub(super) fn new(run: &'r Run<'a>, step: &'r Ready, block: &'r Block) -> Result<Self, NativeError> {
        let [wide, narrow] = lens(run.kernels, block);
        let task = Self {
            run,
            step,
            block,
            wide: run.scratch.part(0..wide)?,
            narrow: run.scratch.part(wide..wide + narrow)?,
            narrow_plane: block.tiles.rows * block.depthwise.size.width * run.kernels.lanes,
            rest: run.scratch.skip(wide + narrow)?,
        };
        task.clear_margins()?;
        Ok(task)
    }

    /// Runs the whole block.
    ///
    /// # Errors
    /// The plan is wrong.
    pub(super) fn whole(&self) -> Result<(), NativeError> {
        let rows = 0..self.block.depthwise.size.height;
        self.block.tiles.pieces.iter().try_for_each(|planes| self.piece(planes, &rows, true))
    }

    /// Runs a part of the block's rows.
    ///
    /// # Errors
    /// The plan is wrong.
    pub(super) fn some_rows(&self, part: Part) -> Result<(), NativeError> {
        let rows = part.of(self.block.depthwise.size.height);
        self.block.tiles.pieces.iter().try_for_each(|planes| self.piece(planes, &rows, true))
    }

    /// Runs a part of the block's planes up to the depthwise result, which goes to the shared memory.
    ///
    /// # Errors
    /// The plan is wrong.
    pub(super) fn some_planes(mut self, part: Part) -> Result<(), NativeError> {
        let planes = block_range(self.run.kernels.planes(self.block.wide.channels), part);
        let rows = 0..self.block.depthwise.size.height;
        let most = self.block.tiles.pieces.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        if planes.len() > most {
            return Err(NativeError::OutOfBounds { kernel: "plan" });
        }
        self.narrow =
            self.run.shared.skip(planes.start * self.narrow_plane * usize::from(self.block.project.is_some()))?;
        self.piece(&planes, &rows, false)
    }

    /// Projects a part of the depthwise result in the shared memory: some channels if there are many, else some rows.
    ///
    /// # Errors
    /// The plan is wrong.
    pub(super) fn some_projection(mut self, by_channels: bool, part: Part) -> Result<(), NativeError> {
        let Some(dense) = &self.block.project else { return Ok(()) };
        let size = self.block.depthwise.size;
        let planes = 0..self.run.kernels.planes(size.channels);
        let (rows, vectors) = if by_channels {
            (0..size.height, block_range(dense.vectors, part))
        } else {
            (part.of(size.height), 0..dense.vectors)
        };
        self.narrow = self.run.shared.skip(rows.start * size.width * self.run.kernels.lanes)?;
        self.project(dense, &planes, &rows, vectors)
    }

    /// Computes some output rows from some planes, with or without the projection.
    fn piece(&self, planes: &Range<usize>, rows: &Range<usize>, projects: bool) -> Result<(), NativeError> {
        let depthwise = &self.block.depthwise;
        let mut known = 0;
        for start in rows.clone().step_by(self.block.tiles.rows) {
            let rows = start..(start + self.block.tiles.rows).min(rows.end);
            let [top, _] = depthwise.before;
            let first = (rows.start * depthwise.stride).saturating_sub(top);
            let last = ((rows.end - 1) * depthwise.stride + depthwise.side).saturating_sub(top);
            let last = last.min(self.block.wide.height);
            self.widen(planes, first.max(known)..last)?;
            known = last;
            self.convolve_planes(planes, &rows)?;
            if let (Some(project), true) = (&self.block.project, projects) {
                self.project(project, planes, &rows, 0..project.vectors)?;
            }
        }
        Ok(())
    }

    /// From plane to plane, and from row to row of the wide map's buffer.
    fn wide_strides(&self) -> [usize; 2] {
        let row = self.block.tiles.columns * self.run.kernels.lanes;
        [self.block.tiles.ring * row, row]
    }

    /// Sets the columns around the wide map to zero.
    fn clear_margins(&self) -> Result<(), NativeError> {
        let lanes = self.run.kernels.lanes;
        let [_, row] = self.wide_strides();
        let left = self.block.depthwise.before[1] * lanes;
        let right = left + self.block.wide.width * lanes;
        for start in (0..self.wide.len() / row * row).step_by(row) {
            self.wide.clear(start..start + left)?;
            self.wide.clear(start + right..start + row)?;
        }
        Ok(())
    }

    /// Brings rows of the wide map into their buffer: computes or copies them.
    fn widen(&self, planes: &Range<usize>, rows: Range<usize>) -> Result<(), NativeError> {
        let [_, row] = self.wide_strides();
        let ring = self.block.tiles.ring;
        let mut start = rows.start;
        while start < rows.end {
            // Up to the end of the ring.
            let slot = start % ring;
            let rows = start..rows.end.min(start + ring - slot);
            start = rows.end;
            let offset = slot * row + self.block.depthwise.before[1] * self.run.kernels.lanes;
            self.widen_to(planes, rows, offset)?;
        }
        Ok(())
    }

    /// Brings rows of the wide map to `offset` in each plane of their buffer.
    fn widen_to(&self, planes: &Range<usize>, rows: Range<usize>, offset: usize) -> Result<(), NativeError> {
        let [plane, row] = self.wide_strides();
        let wide = self.block.wide;
        if let Some((expand, clip)) = &self.block.expand {
            let rows = Rows {
                input: self.step.input,
                vectors: planes.clone(),
                rows,
                width: wide.width,
                output: self.wide.skip(offset)?,
                strides: [plane, row],
                finish: Finish { clip: *clip, ..Finish::default() },
                is_cold: self.block.tiles.has_all_rows(self.block.depthwise.size),
            };
            return self.run.dense_rows(expand, rows, self.rest);
        }
        let (input, len) = (self.run.map(self.step.input)?, wide.width * self.run.kernels.lanes);
        for (index, source) in planes.clone().enumerate() {
            for (line, y) in rows.clone().enumerate() {
                let from = (source * wide.height + y) * len;
                self.wide.copy_from(offset + index * plane + line * row, input, from, len)?;
            }
        }
        Ok(())
    }

    /// Runs the depthwise convolution: into its buffer, or into the output if no projection follows.
    fn convolve_planes(&self, planes: &Range<usize>, rows: &Range<usize>) -> Result<(), NativeError> {
        let depthwise = &self.block.depthwise;
        let lanes = self.run.kernels.lanes;
        let row = depthwise.size.width * lanes;
        let (output, plane) = if self.block.project.is_some() {
            (self.narrow, self.narrow_plane)
        } else {
            let plane = self.run.plane(depthwise.size);
            (self.run.map(self.step.output)?.skip(planes.start * plane + rows.start * row)?, plane)
        };
        let of_planes = |range: &Range<usize>, len: usize| {
            let start = range.start + planes.start * len;
            &self.run.weights[start..start + planes.len() * len]
        };
        self.run.kernels.depthwise(&DepthwiseCall {
            weights: of_planes(&depthwise.weights, depthwise.side * depthwise.side * lanes),
            bias: of_planes(&depthwise.bias, lanes),
            side: depthwise.side,
            stride: depthwise.stride,
            planes: planes.len(),
            input: self.wide,
            input_strides: self.wide_strides(),
            ring: self.block.tiles.ring,
            height: self.block.wide.height,
            top: depthwise.before[0],
            rows: rows.clone(),
            width: depthwise.size.width,
            output,
            output_strides: [plane, row],
            clip: depthwise.clip,
        })
    }

    /// Adds some planes' part to the sums of some rows and vectors of the projection.
    fn project(
        &self,
        dense: &Dense,
        planes: &Range<usize>,
        rows: &Range<usize>,
        vectors: Range<usize>,
    ) -> Result<(), NativeError> {
        let size = self.block.depthwise.size;
        let lanes = self.run.kernels.lanes;
        let offset = rows.start * size.width * lanes;
        let terms = planes.start * lanes..(planes.end * lanes).min(dense.depth);
        let plane = self.run.plane(size);
        let is_last = terms.end == dense.depth;
        let finish = if is_last { Some(self.run.finish(&self.step.ending, vectors.start, offset)?) } else { None };
        self.run.kernels.dense(&Call {
            weights: &self.run.weights[dense.weights.clone()],
            bias: &self.run.weights[dense.bias.clone()],
            vectors: dense.vectors,
            output: self.run.map(self.step.output)?.skip(vectors.start * plane + offset)?,
            part: vectors,
            depth: dense.depth,
            terms,
            input: self.narrow,
            segment: lanes,
            input_strides: [self.narrow_plane, lanes, 0],
            // All pixels as one row: fewer incomplete tiles.
            rows: 1,
            width: rows.len() * size.width,
            output_strides: [plane, 0],
            finish,
            is_cold: self.block.tiles.has_all_rows(size),
            is_split: dense.is_split,
        })
    }
}
