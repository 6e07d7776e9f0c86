//! Reads neighboring bytes of planes at scattered offsets.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use crate::image::mix::RUN;

/// For each position, the pairs of an upper and of a lower row: from the lowest byte on upper left, upper right, lower
/// left, lower right.
pub(super) type Pairs = [u32; RUN];

/// Reads two neighboring bytes of each row, at each offset in that row's slice.
///
/// # Panics
/// If a pair is not inside of its slice.
#[inline]
pub(super) fn read(rows: [&[u8]; 2], offsets: [&[u32; RUN]; 2], pairs: &mut Pairs) {
    // One comparison of the largest offset costs less than one for each.
    let are_inside = furthest(offsets[0]) + 1 < rows[0].len() && furthest(offsets[1]) + 1 < rows[1].len();
    assert!(are_inside, "pairs are inside of their plane");
    for (index, pair) in pairs.iter_mut().enumerate() {
        // SAFETY: no offset is further than the furthest, whose pair is inside of the slice.
        let (upper, lower) = unsafe { (pair_at(rows[0], offsets[0][index]), pair_at(rows[1], offsets[1][index])) };
        // SAFETY: a reference is valid for writing. A volatile write keeps the compiler from gathering pairs in vectors
        // lane by lane, which takes twice as long.
        unsafe { std::ptr::from_mut(pair).write_volatile(upper | (lower << 16)) };
    }
}

/// Begins to fetch the bytes at offsets.
#[inline]
pub(super) fn prefetch(bytes: &[u8], offsets: &[u32; RUN]) {
    for &offset in offsets {
        // SAFETY: prefetching is a hint, for which any address is valid.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(offset as usize).cast()) };
    }
}

#[inline]
fn furthest(offsets: &[u32; RUN]) -> usize {
    offsets.iter().fold(0, |furthest, &offset| offset.max(furthest)) as usize
}

/// # Safety
/// The byte at `offset` and the next one are inside of `bytes`.
#[inline]
unsafe fn pair_at(bytes: &[u8], offset: u32) -> u32 {
    // SAFETY: the caller keeps both bytes inside.
    let pair = unsafe { bytes.as_ptr().add(offset as usize).cast::<u16>().read_unaligned() };
    u32::from(u16::from_le(pair))
}
