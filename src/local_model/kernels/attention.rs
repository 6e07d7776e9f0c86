//! Causal attention. Queries and keys are already rotated.
//!
//! Probabilities are recomputed for the gradients instead of being kept.
//!
//! Source: Vaswani et al. 2017; Ainslie et al. 2023 (grouped queries).

use rayon::prelude::*;

use super::exponential::exp;
use super::product::{Matrix, product};

/// Sizes of an attention layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Heads {
    /// Number of query heads.
    pub(in super::super) queries: usize,
    /// Number of heads for keys and values; each serves an equal number of query heads.
    pub(in super::super) keys: usize,
    /// Values per head.
    pub(in super::super) size: usize,
}

/// Attention of `tokens` new queries to `known` + `tokens` keys; rows are tokens.
pub(in super::super) fn to_known(
    q: &[f32],
    k: &[f32],
    v: &[f32],
    tokens: usize,
    known: usize,
    heads: Heads,
) -> Vec<f32> {
    let groups: Vec<Vec<f32>> = (0..heads.keys)
        .into_par_iter()
        .map(|group| {
            let view = View { q, k, v, tokens, known, heads, group };
            (0..heads.per_group()).flat_map(|head| view.attend(head).1).collect()
        })
        .collect();
    let mut out = vec![0.0; tokens * heads.queries * heads.size];
    for (group, values) in groups.iter().enumerate() {
        scatter_group(values, tokens, heads, group, &mut out);
    }
    out
}

impl Heads {
    pub(in super::super) fn per_group(self) -> usize {
        self.queries / self.keys
    }

    pub(in super::super) fn query_row(self) -> usize {
        self.queries * self.size
    }

    pub(in super::super) fn key_row(self) -> usize {
        self.keys * self.size
    }
}

/// One sequence and one key head.
struct View<'a> {
    q: &'a [f32],
    k: &'a [f32],
    v: &'a [f32],
    tokens: usize,
    known: usize,
    heads: Heads,
    group: usize,
}

impl<'a> View<'a> {
    fn all(&self) -> usize {
        self.known + self.tokens
    }

    fn of_head<'b>(&self, values: &'b [f32], head: usize) -> Matrix<'b> {
        let first = (self.group * self.heads.per_group() + head) * self.heads.size;
        Matrix::strided(&values[first..], self.tokens, self.heads.size, self.heads.query_row())
    }

    fn of_keys(&self, values: &'a [f32]) -> Matrix<'a> {
        Matrix::strided(&values[self.group * self.heads.size..], self.all(), self.heads.size, self.heads.key_row())
    }

    fn scale(&self) -> f32 {
        1.0 / (self.heads.size as f32).sqrt()
    }

    /// Probabilities (tokens, all) and the output of the head (tokens, size).
    fn attend(&self, head: usize) -> (Vec<f32>, Vec<f32>) {
        let all = self.all();
        let mut probabilities = vec![0.0; self.tokens * all];
        product(self.of_head(self.q, head), self.of_keys(self.k).transposed(), self.scale(), false, &mut probabilities);
        for (token, row) in probabilities.chunks_mut(all).enumerate() {
            softmax_of_first(row, self.known + token + 1);
        }
        let mut out = vec![0.0; self.tokens * self.heads.size];
        product(Matrix::new(&probabilities, self.tokens, all), self.of_keys(self.v), 1.0, false, &mut out);
        (probabilities, out)
    }

    /// Gradients of the queries of all heads (head by head), the keys and the values.
    fn gradients(&self, gradient: &[f32]) -> [Vec<f32>; 3] {
        let (all, size) = (self.all(), self.heads.size);
        let mut of_q = Vec::with_capacity(self.heads.per_group() * self.tokens * size);
        let (mut of_k, mut of_v) = (vec![0.0; all * size], vec![0.0; all * size]);
        let mut of_scores = vec![0.0; self.tokens * all];
        let mut of_head = vec![0.0; self.tokens * size];
        for head in 0..self.heads.per_group() {
            let (probabilities, _) = self.attend(head);
            let gradient = self.of_head(gradient, head);
            let seen = Matrix::new(&probabilities, self.tokens, all);
            product(seen.transposed(), gradient, 1.0, true, &mut of_v);
            product(gradient, self.of_keys(self.v).transposed(), 1.0, false, &mut of_scores);
            for (scores, probabilities) in of_scores.chunks_mut(all).zip(probabilities.chunks(all)) {
                let mean: f32 = scores.iter().zip(probabilities).map(|(score, share)| score * share).sum();
                for (score, share) in scores.iter_mut().zip(probabilities) {
                    *score = (*score - mean) * share;
                }
            }
            let scores = Matrix::new(&of_scores, self.tokens, all);
            product(scores, self.of_keys(self.k), self.scale(), false, &mut of_head);
            of_q.extend_from_slice(&of_head);
            product(scores.transposed(), self.of_head(self.q, head), self.scale(), true, &mut of_k);
        }
        [of_q, of_k, of_v]
    }
}

/// Softmax over the first `count` values; the others become 0.
fn softmax_of_first(row: &mut [f32], count: usize) {
    let (seen, unseen) = row.split_at_mut(count);
    unseen.fill(0.0);
    let largest = seen.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in seen.iter_mut() {
        *value = exp(*value - largest);
    }
    let factor = 1.0 / seen.iter().sum::<f32>();
    for value in seen {
        *value *= factor;
    }
}

/// Copies the outputs of a group's heads, head by head, into rows of all heads.
fn scatter_group(values: &[f32], tokens: usize, heads: Heads, group: usize, out: &mut [f32]) {
    let (size, row) = (heads.size, heads.query_row());
    for (head, values) in values.chunks(tokens * size).enumerate() {
        let first = (group * heads.per_group() + head) * size;
        for (token, values) in values.chunks(size).enumerate() {
            out[token * row + first..][..size].copy_from_slice(values);
        }
    }
}

/// Attention within each of `sequences`: rows are tokens, sequence by sequence.
#[derive(Clone, Copy)]
pub(in super::super) struct Attention<'a> {
    /// (sequences x tokens, queries x size).
    pub(in super::super) q: &'a [f32],
    /// (sequences x tokens, keys x size).
    pub(in super::super) k: &'a [f32],
    /// (sequences x tokens, keys x size).
    pub(in super::super) v: &'a [f32],
    /// Number of sequences.
    pub(in super::super) sequences: usize,
    /// Sizes.
    pub(in super::super) heads: Heads,
}

impl<'a> Attention<'a> {
    fn tokens(&self) -> usize {
        self.q.len() / self.heads.query_row() / self.sequences
    }

    fn view(&self, index: usize) -> View<'a> {
        let (sequence, group) = (index / self.heads.keys, index % self.heads.keys);
        let tokens = self.tokens();
        let of = |values: &'a [f32], row: usize| &values[sequence * tokens * row..][..tokens * row];
        let (query_row, key_row) = (self.heads.query_row(), self.heads.key_row());
        View {
            q: of(self.q, query_row),
            k: of(self.k, key_row),
            v: of(self.v, key_row),
            tokens,
            known: 0,
            heads: self.heads,
            group,
        }
    }

    /// Writes the output of each token, which depends on the tokens up to itself: (sequences x tokens, queries x size).
    pub(in super::super) fn forward(&self, out: &mut [f32]) {
        let heads = self.heads;
        let given: Vec<Vec<f32>> = (0..self.sequences * heads.keys)
            .into_par_iter()
            .map(|index| {
                let view = self.view(index);
                (0..heads.per_group()).flat_map(|head| view.attend(head).1).collect()
            })
            .collect();
        let tokens = self.tokens();
        for (index, values) in given.iter().enumerate() {
            let out = &mut out[index / heads.keys * tokens * heads.query_row()..];
            scatter_group(values, tokens, heads, index % heads.keys, out);
        }
    }

    /// Writes the gradients of queries, keys and values.
    pub(in super::super) fn backward(&self, gradient: &[f32], of_q: &mut [f32], of_k: &mut [f32], of_v: &mut [f32]) {
        let (heads, tokens) = (self.heads, self.tokens());
        let (query_row, key_row) = (heads.query_row(), heads.key_row());
        let given: Vec<[Vec<f32>; 3]> = (0..self.sequences * heads.keys)
            .into_par_iter()
            .map(|index| self.view(index).gradients(&gradient[index / heads.keys * tokens * query_row..]))
            .collect();
        let single = Heads { queries: heads.keys, ..heads };
        for (index, [for_q, for_k, for_v]) in given.iter().enumerate() {
            let (sequence, group) = (index / heads.keys, index % heads.keys);
            scatter_group(for_q, tokens, heads, group, &mut of_q[sequence * tokens * query_row..]);
            scatter_group(for_k, tokens, single, group, &mut of_k[sequence * tokens * key_row..]);
            scatter_group(for_v, tokens, single, group, &mut of_v[sequence * tokens * key_row..]);
        }
    }
}
