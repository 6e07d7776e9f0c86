//! Anthropic's Messages API: what a request must be, and what answers look like. By the types of the official SDK; where its types
//! leave a rule open, by the documentation.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome};
use super::ask::{Api, Ask, Family, Invalid, Reader, content_hash};
use super::asking;
use super::faults::hash;
use super::money::{CacheWrite, Prefix};
use super::schema::{self, Rules};

const READER: Reader = Reader(Family::Anthropic);

/// Keys of the SDK's `MessageCreateParams`. Its newest types have no `temperature`, `top_p` and `top_k` any more.
const KEYS: [&str; 17] = [
    "max_tokens",
    "messages",
    "model",
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "metadata",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
];

/// Reads a request.
///
/// # Errors
/// What the provider would refuse.
pub(crate) fn read(body: &Value) -> Result<Ask, Invalid> {
    let object = READER.object(body, "", &KEYS)?;
    let max_tokens = READER.count(object, "max_tokens", 1)?.ok_or_else(|| READER.missing("max_tokens"))?;
    read_parts(object, body, max_tokens)
}

/// Reads a request to count tokens, which has no limit.
///
/// # Errors
/// What the provider would refuse.
pub(crate) fn read_count(body: &Value) -> Result<Ask, Invalid> {
    const COUNT_KEYS: [&str; 9] =
        ["messages", "model", "cache_control", "output_config", "speed", "system", "thinking", "tool_choice", "tools"];
    read_parts(READER.object(body, "", &COUNT_KEYS)?, body, u64::MAX)
}

fn read_parts(object: &Map<String, Value>, body: &Value, max_tokens: u64) -> Result<Ask, Invalid> {
    Reader::no_stream(object)?;
    let model = READER.text(object, "model", "")?.to_string();
    Reader::choice(object, "service_tier", "", &["auto", "standard_only"])?;
    let mut texts = Texts::default();
    match object.get("system") {
        None => {}
        Some(Value::String(text)) => texts.all.push_str(text),
        Some(blocks) => texts.read_blocks(blocks, "system", false)?,
    }
    let user = read_messages(object, &mut texts)?;
    let schema = object.get("output_config").map(read_output_config).transpose()?.flatten();
    let n_schema_bytes = schema.as_ref().map_or(0, |schema| schema.to_string().len());
    let n_tool_bytes = object.get("tools").map_or(0, |tools| tools.to_string().len());
    if texts.n_breakpoints > 4 {
        return Err(Invalid::new("cache_control", "A maximum of 4 blocks with cache_control may be provided."));
    }
    Ok(Ask {
        api: Api::Messages,
        model,
        user,
        talk: asking::of(body),
        schema,
        max_tokens,
        n_input_bytes: texts.all.len() + n_schema_bytes + n_tool_bytes,
        prefix: texts.cached,
        content: content_hash(body),
    })
}

/// Texts of a request in the order in which a cache sees them.
#[derive(Default)]
struct Texts {
    all: String,
    cached: Option<Prefix>,
    n_breakpoints: usize,
}

impl Texts {
    /// Reads a list of content blocks. The system prompt has text only.
    fn read_blocks(&mut self, blocks: &Value, at: &str, may_have_images: bool) -> Result<(), Invalid> {
        let blocks = blocks.as_array().ok_or_else(|| READER.wrong(at, "a valid string or list", ""))?;
        for (place, block) in blocks.iter().enumerate() {
            let at = format!("{at}.{place}");
            match block.get("type").and_then(Value::as_str) {
                Some("text") => {
                    let object = READER.object(block, &at, &["type", "text", "cache_control", "citations"])?;
                    self.all.push_str(READER.text(object, "text", &at)?);
                }
                Some("image") if may_have_images => self.read_image(block, &at)?,
                Some("tool_use") if may_have_images => {
                    let object =
                        READER.object(block, &at, &["type", "id", "name", "input", "caller", "cache_control"])?;
                    READER.text(object, "id", &at)?;
                    READER.text(object, "name", &at)?;
                    let input = object.get("input").filter(|input| input.is_object());
                    self.all.push_str(&input.ok_or_else(|| READER.missing(&format!("{at}.input")))?.to_string());
                }
                Some("tool_result") if may_have_images => {
                    let object =
                        READER.object(block, &at, &["type", "tool_use_id", "content", "is_error", "cache_control"])?;
                    READER.text(object, "tool_use_id", &at)?;
                    self.all.push_str(READER.text(object, "content", &at)?);
                }
                _ => return Err(Invalid::new(&at, format!("{at}.type: unknown or missing block type"))),
            }
            if let Some(control) = block.get("cache_control").filter(|control| !control.is_null()) {
                self.read_breakpoint(control, &at)?;
            }
        }
        Ok(())
    }

    /// An image counts by its bytes in Base64.
    fn read_image(&mut self, block: &Value, at: &str) -> Result<(), Invalid> {
        let object = READER.object(block, at, &["type", "source", "cache_control", "transformations"])?;
        let source = object.get("source").ok_or_else(|| READER.missing(&format!("{at}.source")))?;
        let source = READER.object(source, &format!("{at}.source"), &["type", "media_type", "data"])?;
        Reader::choice(source, "type", at, &["base64"])?;
        READER.text(source, "media_type", at)?;
        Reader::choice(source, "media_type", at, &["image/jpeg", "image/png", "image/gif", "image/webp"])?;
        self.all.push_str(READER.text(source, "data", at)?);
        Ok(())
    }

    fn read_breakpoint(&mut self, control: &Value, at: &str) -> Result<(), Invalid> {
        let control = READER.object(control, &format!("{at}.cache_control"), &["type", "ttl"])?;
        READER.text(control, "type", at)?;
        Reader::choice(control, "type", at, &["ephemeral"])?;
        Reader::choice(control, "ttl", at, &["5m", "1h"])?;
        let is_hour = control.get("ttl").and_then(Value::as_str) == Some("1h");
        let write = if is_hour { CacheWrite::Hour } else { CacheWrite::FiveMinutes };
        self.n_breakpoints += 1;
        self.cached = Some(Prefix { text: self.all.clone(), write });
        Ok(())
    }
}

/// Checks the messages. Gives the text of the last.
fn read_messages(object: &Map<String, Value>, texts: &mut Texts) -> Result<String, Invalid> {
    let messages = READER.list(object, "messages")?;
    let mut last = String::new();
    for (place, message) in messages.iter().enumerate() {
        let at = format!("messages.{place}");
        let message = READER.object(message, &at, &["role", "content"])?;
        let role = READER.text(message, "role", &at)?;
        if !["user", "assistant"].contains(&role) {
            return Err(Invalid::new(&at, format!("{at}.role: Input should be 'user' or 'assistant'")));
        }
        if role == "assistant" && place + 1 == messages.len() {
            return Err(Invalid::new(
                &at,
                "This model does not support assistant message prefill. The conversation must end with a user message.",
            ));
        }
        let before = texts.all.len();
        match message.get("content") {
            Some(Value::String(text)) if !text.is_empty() => texts.all.push_str(text),
            Some(Value::Array(blocks)) if !blocks.is_empty() => {
                texts.read_blocks(&Value::Array(blocks.clone()), &format!("{at}.content"), true)?;
            }
            Some(_) => return Err(Invalid::new(&at, format!("{at}: user messages must have non-empty content"))),
            None => return Err(READER.missing(&format!("{at}.content"))),
        }
        last = texts.all.get(before..).unwrap_or_default().to_string();
    }
    Ok(last)
}

fn read_output_config(config: &Value) -> Result<Option<Value>, Invalid> {
    let config = READER.object(config, "output_config", &["effort", "format"])?;
    Reader::choice(config, "effort", "output_config", &["low", "medium", "high", "xhigh", "max"])?;
    let Some(format) = config.get("format").filter(|format| !format.is_null()) else { return Ok(None) };
    let at = "output_config.format";
    let format = READER.object(format, at, &["type", "schema"])?;
    READER.text(format, "type", at)?;
    Reader::choice(format, "type", at, &["json_schema"])?;
    let schema = format.get("schema").ok_or_else(|| READER.missing("output_config.format.schema"))?;
    schema::check(schema, Rules::Anthropic)
        .map_err(|error| Invalid::new(at, format!("output_config.format.schema: {error}")))?;
    Ok(Some(schema.clone()))
}

/// An answer as the API gives it.
pub(crate) fn message(ask: &Ask, answer: &Answer, is_batch: bool) -> Value {
    let (text, stop_reason) = match &answer.outcome {
        Outcome::Text(text) => (Some(text), "end_turn"),
        Outcome::CutOff(text) => (Some(text), "max_tokens"),
        Outcome::Refused => (None, "refusal"),
        Outcome::Call(_) => (None, "tool_use"),
    };
    let mut content = vec![];
    // Some models think first: the text is not always the first block.
    if hash(&[&ask.content]).is_multiple_of(4) && text.is_some() {
        content.push(json!({"type": "thinking", "thinking": "", "signature": "c2lnbmF0dXJl"}));
    }
    content.extend(text.map(|text| json!({"type": "text", "text": text, "citations": null})));
    if let Outcome::Call(sql) = &answer.outcome {
        content.push(json!({"type": "tool_use", "id": format!("toolu_{:08}", answer.number), "name": "query_pose", "input": {"sql": sql}}));
    }
    let refusal = json!({"type": "refusal", "category": null, "explanation": "The request was declined."});
    let usage = answer.usage;
    json!({
        "id": format!("msg_{:08}", answer.number), "type": "message", "role": "assistant", "model": ask.model, "content": content,
        "container": null, "diagnostics": null, "stop_reason": stop_reason, "stop_sequence": null,
        "stop_details": if stop_reason == "refusal" { refusal } else { Value::Null },
        "usage": {
            "input_tokens": usage.plain_input(), "output_tokens": usage.output,
            "cache_creation_input_tokens": usage.written_5m + usage.written_1h, "cache_read_input_tokens": usage.cached,
            "cache_creation": {"ephemeral_5m_input_tokens": usage.written_5m, "ephemeral_1h_input_tokens": usage.written_1h},
            "service_tier": if is_batch { "batch" } else { "standard" }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid() -> Value {
        json!({
            "model": "claude-haiku-5-5", "max_tokens": 800,
            "system": [{"type": "text", "text": "Word the facts.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Facts."}]}],
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object",
                "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": false}}}
        })
    }

    #[test]
    fn a_valid_request_is_read() {
        let ask = read(&valid()).unwrap();
        assert_eq!((ask.model.as_str(), ask.user.as_str(), ask.max_tokens), ("claude-haiku-5-5", "Facts.", 800));
        assert_eq!(ask.prefix, Some(Prefix { text: "Word the facts.".to_string(), write: CacheWrite::Hour }));
        assert!(ask.n_input_bytes > "Word the facts.Facts.".len());
    }

    #[test]
    fn what_the_provider_refuses_is_refused() {
        type Edit = fn(&mut Value);
        let edits: [(Edit, &str); 12] = [
            (|b| b["temperature"] = json!(0.5), "temperature: Extra inputs are not permitted"),
            (|b| b["max_tokens"] = json!(0), "max_tokens"),
            (|b| drop(b.as_object_mut().unwrap().remove("max_tokens")), "max_tokens: Field required"),
            (|b| drop(b.as_object_mut().unwrap().remove("model")), "model: Field required"),
            (|b| b["messages"] = json!([]), "messages"),
            (|b| b["messages"][0]["role"] = json!("system"), "role"),
            (
                |b| b["messages"] = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": "{"}]),
                "prefill",
            ),
            (|b| b["output_config"]["format"]["name"] = json!("x"), "output_config.format.name"),
            (|b| b["output_config"]["format"]["schema"]["additionalProperties"] = json!(true), "additionalProperties"),
            (|b| b["output_config"]["effort"] = json!("huge"), "effort"),
            (|b| b["system"][0]["cache_control"]["ttl"] = json!("2h"), "ttl"),
            (|b| b["stream"] = json!(true), "stream"),
        ];
        for (edit, part) in edits {
            let mut body = valid();
            edit(&mut body);
            let error = read(&body).unwrap_err();
            assert!(error.message.contains(part), "{}", error.message);
            assert_eq!(error.status, 400);
        }
    }
}
