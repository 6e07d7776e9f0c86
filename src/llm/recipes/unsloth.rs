//! Unsloth: one script per config. Tested with unsloth 2026.10.9.

use super::trl::FROM_SHAREGPT;
use super::{ALPHA, Base, LENGTH_TOKENS, RANK, RATE};
use crate::llm::shapes::Config;

/// Script part that converts a row of `alpaca` to messages.
const FROM_ALPACA: &str = r#"

def to_messages(row):
    """Gives the row as a list of messages."""
    question = row["input"] + "\n\n" + row["instruction"] if row["input"] else row["instruction"]
    system = [{"role": "system", "content": row["system"]}] if row["system"] else []
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": row["output"]}]
    return {"messages": system + turns}


dataset = dataset.map(to_messages, remove_columns=dataset["train"].column_names)
"#;

/// Script part that removes the keys without a value.
const WITHOUT_NULLS: &str = r#"

def without_nulls(messages):
    """Gives messages without keys that are null: many chat templates take any `tool_calls` for a call."""
    return [{key: value for key, value in message.items() if value is not None} for message in messages]

"#;

pub(super) fn text(config: Config, base: &Base) -> Option<String> {
    let (convert, rendered) = match config {
        Config::Messages => ("", "row[\"messages\"], tokenize=False"),
        Config::Tools => {
            (WITHOUT_NULLS, "without_nulls(row[\"messages\"]), tools=json.loads(row[\"tools\"]), tokenize=False")
        }
        Config::ShareGpt => (FROM_SHAREGPT, "row[\"messages\"], tokenize=False"),
        Config::Alpaca => (FROM_ALPACA, "row[\"messages\"], tokenize=False"),
        Config::PromptCompletion => ("", "row[\"prompt\"] + row[\"completion\"], tokenize=False"),
        Config::OpenAi | Config::OpenAiTools | Config::Preference | Config::Vision => return None,
    };
    let json = if config == Config::Tools { "import json\n" } else { "" };
    Some(script(config.name(), base, convert, rendered, json))
}

fn script(name: &str, base: &Base, convert: &str, rendered: &str, json: &str) -> String {
    format!(
        r#""""Trains a LoRA adapter with Unsloth on `{name}`: python recipes/unsloth_{name}.py [MODEL]"""

# Unsloth patches the libraries below, so it is imported first.
from unsloth import FastLanguageModel
from unsloth.chat_templates import train_on_responses_only

{json}import sys
from pathlib import Path

from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

FOLDER = Path(__file__).resolve().parent.parent
MODEL = sys.argv[1] if len(sys.argv) > 1 else "{model}"

model, tokenizer = FastLanguageModel.from_pretrained(
    model_name=MODEL, max_seq_length={LENGTH_TOKENS}, load_in_4bit=False
)
model = FastLanguageModel.get_peft_model(
    model,
    r={RANK},
    lora_alpha={ALPHA},
    lora_dropout=0.0,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    use_gradient_checkpointing="unsloth",
    random_state=1,
)

dataset = load_dataset(str(FOLDER), "{name}")
{convert}
dataset = dataset.map(
    lambda row: {{
        "text": tokenizer.apply_chat_template(
            {rendered}
        )
    }},
    remove_columns=dataset["train"].column_names,
)
trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=dataset["train"],
    eval_dataset=dataset.get("validation"),
    args=SFTConfig(
        output_dir="outputs/unsloth_{name}",
        dataset_text_field="text",
        max_length={LENGTH_TOKENS},
        per_device_train_batch_size=2,
        gradient_accumulation_steps=4,
        learning_rate={RATE:.1e},
        lr_scheduler_type="cosine",
        num_train_epochs=3,
        logging_steps=1,
    ),
)
# Only the assistant's words count for the loss. The parts are those of the model's chat template.
trainer = train_on_responses_only(
    trainer, instruction_part="{user}", response_part="{assistant}"
)
trainer.train()
model.save_pretrained("outputs/unsloth_{name}")
"#,
        model = base.model,
        user = base.user_part,
        assistant = base.assistant_part
    )
}
