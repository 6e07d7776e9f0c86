//! Dense convolutions: steps of their own, and the rows of a block.

use std::ops::Range;

use super::super::error::NativeError;
use super::super::graph::{INPUT, MapId};
use super::super::kernels::{Dense as Call, Finish, Span};
use super::super::network::Ready;
use super::super::packed::{Dense, Window};
use super::Run;
use super::parts::{Part, block_range};

/// Some rows of a dense convolution.
pub(super) struct Rows<'a> {
    /// The input.
    pub(super) input: MapId,
    /// The vectors of output channels.
    pub(super) vectors: Range<usize>,
    /// The rows.
    pub(super) rows: Range<usize>,
    /// Pixels in a row.
    pub(super) width: usize,
    /// Where the first of the rows goes.
    pub(super) output: Span<'a>,
    /// From plane to plane, and from row to row of the output.
    pub(super) strides: [usize; 2],
    /// What happens before the store.
    pub(super) finish: Finish<'a>,
    /// Whether the weights were not read a moment ago.
    pub(super) is_cold: bool,
}

/// Values of scratch memory that a dense convolution needs: the rows of its window.
pub(super) fn scratch_len(dense: &Dense) -> usize {
    dense.window.as_ref().map_or(0, |window| window.kernel[0] * row_len(window))
}

/// Values of a row of the input with those on its left and right that the window reaches.
fn row_len(window: &Window) -> usize {
    window.columns * window.input.channels
}

impl<'a> Run<'a> {
    /// Runs a part of a dense convolution that is a step of its own: some channels if it has a window, else some rows.
    pub(super) fn dense(&self, step: &Ready, dense: &Dense, part: Part) -> Result<(), NativeError> {
        let size = self.size(step.output);
        let (lines, vectors) = if dense.window.is_some() {
            (0..size.height, block_range(dense.vectors, part))
        } else {
            (part.of(size.height), 0..dense.vectors)
        };
        let (plane, line) = (self.plane(size), size.width * self.kernels.lanes);
        let offset = lines.start * line;
        let output = self.map(step.output)?.skip(vectors.start * plane)?;
        let rows = Rows {
            input: step.input,
            width: size.width * lines.len(),
            output: output.skip(offset)?,
            strides: [plane, line],
            finish: self.finish(&step.ending, vectors.start, offset)?,
            vectors,
            // Without a window all pixels as one row: fewer incomplete tiles.
            rows: lines.start..lines.start + 1,
            is_cold: true,
        };
        if dense.window.is_none() {
            return self.dense_rows(dense, rows, self.scratch);
        }
        for y in lines {
            let (output, finish) = (output.skip(y * line)?, self.finish(&step.ending, rows.vectors.start, y * line)?);
            let vectors = rows.vectors.clone();
            let row = Rows { rows: y..y + 1, width: size.width, vectors, output, finish, ..rows };
            self.dense_rows(dense, row, self.scratch)?;
        }
        Ok(())
    }

    /// Computes some rows.
    pub(super) fn dense_rows(&self, dense: &Dense, rows: Rows<'a>, scratch: Span<'a>) -> Result<(), NativeError> {
        let call = Call {
            weights: &self.weights[dense.weights.clone()],
            bias: &self.weights[dense.bias.clone()],
            vectors: dense.vectors,
            part: rows.vectors,
            depth: dense.depth,
            terms: 0..dense.depth,
            input: scratch,
            segment: self.kernels.lanes,
            input_strides: [0; 3],
            rows: rows.rows.len(),
            width: rows.width,
            output: rows.output,
            output_strides: rows.strides,
            finish: Some(rows.finish),
            is_cold: rows.is_cold,
            is_split: dense.is_split,
        };
        let Some(window) = &dense.window else {
            let size = self.size(rows.input);
            let row = size.width * self.kernels.lanes;
            let input = self.map(rows.input)?.skip(rows.rows.start * row)?;
            return self.kernels.dense(&Call {
                input,
                input_strides: [self.plane(size), self.kernels.lanes, row],
                ..call
            });
        };
        let segment = window.kernel[1] * window.input.channels;
        let input_strides = [row_len(window), window.stride * window.input.channels, 0];
        for (index, y) in rows.rows.enumerate() {
            self.gather(window, rows.input, y, scratch)?;
            let output = rows.output.skip(index * rows.strides[1])?;
            self.kernels.dense(&Call {
                rows: 1,
                segment,
                input_strides,
                output,
                part: call.part.clone(),
                terms: 0..dense.depth,
                ..call
            })?;
        }
        Ok(())
    }

    /// Copies the rows that the window sees at row `y` of the output, with zeros around the input.
    fn gather(&self, window: &Window, input: MapId, y: usize, scratch: Span<'a>) -> Result<(), NativeError> {
        let (size, [top, left]) = (window.input, window.before);
        let len = row_len(window);
        let columns = size.width.min(window.columns - left);
        let [start, end] = [left, left + columns].map(|column| column * size.channels);
        for ky in 0..window.kernel[0] {
            let row = ky * len;
            let Some(y) = (y * window.stride + ky).checked_sub(top).filter(|y| *y < size.height) else {
                scratch.clear(row..row + len)?;
                continue;
            };
            scratch.clear(row..row + start)?;
            scratch.clear(row + end..row + len)?;
            let to = row + start;
            if input == INPUT {
                let from = y * size.width * size.channels;
                scratch.copy_from_slice(to, &self.input[from..from + end - start])?;
                continue;
            }
            let map = self.map(input)?;
            for x in 0..columns {
                for channel in 0..size.channels {
                    let value = map.get(self.place(size, y, x, channel))?;
                    scratch.set(to + x * size.channels + channel, value)?;
                }
            }
        }
        Ok(())
    }
}
