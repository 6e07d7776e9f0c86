//! Request bodies for language-model providers, and parsing of their responses. Pure: bytes in, bytes out.
//!
//! Request bodies and responses follow the types of the providers' Python SDKs (anthropic 2.14.0, openai 3.57.0). If
//! the documentation differs, the SDK takes precedence and a comment says so.

mod anthropic;
pub(crate) mod batch;
mod chat;
pub(crate) mod http;
mod responses;
pub(crate) mod retry;
pub(crate) mod talk;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A provider's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Api {
    /// Anthropic's `POST /v1/messages`.
    AnthropicMessages,
    /// OpenAI's `POST /v1/responses`.
    OpenAiResponses,
    /// OpenAI's `POST /v1/chat/completions`, which local servers support, too.
    OpenAiChat,
}

/// A question for a model, independent of the provider.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    /// Name of the model in the provider's spelling.
    pub(crate) model: String,
    /// Stable instructions. Providers cache them, so they should be the same in many questions. May be empty.
    pub(crate) system: String,
    /// The task.
    pub(crate) user: String,
    /// Name of the reply's schema; only OpenAI needs one.
    pub(crate) schema_name: String,
    /// JSON schema of the reply: every property required, `additionalProperties` false.
    pub(crate) schema: Value,
    /// Maximum number of tokens in the reply, reasoning included.
    pub(crate) max_tokens: u32,
    /// Pictures, shown before the task.
    pub(crate) images: Vec<Image>,
}

/// A picture in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    pub(crate) media_type: String,
    /// The file's bytes as base64 text.
    pub(crate) base64: String,
}

impl Image {
    fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64)
    }
}

/// Token counts of a reply. All zero means unknown: every reply takes some tokens, so the worst case counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// All input, cached included.
    pub(crate) input_tokens: u64,
    /// Input tokens read from the provider's cache.
    pub(crate) cached_tokens: u64,
    /// Input tokens written to the provider's cache.
    pub(crate) cache_write_tokens: u64,
    /// Output tokens, reasoning included.
    pub(crate) output_tokens: u64,
}

/// The content of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// JSON text in the requested schema. It is not parsed yet.
    Text(String),
    /// A call of the conversation's tool ([`talk`]).
    Call(talk::ToolCall),
    /// The reply hit its token limit.
    CutOff,
    /// The model or the provider's filter refused, for this reason if given.
    Refused(String),
    /// No usable text, for this reason.
    Nothing(String),
}

/// A complete reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The content.
    pub(crate) said: Said,
    /// Token counts.
    pub(crate) usage: Usage,
    /// The model that answered, often with a date suffix.
    pub(crate) model: String,
    /// The provider's id of the reply.
    pub(crate) id: String,
}

/// A response cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    /// The bytes are not JSON.
    #[error("invalid JSON: {0}")]
    Json(String),
    /// A field is missing or has another type.
    #[error("`{0}` not found in the response")]
    Missing(&'static str),
    /// The provider returned an error object.
    #[error("the provider reports: {0}")]
    Provider(String),
    /// A line of a batch result file is unusable.
    #[error("invalid line {line} of the batch results: {message}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// The problem.
        message: String,
    },
}

/// The reasoning effort of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effort {
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

/// The request body of a question. The same question always gives the same bytes.
#[must_use]
pub(crate) fn body(api: Api, ask: &Ask) -> Value {
    match api {
        Api::AnthropicMessages => anthropic::body(ask),
        Api::OpenAiResponses => responses::body(ask),
        Api::OpenAiChat => chat::body(ask),
    }
}

/// Sets the reasoning effort in a [`body`].
///
/// Reasoning counts toward `max_tokens` and is billed as output. Models without reasoning return status 400.
pub(crate) fn set_effort(api: Api, body: &mut Value, effort: Effort) {
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
pub(crate) fn path(api: Api) -> &'static str {
    match api {
        Api::AnthropicMessages => "/v1/messages",
        Api::OpenAiResponses => "/responses",
        Api::OpenAiChat => "/chat/completions",
    }
}

/// Parses a response.
///
/// # Errors
///
/// If it is an error object, or if a field that the SDK requires is missing. Such a response may have been billed.
pub(crate) fn parse(api: Api, body: &Value) -> Result<Reply, WireError> {
    // A failed response of the Responses API also has an error, but it is a complete response with a status.
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

/// The text in a field of an object.
fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

/// The required text in a field of an object.
fn required<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, WireError> {
    text(value, field).ok_or(WireError::Missing(field))
}

/// The required count in a field of an object.
fn count(value: &Value, field: &'static str) -> Result<u64, WireError> {
    value.get(field).and_then(Value::as_u64).ok_or(WireError::Missing(field))
}

/// A count that may be missing or null.
fn count_or_zero(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// The text of a finished reply; models sometimes leave it empty.
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
