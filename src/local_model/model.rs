//! A model in memory: its outputs, and the gradients of its adapter.

use std::path::{Path, PathBuf};

use candle_core::Device;

use super::autograd::Autograd;
use super::buffers::Buffers;
use super::config::Config;
use super::cpu::{Cpu, Known};
use super::error::LocalModelError;
use super::lora::{Lora, LoraSettings, Numbers};
use super::rope::Rope;
use super::weights::{HostWeights, Weights, open_gguf};

/// The device on which a model computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComputeDevice {
    /// The processor.
    Cpu,
    /// The first NVIDIA graphics card.
    Cuda,
}

/// The texts of one step, padded to the longest with arbitrary tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Tokens, text by text: sequences x tokens.
    pub ids: Vec<u32>,
    /// Number of texts.
    pub sequences: usize,
    /// Indices in `ids` after which a target follows.
    pub places: Vec<u32>,
    /// The target after each of the places.
    pub targets: Vec<u32>,
}

/// A model in memory, with an adapter or without.
pub struct LocalModel {
    pub(super) path: PathBuf,
    pub(super) config: Config,
    pub(super) lora: Option<Lora>,
    pub(super) rope: Rope,
    pub(super) engine: Engine,
    pub(super) is_adapted: bool,
}

/// The location of the weights.
pub(super) enum Engine {
    /// In the machine's memory.
    Host(HostWeights, Buffers),
    /// On a device.
    Device(Weights, Device),
}

impl LocalModel {
    /// Reads the sizes of a model without its weights, from a GGUF file or a Hugging Face folder.
    ///
    /// # Errors
    /// See [`LocalModelError`].
    pub fn describe(path: &Path) -> Result<Config, LocalModelError> {
        let json = path.join("config.json");
        if path.is_file() {
            Config::from_gguf(path, &open_gguf(path)?.1)
        } else if json.is_file() {
            let text = std::fs::read_to_string(&json).map_err(|source| LocalModelError::file(&json, source))?;
            Config::from_json(&json, &text)
        } else {
            Err(LocalModelError::NotFound { path: path.to_path_buf() })
        }
    }

    /// Loads a model.
    ///
    /// # Errors
    /// See [`LocalModelError`].
    pub fn load(path: &Path, device: ComputeDevice) -> Result<Self, LocalModelError> {
        let config = Self::describe(path)?;
        let device = match device {
            ComputeDevice::Cpu => Device::Cpu,
            ComputeDevice::Cuda => {
                Device::new_cuda(0).map_err(|error| LocalModelError::Device { message: error.to_string() })?
            }
        };
        let weights = if path.is_file() {
            Weights::from_gguf(path, &config, &device)?
        } else {
            Weights::from_folder(path, &config, &device)?
        };
        let rope = Rope::new(config.head_size, config.theta, config.scaling);
        let rope = match &weights.rope_divisors {
            Some(divisors) => rope.divided(divisors),
            None => rope,
        };
        let engine = match device {
            Device::Cpu => Engine::Host(weights.into_host(&config)?, Buffers::default()),
            device => Engine::Device(weights, device),
        };
        Ok(Self { path: path.to_path_buf(), config, lora: None, rope, engine, is_adapted: true })
    }

    /// Sizes of the model.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Adds a new adapter to the model and replaces any other.
    ///
    /// # Errors
    /// If the settings do not match the model.
    pub fn add_adapter(&mut self, settings: LoraSettings, seed: u64) -> Result<(), LocalModelError> {
        self.lora = Some(Lora::new(&self.config, settings, seed)?);
        Ok(())
    }

    /// Loads an adapter from a folder.
    ///
    /// # Errors
    /// If the folder contains no adapter, or the adapter does not match the model.
    pub fn load_adapter(&mut self, folder: &Path) -> Result<(), LocalModelError> {
        self.lora = Some(Lora::load(&self.config, folder)?);
        Ok(())
    }

    /// Switches the adapter on or off. Without it the model behaves as before any training.
    pub fn set_adapted(&mut self, is_adapted: bool) {
        self.is_adapted = is_adapted;
    }

    /// The values of the adapter; empty if there is none.
    #[must_use]
    pub fn adapter_values(&self) -> Numbers {
        self.lora.as_ref().map(Lora::values).unwrap_or_default()
    }

    /// Sets the values of the adapter.
    ///
    /// # Errors
    /// If values are missing, or their number is wrong.
    pub fn set_adapter_values(&mut self, values: &Numbers) -> Result<(), LocalModelError> {
        self.lora.as_mut().map_or(Ok(()), |lora| lora.set_values(values))
    }

    /// Number of weights of the adapter.
    #[must_use]
    pub fn adapter_parameters(&self) -> usize {
        self.lora.as_ref().map_or(0, Lora::parameters)
    }

    fn adapter(&self) -> Option<&Lora> {
        self.lora.as_ref().filter(|_| self.is_adapted)
    }

    fn cpu<'a>(&'a self, weights: &'a HostWeights, buffers: &'a Buffers) -> Cpu<'a> {
        Cpu { config: &self.config, weights, lora: self.adapter(), rope: &self.rope, buffers }
    }

    fn autograd<'a>(&'a self, weights: &'a Weights, device: &'a Device) -> candle_core::Result<Autograd<'a>> {
        Autograd::new(&self.config, weights, self.adapter(), &self.rope, device)
    }

    /// The sum of the loss over the targets of a batch, nats.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn loss(&self, batch: &Batch) -> Result<f64, LocalModelError> {
        match &self.engine {
            Engine::Host(weights, buffers) => Ok(self.cpu(weights, buffers).loss(batch)),
            Engine::Device(weights, device) => Ok(self.autograd(weights, device)?.loss(batch)?),
        }
    }

    /// The mean loss over the targets of a batch, and the gradients of the adapter by the names of its values. With
    /// `is_checkpointed` only the inputs of each layer are kept, and the layer is recomputed for its gradients: less
    /// memory, a third more work.
    ///
    /// # Errors
    /// If a tensor operation fails, or a gradient is missing.
    pub fn loss_and_gradients(&self, batch: &Batch, is_checkpointed: bool) -> Result<(f64, Numbers), LocalModelError> {
        let (loss, gradients) = match &self.engine {
            Engine::Host(weights, buffers) => self.cpu(weights, buffers).loss_and_gradients(batch, is_checkpointed),
            Engine::Device(weights, device) => {
                self.autograd(weights, device)?.loss_and_gradients(batch, is_checkpointed)?
            }
        };
        let named = self.lora.as_ref().map(|lora| lora.named_gradients(&gradients)).transpose()?;
        Ok((loss, named.unwrap_or_default()))
    }

    /// Logits of all tokens of the texts of a batch: sequences x tokens rows, each with one value per token of the
    /// vocabulary.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn logits(&self, ids: &[u32], sequences: usize) -> Result<Vec<f32>, LocalModelError> {
        match &self.engine {
            Engine::Host(weights, buffers) => Ok(self.cpu(weights, buffers).logits(ids, sequences)),
            Engine::Device(weights, device) => Ok(self.autograd(weights, device)?.logits(ids, sequences)?),
        }
    }

    /// Continues a text with the most likely tokens until one of `ends` occurs or `max_tokens` tokens are generated.
    /// The end token is not returned.
    ///
    /// # Errors
    /// If a tensor operation fails, or `is_interrupted` returns true.
    pub fn generate(
        &self,
        prompt: &[u32],
        max_tokens: usize,
        ends: &[u32],
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Vec<u32>, LocalModelError> {
        let mut known = Known::new(self.config.layers);
        let (mut text, mut seen) = (prompt.to_vec(), 0);
        while text.len() < prompt.len() + max_tokens && text.len() < self.config.context {
            if is_interrupted() {
                return Err(LocalModelError::Interrupted);
            }
            let logits = match &self.engine {
                Engine::Host(weights, buffers) => self.cpu(weights, buffers).next(&text[seen..], &mut known),
                Engine::Device(weights, device) => self.autograd(weights, device)?.next(&text)?,
            };
            seen = text.len();
            let best = logits.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
            let token = best.map_or(0, |(token, _)| token as u32);
            if ends.contains(&token) {
                break;
            }
            text.push(token);
        }
        Ok(text.split_off(prompt.len()))
    }
}
