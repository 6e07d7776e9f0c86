//! One example of a language-model dataset, independent of the shapes for trainers. Pure.

use serde::{Deserialize, Serialize};

use super::fact::{Facts, Proof};

/// The difficulty of an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Difficulty {
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
pub(crate) enum Turn {
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
pub(crate) struct Example {
    /// Hash of the content, 32 hex digits after an `e`.
    pub(crate) id: String,
    /// Kind: the folder of `sql/llm` that made it, such as `measurement`.
    pub(crate) kind: String,
    /// Sport pack of the video's analysis.
    pub(crate) sport: String,
    /// Difficulty of the example.
    pub(crate) difficulty: Difficulty,
    /// Language of the text: `en`, `de`, ...
    pub(crate) language: String,
    /// `template`, or the name of the model that reworded it.
    pub(crate) origin: String,
    /// The video.
    pub(crate) video_id: String,
    /// Athletes in it: pseudonyms, or names if the user wants names.
    pub(crate) athletes: Vec<String>,
    /// Part of the video that the example is about, seconds from the first frame.
    pub(crate) segment_s: [f64; 2],
    /// The conversation. The last turn is the assistant's.
    pub(crate) turns: Vec<Turn>,
    /// A subtly wrong last turn, for preference pairs; empty if there is none.
    pub(crate) rejected: String,
    /// The fault of the wrong last turn: `side`, `sign`, `joint`, `interval`, `value`; empty if there is none.
    pub(crate) rejected_reason: String,
    /// Stills beside the dataset, as paths relative to it.
    pub(crate) images: Vec<String>,
    /// Frame of the video that the still shows.
    pub(crate) still_frame_idx: Option<u32>,
    /// The facts that the text may state.
    pub(crate) facts: Facts,
    /// Indices of the facts that the last turn states.
    pub(crate) stated: Vec<usize>,
    /// Queries without a result, which prove that the question cannot be answered.
    pub(crate) missing: Vec<Proof>,
}

impl Difficulty {
    /// The difficulty's name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
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
    pub(crate) fn role(&self) -> &'static str {
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
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::System { text } | Self::User { text } | Self::Assistant { text } | Self::Answer { text, .. } => text,
            Self::Call { sql, .. } => sql,
        }
    }
}

impl Example {
    /// Whether the conversation has no tool call.
    #[must_use]
    pub(crate) fn is_plain(&self) -> bool {
        !self.turns.iter().any(|turn| matches!(turn, Turn::Call { .. } | Turn::Answer { .. }))
    }
}
