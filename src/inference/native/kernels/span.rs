//! Memory that several kernels look at: a pointer with a length.
//!
//! Channels of a map lie in planes, so the rows that a kernel writes are no single slice, and the other rows may be
//! read at the same time. A span therefore is no reference. It cannot leave its thread; the one place that hands spans
//! to another thread says why that is right.

use std::marker::PhantomData;
use std::ops::Range;

use super::super::error::NativeError;

/// A piece of memory, lent for `'a`. Copies look at the same memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    start: *mut f32,
    len: usize,
    lent: PhantomData<&'a mut [f32]>,
}

impl<'a> Span<'a> {
    /// Lends a slice.
    pub(crate) fn of(values: &'a mut [f32]) -> Self {
        Self { start: values.as_mut_ptr(), len: values.len(), lent: PhantomData }
    }

    /// Number of values.
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The part from `range.start` to `range.end`.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn part(self, range: Range<usize>) -> Result<Self, NativeError> {
        if range.start > range.end || range.end > self.len {
            return Err(NativeError::OutOfBounds { kernel: "memory" });
        }
        // SAFETY: the start lies within the memory of this span, or at its end.
        let start = unsafe { self.start.add(range.start) };
        Ok(Self { start, len: range.end - range.start, lent: PhantomData })
    }

    /// The part from `start` to the end.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn skip(self, start: usize) -> Result<Self, NativeError> {
        self.part(start..self.len)
    }

    /// The first value's address.
    pub(super) fn pointer(self) -> *mut f32 {
        self.start
    }

    /// Copies `len` values from `from` in `source` to `to` in this span.
    ///
    /// # Errors
    /// One of the spans is shorter.
    pub(crate) fn copy_from(self, to: usize, source: Span<'_>, from: usize, len: usize) -> Result<(), NativeError> {
        let (to, from) = (self.part(to..to + len)?, source.part(from..from + len)?);
        // SAFETY: both parts have `len` values; they may overlap. Spans stay on one thread, so nobody else writes.
        unsafe { std::ptr::copy(from.start, to.start, len) };
        Ok(())
    }

    /// Copies a slice to `to` in this span.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn copy_from_slice(self, to: usize, source: &[f32]) -> Result<(), NativeError> {
        let to = self.part(to..to + source.len())?;
        // SAFETY: the part has the length of the slice. They do not overlap: the slice is borrowed from elsewhere.
        unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), to.start, source.len()) };
        Ok(())
    }

    /// Sets all values of a part to zero.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn clear(self, range: Range<usize>) -> Result<(), NativeError> {
        let part = self.part(range)?;
        // SAFETY: the part is valid for writes, and zero bytes are the number zero.
        unsafe { std::ptr::write_bytes(part.start, 0, part.len) };
        Ok(())
    }

    /// Reads a value.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn get(self, index: usize) -> Result<f32, NativeError> {
        let part = self.part(index..index + 1)?;
        // SAFETY: the part has one value.
        Ok(unsafe { part.start.read() })
    }

    /// Writes a value.
    ///
    /// # Errors
    /// The span is shorter.
    pub(crate) fn set(self, index: usize, value: f32) -> Result<(), NativeError> {
        let part = self.part(index..index + 1)?;
        // SAFETY: the part has one value.
        unsafe { part.start.write(value) };
        Ok(())
    }
}
