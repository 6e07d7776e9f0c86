//! A server on this machine that speaks the APIs of Anthropic and `OpenAI` as documented, with a model that words the facts of a prompt,
//! faults on purpose, and its own count of the money. For tests: as a module of the test program, or as the example `llm_loopback`.
//!
//! Paths: `/v1/messages`, `/v1/messages/count_tokens`, `/v1/messages/batches...`, `/v1/responses`, `/v1/chat/completions`, `/v1/files...`,
//! `/v1/batches...`, `/v1/models`; all of them behind `/gateway`, too. `/_loopback/state` gives the state in JSON
//! (`/_loopback/state/records` with each request and reply).

#![allow(dead_code, reason = "the tests and the example use a part each")]

pub(crate) mod answer;
pub(crate) mod anthropic;
pub(crate) mod ask;
mod asking;
mod batch_anthropic;
mod batch_openai;
pub(crate) mod batches;
mod clock;
pub(crate) mod faults;
mod http;
pub(crate) mod model;
pub(crate) mod money;
mod multipart;
mod numerals;
mod openai;
mod pipe;
mod schema;
pub(crate) mod state;
pub(crate) mod story;
mod words;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State as Extract};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use ask::{Api, Family};
use faults::Faults;
use money::{Price, listed_prices, tokens};
use pipe::{Door, Line};
use state::State;

/// How the server behaves.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Port; 0 takes a free one.
    pub(crate) port: u16,
    /// What goes wrong, and how often.
    pub(crate) faults: Faults,
    /// Seed of the faults.
    pub(crate) seed: u64,
    /// Prices by model.
    pub(crate) prices: BTreeMap<String, Price>,
    /// Whether a model without a price is served, for nothing.
    pub(crate) accepts_any_model: bool,
    /// The key that clients must have; None takes any.
    pub(crate) key: Option<String>,
    /// File for accepted requests and their replies, one JSON object a line.
    pub(crate) log: Option<PathBuf>,
    /// Time before each answer, milliseconds.
    pub(crate) latency_ms: u64,
    /// Length of the pause of a slow body, milliseconds.
    pub(crate) slow_ms: u64,
    /// `retry-after`, seconds.
    pub(crate) retry_after_s: u64,
    /// `retry-after-ms`.
    pub(crate) retry_after_ms: u64,
    /// How often a batch's state is asked for before it has ended.
    pub(crate) batch_after_polls: u64,
    /// Shorter prefixes are not cached, tokens.
    pub(crate) min_cacheable_tokens: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            faults: Faults::default(),
            seed: 0,
            prices: listed_prices(),
            accepts_any_model: true,
            key: None,
            log: None,
            latency_ms: 0,
            slow_ms: 1_000,
            retry_after_s: 1,
            retry_after_ms: 50,
            batch_after_polls: 1,
            min_cacheable_tokens: 0,
        }
    }
}

impl Config {
    /// Price of a model.
    pub(crate) fn price(&self, model: &str) -> Price {
        self.prices.get(model).copied().unwrap_or(Price::new(0, 0))
    }
}

/// What all handlers share.
pub(crate) struct Shared {
    /// How the server behaves.
    pub(crate) config: Config,
    state: Mutex<State>,
}

impl Shared {
    /// The state, locked. A handler that ended badly does not close it to the others.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server. It stops when this is dropped.
pub(crate) struct Loopback {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Starts a server on this machine.
    ///
    /// # Errors
    /// The port is taken, the log cannot be written, or no thread can be started.
    pub(crate) fn start(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let log =
            config.log.as_ref().map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        let mut state = State::default();
        state.log = log;
        let shared = Arc::new(Shared { config, state: Mutex::new(state) });
        let (stop, stopped) = oneshot::channel();
        let app = router(Arc::clone(&shared));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("llm loopback".to_string()).spawn(move || {
            let task = async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    // It ends with the runtime only.
                    let _ = axum::serve(Door(listener), app.into_make_service_with_connect_info::<Line>()).await;
                }
            };
            runtime.spawn(task);
            // An error means that the other end is gone: time to stop as well.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Address without a path, such as `http://127.0.0.1:40000`: the base for Anthropic.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base for `OpenAI`.
    pub(crate) fn openai_base(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What the server remembers, locked: the server waits until the guard is dropped.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Waits until the server ends, which it does only if its thread fails.
    pub(crate) fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // There is nobody to tell.
            let _ = thread.join();
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It has stopped already if nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route("/v1/messages/batches", post(batch_anthropic::create).get(batch_anthropic::list))
        .route("/v1/messages/batches/{id}", get(batch_anthropic::get))
        .route("/v1/messages/batches/{id}/results", get(batch_anthropic::results))
        .route("/v1/messages/batches/{id}/cancel", post(batch_anthropic::stop))
        .route("/v1/responses", post(responses))
        .route("/v1/chat/completions", post(completions))
        .route("/v1/files", post(batch_openai::upload))
        .route("/v1/files/{id}", get(batch_openai::file))
        .route("/v1/files/{id}/content", get(batch_openai::content))
        .route("/v1/batches", post(batch_openai::create).get(batch_openai::list))
        .route("/v1/batches/{id}", get(batch_openai::get))
        .route("/v1/batches/{id}/cancel", post(batch_openai::stop))
        .route("/v1/models", get(models));
    Router::new()
        .merge(api.clone())
        .nest("/gateway", api)
        .route("/_loopback/state", get(async |Extract(shared): Extract<Arc<Shared>>| state_json(&shared, false)))
        .route("/_loopback/state/records", get(async |Extract(shared): Extract<Arc<Shared>>| state_json(&shared, true)))
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(DefaultBodyLimit::max(300_000_000))
        .with_state(shared)
}

fn state_json(shared: &Shared, has_records: bool) -> Response {
    let state = shared.state().to_json(has_records);
    http::json_response(shared, Family::OpenAi, 200, &state)
}

/// Whose API a call means that both have.
fn family(headers: &HeaderMap) -> Family {
    if headers.contains_key("anthropic-version") || headers.contains_key("x-api-key") {
        Family::Anthropic
    } else {
        Family::OpenAi
    }
}

async fn messages(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    http::live(&shared, &line, Api::Messages, &headers, body).await
}

async fn responses(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    http::live(&shared, &line, Api::Responses, &headers, body).await
}

async fn completions(
    Extract(shared): Extract<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    http::live(&shared, &line, Api::Chat, &headers, body).await
}

/// Counts tokens, for nothing.
async fn count_tokens(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    const PATH: &str = "/v1/messages/count_tokens";
    if let Err(response) =
        http::enter(&shared, Family::Anthropic, &headers, &format!("POST {PATH}"), &blake3::hash(&body).to_hex())
    {
        return *response;
    }
    match http::parse(&body).and_then(|value| Ok((anthropic::read_count(&value)?, value))) {
        Ok((ask, value)) => {
            let reply = json!({"input_tokens": tokens(ask.n_input_bytes).max(1)});
            shared.state().write_log(PATH, &value, &reply);
            http::json_response(&shared, Family::Anthropic, 200, &reply)
        }
        Err(error) => http::reject(&shared, Family::Anthropic, PATH, &error),
    }
}

async fn models(Extract(shared): Extract<Arc<Shared>>, headers: HeaderMap) -> Response {
    let family = family(&headers);
    if let Err(response) = http::enter(&shared, family, &headers, "GET /v1/models", "GET /v1/models") {
        return *response;
    }
    let names = shared.config.prices.keys().filter(|name| name.starts_with("claude") == (family == Family::Anthropic));
    let reply = match family {
        Family::Anthropic => {
            let data: Vec<Value> = names
                .map(|name| json!({"type": "model", "id": name, "display_name": name, "created_at": "2026-10-07T00:00:00Z", "lifecycle": "active"}))
                .collect();
            json!({"first_id": data.first().map(|model| &model["id"]), "last_id": data.last().map(|model| &model["id"]), "has_more": false, "data": data})
        }
        Family::OpenAi => {
            let data: Vec<Value> = names
                .map(|name| json!({"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "openai"}))
                .collect();
            json!({"object": "list", "data": data})
        }
    };
    http::json_response(&shared, family, 200, &reply)
}

/// A path or method that neither provider has.
async fn nothing(Extract(shared): Extract<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    http::reject(&shared, family(&headers), uri.path(), &http::not_found("path"))
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
