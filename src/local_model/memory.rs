//! Computes the memory of a model and of its training. Pure.

use super::config::{Architecture, Config};
use super::kernels::loss::POSITIONS;
use super::lora::{LoraSettings, linear_size};
use super::weights::LINEARS;
use crate::memory::PROGRAM_BYTES;

/// Size of a number, bytes.
const NUMBER: u64 = 4;
/// The program, the tokenizer, examples as tokens.
const BASE_BYTES: u64 = PROGRAM_BYTES + (60 << 20);

/// The amount of text that a training step holds in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingSize {
    /// Number of texts per step.
    pub batch: usize,
    /// Number of tokens of the longest text.
    pub tokens: usize,
    /// Whether only the inputs of each layer are kept.
    pub is_checkpointed: bool,
}

/// Memory of a loaded model, bytes.
#[must_use]
pub fn model_bytes(config: &Config) -> u64 {
    config.parameters() * NUMBER + BASE_BYTES
}

/// Peak memory of a training, bytes: the model, the adapter with its gradients and two moments, and the values kept
/// during a step.
#[must_use]
pub fn training_bytes(config: &Config, lora: &LoraSettings, size: TrainingSize) -> u64 {
    let targets =
        (0..LINEARS.len()).filter(|linear| lora.targets.iter().any(|name| LINEARS[*linear].ends_with(name.as_str())));
    let per_layer: usize =
        targets.map(|linear| linear_size(config, linear)).map(|(outputs, inputs)| lora.rank * (outputs + inputs)).sum();
    // Values, gradients (twice while they are named), two moments, and a copy during saving.
    let adapter = (config.layers * per_layer) as u64 * NUMBER * 7;
    let (queries, keys) = (config.heads * config.head_size, config.key_heads * config.head_size);
    let raw = if config.architecture == Architecture::Qwen3 { queries + keys } else { 0 };
    // Values that a layer keeps for its gradients.
    let kept = 2 * config.hidden + 2 * queries + 2 * keys + raw + 2 * config.feed_forward;
    // Temporary values in the middle of a layer.
    let passing = 4 * config.hidden + 2 * config.feed_forward + 2 * (queries + 2 * keys);
    let tokens = (size.batch * size.tokens) as u64;
    let all = if size.is_checkpointed { config.layers * config.hidden + kept } else { config.layers * kept };
    let step = tokens * (all + passing) as u64 * NUMBER;
    let attention = 4 * (size.tokens * size.tokens) as u64 * NUMBER * 2;
    let logits = (POSITIONS * config.vocabulary) as u64 * NUMBER;
    model_bytes(config) + adapter + step + attention + logits
}
