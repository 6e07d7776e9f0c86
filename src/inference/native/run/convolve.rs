//! Dense convolutions: steps of their own, and the rows of a block.

use std::ops::Range;

use super::super::error::NativeError;
use super::super::graph::{INPUT, MapId};
use super::super::kernels::{Dense as Call, Finish, Span};
use super::super::network::Ready;
use super::super::packed::{Dense, Window};
use super::Run;

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
    /// Runs a dense convolution that is a step of its own.
    pub(super) fn dense(&self, step: &Ready, dense: &Dense) -> Result<(), NativeError> {
        let size = self.size(step.output);
        let rows = Rows {
            input: step.input,
            vectors: 0..dense.vectors,
            rows: 0..size.height,
            width: size.width,
            output: self.map(step.output)?,
            strides: [self.plane(size), size.width * self.kernels.lanes],
            finish: self.finish(&step.ending, 0)?,
            is_cold: true,
        };
        if dense.window.is_none() {
            // All pixels as one row: fewer incomplete tiles.
            let rows = Rows { rows: 0..1, width: size.height * size.width, ..rows };
            return self.dense_rows(dense, rows, self.scratch);
        }
        for y in 0..size.height {
            let offset = y * size.width * self.kernels.lanes;
            let (output, finish) = (rows.output.skip(offset)?, self.finish(&step.ending, offset)?);
            let row = Rows { rows: y..y + 1, vectors: rows.vectors.clone(), output, finish, ..rows };
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
        scratch.clear(0..window.kernel[0] * len)?;
        let columns = size.width.min(window.columns - left);
        for ky in 0..window.kernel[0] {
            let Some(row) = (y * window.stride + ky).checked_sub(top).filter(|row| *row < size.height) else {
                continue;
            };
            let to = ky * len + left * size.channels;
            if input == INPUT {
                let from = row * size.width * size.channels;
                scratch.copy_from_slice(to, &self.input[from..from + columns * size.channels])?;
                continue;
            }
            let map = self.map(input)?;
            for x in 0..columns {
                for channel in 0..size.channels {
                    let value = map.get(self.place(size, row, x, channel))?;
                    scratch.set(to + x * size.channels + channel, value)?;
                }
            }
        }
        Ok(())
    }
}
