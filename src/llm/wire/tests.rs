use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::http::{Body, Request, Response, SendError};
use super::retry::{Next, backoff_s, classify, error_message};
use super::*;

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": false,
    })
}

fn ask() -> Ask {
    Ask {
        model: "a-model".to_owned(),
        system: "You word facts.".to_owned(),
        user: "Word this.".to_owned(),
        schema_name: "coach answer".to_owned(),
        schema: schema(),
        max_tokens: 800,
        images: Vec::new(),
    }
}

fn ask_with_image() -> Ask {
    let image = Image { media_type: "image/jpeg".to_owned(), base64: "/9j/".to_owned() };
    Ask { system: String::new(), images: vec![image], ..ask() }
}

#[test]
fn anthropic_body_caches_the_system_prompt_and_names_no_schema() {
    let wanted = json!({
        "model": "a-model",
        "max_tokens": 800,
        "system": [{"type": "text", "text": "You word facts.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Word this."}]}],
        "output_config": {"format": {"type": "json_schema", "schema": schema()}},
    });
    assert_eq!(body(Api::AnthropicMessages, &ask()), wanted);
    let with_image = body(Api::AnthropicMessages, &ask_with_image());
    let source = json!({"type": "base64", "media_type": "image/jpeg", "data": "/9j/"});
    assert_eq!(with_image["messages"][0]["content"][0], json!({"type": "image", "source": source}));
    assert!(with_image.get("system").is_none());
}

#[test]
fn responses_body_is_flat_and_strict() {
    let format = json!({"type": "json_schema", "name": "coach_answer", "schema": schema(), "strict": true});
    let wanted = json!({
        "model": "a-model",
        "instructions": "You word facts.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Word this."}]}],
        "max_output_tokens": 800,
        "store": false,
        "text": {"format": format},
    });
    assert_eq!(body(Api::OpenAiResponses, &ask()), wanted);
    let with_image = body(Api::OpenAiResponses, &ask_with_image());
    let part = json!({"type": "input_image", "image_url": "data:image/jpeg;base64,/9j/", "detail": "auto"});
    assert_eq!(with_image["input"][0]["content"][0], part);
    assert!(with_image.get("instructions").is_none());
}

#[test]
fn chat_body_nests_the_schema_and_limits_local_servers_too() {
    let wanted = json!({
        "model": "a-model",
        "messages": [
            {"role": "system", "content": "You word facts."},
            {"role": "user", "content": "Word this."},
        ],
        "max_completion_tokens": 800,
        "max_tokens": 800,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "coach_answer", "schema": schema(), "strict": true},
        },
    });
    assert_eq!(body(Api::OpenAiChat, &ask()), wanted);
    let with_image = body(Api::OpenAiChat, &ask_with_image());
    let content = json!([
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}},
        {"type": "text", "text": "Word this."},
    ]);
    assert_eq!(with_image["messages"], json!([{"role": "user", "content": content}]));
}

#[test]
fn effort_stands_beside_the_rest() {
    for (api, pointer) in [
        (Api::AnthropicMessages, "/output_config/effort"),
        (Api::OpenAiResponses, "/reasoning/effort"),
        (Api::OpenAiChat, "/reasoning_effort"),
    ] {
        let mut with_effort = body(api, &ask());
        set_effort(api, &mut with_effort, Effort::Low);
        assert_eq!(with_effort.pointer(pointer), Some(&json!("low")));
    }
    let mut with_effort = body(Api::AnthropicMessages, &ask());
    set_effort(Api::AnthropicMessages, &mut with_effort, Effort::High);
    assert!(with_effort.pointer("/output_config/format/schema").is_some());
}

#[test]
fn same_ask_gives_the_same_bytes() {
    for api in [Api::AnthropicMessages, Api::OpenAiResponses, Api::OpenAiChat] {
        assert_eq!(body(api, &ask()).to_string(), body(api, &ask().clone()).to_string());
    }
}

#[test]
fn schema_names_are_made_acceptable() {
    for (name, wanted) in [("a-b_C9", "a-b_C9"), ("Gang über", "Gang__ber"), ("", "reply")] {
        assert_eq!(schema_name(name), wanted);
    }
    assert_eq!(schema_name(&"x".repeat(99)).len(), 64);
}

pub(super) fn anthropic_answer(stop_reason: &str, content: &Value) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5", "content": content,
        "stop_reason": stop_reason, "stop_sequence": null, "stop_details": null,
        "usage": {
            "input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000,
            "output_tokens": 7, "service_tier": "standard",
        },
    })
}

#[test]
fn anthropic_stop_reasons() {
    let text = json!([{"type": "thinking", "thinking": "", "signature": "x"}, {"type": "text", "text": "{\"a\":"}, {"type": "text", "text": "1}"}]);
    let said =
        |reason: &str, content: &Value| parse(Api::AnthropicMessages, &anthropic_answer(reason, content)).unwrap().said;
    for reason in ["end_turn", "stop_sequence"] {
        assert_eq!(said(reason, &text), Said::Text("{\"a\":1}".to_owned()));
    }
    for reason in ["max_tokens", "model_context_window_exceeded"] {
        assert_eq!(said(reason, &text), Said::CutOff);
    }
    assert_eq!(said("refusal", &json!([])), Said::Refused("no reason given".to_owned()));
    for reason in ["tool_use", "pause_turn", "something_new"] {
        assert!(matches!(said(reason, &text), Said::Nothing(why) if why.contains(reason)));
    }
    assert!(matches!(said("end_turn", &json!([])), Said::Nothing(_)));
    let mut refused = anthropic_answer("refusal", &json!([]));
    refused["stop_details"] = json!({"type": "refusal", "category": "bio", "explanation": null});
    assert_eq!(parse(Api::AnthropicMessages, &refused).unwrap().said, Said::Refused("bio".to_owned()));
}

#[test]
fn anthropic_usage_counts_the_whole_input() {
    let answer = anthropic_answer("end_turn", &json!([{"type": "text", "text": "{}"}]));
    let reply = parse(Api::AnthropicMessages, &answer).unwrap();
    let wanted = Usage { input_tokens: 3210, cached_tokens: 3000, cache_write_tokens: 200, output_tokens: 7 };
    assert_eq!((reply.usage, reply.model.as_str(), reply.id.as_str()), (wanted, "claude-haiku-5-5", "msg_1"));
    let mut uncached = answer.clone();
    uncached["usage"] = json!({"input_tokens": 10, "cache_read_input_tokens": null, "output_tokens": 7});
    let usage = parse(Api::AnthropicMessages, &uncached).unwrap().usage;
    assert_eq!(usage, Usage { input_tokens: 10, output_tokens: 7, ..Usage::default() });
}

pub(super) fn responses_answer(status: &str, output: &Value) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1.0, "model": "gpt-6-luna-2026-09-22", "status": status,
        "error": null, "incomplete_details": null, "output": output,
        "usage": {
            "input_tokens": 100, "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 32},
            "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 109,
        },
    })
}

#[test]
fn responses_look_for_the_message_behind_the_reasoning() {
    let part = json!({"type": "output_text", "text": "{\"a\":1}", "annotations": []});
    let message = json!({"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]});
    let output = json!([{"type": "reasoning", "id": "r", "summary": [], "content": [{"type": "reasoning_text", "text": "no"}]}, message]);
    let reply = parse(Api::OpenAiResponses, &responses_answer("completed", &output)).unwrap();
    assert_eq!(reply.said, Said::Text("{\"a\":1}".to_owned()));
    let wanted = Usage { input_tokens: 100, cached_tokens: 64, cache_write_tokens: 32, output_tokens: 9 };
    assert_eq!((reply.usage, reply.id.as_str()), (wanted, "resp_1"));
    let call = json!([{"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}]);
    let reply = parse(Api::OpenAiResponses, &responses_answer("completed", &call)).unwrap();
    assert!(matches!(reply.said, Said::Call(call) if call.id == "c" && call.sql.is_empty()));
    let refusal = json!([{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]);
    let reply = parse(Api::OpenAiResponses, &responses_answer("completed", &refusal)).unwrap();
    assert_eq!(reply.said, Said::Refused("I cannot.".to_owned()));
}

#[test]
fn responses_that_are_not_complete() {
    let said = |reason: &str| {
        let mut answer = responses_answer("incomplete", &json!([]));
        answer["incomplete_details"] = json!({"reason": reason});
        parse(Api::OpenAiResponses, &answer).unwrap().said
    };
    assert_eq!(said("max_output_tokens"), Said::CutOff);
    assert!(matches!(said("content_filter"), Said::Refused(_)));
    assert!(matches!(said("steered"), Said::Nothing(why) if why.contains("steered")));
    let mut failed = responses_answer("failed", &json!([]));
    failed["error"] = json!({"code": "server_error", "message": "It broke."});
    failed["usage"] = Value::Null;
    let reply = parse(Api::OpenAiResponses, &failed).unwrap();
    assert_eq!(reply.usage, Usage::default());
    assert!(matches!(reply.said, Said::Nothing(why) if why.contains("It broke.")));
}

pub(super) fn chat_answer(finish_reason: &Value, message: &Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "qwen",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message, "logprobs": null}],
        "usage": {
            "prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55,
            "prompt_tokens_details": {"cached_tokens": 16},
        },
    })
}

#[test]
fn chat_finish_reasons() {
    let message = json!({"role": "assistant", "content": "{\"a\":1}", "refusal": null});
    let said = |reason: &Value, message: &Value| parse(Api::OpenAiChat, &chat_answer(reason, message)).unwrap().said;
    for reason in [json!("stop"), Value::Null] {
        assert_eq!(said(&reason, &message), Said::Text("{\"a\":1}".to_owned()));
    }
    assert_eq!(said(&json!("length"), &message), Said::CutOff);
    assert!(matches!(said(&json!("content_filter"), &message), Said::Refused(_)));
    for reason in ["tool_calls", "function_call"] {
        assert!(matches!(said(&json!(reason), &message), Said::Nothing(why) if why.contains(reason)));
    }
    let refused = json!({"role": "assistant", "content": null, "refusal": "I cannot."});
    assert_eq!(said(&json!("stop"), &refused), Said::Refused("I cannot.".to_owned()));
    assert!(matches!(said(&json!("stop"), &json!({"role": "assistant", "content": null})), Said::Nothing(_)));
    let fenced = json!({"role": "assistant", "content": "```json\n{\"a\":1}\n```\n"});
    assert_eq!(said(&json!("stop"), &fenced), Said::Text("{\"a\":1}".to_owned()));
    let usage = parse(Api::OpenAiChat, &chat_answer(&json!("stop"), &message)).unwrap().usage;
    assert_eq!(usage, Usage { input_tokens: 50, cached_tokens: 16, cache_write_tokens: 0, output_tokens: 5 });
}

#[test]
fn answers_without_usage_or_with_an_error() {
    let text = json!([{"type": "text", "text": "{}"}]);
    let message = json!({"role": "assistant", "content": "{}"});
    for (api, mut answer) in [
        (Api::AnthropicMessages, anthropic_answer("end_turn", &text)),
        (Api::OpenAiResponses, responses_answer("completed", &json!([]))),
        (Api::OpenAiChat, chat_answer(&json!("stop"), &message)),
    ] {
        answer.as_object_mut().unwrap().remove("usage");
        match api {
            Api::AnthropicMessages => assert_eq!(parse(api, &answer), Err(WireError::Missing("usage"))),
            // Optional in this interface: unknown.
            _ => assert_eq!(parse(api, &answer).unwrap().usage, Usage::default()),
        }
        assert!(matches!(parse(api, &json!({})), Err(WireError::Missing(_))));
        assert!(matches!(parse(api, &json!([1])), Err(WireError::Missing(_))));
        let error = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "Bad."}});
        assert_eq!(parse(api, &error), Err(WireError::Provider("Bad. (invalid_request_error)".to_owned())));
    }
}

fn tried(status: u16, headers: &[(&str, &str)], body: &str, now_s: f64) -> Next {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let response = Response { status, headers: headers.collect::<BTreeMap<_, _>>(), body: body.as_bytes().to_vec() };
    classify(&Ok(response), now_s)
}

#[test]
fn which_statuses_are_tried_again() {
    for status in [200, 201, 204] {
        assert_eq!(tried(status, &[], "", 0.0), Next::Done);
    }
    for status in [301, 307, 400, 401, 402, 403, 404, 413, 422] {
        assert_eq!(tried(status, &[], "", 0.0), Next::Fail, "{status}");
    }
    for (status, is_billed_maybe) in [
        (408, true),
        (409, false),
        (429, false),
        (500, false),
        (502, true),
        (503, false),
        (504, true),
        (524, true),
        (529, false),
    ] {
        assert_eq!(tried(status, &[], "", 0.0), Next::Retry { after_s: None, is_billed_maybe }, "{status}");
    }
}

#[test]
fn lost_answers_are_tried_again_and_may_be_billed_if_they_were_sent() {
    for is_sent in [true, false] {
        let error = SendError { message: "reset".to_owned(), is_sent, is_timeout: false };
        assert_eq!(classify(&Err(error), 0.0), Next::Retry { after_s: None, is_billed_maybe: is_sent });
    }
}

#[test]
fn server_decides_whether_to_try_again() {
    assert_eq!(tried(500, &[("x-should-retry", "false")], "", 0.0), Next::Fail);
    assert!(matches!(tried(400, &[("x-should-retry", "true")], "", 0.0), Next::Retry { .. }));
    assert_eq!(tried(200, &[("x-should-retry", "true")], "", 0.0), Next::Done);
    let spent = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(tried(429, &[], spent, 0.0), Next::Fail);
}

#[test]
fn server_decides_how_long_to_wait() {
    let wait = |headers: &[(&str, &str)], now_s: f64| match tried(429, headers, "", now_s) {
        Next::Retry { after_s, .. } => after_s,
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(&[("retry-after-ms", "1500"), ("retry-after", "9")], 0.0), Some(1.5));
    assert_eq!(wait(&[("retry-after", "9")], 0.0), Some(9.0));
    assert_eq!(wait(&[("retry-after", "0.25")], 0.0), Some(0.25));
    assert_eq!(wait(&[("retry-after-ms", "soon"), ("retry-after", "9")], 0.0), Some(9.0));
    // The example of RFC 9110, a leap day, and the last second of a century.
    assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], 784_111_770.0), Some(7.0));
    assert_eq!(wait(&[("retry-after", "Thu, 29 Feb 2024 12:00:00 GMT")], 1_709_207_940.0), Some(60.0));
    assert_eq!(wait(&[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")], 946_684_798.0), Some(1.0));
    for useless in
        ["0", "-3", "nan", "inf", "later", "", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 2030 08:49:37 GMT"]
    {
        assert_eq!(wait(&[("retry-after", useless)], 784_111_777.0), None, "{useless}");
    }
}

#[test]
fn waits_double_up_to_a_minute() {
    assert_eq!((backoff_s(0, 1.0), backoff_s(1, 1.0), backoff_s(5, 1.0)), (1.0, 2.0, 32.0));
    for attempt in 0..200 {
        let (low, high) = (backoff_s(attempt, 0.0), backoff_s(attempt, 1.0));
        assert!(low >= 0.5 && low == high / 2.0 && high <= 60.0);
        assert!(high <= backoff_s(attempt + 1, 1.0));
    }
    assert_eq!((backoff_s(u32::MAX, 1.0), backoff_s(3, f64::NAN), backoff_s(3, 7.0)), (60.0, 8.0, 8.0));
}

#[test]
fn error_messages_of_all_kinds_of_servers() {
    for (body, wanted) in [
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            "Overloaded (overloaded_error)",
        ),
        (
            r#"{"error":{"message":"Unknown model.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
            "Unknown model. (model_not_found)",
        ),
        (r#"{"error":"model \"x\" not found"}"#, "model \"x\" not found"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        ("<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>", "502 Bad Gateway nginx"),
        ("1 < 2", "1"),
        ("", "no message"),
        ("null", "null"),
    ] {
        assert_eq!(error_message(body.as_bytes()), wanted);
    }
    let long = error_message("é".repeat(5000).as_bytes());
    assert_eq!((long.chars().count(), long.ends_with("...")), (303, true));
    assert_eq!(error_message(&[0xff, b'a']), "\u{fffd}a");
}

#[test]
fn json_and_form_bodies_are_encoded() {
    let request = Request::post_json("/x", &json!({"a": 1}), 5.0);
    let (content_type, bytes) = request.body.encoded().unwrap();
    assert_eq!((content_type.as_str(), &*bytes), ("application/json", &b"{\"a\":1}"[..]));
    assert_eq!(Request::get("/x", 5.0).body.encoded(), None);
    let form = Body::Multipart {
        fields: vec![("purpose".to_owned(), "batch".to_owned())],
        file_field: "file".to_owned(),
        file_name: "a\"b.jsonl".to_owned(),
        file: b"{}\n".to_vec(),
    };
    let (content_type, bytes) = form.encoded().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let wanted = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.jsonl\"\r\n\
         Content-Type: application/jsonl\r\n\r\n{{}}\n\r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&bytes), wanted);
}
