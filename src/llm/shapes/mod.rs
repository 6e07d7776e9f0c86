//! Shapes of an example: the JSON lines that trainers read. One shape is one config of the dataset. Pure.
//!
//! Every row of a shape has every key, in the same order, and floats always have a decimal point, because readers infer
//! the types of a column from its first rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::example::{Example, Turn};

mod alpaca;
mod chat;
mod columns;
mod features;
mod json;
mod openai;
mod pairs;
mod sharegpt;
mod tool;

pub(super) use chat::{role, said};
pub(super) use columns::proven;
pub(crate) use features::{Field, Kind, features};
pub(crate) use tool::{TOOL, tool, tools_text};

/// A shape of the dataset: a config of its card and a folder below `data/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Config {
    /// Chat without tools: `messages` of role and content.
    Messages,
    /// Chat with calls of the tool; arguments are objects.
    Tools,
    /// The format of OpenAI's fine-tuning: `messages` and nothing else.
    #[serde(rename = "openai")]
    OpenAi,
    /// The format of OpenAI's fine-tuning with tools; arguments are JSON text.
    #[serde(rename = "openai_tools")]
    OpenAiTools,
    /// `conversations` of from and value.
    #[serde(rename = "sharegpt")]
    ShareGpt,
    /// `instruction`, `input` and `output`.
    Alpaca,
    /// `prompt` and `completion`.
    PromptCompletion,
    /// `prompt`, `chosen` and `rejected`.
    Preference,
    /// Chat with stills: content is a list of parts.
    Vision,
}

/// Error of [`Config::from_str`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format {name:?} (known formats: {})", names())]
pub(crate) struct UnknownConfig {
    /// The given name.
    pub(crate) name: String,
}

fn names() -> String {
    Config::ALL.map(Config::name).join(", ")
}

impl Config {
    /// All configs, in the order of the card.
    pub(crate) const ALL: [Self; 9] = [
        Self::Messages,
        Self::Tools,
        Self::OpenAi,
        Self::OpenAiTools,
        Self::ShareGpt,
        Self::Alpaca,
        Self::PromptCompletion,
        Self::Preference,
        Self::Vision,
    ];

    /// Name in the card, on the command line and of the folder.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Tools => "tools",
            Self::OpenAi => "openai",
            Self::OpenAiTools => "openai_tools",
            Self::ShareGpt => "sharegpt",
            Self::Alpaca => "alpaca",
            Self::PromptCompletion => "prompt_completion",
            Self::Preference => "preference",
            Self::Vision => "vision",
        }
    }

    /// Description of the config, in one sentence.
    #[must_use]
    pub(crate) fn what(self) -> &'static str {
        match self {
            Self::Messages => "Conversations as lists of role and content, without tools.",
            Self::Tools => "Conversations in which the assistant calls `query_pose`; arguments are objects.",
            Self::OpenAi => "The rows of `messages`, with the keys that OpenAI's fine-tuning accepts and no others.",
            Self::OpenAiTools => "The rows of `tools` for OpenAI's fine-tuning; arguments are JSON text.",
            Self::ShareGpt => "All conversations, with and without tools, as lists of from and value.",
            Self::Alpaca => "Single questions and answers as instruction, input and output.",
            Self::PromptCompletion => "Conversations without tools, split before the last answer.",
            Self::Preference => "The last answer as it is, and a subtly wrong one.",
            Self::Vision => {
                "Conversations with stills: their paths in the dataset are in `images`, content is a list of parts."
            }
        }
    }

    /// File of a split in the dataset, such as `data/messages/train-00000-of-00001.jsonl`.
    #[must_use]
    pub(crate) fn path(self, split: &str) -> String {
        format!("data/{}/{split}-00000-of-00001.jsonl", self.name())
    }
}

impl fmt::Display for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Config {
    type Err = UnknownConfig;

    fn from_str(name: &str) -> Result<Self, UnknownConfig> {
        Self::ALL
            .into_iter()
            .find(|config| config.name() == name)
            .ok_or_else(|| UnknownConfig { name: name.to_owned() })
    }
}

/// The turns of an example, as far as shapes need them.
#[derive(Debug, Clone, Copy)]
struct Outline<'a> {
    /// Text of the system turn; empty if there is none.
    system: &'a str,
    /// All turns except the system turn.
    turns: &'a [Turn],
    /// Number of tool calls.
    calls: usize,
}

/// Reads the turns of an example. `None` unless user and assistant alternate from a first question to a last answer, no
/// text is empty, and each call is answered at once under its id.
fn outline(example: &Example) -> Option<Outline<'_>> {
    let (system, turns) = match example.turns.split_first() {
        Some((Turn::System { text }, rest)) if !text.is_empty() => (text.as_str(), rest),
        Some((Turn::System { .. }, _)) | None => return None,
        Some(_) => ("", example.turns.as_slice()),
    };
    let mut calls = 0;
    let mut open: Option<&str> = None;
    for (index, turn) in turns.iter().enumerate() {
        let asks = index % 2 == 0;
        let fits = match turn {
            Turn::System { .. } => false,
            Turn::User { text } => asks && open.is_none() && !text.is_empty(),
            Turn::Assistant { text } => !asks && !text.is_empty(),
            Turn::Call { id, sql } => {
                calls += 1;
                open = Some(id);
                !asks && !id.is_empty() && !sql.is_empty()
            }
            Turn::Answer { id, text } => asks && open.take() == Some(id) && !text.is_empty(),
        };
        if !fits {
            return None;
        }
    }
    matches!(turns.last(), Some(Turn::Assistant { .. })).then_some(Outline { system, turns, calls })
}

/// Whether an example exists in a shape.
#[must_use]
pub(crate) fn exists(config: Config, example: &Example) -> bool {
    outline(example).is_some_and(|outline| outline_exists(config, example, outline))
}

fn outline_exists(config: Config, example: &Example, outline: Outline<'_>) -> bool {
    let plain = outline.calls == 0;
    match config {
        Config::Messages | Config::OpenAi | Config::PromptCompletion => plain,
        Config::Tools | Config::OpenAiTools => !plain,
        Config::ShareGpt => true,
        Config::Alpaca => plain && outline.turns.len() == 2,
        Config::Preference => {
            let chosen = outline.turns.last();
            let differs = !matches!(chosen, Some(Turn::Assistant { text }) if *text == example.rejected);
            plain && !example.rejected.is_empty() && !example.rejected_reason.is_empty() && differs
        }
        Config::Vision => plain && !example.images.is_empty(),
    }
}

/// Appends an example as one JSON line, with its line end. `tools_text` is the tool list as compact JSON
/// ([`tools_text`](fn@tools_text)). Returns `false` and appends nothing if the example does not exist in this shape.
pub(crate) fn line(config: Config, example: &Example, tools_text: &str, out: &mut Vec<u8>) -> bool {
    let Some(outline) = outline(example).filter(|outline| outline_exists(config, example, *outline)) else {
        return false;
    };
    match config {
        Config::Messages => chat::messages(out, example),
        Config::Tools => chat::tools(out, example, tools_text),
        Config::OpenAi => openai::messages(out, example),
        Config::OpenAiTools => openai::tools(out, example, tools_text),
        Config::ShareGpt => sharegpt::conversations(out, example, outline, tools_text),
        Config::Alpaca => alpaca::instruction(out, example, outline),
        Config::PromptCompletion => pairs::prompt_completion(out, example),
        Config::Preference => pairs::preference(out, example),
        Config::Vision => chat::vision(out, example),
    }
    out.push(b'\n');
    true
}

#[cfg(test)]
mod tests;
