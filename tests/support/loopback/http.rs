//! Answers over HTTP: errors in each provider's shape, keys, faults on the way, and requests for text.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer;
use super::ask::{Api, Ask, Family, Invalid};
use super::clock::{http_date, unix_s};
use super::faults::{DELIVERY, ERRORS, Fault};
use super::pipe::{Line, Trouble};
use super::state::{Record, Rejection};
use super::{Shared, anthropic, openai};

/// A JSON body with the header that names the request.
pub(crate) fn json_response(shared: &Shared, family: Family, status: u16, body: &Value) -> Response {
    bytes_response(shared, family, status, "application/json", body.to_string().into_bytes())
}

/// A body with the header that names the request.
pub(crate) fn bytes_response(
    shared: &Shared,
    family: Family,
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
) -> Response {
    let id = request_id(shared);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, "content-type", kind);
    set(&mut response, id_header(family), &id);
    response
}

fn id_header(family: Family) -> &'static str {
    if family == Family::Anthropic { "request-id" } else { "x-request-id" }
}

fn request_id(shared: &Shared) -> String {
    format!("req_{:08}", shared.state().next_number())
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// An error in the provider's shape.
pub(crate) fn error_body(family: Family, error: &Invalid, request_id: &str) -> Value {
    match family {
        Family::Anthropic => {
            let kind = match error.status {
                401 => "authentication_error",
                403 => "permission_error",
                404 => "not_found_error",
                413 => "request_too_large",
                429 => "rate_limit_error",
                529 => "overloaded_error",
                500.. => "api_error",
                _ => "invalid_request_error",
            };
            json!({"type": "error", "error": {"type": kind, "message": error.message}, "request_id": request_id})
        }
        Family::OpenAi => {
            let kind = match error.status {
                429 => "requests",
                500.. => "server_error",
                _ => "invalid_request_error",
            };
            json!({"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}})
        }
    }
}

/// An error over HTTP.
pub(crate) fn error_response(shared: &Shared, family: Family, error: &Invalid) -> Response {
    let id = request_id(shared);
    let mut response = json_response(shared, family, error.status, &error_body(family, error, &id));
    set(&mut response, id_header(family), &id);
    response
}

/// Refuses an invalid request, and remembers it.
pub(crate) fn reject(shared: &Shared, family: Family, path: &str, error: &Invalid) -> Response {
    shared.state().rejections.push(Rejection {
        path: path.to_string(),
        status: error.status,
        message: error.message.clone(),
    });
    error_response(shared, family, error)
}

fn plain(status: u16, message: &str, code: Option<&'static str>) -> Invalid {
    Invalid { status, message: message.to_string(), param: None, code }
}

/// Something that is not there.
pub(crate) fn not_found(what: &str) -> Invalid {
    plain(404, &format!("{what} not found"), None)
}

/// Checks the key and, for Anthropic, the version of the API.
pub(crate) fn check_key(shared: &Shared, family: Family, headers: &HeaderMap) -> Result<(), Invalid> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = if family == Family::Anthropic { header("x-api-key").or(bearer) } else { bearer };
    let is_right =
        key.is_some_and(|key| !key.is_empty() && shared.config.key.as_deref().is_none_or(|wanted| wanted == key));
    if !is_right {
        let message = if family == Family::Anthropic { "invalid x-api-key" } else { "Incorrect API key provided." };
        return Err(plain(401, message, Some("invalid_api_key")));
    }
    // The documentation has the first version, the newest SDK the second.
    if family == Family::Anthropic
        && !["2023-06-01", "2026-10-21"].contains(&header("anthropic-version").unwrap_or_default())
    {
        return Err(Invalid::new("anthropic-version", "anthropic-version: a valid version is required"));
    }
    Ok(())
}

/// Counts a call, checks its key and draws its errors. `content` decides the luck.
///
/// # Errors
/// The answer, if the call ends here.
pub(crate) fn enter(
    shared: &Shared,
    family: Family,
    headers: &HeaderMap,
    call: &str,
    content: &str,
) -> Result<u64, Box<Response>> {
    *shared.state().calls.entry(call.to_string()).or_insert(0) += 1;
    check_key(shared, family, headers).map_err(|error| Box::new(reject(shared, family, call, &error)))?;
    let attempt = shared.state().attempt(content);
    match shared.config.faults.pick(ERRORS, shared.config.seed, content, attempt) {
        Some(fault) => Err(Box::new(fail(shared, family, content, fault))),
        None => Ok(attempt),
    }
}

/// An error on purpose.
fn fail(shared: &Shared, family: Family, content: &str, fault: Fault) -> Response {
    let (wait_s, wait_ms) = (shared.config.retry_after_s, shared.config.retry_after_ms);
    let (error, header) = match fault {
        Fault::ServerErrorFinal => {
            (plain(500, "Internal server error", None), Some(("x-should-retry", "false".to_string())))
        }
        Fault::Overloaded if family == Family::Anthropic => (plain(529, "Overloaded", None), None),
        Fault::Overloaded => (plain(503, "The server is overloaded.", None), None),
        Fault::RateLimited => (too_many(), Some(("retry-after", wait_s.to_string()))),
        Fault::RateLimitedMs => (too_many(), Some(("retry-after-ms", wait_ms.to_string()))),
        Fault::RateLimitedDate => (too_many(), Some(("retry-after", http_date(unix_s() + wait_s)))),
        _ => (plain(500, "Internal server error", None), None),
    };
    match fault {
        Fault::RateLimited => shared.state().hold_off(content, Duration::from_secs(wait_s)),
        Fault::RateLimitedMs => shared.state().hold_off(content, Duration::from_millis(wait_ms)),
        _ => {}
    }
    let mut response = error_response(shared, family, &error);
    if let Some((name, value)) = header {
        set(&mut response, name, &value);
    }
    response
}

fn too_many() -> Invalid {
    plain(429, "This request would exceed your rate limit.", Some("rate_limit_exceeded"))
}

/// Reads a body as JSON.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Invalid> {
    serde_json::from_slice(body)
        .map_err(|error| plain(400, &format!("The request body is not valid JSON: {error}"), None))
}

/// Reads a request for text.
pub(crate) fn read(api: Api, body: &Value) -> Result<Ask, Invalid> {
    match api {
        Api::Messages => anthropic::read(body),
        Api::Responses => openai::read_response(body),
        Api::Chat => openai::read_chat(body),
    }
}

/// Refuses a model that is not in the list of prices, if the server is that strict.
pub(crate) fn check_model(shared: &Shared, model: &str) -> Result<(), Invalid> {
    if shared.config.accepts_any_model || shared.config.prices.contains_key(model) {
        return Ok(());
    }
    Err(Invalid {
        code: Some("model_not_found"),
        param: Some("model".to_string()),
        ..not_found(&format!("model: {model}"))
    })
}

/// Plans a slow or broken body for a request, and gives the fault.
pub(crate) fn trouble(shared: &Shared, line: &Line, content: &str, attempt: u64, n_bytes: usize) -> Option<Fault> {
    let fault = shared.config.faults.pick(DELIVERY, shared.config.seed, content, attempt)?;
    line.plan(match fault {
        Fault::Broken => Trouble::CutAfter(n_bytes / 2),
        _ => Trouble::PauseAfter(n_bytes / 2, Duration::from_millis(shared.config.slow_ms)),
    });
    Some(fault)
}

/// Answers a request for text.
pub(crate) async fn live(shared: &Shared, line: &Line, api: Api, headers: &HeaderMap, body: Bytes) -> Response {
    let _guard = InFlight::enter(shared);
    let family = api.family();
    // A key that is missing is told before anything about the body, as the providers do.
    if let Err(error) = check_key(shared, family, headers) {
        return reject(shared, family, api.path(), &error);
    }
    let (value, ask) = match parse(&body).and_then(|value| Ok((read(api, &value)?, value))) {
        Ok((ask, value)) => (value, ask),
        Err(error) => return reject(shared, family, api.path(), &error),
    };
    if let Err(error) = check_model(shared, &ask.model) {
        return reject(shared, family, api.path(), &error);
    }
    let attempt = match enter(shared, family, headers, &format!("POST {}", api.path()), &ask.content) {
        Ok(attempt) => attempt,
        Err(response) => {
            note_failure(shared, &ask, response.status().as_u16());
            return *response;
        }
    };
    let reply = {
        let mut state = shared.state();
        let reply = answer::give(&shared.config, &mut state, &ask, attempt, None);
        state.write_log(api.path(), &value, &reply);
        reply
    };
    let response = json_response(shared, family, 200, &reply);
    if let Some(fault) = trouble(shared, line, &ask.content, attempt, reply.to_string().len()) {
        let mut state = shared.state();
        if let Some(record) = state.records.iter_mut().rev().find(|record| record.content == ask.content) {
            record.faults.push(fault.name());
        }
    }
    if shared.config.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(shared.config.latency_ms)).await;
    }
    response
}

/// Records a valid request that got an error on purpose. It costs nothing.
fn note_failure(shared: &Shared, ask: &Ask, status: u16) {
    let mut state = shared.state();
    let (number, at_ms) = (state.next_number(), state.now_ms());
    let attempt = state.n_attempts(&ask.content);
    state.records.push(Record {
        number,
        content: ask.content.clone(),
        attempt,
        path: ask.api.path(),
        batch_id: None,
        custom_id: None,
        model: ask.model.clone(),
        status,
        faults: vec![],
        max_tokens: ask.max_tokens,
        usage: super::money::Usage::default(),
        cost_nano_usd: 0,
        at_ms,
        user: ask.user.clone(),
        reply: String::new(),
        change: None,
    });
}

/// Counts requests being answered.
struct InFlight<'a>(&'a Shared);

impl<'a> InFlight<'a> {
    fn enter(shared: &'a Shared) -> Self {
        let mut state = shared.state();
        state.in_flight += 1;
        state.max_in_flight = state.max_in_flight.max(state.in_flight);
        Self(shared)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}
