//! Replies in the providers' formats.

use serde_json::{Value, json};

use crate::llm::wire::{Api, Usage};

fn of_anthropic(model: &str, said: &str, text: &str, usage: &Usage) -> Value {
    let stop_reason = match said {
        "cut_off" => "max_tokens",
        "refused" => "refusal",
        _ => "end_turn",
    };
    let content =
        if said == "refused" { json!([]) } else { json!([{"type": "text", "text": text, "citations": null}]) };
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": stop_reason, "stop_sequence": null,
        "usage": {"input_tokens": usage.input_tokens - usage.cached_tokens, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.cached_tokens, "output_tokens": usage.output_tokens}})
}

fn of_responses(model: &str, said: &str, text: &str, usage: &Usage) -> Value {
    let part = if said == "refused" {
        json!({"type": "refusal", "refusal": "no"})
    } else {
        json!({"type": "output_text", "text": text, "annotations": []})
    };
    let is_cut_off = said == "cut_off";
    json!({"id": "resp_1", "object": "response", "model": model,
        "status": if is_cut_off { "incomplete" } else { "completed" },
        "incomplete_details": if is_cut_off { json!({"reason": "max_output_tokens"}) } else { Value::Null },
        "output": [{"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]}],
        "usage": {"input_tokens": usage.input_tokens, "input_tokens_details": {"cached_tokens": usage.cached_tokens},
            "output_tokens": usage.output_tokens, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.input_tokens + usage.output_tokens}})
}

fn of_chat(model: &str, said: &str, text: &str, usage: &Usage) -> Value {
    let is_refused = said == "refused";
    let message = json!({"role": "assistant", "content": if is_refused { Value::Null } else { json!(text) },
        "refusal": if is_refused { json!("no") } else { Value::Null }});
    let finish_reason = if said == "cut_off" { "length" } else { "stop" };
    json!({"id": "chatcmpl_1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null}],
        "usage": {"prompt_tokens": usage.input_tokens, "completion_tokens": usage.output_tokens,
            "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
            "total_tokens": usage.input_tokens + usage.output_tokens}})
}

/// A reply; `said` is `text`, `cut_off` or `refused`.
pub(super) fn shaped(api: Api, model: &str, said: &str, text: &str, usage: &Usage) -> Value {
    match api {
        Api::AnthropicMessages => of_anthropic(model, said, text, usage),
        Api::OpenAiResponses => of_responses(model, said, text, usage),
        Api::OpenAiChat => of_chat(model, said, text, usage),
    }
}

/// A reply without text.
pub(super) fn nothing(api: Api, usage: &Usage) -> Value {
    if api == Api::AnthropicMessages {
        let mut reply = of_anthropic("m", "text", "", usage);
        reply["stop_reason"] = json!("pause_turn");
        return reply;
    }
    let mut reply = shaped(api, "m", "text", "", usage);
    if api == Api::OpenAiChat {
        reply["choices"][0]["message"]["content"] = Value::Null;
        return reply;
    }
    reply["output"] = json!([]);
    reply
}
