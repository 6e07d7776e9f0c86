//! Runs queries on their own threads, a few at once. A slow query delays other queries only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answers::Answers;
use super::server::Shared;
use super::settings::{Example, ServeSettings};

/// The queue of queries.
pub(super) struct Queries {
    answers: Arc<dyn Answers>,
    places: Arc<Semaphore>,
    schema_places: Arc<Semaphore>,
    n_places: usize,
    max_rows: usize,
    time_limit: Duration,
    examples: Vec<Example>,
}

/// A query.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    sql: String,
    max_rows: Option<usize>,
}

/// A question in words.
#[derive(Debug, Deserialize)]
pub(super) struct Words {
    question: String,
}

/// The reason why a query has no answer.
enum Failure {
    /// All places were taken until the time limit.
    Busy,
    /// The query took too long.
    Slow,
    /// The message of the [`Answers`] implementation.
    Refused(String),
    /// The [`Answers`] implementation panicked.
    Broken,
}

/// Marks a query as abandoned when the client stops waiting.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Queries {
    /// Creates a queue of queries to `answers`.
    pub(super) fn new(answers: Arc<dyn Answers>, settings: &ServeSettings) -> Self {
        Self {
            answers,
            places: Arc::new(Semaphore::new(settings.max_queries)),
            schema_places: Arc::new(Semaphore::new(1)),
            n_places: settings.max_queries,
            max_rows: settings.max_rows,
            time_limit: settings.query_time_limit,
            examples: settings.examples.clone(),
        }
    }

    /// Runs work on its own thread. The work keeps its place until it ends, even if the client stops waiting.
    async fn run<T: Serialize>(
        &self,
        places: &Arc<Semaphore>,
        work: impl FnOnce(&dyn Answers, &AtomicBool) -> Result<T, String> + Send + 'static,
    ) -> Result<String, Failure> {
        let deadline = Instant::now() + self.time_limit;
        let place = match tokio::time::timeout_at(deadline, Arc::clone(places).acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Err(Failure::Broken),
            Err(_) => return Err(Failure::Busy),
        };
        let waiting = Waiting(Arc::new(AtomicBool::new(false)));
        let (answers, is_abandoned) = (Arc::clone(&self.answers), Arc::clone(&waiting.0));
        let thread = tokio::task::spawn_blocking(move || {
            let _place = place;
            let answer = work(answers.as_ref(), &is_abandoned).map_err(Failure::Refused)?;
            serde_json::to_string(&answer).map_err(|_| Failure::Broken)
        });
        match tokio::time::timeout_at(deadline, thread).await {
            Ok(outcome) => outcome.unwrap_or(Err(Failure::Broken)),
            Err(_) => Err(Failure::Slow),
        }
    }

    fn response(&self, outcome: Result<String, Failure>) -> Response {
        let seconds = self.time_limit.as_secs();
        match outcome {
            Ok(json) => json_response(StatusCode::OK, json),
            Err(Failure::Refused(message)) => error(StatusCode::BAD_REQUEST, &message),
            Err(Failure::Busy) => {
                let n = self.n_places;
                error(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &format!("{n} other queries are already running. Try again when one has ended."),
                )
            }
            Err(Failure::Slow) => {
                error(StatusCode::GATEWAY_TIMEOUT, &format!("The query took longer than {seconds} s and was stopped."))
            }
            Err(Failure::Broken) => {
                error(StatusCode::INTERNAL_SERVER_ERROR, "The query failed unexpectedly; the server continues.")
            }
        }
    }
}

/// Handles `POST /api/query`: `{"sql": ..., "max_rows": ...}` gives an [`Answer`](super::Answer) or `{"error": ...}`.
pub(super) async fn query(State(shared): State<Shared>, question: Result<Json<Question>, JsonRejection>) -> Response {
    let Json(Question { sql, max_rows }) = match question {
        Ok(question) => question,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    let queries = &shared.queries;
    let max_rows = max_rows.map_or(queries.max_rows, |max_rows| max_rows.clamp(1, queries.max_rows));
    let work =
        move |answers: &dyn Answers, is_abandoned: &AtomicBool| answers.answer_until(&sql, max_rows, is_abandoned);
    queries.response(queries.run(&queries.places, work).await)
}

/// Handles `POST /api/ask`: `{"question": ...}` gives an answer or `{"error": ...}`.
pub(super) async fn ask(State(shared): State<Shared>, words: Result<Json<Words>, JsonRejection>) -> Response {
    let Json(Words { question }) = match words {
        Ok(words) => words,
        Err(rejection) => return error(rejection.status(), &rejection.body_text()),
    };
    let queries = &shared.queries;
    let work = move |answers: &dyn Answers, _: &AtomicBool| answers.ask(&question);
    queries.response(queries.run(&queries.places, work).await)
}

/// Handles `GET /api/schema`: `{"relations": [...], "examples": [...]}`.
pub(super) async fn schema(State(shared): State<Shared>) -> Response {
    let queries = &shared.queries;
    let examples = queries.examples.clone();
    let takes_questions = shared.takes_questions();
    let work = move |answers: &dyn Answers, _: &AtomicBool| {
        let schema =
            |relations| json!({ "relations": relations, "examples": examples, "takes_questions": takes_questions });
        answers.schema().map(schema)
    };
    queries.response(queries.run(&queries.schema_places, work).await)
}

/// Returns a failure in the page's format.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    json_response(status, json!({ "error": message }).to_string())
}

fn json_response(status: StatusCode, json: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, json).into_response()
}
