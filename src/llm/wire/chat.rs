//! OpenAI's Chat Completions API, which local servers support, too.

use serde_json::{Value, json};

use super::talk::chat_call;
use super::{Ask, Reply, Said, Usage, WireError, count, count_or_zero, required, said_text, schema_name, text};

pub(super) fn body(ask: &Ask) -> Value {
    let mut messages = Vec::new();
    if !ask.system.is_empty() {
        messages.push(json!({"role": "system", "content": ask.system}));
    }
    let content = if ask.images.is_empty() {
        // Plain text: some local servers do not support parts.
        json!(ask.user)
    } else {
        let mut parts: Vec<Value> = ask
            .images
            .iter()
            .map(|image| json!({"type": "image_url", "image_url": {"url": image.data_url()}}))
            .collect();
        parts.push(json!({"type": "text", "text": ask.user}));
        Value::Array(parts)
    };
    messages.push(json!({"role": "user", "content": content}));
    json!({
        "model": ask.model,
        "messages": messages,
        "max_completion_tokens": ask.max_tokens,
        // Deprecated by OpenAI, but the only limit that Ollama obeys (ollama/ollama#7125). Without it a local model may
        // write until its context is full.
        "max_tokens": ask.max_tokens,
        "response_format": {"type": "json_schema", "json_schema": {
            "name": schema_name(&ask.schema_name),
            "schema": ask.schema,
            "strict": true,
        }},
    })
}

pub(super) fn parse(body: &Value) -> Result<Reply, WireError> {
    let choice = body.pointer("/choices/0").ok_or(WireError::Missing("choices"))?;
    let message = choice.get("message").ok_or(WireError::Missing("message"))?;
    let said = match (text(choice, "finish_reason"), text(message, "refusal")) {
        (_, Some(reason)) if !reason.is_empty() => Said::Refused(reason.to_owned()),
        // Some local servers also return `stop` for a call.
        (Some("tool_calls" | "stop") | None, _)
            if message.get("tool_calls").is_some_and(|calls| calls.get(0).is_some()) =>
        {
            chat_call(message).unwrap_or_else(|| Said::Nothing("the answer has no call of a tool".to_owned()))
        }
        (Some("length"), _) => Said::CutOff,
        (Some("content_filter"), _) => Said::Refused("the provider's content filter stopped the answer".to_owned()),
        // Some local servers omit the reason.
        (Some("stop") | None, _) => said_text(without_fence(&words(message)).to_owned()),
        (Some(reason), _) => Said::Nothing(format!("the model stopped with `{reason}`")),
    };
    // Optional in the SDK's type.
    let usage = match body.get("usage").filter(|usage| !usage.is_null()) {
        Some(usage) => self::usage(usage)?,
        None => Usage::default(),
    };
    Ok(Reply { said, usage, model: required(body, "model")?.to_owned(), id: text(body, "id").unwrap_or("").to_owned() })
}

/// Content is text, null, or (from some servers) a list of parts.
fn words(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(words)) => words.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| text(part, "text")).collect(),
        _ => String::new(),
    }
}

/// Removes a Markdown code fence, in which local models often put their JSON.
fn without_fence(words: &str) -> &str {
    let words = words.trim();
    let Some(inner) = words.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else {
        return words;
    };
    inner.strip_prefix("json").unwrap_or(inner).trim()
}

fn usage(usage: &Value) -> Result<Usage, WireError> {
    Ok(Usage {
        // The input count includes cached tokens.
        input_tokens: count(usage, "prompt_tokens")?,
        cached_tokens: count_or_zero(usage, "/prompt_tokens_details/cached_tokens"),
        cache_write_tokens: count_or_zero(usage, "/prompt_tokens_details/cache_write_tokens"),
        output_tokens: count(usage, "completion_tokens")?,
    })
}
