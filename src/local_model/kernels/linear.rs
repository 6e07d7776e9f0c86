//! A frozen linear layer, with or without a `LoRA` adapter.

use super::product::{Matrix, product_on_cores};

/// A linear layer: `y = x * weight^T + scale * (x * a^T) * b^T`.
///
/// Source: Hu et al. 2021, "`LoRA`: Low-Rank Adaptation of Large Language Models", section 4.1.
#[derive(Clone, Copy)]
pub(in super::super) struct Linear<'a> {
    /// (outputs, inputs).
    pub(in super::super) weight: &'a [f32],
    /// Number of inputs.
    pub(in super::super) inputs: usize,
    /// Number of outputs.
    pub(in super::super) outputs: usize,
    /// The adapter.
    pub(in super::super) low_rank: Option<LowRank<'a>>,
}

/// The adapter of a linear layer.
#[derive(Clone, Copy)]
pub(in super::super) struct LowRank<'a> {
    /// (rank, inputs).
    pub(in super::super) a: &'a [f32],
    /// (outputs, rank).
    pub(in super::super) b: &'a [f32],
    /// Number of values between the two matrices.
    pub(in super::super) rank: usize,
    /// Factor of the adapter's output.
    pub(in super::super) scale: f32,
}

/// Gradients of an adapter.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct LowRankGradients {
    /// (rank, inputs).
    pub(in super::super) a: Vec<f32>,
    /// (outputs, rank).
    pub(in super::super) b: Vec<f32>,
}

impl Linear<'_> {
    fn weight(&self) -> Matrix<'_> {
        Matrix::new(self.weight, self.outputs, self.inputs)
    }

    /// `out = y`, or `out += y`; `x` is (n, inputs), `out` (n, outputs).
    pub(in super::super) fn forward(&self, x: &[f32], is_added: bool, out: &mut [f32]) {
        let rows = x.len() / self.inputs;
        let x = Matrix::new(x, rows, self.inputs);
        product_on_cores(x, self.weight().transposed(), 1.0, is_added, out);
        if let Some(adapter) = self.low_rank {
            let narrow = adapter.narrow(x, rows, self.inputs);
            let b = Matrix::new(adapter.b, self.outputs, adapter.rank).transposed();
            product_on_cores(Matrix::new(&narrow, rows, adapter.rank), b, adapter.scale, true, out);
        }
    }

    /// Computes the gradients of `x` (written or added to `of_x`, if requested) and of the adapter.
    pub(in super::super) fn backward(
        &self,
        x: &[f32],
        gradient: &[f32],
        is_added: bool,
        of_x: Option<&mut [f32]>,
    ) -> Option<LowRankGradients> {
        let rows = x.len() / self.inputs;
        let x = Matrix::new(x, rows, self.inputs);
        let gradient = Matrix::new(gradient, rows, self.outputs);
        let narrow_gradient = self.low_rank.map(|adapter| {
            let mut narrow = vec![0.0; rows * adapter.rank];
            let b = Matrix::new(adapter.b, self.outputs, adapter.rank);
            product_on_cores(gradient, b, adapter.scale, false, &mut narrow);
            narrow
        });
        if let Some(of_x) = of_x {
            product_on_cores(gradient, self.weight(), 1.0, is_added, of_x);
            if let Some((adapter, narrow)) = self.low_rank.zip(narrow_gradient.as_ref()) {
                let a = Matrix::new(adapter.a, adapter.rank, self.inputs);
                product_on_cores(Matrix::new(narrow, rows, adapter.rank), a, 1.0, true, of_x);
            }
        }
        let (adapter, narrow_gradient) = self.low_rank.zip(narrow_gradient)?;
        let narrow = adapter.narrow(x, rows, self.inputs);
        let (mut a, mut b) = (vec![0.0; adapter.a.len()], vec![0.0; adapter.b.len()]);
        let narrow_gradient = Matrix::new(&narrow_gradient, rows, adapter.rank);
        product_on_cores(narrow_gradient.transposed(), x, 1.0, false, &mut a);
        product_on_cores(gradient.transposed(), Matrix::new(&narrow, rows, adapter.rank), adapter.scale, false, &mut b);
        Some(LowRankGradients { a, b })
    }
}

impl LowRank<'_> {
    fn narrow(&self, x: Matrix, rows: usize, inputs: usize) -> Vec<f32> {
        let mut narrow = vec![0.0; rows * self.rank];
        product_on_cores(x, Matrix::new(self.a, self.rank, inputs).transposed(), 1.0, false, &mut narrow);
        narrow
    }
}
