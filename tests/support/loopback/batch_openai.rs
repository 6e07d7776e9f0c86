//! `OpenAI`'s files and batches.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State as Extract};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::ask::{Api, Family, Invalid, Reader};
use super::batches::{Batch, Counts, End, Item, cancel, json_lines, work};
use super::clock::unix_s;
use super::faults::Fault;
use super::http::{bytes_response, enter, error_response, json_response, not_found, parse, reject, trouble};
use super::money::Usage;
use super::multipart;
use super::pipe::{Line, Trouble};
use super::state::{State, StoredFile};
use super::{Config, Shared};

const FAMILY: Family = Family::OpenAi;
const READER: Reader = Reader(FAMILY);
const MAX_REQUESTS: usize = 50_000;
const MAX_BYTES: usize = 200_000_000;

/// POST /v1/files
pub(crate) async fn upload(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const CALL: &str = "POST /v1/files";
    // The boundary may be random: the length stands for the content.
    let key = format!("{CALL} {}", body.len());
    let attempt = match enter(&shared, FAMILY, &headers, CALL, &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form =
        match multipart::read(content_type, &body).map_err(|error| Invalid::new("file", error)).and_then(check_form) {
            Ok(form) => form,
            Err(error) => return reject(&shared, FAMILY, CALL, &error),
        };
    let purpose = form.fields.get("purpose").map_or("", String::as_str);
    let object = store(&mut shared.state(), &form.file_name, purpose, form.file);
    let response = json_response(&shared, FAMILY, 200, &object);
    if shared.config.faults.is_hit(Fault::BrokenCreate, shared.config.seed, &key, attempt) {
        line.plan(Trouble::CutAfter(10));
    }
    response
}

fn check_form(form: multipart::Form) -> Result<multipart::Form, Invalid> {
    if form.file_field != "file" {
        return Err(READER.missing("file"));
    }
    if let Some(name) = form.fields.keys().find(|name| *name != "purpose" && !name.starts_with("expires_after")) {
        return Err(Invalid::new(name, format!("Unknown parameter: '{name}'.")).coded("unknown_parameter"));
    }
    match form.fields.get("purpose").map(String::as_str) {
        None => return Err(READER.missing("purpose")),
        Some("batch" | "fine-tune" | "user_data") => {}
        Some(other) => {
            return Err(Invalid::new(
                "purpose",
                format!("'{other}' is not one of ['batch', 'fine-tune', 'user_data']"),
            ));
        }
    }
    if std::path::Path::new(&form.file_name).extension().is_none_or(|end| end != "jsonl") {
        return Err(Invalid::new(
            "file",
            format!("Invalid file format for Batch API: '{}'. Must be .jsonl", form.file_name),
        ));
    }
    if form.file.len() > MAX_BYTES {
        return Err(Invalid { status: 413, ..Invalid::new("file", "The file is larger than 200 MB.") });
    }
    Ok(form)
}

fn store(state: &mut State, name: &str, purpose: &str, bytes: Vec<u8>) -> Value {
    let id = format!("file-{:08}", state.next_number());
    let object = json!({
        "id": id, "object": "file", "bytes": bytes.len(), "created_at": unix_s(), "expires_at": null, "filename": name,
        "purpose": purpose, "status": "processed", "status_details": null
    });
    state.files.insert(id, StoredFile { object: object.clone(), bytes });
    object
}

/// GET /v1/files/{id}
pub(crate) async fn file(
    Extract(shared): Extract<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = enter(&shared, FAMILY, &headers, "GET /v1/files/{id}", &format!("GET {id}")) {
        return *response;
    }
    let found = shared.state().files.get(&id).map(|file| file.object.clone());
    match found {
        Some(object) => json_response(&shared, FAMILY, 200, &object),
        None => error_response(&shared, FAMILY, &not_found("file")),
    }
}

/// GET /v1/files/{id}/content
pub(crate) async fn content(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = format!("GET {id}/content");
    let attempt = match enter(&shared, FAMILY, &headers, "GET /v1/files/{id}/content", &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let found = shared.state().files.get(&id).map(|file| file.bytes.clone());
    let Some(bytes) = found else { return error_response(&shared, FAMILY, &not_found("file")) };
    let n_bytes = bytes.len();
    let response = bytes_response(&shared, FAMILY, 200, "application/octet-stream", bytes);
    trouble(&shared, &line, &key, attempt, n_bytes);
    response
}

/// POST /v1/batches
pub(crate) async fn create(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const CALL: &str = "POST /v1/batches";
    let key = blake3::hash(&body).to_hex().to_string();
    let attempt = match enter(&shared, FAMILY, &headers, CALL, &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let value = match parse(&body).and_then(|value| check_create(&value).map(|()| value)) {
        Ok(value) => value,
        Err(error) => return reject(&shared, FAMILY, CALL, &error),
    };
    let made = {
        let mut state = shared.state();
        make(&shared, &mut state, &value)
    };
    let object = match made {
        Ok(object) => object,
        Err(error) => return reject(&shared, FAMILY, CALL, &error),
    };
    let response = json_response(&shared, FAMILY, 200, &object);
    if shared.config.faults.is_hit(Fault::BrokenCreate, shared.config.seed, &key, attempt) {
        line.plan(Trouble::CutAfter(10));
    }
    response
}

fn check_create(value: &Value) -> Result<(), Invalid> {
    let object = READER.object(
        value,
        "",
        &["completion_window", "endpoint", "input_file_id", "metadata", "output_expires_after"],
    )?;
    for key in ["completion_window", "endpoint", "input_file_id"] {
        READER.text(object, key, "")?;
    }
    Reader::choice(object, "completion_window", "", &["24h"])?;
    Reader::choice(object, "endpoint", "", &[Api::Responses.path(), Api::Chat.path()])
}

/// Makes a batch of a file that was uploaded.
fn make(shared: &Shared, state: &mut State, value: &Value) -> Result<Value, Invalid> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let unknown = || Invalid::new("input_file_id", "Invalid 'input_file_id': no such batch file.");
    let file =
        state.files.get(text("input_file_id")).filter(|file| file.object["purpose"] == "batch").ok_or_else(unknown)?;
    let bytes = file.bytes.clone();
    let api = if text("endpoint") == Api::Chat.path() { Api::Chat } else { Api::Responses };
    let id = format!("batch_{:08}", state.next_number());
    let (config, key) = (&shared.config, blake3::hash(&bytes).to_hex().to_string());
    let failed = |errors| Batch {
        id: id.clone(),
        family: FAMILY,
        custom_ids: vec![],
        created_s: unix_s(),
        n_polls: 0,
        end: End::Failed(errors),
        lines: vec![],
        error_lines: vec![],
        counts: Counts::default(),
        usage: Usage::default(),
        more: Value::Null,
    };
    let attempt = state.attempt(&format!("create {key}"));
    let mut batch = match read_lines(&bytes, api) {
        Err(errors) => failed(errors),
        Ok(_) if config.faults.is_hit(Fault::BatchFailed, config.seed, &key, attempt) => failed(vec![
            json!({"code": "token_limit_exceeded", "line": null, "param": null, "message": "Enqueued token limit reached."}),
        ]),
        Ok((items, lines)) => {
            for line in &lines {
                state.write_log("/v1/batches#line", line, &Value::Null);
            }
            work(shared, state, FAMILY, &id, api, &items, &key)
        }
    };
    let mut names = [Value::Null, Value::Null];
    for (name, lines) in names.iter_mut().zip([&batch.lines, &batch.error_lines]) {
        // A file without lines is not made.
        if !lines.is_empty() {
            *name = store(state, &format!("{id}.jsonl"), "batch_output", json_lines(lines))["id"].clone();
        }
    }
    let [output, errors] = names;
    batch.more = json!({
        "endpoint": text("endpoint"), "input_file_id": text("input_file_id"), "completion_window": "24h",
        "metadata": value.get("metadata"), "output": output, "errors": errors
    });
    let reply = object(&batch, config);
    state.batches.insert(id, batch);
    state.write_log("/v1/batches", value, &reply);
    Ok(reply)
}

/// Reads the lines of a batch file. One invalid line fails all.
fn read_lines(bytes: &[u8], api: Api) -> Result<(Vec<Item>, Vec<Value>), Vec<Value>> {
    let error = |code: &str, line: usize, message: &str| {
        vec![json!({"code": code, "line": line, "message": message, "param": null})]
    };
    let text = std::str::from_utf8(bytes).map_err(|_| error("invalid_json_line", 1, "The file is not UTF-8."))?;
    let (mut items, mut values, mut ids, mut models) = (vec![], vec![], BTreeSet::new(), BTreeSet::new());
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value: Value = serde_json::from_str(line)
            .map_err(|_| error("invalid_json_line", place + 1, "This line is not parseable as valid JSON."))?;
        let part = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        if let Err(invalid) = READER.object(&value, "", &["custom_id", "method", "url", "body"]) {
            return Err(error("invalid_request", place + 1, &invalid.message));
        }
        if part("custom_id").is_empty() || part("method") != "POST" {
            return Err(error("missing_required_parameter", place + 1, "custom_id and method POST are required."));
        }
        if part("url") != api.path() {
            return Err(error(
                "mismatched_url",
                place + 1,
                "The URL provided for this request does not match the batch endpoint.",
            ));
        }
        let body = value
            .get("body")
            .filter(|body| body.is_object())
            .ok_or_else(|| error("missing_required_parameter", place + 1, "body is required."))?;
        if !ids.insert(part("custom_id").to_string()) {
            return Err(error(
                "duplicate_custom_id",
                place + 1,
                "The custom_id for this request is a duplicate of another request.",
            ));
        }
        models.insert(body.get("model").and_then(Value::as_str).unwrap_or_default().to_string());
        if models.len() > 1 {
            return Err(error("mismatched_model", place + 1, "The provided data contains more than one model."));
        }
        items.push(Item { custom_id: part("custom_id").to_string(), body: body.clone() });
        values.push(value);
    }
    match items.len() {
        0 => Err(error("empty_file", 1, "The input file is empty.")),
        n if n > MAX_REQUESTS => Err(error("request_limit_exceeded", n, "The file has more than 50,000 requests.")),
        _ => Ok((items, values)),
    }
}

/// The batch as the API shows it.
fn object(batch: &Batch, config: &Config) -> Value {
    let has_ended = batch.has_ended(config);
    let status = match (&batch.end, has_ended) {
        (End::Canceled, false) => "cancelling",
        (End::Canceled, true) => "cancelled",
        (_, false) if batch.n_polls == 0 => "validating",
        (_, false) if batch.n_polls == config.batch_after_polls && batch.n_polls > 1 => "finalizing",
        (_, false) => "in_progress",
        (End::Done, true) => "completed",
        (End::Expired, true) => "expired",
        (End::Failed(_), true) => "failed",
    };
    let errors = match &batch.end {
        End::Failed(errors) if has_ended => json!({"object": "list", "data": errors}),
        _ => Value::Null,
    };
    let shown = |key: &str| if has_ended && batch.end != End::Canceled { batch.more[key].clone() } else { Value::Null };
    let time = |is_now: bool| if is_now { json!(batch.created_s) } else { Value::Null };
    let (counts, usage) = (
        if has_ended { batch.counts } else { Counts::default() },
        if has_ended { batch.usage } else { Usage::default() },
    );
    json!({
        "id": batch.id, "object": "batch", "endpoint": batch.more["endpoint"], "errors": errors,
        "input_file_id": batch.more["input_file_id"], "completion_window": batch.more["completion_window"], "status": status,
        "output_file_id": shown("output"), "error_file_id": shown("errors"), "created_at": batch.created_s,
        "in_progress_at": time(batch.n_polls > 0), "expires_at": batch.created_s + 86_400, "finalizing_at": time(has_ended),
        "completed_at": time(status == "completed"), "failed_at": time(status == "failed"), "expired_at": time(status == "expired"),
        "cancelling_at": time(batch.end == End::Canceled), "cancelled_at": time(status == "cancelled"),
        "request_counts": {"total": batch.custom_ids.len(), "completed": counts.succeeded, "failed": counts.errored + counts.expired},
        "metadata": batch.more["metadata"],
        "usage": {"input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached}, "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": usage.input + usage.output}
    })
}

/// GET /v1/batches
pub(crate) async fn list(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Err(response) = enter(&shared, FAMILY, &headers, "GET /v1/batches", "GET /v1/batches") {
        return *response;
    }
    let data: Vec<Value> = {
        let state = shared.state();
        state
            .batches
            .values()
            .rev()
            .filter(|batch| batch.family == FAMILY)
            .map(|batch| object(batch, &shared.config))
            .collect()
    };
    let id = |entry: Option<&Value>| entry.and_then(|batch| batch.get("id")).cloned().unwrap_or_default();
    let reply = json!({"object": "list", "first_id": id(data.first()), "last_id": id(data.last()), "has_more": false, "data": data});
    json_response(&shared, FAMILY, 200, &reply)
}

/// GET /v1/batches/{id}
pub(crate) async fn get(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = format!("GET {id}");
    let attempt = match enter(&shared, FAMILY, &headers, "GET /v1/batches/{id}", &key) {
        Ok(attempt) => attempt,
        Err(response) => return *response,
    };
    let found = shared.state().batches.get_mut(&id).filter(|batch| batch.family == FAMILY).map(|batch| {
        batch.n_polls += 1;
        object(batch, &shared.config)
    });
    let Some(found) = found else { return error_response(&shared, FAMILY, &not_found("batch")) };
    let response = json_response(&shared, FAMILY, 200, &found);
    trouble(&shared, &line, &key, attempt, found.to_string().len());
    response
}

/// POST /v1/batches/{id}/cancel
pub(crate) async fn stop(
    Extract(shared): Extract<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) =
        enter(&shared, FAMILY, &headers, "POST /v1/batches/{id}/cancel", &format!("POST {id}/cancel"))
    {
        return *response;
    }
    let found = {
        let mut state = shared.state();
        cancel(&shared, &mut state, &id);
        state.batches.get(&id).map(|batch| object(batch, &shared.config))
    };
    match found {
        Some(found) => json_response(&shared, FAMILY, 200, &found),
        None => error_response(&shared, FAMILY, &not_found("batch")),
    }
}
