//! Anthropic's Messages API.

use serde_json::{Value, json};

use super::talk::anthropic_call;
use super::{Ask, Reply, Said, Usage, WireError, count, count_or_zero, required, said_text, text};

pub(super) fn body(ask: &Ask) -> Value {
    let mut content: Vec<Value> = ask
        .images
        .iter()
        .map(|image| {
            json!({"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": image.base64}})
        })
        .collect();
    content.push(json!({"type": "text", "text": ask.user}));
    // No temperature, top_p or top_k: the SDK's types no longer contain them. No prefill: newer models reject it.
    let mut body = json!({
        "model": ask.model,
        "max_tokens": ask.max_tokens,
        "messages": [{"role": "user", "content": content}],
        // Neither a name nor `strict`: the type has only `type` and `schema`.
        "output_config": {"format": {"type": "json_schema", "schema": ask.schema}},
    });
    if !ask.system.is_empty() {
        // The default lifetime of five minutes: a longer one doubles the price of writing.
        body["system"] = json!([{"type": "text", "text": ask.system, "cache_control": {"type": "ephemeral"}}]);
    }
    body
}

pub(super) fn parse(body: &Value) -> Result<Reply, WireError> {
    let blocks = body.get("content").and_then(Value::as_array).ok_or(WireError::Missing("content"))?;
    // Thinking blocks may come first.
    let words: String = blocks
        .iter()
        .filter(|block| text(block, "type") == Some("text"))
        .filter_map(|block| text(block, "text"))
        .collect();
    let said = match text(body, "stop_reason") {
        Some("end_turn" | "stop_sequence") => said_text(words),
        Some("max_tokens" | "model_context_window_exceeded") => Said::CutOff,
        Some("tool_use") => anthropic_call(blocks)
            .unwrap_or_else(|| Said::Nothing("the model stopped with `tool_use` and calls nothing".to_owned())),
        Some("refusal") => Said::Refused(refusal(body, words)),
        Some(reason) => Said::Nothing(format!("the model stopped with `{reason}`")),
        None => Said::Nothing("the answer has no stop reason".to_owned()),
    };
    let usage = usage(body.get("usage").ok_or(WireError::Missing("usage"))?)?;
    Ok(Reply { said, usage, model: required(body, "model")?.to_owned(), id: required(body, "id")?.to_owned() })
}

/// The reason of a refusal. The content may be empty, and each part of the details may be null.
fn refusal(body: &Value, words: String) -> String {
    let details = body.get("stop_details").unwrap_or(&Value::Null);
    if let Some(reason) = text(details, "explanation").or_else(|| text(details, "category")) {
        return reason.to_owned();
    }
    if words.trim().is_empty() { "no reason given".to_owned() } else { words }
}

fn usage(usage: &Value) -> Result<Usage, WireError> {
    let cached_tokens = count_or_zero(usage, "/cache_read_input_tokens");
    let cache_write_tokens = count_or_zero(usage, "/cache_creation_input_tokens");
    let fresh_tokens = count(usage, "input_tokens")?;
    Ok(Usage {
        // Anthropic's `input_tokens` only counts tokens neither read from nor written to the cache.
        input_tokens: fresh_tokens.saturating_add(cached_tokens).saturating_add(cache_write_tokens),
        cached_tokens,
        cache_write_tokens,
        output_tokens: count(usage, "output_tokens")?,
    })
}
