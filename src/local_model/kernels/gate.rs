//! The gate of the feed-forward layers: `gate * sigmoid(gate) * up`, element by element.
//!
//! Source: Shazeer 2020, "GLU Variants Improve Transformer" (`SwiGLU`).

use rayon::prelude::*;

use super::exponential::exp;

/// Number of values that one thread processes at a time.
const CHUNK: usize = 1 << 14;

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + exp(-value))
}

/// Writes the output of the gate.
pub(in super::super) fn swiglu(gate: &[f32], up: &[f32], out: &mut [f32]) {
    out.par_chunks_mut(CHUNK).zip(gate.par_chunks(CHUNK)).zip(up.par_chunks(CHUNK)).for_each(|((out, gate), up)| {
        for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
            *out = gate * sigmoid(*gate) * up;
        }
    });
}

/// Replaces `gate` and `up` by their gradients.
pub(in super::super) fn swiglu_backward(gate: &mut [f32], up: &mut [f32], gradient: &[f32]) {
    gate.par_chunks_mut(CHUNK).zip(up.par_chunks_mut(CHUNK)).zip(gradient.par_chunks(CHUNK)).for_each(
        |((gate, up), gradient)| {
            for ((gate, up), gradient) in gate.iter_mut().zip(up).zip(gradient) {
                let share = sigmoid(*gate);
                let of_up = gradient * *gate * share;
                *gate = gradient * *up * share * (1.0 + *gate * (1.0 - share));
                *up = of_up;
            }
        },
    );
}
