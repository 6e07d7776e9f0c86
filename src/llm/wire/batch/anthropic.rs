//! Anthropic's Message Batches.

use serde_json::{Value, json};

use super::super::http::{Body, Method, Request};
use super::super::{Api, WireError, count_or_zero, required, retry, text};
use super::{BatchItem, BatchState, ItemOutcome, LONG_TIMEOUT_S, Phase, answered};

const BATCHES: &str = "/v1/messages/batches";

pub(super) fn item(item: &BatchItem) -> Vec<u8> {
    json!({"custom_id": item.custom_id, "params": item.body}).to_string().into_bytes()
}

pub(super) fn create(items: &[BatchItem]) -> Request {
    let mut body = b"{\"requests\":[".to_vec();
    for (index, batch_item) in items.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend(item(batch_item));
    }
    body.extend_from_slice(b"]}");
    Request { method: Method::Post, path: BATCHES.to_owned(), body: Body::Json(body), timeout_s: LONG_TIMEOUT_S }
}

pub(super) fn state(body: &Value) -> Result<BatchState, WireError> {
    let id = required(body, "id")?.to_owned();
    let phase = match required(body, "processing_status")? {
        "ended" => Phase::Ended,
        _ => Phase::Running,
    };
    let counts = |name: &str| count_or_zero(body, &format!("/request_counts/{name}"));
    let n_done = ["succeeded", "errored", "canceled", "expired"].into_iter().map(counts).sum();
    // The URL is null until the batch has ended, and for batches whose results have expired.
    let results = match text(body, "results_url") {
        Some(url) if phase == Phase::Ended => vec![Request::get(results_path(url), LONG_TIMEOUT_S)],
        _ => Vec::new(),
    };
    Ok(BatchState { id, phase, n_done, n_total: n_done + counts("processing"), results })
}

/// The part of the results URL that is appended to the base address, so that a gateway's own address and prefix stay in
/// use.
fn results_path(url: &str) -> &str {
    url.find(BATCHES).map_or(url, |start| &url[start..])
}

pub(super) fn outcome(line: &Value) -> Result<ItemOutcome, WireError> {
    let result = line.get("result").ok_or(WireError::Missing("result"))?;
    Ok(match required(result, "type")? {
        "succeeded" => answered(Api::AnthropicMessages, result.get("message").ok_or(WireError::Missing("message"))?),
        // The error contains another error response: the text is `result.error.error.message`.
        "errored" => ItemOutcome::Errored(retry::error_message_of(result.get("error").unwrap_or(&Value::Null))),
        "expired" => ItemOutcome::Expired,
        "canceled" => ItemOutcome::Canceled,
        other => ItemOutcome::Errored(format!("unknown result `{other}`")),
    })
}
