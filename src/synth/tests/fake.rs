//! A fake provider without a network. Its reply depends only on the body of the request; whether it responds at all is
//! random. It keeps its own account of requests and their cost.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::shapes::{nothing, shaped};
use crate::llm::prices::{Price, cost_nano_usd};
use crate::llm::wire::http::{Body, Http, Method, Request, Response, SendError};
use crate::llm::wire::{Api, Ask, Usage};
use crate::synth::job::Work;
use crate::synth::replies::content_hash;

/// Percent of requests with each fault.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::synth) struct Faults {
    pub(in crate::synth) too_many: u64,
    pub(in crate::synth) busy: u64,
    pub(in crate::synth) broken: u64,
    pub(in crate::synth) cut_after: u64,
    pub(in crate::synth) unreachable: u64,
    /// In batches: requests that expire or fail, and lines that occur twice.
    pub(in crate::synth) expired: u64,
    pub(in crate::synth) errored: u64,
    pub(in crate::synth) twice: u64,
    /// In batches: unreadable lines.
    pub(in crate::synth) torn: u64,
    /// In batches: whether replies without text have no content and no usage at all.
    pub(in crate::synth) is_unreadable: bool,
}

pub(in crate::synth) const ALL_FAULTS: Faults = Faults {
    too_many: 10,
    busy: 5,
    broken: 6,
    cut_after: 6,
    unreachable: 4,
    expired: 10,
    errored: 5,
    twice: 10,
    torn: 0,
    is_unreadable: false,
};

#[derive(Debug)]
struct FakeBatch {
    id: String,
    file_id: Option<String>,
    metadata: Value,
    /// Result lines, in any order.
    lines: Vec<String>,
    n_items: usize,
    n_looks_left: u32,
}

#[derive(Debug, Default)]
pub(in crate::synth) struct Account {
    /// Money that the user has to pay, nano-dollars.
    pub(in crate::synth) billed: u64,
    /// Number of times that each body was processed.
    pub(in crate::synth) worked_on: HashMap<String, usize>,
    pub(in crate::synth) n_requests: usize,
    pub(in crate::synth) n_batches: usize,
    /// Requests that are errors: beyond the cap, or paid for twice.
    pub(in crate::synth) complaints: Vec<String>,
    batches: Vec<FakeBatch>,
    files: HashMap<String, Vec<u8>>,
    random: u64,
}

pub(in crate::synth) struct Fake {
    pub(in crate::synth) api: Api,
    pub(in crate::synth) faults: Mutex<Faults>,
    pub(in crate::synth) account: Mutex<Account>,
    /// The limit on billed money.
    pub(in crate::synth) cap: u64,
    /// Bodies that must not be sent again.
    pub(in crate::synth) paid: Mutex<HashSet<String>>,
    /// The response to all requests, if set.
    pub(in crate::synth) always: Mutex<Option<Response>>,
    /// Whether batches can be listed.
    pub(in crate::synth) has_list: bool,
    /// Whether results of batches are kept.
    pub(in crate::synth) has_results: bool,
    /// The outcomes of the next creations of batches.
    pub(in crate::synth) creations: Mutex<Vec<Creation>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::synth) enum Creation {
    /// The batch is created, and the response is lost.
    AnswerLost,
    /// The request is lost.
    RequestLost,
}

pub(in crate::synth) fn price() -> Price {
    Price { input_nano_usd: 100, output_nano_usd: 500, cached_nano_usd: 10, cache_write_nano_usd: 125, ..Price::free() }
}

pub(in crate::synth) fn work(number: usize) -> Work {
    let ask = Ask {
        model: "claude-haiku-5-5".to_owned(),
        system: "Word it.".to_owned(),
        user: format!("Word example {number}."),
        schema_name: "paraphrase".to_owned(),
        schema: json!({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"],
            "additionalProperties": false}),
        max_tokens: 200,
        images: vec![],
    };
    Work {
        key: format!("e{number}/paraphrase/en/coach"),
        ask,
        base_id: format!("e{number}"),
        task: "paraphrase".to_owned(),
        language: "en".to_owned(),
        persona: "coach".to_owned(),
    }
}

fn response(status: u16, body: &Value) -> Response {
    Response { status, headers: BTreeMap::new(), body: body.to_string().into_bytes() }
}

fn lost(message: &str, is_sent: bool) -> SendError {
    SendError { message: message.to_owned(), is_sent, is_timeout: false }
}

impl Fake {
    pub(in crate::synth) fn new(api: Api, faults: Faults, seed: u64) -> Self {
        let account = Account { random: seed * 2 + 1, ..Account::default() };
        Self {
            api,
            faults: Mutex::new(faults),
            account: Mutex::new(account),
            cap: u64::MAX,
            paid: Mutex::default(),
            always: Mutex::default(),
            has_list: true,
            has_results: true,
            creations: Mutex::default(),
        }
    }

    /// A random number between 0 and 99.
    fn draw(account: &mut Account) -> u64 {
        account.random = account.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (account.random >> 33) % 100
    }

    fn bill(&self, account: &mut Account, body: &Value, is_batch: bool) -> (Usage, Option<Value>) {
        let bytes = body.to_string().into_bytes();
        let hash = content_hash(self.api, &bytes, 0);
        if self.paid.lock().unwrap().contains(&hash) {
            account.complaints.push(format!("asked again: {body}"));
        }
        *account.worked_on.entry(hash).or_default() += 1;
        let (usage, reply) = self.reply(body, &bytes);
        account.billed += cost_nano_usd(&price(), &usage, is_batch);
        if account.billed > self.cap {
            account.complaints.push(format!("billed {} of {}", account.billed, self.cap));
        }
        (usage, reply)
    }

    /// The reply to a body, with its token counts; `None` for a body that is not JSON.
    fn reply(&self, body: &Value, bytes: &[u8]) -> (Usage, Option<Value>) {
        let hash = blake3::hash(bytes);
        let hash = hash.as_bytes();
        let limit = ["max_tokens", "max_output_tokens", "max_completion_tokens"];
        let limit = limit.iter().find_map(|key| body[key].as_u64()).unwrap();
        let mut usage = Usage {
            input_tokens: 1 + bytes.len() as u64 / 4 + u64::from(hash[1]) / 8,
            cached_tokens: u64::from(hash[2]) / 64,
            cache_write_tokens: 0,
            output_tokens: 1 + u64::from(hash[3]) * (limit - 1) / 255,
        };
        let text = |answer: &str| format!("{{\"answer\":\"{answer} {:02x}{:02x}\"}}", hash[4], hash[5]);
        let (said, text) = match hash[0] % 16 {
            0 => ("text", "{\"oops\":1}".to_owned()),
            1 => ("cut_off", text("go")),
            2 => ("refused", String::new()),
            3 => ("broken", String::new()),
            4 | 5 => ("text", text("wrong")),
            _ => ("text", text("good")),
        };
        if said == "cut_off" {
            usage.output_tokens = limit;
        }
        if said == "broken" {
            return (usage, None);
        }
        let model = body["model"].as_str().unwrap();
        (usage, Some(shaped(self.api, model, said, &text, &usage)))
    }

    fn one(&self, account: &mut Account, body: &[u8]) -> Result<Response, SendError> {
        let faults = *self.faults.lock().unwrap();
        let draw = Self::draw(account);
        let mut end = faults.too_many;
        let error = json!({"type": "error", "error": {"type": "some_error", "message": "try later"}});
        if draw < end {
            let mut response = response(429, &error);
            response.headers.insert("retry-after".to_owned(), "2".to_owned());
            return Ok(response);
        }
        for (percent, status) in [(faults.busy, 529), (faults.broken, 500)] {
            end += percent;
            if draw < end {
                return Ok(response(status, &error));
            }
        }
        end += faults.unreachable;
        if draw < end {
            return Err(lost("connection refused", false));
        }
        let body: Value = serde_json::from_slice(body).unwrap();
        let (_, reply) = self.bill(account, &body, false);
        end += faults.cut_after;
        if draw < end {
            return Err(lost("connection reset", true));
        }
        match reply {
            Some(reply) => Ok(response(200, &reply)),
            None => Ok(Response { status: 200, headers: BTreeMap::new(), body: b"{\"id\":\"msg_1\",\"cont".to_vec() }),
        }
    }

    fn result_line(&self, account: &mut Account, custom_id: &str, body: &Value) -> String {
        let faults = *self.faults.lock().unwrap();
        let draw = Self::draw(account);
        let is_anthropic = self.api == Api::AnthropicMessages;
        if draw < faults.expired {
            let result = json!({"type": "expired"});
            let error = json!({"code": "batch_expired", "message": "This request could not be executed before the completion window expired."});
            return if is_anthropic {
                json!({"custom_id": custom_id, "result": result}).to_string()
            } else {
                json!({"id": "batch_req_1", "custom_id": custom_id, "response": null, "error": error}).to_string()
            };
        }
        let error = json!({"type": "api_error", "message": "internal"});
        if draw < faults.expired + faults.errored {
            return if is_anthropic {
                let result = json!({"type": "errored", "error": {"type": "error", "error": error}});
                json!({"custom_id": custom_id, "result": result}).to_string()
            } else {
                let response = json!({"status_code": 500, "request_id": "r", "body": {"error": error}});
                json!({"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": null}).to_string()
            };
        }
        let (usage, reply) = self.bill(account, body, true);
        // Batches have no truncated bodies: such a reply has no text, or no content at all.
        let unread = || if faults.is_unreadable { json!({"id": "msg_1"}) } else { nothing(self.api, &usage) };
        let reply = reply.unwrap_or_else(unread);
        if draw >= 100 - faults.torn {
            return "{\"custom_id\":\"torn".to_owned();
        }
        if is_anthropic {
            json!({"custom_id": custom_id, "result": {"type": "succeeded", "message": reply}}).to_string()
        } else {
            let response = json!({"status_code": 200, "request_id": "r", "body": reply});
            json!({"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": null}).to_string()
        }
    }

    fn create(&self, account: &mut Account, body: &Value) -> Value {
        let items: Vec<(String, Value)> = if self.api == Api::AnthropicMessages {
            let requests = body["requests"].as_array().unwrap().iter();
            requests.map(|item| (item["custom_id"].as_str().unwrap().to_owned(), item["params"].clone())).collect()
        } else {
            let file = account.files.get(body["input_file_id"].as_str().unwrap()).unwrap().clone();
            let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let lines = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
            lines.map(|line| (line["custom_id"].as_str().unwrap().to_owned(), line["body"].clone())).collect()
        };
        let ids: HashSet<&String> = items.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), items.len(), "ids are unique in a batch");
        let mut lines: Vec<String> = items.iter().map(|(id, body)| self.result_line(account, id, body)).collect();
        let twice = self.faults.lock().unwrap().twice;
        for i in 0..lines.len() {
            let other = (Self::draw(account) as usize * lines.len()) / 100;
            lines.swap(i, other);
            if Self::draw(account) < twice {
                lines.push(lines[i].clone());
            }
        }
        account.n_batches += 1;
        let batch = FakeBatch {
            id: format!("batch_{}", account.n_batches),
            file_id: body["input_file_id"].as_str().map(str::to_owned),
            metadata: body["metadata"].clone(),
            lines,
            n_items: items.len(),
            n_looks_left: 2,
        };
        let shown = self.show(&batch);
        account.batches.push(batch);
        shown
    }

    fn show(&self, batch: &FakeBatch) -> Value {
        let is_ended = batch.n_looks_left == 0;
        let has_results = is_ended && self.has_results;
        let n = batch.n_items;
        if self.api == Api::AnthropicMessages {
            let (processing, succeeded) = if is_ended { (0, n) } else { (n, 0) };
            let counts =
                json!({"processing": processing, "succeeded": succeeded, "errored": 0, "canceled": 0, "expired": 0});
            let results_url = has_results.then(|| format!("/v1/messages/batches/{}/results", batch.id));
            let status = if is_ended { "ended" } else { "in_progress" };
            return json!({"id": batch.id, "type": "message_batch", "processing_status": status, "request_counts": counts,
                "ended_at": null, "created_at": "2026-11-28T20:05:00Z", "expires_at": "2026-11-29T20:05:00Z",
                "archived_at": null, "cancel_initiated_at": null, "results_url": results_url});
        }
        let completed = if is_ended { n } else { 0 };
        json!({"id": batch.id, "object": "batch", "endpoint": "/v1/responses", "completion_window": "24h",
            "created_at": 1_795_896_300, "input_file_id": batch.file_id, "metadata": batch.metadata,
            "status": if is_ended { "completed" } else { "in_progress" },
            "request_counts": {"total": n, "completed": completed, "failed": 0},
            "output_file_id": has_results.then(|| format!("out_{}", batch.id)),
            "error_file_id": has_results.then(|| format!("err_{}", batch.id))})
    }

    fn get(&self, account: &mut Account, path: &str) -> Response {
        let path = path.split('?').next().unwrap();
        let is_list = path.ends_with("/batches");
        if is_list && !self.has_list {
            return response(404, &json!({"error": {"message": "not found"}}));
        }
        if is_list {
            let data: Vec<Value> = account.batches.iter().rev().map(|batch| self.show(batch)).collect();
            return response(200, &json!({"data": data, "has_more": false, "first_id": null, "last_id": null}));
        }
        let name = path.split('/').find(|part| part.contains("batch_")).unwrap().to_owned();
        let id = name.trim_start_matches("out_").trim_start_matches("err_");
        let place = account.batches.iter().position(|batch| batch.id == id).unwrap();
        if path.ends_with("/results") || path.ends_with("/content") {
            // The failures are in the error file.
            let is_failure =
                |line: &&String| line.contains("\"response\":null") || line.contains("\"status_code\":500");
            let is_error_file = name.starts_with("err_");
            let is_split = self.api != Api::AnthropicMessages;
            let lines = account.batches[place].lines.iter();
            let lines = lines.filter(|line| !is_split || is_failure(line) == is_error_file);
            let text: String = lines.flat_map(|line| [line.as_str(), "\n"]).collect();
            return Response { status: 200, headers: BTreeMap::new(), body: text.into_bytes() };
        }
        let batch = &mut account.batches[place];
        batch.n_looks_left = batch.n_looks_left.saturating_sub(1);
        response(200, &self.show(&account.batches[place]))
    }
}

impl Http for Fake {
    fn send(&self, request: &Request) -> Result<Response, SendError> {
        let mut account = self.account.lock().unwrap();
        account.n_requests += 1;
        if let Some(response) = self.always.lock().unwrap().clone() {
            return Ok(response);
        }
        match (&request.method, &request.body) {
            (Method::Get, _) => Ok(self.get(&mut account, &request.path)),
            (Method::Post, Body::Multipart { file, .. }) => {
                let id = format!("file-{}", account.files.len());
                account.files.insert(id.clone(), file.clone());
                Ok(response(200, &json!({"id": id, "object": "file", "purpose": "batch"})))
            }
            (Method::Post, Body::Json(body)) if request.path.ends_with("/batches") => {
                let creation = self.creations.lock().unwrap().pop();
                if creation == Some(Creation::RequestLost) {
                    return Err(lost("connection reset", true));
                }
                let body: Value = serde_json::from_slice(body).unwrap();
                let shown = self.create(&mut account, &body);
                if creation.is_some() { Err(lost("connection reset", true)) } else { Ok(response(200, &shown)) }
            }
            (Method::Post, Body::Json(body)) => self.one(&mut account, body),
            (Method::Post, Body::Empty) => panic!("an empty body"),
        }
    }
}
