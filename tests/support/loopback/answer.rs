//! One answer: what the model says, what it costs, and the record of it.

use serde_json::Value;

use super::Config;
use super::ask::{Api, Ask};
use super::asking::{self, Move};
use super::faults::{CONTENT, Fault};
use super::model::{self, Change};
use super::money::{Usage, cost_nano_usd, tokens};
use super::state::{Record, State};
use super::{anthropic, openai};

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A whole text.
    Text(String),
    /// A text that ran into the limit.
    CutOff(String),
    /// A refusal.
    Refused,
    /// A call of the tool, with its SQL.
    Call(String),
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Number of the answer, from 1.
    pub(crate) number: u64,
    /// What came out.
    pub(crate) outcome: Outcome,
    /// Its tokens.
    pub(crate) usage: Usage,
}

/// A batch that a request belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Id of the batch.
    pub(crate) batch_id: &'a str,
    /// Id of the item.
    pub(crate) custom_id: &'a str,
}

/// Answers a request, charges for it and records it. Gives the body as the API has it.
pub(crate) fn give(config: &Config, state: &mut State, ask: &Ask, attempt: u64, place: Option<Place<'_>>) -> Value {
    let fault = config.faults.pick(CONTENT, config.seed, &ask.content, attempt);
    let (outcome, change) = say(ask, fault);
    let mut usage = state.cache.usage(&ask.model, ask.n_input_bytes, ask.prefix.as_ref(), config.min_cacheable_tokens);
    usage.output = match &outcome {
        Outcome::Text(text) | Outcome::Call(text) => tokens(text.len()).max(1),
        // A model that is cut has used up what it was given.
        Outcome::CutOff(text) => {
            if ask.max_tokens > 1_000_000 {
                tokens(text.len())
            } else {
                ask.max_tokens
            }
        }
        Outcome::Refused => 8.min(ask.max_tokens),
    };
    let cost_nano_usd = cost_nano_usd(config.price(&ask.model), usage, place.is_some());
    let answer = Answer { number: state.next_number(), outcome, usage };
    let body = body(ask, &answer, place.is_some());
    state.records.push(Record {
        number: answer.number,
        content: ask.content.clone(),
        attempt,
        path: ask.api.path(),
        batch_id: place.map(|place| place.batch_id.to_string()),
        custom_id: place.map(|place| place.custom_id.to_string()),
        model: ask.model.clone(),
        status: 200,
        faults: fault.into_iter().map(Fault::name).collect(),
        max_tokens: ask.max_tokens,
        usage,
        cost_nano_usd,
        at_ms: state.now_ms(),
        user: ask.user.clone(),
        reply: match answer.outcome {
            Outcome::Text(text) | Outcome::CutOff(text) | Outcome::Call(text) => text,
            Outcome::Refused => String::new(),
        },
        change,
    });
    body
}

/// The body as an API has it.
fn body(ask: &Ask, answer: &Answer, is_batch: bool) -> Value {
    match ask.api {
        Api::Messages => anthropic::message(ask, answer, is_batch),
        Api::Responses => openai::response(ask, answer),
        Api::Chat => openai::completion(ask, answer),
    }
}

/// What the model says, with its fault.
fn say(ask: &Ask, fault: Option<Fault>) -> (Outcome, Option<Change>) {
    if let Some(talk) = ask.talk.as_ref().filter(|_| fault != Some(Fault::Refused)) {
        return match asking::next(talk) {
            Move::Call(sql) => (Outcome::Call(sql), None),
            Move::Say(text) => (Outcome::Text(text), None),
        };
    }
    let said = model::reply(&ask.user, ask.schema.as_ref(), &ask.content, fault);
    match fault {
        Some(Fault::Refused) => return (Outcome::Refused, None),
        Some(Fault::Truncated) => return (Outcome::CutOff(first_bytes(&said.text, said.text.len() / 2)), None),
        _ => {}
    }
    let text = match fault {
        Some(Fault::InvalidJson) => {
            format!("Here it is: {}", first_bytes(&said.text, said.text.len().saturating_sub(1)))
        }
        Some(Fault::WrongSchema) => format!("{{\"reply\":{}}}", said.text),
        _ => said.text,
    };
    if tokens(text.len()) > ask.max_tokens {
        return (Outcome::CutOff(first_bytes(&text, ask.max_tokens as usize * 4)), None);
    }
    (Outcome::Text(text), said.change)
}

/// The beginning of a text, not cut within a letter.
fn first_bytes(text: &str, n_bytes: usize) -> String {
    let mut end = n_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::faults::Faults;
    use super::*;

    fn ask() -> Ask {
        let body = json!({"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [{"role": "user", "content": "Wörd it."}],
            "output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {"answer": {"type": "string"}},
                "required": ["answer"], "additionalProperties": false}}}});
        anthropic::read(&body).unwrap()
    }

    fn give_with(fault: Option<Fault>, ask: &Ask) -> (Value, Record) {
        let faults = fault.map_or(Faults::default(), |fault| Faults::default().with(fault, 1.0));
        let (config, mut state) = (Config { faults, ..Config::default() }, State::default());
        let body = give(&config, &mut state, ask, 1, None);
        (body, state.records.pop().unwrap())
    }

    #[test]
    fn an_answer_costs_what_its_tokens_cost() {
        let (body, record) = give_with(None, &ask());
        let text = body["content"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap();
        assert_eq!(record.usage.output, tokens(text.len()));
        assert_eq!(record.cost_nano_usd, record.usage.input * 100 + record.usage.output * 500);
        assert_eq!(body["usage"]["output_tokens"], record.usage.output);
    }

    #[test]
    fn faults_of_the_model_cost_too() {
        for (fault, stop) in [
            (Fault::Truncated, "max_tokens"),
            (Fault::Refused, "refusal"),
            (Fault::InvalidJson, "end_turn"),
            (Fault::WrongSchema, "end_turn"),
        ] {
            let (body, record) = give_with(Some(fault), &ask());
            assert_eq!(body["stop_reason"], stop);
            assert!(record.cost_nano_usd > 0);
            let value = serde_json::from_str::<Value>(&record.reply);
            match fault {
                Fault::WrongSchema => assert!(value.unwrap().get("answer").is_none()),
                _ => assert!(value.is_err()),
            }
        }
        assert_eq!(give_with(Some(Fault::Truncated), &ask()).1.usage.output, 50);
    }

    #[test]
    fn a_small_limit_cuts_the_text() {
        let (body, record) = give_with(None, &Ask { max_tokens: 3, ..ask() });
        assert_eq!(
            (body["stop_reason"].as_str(), record.usage.output, record.reply.len()),
            (Some("max_tokens"), 3, 12)
        );
    }
}
