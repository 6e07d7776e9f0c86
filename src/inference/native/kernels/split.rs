//! The 1x1 convolution in products of bf16: each number is the sum of two of them, `high + low`, and a product of two
//! numbers is `high * low + high * high + low * high`. That keeps about 16 bits of a number's 24.
//!
//! Terms go in chunks of [`TERMS`], from the first term on. To a sum, which begins with the bias, each chunk adds its
//! products `high * low`, then `high * high`, then `low * high`, as [`Tiles::add_products`] says. So the values depend
//! neither on the tiles nor on where a sum is left unfinished, as long as that is between chunks.

use std::cell::UnsafeCell;

use super::super::error::NativeError;
use super::dense::Dense;
use super::finish::require;
use super::vector::Vector;

/// Terms of a chunk.
pub(crate) const TERMS: usize = 32;
/// Pixels of a tile, and output channels: the lanes of a vector.
pub(super) const SIDE: usize = 16;
/// Values of 32 bits in a tile.
pub(super) const TILE: usize = SIDE * SIDE;
/// Most chunks that are split at a time: 64 KiB for two tiles of pixels.
const CHUNKS: usize = 16;

/// Sums of two tiles of pixels (rows) and two vectors (columns).
#[repr(align(64))]
pub(super) struct Sums(pub(super) [[[f32; TILE]; 2]; 2]);

/// The chunks of two tiles of pixels, the high parts of a tile and its low parts. Two terms share 32 bits, the earlier
/// one has the lower half.
#[repr(align(64))]
pub(super) struct Factors(pub(super) [[[[u32; TILE]; 2]; 2]; CHUNKS]);

/// What multiplies tiles.
///
/// # Safety
/// The methods of an implementation use its instruction set. They may be called only where the processor has it.
pub(super) trait Tiles {
    /// Comes before the products of a thread.
    ///
    /// # Safety
    /// As for the trait.
    unsafe fn begin() {}

    /// Comes after the products of a thread.
    ///
    /// # Safety
    /// As for the trait.
    unsafe fn end() {}

    /// Adds products to the sums.
    ///
    /// A sum `c` takes the products `a * b` of the terms of a chunk so: `even` and `odd` begin at zero, and take the
    /// terms of even and of odd index one after the other, each by a fused multiply-add; then `c += even + odd`.
    /// Operands and results that are denormal count as zero.
    ///
    /// # Safety
    /// As for the trait. The products are of at most [`CHUNKS`] chunks, and the weights of each vector are valid for
    /// reads of as many chunks of [`packed_len`] values.
    unsafe fn add_products(sums: &mut Sums, factors: &Factors, products: &Products);
}

/// Products of some chunks, for some tiles of pixels and some vectors, one or two of each.
pub(super) struct Products {
    pub(super) chunks: usize,
    pub(super) tiles: usize,
    pub(super) vectors: usize,
    /// The packed weights of each vector. The second place is not read if there is one vector.
    pub(super) weights: [*const f32; 2],
}

/// Splits a number in two of bf16, each rounded to the nearest. What is too large for bf16 is infinite.
#[inline(always)]
pub(crate) fn split(value: f32) -> [u16; 2] {
    let high = round(value);
    let rest = value - widen(high);
    // The rest of an infinity or of NaN is none.
    let is_finite = high & 0x7f80 != 0x7f80;
    [high, if is_finite { round(rest) } else { 0 }]
}

/// The number of a bf16.
#[inline(always)]
pub(crate) fn widen(value: u16) -> f32 {
    f32::from_bits(u32::from(value) << 16)
}

/// Rounds to bf16: to the nearest, ties to even.
#[inline(always)]
fn round(value: f32) -> u16 {
    let bits = value.to_bits();
    let is_nan = bits & 0x7fff_ffff > 0x7f80_0000;
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    (if is_nan { bits | 0x0040_0000 } else { rounded } >> 16) as u16
}

/// The number of values that the packed weights of a vector of output channels take.
pub(crate) fn packed_len(depth: usize) -> usize {
    depth.div_ceil(TERMS) * 2 * TILE
}

/// Packs the weight of a term for one lane of a vector: chunk by chunk the high parts and the low ones, in the order of
/// [`Factors`] with lanes for pixels, but the two terms of 32 bits one below the other.
pub(crate) fn pack(packed: &mut [f32], term: usize, lane: usize, weight: f32) {
    for (part, half) in split(weight).into_iter().enumerate() {
        let index = (term / TERMS * 2 + part) * TILE + term % TERMS / 2 * SIDE + lane;
        let bits = packed[index].to_bits() | u32::from(half) << (term % 2 * 16);
        packed[index] = f32::from_bits(bits);
    }
}

/// Checks what a call in products of bf16 must have beside what every dense call must have.
///
/// # Errors
/// The kernel would leave its buffers, or the call does not begin and end between chunks.
pub(super) fn check(call: &Dense<'_>, lanes: usize) -> Result<(), NativeError> {
    let is_of_planes = lanes == SIDE && call.segment == SIDE && call.input_strides[1] == SIDE;
    let is_between_chunks = call.terms.start.is_multiple_of(TERMS)
        && (call.terms.end.is_multiple_of(TERMS) || call.terms.end == call.depth);
    require(is_of_planes && is_between_chunks && !call.terms.is_empty(), "split dense")?;
    let len = call.vectors.checked_mul(packed_len(call.depth));
    require(len.is_some_and(|len| len <= call.weights.len()), "split dense")
}

/// Runs a call.
///
/// # Safety
/// The call was checked, and the processor has the instruction sets of `V` and `T`.
#[inline(always)]
pub(super) unsafe fn run<V: Vector, T: Tiles>(call: &Dense<'_>) {
    let memory = MEMORY.with(|memory| memory.get());
    // SAFETY: the caller vouches for both; the pixels are those of the call. The memory is this thread's, and nothing that
    // is called here comes back to it.
    unsafe {
        let memory = &mut *memory;
        T::begin();
        for row in 0..call.rows {
            let mut x = 0;
            while x < call.width {
                let pixels = (call.width - x).min(2 * SIDE);
                run_pixels::<V, T>(call, memory, row, x, pixels);
                x += pixels;
            }
        }
        T::end();
    }
}

/// What a call needs while it runs.
struct Memory {
    sums: Sums,
    factors: Factors,
}

thread_local! {
    /// One for each thread: 68 KiB, too much to be cleared for each call.
    static MEMORY: Box<UnsafeCell<Memory>> = Box::new(UnsafeCell::new(Memory {
        sums: Sums([[[0.0; TILE]; 2]; 2]),
        factors: Factors([[[[0; TILE]; 2]; 2]; CHUNKS]),
    }));
}

/// Computes up to two tiles of pixels of a row.
///
/// # Safety
/// The call was checked, the pixels are within it, and the processor has the instruction sets.
#[inline(always)]
unsafe fn run_pixels<V: Vector, T: Tiles>(call: &Dense<'_>, memory: &mut Memory, row: usize, x: usize, pixels: usize) {
    let packed = packed_len(call.depth);
    let offset = row * call.output_strides[1] + x * SIDE;
    let mut start = call.terms.start;
    while start < call.terms.end {
        let end = call.terms.end.min(start + CHUNKS * TERMS);
        let chunks = (end - start).div_ceil(TERMS);
        // SAFETY: the offsets are within the extents that were checked.
        unsafe {
            let planes = (start - call.terms.start) / SIDE * call.input_strides[0];
            let input = call.input.pointer().add(planes + row * call.input_strides[2] + x * SIDE);
            split_pixels(&mut memory.factors, input, call.input_strides[0], end - start, pixels);
            let mut vector = call.part.start;
            while vector < call.part.end {
                let vectors = (call.part.end - vector).min(2);
                let first = call.weights.as_ptr().add(vector * packed + start / TERMS * 2 * TILE);
                let weights = [first, first.wrapping_add(packed)];
                let products = Products { chunks, tiles: pixels.div_ceil(SIDE), vectors, weights };
                let place = Place { vector, offset, pixels };
                for n in 0..vectors {
                    begin_sums(call, &mut memory.sums, &place, n, start == 0);
                }
                T::add_products(&mut memory.sums, &memory.factors, &products);
                for n in 0..vectors {
                    store::<V>(call, &memory.sums, &place, n, end == call.terms.end);
                }
                vector += vectors;
            }
        }
        start = end;
    }
}

/// Splits the terms of some pixels. Terms beyond the last one, and of the other pixels, are zero or anything.
///
/// # Safety
/// `input` is valid for reads of `terms` terms of `pixels` pixels, in planes that are `plane` values apart.
#[inline(always)]
unsafe fn split_pixels(factors: &mut Factors, input: *const f32, plane: usize, terms: usize, pixels: usize) {
    for chunk in 0..terms.div_ceil(TERMS) {
        for pixel in 0..pixels {
            let mut values = [0f32; TERMS];
            for half in 0..2 {
                let first = chunk * TERMS + half * SIDE;
                let lanes = terms.saturating_sub(first).min(SIDE);
                // The lanes beyond the last term hold anything.
                for lane in 0..lanes {
                    // SAFETY: the term is one of those that the caller vouches for.
                    values[half * SIDE + lane] =
                        unsafe { *input.add((chunk * 2 + half) * plane + pixel * SIDE + lane) };
                }
            }
            let tiles = &mut factors.0[chunk][pixel / SIDE];
            let row = pixel % SIDE * SIDE;
            for pair in 0..SIDE {
                let [high, low] = split(values[2 * pair]);
                let [next_high, next_low] = split(values[2 * pair + 1]);
                tiles[0][row + pair] = u32::from(high) | u32::from(next_high) << 16;
                tiles[1][row + pair] = u32::from(low) | u32::from(next_low) << 16;
            }
        }
    }
}

/// Where the values of a pair of vectors are.
struct Place {
    /// The first of the vectors.
    vector: usize,
    /// From the beginning of the output's plane to the pixels.
    offset: usize,
    pixels: usize,
}

/// Begins the sums of a vector: with the bias, or with what was left in the output.
///
/// # Safety
/// The place is within a checked call.
#[inline(always)]
unsafe fn begin_sums(call: &Dense<'_>, sums: &mut Sums, place: &Place, n: usize, is_first: bool) {
    let vector = place.vector + n;
    // SAFETY: the caller vouches for the place.
    unsafe {
        let bias = call.bias.as_ptr().add(vector * SIDE);
        let plane = call.output.pointer().add((vector - call.part.start) * call.output_strides[0] + place.offset);
        for pixel in 0..place.pixels {
            let from = if is_first { bias } else { plane.add(pixel * SIDE).cast_const() };
            let to = &mut sums.0[pixel / SIDE][n][pixel % SIDE * SIDE..][..SIDE];
            std::ptr::copy_nonoverlapping(from, to.as_mut_ptr(), SIDE);
        }
    }
}

/// Stores the sums of a vector: finished if they are complete.
///
/// # Safety
/// The place is within a checked call, and the processor has the instruction set of `V`.
#[inline(always)]
unsafe fn store<V: Vector>(call: &Dense<'_>, sums: &Sums, place: &Place, n: usize, is_last: bool) {
    let index = place.vector + n - call.part.start;
    let stride = call.output_strides[0];
    let finish = if is_last { call.finish.unwrap_or_default() } else { super::Finish::default() };
    let finish = finish.of_planes::<V, 1>(index, stride);
    // SAFETY: the caller vouches for the place.
    unsafe {
        let plane = call.output.pointer().add(index * stride + place.offset);
        for pixel in 0..place.pixels {
            let from = sums.0[pixel / SIDE][n].as_ptr().add(pixel % SIDE * SIDE);
            finish.store(0, [V::load(from)], place.offset + pixel * SIDE, plane.add(pixel * SIDE));
        }
    }
}

/// The products without tile instructions, one value at a time: the reference.
#[cfg(test)]
pub(super) struct Emulated;

#[cfg(test)]
impl Tiles for Emulated {
    unsafe fn add_products(sums: &mut Sums, factors: &Factors, products: &Products) {
        let &Products { chunks, tiles, vectors, weights } = products;
        for (chunk, factors) in factors.0.iter().enumerate().take(chunks) {
            for (sums, factors) in sums.0.iter_mut().zip(factors).take(tiles) {
                for (sums, weights) in sums.iter_mut().zip(weights).take(vectors) {
                    // SAFETY: the caller vouches for the chunks.
                    let tiles = unsafe { weights.add(chunk * 2 * TILE).cast::<[[u32; TILE]; 2]>().read_unaligned() };
                    multiply(sums, &factors[0], &tiles[1]);
                    multiply(sums, &factors[0], &tiles[0]);
                    multiply(sums, &factors[1], &tiles[0]);
                }
            }
        }
    }
}

/// Adds the products of two tiles: the instruction `TDPBF16PS`.
#[cfg(test)]
fn multiply(sums: &mut [f32; TILE], rows: &[u32; TILE], columns: &[u32; TILE]) {
    for (sums, row) in sums.chunks_exact_mut(SIDE).zip(rows.chunks_exact(SIDE)) {
        let mut parts = [[0f32; SIDE]; 2];
        for (pair, columns) in row.iter().zip(columns.chunks_exact(SIDE)) {
            for (lane, column) in columns.iter().enumerate() {
                for (odd, part) in parts.iter_mut().enumerate() {
                    let [a, b] = [pair, column].map(|pair| flushed(widen((pair >> (16 * odd)) as u16)));
                    part[lane] = flushed(a.mul_add(b, part[lane]));
                }
            }
        }
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum = flushed(flushed(*sum) + flushed(parts[0][lane] + parts[1][lane]));
        }
    }
}

/// Zero for a denormal number.
#[cfg(test)]
fn flushed(value: f32) -> f32 {
    if value.is_subnormal() { 0f32.copysign(value) } else { value }
}
