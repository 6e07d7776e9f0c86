//! Animated GIFs: short movements for messages and web pages.
//!
//! All frames share one palette (Dekker's `NeuQuant`), so that a still background does not flicker. Only the changed
//! part of each frame is written.

use crate::image::RgbImage;
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use std::collections::BTreeSet;
use std::io::Write;

/// The number of colors of a palette; the last of GIF's 256 entries marks unchanged pixels.
const MAX_COLORS: usize = 255;
/// The maximum number of pixels that a palette is learned from.
const MAX_SAMPLED_PIXELS: usize = 100_000;
/// The sampling step of `NeuQuant`: 1 learns from all pixels, because they are already a sample.
const SAMPLING: i32 = 1;
/// The number of bits per channel for looking up nearest colors.
const LOOKUP_BITS: u32 = 6;
/// The shortest delay, hundredths of a second. Browsers slow shorter delays down to ten frames per second.
const MIN_DELAY_CS: u64 = 2;

/// The reason why no animation could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnimationError {
    /// A size that a GIF cannot have.
    #[error("a GIF cannot be {} x {} pixels large", .0[0], .0[1])]
    Size([usize; 2]),
    /// A frame of another size.
    #[error("a frame of {} x {} pixels does not fit into an animation of {} x {}", found[0], found[1], expected[0], expected[1])]
    FrameSize {
        /// Width and height of the animation.
        expected: [usize; 2],
        /// Width and height of the frame.
        found: [usize; 2],
    },
    /// A duration that is negative or not finite.
    #[error("a frame cannot be shown for {0} seconds")]
    Duration(f64),
    /// The encoder or the writer failed.
    #[error("cannot write the GIF")]
    Encoding(#[from] gif::EncodingError),
}

/// The colors of an animation.
#[derive(Debug, Clone)]
pub(crate) struct Palette {
    colors: Vec<[u8; 3]>,
    /// The index of the color nearest to each cell of the color cube; computed when first needed.
    nearest: Vec<Option<u8>>,
}

impl Palette {
    /// Learns colors from a few pictures spread over the video.
    #[must_use]
    pub(crate) fn learn(pictures: &[&RgbImage]) -> Self {
        let n_pixels: usize = pictures.iter().map(|picture| picture.width() * picture.height()).sum();
        // The step should not be a divisor of common widths.
        let step = n_pixels.div_ceil(MAX_SAMPLED_PIXELS).max(1);
        let step = if step > 1 { step | 1 } else { 1 };
        let sampled: Vec<[u8; 3]> = pictures.iter().flat_map(|picture| pixels(picture)).step_by(step).collect();
        let mut seen = BTreeSet::new();
        for &color in &sampled {
            seen.insert(color);
            if seen.len() > MAX_COLORS {
                break;
            }
        }
        let mut colors: Vec<[u8; 3]> = if seen.len() <= MAX_COLORS {
            seen.into_iter().collect()
        } else {
            let with_alpha: Vec<u8> = sampled.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect();
            color_quant::NeuQuant::new(SAMPLING, MAX_COLORS, &with_alpha).color_map_rgb().as_chunks::<3>().0.to_vec()
        };
        if colors.is_empty() {
            colors.push([0; 3]);
        }
        Self { colors, nearest: vec![None; 1 << (3 * LOOKUP_BITS)] }
    }

    /// Returns the index of the color nearest to `rgb`, within the lookup's 4 levels.
    fn index_of(&mut self, rgb: [u8; 3]) -> u8 {
        let cell = rgb.iter().fold(0, |cell, &level| cell << LOOKUP_BITS | usize::from(level >> (8 - LOOKUP_BITS)));
        if let Some(index) = self.nearest[cell] {
            return index;
        }
        let apart = |color: &[u8; 3]| -> u32 {
            color.iter().zip(rgb).map(|(&own, level)| u32::from(own.abs_diff(level)).pow(2)).sum()
        };
        let nearest = self.colors.iter().enumerate().min_by_key(|(_, color)| apart(color));
        let index = nearest.map_or(0, |(index, _)| index as u8);
        self.nearest[cell] = Some(index);
        index
    }

    /// Returns the index that marks unchanged pixels.
    fn unchanged(&self) -> u8 {
        self.colors.len() as u8
    }
}

fn pixels(picture: &RgbImage) -> impl Iterator<Item = [u8; 3]> {
    let (width, stride) = (picture.width(), picture.stride().max(1));
    let rows = picture.bytes().chunks_exact(stride).take(picture.height());
    rows.flat_map(move |row| row[..width * 3].as_chunks::<3>().0.iter().copied())
}

/// Writes an animation that repeats forever, frame by frame.
///
/// GIF counts in hundredths of a second. The rounding error of one frame is added to the next, so that the total
/// duration is right. A frame that would be shown for less than two hundredths, or that looks like the one before, adds
/// its time to the frame before.
pub(crate) struct AnimationWriter<W: Write> {
    encoder: Encoder<W>,
    size_px: [u16; 2],
    palette: Palette,
    /// The picture shown before the waiting frame, as indices; empty before the first frame.
    shown: Vec<u8>,
    /// The frame whose end is not yet known; empty before the first frame.
    waiting: Vec<u8>,
    waiting_since_cs: u64,
    time_s: f64,
    /// Buffer of the changed part.
    part: Vec<u8>,
}

impl<W: Write> AnimationWriter<W> {
    /// Begins an animation of `size_px` (width, height).
    ///
    /// # Errors
    /// A side is 0 or longer than 65535, or the writer fails.
    pub(crate) fn new(writer: W, size_px: [usize; 2], palette: Palette) -> Result<Self, AnimationError> {
        let [Ok(width), Ok(height)] = size_px.map(u16::try_from) else { return Err(AnimationError::Size(size_px)) };
        if width == 0 || height == 0 {
            return Err(AnimationError::Size(size_px));
        }
        let mut colors = palette.colors.concat();
        colors.extend([0; 3]);
        let mut encoder = Encoder::new(writer, width, height, &colors)?;
        encoder.set_repeat(Repeat::Infinite)?;
        Ok(Self {
            encoder,
            size_px: [width, height],
            palette,
            shown: Vec::new(),
            waiting: Vec::new(),
            waiting_since_cs: 0,
            time_s: 0.0,
            part: Vec::new(),
        })
    }

    /// Adds a frame that is shown for `duration_s` seconds.
    ///
    /// # Errors
    /// The frame has another size, the duration is invalid, or the writer fails.
    pub(crate) fn add(&mut self, picture: &RgbImage, duration_s: f64) -> Result<(), AnimationError> {
        let (expected, found) = (self.size_px.map(usize::from), [picture.width(), picture.height()]);
        if expected != found {
            return Err(AnimationError::FrameSize { expected, found });
        }
        if !(duration_s.is_finite() && duration_s >= 0.0) {
            return Err(AnimationError::Duration(duration_s));
        }
        let start_cs = hundredths(self.time_s);
        self.time_s += duration_s;
        if !self.waiting.is_empty() && start_cs - self.waiting_since_cs < MIN_DELAY_CS {
            return Ok(());
        }
        let indices: Vec<u8> = pixels(picture).map(|rgb| self.palette.index_of(rgb)).collect();
        if indices == self.waiting {
            return Ok(());
        }
        self.write_waiting(start_cs)?;
        self.shown = std::mem::replace(&mut self.waiting, indices);
        self.waiting_since_cs = start_cs;
        Ok(())
    }

    /// Ends the animation and returns the writer.
    ///
    /// # Errors
    /// The writer fails.
    pub(crate) fn finish(mut self) -> Result<W, AnimationError> {
        let end_cs = hundredths(self.time_s).max(self.waiting_since_cs + MIN_DELAY_CS);
        self.write_waiting(end_cs)?;
        Ok(self.encoder.into_inner()?)
    }

    fn write_waiting(&mut self, end_cs: u64) -> Result<(), AnimationError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let [left, top, right, bottom] = self.changed();
        let width = usize::from(self.size_px[0]);
        let unchanged = self.palette.unchanged();
        self.part.clear();
        for row in top..bottom {
            let columns = row * width + left..row * width + right;
            let own = &self.waiting[columns.clone()];
            match self.shown.get(columns) {
                Some(shown) => {
                    let changes = own.iter().zip(shown);
                    self.part.extend(changes.map(|(own, shown)| if own == shown { unchanged } else { *own }));
                }
                None => self.part.extend(own),
            }
        }
        let frame = Frame {
            // A GIF frame can last at most eleven minutes.
            delay: u16::try_from(end_cs - self.waiting_since_cs).unwrap_or(u16::MAX),
            dispose: DisposalMethod::Keep,
            transparent: Some(unchanged),
            left: left as u16,
            top: top as u16,
            width: (right - left) as u16,
            height: (bottom - top) as u16,
            buffer: self.part.as_slice().into(),
            ..Frame::default()
        };
        self.encoder.write_frame(&frame)?;
        Ok(())
    }

    /// Returns left, top, right and bottom (both past the end) of the changed part of the waiting frame; the whole
    /// frame at first.
    fn changed(&self) -> [usize; 4] {
        let [width, height] = self.size_px.map(usize::from);
        if self.shown.is_empty() {
            return [0, 0, width, height];
        }
        let mut edges = [width, height, 0, 0];
        for (row, (own, shown)) in self.waiting.chunks_exact(width).zip(self.shown.chunks_exact(width)).enumerate() {
            let differs = |(own, shown): (&u8, &u8)| own != shown;
            let Some(first) = own.iter().zip(shown).position(differs) else { continue };
            let last = own.iter().zip(shown).rposition(differs).unwrap_or(first);
            edges = [edges[0].min(first), edges[1].min(row), edges[2].max(last + 1), row + 1];
        }
        edges
    }
}

fn hundredths(time_s: f64) -> u64 {
    (time_s * 100.0).round() as u64
}

#[cfg(test)]
mod tests;
