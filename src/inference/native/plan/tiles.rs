//! How a block is cut into pieces whose wide maps stay in the cache.

use std::ops::Range;

use super::super::graph::Size;
use super::super::kernels::{Kernels, blocks};
use super::super::packed::Depthwise;

/// The pieces of a block: some output rows of some planes at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// Output rows of a piece.
    pub(crate) rows: usize,
    /// The planes of each piece.
    pub(crate) pieces: Vec<Range<usize>>,
    /// Rows of the wide map that are kept: all, or a ring of as many as a piece needs.
    pub(crate) ring: usize,
    /// Columns of the wide map with its margins.
    pub(crate) columns: usize,
}

impl Tiles {
    /// Whether a piece has all rows of an output of the given size.
    pub(crate) fn has_all_rows(&self, size: Size) -> bool {
        self.rows >= size.height
    }
}

/// Pixels of a wide map up to which a piece has all rows, and only some planes. Weights are then read once.
const SMALL_MAP: usize = 400;
/// Values of the wide map of a piece with all rows: with the depthwise convolution's result, 192 KiB of the second
/// cache's 512.
const PIECE: usize = 24_576;

/// Values of the wide map and of the depthwise convolution's result of a piece with some rows: 256 KiB of the second
/// cache's 512.
const ROWS: usize = 65_536;

/// Chooses the pieces of a block. `is_alone` says that no other convolution is part of the block.
pub(crate) fn tiles(kernels: &Kernels, wide: Size, depthwise: &Depthwise, is_alone: bool) -> Tiles {
    let [_, left] = depthwise.before;
    let reach = (depthwise.size.width - 1) * depthwise.stride + depthwise.side;
    // The map has its place even where the kernel does not reach the last columns.
    let columns = reach.max(left + wide.width);
    let planes = kernels.planes(wide.channels);
    let pixels = wide.height * wide.width;
    if pixels <= SMALL_MAP {
        let most = if is_alone { planes } else { PIECE / (pixels * kernels.lanes) };
        return Tiles {
            rows: depthwise.size.height,
            pieces: pieces(planes, most, kernels.chunk()),
            ring: wide.height,
            columns,
        };
    }
    let row = |columns: usize| planes * columns * kernels.lanes;
    let ring = |rows: usize| (rows - 1) * depthwise.stride + depthwise.side;
    let len = |rows: usize| ring(rows) * row(columns) + rows * row(depthwise.size.width);
    let rows = (1..=depthwise.size.height).rev().find(|rows| len(*rows) <= ROWS).unwrap_or(1);
    let ring = ring(rows);
    Tiles { rows, pieces: pieces(planes, planes, 1), ring, columns }
}

/// Cuts `planes` between the blocks of the kernels, after a multiple of `chunk`, into pieces of at most `most`, or of as
/// few blocks as it takes.
fn pieces(planes: usize, most: usize, chunk: usize) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for block in blocks(planes) {
        match pieces.last_mut() {
            Some(piece) if block.end - piece.start <= most || !piece.end.is_multiple_of(chunk) => piece.end = block.end,
            _ => pieces.push(block),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_blocks() {
        assert_eq!(pieces(10, 6, 1), [0..6, 6..10]);
        assert_eq!(pieces(7, 6, 1), [0..5, 5..7]);
        assert_eq!(pieces(7, 1, 1), [0..3, 3..5, 5..7]);
        assert_eq!(pieces(7, 100, 1), vec![0..7; 1]);
        assert_eq!(pieces(10, 3, 2), [0..6, 6..8, 8..10]);
        assert_eq!(pieces(7, 1, 2), vec![0..7; 1]);
    }
}
