//! A buffer that begins at a cache line.

/// Values of a cache line.
pub(crate) const LINE: usize = 16;

/// Numbers, the first at the beginning of a cache line. No clone: a copy may lie elsewhere.
#[derive(Debug)]
pub(crate) struct Aligned {
    values: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    /// Makes a buffer of `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        let values = vec![0f32; len + LINE];
        // The offset is in values; a line is a whole number of them, so it always exists.
        let start = values.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        Self { values, start, len }
    }

    /// The values.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values[self.start..self.start + self.len]
    }

    /// The values, to be changed.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..self.start + self.len]
    }

    /// Bytes of memory that a buffer of `len` values takes.
    #[cfg(test)]
    pub(crate) fn bytes_of(len: usize) -> usize {
        (len + LINE) * size_of::<f32>()
    }
}
