//! Reusable memory for intermediate values. Fresh memory from the system would be cleared each time.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Sizes are rounded up to a multiple of this many values, so that a buffer fits batches of other lengths.
const GRAIN: usize = 1 << 14;

/// A pool of unused buffers.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<f32>>>);

/// A buffer in use. Its initial content is arbitrary. It returns to the pool when dropped.
pub(super) struct Buffer<'a> {
    pool: &'a Buffers,
    values: Vec<f32>,
    len: usize,
}

impl Buffers {
    /// Takes a buffer of `len` values with arbitrary content.
    pub(super) fn take(&self, len: usize) -> Buffer<'_> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let best = (0..free.len()).filter(|place| free[*place].len() >= len).min_by_key(|place| free[*place].len());
        let fitting = best.filter(|place| free[*place].len() <= 2 * len.next_multiple_of(GRAIN));
        let values = if let Some(place) = fitting {
            free.swap_remove(place)
        } else {
            // If no buffer fits, one is dropped, so that memory does not grow with the number of lengths.
            free.pop();
            drop(free);
            vec![0.0; len.next_multiple_of(GRAIN)]
        };
        Buffer { pool: self, values, len }
    }

    /// A buffer with a copy of values.
    pub(super) fn copy(&self, values: &[f32]) -> Buffer<'_> {
        let mut buffer = self.take(values.len());
        buffer.copy_from_slice(values);
        buffer
    }

    /// A buffer of `len` zeros.
    pub(super) fn zeros(&self, len: usize) -> Buffer<'_> {
        let mut buffer = self.take(len);
        buffer.fill(0.0);
        buffer
    }
}

impl Deref for Buffer<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[..self.len]
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.len]
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again() {
        let buffers = Buffers::default();
        let place = buffers.copy(&[1.0, 2.0]).as_ptr();
        assert_eq!(buffers.take(2).as_ptr(), place);
        let (one, other) = (buffers.zeros(3), buffers.zeros(3));
        assert_ne!(one.as_ptr(), other.as_ptr());
        assert_eq!(*one, [0.0; 3]);
        // A much smaller request does not take the buffer.
        drop((one, other));
        assert_eq!(buffers.take(10 * GRAIN).len(), 10 * GRAIN);
    }
}
