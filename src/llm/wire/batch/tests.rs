use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::http::{Body, Method};
use super::super::tests::{anthropic_answer, chat_answer, responses_answer};
use super::*;

const OPENAI: Api = Api::OpenAiResponses;
const CLAUDE: Api = Api::AnthropicMessages;

fn item(id: &str, model: &str) -> BatchItem {
    BatchItem { custom_id: id.to_owned(), body: json!({"model": model, "max_tokens": 5}) }
}

fn sent(request: &Request) -> Vec<u8> {
    match &request.body {
        Body::Empty => Vec::new(),
        Body::Json(bytes) | Body::Multipart { file: bytes, .. } => bytes.clone(),
    }
}

/// The bytes that the provider measures.
fn sent_batch(api: Api, items: &[BatchItem]) -> Vec<u8> {
    sent(&upload_request(api, items).unwrap_or_else(|| create_request(api, items, None)))
}

#[test]
fn anthropic_batches_are_sent_in_one_request() {
    let items = [item("a", "m"), item("b", "m")];
    assert_eq!(upload_request(CLAUDE, &items), None);
    let request = create_request(CLAUDE, &items, None);
    assert_eq!((request.method, request.path.as_str()), (Method::Post, "/v1/messages/batches"));
    let wanted = json!({"requests": [
        {"custom_id": "a", "params": {"model": "m", "max_tokens": 5}},
        {"custom_id": "b", "params": {"model": "m", "max_tokens": 5}},
    ]});
    assert_eq!(serde_json::from_slice::<Value>(&sent(&request)).unwrap(), wanted);
    assert_eq!(status_request(CLAUDE, "msgbatch_1").path, "/v1/messages/batches/msgbatch_1");
}

#[test]
fn openai_batches_are_uploaded_first() {
    for (api, endpoint) in [(OPENAI, "/v1/responses"), (Api::OpenAiChat, "/v1/chat/completions")] {
        let upload = upload_request(api, &[item("a", "m"), item("b", "m")]).unwrap();
        assert_eq!(upload.path, "/files");
        let Body::Multipart { fields, file_field, file_name, file } = &upload.body else { panic!("no form") };
        assert_eq!((fields[0].0.as_str(), fields[0].1.as_str(), file_field.as_str()), ("purpose", "batch", "file"));
        assert_eq!(file_name, "posekit.jsonl");
        let lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
        assert_eq!((lines.len(), lines[2].len()), (3, 0));
        let body = json!({"model": "m", "max_tokens": 5});
        let wanted = json!({"custom_id": "a", "method": "POST", "url": endpoint, "body": body});
        assert_eq!(serde_json::from_slice::<Value>(lines[0]).unwrap(), wanted);
        let create = create_request(api, &[], Some("file-1"));
        assert_eq!(create.path, "/batches");
        let wanted = json!({"input_file_id": "file-1", "endpoint": endpoint, "completion_window": "24h"});
        assert_eq!(serde_json::from_slice::<Value>(&sent(&create)).unwrap(), wanted);
    }
    assert_eq!(uploaded_file_id(&json!({"id": "file-1", "object": "file"})).unwrap(), "file-1");
    assert_eq!(uploaded_file_id(&json!({"object": "file"})), Err(WireError::Missing("id")));
    assert_eq!(status_request(OPENAI, "batch_1").path, "/batches/batch_1");
}

#[test]
fn batches_are_split_by_count_bytes_and_model() {
    let items = |n: usize| (0..n).map(|index| item(&format!("id{index}"), "m")).collect::<Vec<_>>();
    let sizes = |batches: &[Vec<BatchItem>]| batches.iter().map(Vec::len).collect::<Vec<_>>();
    for api in [OPENAI, CLAUDE] {
        let by_count = BatchLimits { max_requests: 4, max_bytes: usize::MAX };
        assert_eq!(sizes(&split(items(10), api, &by_count)), [4, 4, 2]);
        let three = sent_batch(api, &items(3)).len() + 1;
        let by_bytes = BatchLimits { max_requests: 100, max_bytes: three };
        assert_eq!(sizes(&split(items(7), api, &by_bytes)), [3, 3, 1]);
        let tiny = BatchLimits { max_requests: 100, max_bytes: 1 };
        assert_eq!(sizes(&split(items(2), api, &tiny)), [1, 1]);
        assert!(split(Vec::new(), api, &limits(api)).is_empty());
    }
    let mixed = vec![item("1", "x"), item("2", "y"), item("3", "x")];
    assert_eq!(sizes(&split(mixed.clone(), OPENAI, &limits(OPENAI))), [2, 1]);
    assert_eq!(sizes(&split(mixed, CLAUDE, &limits(CLAUDE))), [3]);
}

proptest! {
    #[test]
    fn split_keeps_every_ask_and_obeys_the_limits(
        lengths in prop::collection::vec(0_usize..300, 0..40),
        max_requests in 1_usize..12,
        max_bytes in 1_usize..2000,
        is_claude: bool,
    ) {
        let api = if is_claude { CLAUDE } else { OPENAI };
        let items: Vec<BatchItem> = lengths.iter().enumerate().map(|(index, length)| {
            BatchItem { custom_id: index.to_string(), body: json!({"text": "ü\"".repeat(*length)}) }
        }).collect();
        let batches = split(items.clone(), api, &BatchLimits { max_requests, max_bytes });
        for batch in &batches {
            prop_assert!(!batch.is_empty() && batch.len() <= max_requests);
            prop_assert!(batch.len() == 1 || sent_batch(api, batch).len() <= max_bytes);
        }
        prop_assert_eq!(batches.concat(), items);
    }
}

fn claude_state(status: &str, counts: [u64; 5], url: &Value) -> Value {
    let [processing, succeeded, errored, canceled, expired] = counts;
    json!({
        "id": "msgbatch_1", "type": "message_batch", "processing_status": status, "results_url": url,
        "request_counts": {
            "processing": processing, "succeeded": succeeded, "errored": errored, "canceled": canceled, "expired": expired,
        },
        "created_at": "2026-11-01T00:00:00Z", "expires_at": "2026-11-02T00:00:00Z",
    })
}

#[test]
fn anthropic_states() {
    for status in ["in_progress", "canceling"] {
        let state = parse_state(CLAUDE, &claude_state(status, [7, 0, 0, 0, 0], &Value::Null)).unwrap();
        assert_eq!((state.phase, state.n_done, state.n_total, state.results.len()), (Phase::Running, 0, 7, 0));
    }
    let url = json!("https://api.anthropic.com/v1/messages/batches/msgbatch_1/results");
    let state = parse_state(CLAUDE, &claude_state("ended", [0, 4, 1, 1, 1], &url)).unwrap();
    assert_eq!((state.id.as_str(), state.phase, state.n_done, state.n_total), ("msgbatch_1", Phase::Ended, 7, 7));
    assert_eq!(state.results.len(), 1);
    // It is appended to the base again, so that a gateway's address and prefix stay in use.
    assert_eq!(state.results[0].path, "/v1/messages/batches/msgbatch_1/results");
    let elsewhere = parse_state(CLAUDE, &claude_state("ended", [0, 1, 0, 0, 0], &json!("https://x/y.jsonl"))).unwrap();
    assert_eq!(elsewhere.results[0].path, "https://x/y.jsonl");
    let gone = parse_state(CLAUDE, &claude_state("ended", [0, 1, 0, 0, 0], &Value::Null)).unwrap();
    assert!(gone.results.is_empty());
}

fn openai_state(status: &str, output: &Value, errors: &Value) -> Value {
    json!({
        "id": "batch_1", "object": "batch", "endpoint": "/v1/responses", "input_file_id": "file-1",
        "completion_window": "24h", "created_at": 1, "status": status, "output_file_id": output,
        "error_file_id": errors, "request_counts": {"total": 10, "completed": 6, "failed": 1},
    })
}

#[test]
fn openai_states() {
    let paths = |state: &BatchState| state.results.iter().map(|request| request.path.clone()).collect::<Vec<_>>();
    for status in ["validating", "in_progress", "finalizing", "cancelling"] {
        let state = parse_state(OPENAI, &openai_state(status, &json!("file-o"), &Value::Null)).unwrap();
        assert_eq!((&state.phase, state.n_done, state.n_total), (&Phase::Running, 7, 10));
        assert!(paths(&state).is_empty());
    }
    for (status, phase) in [("completed", Phase::Ended), ("expired", Phase::Expired), ("cancelled", Phase::Canceled)] {
        let state = parse_state(OPENAI, &openai_state(status, &json!("file-o"), &json!("file-e"))).unwrap();
        assert_eq!(state.phase, phase);
        assert_eq!(paths(&state), ["/files/file-o/content", "/files/file-e/content"]);
        let nothing_worked = parse_state(OPENAI, &openai_state(status, &Value::Null, &json!("file-e"))).unwrap();
        assert_eq!(paths(&nothing_worked), ["/files/file-e/content"]);
        let nothing = parse_state(OPENAI, &openai_state(status, &Value::Null, &Value::Null)).unwrap();
        assert!(nothing.results.is_empty());
    }
    let mut failed = openai_state("failed", &Value::Null, &Value::Null);
    failed["errors"] =
        json!({"object": "list", "data": [{"code": "invalid_json_line", "line": 3, "message": "Bad line."}]});
    failed["request_counts"] = Value::Null;
    let state = parse_state(OPENAI, &failed).unwrap();
    assert_eq!(state.phase, Phase::Failed("line 3: Bad line. (invalid_json_line)".to_owned()));
    assert_eq!((state.n_done, state.n_total), (0, 0));
}

#[test]
fn states_that_are_errors() {
    let error = json!({"type": "error", "error": {"type": "not_found_error", "message": "No batch."}});
    for api in [OPENAI, CLAUDE] {
        assert!(matches!(parse_state(api, &error), Err(WireError::Provider(why)) if why.contains("No batch.")));
        assert!(matches!(parse_state(api, &json!({})), Err(WireError::Missing(_))));
    }
}

fn lines(values: &[Value]) -> Vec<u8> {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n").into_bytes()
}

#[test]
fn anthropic_results_in_any_order() {
    let message = anthropic_answer("end_turn", &json!([{"type": "text", "text": "{}"}]));
    let error = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: required"}, "request_id": "r"});
    let mut file = lines(&[
        json!({"custom_id": "d", "result": {"type": "expired"}}),
        json!({"custom_id": "a", "result": {"type": "succeeded", "message": message}}),
        json!({"custom_id": "c", "result": {"type": "canceled"}}),
        json!({"custom_id": "b", "result": {"type": "errored", "error": error}}),
        json!({"custom_id": "e", "result": {"type": "succeeded", "message": {"type": "message"}}}),
    ]);
    file.extend_from_slice(b"\n\n{broken\n{\"result\":{}}\n{\"custom_id\":\"f\"}\r\n");
    let results = parse_results(CLAUDE, &file);
    let outcome = |index: usize| results[index].clone().unwrap();
    assert_eq!(outcome(0), ("d".to_owned(), ItemOutcome::Expired));
    assert!(
        matches!(outcome(1), (id, ItemOutcome::Reply(reply)) if id == "a" && reply.said == Said::Text("{}".to_owned()))
    );
    assert_eq!(outcome(2), ("c".to_owned(), ItemOutcome::Canceled));
    let words = "max_tokens: required (invalid_request_error)".to_owned();
    assert_eq!(outcome(3), ("b".to_owned(), ItemOutcome::Errored(words)));
    assert!(
        matches!(outcome(4), (id, ItemOutcome::Reply(reply)) if id == "e" && matches!(reply.said, Said::Nothing(_)) && reply.usage == Usage::default())
    );
    assert!(matches!(results[5], Err(WireError::Line { line: 7, .. })));
    assert!(matches!(results[6], Err(WireError::Line { line: 8, .. })));
    assert!(matches!(results[7], Err(WireError::Line { line: 9, .. })));
    assert_eq!(results.len(), 8);
    assert!(parse_results(CLAUDE, b"").is_empty());
}

#[test]
fn openai_results_of_both_files() {
    let part = json!({"type": "output_text", "text": "{}", "annotations": []});
    let answer = responses_answer("completed", &json!([{"type": "message", "content": [part]}]));
    let line = |id: &str, response: Value, error: Value| json!({"id": "batch_req_1", "custom_id": id, "response": response, "error": error});
    let refused = json!({"error": {"message": "Bad schema.", "type": "invalid_request_error", "code": null}});
    let file = lines(&[
        line("b", json!({"status_code": 200, "request_id": "r", "body": answer}), Value::Null),
        line("a", json!({"status_code": 400, "request_id": "r", "body": refused}), Value::Null),
        line(
            "d",
            Value::Null,
            json!({"code": "batch_expired", "message": "This request could not be executed in time."}),
        ),
        line("e", Value::Null, json!({"code": "batch_cancelled", "message": "Canceled."})),
        line("f", Value::Null, json!({"code": "server_error", "message": "It broke."})),
        line("g", Value::Null, Value::Null),
    ]);
    let results = parse_results(OPENAI, &file);
    let outcome = |index: usize| results[index].clone().unwrap();
    let usage = Usage { input_tokens: 100, cached_tokens: 64, cache_write_tokens: 32, output_tokens: 9 };
    assert!(matches!(outcome(0), (id, ItemOutcome::Reply(reply)) if id == "b" && reply.usage == usage));
    let words = "status 400: Bad schema. (invalid_request_error)".to_owned();
    assert_eq!(outcome(1), ("a".to_owned(), ItemOutcome::Errored(words)));
    assert_eq!(outcome(2), ("d".to_owned(), ItemOutcome::Expired));
    assert_eq!(outcome(3), ("e".to_owned(), ItemOutcome::Canceled));
    assert_eq!(outcome(4), ("f".to_owned(), ItemOutcome::Errored("It broke. (server_error)".to_owned())));
    assert!(matches!(results[5], Err(WireError::Line { line: 6, .. })));
    let chat = chat_answer(&json!("stop"), &json!({"role": "assistant", "content": "{}"}));
    let line = line("a", json!({"status_code": 200, "request_id": "r", "body": chat}), Value::Null);
    let results = parse_results(Api::OpenAiChat, &lines(&[line]));
    assert!(matches!(results[0].clone().unwrap().1, ItemOutcome::Reply(_)));
}
