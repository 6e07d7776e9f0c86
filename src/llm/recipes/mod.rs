//! Recipes: configs and scripts that train on the dataset with Axolotl, TRL, LLaMA-Factory, Unsloth and `OpenAI`. Pure.
//!
//! All recipes train the same `LoRA` adapter as `posekit train` (no dropout, all linear projections), so that their
//! results can be compared. They are run from the dataset's folder.

use super::card::{ConfigData, SplitData};
use super::shapes::Config;

mod axolotl;
mod llama_factory;
mod openai;
mod trl;
mod unsloth;

/// Rank of the adapter; also used by `posekit train`.
pub(crate) const RANK: usize = 8;
/// Scale of the adapter's output, times its rank; also used by `posekit train`.
pub(crate) const ALPHA: u32 = 16;
/// Highest learning rate of supervised training; also used by `posekit train`.
pub(crate) const RATE: f64 = 5e-4;
/// Longest conversation, tokens.
const LENGTH_TOKENS: u32 = 2048;
/// Learning rate of preference training.
const PREFERENCE_RATE: f64 = 5e-6;

/// The base model of recipes: an example that the user can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    /// Name on the hub. Its chat template should support tools.
    pub(crate) model: String,
    /// LLaMA-Factory's name for its chat template.
    pub(crate) llama_factory_template: String,
    /// Text before the user's words in its chat template.
    pub(crate) user_part: String,
    /// Text before the assistant's words in its chat template.
    pub(crate) assistant_part: String,
}

impl Default for Base {
    fn default() -> Self {
        Self {
            model: "Qwen/Qwen3-0.6B".to_owned(),
            llama_factory_template: "qwen3_nothink".to_owned(),
            user_part: "<|im_start|>user\\n".to_owned(),
            assistant_part: "<|im_start|>assistant\\n".to_owned(),
        }
    }
}

/// One config to write recipes for.
#[derive(Debug, Clone, Copy)]
struct Data<'a> {
    config: Config,
    splits: &'a [SplitData],
}

impl Data<'_> {
    fn has(self, split: &str) -> bool {
        self.splits.iter().any(|data| data.name == split && data.rows > 0)
    }
}

/// The files of the folder `recipes/`: path within the dataset, and text. A config without a training split has no
/// recipe, and a trainer has none for configs that it cannot read. `parquet` are the splits of the Parquet files.
#[must_use]
pub(crate) fn recipes(configs: &[ConfigData], parquet: &[SplitData], base: &Base) -> Vec<(String, String)> {
    let data: Vec<_> = configs
        .iter()
        .map(|data| Data { config: data.config, splits: &data.splits })
        .filter(|data| data.has("train"))
        .collect();
    let mut files = Vec::new();
    for data in &data {
        let name = data.config.name();
        let texts = [
            (format!("axolotl_{name}.yaml"), axolotl::text(*data, base)),
            (format!("trl_{name}.py"), trl::text(data.config, base)),
            (format!("llama_factory/{name}.yaml"), llama_factory::text(*data, base)),
            (format!("unsloth_{name}.py"), unsloth::text(data.config, base)),
        ];
        files.extend(texts.into_iter().filter_map(|(path, text)| Some((path, text?))));
    }
    if parquet.iter().any(|split| split.name == "train" && split.rows > 0) {
        files.push(("trl_default.py".to_owned(), trl::parquet(base)));
    }
    if let Some(text) = llama_factory::dataset_info(&data) {
        files.push(("llama_factory/dataset_info.json".to_owned(), text));
    }
    if let Some(text) = openai::text(&data) {
        files.push(("openai.md".to_owned(), text));
    }
    for (path, _) in &mut files {
        path.insert_str(0, "recipes/");
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests;
