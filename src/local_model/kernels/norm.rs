//! Root-mean-square normalization: `x / sqrt(mean(x^2) + epsilon) * weight`, row by row.
//!
//! Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".

use rayon::prelude::*;

fn inverse_rms(row: &[f32], epsilon: f32) -> f32 {
    let squares: f32 = row.iter().map(|value| value * value).sum();
    1.0 / (squares / row.len() as f32 + epsilon).sqrt()
}

/// Normalizes each row; rows are as long as `weight`.
pub(in super::super) fn rms_norm(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    out.par_chunks_mut(weight.len()).zip(x.par_chunks(weight.len())).for_each(|(out, x)| {
        let factor = inverse_rms(x, epsilon);
        for ((out, x), weight) in out.iter_mut().zip(x).zip(weight) {
            *out = x * factor * weight;
        }
    });
}

/// Writes or adds the gradient of `x`.
pub(in super::super) fn rms_norm_backward(
    x: &[f32],
    weight: &[f32],
    epsilon: f32,
    gradient: &[f32],
    is_added: bool,
    of_x: &mut [f32],
) {
    let size = weight.len();
    let kept = if is_added { 1.0 } else { 0.0 };
    let rows = of_x.par_chunks_mut(size).zip(x.par_chunks(size)).zip(gradient.par_chunks(size));
    rows.for_each(|((of_x, x), gradient)| {
        let factor = inverse_rms(x, epsilon);
        let dot: f32 = x.iter().zip(gradient).zip(weight).map(|((x, gradient), weight)| x * gradient * weight).sum();
        let shared = factor * factor * factor * dot / size as f32;
        for (((of_x, x), gradient), weight) in of_x.iter_mut().zip(x).zip(gradient).zip(weight) {
            *of_x = kept * *of_x + factor * gradient * weight - shared * x;
        }
    });
}
