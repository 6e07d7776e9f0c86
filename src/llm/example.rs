//! One example of a language-model dataset, independent of the shapes for trainers. Pure.

use serde::{Deserialize, Serialize};

use super::fact::{Fact, Facts, Proof};

/// The difficulty of an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// One number must be read.
    #[default]
    Easy,
    /// Several numbers must be combined or compared.
    Medium,
    /// A judgment, a refusal, or several steps.
    Hard,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Turn {
    /// The system text.
    System {
        /// The text.
        text: String,
    },
    /// The user's text.
    User {
        /// The text.
        text: String,
    },
    /// The assistant's text.
    Assistant {
        /// The text.
        text: String,
    },
    /// The assistant calls the tool `query_pose`.
    Call {
        /// Id of the call, unique in the conversation.
        id: String,
        /// The SQL.
        sql: String,
    },
    /// The answer of the tool.
    Answer {
        /// Id of the call.
        id: String,
        /// The rows, as JSON text.
        text: String,
    },
}

/// One example.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// Hash of the content, 32 hex digits after an `e`.
    pub id: String,
    /// Kind: the folder of `sql/llm` that made it, such as `measurement`.
    pub kind: String,
    /// Sport pack of the video's analysis.
    pub sport: String,
    /// Difficulty of the example.
    pub difficulty: Difficulty,
    /// Language of the text: `en`, `de`, ...
    pub language: String,
    /// `template`, or the name of the model that reworded it.
    pub origin: String,
    /// The video.
    pub video_id: String,
    /// Athletes in it: pseudonyms, or names if the user wants names.
    pub athletes: Vec<String>,
    /// Part of the video that the example is about, seconds from the first frame.
    pub segment_s: [f64; 2],
    /// The conversation. The last turn is the assistant's.
    pub turns: Vec<Turn>,
    /// A subtly wrong last turn, for preference pairs; empty if there is none.
    pub rejected: String,
    /// The fault of the wrong last turn: `side`, `sign`, `joint`, `interval`, `value`; empty if there is none.
    pub rejected_reason: String,
    /// Stills beside the dataset, as paths relative to it.
    pub images: Vec<String>,
    /// Frame of the video that the still shows.
    pub still_frame_idx: Option<u32>,
    /// The facts that the text may state.
    pub facts: Facts,
    /// Indices of the facts that the last turn states.
    pub stated: Vec<usize>,
    /// Queries without a result, which prove that the question cannot be answered.
    pub missing: Vec<Proof>,
}

impl Difficulty {
    /// The difficulty's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
        }
    }
}

impl Turn {
    /// The speaker's name for display: `system`, `user`, `assistant`, `call`, `tool`.
    #[must_use]
    pub fn role(&self) -> &'static str {
        match self {
            Self::System { .. } => "system",
            Self::User { .. } => "user",
            Self::Assistant { .. } => "assistant",
            Self::Call { .. } => "call",
            Self::Answer { .. } => "tool",
        }
    }

    /// The text of the turn; the SQL of a call.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::System { text } | Self::User { text } | Self::Assistant { text } | Self::Answer { text, .. } => text,
            Self::Call { sql, .. } => sql,
        }
    }
}

impl Example {
    /// The proven facts: those that the last turn states, then the missing ones (without a value).
    #[must_use]
    pub fn proven(&self) -> Vec<Fact> {
        let stated = self.stated.iter().filter_map(|&place| self.facts.facts.get(place)).map(|fact| Fact::clone(fact));
        let missing =
            self.missing.iter().map(|proof| Fact { value: f64::NAN, proof: proof.clone(), ..Fact::default() });
        stated.chain(missing).collect()
    }

    /// Whether the conversation has no tool call.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.turns.iter().any(|turn| matches!(turn, Turn::Call { .. } | Turn::Answer { .. }))
    }
}
