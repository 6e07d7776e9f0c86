//! Mixes the four pixels around positions in 8-bit planes, on processors with AVX2: the same values as
//! [`crate::image::mix::mix_single`] gives, in a quarter of the time. Pure.

mod avx2;
mod pairs;

use super::orientation::StoredAxis;
use super::picture::Plane;
use super::yuv::YuvMatrix;
use crate::image::mix::{Border, Line, Mixed};

/// Three planes with one chroma sample per `1 << COLUMN_SHIFT` times `1 << ROW_SHIFT` pixels.
pub(super) struct Planar<'a, const COLUMN_SHIFT: u32, const ROW_SHIFT: u32> {
    pub(super) luma: Plane<'a>,
    /// Cb and Cr, of one stride.
    pub(super) chroma: [Plane<'a>; 2],
    /// Stored width and height, pixels.
    pub(super) size_px: [u32; 2],
    pub(super) matrix: YuvMatrix,
    /// The stored axes as functions of displayed positions.
    pub(super) axes: [StoredAxis; 2],
    /// Whether displayed columns are stored rows.
    pub(super) is_transposed: bool,
}

impl<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32> Planar<'_, COLUMN_SHIFT, ROW_SHIFT> {
    /// Mixes colors along a line. Returns whether it did: neither without AVX2, nor if a plane has no two neighbors in
    /// a row, nor if offsets in a plane do not fit 32 bits.
    pub(super) fn mix(&self, line: &Line, border: Border, mixed: &mut Mixed) -> bool {
        let is_possible = self.has_pairs() && self.is_small() && is_x86_feature_detected!("avx2");
        if is_possible {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::mix(self, line, border, mixed) };
        }
        is_possible
    }

    fn has_pairs(&self) -> bool {
        let [width, height] = self.size_px;
        width > 1 << COLUMN_SHIFT && height > 1
    }

    fn is_small(&self) -> bool {
        /// Positions in 32nds of a pixel fit 32 bits as well.
        const MOST_PX: u32 = 1 << 24;
        let are_small = [self.luma, self.chroma[0]].iter().all(|plane| i32::try_from(plane.bytes.len()).is_ok());
        are_small && self.size_px.iter().all(|&length| length <= MOST_PX)
    }
}

#[cfg(test)]
mod tests;
