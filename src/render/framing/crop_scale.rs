//! Draws a part of a picture at another size.
//!
//! Every output sample is the integral of the linearly interpolated source over a box of (scale - 1) source pixels: the
//! kernel is a tent when enlarging or keeping the size, and widens to an area average when shrinking. It reproduces
//! flat and linear pictures, and a crop at whole pixels of the same size exactly. Chroma is assumed to be in the middle
//! of its four luma pixels (as in JPEG); for codecs that put it at the left edge that is a quarter of a chroma pixel
//! off.

use crate::image::yuv::YuvImage;

/// The number of bits of a weight: the weights of a sample add up to `1 << WEIGHT_BITS`.
const WEIGHT_BITS: u32 = 14;
/// The number of fraction bits of a sample between the two passes.
const MIDDLE_BITS: u32 = 6;

/// A rectangle; pixel `i` covers `i..i + 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rectangle {
    /// Left edge.
    pub(crate) x_px: f32,
    /// Upper edge.
    pub(crate) y_px: f32,
    /// Width.
    pub(crate) width_px: f32,
    /// Height.
    pub(crate) height_px: f32,
}

impl Rectangle {
    /// Returns the rectangle of a whole picture of the given width and height.
    #[must_use]
    pub(crate) fn whole(size_px: [usize; 2]) -> Self {
        Self { x_px: 0.0, y_px: 0.0, width_px: size_px[0] as f32, height_px: size_px[1] as f32 }
    }

    /// Returns whether all numbers are finite and the area is not empty.
    #[must_use]
    pub(crate) fn covers_something(&self) -> bool {
        let numbers = [self.x_px, self.y_px, self.width_px, self.height_px];
        numbers.iter().all(|number| number.is_finite()) && self.width_px > 0.0 && self.height_px > 0.0
    }
}

/// The pixels beyond the border of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Border {
    /// Black.
    #[default]
    Black,
    /// The pixels at the edge, repeated.
    Edge,
}

/// The reason why a part of a picture could not be drawn.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(crate) enum CropError {
    /// A rectangle without area, or with numbers that are not finite.
    #[error("a crop of {width_px} x {height_px} pixels at ({x_px}, {y_px}) shows nothing", x_px = .0.x_px, y_px = .0.y_px,
        width_px = .0.width_px, height_px = .0.height_px)]
    NothingCovered(Rectangle),
    /// A picture without pixels.
    #[error("cannot crop a picture without pixels")]
    EmptyPicture,
}

/// Returns the size of a picture scaled to at most `max_width_px`, with the aspect ratio kept; both even, never
/// enlarged.
#[must_use]
pub(crate) fn size_at_most(size_px: [usize; 2], max_width_px: usize) -> [usize; 2] {
    let [width, height] = size_px;
    if width <= max_width_px || width == 0 {
        return size_px.map(|length| length.next_multiple_of(2));
    }
    let even = |length: f64| ((length / 2.0).round() as usize * 2).max(2);
    let new_width = (max_width_px - max_width_px % 2).max(2);
    [new_width, even(height as f64 * new_width as f64 / width as f64)]
}

/// Draws parts of pictures and reuses its buffers.
#[derive(Debug, Default)]
pub(crate) struct CropScaler {
    border: Border,
    columns: Taps,
    rows: Taps,
    sums: Vec<u32>,
    row: Vec<u16>,
}

impl CropScaler {
    /// Creates a scaler with `border` around every picture.
    #[must_use]
    pub(crate) fn new(border: Border) -> Self {
        Self { border, ..Self::default() }
    }

    /// Draws `part` of `source` onto all of `into`, which keeps its size and gets the color encoding of `source`.
    ///
    /// # Errors
    /// The rectangle covers nothing, or a picture has no pixels.
    pub(crate) fn draw(&mut self, source: &YuvImage, part: Rectangle, into: &mut YuvImage) -> Result<(), CropError> {
        if !part.covers_something() {
            return Err(CropError::NothingCovered(part));
        }
        let from = [source.width(), source.height()];
        let to = [into.width(), into.height()];
        if from.contains(&0) || to.contains(&0) {
            return Err(CropError::EmptyPicture);
        }
        into.colors = source.colors;
        let [black, cb, cr] = source.colors.from_rgb([0; 3]);
        self.set(part, from, to);
        self.scale(&source.luma, from[0], black, &mut into.luma, to[0]);
        let half = Rectangle {
            x_px: part.x_px / 2.0,
            y_px: part.y_px / 2.0,
            width_px: part.width_px / 2.0,
            height_px: part.height_px / 2.0,
        };
        self.set(half, from.map(|length| length / 2), to.map(|length| length / 2));
        self.scale(&source.cb, from[0] / 2, cb, &mut into.cb, to[0] / 2);
        self.scale(&source.cr, from[0] / 2, cr, &mut into.cr, to[0] / 2);
        Ok(())
    }

    fn set(&mut self, part: Rectangle, from: [usize; 2], to: [usize; 2]) {
        self.columns.set(f64::from(part.x_px), f64::from(part.width_px), from[0], to[0], self.border);
        self.rows.set(f64::from(part.y_px), f64::from(part.height_px), from[1], to[1], self.border);
    }

    /// Scales down each column first, where neighbors in memory are handled alike, then along the row.
    fn scale(&mut self, source: &[u8], source_width: usize, black: u8, into: &mut [u8], width: usize) {
        let (left, right) = self.columns.reach;
        // The weights of a tap are read in one piece; weights beyond the right end are 0.
        self.row.clear();
        self.row.resize(right - left + self.columns.per_sample, 0);
        self.sums.resize(right - left, 0);
        for (index, into_row) in into.chunks_exact_mut(width).enumerate() {
            let (start, weights, outside) = self.rows.of(index);
            let outside = u32::from(outside) * u32::from(black);
            if let &[only] = weights
                && u32::from(only) == 1 << WEIGHT_BITS
            {
                let source_row = &source[start * source_width + left..start * source_width + right];
                for (middle, &sample) in self.row.iter_mut().zip(source_row) {
                    *middle = u16::from(sample) << MIDDLE_BITS;
                }
            } else {
                add_rows(&mut self.sums, outside, weights, &source[start * source_width..], source_width, left);
                for (middle, &sum) in self.row.iter_mut().zip(&self.sums) {
                    *middle = (sum >> (WEIGHT_BITS - MIDDLE_BITS)) as u16;
                }
            }
            along_row(&self.row, &self.columns, black, into_row);
        }
    }
}

fn add_rows(sums: &mut [u32], outside: u32, weights: &[u16], source: &[u8], source_width: usize, left: usize) {
    // Adds half a unit of the result, so that truncation rounds.
    sums.fill(outside + (1 << (WEIGHT_BITS - MIDDLE_BITS - 1)));
    for (&weight, source_row) in weights.iter().zip(source.chunks_exact(source_width)) {
        for (sum, &sample) in sums.iter_mut().zip(&source_row[left..]) {
            *sum += u32::from(sample) * u32::from(weight);
        }
    }
}

fn along_row(row: &[u16], columns: &Taps, black: u8, into_row: &mut [u8]) {
    match columns.per_sample {
        1 => along_row_of::<1>(row, columns, black, into_row),
        2 => along_row_of::<2>(row, columns, black, into_row),
        3 => along_row_of::<3>(row, columns, black, into_row),
        4 => along_row_of::<4>(row, columns, black, into_row),
        count => {
            for (into, (tap, weights)) in
                into_row.iter_mut().zip(columns.samples.iter().zip(columns.weights.chunks(count)))
            {
                let start = tap.start as usize - columns.reach.0;
                *into = weighted(&row[start..start + count], weights, tap.outside, black);
            }
        }
    }
}

/// Scales along a row with a number of weights known at compile time.
fn along_row_of<const N: usize>(row: &[u16], columns: &Taps, black: u8, into_row: &mut [u8]) {
    let (weights, _) = columns.weights.as_chunks::<N>();
    let left = columns.reach.0;
    for (into, (tap, weights)) in into_row.iter_mut().zip(columns.samples.iter().zip(weights)) {
        let Some(samples) = row.get(tap.start as usize - left..).and_then(<[u16]>::first_chunk::<N>) else { break };
        *into = weighted(samples, weights, tap.outside, black);
    }
}

#[inline]
fn weighted(samples: &[u16], weights: &[u16], outside: u16, black: u8) -> u8 {
    const HALF: u32 = 1 << (WEIGHT_BITS + MIDDLE_BITS - 1);
    let border = (u32::from(outside) * u32::from(black)) << MIDDLE_BITS;
    let sum: u32 = samples.iter().zip(weights).map(|(&sample, &weight)| u32::from(sample) * u32::from(weight)).sum();
    ((sum + border + HALF) >> (WEIGHT_BITS + MIDDLE_BITS)) as u8
}

/// The source samples of an output sample.
#[derive(Debug, Clone, Copy)]
struct Tap {
    start: u32,
    count: u32,
    /// Weight of the black beyond the border.
    outside: u16,
}

/// The weights along one direction.
#[derive(Debug, Default)]
struct Taps {
    samples: Vec<Tap>,
    /// `per_sample` weights for each output sample; unneeded weights are 0.
    weights: Vec<u16>,
    per_sample: usize,
    /// The first source sample used, and one past the last.
    reach: (usize, usize),
    shares: Vec<f64>,
}

impl Taps {
    fn of(&self, index: usize) -> (usize, &[u16], u16) {
        let tap = self.samples[index];
        let first = index * self.per_sample;
        (tap.start as usize, &self.weights[first..first + tap.count as usize], tap.outside)
    }

    /// Computes the weights of `n_to` samples from `extent` source samples that begin at `origin`, out of `n_from`.
    fn set(&mut self, origin: f64, extent: f64, n_from: usize, n_to: usize, border: Border) {
        let scale = extent / n_to as f64;
        let half = (scale - 1.0).max(0.0) / 2.0;
        // Samples at whole distances from -(half + 1) to half + 1, both excluded.
        self.per_sample = ((2.0 * half + 2.0).ceil().min(n_from as f64) as usize).max(1);
        self.samples.clear();
        self.weights.clear();
        self.weights.resize(n_to * self.per_sample, 0);
        let mut reach = (n_from, 0);
        for (index, weights) in self.weights.chunks_exact_mut(self.per_sample).enumerate() {
            let center = origin + (index as f64 + 0.5) * scale - 0.5;
            let tap = set_weights(weights, &mut self.shares, center, half, n_from, border);
            reach = (reach.0.min(tap.start as usize), reach.1.max((tap.start + tap.count) as usize));
            self.samples.push(tap);
        }
        self.reach = reach;
    }
}

/// Sets one output sample's weights.
fn set_weights(
    weights: &mut [u16],
    shares: &mut Vec<f64>,
    center: f64,
    half: f64,
    n_from: usize,
    border: Border,
) -> Tap {
    let last = (n_from - 1) as f64;
    // Farther away there is only border.
    let center = center.clamp(-half - 2.0, last + half + 2.0);
    let start = (center - half - 1.0).floor() + 1.0;
    let end = (center + half + 1.0).ceil() - 1.0;
    let (first, stop) = (start.clamp(0.0, last) as usize, end.clamp(0.0, last) as usize);
    let (below, above) = (share_below(center, half), share_below(last - center, half));
    shares.clear();
    shares.extend((first..=stop).map(|source| share_of(source as f64 - center, half)));
    let mut outside = 0;
    match border {
        Border::Edge => {
            if let Some(share) = shares.first_mut() {
                *share += below;
            }
            if let Some(share) = shares.last_mut() {
                *share += above;
            }
        }
        Border::Black => outside = in_units(below + above),
    }
    // The running sum is rounded instead of each weight, so that all weights add up to one.
    let mut sum = if border == Border::Black { below + above } else { 0.0 };
    let mut sum_units = outside;
    for (weight, share) in weights.iter_mut().zip(&*shares) {
        sum += share;
        let units = in_units(sum).max(sum_units);
        *weight = units - sum_units;
        sum_units = units;
    }
    // The shares add up to 1 except for rounding errors.
    let rest = (1 << WEIGHT_BITS) - sum_units;
    if border == Border::Black && outside > 0 {
        outside += rest;
    } else {
        weights[0] += rest;
    }
    trimmed(weights, first, outside)
}

/// Returns a tap without the zero weights at the end.
fn trimmed(weights: &[u16], first: usize, outside: u16) -> Tap {
    let count = weights.iter().rposition(|&weight| weight > 0).map_or(1, |last| last + 1);
    Tap { start: first as u32, count: count as u32, outside }
}

fn in_units(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * f64::from(1 << WEIGHT_BITS)).round() as u16
}

/// Returns the share of a source sample at `distance` from the middle of a box of length 2 x `half`.
fn share_of(distance: f64, half: f64) -> f64 {
    if half < 1e-6 {
        return (1.0 - distance.abs()).max(0.0);
    }
    (tent_integral(half - distance) - tent_integral(-half - distance)) / (2.0 * half)
}

/// Returns the share of all samples before sample 0, if the middle of the box is at `center`.
fn share_below(center: f64, half: f64) -> f64 {
    if half < 1e-6 {
        return (-center).clamp(0.0, 1.0);
    }
    // The share at a point t is clamp(-t, 0, 1); this is its integral.
    let integral = |t: f64| match t {
        t if t <= -1.0 => t + 0.5,
        t if t < 0.0 => -t * t / 2.0,
        _ => 0.0,
    };
    (integral(center + half) - integral(center - half)) / (2.0 * half)
}

/// Returns the integral of the tent of height 1 and half width 1, up to `x`.
fn tent_integral(x: f64) -> f64 {
    match x {
        x if x <= -1.0 => 0.0,
        x if x <= 0.0 => (x + 1.0).powi(2) / 2.0,
        x if x < 1.0 => 1.0 - (1.0 - x).powi(2) / 2.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests;
