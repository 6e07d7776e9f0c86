//! Divides a memory limit among the decoder, the pictures in flight and the encoder.
//!
//! The constants were measured on x86-64 Linux (FFmpeg 5.1, DuckDB 1.5) and rounded up; `benches/render_memory.sh`
//! checks the result.

use std::path::Path;

use super::error::RenderError;
use super::look::Look;
use super::subject::ENGINE_BYTES;
use crate::memory::{PROGRAM_BYTES, SLACK};
use crate::video::encode::{Effort, VideoCodec};
use crate::video::{DecoderShape, outline};

/// The resources that fit into the memory limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// The encoder effort, which decides how many pictures the encoder keeps.
    pub(crate) effort: Effort,
    /// The number of decoder threads; each keeps one more picture.
    pub(crate) decoder_threads: usize,
    /// The number of pictures that wait for the next thread.
    pub(crate) ahead: usize,
}

impl Share {
    /// Returns the number of pictures in use at the same time: those that wait before and after drawing, and one or two
    /// held by each thread.
    #[must_use]
    pub(crate) fn pictures(&self) -> usize {
        2 * self.ahead + 4
    }
}

/// The possible shares, fastest first.
const WAYS: [Share; 5] = [
    Share { effort: Effort::Full, decoder_threads: 2, ahead: 2 },
    Share { effort: Effort::Lean, decoder_threads: 2, ahead: 2 },
    Share { effort: Effort::Small, decoder_threads: 2, ahead: 1 },
    Share { effort: Effort::Small, decoder_threads: 1, ahead: 0 },
    Share { effort: Effort::Least, decoder_threads: 1, ahead: 0 },
];

/// Returns the fastest share that renders a video within a memory limit.
///
/// # Errors
/// No share fits, or the video cannot be opened.
pub(crate) fn share(cap_bytes: u64, source: &Path, look: &Look, codec: VideoCodec) -> Result<Share, RenderError> {
    let shapes = [outline(source, 1)?.shape, outline(source, 2)?.shape];
    let need = |way: &Share| need_bytes(way, shapes[way.decoder_threads - 1], look, codec);
    let least = WAYS[WAYS.len() - 1];
    WAYS.into_iter().find(|way| need(way) <= cap_bytes).ok_or(RenderError::TooLarge {
        width: shapes[0].width,
        height: shapes[0].height,
        smallest_bytes: need(&least),
    })
}

fn need_bytes(way: &Share, shape: DecoderShape, look: &Look, codec: VideoCodec) -> u64 {
    let pixels = u64::from(shape.width) * u64::from(shape.height);
    let decoder =
        shape.decoded_bytes * u64::from(shape.pictures) + shape.converted_bytes.unwrap_or_default() + shape.index_bytes;
    // Luma and two quarters of chroma. Drawings use a picture of four bytes per pixel before they are blended.
    let picture = pixels * 3 / 2;
    let pictures = picture * way.pictures() as u64 * look.pictures_per_frame() + pixels * 4;
    let encoder = pixels * way.effort.bytes_per_pixel(codec) * look.pictures_per_frame();
    let need = PROGRAM_BYTES + ENGINE_BYTES + decoder + pictures + encoder;
    (need as f64 / (1.0 - SLACK)).ceil() as u64
}
