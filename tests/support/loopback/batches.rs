//! Batches of both providers: the work itself, and what tests may want to know of it.

use serde_json::{Value, json};

use super::answer::{Place, give};
use super::ask::{Api, Family, Invalid};
use super::faults::{Dice, Fault, ITEM, hash};
use super::http::{check_model, error_body, read};
use super::money::Usage;
use super::state::{Record, State};
use super::{Config, Shared};

/// An item as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its id.
    pub(crate) custom_id: String,
    /// Its body.
    pub(crate) body: Value,
}

/// How a batch ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// All was done.
    Done,
    /// The time was over. Some of it was done.
    Expired,
    /// Nothing was done, for these reasons.
    Failed(Vec<Value>),
    /// It was canceled.
    Canceled,
}

/// A batch. Its items are answered, and charged, when it is created; they show when it has ended.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Its id.
    pub(crate) id: String,
    /// Whose it is.
    pub(crate) family: Family,
    /// Ids of its items.
    pub(crate) custom_ids: Vec<String>,
    /// When it was created, seconds since 1970.
    pub(crate) created_s: u64,
    /// How often its state was asked for.
    pub(crate) n_polls: u64,
    /// How it ends.
    pub(crate) end: End,
    /// Lines of items that succeeded; with Anthropic, of all.
    pub(crate) lines: Vec<Value>,
    /// Lines of items that did not (`OpenAI`).
    pub(crate) error_lines: Vec<Value>,
    /// Counts of items.
    pub(crate) counts: Counts,
    /// Tokens of all.
    pub(crate) usage: Usage,
    /// What else its object shows.
    pub(crate) more: Value,
}

/// Counts of items by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Answered.
    pub(crate) succeeded: u64,
    /// Failed.
    pub(crate) errored: u64,
    /// Not done in time.
    pub(crate) expired: u64,
    /// Canceled.
    pub(crate) canceled: u64,
}

impl Batch {
    /// Whether it has ended after so many polls.
    pub(crate) fn has_ended(&self, config: &Config) -> bool {
        self.n_polls > config.batch_after_polls
            || matches!(self.end, End::Failed(_) | End::Canceled) && self.n_polls > 0
    }
}

/// What became of an item.
enum Outcome {
    Reply(Value),
    Error(Invalid),
    Expired,
}

/// Answers all items of a batch.
pub(crate) fn work(
    shared: &Shared,
    state: &mut State,
    family: Family,
    id: &str,
    api: Api,
    items: &[Item],
    key: &str,
) -> Batch {
    let config = &shared.config;
    let attempt = state.attempt(&format!("batch {key}"));
    let is_hit = |fault| config.faults.is_hit(fault, config.seed, key, attempt);
    let end = if is_hit(Fault::BatchExpired) { End::Expired } else { End::Done };
    let n_in_time = if end == End::Expired { items.len() / 2 } else { items.len() };
    let n_records = state.records.len();
    let (mut lines, mut error_lines, mut counts) = (vec![], vec![], Counts::default());
    for (place, item) in items.iter().enumerate() {
        let outcome = answer_item(
            shared,
            state,
            Place { batch_id: id, custom_id: &item.custom_id },
            api,
            &item.body,
            place < n_in_time,
        );
        let count = match &outcome {
            Outcome::Reply(_) => &mut counts.succeeded,
            Outcome::Error(_) => &mut counts.errored,
            Outcome::Expired => &mut counts.expired,
        };
        *count += 1;
        let is_good = family == Family::Anthropic || matches!(outcome, Outcome::Reply(_));
        let line = line(family, state.next_number(), &item.custom_id, &outcome);
        let list = if is_good { &mut lines } else { &mut error_lines };
        if config.faults.is_hit(Fault::ItemRepeated, config.seed, &item.custom_id, attempt) {
            list.push(line.clone());
        }
        list.push(line);
    }
    if is_hit(Fault::OutOfOrder) {
        shuffle(&mut lines, hash(&[key]));
    }
    let mut usage = Usage::default();
    state.records.iter().skip(n_records).for_each(|record| usage.add(record.usage));
    Batch {
        id: id.to_string(),
        family,
        custom_ids: items.iter().map(|item| item.custom_id.clone()).collect(),
        created_s: super::clock::unix_s(),
        n_polls: 0,
        end,
        lines,
        error_lines,
        counts,
        usage,
        more: Value::Null,
    }
}

fn answer_item(
    shared: &Shared,
    state: &mut State,
    place: Place<'_>,
    api: Api,
    body: &Value,
    is_in_time: bool,
) -> Outcome {
    let ask = match read(api, body).and_then(|ask| check_model(shared, &ask.model).map(|()| ask)) {
        Ok(ask) => ask,
        Err(error) => return Outcome::Error(error),
    };
    let attempt = state.attempt(&ask.content);
    let fault = shared.config.faults.pick(ITEM, shared.config.seed, &ask.content, attempt);
    if is_in_time && fault.is_none() {
        return Outcome::Reply(give(&shared.config, state, &ask, attempt, Some(place)));
    }
    let (number, at_ms) = (state.next_number(), state.now_ms());
    state.records.push(Record {
        number,
        content: ask.content,
        attempt,
        path: api.path(),
        batch_id: Some(place.batch_id.to_string()),
        custom_id: Some(place.custom_id.to_string()),
        model: ask.model,
        status: 0,
        faults: vec![fault.unwrap_or(Fault::BatchExpired).name()],
        max_tokens: ask.max_tokens,
        usage: Usage::default(),
        cost_nano_usd: 0,
        at_ms,
        user: ask.user,
        reply: String::new(),
        change: None,
    });
    if is_in_time && fault == Some(Fault::ItemErrored) {
        Outcome::Error(Invalid { status: 500, message: "Internal server error".to_string(), param: None, code: None })
    } else {
        Outcome::Expired
    }
}

/// A line of results.
fn line(family: Family, number: u64, custom_id: &str, outcome: &Outcome) -> Value {
    let request_id = format!("req_{number:08}");
    if family == Family::Anthropic {
        let result = match outcome {
            Outcome::Reply(message) => json!({"type": "succeeded", "message": message}),
            Outcome::Error(error) => json!({"type": "errored", "error": error_body(family, error, &request_id)}),
            Outcome::Expired => json!({"type": "expired"}),
        };
        return json!({"custom_id": custom_id, "result": result});
    }
    let (response, error) = match outcome {
        Outcome::Reply(body) => (json!({"status_code": 200, "request_id": request_id, "body": body}), Value::Null),
        Outcome::Error(error) => (
            json!({"status_code": error.status, "request_id": request_id, "body": error_body(family, error, "")}),
            Value::Null,
        ),
        Outcome::Expired => {
            let message = "This request could not be executed before the completion window expired.";
            (Value::Null, json!({"code": "batch_expired", "message": message}))
        }
    };
    json!({"id": format!("batch_req_{number:08}"), "custom_id": custom_id, "response": response, "error": error})
}

fn shuffle(lines: &mut [Value], seed: u64) {
    let mut dice = Dice(seed);
    for place in (1..lines.len()).rev() {
        lines.swap(place, dice.roll(place + 1));
    }
}

/// Lines as a file.
pub(crate) fn json_lines(lines: &[Value]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// Cancels a batch that has not ended: nothing of it is done, and nothing charged.
pub(crate) fn cancel(shared: &Shared, state: &mut State, id: &str) {
    let Some(batch) = state.batches.get_mut(id).filter(|batch| !batch.has_ended(&shared.config)) else { return };
    batch.end = End::Canceled;
    batch.counts = Counts { canceled: batch.custom_ids.len() as u64, ..Counts::default() };
    batch.usage = Usage::default();
    batch.error_lines = vec![];
    batch.lines = match batch.family {
        Family::Anthropic => {
            batch.custom_ids.iter().map(|id| json!({"custom_id": id, "result": {"type": "canceled"}})).collect()
        }
        Family::OpenAi => vec![],
    };
    for record in state.records.iter_mut().filter(|record| record.batch_id.as_deref() == Some(id)) {
        (record.status, record.cost_nano_usd, record.usage) = (0, 0, Usage::default());
    }
}
