//! OpenAI's Responses API.

use serde_json::{Value, json};

use super::talk::responses_call;
use super::{Ask, Reply, Said, Usage, WireError, count, count_or_zero, required, said_text, schema_name, text};

pub(super) fn body(ask: &Ask) -> Value {
    // `detail` is required in the SDK's type, although the documentation gives it a default.
    let mut content: Vec<Value> = ask
        .images
        .iter()
        .map(|image| json!({"type": "input_image", "image_url": image.data_url(), "detail": "auto"}))
        .collect();
    content.push(json!({"type": "input_text", "text": ask.user}));
    let mut body = json!({
        "model": ask.model,
        "input": [{"role": "user", "content": content}],
        "max_output_tokens": ask.max_tokens,
        // Responses are stored for 30 days by default, but these are never read again.
        "store": false,
        "text": {"format": {
            "type": "json_schema",
            "name": schema_name(&ask.schema_name),
            "schema": ask.schema,
            "strict": true,
        }},
    });
    if !ask.system.is_empty() {
        body["instructions"] = json!(ask.system);
    }
    body
}

pub(super) fn parse(body: &Value) -> Result<Reply, WireError> {
    let status = text(body, "status").ok_or(WireError::Missing("status"))?;
    let said = match status {
        "completed" => said(body.get("output").and_then(Value::as_array).ok_or(WireError::Missing("output"))?),
        "incomplete" => match body.pointer("/incomplete_details/reason").and_then(Value::as_str) {
            Some("max_output_tokens") => Said::CutOff,
            Some("content_filter") => Said::Refused("the provider's content filter stopped the answer".to_owned()),
            reason => Said::Nothing(format!("the answer is incomplete: {}", reason.unwrap_or("no reason given"))),
        },
        status => {
            let reason = body.pointer("/error/message").and_then(Value::as_str).unwrap_or("no reason given");
            Said::Nothing(format!("the answer is `{status}`: {reason}"))
        }
    };
    let usage = match body.get("usage").filter(|usage| !usage.is_null()) {
        Some(usage) => self::usage(usage)?,
        // Optional in the SDK's type; failed responses have none.
        None => Usage::default(),
    };
    Ok(Reply { said, usage, model: required(body, "model")?.to_owned(), id: required(body, "id")?.to_owned() })
}

/// Finds the content. Items are found by type, because the first one may be `reasoning`.
fn said(output: &[Value]) -> Said {
    let parts: Vec<&Value> = output
        .iter()
        .filter(|item| text(item, "type") == Some("message"))
        .filter_map(|item| item.get("content").and_then(Value::as_array))
        .flatten()
        .collect();
    if let Some(reason) = parts.iter().find_map(|part| text(part, "refusal")) {
        return Said::Refused(reason.to_owned());
    }
    if let Some(call) = responses_call(output) {
        return call;
    }
    if parts.is_empty() {
        let types: Vec<&str> = output.iter().filter_map(|item| text(item, "type")).collect();
        return Said::Nothing(format!("the answer has no message, only: {}", types.join(", ")));
    }
    said_text(
        parts
            .iter()
            .filter(|part| text(part, "type") == Some("output_text"))
            .filter_map(|part| text(part, "text"))
            .collect(),
    )
}

fn usage(usage: &Value) -> Result<Usage, WireError> {
    Ok(Usage {
        // The input count includes cached tokens.
        input_tokens: count(usage, "input_tokens")?,
        cached_tokens: count_or_zero(usage, "/input_tokens_details/cached_tokens"),
        cache_write_tokens: count_or_zero(usage, "/input_tokens_details/cache_write_tokens"),
        output_tokens: count(usage, "output_tokens")?,
    })
}
