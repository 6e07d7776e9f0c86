//! The layers of a model on the processor, with forward and backward passes written by hand.
//!
//! candle's fused operations detach gradients, its products compute gradients of weights that are not trained, and each
//! of its operations keeps its inputs and outputs. In this implementation a layer keeps the values that its gradients
//! need and recomputes the rest. `autograd.rs` does the same with candle's operations, for other devices; tests compare
//! both.

use rayon::prelude::*;

use super::buffers::{Buffer, Buffers};
use super::config::Config;
use super::kernels::attention::{Attention, Heads, to_known};
use super::kernels::gate::{swiglu, swiglu_backward};
use super::kernels::linear::{Linear, LowRank};
use super::kernels::loss::cross_entropy;
use super::kernels::norm::{rms_norm, rms_norm_backward};
use super::lora::{Gradients, Lora, linear_size};
use super::model::Batch;
use super::rope::Rope;
use super::weights::{HostLayer, HostWeights};

/// A model whose weights are in the machine's memory.
pub(super) struct Cpu<'a> {
    pub(super) config: &'a Config,
    pub(super) weights: &'a HostWeights,
    pub(super) lora: Option<&'a Lora>,
    pub(super) rope: &'a Rope,
    pub(super) buffers: &'a Buffers,
}

/// The values that a layer keeps for its gradients.
struct Tape<'a> {
    x: Buffer<'a>,
    /// Queries and keys before the normalization of their heads, if the model normalizes them.
    raw: Option<(Buffer<'a>, Buffer<'a>)>,
    /// Rotated.
    q: Buffer<'a>,
    /// Rotated.
    k: Buffer<'a>,
    v: Buffer<'a>,
    attended: Buffer<'a>,
    /// Input of the feed-forward half.
    middle: Buffer<'a>,
    gate: Buffer<'a>,
    up: Buffer<'a>,
}

/// Keys and values of the tokens so far, by layer; rows are tokens.
pub(super) struct Known {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    tokens: usize,
}

impl Known {
    /// Creates an empty cache.
    pub(super) fn new(layers: usize) -> Self {
        Self { keys: vec![Vec::new(); layers], values: vec![Vec::new(); layers], tokens: 0 }
    }
}

impl<'a> Cpu<'a> {
    fn heads(&self) -> Heads {
        Heads { queries: self.config.heads, keys: self.config.key_heads, size: self.config.head_size }
    }

    fn layer(&self, layer: usize) -> &'a HostLayer {
        &self.weights.layers[layer]
    }

    fn linear(&self, layer: usize, linear: usize) -> Linear<'a> {
        let (outputs, inputs) = linear_size(self.config, linear);
        let low_rank = self.lora.and_then(|lora| {
            let pair = lora.pairs.get(&(layer, linear))?;
            Some(LowRank { a: &pair.a, b: &pair.b, rank: lora.settings.rank, scale: lora.settings.scale() })
        });
        Linear { weight: &self.layer(layer).linears[linear], inputs, outputs, low_rank }
    }

    /// The output of a linear layer.
    fn through(&self, layer: usize, linear: usize, x: &[f32]) -> Buffer<'a> {
        let linear = self.linear(layer, linear);
        let mut out = self.buffers.take(x.len() / linear.inputs * linear.outputs);
        linear.forward(x, false, &mut out);
        out
    }

    fn normed(&self, x: &[f32], weight: &[f32]) -> Buffer<'a> {
        let mut out = self.buffers.take(x.len());
        rms_norm(x, weight, self.config.epsilon, &mut out);
        out
    }

    fn embed(&self, ids: &[u32]) -> Buffer<'a> {
        let size = self.config.hidden;
        let mut out = self.buffers.take(ids.len() * size);
        for (out, id) in out.chunks_mut(size).zip(ids) {
            out.copy_from_slice(&self.weights.embedding[*id as usize * size..][..size]);
        }
        out
    }

    /// Rotates heads in place. Rows are tokens from position `first` on, text by text.
    fn rotate(&self, values: &mut [f32], row: usize, first: usize, tokens: usize, is_backward: bool) {
        let turns = self.rope.tables(first, tokens);
        values.par_chunks_mut(row).enumerate().for_each(|(index, row)| turns.rotate(row, index % tokens, is_backward));
    }

    /// Rotated queries and keys, values, and the queries and keys before the normalization of their heads.
    fn projections(&self, layer: usize, x: &[f32], first: usize, tokens: usize) -> Projections<'a> {
        let normed = self.normed(x, &self.layer(layer).attention_norm);
        let [mut q, mut k, v] = [0, 1, 2].map(|linear| self.through(layer, linear, &normed));
        let raw = self.layer(layer).head_norms.as_ref().map(|(query_norm, key_norm)| {
            let (normed_q, normed_k) = (self.normed(&q, query_norm), self.normed(&k, key_norm));
            (std::mem::replace(&mut q, normed_q), std::mem::replace(&mut k, normed_k))
        });
        self.rotate(&mut q, self.heads().query_row(), first, tokens, false);
        self.rotate(&mut k, self.heads().key_row(), first, tokens, false);
        Projections { q, k, v, raw }
    }

    /// Adds the output of a linear layer to the residual values `around`.
    fn added(&self, around: &[f32], layer: usize, linear: usize, x: &[f32]) -> Buffer<'a> {
        let mut out = self.buffers.copy(around);
        self.linear(layer, linear).forward(x, true, &mut out);
        out
    }

    fn gates(&self, layer: usize, middle: &[f32]) -> [Buffer<'a>; 2] {
        let normed = self.normed(middle, &self.layer(layer).feed_forward_norm);
        [4, 5].map(|linear| self.through(layer, linear, &normed))
    }

    fn passed(&self, gate: &[f32], up: &[f32]) -> Buffer<'a> {
        let mut out = self.buffers.take(gate.len());
        swiglu(gate, up, &mut out);
        out
    }

    fn attention<'b>(&self, tape: &'b Tape, sequences: usize) -> Attention<'b> {
        Attention { q: &tape.q, k: &tape.k, v: &tape.v, sequences, heads: self.heads() }
    }

    /// The output of a layer, and the values that its gradients need.
    fn forward(&self, layer: usize, x: Buffer<'a>, sequences: usize) -> (Buffer<'a>, Tape<'a>) {
        let tokens = x.len() / self.config.hidden / sequences;
        let Projections { q, k, v, raw } = self.projections(layer, &x, 0, tokens);
        let mut attended = self.buffers.take(q.len());
        Attention { q: &q, k: &k, v: &v, sequences, heads: self.heads() }.forward(&mut attended);
        let middle = self.added(&x, layer, 3, &attended);
        let [gate, up] = self.gates(layer, &middle);
        let out = self.added(&middle, layer, 6, &self.passed(&gate, &up));
        (out, Tape { x, raw, q, k, v, attended, middle, gate, up })
    }

    /// The gradient of a layer's input, computed from the gradient of its output; gradients of adapters go into
    /// `found`. The first layer's input needs no gradient.
    fn backward(
        &self,
        layer: usize,
        mut tape: Tape<'a>,
        mut gradient: Buffer<'a>,
        sequences: usize,
        found: &mut Gradients,
    ) -> Buffer<'a> {
        let epsilon = self.config.epsilon;
        let weights = self.layer(layer);
        let mut note = |linear: usize, x: &[f32], gradient: &[f32], is_added: bool, of_x: Option<&mut [f32]>| {
            if let Some(gradients) = self.linear(layer, linear).backward(x, gradient, is_added, of_x) {
                found.insert((layer, linear), gradients);
            }
        };
        let passed = self.passed(&tape.gate, &tape.up);
        let mut of_passed = self.buffers.take(passed.len());
        note(6, &passed, &gradient, false, Some(&mut of_passed));
        drop(passed);
        swiglu_backward(&mut tape.gate, &mut tape.up, &of_passed);
        drop(of_passed);
        let normed = self.normed(&tape.middle, &weights.feed_forward_norm);
        let mut of_normed = self.buffers.take(normed.len());
        note(4, &normed, &tape.gate, false, Some(&mut of_normed));
        note(5, &normed, &tape.up, true, Some(&mut of_normed));
        rms_norm_backward(&tape.middle, &weights.feed_forward_norm, epsilon, &of_normed, true, &mut gradient);
        let mut of_attended = self.buffers.take(tape.attended.len());
        note(3, &tape.attended, &gradient, false, Some(&mut of_attended));
        let [of_q, of_k, of_v] = self.attention_backward(layer, &tape, &of_attended, sequences);
        let normed = self.normed(&tape.x, &weights.attention_norm);
        let is_first = layer == 0;
        for (linear, of_output) in [of_q, of_k, of_v].iter().enumerate() {
            note(linear, &normed, of_output, linear > 0, (!is_first).then_some(&mut *of_normed));
        }
        if !is_first {
            rms_norm_backward(&tape.x, &weights.attention_norm, epsilon, &of_normed, true, &mut gradient);
        }
        gradient
    }

    /// Gradients of queries, keys and values as the linear layers returned them.
    fn attention_backward(&self, layer: usize, tape: &Tape, gradient: &[f32], sequences: usize) -> [Buffer<'a>; 3] {
        let take = |like: &[f32]| self.buffers.take(like.len());
        let (mut of_q, mut of_k, mut of_v) = (take(&tape.q), take(&tape.k), take(&tape.v));
        self.attention(tape, sequences).backward(gradient, &mut of_q, &mut of_k, &mut of_v);
        let heads = self.heads();
        let tokens = tape.q.len() / heads.query_row() / sequences;
        self.rotate(&mut of_q, heads.query_row(), 0, tokens, true);
        self.rotate(&mut of_k, heads.key_row(), 0, tokens, true);
        if let Some(((raw_q, raw_k), (query_norm, key_norm))) =
            tape.raw.as_ref().zip(self.layer(layer).head_norms.as_ref())
        {
            for (of, raw, norm) in [(&mut of_q, raw_q, query_norm), (&mut of_k, raw_k, key_norm)] {
                let mut of_raw = take(raw);
                rms_norm_backward(raw, norm, self.config.epsilon, of, false, &mut of_raw);
                *of = of_raw;
            }
        }
        [of_q, of_k, of_v]
    }

    /// The sum of the loss over the targets of a batch, nats.
    pub(super) fn loss(&self, batch: &Batch) -> f64 {
        let mut x = self.embed(&batch.ids);
        for layer in 0..self.config.layers {
            x = self.forward(layer, x, batch.sequences).0;
        }
        let hidden = self.normed(&self.rows(&x, &batch.places), &self.weights.norm);
        cross_entropy(&hidden, &self.weights.head, self.config.hidden, &batch.targets, None)
    }

    /// The mean loss over the targets of a batch, and the gradients of the adapter.
    pub(super) fn loss_and_gradients(&self, batch: &Batch, is_checkpointed: bool) -> (f64, Gradients) {
        let mut x = self.embed(&batch.ids);
        let (mut tapes, mut inputs) = (Vec::new(), Vec::new());
        for layer in 0..self.config.layers {
            if is_checkpointed {
                inputs.push(self.buffers.copy(&x));
                x = self.forward(layer, x, batch.sequences).0;
            } else {
                let (out, tape) = self.forward(layer, x, batch.sequences);
                tapes.push(tape);
                x = out;
            }
        }
        let (loss, mut gradient) = self.loss_backward(&x, batch);
        drop(x);
        let mut found = Gradients::new();
        for layer in (0..self.config.layers).rev() {
            let tape = match tapes.pop() {
                Some(tape) => tape,
                None => match inputs.pop() {
                    Some(input) => self.forward(layer, input, batch.sequences).1,
                    None => break,
                },
            };
            gradient = self.backward(layer, tape, gradient, batch.sequences, &mut found);
        }
        (loss, found)
    }

    /// The mean loss, and the gradient of the last layer's output.
    fn loss_backward(&self, x: &[f32], batch: &Batch) -> (f64, Buffer<'a>) {
        let size = self.config.hidden;
        let share = 1.0 / batch.targets.len().max(1) as f32;
        let rows = self.rows(x, &batch.places);
        let hidden = self.normed(&rows, &self.weights.norm);
        let mut of_hidden = self.buffers.take(hidden.len());
        let loss = cross_entropy(&hidden, &self.weights.head, size, &batch.targets, Some(&mut of_hidden));
        let mut of_rows = self.buffers.take(rows.len());
        rms_norm_backward(&rows, &self.weights.norm, self.config.epsilon, &of_hidden, false, &mut of_rows);
        let mut gradient = self.buffers.zeros(x.len());
        for (of_row, place) in of_rows.chunks(size).zip(&batch.places) {
            let row = &mut gradient[*place as usize * size..][..size];
            row.iter_mut().zip(of_row).for_each(|(value, of_row)| *value += share * of_row);
        }
        (loss * f64::from(share), gradient)
    }

    fn rows(&self, x: &[f32], places: &[u32]) -> Buffer<'a> {
        let size = self.config.hidden;
        let mut out = self.buffers.take(places.len() * size);
        for (out, place) in out.chunks_mut(size).zip(places) {
            out.copy_from_slice(&x[*place as usize * size..][..size]);
        }
        out
    }

    /// Logits of all tokens of the texts of a batch: (sequences x tokens, vocabulary).
    pub(super) fn logits(&self, ids: &[u32], sequences: usize) -> Vec<f32> {
        let mut x = self.embed(ids);
        for layer in 0..self.config.layers {
            x = self.forward(layer, x, sequences).0;
        }
        self.head(&x)
    }

    fn head(&self, x: &[f32]) -> Vec<f32> {
        let (inputs, outputs) = (self.config.hidden, self.weights.head.len() / self.config.hidden);
        let head = Linear { weight: &self.weights.head, inputs, outputs, low_rank: None };
        let mut logits = vec![0.0; x.len() / inputs * outputs];
        head.forward(&self.normed(x, &self.weights.norm), false, &mut logits);
        logits
    }

    /// Logits of the token after the new tokens, which follow the tokens in `known`.
    pub(super) fn next(&self, ids: &[u32], known: &mut Known) -> Vec<f32> {
        let mut x = self.embed(ids);
        for layer in 0..self.config.layers {
            let Projections { q, k, v, .. } = self.projections(layer, &x, known.tokens, ids.len());
            known.keys[layer].extend_from_slice(&k);
            known.values[layer].extend_from_slice(&v);
            let attended =
                to_known(&q, &known.keys[layer], &known.values[layer], ids.len(), known.tokens, self.heads());
            let middle = self.added(&x, layer, 3, &attended);
            let [gate, up] = self.gates(layer, &middle);
            x = self.added(&middle, layer, 6, &self.passed(&gate, &up));
        }
        known.tokens += ids.len();
        self.head(&x[(ids.len() - 1) * self.config.hidden..])
    }
}

struct Projections<'a> {
    q: Buffer<'a>,
    k: Buffer<'a>,
    v: Buffer<'a>,
    raw: Option<(Buffer<'a>, Buffer<'a>)>,
}
