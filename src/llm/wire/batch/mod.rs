//! Batches: many questions at half the price, answered within a day. Pure.
//!
//! Steps: [`split`], [`upload_request`] (OpenAI only), [`create_request`], [`status_request`] until the phase is no
//! longer [`Phase::Running`], then the downloads of [`BatchState::results`], each parsed by [`parse_results`].

mod anthropic;
mod openai;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

use super::http::Request;
use super::{Api, Reply, Said, Usage, WireError, parse, required, retry};

/// Timeout of a request without a batch, seconds.
const SHORT_TIMEOUT_S: f64 = 60.0;
/// Timeout of a request that carries a batch or its results, seconds.
const LONG_TIMEOUT_S: f64 = 1800.0;

/// One question of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BatchItem {
    /// Unique in the batch; both providers accept 1 to 64 letters, digits, `_` and `-`.
    pub(crate) custom_id: String,
    /// Request body from [`super::body`].
    pub(crate) body: Value,
}

/// Size limits of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchLimits {
    /// Maximum number of questions.
    pub(crate) max_requests: usize,
    /// Maximum size of the upload, bytes.
    pub(crate) max_bytes: usize,
}

/// The phase of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not finished.
    Running,
    /// Finished. Single questions may have failed.
    Ended,
    /// The batch as a whole failed, for this reason.
    Failed(String),
    /// The provider's time limit passed. Questions that finished before are in the results.
    Expired,
    /// Canceled by the user. Questions that finished before are in the results.
    Canceled,
}

/// State of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BatchState {
    /// The provider's id of the batch.
    pub(crate) id: String,
    /// The phase.
    pub(crate) phase: Phase,
    /// Number of questions that are finished, successfully or not. Anthropic keeps it at 0 until the batch ends.
    pub(crate) n_done: u64,
    /// Number of questions in the batch.
    pub(crate) n_total: u64,
    /// Downloads to make; empty while the batch runs, and if there are no results.
    pub(crate) results: Vec<Request>,
}

/// The outcome of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ItemOutcome {
    /// Answered, and therefore billed. An unreadable reply is [`Said::Nothing`] with unknown usage.
    Reply(Reply),
    /// Failed, for this reason. Providers do not bill it.
    Errored(String),
    /// Not done within the time limit. Not billed.
    Expired,
    /// Canceled before it was done. Not billed.
    Canceled,
}

/// The provider's limits. Megabytes are assumed to be 10^6 bytes: the documentation does not say which are meant.
#[must_use]
pub(crate) fn limits(api: Api) -> BatchLimits {
    match api {
        Api::AnthropicMessages => BatchLimits { max_requests: 100_000, max_bytes: 256_000_000 },
        Api::OpenAiResponses | Api::OpenAiChat => BatchLimits { max_requests: 50_000, max_bytes: 200_000_000 },
    }
}

/// Splits questions into batches within the limits, in order.
///
/// OpenAI accepts one model per batch, so another model begins another batch. A question that is too large becomes a
/// separate batch, which the provider rejects.
#[must_use]
pub(crate) fn split(items: Vec<BatchItem>, api: Api, limits: &BatchLimits) -> Vec<Vec<BatchItem>> {
    let mut groups: BTreeMap<String, Vec<BatchItem>> = BTreeMap::new();
    for item in items {
        let model = match api {
            Api::AnthropicMessages => String::new(),
            Api::OpenAiResponses | Api::OpenAiChat => super::text(&item.body, "model").unwrap_or("").to_owned(),
        };
        groups.entry(model).or_default().push(item);
    }
    let mut batches = Vec::new();
    for group in groups.into_values() {
        let mut batch = Vec::new();
        let mut n_bytes = frame(api).len();
        for item in group {
            // One byte for the line break or the comma.
            let n_item_bytes = item_bytes(api, &item).len() + 1;
            if !batch.is_empty() && (batch.len() >= limits.max_requests || n_bytes + n_item_bytes > limits.max_bytes) {
                batches.push(std::mem::take(&mut batch));
                n_bytes = frame(api).len();
            }
            n_bytes += n_item_bytes;
            batch.push(item);
        }
        if !batch.is_empty() {
            batches.push(batch);
        }
    }
    batches
}

/// The text around the items.
fn frame(api: Api) -> &'static str {
    match api {
        Api::AnthropicMessages => "{\"requests\":[]}",
        Api::OpenAiResponses | Api::OpenAiChat => "",
    }
}

fn item_bytes(api: Api, item: &BatchItem) -> Vec<u8> {
    match api {
        Api::AnthropicMessages => anthropic::item(item),
        Api::OpenAiResponses | Api::OpenAiChat => openai::item(api, item),
    }
}

/// The upload that must precede the batch; `None` if the provider needs none.
#[must_use]
pub(crate) fn upload_request(api: Api, items: &[BatchItem]) -> Option<Request> {
    match api {
        Api::AnthropicMessages => None,
        Api::OpenAiResponses | Api::OpenAiChat => Some(openai::upload(api, items)),
    }
}

/// Id of the uploaded file.
///
/// # Errors
///
/// If the response contains none.
pub(crate) fn uploaded_file_id(body: &Value) -> Result<String, WireError> {
    required(body, "id").map(str::to_owned)
}

/// The request that starts a batch. `file_id` is the uploaded file, if [`upload_request`] required one.
#[must_use]
pub(crate) fn create_request(api: Api, items: &[BatchItem], file_id: Option<&str>) -> Request {
    match api {
        Api::AnthropicMessages => anthropic::create(items),
        Api::OpenAiResponses | Api::OpenAiChat => openai::create(api, file_id.unwrap_or_default()),
    }
}

/// The request for the state of a batch.
#[must_use]
pub(crate) fn status_request(api: Api, batch_id: &str) -> Request {
    match api {
        Api::AnthropicMessages => Request::get(format!("/v1/messages/batches/{batch_id}"), SHORT_TIMEOUT_S),
        Api::OpenAiResponses | Api::OpenAiChat => Request::get(format!("/batches/{batch_id}"), SHORT_TIMEOUT_S),
    }
}

/// Parses the response to [`create_request`] and [`status_request`].
///
/// # Errors
///
/// If it is an error object, or if the id or the status is missing.
pub(crate) fn parse_state(api: Api, body: &Value) -> Result<BatchState, WireError> {
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(WireError::Provider(retry::error_message_of(body)));
    }
    match api {
        Api::AnthropicMessages => anthropic::state(body),
        Api::OpenAiResponses | Api::OpenAiChat => openai::state(body),
    }
}

/// Parses the lines of a result file: custom id and outcome.
///
/// Lines may be in any order and may repeat, so each custom id must be used once only. An invalid line is an error of
/// that line only.
#[must_use]
pub(crate) fn parse_results(api: Api, body: &[u8]) -> Vec<Result<(String, ItemOutcome), WireError>> {
    body.split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| {
            let broken = |message: String| WireError::Line { line: index + 1, message };
            let line: Value = serde_json::from_slice(line).map_err(|error| broken(error.to_string()))?;
            let custom_id = required(&line, "custom_id").map_err(|error| broken(error.to_string()))?.to_owned();
            let outcome = match api {
                Api::AnthropicMessages => anthropic::outcome(&line),
                Api::OpenAiResponses | Api::OpenAiChat => openai::outcome(api, &line),
            };
            Ok((custom_id, outcome.map_err(|error| broken(error.to_string()))?))
        })
        .collect()
}

/// The outcome of a response inside a result line. An unreadable response was billed too, so it becomes a reply of
/// unknown usage.
fn answered(api: Api, answer: &Value) -> ItemOutcome {
    ItemOutcome::Reply(parse(api, answer).unwrap_or_else(|error| Reply {
        said: Said::Nothing(error.to_string()),
        usage: Usage::default(),
        model: String::new(),
        id: String::new(),
    }))
}
