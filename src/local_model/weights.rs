//! Reads the weights of a model from a GGUF file or a Hugging Face folder.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::quantized::gguf_file;
use candle_core::safetensors::MmapedSafetensors;
use candle_core::{DType, Device, Tensor};

use super::config::{Architecture, Config};
use super::error::LocalModelError;

/// The linear layers of a transformer layer, by their names in Hugging Face's files.
pub(super) const LINEARS: [&str; 7] = [
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
];

/// The names of the same layers in GGUF files.
pub(super) const GGUF_LINEARS: [&str; 7] =
    ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

/// Weights of one layer, 32 bits.
pub(super) struct LayerWeights {
    pub(super) attention_norm: Tensor,
    pub(super) feed_forward_norm: Tensor,
    /// Norms of the heads of queries and keys.
    pub(super) head_norms: Option<(Tensor, Tensor)>,
    /// In the order of [`LINEARS`], (outputs, inputs) each.
    pub(super) linears: Vec<Tensor>,
}

/// Weights of a model, 32 bits.
pub(super) struct Weights {
    pub(super) embedding: Tensor,
    pub(super) head: Tensor,
    pub(super) norm: Tensor,
    pub(super) layers: Vec<LayerWeights>,
    /// Divisors of the rotary speeds, if the file has them.
    pub(super) rope_divisors: Option<Vec<f32>>,
}

/// Opens a GGUF file and reads its header.
pub(super) fn open_gguf(path: &Path) -> Result<(BufReader<File>, gguf_file::Content), LocalModelError> {
    let mut file = BufReader::new(File::open(path).map_err(|source| LocalModelError::file(path, source))?);
    let content =
        gguf_file::Content::read(&mut file).map_err(|error| LocalModelError::invalid(path, error.to_string()))?;
    Ok((file, content))
}

/// Reorders rows: llama.cpp stores the rows of Llama's queries and keys in the order of its own rotation; the result is
/// in Hugging Face's order.
pub(super) fn to_hugging_face_rows(weight: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (rows, columns) = weight.dims2()?;
    weight.reshape((heads, rows / heads / 2, 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((rows, columns))
}

/// Reorders rows from Hugging Face's order to llama.cpp's.
pub(super) fn to_gguf_rows(weight: &Tensor, heads: usize) -> candle_core::Result<Tensor> {
    let (rows, columns) = weight.dims2()?;
    weight.reshape((heads, 2, rows / heads / 2, columns))?.transpose(1, 2)?.contiguous()?.reshape((rows, columns))
}

impl Weights {
    pub(super) fn from_gguf(path: &Path, config: &Config, device: &Device) -> Result<Self, LocalModelError> {
        let (mut file, content) = open_gguf(path)?;
        let mut get = |name: &str| -> Result<Tensor, LocalModelError> {
            let tensor = content.tensor(&mut file, name, device).and_then(|tensor| tensor.dequantize(device));
            tensor.map_err(|error| LocalModelError::invalid(path, format!("{name}: {error}")))
        };
        let embedding = get("token_embd.weight")?;
        let head = if config.is_tied { embedding.clone() } else { get("output.weight")? };
        let norm = get("output_norm.weight")?;
        let mut layers = Vec::with_capacity(config.layers);
        for layer in 0..config.layers {
            let mut linears = Vec::with_capacity(LINEARS.len());
            for name in GGUF_LINEARS {
                let weight = get(&format!("blk.{layer}.{name}.weight"))?;
                linears.push(match (config.architecture, name) {
                    (Architecture::Llama, "attn_q") => to_hugging_face_rows(&weight, config.heads)?,
                    (Architecture::Llama, "attn_k") => to_hugging_face_rows(&weight, config.key_heads)?,
                    _ => weight,
                });
            }
            let head_norms = match config.architecture {
                Architecture::Llama => None,
                Architecture::Qwen3 => Some((
                    get(&format!("blk.{layer}.attn_q_norm.weight"))?,
                    get(&format!("blk.{layer}.attn_k_norm.weight"))?,
                )),
            };
            layers.push(LayerWeights {
                attention_norm: get(&format!("blk.{layer}.attn_norm.weight"))?,
                feed_forward_norm: get(&format!("blk.{layer}.ffn_norm.weight"))?,
                head_norms,
                linears,
            });
        }
        let has_divisors = content.tensor_infos.contains_key("rope_freqs.weight");
        let rope_divisors = if has_divisors { Some(get("rope_freqs.weight")?.to_vec1()?) } else { None };
        Ok(Self { embedding, head, norm, layers, rope_divisors })
    }

    pub(super) fn from_folder(folder: &Path, config: &Config, device: &Device) -> Result<Self, LocalModelError> {
        let files = safetensors_files(folder)?;
        // SAFETY: the files are mapped while the weights are copied. As with any reader, changing them meanwhile gives
        // other weights, not other memory.
        let tensors = unsafe { MmapedSafetensors::multi(&files) };
        let tensors = tensors.map_err(|error| LocalModelError::invalid(folder, error.to_string()))?;
        let get = |name: &str| -> Result<Tensor, LocalModelError> {
            let tensor = tensors.load(name, device).and_then(|tensor| tensor.to_dtype(DType::F32));
            tensor.map_err(|error| LocalModelError::invalid(folder, format!("{name}: {error}")))
        };
        let embedding = get("model.embed_tokens.weight")?;
        let head = if config.is_tied { embedding.clone() } else { get("lm_head.weight")? };
        let layers = (0..config.layers).map(|layer| {
            let of = |name: &str| get(&format!("model.layers.{layer}.{name}.weight"));
            let head_norms = match config.architecture {
                Architecture::Llama => None,
                Architecture::Qwen3 => Some((of("self_attn.q_norm")?, of("self_attn.k_norm")?)),
            };
            Ok(LayerWeights {
                attention_norm: of("input_layernorm")?,
                feed_forward_norm: of("post_attention_layernorm")?,
                head_norms,
                linears: LINEARS.iter().map(|name| of(name)).collect::<Result<_, _>>()?,
            })
        });
        let layers = layers.collect::<Result<_, LocalModelError>>()?;
        Ok(Self { embedding, head, norm: get("model.norm.weight")?, layers, rope_divisors: None })
    }
}

/// The weight files of a folder: one, or those named by its index.
pub(super) fn safetensors_files(folder: &Path) -> Result<Vec<PathBuf>, LocalModelError> {
    let index = folder.join("model.safetensors.index.json");
    if !index.is_file() {
        return Ok(vec![folder.join("model.safetensors")]);
    }
    let text = std::fs::read_to_string(&index).map_err(|source| LocalModelError::file(&index, source))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| LocalModelError::invalid(&index, error.to_string()))?;
    let names = json["weight_map"].as_object().into_iter().flat_map(|map| map.values());
    let mut names: Vec<&str> = names.filter_map(serde_json::Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() || names.iter().any(|name| name.contains(['/', '\\'])) {
        return Err(LocalModelError::invalid(&index, "weight_map names no files in the folder"));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Weights of one layer in the machine's memory, row by row.
pub(super) struct HostLayer {
    pub(super) attention_norm: Vec<f32>,
    pub(super) feed_forward_norm: Vec<f32>,
    /// Norms of the heads of queries and keys.
    pub(super) head_norms: Option<(Vec<f32>, Vec<f32>)>,
    /// In the order of [`LINEARS`].
    pub(super) linears: Vec<Vec<f32>>,
}

/// Weights of a model in the machine's memory, row by row.
pub(super) struct HostWeights {
    pub(super) embedding: Arc<Vec<f32>>,
    pub(super) head: Arc<Vec<f32>>,
    pub(super) norm: Vec<f32>,
    pub(super) layers: Vec<HostLayer>,
}

impl Weights {
    /// Copies the weights to the machine's memory. Each tensor is released after it is copied.
    pub(super) fn into_host(self, config: &Config) -> candle_core::Result<HostWeights> {
        #[expect(clippy::needless_pass_by_value, reason = "each tensor is let go here")]
        fn values(tensor: Tensor) -> candle_core::Result<Vec<f32>> {
            tensor.flatten_all()?.to_vec1()
        }
        let head = if config.is_tied { None } else { Some(Arc::new(values(self.head)?)) };
        let embedding = Arc::new(values(self.embedding)?);
        let layers = self.layers.into_iter().map(|layer| {
            let head_norms = match layer.head_norms {
                Some((queries, keys)) => Some((values(queries)?, values(keys)?)),
                None => None,
            };
            Ok(HostLayer {
                attention_norm: values(layer.attention_norm)?,
                feed_forward_norm: values(layer.feed_forward_norm)?,
                head_norms,
                linears: layer.linears.into_iter().map(values).collect::<candle_core::Result<_>>()?,
            })
        });
        let layers = layers.collect::<candle_core::Result<_>>()?;
        Ok(HostWeights {
            head: head.unwrap_or_else(|| Arc::clone(&embedding)),
            embedding,
            norm: values(self.norm)?,
            layers,
        })
    }
}
