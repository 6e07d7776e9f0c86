//! Axolotl: one YAML file per config. Tested with axolotl 0.19.0.

use std::fmt::Write;

use super::{ALPHA, Base, Data, LENGTH_TOKENS, PREFERENCE_RATE, RANK, RATE};
use crate::llm::shapes::Config;

const CHAT: &str = r"    type: chat_template
    field_messages: messages
    roles_to_train: [assistant]
    train_on_eos: turn
";
/// A call is trained as the bare JSON of its value: for calls the config `tools` is better.
const SHAREGPT: &str = r"    type: chat_template
    field_messages: conversations
    message_property_mappings: {role: from, content: value}
    roles: {user: [human], assistant: [gpt, function_call], tool: [observation], system: [system]}
    roles_to_train: [assistant]
";
/// The plain type `alpaca` drops the system text.
const ALPACA: &str = "    type: alpaca_w_system\n";
const PREFERENCE: &str = r"    type: chat_template.default
    field_messages: prompt
    field_chosen: chosen
    field_rejected: rejected
";

pub(super) fn text(data: Data<'_>, base: &Base) -> Option<String> {
    let format = match data.config {
        // `field_tools` is not needed: a column called `tools` is found by its name.
        Config::Messages | Config::Tools => CHAT,
        Config::ShareGpt => SHAREGPT,
        Config::Alpaca => ALPACA,
        Config::Preference => PREFERENCE,
        Config::OpenAi | Config::OpenAiTools | Config::PromptCompletion | Config::Vision => return None,
    };
    let name = data.config.name();
    let preference = data.config == Config::Preference;
    let mut out = format!(
        "# Trains a LoRA adapter on the config `{name}`. Run it in the dataset's folder:\n\
         #   axolotl train recipes/axolotl_{name}.yaml\n\
         base_model: {}\nchat_template: tokenizer_default\n",
        base.model
    );
    if preference {
        out.push_str("rl: dpo\nrl_beta: 0.1\n");
    }
    dataset(&mut out, "datasets", data.config, "train", format);
    if !preference && data.has("validation") {
        dataset(&mut out, "test_datasets", data.config, "validation", format);
    }
    let rate = if preference { PREFERENCE_RATE } else { RATE };
    let _ = write!(
        out,
        "dataset_prepared_path: last_run_prepared\nval_set_size: 0.0\noutput_dir: outputs/axolotl_{name}\n\
         adapter: lora\nlora_r: {RANK}\nlora_alpha: {ALPHA}\nlora_dropout: 0.0\nlora_target_linear: true\n\
         sequence_len: {LENGTH_TOKENS}\nsample_packing: false\nmicro_batch_size: 2\ngradient_accumulation_steps: 4\n\
         num_epochs: 3\noptimizer: adamw_torch\nlr_scheduler: cosine\nlearning_rate: {rate:.1e}\nbf16: auto\nlogging_steps: 1\n"
    );
    Some(out)
}

/// Adds a file. Axolotl gives each file one split, which it calls `train` whatever the file contains.
fn dataset(out: &mut String, key: &str, config: Config, split: &str, format: &str) {
    let _ = write!(out, "{key}:\n  - path: {}\n    split: train\n{format}", config.path(split));
}
