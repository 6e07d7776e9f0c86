//! Writes adapters in PEFT's format.

use super::error::LocalModelError;
use super::model::LocalModel;

/// Files of a folder: names and contents.
pub type Files = Vec<(String, Vec<u8>)>;

impl LocalModel {
    /// The files of the adapter in PEFT's format. `base` is the model for PEFT to load: a repository or a folder.
    ///
    /// # Errors
    /// If there is no adapter.
    pub fn adapter_files(&self, base: &str) -> Result<Files, LocalModelError> {
        let none = || LocalModelError::Adapter { message: "the model has no adapter".to_owned() };
        let lora = self.lora.as_ref().ok_or_else(none)?;
        Ok(vec![
            ("adapter_config.json".to_owned(), lora.config_text(base).into_bytes()),
            ("adapter_model.safetensors".to_owned(), lora.tensors(&self.config)?),
        ])
    }
}
