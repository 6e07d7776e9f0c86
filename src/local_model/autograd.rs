//! The layers of a model built from candle's operations and gradients: for devices other than the processor, and for
//! comparison with `cpu.rs`.
//!
//! Only operations whose gradients candle supports are used: its fused norms, rotations and softmax detach gradients.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::ops::{log_softmax, softmax};

use super::config::Config;
use super::kernels::linear::LowRankGradients;
use super::lora::{Gradients, Lora, linear_size};
use super::model::Batch;
use super::rope::Rope;
use super::weights::Weights;

/// A model whose weights are on a device.
pub(super) struct Autograd<'a> {
    pub(super) config: &'a Config,
    pub(super) weights: &'a Weights,
    pub(super) rope: &'a Rope,
    pub(super) device: &'a Device,
    adapter: BTreeMap<(usize, usize), (Var, Var)>,
    scale: f64,
}

impl<'a> Autograd<'a> {
    pub(super) fn new(
        config: &'a Config,
        weights: &'a Weights,
        lora: Option<&Lora>,
        rope: &'a Rope,
        device: &'a Device,
    ) -> Result<Self> {
        let mut adapter = BTreeMap::new();
        for (lora, (place, pair)) in lora.iter().flat_map(|lora| lora.pairs.iter().map(move |pair| (lora, pair))) {
            let ((outputs, inputs), rank) = (linear_size(config, place.1), lora.settings.rank);
            let a = Var::from_slice(&pair.a, (rank, inputs), device)?;
            adapter.insert(*place, (a, Var::from_slice(&pair.b, (outputs, rank), device)?));
        }
        let scale = lora.map_or(1.0, |lora| f64::from(lora.settings.scale()));
        Ok(Self { config, weights, rope, device, adapter, scale })
    }

    fn linear(&self, layer: usize, linear: usize, x: &Tensor) -> Result<Tensor> {
        let y = x.matmul(&self.weights.layers[layer].linears[linear].t()?)?;
        match self.adapter.get(&(layer, linear)) {
            Some((a, b)) => y + (x.matmul(&a.t()?)?.matmul(&b.t()?)? * self.scale)?,
            None => Ok(y),
        }
    }

    fn norm(&self, x: &Tensor, weight: &Tensor) -> Result<Tensor> {
        let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
        x.broadcast_div(&(mean + f64::from(self.config.epsilon))?.sqrt()?)?.broadcast_mul(weight)
    }

    /// (sequences, heads, tokens, size), rotated.
    fn heads(&self, x: &Tensor, sequences: usize, count: usize, norm: Option<&Tensor>) -> Result<Tensor> {
        let size = self.config.head_size;
        let tokens = x.dim(0)? / sequences;
        let x = x.reshape((sequences, tokens, count, size))?;
        let x = match norm {
            Some(norm) => self.norm(&x, norm)?,
            None => x,
        };
        let turns = self.rope.tables(0, tokens);
        let cosines = Tensor::from_vec(turns.cosines, (tokens, size / 2), self.device)?;
        let sines = Tensor::from_vec(turns.sines, (tokens, size / 2), self.device)?;
        candle_nn::rotary_emb::rope_slow(&x.transpose(1, 2)?.contiguous()?, &cosines, &sines)
    }

    fn attention(&self, layer: usize, x: &Tensor, sequences: usize) -> Result<Tensor> {
        let (heads, keys, size) = (self.config.heads, self.config.key_heads, self.config.head_size);
        let tokens = x.dim(0)? / sequences;
        let norms = self.weights.layers[layer].head_norms.as_ref();
        let q = self.heads(&self.linear(layer, 0, x)?, sequences, heads, norms.map(|norms| &norms.0))?;
        let k = self.heads(&self.linear(layer, 1, x)?, sequences, keys, norms.map(|norms| &norms.1))?;
        let v = self.linear(layer, 2, x)?.reshape((sequences, tokens, keys, size))?.transpose(1, 2)?.contiguous()?;
        // The heads of a group are stacked, so that keys and values need not be repeated.
        let q = q.contiguous()?.reshape((sequences, keys, heads / keys * tokens, size))?;
        let scores = (q.matmul(&k.transpose(2, 3)?.contiguous()?)? / (size as f64).sqrt())?;
        let ahead = |row| (0..tokens).map(move |column| if column > row { f32::NEG_INFINITY } else { 0.0 });
        let mask: Vec<f32> = (0..tokens).flat_map(ahead).collect();
        let mask = Tensor::from_vec(mask, (tokens, tokens), self.device)?;
        let scores = scores.reshape((sequences, heads, tokens, tokens))?.broadcast_add(&mask)?;
        let shares = softmax(&scores, D::Minus1)?.reshape((sequences, keys, heads / keys * tokens, tokens))?;
        let out = shares.matmul(&v)?.reshape((sequences, heads, tokens, size))?.transpose(1, 2)?.contiguous()?;
        self.linear(layer, 3, &out.reshape((sequences * tokens, heads * size))?)
    }

    fn layer(&self, layer: usize, x: &Tensor, sequences: usize) -> Result<Tensor> {
        let weights = &self.weights.layers[layer];
        let x = (x + self.attention(layer, &self.norm(x, &weights.attention_norm)?, sequences)?)?;
        let inner = self.norm(&x, &weights.feed_forward_norm)?;
        let inner = (self.linear(layer, 4, &inner)?.silu()? * self.linear(layer, 5, &inner)?)?;
        x + self.linear(layer, 6, &inner)?
    }

    fn embed(&self, ids: &[u32]) -> Result<Tensor> {
        self.weights.embedding.index_select(&Tensor::new(ids, self.device)?, 0)
    }

    fn loss_of(&self, x: &Tensor, batch: &Batch) -> Result<Tensor> {
        let places = Tensor::new(batch.places.as_slice(), self.device)?;
        let hidden = self.norm(&x.index_select(&places, 0)?, &self.weights.norm)?;
        let targets = Tensor::new(batch.targets.as_slice(), self.device)?.unsqueeze(1)?;
        let logits = hidden.matmul(&self.weights.head.t()?)?;
        log_softmax(&logits, 1)?.gather(&targets, 1)?.sum_all()?.neg()
    }

    /// The sum of the loss over the targets of a batch, nats.
    pub(super) fn loss(&self, batch: &Batch) -> Result<f64> {
        let mut x = self.embed(&batch.ids)?;
        for layer in 0..self.config.layers {
            x = self.layer(layer, &x, batch.sequences)?.detach();
        }
        Ok(f64::from(self.loss_of(&x, batch)?.to_scalar::<f32>()?))
    }

    /// The mean loss over the targets of a batch, and the gradients of the adapter.
    pub(super) fn loss_and_gradients(&self, batch: &Batch, is_checkpointed: bool) -> Result<(f64, Gradients)> {
        let count = batch.targets.len().max(1) as f64;
        let mut found = Gradients::new();
        let mut x = self.embed(&batch.ids)?;
        if !is_checkpointed {
            for layer in 0..self.config.layers {
                x = self.layer(layer, &x, batch.sequences)?;
            }
            let loss = (self.loss_of(&x, batch)? / count)?;
            self.collect(&mut loss.backward()?, &mut found)?;
            return Ok((f64::from(loss.to_scalar::<f32>()?), found));
        }
        let mut inputs = Vec::with_capacity(self.config.layers);
        for layer in 0..self.config.layers {
            let next = self.layer(layer, &x, batch.sequences)?.detach();
            inputs.push(std::mem::replace(&mut x, next));
        }
        let last = Var::from_tensor(&x)?;
        let loss = (self.loss_of(last.as_tensor(), batch)? / count)?;
        let mut gradient = of_input(&mut loss.backward()?, &last)?;
        for (layer, input) in inputs.into_iter().enumerate().rev() {
            let input = Var::from_tensor(&input)?;
            let output = self.layer(layer, input.as_tensor(), batch.sequences)?;
            let mut gradients = (output * gradient.detach())?.sum_all()?.backward()?;
            gradient = of_input(&mut gradients, &input)?;
            self.collect(&mut gradients, &mut found)?;
        }
        Ok((f64::from(loss.to_scalar::<f32>()?), found))
    }

    fn collect(&self, gradients: &mut GradStore, found: &mut Gradients) -> Result<()> {
        for (place, (a, b)) in &self.adapter {
            if let (Some(a), Some(b)) = (gradients.remove(a.as_tensor()), gradients.remove(b.as_tensor())) {
                let values = |tensor: Tensor| tensor.flatten_all()?.to_vec1();
                found.insert(*place, LowRankGradients { a: values(a)?, b: values(b)? });
            }
        }
        Ok(())
    }

    /// Logits of all tokens of the texts of a batch: (sequences x tokens, vocabulary).
    pub(super) fn logits(&self, ids: &[u32], sequences: usize) -> Result<Vec<f32>> {
        let mut x = self.embed(ids)?;
        for layer in 0..self.config.layers {
            x = self.layer(layer, &x, sequences)?.detach();
        }
        self.head(&x)
    }

    /// Logits of the token after a text. The whole text is computed each time.
    pub(super) fn next(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let mut x = self.embed(ids)?;
        for layer in 0..self.config.layers {
            x = self.layer(layer, &x, 1)?.detach();
        }
        self.head(&x.narrow(0, ids.len() - 1, 1)?.contiguous()?)
    }

    fn head(&self, x: &Tensor) -> Result<Vec<f32>> {
        self.norm(x, &self.weights.norm)?.matmul(&self.weights.head.t()?)?.flatten_all()?.to_vec1()
    }
}

fn of_input(gradients: &mut GradStore, input: &Var) -> Result<Tensor> {
    match gradients.remove(input.as_tensor()) {
        Some(gradient) => Ok(gradient),
        None => candle_core::bail!("a layer got no gradient"),
    }
}
