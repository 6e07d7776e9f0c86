//! Sends one question: reserves money, records the call in the ledger, sends, retries, stores, settles.

use serde_json::Value;

use super::budget::Reservation;
use super::clock::wait_until;
use super::course::{Question, Step};
use super::engine::{Miss, Run};
use super::job::JobError;
use super::journals::settlement;
use super::ledger::{Intent, Outcome, Settlement};
use super::throttle::Permit;
use crate::llm::wire::http::{Body, Method, Request, Response, SendError};
use crate::llm::wire::retry::{Next, backoff_s, classify, error_message};
use crate::llm::wire::{self, Api, Reply, Said, Usage};

/// Approximate number of bytes per token in a request; used only for the limit on tokens per minute.
const BYTES_PER_TOKEN: u64 = 4;

/// Statuses that mean a wrong key or account. A 429 that retries do not resolve means that the account is empty.
const WRONG_KEY: [u16; 4] = [401, 402, 403, 429];
/// Statuses that mean that every request of this kind is wrong.
const WRONG_REQUEST: [u16; 3] = [400, 404, 422];

/// Sends a question until there is a reply. Each try is a call in the ledger.
pub(super) fn send(run: &Run, step: &Step, question: &Question) -> Result<Reply, Miss> {
    let job = run.engine.job;
    let body = Body::Json(question.bytes.clone());
    let path = wire::path(job.api).to_owned();
    let request = Request { method: Method::Post, path, body, timeout_s: job.settings.timeout_s };
    let worst = run.worst(question.bytes.len(), step.ask.max_tokens, false);
    let tokens = question.bytes.len() as u64 / BYTES_PER_TOKEN + u64::from(step.ask.max_tokens);
    let mut attempt = 0;
    loop {
        let permit = run.throttle.enter(tokens, &|| run.is_stopped()).ok_or(Miss::Stopped)?;
        let Some(reservation) = run.budget.reserve_or_wait(worst, &|| run.is_stopped()) else {
            return Err(if run.is_stopped() { Miss::Stopped } else { Miss::Unaffordable });
        };
        let try_ = Try {
            run,
            is_repeat: step.is_repeat(),
            question,
            permit,
            reservation: Some(reservation),
            worst,
            call_id: String::new(),
        };
        match try_.make(&request)? {
            Tried::Reply(reply) => return Ok(reply),
            Tried::Again { after_s, message, call_id } => {
                attempt += 1;
                if attempt >= job.settings.max_tries.max(1) {
                    return Err(run.failed(&message));
                }
                wait(run, attempt - 1, after_s, &message, &call_id)?;
            }
        }
    }
}

/// Waits before the next try. If the provider requests a pause, nothing else is sent meanwhile.
pub(super) fn wait(run: &Run, attempt: u32, after_s: Option<f64>, message: &str, seed: &str) -> Result<(), Miss> {
    let seconds = after_s.unwrap_or_else(|| backoff_s(attempt, jitter(seed, attempt)));
    if after_s.is_some() {
        run.throttle.pause(seconds);
        run.note(format!("the provider requests a pause of {seconds:.0} s: {message}"));
    }
    let until_s = run.engine.clock.now_s() + seconds;
    if wait_until(run.engine.clock, until_s, &|| run.is_stopped()) { Ok(()) } else { Err(Miss::Stopped) }
}

/// A number between 0 and 1 that differs between calls, so that calls that failed together are not retried together.
fn jitter(seed: &str, attempt: u32) -> f64 {
    let hash = blake3::hash(format!("{seed}/{attempt}").as_bytes());
    f64::from(hash.as_bytes()[0]) / 255.0
}

/// The result of a try.
enum Tried {
    Reply(Reply),
    Again { after_s: Option<f64>, message: String, call_id: String },
}

/// One try of a question.
struct Try<'r, 'a> {
    run: &'r Run<'a>,
    is_repeat: bool,
    question: &'r Question,
    permit: Permit<'r>,
    reservation: Option<Reservation<'r>>,
    worst: u64,
    call_id: String,
}

impl Try<'_, '_> {
    fn make(mut self, request: &Request) -> Result<Tried, Miss> {
        let (engine, run) = (self.run.engine, self.run);
        let intent = Intent {
            job_id: engine.job.id.clone(),
            content_hash: self.question.hash.clone(),
            api: engine.job.api,
            model: engine.job.model.clone(),
            plan_id: None,
            worst_nano_usd: self.worst,
        };
        let ids = engine.journals.ledger.intend(&[intent], engine.clock.now_s())?;
        self.call_id = ids.into_iter().next().unwrap_or_default();
        run.count(|summary| summary.progress.n_requests += 1);
        let result = engine.http.send(request);
        match classify(&result, engine.clock.now_s()) {
            Next::Done => self.keep(&result),
            Next::Retry { after_s, is_billed_maybe } => {
                let (status, message) = told(&result);
                self.permit.correct(0);
                if is_billed_maybe {
                    let message = Some(message.clone());
                    let outcome = Outcome::Lost;
                    self.settle(Settlement {
                        outcome,
                        cost_nano_usd: self.worst,
                        usage: None,
                        http_status: status,
                        message,
                    })?;
                } else {
                    self.settle(Settlement::free(not_sent(&result), status, message.clone()))?;
                }
                Ok(Tried::Again { after_s, message, call_id: self.call_id })
            }
            Next::Fail => {
                let (status, message) = told(&result);
                self.permit.correct(0);
                self.settle(Settlement::free(not_sent(&result), status, message.clone()))?;
                Err(fails(run, status, message))
            }
        }
    }

    /// Stores a reply: first on the disk, then settled.
    fn keep(mut self, result: &Result<Response, SendError>) -> Result<Tried, Miss> {
        let (engine, run) = (self.run.engine, self.run);
        let (status, reply) = read(engine.job.api, result);
        let nothing = if let Said::Nothing(why) = &reply.said { Some(format!("no usable reply: {why}")) } else { None };
        let paid = run.paid(&self.question.hash, &self.call_id, reply, self.worst, false);
        engine.journals.replies.put(&paid, engine.clock.now_s())?;
        self.permit.correct(paid.reply.usage.input_tokens + paid.reply.usage.output_tokens);
        self.settle(settlement(&paid, status))?;
        run.count_usage(&paid.reply);
        match nothing {
            None => run.succeeded(),
            Some(why) if self.is_repeat => {
                if let Miss::Fatal(error) = run.failed(&why) {
                    return Err(error.into());
                }
            }
            Some(_) => {}
        }
        Ok(Tried::Reply(paid.reply))
    }

    fn settle(&mut self, end: Settlement) -> Result<(), Miss> {
        let engine = self.run.engine;
        let cost = end.cost_nano_usd;
        engine.journals.ledger.settle(&[(self.call_id.clone(), end)], engine.clock.now_s())?;
        if let Some(reservation) = self.reservation.take() {
            reservation.settle(cost);
        }
        Ok(())
    }
}

/// Reads a reply. An unreadable reply has no content.
fn read(api: Api, result: &Result<Response, SendError>) -> (Option<u16>, Reply) {
    let nothing = |why: String| Reply {
        said: Said::Nothing(why),
        usage: Usage::default(),
        model: String::new(),
        id: String::new(),
    };
    let Ok(response) = result else { return (None, nothing("no response".to_owned())) };
    let reply = match serde_json::from_slice::<Value>(&response.body) {
        Ok(body) => wire::parse(api, &body).unwrap_or_else(|error| nothing(error.to_string())),
        Err(error) => nothing(format!("not JSON: {error}")),
    };
    (Some(response.status), reply)
}

/// Status and message of a failure.
pub(super) fn told(result: &Result<Response, SendError>) -> (Option<u16>, String) {
    match result {
        Ok(response) => (Some(response.status), format!("HTTP {}: {}", response.status, error_message(&response.body))),
        Err(error) => (None, error.message.clone()),
    }
}

fn not_sent(result: &Result<Response, SendError>) -> Outcome {
    if result.is_ok() { Outcome::HttpError } else { Outcome::Unsent }
}

/// The consequence for the job of a failure that a retry does not resolve.
pub(super) fn fails(run: &Run, status: Option<u16>, message: String) -> Miss {
    let Some(status) = status else { return run.failed(&message) };
    let is_first_wrong = WRONG_REQUEST.contains(&status) && !run.has_success();
    if WRONG_KEY.contains(&status) || is_first_wrong {
        return JobError::Refused { status, message }.into();
    }
    run.failed(&message)
}
