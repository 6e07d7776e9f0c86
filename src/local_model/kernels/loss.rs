//! The loss: cross-entropy of the target tokens.

use rayon::prelude::*;

use super::exponential::exp;
use super::product::{Matrix, product_on_cores};

/// Number of positions whose logits are in memory at a time: with a vocabulary of 50,000 they take 12 MB.
pub(in super::super) const POSITIONS: usize = 64;

/// The sum over positions of `-log softmax(hidden * head^T)[target]`: `hidden` is (n, size), `head` (vocabulary, size).
/// The gradient of `hidden` is written to `of_hidden`, if requested.
pub(in super::super) fn cross_entropy(
    hidden: &[f32],
    head: &[f32],
    size: usize,
    targets: &[u32],
    mut of_hidden: Option<&mut [f32]>,
) -> f64 {
    let vocabulary = head.len() / size;
    let head = Matrix::new(head, vocabulary, size);
    let mut logits = vec![0.0; POSITIONS.min(targets.len()) * vocabulary];
    let mut loss = 0.0;
    for (chunk, targets) in targets.chunks(POSITIONS).enumerate() {
        let range = chunk * POSITIONS * size..(chunk * POSITIONS + targets.len()) * size;
        let logits = &mut logits[..targets.len() * vocabulary];
        let hidden = Matrix::new(&hidden[range.clone()], targets.len(), size);
        product_on_cores(hidden, head.transposed(), 1.0, false, logits);
        let losses: Vec<f64> = logits
            .par_chunks_mut(vocabulary)
            .zip(targets)
            .map(|(logits, target)| to_gradient_of_logits(logits, *target as usize))
            .collect();
        loss += losses.iter().sum::<f64>();
        if let Some(of_hidden) = of_hidden.as_deref_mut() {
            let logits = Matrix::new(logits, targets.len(), vocabulary);
            product_on_cores(logits, head, 1.0, false, &mut of_hidden[range]);
        }
    }
    loss
}

/// Replaces the logits by `softmax(logits) - 1 at the target`. Returns the loss.
fn to_gradient_of_logits(logits: &mut [f32], target: usize) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let of_target = logits[target] - largest;
    for logit in logits.iter_mut() {
        *logit = exp(*logit - largest);
    }
    let sum: f64 = logits.iter().map(|logit| f64::from(*logit)).sum();
    let factor = (1.0 / sum) as f32;
    for logit in logits.iter_mut() {
        *logit *= factor;
    }
    logits[target] -= 1.0;
    sum.ln() - f64::from(of_target)
}
