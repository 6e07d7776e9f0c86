//! Blocks: a depthwise convolution with the convolutions around it, piece by piece.
//!
//! The wide maps between the convolutions never exist as a whole. A piece has some output rows and some planes. Large
//! maps go row by row with all planes, and a ring of the last few wide rows; small maps go some planes at a time with
//! all rows, and the sums of the projection wait in the output for the next planes.

use std::ops::Range;

use super::super::error::NativeError;
use super::super::kernels::{Dense as Call, Depthwise as DepthwiseCall, Finish, Kernels, Span};
use super::super::network::{Block, Ready};
use super::super::packed::Dense;
use super::Run;
use super::convolve::{self, Rows};

/// The buffers of a block in scratch memory.
struct Buffers<'a> {
    /// The rows of the wide map: planes, ring rows, columns with margins.
    wide: Span<'a>,
    /// The depthwise convolution's rows for the projection.
    narrow: Span<'a>,
    /// For the window of the expansion.
    rest: Span<'a>,
}

/// Values of the two buffers.
fn lens(kernels: &Kernels, block: &Block) -> [usize; 2] {
    let tiles = &block.tiles;
    let planes = tiles.pieces.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
    let wide = planes * tiles.ring * tiles.columns * kernels.lanes;
    let narrow = planes * tiles.rows * block.depthwise.size.width * kernels.lanes;
    [wide, if block.project.is_some() { narrow } else { 0 }].map(|len| len.next_multiple_of(16))
}

/// Values of scratch memory that a block needs.
pub(super) fn scratch_len(kernels: &Kernels, block: &Block) -> usize {
    let [wide, narrow] = lens(kernels, block);
    wide + narrow + block.expand.as_ref().map_or(0, |(dense, _)| convolve::scratch_len(dense))
}

impl<'a> Run<'a> {
    /// Runs a block.
    pub(super) fn block(&self, step: &Ready, block: &Block) -> Result<(), NativeError> {
        let [wide, narrow] = lens(self.kernels, block);
        let buffers = Buffers {
            wide: self.scratch.part(0..wide)?,
            narrow: self.scratch.part(wide..wide + narrow)?,
            rest: self.scratch.skip(wide + narrow)?,
        };
        self.clear_margins(block, &buffers)?;
        for planes in &block.tiles.pieces {
            self.planes(step, block, &buffers, planes.clone(), 0..block.depthwise.size.height)?;
        }
        Ok(())
    }

    /// Computes some output rows from some planes.
    fn planes(
        &self,
        step: &Ready,
        block: &Block,
        buffers: &Buffers<'a>,
        planes: Range<usize>,
        rows: Range<usize>,
    ) -> Result<(), NativeError> {
        let depthwise = &block.depthwise;
        let mut known = 0;
        for start in rows.clone().step_by(block.tiles.rows) {
            let rows = start..(start + block.tiles.rows).min(rows.end);
            let [top, _] = depthwise.before;
            let first = (rows.start * depthwise.stride).saturating_sub(top);
            let last = ((rows.end - 1) * depthwise.stride + depthwise.side).saturating_sub(top).min(block.wide.height);
            self.widen(step, block, buffers, planes.clone(), first.max(known)..last)?;
            known = last;
            self.convolve_planes(step, block, buffers, planes.clone(), rows.clone())?;
            if let Some(project) = &block.project {
                self.project(step, block, project, buffers, planes.clone(), rows)?;
            }
        }
        Ok(())
    }

    /// Values of a row, and of a plane of the wide map's buffer.
    fn wide_strides(&self, block: &Block) -> [usize; 2] {
        let row = block.tiles.columns * self.kernels.lanes;
        [block.tiles.ring * row, row]
    }

    /// Sets the columns around the wide map to zero.
    fn clear_margins(&self, block: &Block, buffers: &Buffers<'a>) -> Result<(), NativeError> {
        let lanes = self.kernels.lanes;
        let [_, row] = self.wide_strides(block);
        let left = block.depthwise.before[1] * lanes;
        let right = left + block.wide.width * lanes;
        for start in (0..buffers.wide.len() / row * row).step_by(row) {
            buffers.wide.clear(start..start + left)?;
            buffers.wide.clear(start + right..start + row)?;
        }
        Ok(())
    }

    /// Brings rows of the wide map into their buffer: computes or copies them.
    fn widen(
        &self,
        step: &Ready,
        block: &Block,
        buffers: &Buffers<'a>,
        planes: Range<usize>,
        rows: Range<usize>,
    ) -> Result<(), NativeError> {
        let [plane, row] = self.wide_strides(block);
        let (lanes, ring) = (self.kernels.lanes, block.tiles.ring);
        let mut start = rows.start;
        while start < rows.end {
            // Up to the end of the ring.
            let slot = start % ring;
            let rows = start..rows.end.min(start + ring - slot);
            let offset = slot * row + block.depthwise.before[1] * lanes;
            start = rows.end;
            if let Some((expand, clip)) = &block.expand {
                let rows = Rows {
                    input: step.input,
                    vectors: planes.clone(),
                    rows,
                    width: block.wide.width,
                    output: buffers.wide.skip(offset)?,
                    strides: [plane, row],
                    finish: Finish { clip: *clip, ..Finish::default() },
                    is_cold: block.tiles.has_all_rows(block.depthwise.size),
                };
                self.dense_rows(expand, rows, buffers.rest)?;
            } else {
                let (input, len) = (self.map(step.input)?, block.wide.width * lanes);
                for (index, source) in planes.clone().enumerate() {
                    for y in rows.clone() {
                        let from = (source * block.wide.height + y) * len;
                        buffers.wide.copy_from(offset + index * plane + (y - rows.start) * row, input, from, len)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs the depthwise convolution: into its buffer, or into the output if no projection follows.
    fn convolve_planes(
        &self,
        step: &Ready,
        block: &Block,
        buffers: &Buffers<'a>,
        planes: Range<usize>,
        rows: Range<usize>,
    ) -> Result<(), NativeError> {
        let depthwise = &block.depthwise;
        let lanes = self.kernels.lanes;
        let row = depthwise.size.width * lanes;
        let (output, plane) = if block.project.is_some() {
            (buffers.narrow, block.tiles.rows * row)
        } else {
            let plane = self.plane(depthwise.size);
            (self.map(step.output)?.skip(planes.start * plane + rows.start * row)?, plane)
        };
        let of_planes = |range: &Range<usize>, len: usize| {
            let start = range.start + planes.start * len;
            &self.weights[start..start + planes.len() * len]
        };
        self.kernels.depthwise(&DepthwiseCall {
            weights: of_planes(&depthwise.weights, depthwise.side * depthwise.side * lanes),
            bias: of_planes(&depthwise.bias, lanes),
            side: depthwise.side,
            stride: depthwise.stride,
            planes: planes.len(),
            input: buffers.wide,
            input_strides: self.wide_strides(block),
            ring: block.tiles.ring,
            height: block.wide.height,
            top: depthwise.before[0],
            rows,
            width: depthwise.size.width,
            output,
            output_strides: [plane, row],
            clip: depthwise.clip,
        })
    }

    /// Adds some planes' part to the sums of the projection.
    fn project(
        &self,
        step: &Ready,
        block: &Block,
        dense: &Dense,
        buffers: &Buffers<'a>,
        planes: Range<usize>,
        rows: Range<usize>,
    ) -> Result<(), NativeError> {
        let size = block.depthwise.size;
        let lanes = self.kernels.lanes;
        let row = size.width * lanes;
        let offset = rows.start * row;
        let terms = planes.start * lanes..(planes.end * lanes).min(dense.depth);
        let is_last = terms.end == dense.depth;
        self.kernels.dense(&Call {
            weights: &self.weights[dense.weights.clone()],
            bias: &self.weights[dense.bias.clone()],
            vectors: dense.vectors,
            part: 0..dense.vectors,
            depth: dense.depth,
            terms,
            input: buffers.narrow,
            segment: lanes,
            input_strides: [block.tiles.rows * row, lanes, 0],
            // All pixels as one row: fewer incomplete tiles.
            rows: 1,
            width: rows.len() * size.width,
            output: self.map(step.output)?.skip(offset)?,
            output_strides: [self.plane(size), 0],
            finish: if is_last { Some(self.finish(&step.ending, offset)?) } else { None },
            is_cold: block.tiles.has_all_rows(size),
        })
    }
}
