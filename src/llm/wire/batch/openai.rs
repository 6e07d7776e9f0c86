//! OpenAI's Batch API: the input is a file of requests, the output a file of results and a file of errors.

use serde_json::{Value, json};

use super::super::http::{Body, Method, Request};
use super::super::{Api, WireError, count_or_zero, path, required, retry, text};
use super::{BatchItem, BatchState, ItemOutcome, LONG_TIMEOUT_S, Phase, SHORT_TIMEOUT_S, answered};

/// Endpoint in the form that batches use: with `/v1`, whatever the base URL.
fn endpoint(api: Api) -> String {
    format!("/v1{}", path(api))
}

pub(super) fn item(api: Api, item: &BatchItem) -> Vec<u8> {
    // Exactly these four keys: one invalid line fails the whole batch.
    json!({"custom_id": item.custom_id, "method": "POST", "url": endpoint(api), "body": item.body})
        .to_string()
        .into_bytes()
}

pub(super) fn upload(api: Api, items: &[BatchItem]) -> Request {
    let mut file = Vec::new();
    for batch_item in items {
        file.extend(item(api, batch_item));
        file.push(b'\n');
    }
    let body = Body::Multipart {
        fields: vec![("purpose".to_owned(), "batch".to_owned())],
        file_field: "file".to_owned(),
        file_name: "posekit.jsonl".to_owned(),
        file,
    };
    Request { method: Method::Post, path: "/files".to_owned(), body, timeout_s: LONG_TIMEOUT_S }
}

pub(super) fn create(api: Api, file_id: &str) -> Request {
    let body = json!({"input_file_id": file_id, "endpoint": endpoint(api), "completion_window": "24h"});
    Request::post_json("/batches", &body, SHORT_TIMEOUT_S)
}

pub(super) fn state(body: &Value) -> Result<BatchState, WireError> {
    let phase = match required(body, "status")? {
        "completed" => Phase::Ended,
        "failed" => Phase::Failed(failure(body)),
        "expired" => Phase::Expired,
        "cancelled" => Phase::Canceled,
        _ => Phase::Running,
    };
    // Either file may be null: the output if nothing succeeded, the errors if nothing failed. An expired or canceled
    // batch still has the results that finished before.
    let results = if phase == Phase::Running {
        Vec::new()
    } else {
        ["output_file_id", "error_file_id"]
            .into_iter()
            .filter_map(|field| text(body, field))
            .map(|file_id| Request::get(format!("/files/{file_id}/content"), LONG_TIMEOUT_S))
            .collect()
    };
    Ok(BatchState {
        id: required(body, "id")?.to_owned(),
        phase,
        n_done: count_or_zero(body, "/request_counts/completed") + count_or_zero(body, "/request_counts/failed"),
        n_total: count_or_zero(body, "/request_counts/total"),
        results,
    })
}

/// The first error of a batch that failed as a whole, with the line of the input file.
fn failure(body: &Value) -> String {
    let Some(error) = body.pointer("/errors/data/0") else {
        return "no reason given".to_owned();
    };
    let message = retry::error_message_of(error);
    match error.get("line").and_then(Value::as_u64) {
        Some(line) => format!("line {line}: {message}"),
        None => message,
    }
}

pub(super) fn outcome(api: Api, line: &Value) -> Result<ItemOutcome, WireError> {
    if let Some(error) = line.get("error").filter(|error| !error.is_null()) {
        return Ok(match text(error, "code") {
            Some("batch_expired") => ItemOutcome::Expired,
            Some("batch_cancelled" | "batch_canceled") => ItemOutcome::Canceled,
            _ => ItemOutcome::Errored(retry::error_message_of(error)),
        });
    }
    let response = line.get("response").filter(|response| !response.is_null()).ok_or(WireError::Missing("response"))?;
    let answer = response.get("body").ok_or(WireError::Missing("body"))?;
    let status = response.get("status_code").and_then(Value::as_u64).ok_or(WireError::Missing("status_code"))?;
    Ok(if (200..300).contains(&status) {
        answered(api, answer)
    } else {
        ItemOutcome::Errored(format!("status {status}: {}", retry::error_message_of(answer)))
    })
}
