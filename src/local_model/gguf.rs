//! Writes a merged model as a GGUF file for llama.cpp and Ollama.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

use super::config::{Architecture, Config};
use super::error::LocalModelError;
use super::model::LocalModel;
use super::tokenizer::ModelTokenizer;
use super::weights::{GGUF_LINEARS, LINEARS, open_gguf, to_gguf_rows};

/// GGUF's number for files with 16-bit matrices.
const FILE_TYPE_F16: u32 = 1;

impl LocalModel {
    /// Writes the merged model as a GGUF file: matrices in 16 bits, norms in 32.
    ///
    /// # Errors
    /// If the file cannot be written, or the GGUF name of the tokenizer's type is unknown.
    pub fn write_merged_gguf(&self, tokenizer: &ModelTokenizer, path: &Path) -> Result<(), LocalModelError> {
        let metadata = self.metadata(tokenizer)?;
        let mut tensors = Vec::new();
        for merged in self.merged()? {
            let tensor = Tensor::from_vec(merged.values(), merged.shape.as_slice(), &Device::Cpu)?;
            let tensor = match self.config.architecture {
                Architecture::Llama if merged.name.ends_with("q_proj.weight") => {
                    to_gguf_rows(&tensor, self.config.heads)?
                }
                Architecture::Llama if merged.name.ends_with("k_proj.weight") => {
                    to_gguf_rows(&tensor, self.config.key_heads)?
                }
                _ => tensor,
            };
            let bits = if merged.shape.len() > 1 { GgmlDType::F16 } else { GgmlDType::F32 };
            tensors.push((gguf_name(&merged.name), QTensor::quantize(&tensor, bits)?));
        }
        // llama.cpp expects a scaled rotation as divisors of its speeds.
        if self.config.scaling.is_some() {
            let divisors = self.rope.divisors(self.config.theta);
            let tensor = Tensor::from_vec(divisors, self.config.head_size / 2, &Device::Cpu)?;
            tensors.push(("rope_freqs.weight".to_owned(), QTensor::quantize(&tensor, GgmlDType::F32)?));
        }
        let failed = |source| LocalModelError::file(path, source);
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        gguf_file::write(&mut file, &metadata, &tensors)?;
        file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)
    }

    fn metadata(&self, tokenizer: &ModelTokenizer) -> Result<Vec<(String, Value)>, LocalModelError> {
        let mut metadata: Vec<(String, Value)> = if self.path.is_file() {
            open_gguf(&self.path)?.1.metadata.into_iter().collect()
        } else {
            let mut metadata = sizes(&self.config);
            metadata.extend(tokenizer.to_gguf(&self.path, self.config.vocabulary)?);
            metadata
        };
        metadata.retain(|(key, _)| key != "general.file_type" && key != "general.quantization_version");
        metadata.push(("general.file_type".to_owned(), Value::U32(FILE_TYPE_F16)));
        metadata.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(metadata)
    }
}

fn sizes(config: &Config) -> Vec<(String, Value)> {
    let kind = match config.architecture {
        Architecture::Llama => "llama",
        Architecture::Qwen3 => "qwen3",
    };
    let number = |value: usize| Value::U32(value as u32);
    let of = [
        ("embedding_length", number(config.hidden)),
        ("feed_forward_length", number(config.feed_forward)),
        ("block_count", number(config.layers)),
        ("attention.head_count", number(config.heads)),
        ("attention.head_count_kv", number(config.key_heads)),
        ("attention.key_length", number(config.head_size)),
        ("attention.value_length", number(config.head_size)),
        ("rope.dimension_count", number(config.head_size)),
        ("context_length", number(config.context)),
        ("vocab_size", number(config.vocabulary)),
        ("attention.layer_norm_rms_epsilon", Value::F32(config.epsilon)),
        ("rope.freq_base", Value::F32(config.theta)),
    ];
    let mut metadata = vec![("general.architecture".to_owned(), Value::String(kind.to_owned()))];
    metadata.extend(of.into_iter().map(|(key, value)| (format!("{kind}.{key}"), value)));
    metadata
}

/// GGUF's name of a tensor.
fn gguf_name(name: &str) -> String {
    let mut name = name.to_owned();
    let own = [
        ("model.embed_tokens.", "token_embd."),
        ("lm_head.", "output."),
        ("model.norm.", "output_norm."),
        ("model.layers.", "blk."),
        ("input_layernorm.", "attn_norm."),
        ("post_attention_layernorm.", "ffn_norm."),
        ("self_attn.q_norm.", "attn_q_norm."),
        ("self_attn.k_norm.", "attn_k_norm."),
    ];
    for (theirs, ours) in own {
        name = name.replace(theirs, ours);
    }
    for (theirs, ours) in LINEARS.iter().zip(GGUF_LINEARS) {
        name = name.replace(&format!("{theirs}."), &format!("{ours}."));
    }
    name
}
