//! What is sent to language-model providers and how their answers are read. Pure: bytes in, bytes out.
//!
//! Request bodies and answers follow the types of the providers' Python SDKs (anthropic 2.14.0, openai 3.57.0).
//! If the documentation says something else, the SDK wins and a comment says so.

mod anthropic;
pub mod batch;
mod chat;
pub mod http;
mod responses;
pub mod retry;
pub mod talk;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// Anthropic's `POST /v1/messages`.
    AnthropicMessages,
    /// OpenAI's `POST /v1/responses`.
    OpenAiResponses,
    /// OpenAI's `POST /v1/chat/completions`, which local servers speak too.
    OpenAiChat,
}

/// What is asked of a model, whatever the provider.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Name of the model, as the provider spells it.
    pub model: String,
    /// Stable instructions. Providers cache them, so they should be the same in many asks. May be empty.
    pub system: String,
    /// The task.
    pub user: String,
    /// Name of the reply's shape; only OpenAI wants one.
    pub schema_name: String,
    /// JSON schema of the reply: every property required, `additionalProperties` false.
    pub schema: Value,
    /// The most tokens that the reply may have, thinking included.
    pub max_tokens: u32,
    /// Pictures, shown before the task.
    pub images: Vec<Image>,
}

/// A picture of an ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    pub media_type: String,
    /// The file's bytes as base64 text.
    pub base64: String,
}

impl Image {
    fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64)
    }
}

/// Tokens that an answer took. All zero means unknown: no answer takes nothing, so its worst case counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All input, cached included.
    pub input_tokens: u64,
    /// Part of the input that was read from the provider's cache.
    pub cached_tokens: u64,
    /// Part of the input that was written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Output, thinking included.
    pub output_tokens: u64,
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// JSON text as asked by the schema. It is not parsed yet.
    Text(String),
    /// A call of the tool of a conversation ([`talk`]).
    Call(talk::ToolCall),
    /// The reply hit its token limit.
    CutOff,
    /// The model or the provider's filter refused; with the reason, if one was given.
    Refused(String),
    /// No usable text; with the reason.
    Nothing(String),
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What the model said.
    pub said: Said,
    /// What it took.
    pub usage: Usage,
    /// The model that answered, often with a date suffix.
    pub model: String,
    /// The provider's id of the answer.
    pub id: String,
}

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes are not JSON.
    #[error("invalid JSON: {0}")]
    Json(String),
    /// A field is missing or has another type.
    #[error("`{0}` not found in the answer")]
    Missing(&'static str),
    /// The provider answered with an error object.
    #[error("the provider says: {0}")]
    Provider(String),
    /// A line of a batch result file is unusable.
    #[error("invalid line {line} of the batch results: {message}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

/// How long a model may think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// Cheapest.
    Low,
    /// In between.
    Medium,
    /// Most thorough.
    High,
}

impl Effort {
    fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The request body for an ask. The same ask always gives the same bytes.
#[must_use]
pub fn body(api: Api, ask: &Ask) -> Value {
    match api {
        Api::AnthropicMessages => anthropic::body(ask),
        Api::OpenAiResponses => responses::body(ask),
        Api::OpenAiChat => chat::body(ask),
    }
}

/// Limits how long the model thinks about a [`body`].
///
/// Thinking counts toward `max_tokens` and is billed as output. Models that cannot think answer with status 400.
pub fn set_effort(api: Api, body: &mut Value, effort: Effort) {
    match api {
        Api::AnthropicMessages => body["output_config"]["effort"] = json!(effort.word()),
        Api::OpenAiResponses => body["reasoning"] = json!({"effort": effort.word()}),
        Api::OpenAiChat => body["reasoning_effort"] = json!(effort.word()),
    }
}

/// Path of the endpoint, to append to the base URL.
///
/// `OPENAI_BASE_URL` ends in `/v1`, `ANTHROPIC_BASE_URL` does not.
#[must_use]
pub fn path(api: Api) -> &'static str {
    match api {
        Api::AnthropicMessages => "/v1/messages",
        Api::OpenAiResponses => "/responses",
        Api::OpenAiChat => "/chat/completions",
    }
}

/// Reads an answer.
///
/// # Errors
///
/// If it is an error object, or if a field that the SDK requires is missing. Such an answer may have been billed.
pub fn parse(api: Api, body: &Value) -> Result<Reply, WireError> {
    // A failed answer of the Responses API has an error as well, but it is a whole answer with a status.
    let is_error = match api {
        Api::AnthropicMessages => text(body, "type") == Some("error"),
        Api::OpenAiResponses => body.get("error").is_some_and(|error| !error.is_null()) && body.get("status").is_none(),
        Api::OpenAiChat => body.get("error").is_some_and(|error| !error.is_null()) && body.get("choices").is_none(),
    };
    if is_error {
        return Err(WireError::Provider(retry::error_message_of(body)));
    }
    match api {
        Api::AnthropicMessages => anthropic::parse(body),
        Api::OpenAiResponses => responses::parse(body),
        Api::OpenAiChat => chat::parse(body),
    }
}

/// Text in a field of an object.
fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// A required text in a field of an object.
fn required<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, WireError> {
    text(value, field).ok_or(WireError::Missing(field))
}

/// A required count in a field of an object.
fn count(value: &Value, field: &'static str) -> Result<u64, WireError> {
    value.get(field).and_then(Value::as_u64).ok_or(WireError::Missing(field))
}

/// A count that may be missing or null.
fn count_or_zero(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// Text of a finished answer; models leave it empty at times.
fn said_text(text: String) -> Said {
    if text.trim().is_empty() { Said::Nothing("the answer has no text".to_owned()) } else { Said::Text(text) }
}

/// A name that OpenAI accepts for a schema: letters, digits, `_` and `-`, at most 64.
fn schema_name(name: &str) -> String {
    let name: String = name
        .chars()
        .take(64)
        .map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' })
        .collect();
    if name.is_empty() { "reply".to_owned() } else { name }
}
