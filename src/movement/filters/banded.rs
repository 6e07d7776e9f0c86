//! Symmetric positive definite matrices with two bands beside the diagonal, as they arise in smoothing with second
//! differences.

/// The matrix, by bands: `diagonal[i]` = A(i, i), `first[i]` = A(i, i + 1), `second[i]` = A(i, i + 2). All bands have
/// the matrix's size; entries beyond the matrix are 0.
#[derive(Debug, Clone)]
pub(super) struct Pentadiagonal {
    pub(super) diagonal: Vec<f64>,
    pub(super) first: Vec<f64>,
    pub(super) second: Vec<f64>,
}

impl Pentadiagonal {
    /// Returns the zero matrix.
    pub(super) fn zero(size: usize) -> Self {
        Self { diagonal: vec![0.0; size], first: vec![0.0; size], second: vec![0.0; size] }
    }

    /// Returns the decomposition A = U^T D U with a unit upper U.
    pub(super) fn factor(mut self) -> Factor {
        let size = self.diagonal.len();
        for i in 0..size {
            if i >= 1 {
                self.diagonal[i] -= self.first[i - 1].powi(2) * self.diagonal[i - 1];
                self.first[i] -= self.first[i - 1] * self.diagonal[i - 1] * self.second[i - 1];
            }
            if i >= 2 {
                self.diagonal[i] -= self.second[i - 2].powi(2) * self.diagonal[i - 2];
            }
            self.first[i] /= self.diagonal[i];
            self.second[i] /= self.diagonal[i];
        }
        Factor(self)
    }
}

/// The bands of U and the diagonal D of A = U^T D U.
#[derive(Debug, Clone)]
pub(super) struct Factor(Pentadiagonal);

impl Factor {
    /// Returns the solution of A x = `right`.
    pub(super) fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        let Pentadiagonal { diagonal, first, second } = &self.0;
        let size = diagonal.len();
        for i in 0..size {
            let before = if i >= 1 { first[i - 1] * right[i - 1] } else { 0.0 };
            let before_that = if i >= 2 { second[i - 2] * right[i - 2] } else { 0.0 };
            right[i] -= before + before_that;
        }
        for i in (0..size).rev() {
            right[i] /= diagonal[i];
            let after = if i + 1 < size { first[i] * right[i + 1] } else { 0.0 };
            let after_that = if i + 2 < size { second[i] * right[i + 2] } else { 0.0 };
            right[i] -= after + after_that;
        }
        right
    }

    /// Returns the five central bands of the inverse, without computing the rest of it (Hutchinson and de Hoog 1985).
    pub(super) fn inverse_bands(&self) -> Pentadiagonal {
        let Pentadiagonal { diagonal, first, second } = &self.0;
        let size = diagonal.len();
        let mut inverse = Pentadiagonal::zero(size);
        for i in (0..size).rev() {
            let (e, f) = (first[i], second[i]);
            let next = |band: &[f64], steps: usize| band.get(i + steps).copied().unwrap_or(0.0);
            inverse.second[i] = -e * next(&inverse.first, 1) - f * next(&inverse.diagonal, 2);
            inverse.first[i] = -e * next(&inverse.diagonal, 1) - f * next(&inverse.first, 1);
            inverse.diagonal[i] = 1.0 / diagonal[i] - e * inverse.first[i] - f * inverse.second[i];
        }
        inverse
    }
}
