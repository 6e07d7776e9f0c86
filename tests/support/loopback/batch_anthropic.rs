//! Anthropic's Message Batches.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State as Extract};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::ask::{Api, Family, Invalid, Reader, content_hash, is_name};
use super::batches::{Batch, End, Item, cancel, json_lines, work};
use super::clock::rfc_3339;
use super::faults::Fault;
use super::http::{bytes_response, enter, error_response, json_response, not_found, parse, reject, trouble};
use super::pipe::{Line, Trouble};
use super::{Config, Shared};

const FAMILY: Family = Family::Anthropic;
const READER: Reader = Reader(FAMILY);
const MAX_REQUESTS: usize = 100_000;
const MAX_BYTES: usize = 256_000_000;

/// POST /v1/messages/batches
pub(crate) async fn create(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const CALL: &str = "POST /v1/messages/batches";
    let key = blake3::hash(&body).to_hex().to_string();
    let attempt = match enter(&shared, FAMILY, &headers, CALL, &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    if body.len() > MAX_BYTES {
        let error = Invalid { status: 413, ..Invalid::new("requests", "Request exceeds the maximum size") };
        return reject(&shared, FAMILY, CALL, &error);
    }
    let (value, items) = match parse(&body).and_then(|value| Ok((read_items(&value)?, value))) {
        Ok((items, value)) => (value, items),
        Err(error) => return reject(&shared, FAMILY, CALL, &error),
    };
    let object = {
        let mut state = shared.state();
        let id = format!("msgbatch_{:08}", state.next_number());
        let batch = work(&shared, &mut state, FAMILY, &id, Api::Messages, &items, &content_hash(&value));
        let object = object(&batch, &shared.config, "");
        state.batches.insert(id, batch);
        state.write_log("/v1/messages/batches", &value, &object);
        object
    };
    let response = json_response(&shared, FAMILY, 200, &object);
    if shared.config.faults.is_hit(Fault::BrokenCreate, shared.config.seed, &key, attempt) {
        line.plan(Trouble::CutAfter(10));
    }
    response
}

fn read_items(value: &Value) -> Result<Vec<Item>, Invalid> {
    let requests = READER.list(READER.object(value, "", &["requests"])?, "requests")?;
    if requests.len() > MAX_REQUESTS {
        return Err(Invalid::new("requests", format!("requests: at most {MAX_REQUESTS} requests")));
    }
    let mut ids = BTreeSet::new();
    let mut items = vec![];
    for (place, request) in requests.iter().enumerate() {
        let at = format!("requests.{place}");
        let request = READER.object(request, &at, &["custom_id", "params"])?;
        let custom_id = READER.text(request, "custom_id", &at)?;
        if !is_name(custom_id) {
            return Err(Invalid::new(
                &at,
                format!("{at}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"),
            ));
        }
        if !ids.insert(custom_id) {
            return Err(Invalid::new(&at, format!("{at}.custom_id: custom_id must be unique, `{custom_id}` is not")));
        }
        let body = request
            .get("params")
            .filter(|params| params.is_object())
            .ok_or_else(|| READER.missing(&format!("{at}.params")))?;
        items.push(Item { custom_id: custom_id.to_string(), body: body.clone() });
    }
    Ok(items)
}

/// The batch as the API shows it. `base` is the address up to the batch's id.
fn object(batch: &Batch, config: &Config, base: &str) -> Value {
    let has_ended = batch.has_ended(config);
    let (n_all, counts) = (batch.custom_ids.len(), batch.counts);
    let status = match (has_ended, &batch.end) {
        (true, _) => "ended",
        (false, End::Canceled) => "canceling",
        (false, _) => "in_progress",
    };
    // Counts other than `processing` stay 0 until the whole batch has ended.
    let counts = if has_ended {
        json!({"processing": 0, "succeeded": counts.succeeded, "errored": counts.errored, "canceled": counts.canceled, "expired": counts.expired})
    } else {
        json!({"processing": n_all, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0})
    };
    let created = rfc_3339(batch.created_s);
    json!({
        "id": batch.id, "type": "message_batch", "processing_status": status, "request_counts": counts, "created_at": created,
        "expires_at": rfc_3339(batch.created_s + 86_400), "ended_at": if has_ended { json!(created) } else { Value::Null },
        "archived_at": null, "cancel_initiated_at": if batch.end == End::Canceled { json!(created) } else { Value::Null },
        "results_url": if has_ended { json!(format!("{base}/{}/results", batch.id)) } else { Value::Null }
    })
}

/// The address that a request used, up to the batch's id.
fn base(headers: &HeaderMap, path: &str) -> String {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let end = path.find("/messages/batches").map_or(path.len(), |start| start + "/messages/batches".len());
    format!("http://{host}{}", path.get(..end).unwrap_or_default())
}

/// GET /v1/messages/batches
pub(crate) async fn list(Extract(shared): Extract<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(response) = enter(&shared, FAMILY, &headers, "GET /v1/messages/batches", "GET /v1/messages/batches") {
        return *response;
    }
    let base = base(&headers, uri.path());
    let data: Vec<Value> = {
        let state = shared.state();
        state
            .batches
            .values()
            .rev()
            .filter(|batch| batch.family == FAMILY)
            .map(|batch| object(batch, &shared.config, &base))
            .collect()
    };
    let id = |entry: Option<&Value>| entry.and_then(|batch| batch.get("id")).cloned().unwrap_or_default();
    let reply = json!({"first_id": id(data.first()), "last_id": id(data.last()), "has_more": false, "data": data});
    json_response(&shared, FAMILY, 200, &reply)
}

/// GET /v1/messages/batches/{id}
pub(crate) async fn get(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    uri: Uri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = format!("GET {id}");
    let attempt = match enter(&shared, FAMILY, &headers, "GET /v1/messages/batches/{id}", &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let found = shared.state().batches.get_mut(&id).filter(|batch| batch.family == FAMILY).map(|batch| {
        batch.n_polls += 1;
        object(batch, &shared.config, &base(&headers, uri.path()))
    });
    let Some(found) = found else { return error_response(&shared, FAMILY, &not_found("batch")) };
    let response = json_response(&shared, FAMILY, 200, &found);
    trouble(&shared, &line, &key, attempt, found.to_string().len());
    response
}

/// GET /v1/messages/batches/{id}/results
pub(crate) async fn results(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = format!("GET {id}/results");
    let attempt = match enter(&shared, FAMILY, &headers, "GET /v1/messages/batches/{id}/results", &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let found = shared
        .state()
        .batches
        .get(&id)
        .filter(|batch| batch.has_ended(&shared.config))
        .map(|batch| json_lines(&batch.lines));
    let Some(found) = found else { return error_response(&shared, FAMILY, &not_found("results of the batch")) };
    let n_bytes = found.len();
    let response = bytes_response(&shared, FAMILY, 200, "application/x-jsonl", found);
    trouble(&shared, &line, &key, attempt, n_bytes);
    response
}

/// POST /v1/messages/batches/{id}/cancel
pub(crate) async fn stop(
    Extract(shared): Extract<Arc<Shared>>,
    uri: Uri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = format!("POST {id}/cancel");
    if let Err(response) = enter(&shared, FAMILY, &headers, "POST /v1/messages/batches/{id}/cancel", &key) {
        return *response;
    }
    let found = {
        let mut state = shared.state();
        cancel(&shared, &mut state, &id);
        state.batches.get(&id).map(|batch| object(batch, &shared.config, &base(&headers, uri.path())))
    };
    match found {
        Some(found) => json_response(&shared, FAMILY, 200, &found),
        None => error_response(&shared, FAMILY, &not_found("batch")),
    }
}
