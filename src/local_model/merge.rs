//! Writes a model with its adapter merged into its weights, as a Hugging Face folder.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, View};
use serde_json::{Value, json};

use super::config::{Architecture, Config};
use super::error::LocalModelError;
use super::kernels::product::{Matrix, product_on_cores};
use super::lora::{Lora, linear_size};
use super::model::{Engine, LocalModel};
use super::save::Files;
use super::tokenizer::ModelTokenizer;
use super::weights::{HostWeights, LINEARS};

/// A tensor whose values are computed while it is written.
pub(super) struct Merged<'a> {
    /// Name of the tensor in Hugging Face's format.
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    weight: &'a [f32],
    added: Option<(&'a Lora, (usize, usize))>,
}

impl Merged<'_> {
    /// The values: the weight plus the adapter's part.
    pub(super) fn values(&self) -> Vec<f32> {
        let mut values = self.weight.to_vec();
        if let Some((lora, place)) = self.added
            && let Some(pair) = lora.pairs.get(&place)
        {
            let (outputs, inputs, rank) = (self.shape[0], self.shape[1], lora.settings.rank);
            let (a, b) = (Matrix::new(&pair.a, rank, inputs), Matrix::new(&pair.b, outputs, rank));
            product_on_cores(b, a, lora.settings.scale(), true, &mut values);
        }
        values
    }
}

impl View for Merged<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.values().iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn data_len(&self) -> usize {
        size_of_val(self.weight)
    }
}

impl LocalModel {
    pub(super) fn host(&self) -> Result<&HostWeights, LocalModelError> {
        match &self.engine {
            Engine::Host(weights, _) => Ok(weights),
            Engine::Device(..) => Err(LocalModelError::Device {
                message: "models are merged on the processor: use --device cpu".to_owned(),
            }),
        }
    }

    /// All tensors of the merged model, by Hugging Face's names.
    pub(super) fn merged(&self) -> Result<Vec<Merged<'_>>, LocalModelError> {
        let (config, weights) = (&self.config, self.host()?);
        let plain = |name: &str, shape: &[usize], weight| Merged {
            name: format!("{name}.weight"),
            shape: shape.to_vec(),
            weight,
            added: None,
        };
        let table = [config.vocabulary, config.hidden];
        let mut tensors = vec![plain("model.embed_tokens", &table, weights.embedding.as_slice())];
        if !config.is_tied {
            tensors.push(plain("lm_head", &table, weights.head.as_slice()));
        }
        tensors.push(plain("model.norm", &[config.hidden], &weights.norm));
        for (index, layer) in weights.layers.iter().enumerate() {
            let of = |name: &str| format!("model.layers.{index}.{name}");
            tensors.push(plain(&of("input_layernorm"), &[config.hidden], &layer.attention_norm));
            tensors.push(plain(&of("post_attention_layernorm"), &[config.hidden], &layer.feed_forward_norm));
            if let Some((queries, keys)) = &layer.head_norms {
                tensors.push(plain(&of("self_attn.q_norm"), &[config.head_size], queries));
                tensors.push(plain(&of("self_attn.k_norm"), &[config.head_size], keys));
            }
            for (linear, weight) in layer.linears.iter().enumerate() {
                let (outputs, inputs) = linear_size(config, linear);
                let tensor = plain(&of(LINEARS[linear]), &[outputs, inputs], weight);
                tensors.push(Merged { added: self.lora.as_ref().map(|lora| (lora, (index, linear))), ..tensor });
            }
        }
        Ok(tensors)
    }

    /// Writes the weights of the merged model, 32 bits, as one safetensors file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_merged_weights(&self, path: &Path) -> Result<(), LocalModelError> {
        let tensors = self.merged()?.into_iter().map(|tensor| (tensor.name.clone(), tensor));
        let metadata = Some(HashMap::from([("format".to_owned(), "pt".to_owned())]));
        safetensors::serialize_to_file(tensors, metadata, path)
            .map_err(|error| LocalModelError::file(path, std::io::Error::other(error)))
    }

    /// The files that accompany merged weights: sizes, tokenizer, template.
    ///
    /// # Errors
    /// If the tokenizer cannot be written.
    pub fn merged_files(&self, tokenizer: &ModelTokenizer) -> Result<Files, LocalModelError> {
        let text = |value: Value| format!("{value:#}\n").into_bytes();
        let ends = tokenizer.ends();
        let mut config = config_json(&self.config);
        config["eos_token_id"] = json!(ends.first());
        config["bos_token_id"] = json!(tokenizer.id(&tokenizer.bos));
        let mut about = json!({"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false});
        for (key, token) in
            [("eos_token", &tokenizer.eos), ("pad_token", &tokenizer.eos), ("bos_token", &tokenizer.bos)]
        {
            if !token.is_empty() {
                about[key] = json!(token);
            }
        }
        let mut files = vec![
            ("config.json".to_owned(), text(config)),
            ("generation_config.json".to_owned(), text(json!({"eos_token_id": ends}))),
            ("tokenizer.json".to_owned(), tokenizer.to_json()?.into_bytes()),
            ("tokenizer_config.json".to_owned(), text(about)),
        ];
        if let Some(template) = &tokenizer.template {
            files.push(("chat_template.jinja".to_owned(), template.clone().into_bytes()));
        }
        Ok(files)
    }
}

/// config.json in the format of transformers.
fn config_json(config: &Config) -> Value {
    let (class, kind) = match config.architecture {
        Architecture::Llama => ("LlamaForCausalLM", "llama"),
        Architecture::Qwen3 => ("Qwen3ForCausalLM", "qwen3"),
    };
    let mut rope = json!({"rope_type": "default", "rope_theta": config.theta});
    if let Some(scaling) = config.scaling {
        rope = json!({
            "rope_type": "llama3",
            "rope_theta": config.theta,
            "factor": scaling.factor,
            "low_freq_factor": scaling.low_freq_factor,
            "high_freq_factor": scaling.high_freq_factor,
            "original_max_position_embeddings": scaling.original_length as u64,
        });
    }
    json!({
        "architectures": [class],
        "model_type": kind,
        "hidden_size": config.hidden,
        "intermediate_size": config.feed_forward,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.key_heads,
        "head_dim": config.head_size,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.epsilon,
        "hidden_act": "silu",
        "attention_bias": false,
        "tie_word_embeddings": config.is_tied,
        "rope_theta": config.theta,
        "rope_parameters": rope,
        "dtype": "float32",
    })
}
