//! The arithmetic of mixing with AVX2, eight positions at a time. Vectors of 16-bit values hold the upper and the lower
//! row of each position side by side.

#[allow(clippy::wildcard_imports, reason = "one name per instruction")]
use std::arch::x86_64::*;

use super::{Planar, pairs};
use crate::image::mix::{Border, FURTHEST, Line, Mixed, ROUNDING, RUN};
use crate::video::orientation::StoredAxis;
use crate::video::yuv::{GRAY, YuvMatrix};

/// Positions in a vector.
const LANES: usize = 8;

/// Step between stored rows, in 32nds of a pixel, from which chroma is fetched while luma is read. Then a picture that
/// the caches do not hold is sampled 20 % faster, and one that they hold 15 % slower.
const STEEP_32NDS: f64 = 64.0;

/// Where a run reads, and how it weighs what it reads.
struct Places {
    luma: [u32; RUN],
    /// Of the upper and of the lower row.
    chroma: [[u32; RUN]; 2],
    /// Left and right, twice, in bytes.
    column_weights: [u32; RUN],
    /// Upper and lower, in 16 bits.
    row_weights: [u32; RUN],
    /// Columns from the first one that belongs to the chroma pair, twice, in 16 bits.
    from_chroma_pair: [u32; RUN],
}

/// Mixes colors as [`Planar::mix`] says, for pictures of pairs whose offsets fit 32 bits.
#[target_feature(enable = "avx2")]
pub(super) fn mix<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32>(
    planar: &Planar<'_, COLUMN_SHIFT, ROW_SHIFT>,
    line: &Line,
    border: Border,
    mixed: &mut Mixed,
) {
    let zeros = [0; RUN];
    let mut places =
        Places { luma: zeros, chroma: [zeros; 2], column_weights: zeros, row_weights: zeros, from_chroma_pair: zeros };
    place(planar, line, border, &mut places);
    let lower = planar.luma.bytes.get(planar.luma.stride..).unwrap_or_default();
    let [cb, cr] = [planar.chroma[0].bytes, planar.chroma[1].bytes];
    // The processor foresees reads along a row; of reads from row to row it needs to be told.
    if line.step_32nds[usize::from(!planar.is_transposed)].abs() >= STEEP_32NDS {
        for offsets in &places.chroma {
            pairs::prefetch(cb, offsets);
            pairs::prefetch(cr, offsets);
        }
    }
    let mut read = [zeros; 3];
    pairs::read([planar.luma.bytes, lower], [&places.luma; 2], &mut read[0]);
    pairs::read([cb; 2], places.chroma.each_ref(), &mut read[1]);
    pairs::read([cr; 2], places.chroma.each_ref(), &mut read[2]);
    mix_colors::<COLUMN_SHIFT>(&read, &places, &Vectors::new(planar.matrix), mixed);
}

/// Places positions in the planes.
#[target_feature(enable = "avx2")]
fn place<const COLUMN_SHIFT: u32, const ROW_SHIFT: u32>(
    planar: &Planar<'_, COLUMN_SHIFT, ROW_SHIFT>,
    line: &Line,
    border: Border,
    places: &mut Places,
) {
    let [width, height] = planar.size_px;
    let [across, down] = if planar.is_transposed { [1, 0] } else { [0, 1] };
    let columns = Axis::new(planar.axes[0], width, border);
    let rows = Axis::new(planar.axes[1], height, border);
    let last_pair = _mm256_set1_epi32(width.div_ceil(1 << COLUMN_SHIFT) as i32 - 2);
    let stride = _mm256_set1_epi32(planar.luma.stride as i32);
    let chroma_stride = _mm256_set1_epi32(planar.chroma[0].stride as i32);
    let (column_shift, row_shift) = (_mm_cvtsi32_si128(COLUMN_SHIFT as i32), _mm_cvtsi32_si128(ROW_SHIFT as i32));
    let one = _mm256_set1_epi32(1);
    let (along_x, along_y) = (positions(line, across), positions(line, down));
    for first in (0..RUN).step_by(LANES) {
        let (x, from_x) = columns.place(load(&along_x, first));
        let (y, from_y) = rows.place(load(&along_y, first));
        let [left, right] = weights(from_x);
        let bytes = _mm256_or_si256(left, _mm256_slli_epi32::<8>(right));
        store(&mut places.column_weights, first, twice(bytes));
        let [upper, lower] = weights(from_y);
        store(&mut places.row_weights, first, _mm256_or_si256(upper, _mm256_slli_epi32::<16>(lower)));

        store(&mut places.luma, first, _mm256_add_epi32(_mm256_mullo_epi32(y, stride), x));
        let pair = _mm256_min_epi32(_mm256_srl_epi32(x, column_shift), last_pair);
        let from_pair = _mm256_sub_epi32(x, _mm256_sll_epi32(pair, column_shift));
        store(&mut places.from_chroma_pair, first, twice(from_pair));
        for (y, chroma) in [y, _mm256_add_epi32(y, one)].into_iter().zip(&mut places.chroma) {
            let row = _mm256_mullo_epi32(_mm256_srl_epi32(y, row_shift), chroma_stride);
            store(chroma, first, _mm256_add_epi32(row, pair));
        }
    }
}

/// Positions along an axis of the picture as displayed, in 32nds of a pixel. They have a loop of their own, because
/// chains of instructions are short in it, and processors begin the next ones meanwhile.
#[target_feature(enable = "avx2")]
fn positions(line: &Line, axis: usize) -> [u32; RUN] {
    let (start, step) = (_mm256_set1_pd(line.start_32nds[axis]), _mm256_set1_pd(line.step_32nds[axis]));
    let mut positions = [0; RUN];
    for first in (0..RUN).step_by(LANES) {
        let u = _mm_add_epi32(_mm_set1_epi32(line.first + first as i32), _mm_setr_epi32(0, 1, 2, 3));
        let low = _mm256_add_pd(start, _mm256_mul_pd(step, _mm256_cvtepi32_pd(u)));
        let u = _mm_add_epi32(u, _mm_set1_epi32(4));
        let high = _mm256_add_pd(start, _mm256_mul_pd(step, _mm256_cvtepi32_pd(u)));
        // The lower half of each value, in the order of the values.
        let halves = _mm256_shuffle_ps::<0b10_00_10_00>(rounded(low), rounded(high));
        store(&mut positions, first, _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(halves)));
    }
    positions
}

/// Positions, rounded, in the lower halves.
#[target_feature(enable = "avx2")]
fn rounded(position: __m256d) -> __m256 {
    let (lowest, highest) = (_mm256_set1_pd(-FURTHEST), _mm256_set1_pd(FURTHEST));
    // Of a limit and what is no number, the second operand is taken: as `clamp` does.
    let within = _mm256_min_pd(highest, _mm256_max_pd(lowest, position));
    _mm256_castpd_ps(_mm256_add_pd(within, _mm256_set1_pd(ROUNDING)))
}

/// A stored axis.
#[derive(Clone, Copy)]
struct Axis {
    /// The range of positions that make a difference, in 32nds of a pixel.
    lowest: __m256i,
    highest: __m256i,
    /// A stored position is a displayed one with these bits flipped, plus `base`.
    flipped: __m256i,
    base: __m256i,
    /// The last pixel that has a next one.
    last_first: __m256i,
}

impl Axis {
    #[target_feature(enable = "avx2")]
    fn new(axis: StoredAxis, length: u32, border: Border) -> Self {
        let last = length as i32 - 1;
        let beyond = if border == Border::Zero { 32 } else { 0 };
        let (flipped, base) = if axis.is_flipped { (-1, last * 32 + 1) } else { (0, 0) };
        Self {
            lowest: _mm256_set1_epi32(-beyond),
            highest: _mm256_set1_epi32(last * 32 + beyond),
            flipped: _mm256_set1_epi32(flipped),
            base: _mm256_set1_epi32(base),
            last_first: _mm256_set1_epi32(last - 1),
        }
    }

    /// The first of two neighboring pixels inside the picture, and the position from its middle in 32nds of a pixel.
    #[target_feature(enable = "avx2")]
    fn place(self, displayed: __m256i) -> (__m256i, __m256i) {
        let within = _mm256_min_epi32(_mm256_max_epi32(displayed, self.lowest), self.highest);
        let stored = _mm256_add_epi32(_mm256_xor_si256(within, self.flipped), self.base);
        let pixel = _mm256_min_epi32(_mm256_srai_epi32::<5>(stored), self.last_first);
        let first = _mm256_max_epi32(pixel, _mm256_setzero_si256());
        (first, _mm256_sub_epi32(stored, _mm256_slli_epi32::<5>(first)))
    }
}

/// Weights of a pair's pixels, in 32nds. A weight falls from 32 at a pixel's middle to 0 at its neighbors' middles. So
/// a position beyond the picture needs no case of its own: it counts as the last middle, or keeps its distance from it
/// if the border is black.
#[target_feature(enable = "avx2")]
fn weights(from_first: __m256i) -> [__m256i; 2] {
    let (one, zero) = (_mm256_set1_epi32(32), _mm256_setzero_si256());
    let first = _mm256_sub_epi32(one, _mm256_abs_epi32(from_first));
    let second = _mm256_sub_epi32(one, _mm256_abs_epi32(_mm256_sub_epi32(from_first, one)));
    [_mm256_max_epi32(first, zero), _mm256_max_epi32(second, zero)]
}

/// Repeats the lower 16 bits, where the upper ones are 0.
#[target_feature(enable = "avx2")]
fn twice(values: __m256i) -> __m256i {
    _mm256_or_si256(values, _mm256_slli_epi32::<16>(values))
}

/// The factors of a matrix, in all lanes.
struct Vectors {
    black: __m256i,
    luma: __m256i,
    red_by_cr: __m256i,
    green_by_cb: __m256i,
    green_by_cr: __m256i,
    blue_by_cb: __m256i,
}

impl Vectors {
    #[target_feature(enable = "avx2")]
    fn new(matrix: YuvMatrix) -> Self {
        Self {
            black: _mm256_set1_epi16(matrix.black),
            luma: _mm256_set1_epi16(matrix.luma),
            red_by_cr: _mm256_set1_epi16(matrix.red_by_cr),
            green_by_cb: _mm256_set1_epi16(matrix.green_by_cb),
            green_by_cr: _mm256_set1_epi16(matrix.green_by_cr),
            blue_by_cb: _mm256_set1_epi16(matrix.blue_by_cb),
        }
    }

    /// Red, green and blue, not yet limited to 8 bits, from the difference of luma, Cb and Cr to black and gray in
    /// eighths. See [`crate::video::yuv::YuvMatrix::convert`].
    #[target_feature(enable = "avx2")]
    fn levels(&self, luma: __m256i, cb: __m256i, cr: __m256i) -> [__m256i; 3] {
        let luma = _mm256_mulhi_epi16(luma, self.luma);
        let red = _mm256_mulhi_epi16(cr, self.red_by_cr);
        let green =
            _mm256_add_epi16(_mm256_mulhi_epi16(cb, self.green_by_cb), _mm256_mulhi_epi16(cr, self.green_by_cr));
        let blue = _mm256_mulhi_epi16(cb, self.blue_by_cb);
        [_mm256_add_epi16(luma, red), _mm256_add_epi16(luma, green), _mm256_add_epi16(luma, blue)]
    }
}

/// Both bytes of each 16-bit value, times 8.
#[target_feature(enable = "avx2")]
fn eighths(pairs: __m256i) -> [__m256i; 2] {
    let mask = _mm256_set1_epi16(0xff << 3);
    let (first, second) = (_mm256_slli_epi16::<3>(pairs), _mm256_srli_epi16::<5>(pairs));
    [_mm256_and_si256(first, mask), _mm256_and_si256(second, mask)]
}

/// Converts and mixes what was read.
#[target_feature(enable = "avx2")]
fn mix_colors<const COLUMN_SHIFT: u32>(
    [luma, cb, cr]: &[pairs::Pairs; 3],
    places: &Places,
    matrix: &Vectors,
    mixed: &mut Mixed,
) {
    let (gray, shift) = (_mm256_set1_epi16(GRAY), COLUMN_SHIFT as i16);
    let (second_at, second_at_right) = (_mm256_set1_epi16((1 << shift) - 1), _mm256_set1_epi16((1 << shift) - 2));
    for first in (0..RUN).step_by(LANES) {
        let from_pair = load(&places.from_chroma_pair, first);
        // Whether the left and the right pixel take the second of two chroma samples.
        let takes_second = [_mm256_cmpgt_epi16(from_pair, second_at), _mm256_cmpgt_epi16(from_pair, second_at_right)];
        let [cb_first, cb_second] = eighths(load(cb, first));
        let [cr_first, cr_second] = eighths(load(cr, first));
        let [left, right] = eighths(load(luma, first));
        let levels = |luma, takes_second| {
            let cb = _mm256_sub_epi16(_mm256_blendv_epi8(cb_first, cb_second, takes_second), gray);
            let cr = _mm256_sub_epi16(_mm256_blendv_epi8(cr_first, cr_second, takes_second), gray);
            matrix.levels(_mm256_sub_epi16(luma, matrix.black), cb, cr)
        };
        let (left, right) = (levels(left, takes_second[0]), levels(right, takes_second[1]));
        let weights = [load(&places.column_weights, first), load(&places.row_weights, first)];
        let red = mix_four(left[0], right[0], weights);
        let green = mix_four(left[1], right[1], weights);
        let blue = mix_four(left[2], right[2], weights);
        store_colors([red, green, blue], &mut mixed[first..first + LANES]);
    }
}

/// Mixes the levels of left and right pixels by column weights and by row weights, and rounds. All values are integers,
/// so the order of the two makes no difference.
#[target_feature(enable = "avx2")]
fn mix_four(left: __m256i, right: __m256i, [column_weights, row_weights]: [__m256i; 2]) -> __m256i {
    // Packing limits levels to 8 bits.
    let levels = _mm256_packus_epi16(left, right);
    let neighbors = _mm256_shuffle_epi8(
        levels,
        _mm256_setr_epi8(
            0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15,
        ),
    );
    let rows = _mm256_maddubs_epi16(neighbors, column_weights);
    let sum = _mm256_madd_epi16(rows, row_weights);
    _mm256_srli_epi32::<10>(_mm256_add_epi32(sum, _mm256_set1_epi32(1 << 9)))
}

/// Stores channels side by side.
#[target_feature(enable = "avx2")]
fn store_colors([red, green, blue]: [__m256i; 3], colors: &mut [[u8; 3]]) {
    let red_green = _mm256_packus_epi32(red, green);
    let channels = _mm256_packus_epi16(red_green, _mm256_packus_epi32(blue, blue));
    // Each half of the vector has four positions: their red, then their green, then their blue.
    let colors_of_halves = _mm256_shuffle_epi8(
        channels,
        _mm256_setr_epi8(
            0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1, 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1,
        ),
    );
    let bytes = colors.as_flattened_mut();
    bytes[..8].copy_from_slice(&_mm256_extract_epi64::<0>(colors_of_halves).to_le_bytes());
    bytes[8..12].copy_from_slice(&_mm256_extract_epi32::<2>(colors_of_halves).to_le_bytes());
    bytes[12..20].copy_from_slice(&_mm256_extract_epi64::<2>(colors_of_halves).to_le_bytes());
    bytes[20..24].copy_from_slice(&_mm256_extract_epi32::<6>(colors_of_halves).to_le_bytes());
}

#[target_feature(enable = "avx2")]
fn load(values: &[u32; RUN], first: usize) -> __m256i {
    let values = &values[first..first + LANES];
    // SAFETY: the slice has eight values of 32 bits.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
fn store(target: &mut [u32; RUN], first: usize, values: __m256i) {
    let target = &mut target[first..first + LANES];
    // SAFETY: the slice has eight values of 32 bits.
    unsafe { _mm256_storeu_si256(target.as_mut_ptr().cast(), values) }
}
