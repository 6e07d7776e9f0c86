//! `OpenAI`'s Responses and Chat Completions: what a request must be, and what answers look like. By the types of the official SDK;
//! where its types leave a rule open, by the documentation.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome};
use super::ask::{Api, Ask, Family, Invalid, Reader, content_hash, is_name};
use super::asking;
use super::clock::unix_s;
use super::faults::hash;
use super::money::{CacheWrite, Prefix};
use super::schema::{self, Rules};

const READER: Reader = Reader(Family::OpenAi);

/// Keys of the SDK's `ResponseCreateParams`.
const RESPONSE_KEYS: [&str; 34] = [
    "access_programs",
    "background",
    "background_options",
    "context_management",
    "conversation",
    "image",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];
/// Keys of the SDK's chat `CompletionCreateParams`.
const CHAT_KEYS: [&str; 37] = [
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];
/// Output tokens of a model that was given no limit.
const NO_LIMIT: u64 = 128_000;

/// Reads a request to Responses.
///
/// # Errors
/// What the provider would refuse.
pub(crate) fn read_response(body: &Value) -> Result<Ask, Invalid> {
    let object = READER.object(body, "", &RESPONSE_KEYS)?;
    Reader::no_stream(object)?;
    let model = READER.text(object, "model", "")?.to_string();
    let max_tokens = READER.count(object, "max_output_tokens", 16)?.unwrap_or(NO_LIMIT);
    let mut texts = Texts::default();
    if let Some(instructions) = object.get("instructions").filter(|value| !value.is_null()) {
        let text = instructions.as_str().ok_or_else(|| READER.wrong("instructions", "", "a string"))?;
        texts.add_system(text);
    }
    match object.get("input") {
        None => return Err(READER.missing("input")),
        Some(Value::String(text)) if !text.is_empty() => texts.add_user(text),
        Some(_) => {
            for (place, item) in READER.list(object, "input")?.iter().enumerate() {
                let at = format!("input[{place}]");
                if let Some(kind) =
                    item.get("type").and_then(Value::as_str).filter(|kind| kind.starts_with("function_call"))
                {
                    let (keys, field): (&[&str], &str) = match kind {
                        "function_call" => (&["type", "call_id", "name", "arguments", "id", "status"], "arguments"),
                        _ => (&["type", "call_id", "output", "id", "status"], "output"),
                    };
                    let object = READER.object(item, &at, keys)?;
                    READER.text(object, "call_id", &at)?;
                    texts.add_system(READER.text(object, field, &at)?);
                    continue;
                }
                let item = READER.object(item, &at, &["role", "content", "type", "phase"])?;
                Reader::choice(item, "type", &format!("input[{place}]"), &["message"])?;
                read_item(item, &format!("input[{place}]"), Api::Responses, &mut texts)?;
            }
        }
    }
    let mut schema = None;
    if let Some(text) = object.get("text").filter(|text| !text.is_null()) {
        let text = READER.object(text, "text", &["format", "verbosity"])?;
        Reader::choice(text, "verbosity", "text", &["low", "medium", "high"])?;
        schema = match text.get("format") {
            None => None,
            Some(format) => read_format(format, "text.format", &["type", "name", "description", "schema", "strict"])?,
        };
    }
    texts.finish(Api::Responses, model, schema, max_tokens, body)
}

/// Reads a request to Chat Completions.
///
/// # Errors
/// What the provider would refuse.
pub(crate) fn read_chat(body: &Value) -> Result<Ask, Invalid> {
    let object = READER.object(body, "", &CHAT_KEYS)?;
    Reader::no_stream(object)?;
    let model = READER.text(object, "model", "")?.to_string();
    let limit = READER.count(object, "max_completion_tokens", 1)?;
    let old_limit = READER.count(object, "max_tokens", 1)?;
    // Local servers know the old name, and clients may send them both; the provider itself refuses it for its newer models.
    if old_limit.is_some() && model.starts_with("gpt-") {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        return Err(Invalid::new("max_tokens", message).coded("unsupported_parameter"));
    }
    let mut texts = Texts::default();
    for (place, message) in READER.list(object, "messages")?.iter().enumerate() {
        let at = format!("messages[{place}]");
        let message =
            READER.object(message, &at, &["role", "content", "name", "refusal", "tool_calls", "tool_call_id"])?;
        read_item(message, &at, Api::Chat, &mut texts)?;
    }
    let schema = match object.get("response_format").filter(|format| !format.is_null()) {
        None => None,
        Some(format) => {
            let outer = READER.object(format, "response_format", &["type", "json_schema"])?;
            match outer.get("json_schema") {
                Some(inner) if READER.text(outer, "type", "response_format")? == "json_schema" => {
                    let mut inner = inner.clone();
                    READER.object(
                        &inner,
                        "response_format.json_schema",
                        &["name", "description", "schema", "strict"],
                    )?;
                    inner["type"] = json!("json_schema");
                    read_format(
                        &inner,
                        "response_format.json_schema",
                        &["type", "name", "description", "schema", "strict"],
                    )?
                }
                _ => read_format(format, "response_format", &["type"])?,
            }
        }
    };
    texts.finish(Api::Chat, model, schema, limit.or(old_limit).unwrap_or(NO_LIMIT), body)
}

/// Texts of a request.
#[derive(Default)]
struct Texts {
    system: String,
    user: String,
    n_bytes: usize,
}

impl Texts {
    fn add_system(&mut self, text: &str) {
        self.system.push_str(text);
        self.n_bytes += text.len();
    }

    fn add_user(&mut self, text: &str) {
        self.user.push_str(text);
        self.n_bytes += text.len();
    }

    fn finish(
        self,
        api: Api,
        model: String,
        schema: Option<Value>,
        max_tokens: u64,
        body: &Value,
    ) -> Result<Ask, Invalid> {
        if self.user.is_empty() {
            return Err(Invalid::new("input", "a user's text is missing"));
        }
        let n_more_bytes: usize =
            [schema.as_ref(), body.get("tools")].into_iter().flatten().map(|part| part.to_string().len()).sum();
        // The cache works by itself.
        let prefix = (!self.system.is_empty()).then_some(Prefix { text: self.system, write: CacheWrite::Free });
        let (n_input_bytes, content) = (self.n_bytes + n_more_bytes, content_hash(body));
        let talk = asking::of(body);
        Ok(Ask { api, model, user: self.user, talk, schema, max_tokens, n_input_bytes, prefix, content })
    }
}

/// Reads a message.
fn read_item(item: &Map<String, Value>, at: &str, api: Api, texts: &mut Texts) -> Result<(), Invalid> {
    let role = READER.text(item, "role", at)?;
    let roles: &[&str] = if api == Api::Chat {
        &["system", "developer", "user", "assistant", "tool"]
    } else {
        &["system", "developer", "user", "assistant"]
    };
    Reader::choice(item, "role", at, roles)?;
    let mut add = |text: &str| match role {
        "user" => texts.add_user(text),
        _ => texts.add_system(text),
    };
    match item.get("content") {
        Some(Value::String(text)) => add(text),
        Some(Value::Array(parts)) => {
            for (place, part) in parts.iter().enumerate() {
                add(read_part(part, &format!("{at}.content[{place}]"), api)?);
            }
        }
        Some(Value::Null) if role == "assistant" => {}
        Some(_) => return Err(READER.wrong(&format!("{at}.content"), "", "a string or an array")),
        None => return Err(READER.missing(&format!("{at}.content"))),
    }
    Ok(())
}

/// Reads a part of a message. An image counts by the bytes of its address.
fn read_part<'a>(part: &'a Value, at: &str, api: Api) -> Result<&'a str, Invalid> {
    match (api, part.get("type").and_then(Value::as_str)) {
        (Api::Responses, Some("input_text" | "output_text")) | (Api::Chat, Some("text")) => {
            READER.text(READER.object(part, at, &["type", "text", "prompt_cache_breakpoint"])?, "text", at)
        }
        (Api::Responses, Some("input_image")) => {
            let object =
                READER.object(part, at, &["type", "detail", "image_url", "file_id", "prompt_cache_breakpoint"])?;
            READER.text(object, "detail", at)?;
            Reader::choice(object, "detail", at, &["auto", "low", "high", "original"])?;
            READER.text(object, "image_url", at)
        }
        (Api::Chat, Some("image_url")) => {
            let object = READER.object(part, at, &["type", "image_url", "prompt_cache_breakpoint"])?;
            let url = object.get("image_url").ok_or_else(|| READER.missing(&format!("{at}.image_url")))?;
            READER.text(READER.object(url, at, &["url", "detail"])?, "url", at)
        }
        (_, kind) => Err(Invalid::new(at, format!("Invalid value for '{at}.type': {kind:?}.")).coded("invalid_value")),
    }
}

/// Reads the format of the output. Gives its schema.
fn read_format(format: &Value, at: &str, keys: &[&str]) -> Result<Option<Value>, Invalid> {
    let object = READER.object(format, at, keys)?;
    match READER.text(object, "type", at)? {
        "text" | "json_object" => return Ok(None),
        "json_schema" => {}
        other => {
            return Err(Invalid::new(at, format!("Invalid value for '{at}.type': '{other}'.")).coded("invalid_value"));
        }
    }
    let name = READER.text(object, "name", at)?;
    if !is_name(name) {
        return Err(Invalid::new(
            &format!("{at}.name"),
            format!("Invalid '{at}.name': string does not match pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters."),
        )
        .coded("invalid_value"));
    }
    let schema = object.get("schema").ok_or_else(|| READER.missing(&format!("{at}.schema")))?;
    if object.get("strict") == Some(&json!(true)) {
        schema::check(schema, Rules::OpenAi).map_err(|error| {
            Invalid::new(&format!("{at}.schema"), format!("Invalid schema for response_format '{name}': {error}."))
                .coded("invalid_json_schema")
        })?;
    }
    Ok(Some(schema.clone()))
}

/// An answer of Responses.
pub(crate) fn response(ask: &Ask, answer: &Answer) -> Value {
    let number = answer.number;
    let text = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    let (content, status) = match &answer.outcome {
        Outcome::Call(_) => (Value::Null, "completed"),
        Outcome::Text(said) => (text(said), "completed"),
        Outcome::CutOff(said) => (text(said), "incomplete"),
        Outcome::Refused => (json!({"type": "refusal", "refusal": "I can't help with that."}), "completed"),
    };
    let mut output = vec![];
    // The message is not always the first item.
    if hash(&[&ask.content]).is_multiple_of(2) {
        output.push(json!({"type": "reasoning", "id": format!("rs_{number:08}"), "summary": []}));
    }
    output.push(match &answer.outcome {
        Outcome::Call(sql) => json!({"type": "function_call", "id": format!("fc_{number:08}"), "call_id": format!("call_{number:08}"),
            "name": "query_pose", "arguments": json!({"sql": sql}).to_string(), "status": "completed"}),
        _ => json!({"type": "message", "id": format!("msg_{number:08}"), "role": "assistant", "status": status, "content": [content]}),
    });
    let (usage, is_cut) = (answer.usage, status == "incomplete");
    json!({
        "id": format!("resp_{number:08}"), "object": "response", "created_at": unix_s(), "status": status, "error": null,
        "completed_at": if is_cut { Value::Null } else { json!(unix_s()) },
        "incomplete_details": if is_cut { json!({"reason": "max_output_tokens"}) } else { Value::Null },
        "instructions": null, "metadata": {}, "model": ask.model, "output": output, "parallel_tool_calls": true,
        "previous_response_id": null, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto", "tools": [], "truncation": "disabled",
        "max_output_tokens": if ask.max_tokens == NO_LIMIT { Value::Null } else { json!(ask.max_tokens) },
        "usage": {
            "input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
            "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.input + usage.output
        }
    })
}

/// An answer of Chat Completions.
pub(crate) fn completion(ask: &Ask, answer: &Answer) -> Value {
    let (content, refusal, reason) = match &answer.outcome {
        Outcome::Call(_) => (Value::Null, Value::Null, "tool_calls"),
        Outcome::Text(text) => (json!(text), Value::Null, "stop"),
        Outcome::CutOff(text) => (json!(text), Value::Null, "length"),
        Outcome::Refused => (Value::Null, json!("I can't help with that."), "stop"),
    };
    let usage = answer.usage;
    let mut message = json!({"role": "assistant", "content": content, "refusal": refusal, "annotations": []});
    if let Outcome::Call(sql) = &answer.outcome {
        let function = json!({"name": "query_pose", "arguments": json!({"sql": sql}).to_string()});
        message["tool_calls"] =
            json!([{"id": format!("call_{:08}", answer.number), "type": "function", "function": function}]);
    }
    json!({
        "id": format!("chatcmpl-{:08}", answer.number), "object": "chat.completion", "created": unix_s(), "model": ask.model,
        "choices": [{"index": 0, "finish_reason": reason, "logprobs": null,
            "message": message}],
        "usage": {
            "prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}
        },
        "service_tier": "default", "system_fingerprint": null
    })
}
#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
