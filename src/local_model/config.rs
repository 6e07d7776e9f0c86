//! Reads a model's architecture and sizes from its files.

use std::path::Path;

use candle_core::quantized::gguf_file;
use serde_json::Value;

use super::error::LocalModelError;
use super::rope::Llama3Scaling;

/// A supported architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Llama and models of the same structure: `SmolLM2`, Llama 3.
    Llama,
    /// Qwen 3: the heads of queries and keys are normalized.
    Qwen3,
}

/// Sizes of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The architecture.
    pub architecture: Architecture,
    /// Values per token between layers.
    pub hidden: usize,
    /// Values in the middle of a feed-forward layer.
    pub feed_forward: usize,
    /// Number of layers.
    pub layers: usize,
    /// Number of query heads.
    pub heads: usize,
    /// Number of heads for keys and values.
    pub key_heads: usize,
    /// Values per head.
    pub head_size: usize,
    /// Number of tokens in the vocabulary.
    pub vocabulary: usize,
    /// Longest text, tokens.
    pub context: usize,
    /// Whether the output layer shares the weights of the token table.
    pub is_tied: bool,
    pub(super) epsilon: f32,
    pub(super) theta: f32,
    pub(super) scaling: Option<Llama3Scaling>,
}

impl Config {
    /// Number of weights of the model.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        let (hidden, queries, keys) = (self.hidden, self.heads * self.head_size, self.key_heads * self.head_size);
        let layer = 2 * hidden * (queries + keys) + 3 * hidden * self.feed_forward + 2 * hidden;
        let tables = if self.is_tied { 1 } else { 2 };
        (self.layers * layer + tables * self.vocabulary * hidden + hidden) as u64
    }

    /// Reads config.json of a Hugging Face folder.
    pub(super) fn from_json(path: &Path, text: &str) -> Result<Self, LocalModelError> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| LocalModelError::invalid(path, error.to_string()))?;
        let kind = json["model_type"].as_str().unwrap_or("unknown");
        let architecture = match kind {
            "llama" => Architecture::Llama,
            "qwen3" => Architecture::Qwen3,
            _ => return Err(LocalModelError::Architecture { path: path.to_path_buf(), architecture: kind.to_owned() }),
        };
        for key in ["attention_bias", "mlp_bias", "use_sliding_window"] {
            if json[key].as_bool() == Some(true) {
                return Err(LocalModelError::invalid(path, format!("{key} is not supported")));
            }
        }
        for (key, known) in [("hidden_act", "silu"), ("quantization_config", "")] {
            if !json[key].is_null() && json[key] != known {
                return Err(LocalModelError::invalid(path, format!("{key} {} is not supported", json[key])));
            }
        }
        let size = |key: &str| {
            let value = json[key].as_u64().filter(|value| *value > 0);
            value.map(|value| value as usize).ok_or_else(|| LocalModelError::invalid(path, format!("{key} is missing")))
        };
        let (hidden, heads) = (size("hidden_size")?, size("num_attention_heads")?);
        let config = Self {
            architecture,
            hidden,
            feed_forward: size("intermediate_size")?,
            layers: size("num_hidden_layers")?,
            heads,
            key_heads: size("num_key_value_heads").unwrap_or(heads),
            head_size: size("head_dim").unwrap_or(hidden / heads),
            vocabulary: size("vocab_size")?,
            context: size("max_position_embeddings")?,
            is_tied: json["tie_word_embeddings"].as_bool().unwrap_or(false),
            epsilon: json["rms_norm_eps"].as_f64().unwrap_or(1e-6) as f32,
            theta: theta(&json),
            scaling: scaling(path, &json)?,
        };
        config.checked(path)
    }

    /// Reads the metadata of a GGUF file.
    pub(super) fn from_gguf(path: &Path, content: &gguf_file::Content) -> Result<Self, LocalModelError> {
        let text = |key: &str| content.metadata.get(key).and_then(|value| value.to_string().ok()).cloned();
        let kind = text("general.architecture").unwrap_or_else(|| "unknown".to_owned());
        let architecture = match kind.as_str() {
            "llama" => Architecture::Llama,
            "qwen3" => Architecture::Qwen3,
            _ => return Err(LocalModelError::Architecture { path: path.to_path_buf(), architecture: kind }),
        };
        let size = |key: &str| {
            let value = content.metadata.get(&format!("{kind}.{key}")).and_then(|value| value.to_u64().ok());
            let value = value.filter(|value| *value > 0).map(|value| value as usize);
            value.ok_or_else(|| LocalModelError::invalid(path, format!("{kind}.{key} is missing")))
        };
        let number = |key: &str| content.metadata.get(&format!("{kind}.{key}")).and_then(|value| value.to_f32().ok());
        if let Some(scaling) = text(&format!("{kind}.rope.scaling.type")).filter(|name| name != "none") {
            return Err(LocalModelError::invalid(path, format!("rotary scaling {scaling:?} is not supported")));
        }
        let (hidden, heads) = (size("embedding_length")?, size("attention.head_count")?);
        let tokens = content.metadata.get("tokenizer.ggml.tokens").and_then(|tokens| tokens.to_vec().ok());
        let config = Self {
            architecture,
            hidden,
            feed_forward: size("feed_forward_length")?,
            layers: size("block_count")?,
            heads,
            key_heads: size("attention.head_count_kv").unwrap_or(heads),
            head_size: size("attention.key_length").unwrap_or(hidden / heads),
            vocabulary: tokens.map_or_else(|| size("vocab_size"), |tokens| Ok(tokens.len()))?,
            context: size("context_length")?,
            is_tied: !content.tensor_infos.contains_key("output.weight"),
            epsilon: number("attention.layer_norm_rms_epsilon").unwrap_or(1e-5),
            theta: number("rope.freq_base").unwrap_or(10_000.0),
            scaling: None,
        };
        config.checked(path)
    }

    fn checked(self, path: &Path) -> Result<Self, LocalModelError> {
        if !self.heads.is_multiple_of(self.key_heads) || !self.head_size.is_multiple_of(2) {
            let message = format!("{} query heads and {} key heads do not match", self.heads, self.key_heads);
            return Err(LocalModelError::invalid(path, message));
        }
        Ok(self)
    }
}

/// Newer config files store the rotation in `rope_parameters`, older ones next to the other sizes.
fn theta(json: &Value) -> f32 {
    let value = json["rope_parameters"]["rope_theta"].as_f64().or_else(|| json["rope_theta"].as_f64());
    value.unwrap_or(10_000.0) as f32
}

fn scaling(path: &Path, json: &Value) -> Result<Option<Llama3Scaling>, LocalModelError> {
    let given = if json["rope_parameters"].is_object() { &json["rope_parameters"] } else { &json["rope_scaling"] };
    let kind = given["rope_type"].as_str().or_else(|| given["type"].as_str()).unwrap_or("default");
    match kind {
        "default" => Ok(None),
        "llama3" => {
            let number = |key: &str| {
                let value = given[key].as_f64().map(|value| value as f32);
                value.ok_or_else(|| LocalModelError::invalid(path, format!("{key} of the rotary scaling is missing")))
            };
            Ok(Some(Llama3Scaling {
                factor: number("factor")?,
                low_freq_factor: number("low_freq_factor")?,
                high_freq_factor: number("high_freq_factor")?,
                original_length: number("original_max_position_embeddings")?,
            }))
        }
        _ => Err(LocalModelError::invalid(path, format!("rotary scaling {kind:?} is not supported"))),
    }
}
