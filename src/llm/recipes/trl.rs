//! TRL: one script per config. Tested with trl 1.16.0.

use super::{ALPHA, Base, LENGTH_TOKENS, PREFERENCE_RATE, RANK, RATE};
use crate::llm::shapes::Config;

/// Script part that converts a row of `sharegpt` to messages. Rows with tools are left to the config `tools`.
pub(super) const FROM_SHAREGPT: &str = r#"

def to_messages(row):
    """Gives the row as a list of messages."""
    roles = {"human": "user", "gpt": "assistant"}
    system = [{"role": "system", "content": row["system"]}] if row["system"] else []
    turns = [{"role": roles[turn["from"]], "content": turn["value"]} for turn in row["conversations"]]
    return {"messages": system + turns}


# The config `tools` has the rows with tools in TRL's form.
dataset = dataset.filter(lambda row: row["tools"] == "[]")
dataset = dataset.map(to_messages, remove_columns=dataset["train"].column_names)
"#;

const FROM_ALPACA: &str = r#"

def to_prompt_completion(row):
    """Gives the row as prompt and completion."""
    question = row["input"] + "\n\n" + row["instruction"] if row["input"] else row["instruction"]
    system = [{"role": "system", "content": row["system"]}] if row["system"] else []
    return {
        "prompt": [*system, {"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": row["output"]}],
    }


dataset = dataset.map(to_prompt_completion, remove_columns=dataset["train"].column_names)
"#;

/// Script part that removes the keys without a value.
const WITHOUT_NULLS: &str = r#"

def to_messages(row):
    """Gives messages without keys that are null: many chat templates take any `tool_calls` for a call."""
    messages = [{key: value for key, value in message.items() if value is not None} for message in row["messages"]]
    return {"messages": messages, "tools": json.loads(row["tools"])}


dataset = dataset.map(
    to_messages,
    remove_columns=dataset["train"].column_names,
    features=Features({"messages": List(Json()), "tools": List(Json())}),
)
"#;

pub(super) fn text(config: Config, base: &Base) -> Option<String> {
    let chat = "        assistant_only_loss=True,\n";
    let (convert, own) = match config {
        Config::Messages => ("", chat),
        Config::Tools => (WITHOUT_NULLS, chat),
        Config::ShareGpt => (FROM_SHAREGPT, chat),
        Config::Alpaca => (FROM_ALPACA, ""),
        // The loss of prompt and completion leaves out the prompt in any case.
        Config::PromptCompletion => ("", ""),
        Config::Preference => {
            return Some(script(config.name(), base, "", "        beta=0.1,\n", "DPO", PREFERENCE_RATE));
        }
        Config::OpenAi | Config::OpenAiTools | Config::Vision => return None,
    };
    Some(script(config.name(), base, convert, own, "SFT", RATE))
}

/// The script for the Parquet files.
pub(super) fn parquet(base: &Base) -> String {
    script("default", base, "", "        assistant_only_loss=True,\n", "SFT", RATE)
}

fn script(name: &str, base: &Base, convert: &str, own: &str, trainer: &str, rate: f64) -> String {
    let load = if name == "default" {
        "load_dataset(str(FOLDER / \"parquet\"))".to_owned()
    } else {
        format!("load_dataset(str(FOLDER), \"{name}\")")
    };
    // Only the config with tools needs changes to its rows.
    let (json, names) =
        if name == "tools" { ("import json\n", "Features, Json, List, load_dataset") } else { ("", "load_dataset") };
    format!(
        r#""""Trains a LoRA adapter with TRL on `{name}`: python recipes/trl_{name}.py [MODEL]"""

{json}import sys
from pathlib import Path

from datasets import {names}
from peft import LoraConfig
from trl import {trainer}Config, {trainer}Trainer

FOLDER = Path(__file__).resolve().parent.parent
MODEL = sys.argv[1] if len(sys.argv) > 1 else "{model}"

dataset = {load}
{convert}trainer = {trainer}Trainer(
    model=MODEL,
    args={trainer}Config(
        output_dir="outputs/trl_{name}",
        max_length={LENGTH_TOKENS},
        per_device_train_batch_size=2,
        gradient_accumulation_steps=4,
        learning_rate={rate:.1e},
        lr_scheduler_type="cosine",
        num_train_epochs=3,
        logging_steps=1,
{own}    ),
    train_dataset=dataset["train"],
    eval_dataset=dataset.get("validation"),
    peft_config=LoraConfig(
        r={RANK}, lora_alpha={ALPHA}, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    ),
)
trainer.train()
trainer.save_model()
"#,
        model = base.model
    )
}
