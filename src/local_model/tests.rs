//! Tests of a tiny model with random weights: gradients, checkpoints, and generated text.

use candle_core::{Device, Tensor};

use super::buffers::Buffers;
use super::config::{Architecture, Config};
use super::lora::{LoraSettings, Numbers};
use super::model::{Batch, Engine, LocalModel};
use super::rope::Rope;
use super::seeded::Seeded;
use super::weights::{LINEARS, LayerWeights, Weights};

fn config(architecture: Architecture) -> Config {
    Config {
        architecture,
        hidden: 16,
        feed_forward: 24,
        layers: 3,
        heads: 4,
        key_heads: 2,
        head_size: 6,
        vocabulary: 40,
        context: 64,
        is_tied: true,
        epsilon: 1e-5,
        theta: 1000.0,
        scaling: None,
    }
}

fn model(architecture: Architecture, is_autograd: bool) -> LocalModel {
    let config = config(architecture);
    let mut seeded = Seeded::new(5);
    let mut tensor = |shape: &[usize], scale: f32, middle: f32| {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| middle + scale * seeded.signed_unit()).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    };
    let embedding = tensor(&[config.vocabulary, config.hidden], 0.8, 0.0);
    let layers = (0..config.layers).map(|_| LayerWeights {
        attention_norm: tensor(&[config.hidden], 0.2, 1.0),
        feed_forward_norm: tensor(&[config.hidden], 0.2, 1.0),
        head_norms: (architecture == Architecture::Qwen3)
            .then(|| (tensor(&[config.head_size], 0.2, 1.0), tensor(&[config.head_size], 0.2, 1.0))),
        linears: (0..LINEARS.len())
            .map(|linear| {
                let (outputs, inputs) = super::lora::linear_size(&config, linear);
                tensor(&[outputs, inputs], 0.5, 0.0)
            })
            .collect(),
    });
    let layers = layers.collect();
    let norm = tensor(&[config.hidden], 0.2, 1.0);
    let weights = Weights { head: embedding.clone(), embedding, norm, layers, rope_divisors: None };
    let rope = Rope::new(config.head_size, config.theta, None);
    let engine = if is_autograd {
        Engine::Device(weights, Device::Cpu)
    } else {
        Engine::Host(weights.into_host(&config).unwrap(), Buffers::default())
    };
    LocalModel { path: "random".into(), config, lora: None, rope, engine, is_adapted: true }
}

/// A model with an adapter whose matrices are both random, so that all gradients matter.
fn adapted(architecture: Architecture, is_autograd: bool) -> LocalModel {
    let mut model = model(architecture, is_autograd);
    let settings = LoraSettings { rank: 3, alpha: 6.0, targets: LoraSettings::all_targets() };
    model.add_adapter(settings, 1).unwrap();
    let mut values = model.adapter_values();
    let mut seeded = Seeded::new(77);
    for (_, values) in values.iter_mut().filter(|(name, _)| name.contains("lora_B")) {
        for value in values.iter_mut() {
            *value = 0.3 * seeded.signed_unit();
        }
    }
    model.set_adapter_values(&values).unwrap();
    model
}

fn batch() -> Batch {
    let ids = vec![3, 8, 1, 30, 7, 9, 22, 5, 14, 2, 0, 0];
    Batch { ids, sequences: 2, places: vec![1, 2, 4, 6, 8], targets: vec![1, 30, 9, 5, 2] }
}

fn same(one: &Numbers, other: &Numbers) {
    assert_eq!(one.len(), 2 * 7 * 3);
    assert_eq!(one.len(), other.len());
    for (name, values) in one {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        assert!(largest > 0.0, "{name}");
        let difference = values.iter().zip(&other[name]).map(|(one, other)| (one - other).abs());
        assert!(difference.fold(0.0, f32::max) < 1e-4 * largest.max(0.1), "{name}");
    }
}

#[test]
fn gradients_are_those_of_candle() {
    for architecture in [Architecture::Llama, Architecture::Qwen3] {
        let (ours, theirs) = (adapted(architecture, false), adapted(architecture, true));
        let (our_logits, their_logits) =
            (ours.logits(&batch().ids, 2).unwrap(), theirs.logits(&batch().ids, 2).unwrap());
        let difference = our_logits.iter().zip(&their_logits).map(|(one, other)| (one - other).abs());
        assert!(difference.fold(0.0, f32::max) < 1e-4);
        let (our_loss, gradients) = ours.loss_and_gradients(&batch(), false).unwrap();
        for is_checkpointed in [false, true] {
            let (their_loss, others) = theirs.loss_and_gradients(&batch(), is_checkpointed).unwrap();
            assert!((our_loss - their_loss).abs() < 1e-5);
            same(&gradients, &others);
        }
    }
}

#[test]
fn gradients_are_finite_differences() {
    for architecture in [Architecture::Llama, Architecture::Qwen3] {
        let mut model = adapted(architecture, false);
        let (loss, gradients) = model.loss_and_gradients(&batch(), false).unwrap();
        assert!((model.loss(&batch()).unwrap() / 5.0 - loss).abs() < 1e-5);
        assert_eq!(gradients.len(), 2 * 7 * 3);
        let values = model.adapter_values();
        for (name, gradient) in &gradients {
            let square: f64 = gradient.iter().map(|value| f64::from(value * value)).sum();
            let step = 0.01 / square.sqrt();
            let mut at = |factor: f64| {
                let mut moved = values.clone();
                for (value, gradient) in moved.get_mut(name).unwrap().iter_mut().zip(gradient) {
                    *value += (factor * step) as f32 * gradient;
                }
                model.set_adapter_values(&moved).unwrap();
                model.loss(&batch()).unwrap() / 5.0
            };
            let slope = (at(1.0) - at(-1.0)) / (2.0 * step);
            assert!((slope - square).abs() < 0.02 * square + 1e-4, "{name}: {slope} instead of {square}");
        }
    }
}

#[test]
fn checkpoints_change_no_gradient() {
    let model = adapted(Architecture::Qwen3, false);
    let (loss, gradients) = model.loss_and_gradients(&batch(), false).unwrap();
    let (other_loss, others) = model.loss_and_gradients(&batch(), true).unwrap();
    assert!((loss - other_loss).abs() < 1e-6);
    same(&gradients, &others);
}

#[test]
fn padding_and_neighbors_change_no_loss() {
    let model = adapted(Architecture::Llama, false);
    let together = model.loss(&batch()).unwrap();
    let first = Batch { ids: vec![3, 8, 1, 30, 7, 9], sequences: 1, places: vec![1, 2, 4], targets: vec![1, 30, 9] };
    let second = Batch { ids: vec![22, 5, 14, 2], sequences: 1, places: vec![0, 2], targets: vec![5, 2] };
    let apart = model.loss(&first).unwrap() + model.loss(&second).unwrap();
    assert!((together - apart).abs() < 1e-4, "{together} {apart}");
}

#[test]
fn what_is_said_is_what_the_logits_say() {
    let both = [(Architecture::Llama, false), (Architecture::Qwen3, false), (Architecture::Qwen3, true)];
    for (architecture, is_autograd) in both {
        let model = adapted(architecture, is_autograd);
        let prompt = [3, 8, 1, 30];
        let said = model.generate(&prompt, 8, &[], &|| false).unwrap();
        assert_eq!(said.len(), 8);
        let mut text = prompt.to_vec();
        for token in said {
            let logits = model.logits(&text, 1).unwrap();
            let last = &logits[(text.len() - 1) * 40..];
            let best = (0..40).max_by(|one, other| last[*one].total_cmp(&last[*other])).unwrap();
            assert_eq!(best as u32, token);
            text.push(token);
        }
    }
}

#[test]
fn a_new_adapter_changes_nothing_and_saved_ones_come_back() {
    let mut model = model(Architecture::Llama, false);
    let plain = model.loss(&batch()).unwrap();
    let settings = LoraSettings { rank: 2, alpha: 4.0, targets: vec!["q_proj".to_owned(), "down_proj".to_owned()] };
    model.add_adapter(settings, 3).unwrap();
    assert_eq!(model.adapter_values().len(), 2 * 2 * 3);
    assert!((model.loss(&batch()).unwrap() - plain).abs() < 1e-6);
    let model = adapted(Architecture::Llama, false);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in model.adapter_files("base").unwrap() {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let mut other = super::tests::model(Architecture::Llama, false);
    other.load_adapter(folder.path()).unwrap();
    assert_eq!(other.loss(&batch()).unwrap(), model.loss(&batch()).unwrap());
}
