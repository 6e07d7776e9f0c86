//! LLaMA-Factory: `dataset_info.json` and one YAML file per config. Tested with llamafactory 0.9.5.
//!
//! Its format `openai` is not used, because it adds its own text to every system text. LLaMA-Factory does not read
//! `tool_calls`; the config `sharegpt` has calls in LLaMA-Factory's own format. LLaMA-Factory silently ignores lists of
//! messages in `chosen` and `rejected`, so there is no recipe for `preference`.

use serde_json::{Map, Value, json};

use super::{ALPHA, Base, Data, LENGTH_TOKENS, RANK, RATE};
use crate::llm::shapes::Config;

pub(super) fn text(data: Data<'_>, base: &Base) -> Option<String> {
    entry(data.config, "train")?;
    let name = data.config.name();
    // A dataset whose file is missing is an error.
    let validation = if data.has("validation") {
        format!("eval_dataset: posekit_{name}_validation\neval_strategy: epoch\n")
    } else {
        String::new()
    };
    Some(format!(
        "# Trains a LoRA adapter on the config `{name}`. Run it in the dataset's folder:\n\
         #   llamafactory-cli train recipes/llama_factory/{name}.yaml\n\
         model_name_or_path: {}\ntemplate: {}\nstage: sft\ndo_train: true\nfinetuning_type: lora\n\
         lora_rank: {RANK}\nlora_alpha: {ALPHA}\nlora_dropout: 0.0\nlora_target: all\n\
         dataset_dir: recipes/llama_factory\ndataset: posekit_{name}_train\n{validation}\
         cutoff_len: {LENGTH_TOKENS}\noutput_dir: outputs/llama_factory_{name}\noverwrite_output_dir: true\n\
         per_device_train_batch_size: 2\ngradient_accumulation_steps: 4\nlearning_rate: {RATE:.1e}\nnum_train_epochs: 3.0\n\
         lr_scheduler_type: cosine\nlogging_steps: 1\nsave_strategy: epoch\nreport_to: none\n",
        base.model, base.llama_factory_template
    ))
}

/// `dataset_info.json`, with an entry for each file that LLaMA-Factory reads; `None` if there is no such file.
pub(super) fn dataset_info(configs: &[Data<'_>]) -> Option<String> {
    let mut entries = Map::new();
    for data in configs {
        for split in data.splits.iter().filter(|split| split.rows > 0) {
            if let Some(entry) = entry(data.config, &split.name) {
                entries.insert(format!("posekit_{}_{}", data.config, split.name), entry);
            }
        }
    }
    (!entries.is_empty()).then(|| format!("{:#}\n", Value::Object(entries)))
}

/// The entry for a file. If an entry gives tags, it must give all of them: omitted tags have no default then.
fn entry(config: Config, split: &str) -> Option<Value> {
    let file_name = format!("../../{}", config.path(split));
    match config {
        Config::Messages => Some(json!({
            "file_name": file_name,
            "formatting": "sharegpt",
            "columns": {"messages": "messages"},
            "tags": {
                "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant",
                "system_tag": "system", "observation_tag": "tool", "function_tag": "function_call",
            },
        })),
        Config::ShareGpt => Some(json!({
            "file_name": file_name,
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "system": "system", "tools": "tools"},
            "tags": {
                "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt",
                "system_tag": "system", "observation_tag": "observation", "function_tag": "function_call",
            },
        })),
        Config::Alpaca => Some(json!({
            "file_name": file_name,
            "formatting": "alpaca",
            "columns": {
                "prompt": "instruction", "query": "input", "response": "output", "system": "system", "history": "history",
            },
        })),
        Config::Tools
        | Config::OpenAi
        | Config::OpenAiTools
        | Config::PromptCompletion
        | Config::Preference
        | Config::Vision => None,
    }
}
