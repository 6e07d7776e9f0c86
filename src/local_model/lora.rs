//! A `LoRA` adapter: a pair of small matrices for each trained linear layer.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{DType, Device};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::config::Config;
use super::error::LocalModelError;
use super::kernels::linear::LowRankGradients;
use super::seeded::Seeded;
use super::weights::LINEARS;

/// PEFT's prefix for the names of a model's weights.
const PREFIX: &str = "base_model.model.";

/// Settings of an adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraSettings {
    /// Number of values between the two matrices.
    pub rank: usize,
    /// Scale of the adapter's output, times the rank.
    pub alpha: f64,
    /// The linear layers with an adapter, by the last part of their names: `q_proj`.
    pub targets: Vec<String>,
}

impl LoraSettings {
    /// The names of all linear layers, in the format of [`LoraSettings::targets`].
    #[must_use]
    pub fn all_targets() -> Vec<String> {
        LINEARS.iter().map(|name| last_part(name).to_owned()).collect()
    }

    /// The factor of the adapter's output.
    #[must_use]
    pub fn scale(&self) -> f32 {
        (self.alpha / self.rank as f64) as f32
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Values or gradients of an adapter, by the names of its tensors.
pub type Numbers = BTreeMap<String, Vec<f32>>;

/// Gradients of an adapter, by layer and index of the linear layer in [`LINEARS`].
pub(super) type Gradients = BTreeMap<(usize, usize), LowRankGradients>;

/// The pair of matrices of one linear layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    /// (rank, inputs), row by row.
    pub(super) a: Vec<f32>,
    /// (outputs, rank), row by row.
    pub(super) b: Vec<f32>,
}

/// An adapter of a model.
pub(super) struct Lora {
    pub(super) settings: LoraSettings,
    /// Pairs by layer and index of the linear layer in [`LINEARS`].
    pub(super) pairs: BTreeMap<(usize, usize), Pair>,
}

/// Outputs and inputs of a linear layer.
pub(super) fn linear_size(config: &Config, linear: usize) -> (usize, usize) {
    let (queries, keys) = (config.heads * config.head_size, config.key_heads * config.head_size);
    match linear {
        0 => (queries, config.hidden),
        1 | 2 => (keys, config.hidden),
        3 => (config.hidden, queries),
        6 => (config.hidden, config.feed_forward),
        _ => (config.feed_forward, config.hidden),
    }
}

impl Lora {
    /// Creates an adapter that has no effect yet: `a` is random as in PEFT (Kaiming uniform), `b` is 0.
    pub(super) fn new(config: &Config, settings: LoraSettings, seed: u64) -> Result<Self, LocalModelError> {
        let mut random = Seeded::new(seed);
        let mut pairs = BTreeMap::new();
        for (layer, linear) in places(config, &settings)? {
            let (outputs, inputs) = linear_size(config, linear);
            let bound = 1.0 / (inputs as f32).sqrt();
            let a = (0..settings.rank * inputs).map(|_| random.signed_unit() * bound).collect();
            let b = vec![0.0; outputs * settings.rank];
            pairs.insert((layer, linear), Pair { a, b });
        }
        Ok(Self { settings, pairs })
    }

    /// Reads an adapter written by PEFT or posekit.
    pub(super) fn load(config: &Config, folder: &Path) -> Result<Self, LocalModelError> {
        let path = folder.join("adapter_config.json");
        let text = std::fs::read_to_string(&path).map_err(|source| LocalModelError::file(&path, source))?;
        let json: Value =
            serde_json::from_str(&text).map_err(|error| LocalModelError::invalid(&path, error.to_string()))?;
        let settings = settings_of(&path, &json)?;
        let path = folder.join("adapter_model.safetensors");
        let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu)
            .map_err(|error| LocalModelError::invalid(&path, error.to_string()))?;
        let mut lora = Self::new(config, settings, 0)?;
        let mut values = Numbers::new();
        for (name, shape) in lora.shapes(config) {
            let tensor = tensors.remove(&format!("{PREFIX}{name}"));
            let tensor = tensor.ok_or_else(|| LocalModelError::Adapter { message: format!("{name} is missing") })?;
            if tensor.dims() != shape {
                let message = format!("{name} is {:?}, not {shape:?}", tensor.dims());
                return Err(LocalModelError::Adapter { message });
            }
            values.insert(name, tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?);
        }
        if let Some(name) = tensors.keys().next() {
            return Err(LocalModelError::Adapter { message: format!("{name} is missing from adapter_config.json") });
        }
        lora.set_values(&values)?;
        Ok(lora)
    }

    /// The values, by PEFT's names without its prefix.
    pub(super) fn values(&self) -> Numbers {
        self.pairs.iter().flat_map(|(place, pair)| named(*place, &pair.a, &pair.b)).collect()
    }

    /// Sets the values.
    pub(super) fn set_values(&mut self, values: &Numbers) -> Result<(), LocalModelError> {
        for (place, pair) in &mut self.pairs {
            let [a, b] = names(*place);
            for (name, own) in [(a, &mut pair.a), (b, &mut pair.b)] {
                let values = values.get(&name).filter(|values| values.len() == own.len());
                let values =
                    values.ok_or_else(|| LocalModelError::Adapter { message: format!("invalid values for {name}") })?;
                own.copy_from_slice(values);
            }
        }
        Ok(())
    }

    /// The gradients, by the same names.
    ///
    /// # Errors
    /// If the gradient of a pair is missing.
    pub(super) fn named_gradients(&self, gradients: &Gradients) -> Result<Numbers, LocalModelError> {
        if let Some(place) = self.pairs.keys().find(|place| !gradients.contains_key(*place)) {
            let message = format!("the gradient of {} is missing", names(*place)[0]);
            return Err(LocalModelError::Adapter { message });
        }
        Ok(gradients.iter().flat_map(|(place, gradients)| named(*place, &gradients.a, &gradients.b)).collect())
    }

    fn shapes(&self, config: &Config) -> Vec<(String, [usize; 2])> {
        let rank = self.settings.rank;
        let of_pair = |place: &(usize, usize)| {
            let (outputs, inputs) = linear_size(config, place.1);
            let [a, b] = names(*place);
            [(a, [rank, inputs]), (b, [outputs, rank])]
        };
        self.pairs.keys().flat_map(of_pair).collect()
    }

    /// Number of weights of the adapter.
    pub(super) fn parameters(&self) -> usize {
        self.pairs.values().map(|pair| pair.a.len() + pair.b.len()).sum()
    }

    /// The bytes of `adapter_model.safetensors`.
    pub(super) fn tensors(&self, config: &Config) -> Result<Vec<u8>, LocalModelError> {
        let failed = |error: safetensors::SafeTensorError| LocalModelError::Adapter { message: error.to_string() };
        let values = self.values();
        let bytes = self.shapes(config).into_iter().map(|(name, shape)| {
            let bytes: Vec<u8> = values[&name].iter().flat_map(|value| value.to_le_bytes()).collect();
            (format!("{PREFIX}{name}"), shape, bytes)
        });
        let bytes: Vec<_> = bytes.collect();
        let mut views = Vec::with_capacity(bytes.len());
        for (name, shape, bytes) in &bytes {
            views.push((name.as_str(), TensorView::new(Dtype::F32, shape.to_vec(), bytes).map_err(failed)?));
        }
        let metadata = Some(HashMap::from([("format".to_owned(), "pt".to_owned())]));
        safetensors::serialize(views, metadata).map_err(failed)
    }

    /// The text of `adapter_config.json`. `base` is the model for PEFT to load: a repository or a folder.
    pub(super) fn config_text(&self, base: &str) -> String {
        let settings = &self.settings;
        // PEFT silently uses its own defaults for missing keys, so all keys are written.
        let config = json!({
            "alpha_pattern": {},
            "auto_mapping": null,
            "base_model_name_or_path": base,
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "init_lora_weights": true,
            "layers_pattern": null,
            "layers_to_transform": null,
            "lora_alpha": if settings.alpha.fract() == 0.0 { json!(settings.alpha as i64) } else { json!(settings.alpha) },
            "lora_dropout": 0.0,
            "modules_to_save": null,
            "peft_type": "LORA",
            "r": settings.rank,
            "rank_pattern": {},
            "revision": null,
            "target_modules": settings.targets,
            "task_type": "CAUSAL_LM",
            "use_dora": false,
            "use_rslora": false,
        });
        format!("{config:#}\n")
    }
}

/// PEFT's names of a pair, without its prefix.
fn names((layer, linear): (usize, usize)) -> [String; 2] {
    ["A", "B"].map(|matrix| format!("model.layers.{layer}.{}.lora_{matrix}.weight", LINEARS[linear]))
}

fn named(place: (usize, usize), a: &[f32], b: &[f32]) -> [(String, Vec<f32>); 2] {
    let [name_a, name_b] = names(place);
    [(name_a, a.to_vec()), (name_b, b.to_vec())]
}

/// Layer and index of the linear layer of each pair.
fn places(config: &Config, settings: &LoraSettings) -> Result<Vec<(usize, usize)>, LocalModelError> {
    let known = LoraSettings::all_targets();
    if let Some(unknown) = settings.targets.iter().find(|target| !known.contains(target)) {
        let message = format!("{unknown:?} is not a linear layer of this model: {}", known.join(", "));
        return Err(LocalModelError::Adapter { message });
    }
    if settings.rank == 0 || settings.targets.is_empty() {
        return Err(LocalModelError::Adapter { message: "rank and targets must not be empty".to_owned() });
    }
    let linears =
        (0..LINEARS.len()).filter(|linear| settings.targets.iter().any(|name| name == last_part(LINEARS[*linear])));
    let linears: Vec<usize> = linears.collect();
    Ok((0..config.layers).flat_map(|layer| linears.iter().map(move |linear| (layer, *linear))).collect())
}

fn settings_of(path: &Path, json: &Value) -> Result<LoraSettings, LocalModelError> {
    let invalid = |message: &str| LocalModelError::invalid(path, message);
    if json["peft_type"] != "LORA" {
        return Err(invalid("peft_type is not LORA"));
    }
    for key in ["use_dora", "use_rslora", "fan_in_fan_out", "lora_bias"] {
        if json[key].as_bool() == Some(true) {
            return Err(invalid(&format!("{key} is not supported")));
        }
    }
    let rank = json["r"].as_u64().ok_or_else(|| invalid("r is missing"))? as usize;
    let targets = json["target_modules"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let alpha = json["lora_alpha"].as_f64().ok_or_else(|| invalid("lora_alpha is missing"))?;
    Ok(LoraSettings { rank, alpha, targets: targets.map(|name| last_part(name).to_owned()).collect() })
}
