//! Products of matrices in memory, on all cores of the machine. Pure.
//!
//! candle's own product waits at a barrier within each matrix. In this implementation each thread has its own rows or
//! columns, and no thread waits.

use rayon::prelude::*;

/// Minimum number of rows or columns per thread: with fewer, packing the other matrix costs more than the product.
const MIN_PART: usize = 16;

/// A matrix within a slice; element (row, column) is at `row * row_stride + column * column_stride`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix of `rows` x `columns` values, row by row.
    pub(in super::super) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Like [`Matrix::new`], with `row_stride` values from one row to the next.
    ///
    /// # Panics
    /// If `data` is too short.
    pub(super) fn strided(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(
            rows == 0 || columns == 0 || (rows - 1) * row_stride + columns <= data.len(),
            "a matrix lies in its slice"
        );
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// The transposed matrix, over the same values.
    pub(in super::super) fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    fn rows_from(self, first: usize, rows: usize) -> Self {
        Self { data: &self.data[(first * self.row_stride).min(self.data.len())..], rows, ..self }
    }
}

/// Computes `out = scale * left * right`, or adds this to `out`; `out` is row by row. Runs on the current thread.
///
/// # Panics
/// If the sizes do not match.
pub(in super::super) fn product(left: Matrix, right: Matrix, scale: f32, is_added: bool, out: &mut [f32]) {
    assert!(left.columns == right.rows && out.len() == left.rows * right.columns, "the sizes of a product fit");
    if !out.is_empty() {
        // SAFETY: the assertion keeps the result within `out`, and no other code writes to `out`.
        unsafe { multiply(left, right, scale, is_added, out.as_mut_ptr(), right.columns) }
    }
}

/// # Safety
/// `out` has room for the result, with `out_stride` values from one row to the next, and no other code uses these
/// places.
unsafe fn multiply(left: Matrix, right: Matrix, scale: f32, is_added: bool, out: *mut f32, out_stride: usize) {
    // SAFETY: `Matrix::strided` and `rows_from` keep each matrix within its slice, and transposing only exchanges the
    // strides; the caller guarantees `out`.
    unsafe {
        gemm::gemm(
            left.rows,
            right.columns,
            left.columns,
            out,
            1,
            out_stride as isize,
            is_added,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// The output of a thread's columns.
#[derive(Clone, Copy)]
struct Target(*mut f32);

// SAFETY: each thread writes only its own columns.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    fn at(self, column: usize) -> *mut f32 {
        self.0.wrapping_add(column)
    }
}

/// Like [`product`], on all cores.
///
/// # Panics
/// If the sizes do not match.
pub(in super::super) fn product_on_cores(left: Matrix, right: Matrix, scale: f32, is_added: bool, out: &mut [f32]) {
    assert!(left.columns == right.rows && out.len() == left.rows * right.columns, "the sizes of a product fit");
    if out.is_empty() {
        return;
    }
    let threads = rayon::current_num_threads().max(1);
    // The longer side is divided among threads: each thread packs the shorter side itself.
    if right.columns > left.rows {
        let columns = right.columns.div_ceil(threads).max(MIN_PART);
        let (target, stride) = (Target(out.as_mut_ptr()), right.columns);
        (0..right.columns.div_ceil(columns)).into_par_iter().for_each(|part| {
            let first = part * columns;
            let right = right.transposed().rows_from(first, columns.min(stride - first)).transposed();
            // SAFETY: the parts are columns of `out` that do not overlap, and its size was compared above.
            unsafe { multiply(left, right, scale, is_added, target.at(first), stride) }
        });
    } else {
        let rows = left.rows.div_ceil(threads).max(MIN_PART);
        out.par_chunks_mut(rows * right.columns).enumerate().for_each(|(part, out)| {
            product(left.rows_from(part * rows, out.len() / right.columns), right, scale, is_added, out);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(left: &[f32], right: &[f32], rows: usize, inner: usize, columns: usize) -> Vec<f32> {
        let at =
            |row: usize, column: usize| (0..inner).map(|i| left[row * inner + i] * right[i * columns + column]).sum();
        (0..rows * columns).map(|index| at(index / columns, index % columns)).collect()
    }

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 + seed * 11) % 19) as f32 / 8.0 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn products_are_sums_of_products(rows in 1usize..50, inner in 1usize..20, columns in 1usize..40, seed in 0usize..100) {
            let (left, right) = (values(rows * inner, seed), values(inner * columns, seed + 1));
            let expected = plain(&left, &right, rows, inner, columns);
            let mut out = vec![1.0; rows * columns];
            product_on_cores(Matrix::new(&left, rows, inner), Matrix::new(&right, inner, columns), 1.0, false, &mut out);
            for (value, expected) in out.iter().zip(&expected) {
                prop_assert!((value - expected).abs() < 1e-4);
            }
            product(Matrix::new(&left, rows, inner), Matrix::new(&right, inner, columns), 2.0, true, &mut out);
            for (value, expected) in out.iter().zip(&expected) {
                prop_assert!((value - 3.0 * expected).abs() < 3e-4);
            }
        }

        #[test]
        fn a_transposed_matrix_gives_the_transposed_product(rows in 1usize..30, inner in 1usize..20, seed in 0usize..100) {
            let (left, right) = (values(rows * inner, seed), values(rows * inner, seed + 3));
            let mut out = vec![0.0; rows * rows];
            product_on_cores(Matrix::new(&left, rows, inner), Matrix::new(&right, rows, inner).transposed(), 1.0, false, &mut out);
            let mut other = vec![0.0; rows * rows];
            product_on_cores(Matrix::new(&right, rows, inner), Matrix::new(&left, rows, inner).transposed(), 1.0, false, &mut other);
            for row in 0..rows {
                for column in 0..rows {
                    prop_assert!((out[row * rows + column] - other[column * rows + row]).abs() < 1e-4);
                }
            }
        }
    }
}
