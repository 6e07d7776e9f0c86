use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::faults::{Fault, Faults};
use super::{Config, Loopback};

/// Status, head and body of an answer. The body is what came before the connection ended.
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn call(server: &Loopback, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(server.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = vec![];
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    Reply { status: head[9..12].parse().unwrap(), head, body: bytes[end + 4..].to_vec() }
}

const ANTHROPIC: &str = "x-api-key: k\r\nanthropic-version: 2023-06-01\r\n";
const OPENAI: &str = "authorization: Bearer k\r\n";

fn start(faults: &str) -> Loopback {
    Loopback::start(Config { faults: faults.parse().unwrap(), slow_ms: 200, ..Config::default() }).unwrap()
}

fn params(text: &str) -> Value {
    json!({"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": text}]})
}

fn post(server: &Loopback, path: &str, headers: &str, body: &Value) -> Reply {
    call(server, "POST", path, headers, body.to_string().as_bytes())
}

fn ask(server: &Loopback, text: &str) -> Reply {
    post(server, "/v1/messages", ANTHROPIC, &params(text))
}

#[test]
fn all_apis_answer_behind_a_gateway_too() {
    let server = start("");
    for prefix in ["", "/gateway"] {
        assert_eq!(post(&server, &format!("{prefix}/v1/messages"), ANTHROPIC, &params("x")).json()["type"], "message");
        let body = json!({"model": "gpt-6-luna", "input": "x"});
        assert_eq!(post(&server, &format!("{prefix}/v1/responses"), OPENAI, &body).json()["object"], "response");
        let body = json!({"model": "gpt-6-luna", "messages": [{"role": "user", "content": "x"}]});
        assert_eq!(
            post(&server, &format!("{prefix}/v1/chat/completions"), OPENAI, &body).json()["object"],
            "chat.completion"
        );
    }
    for (headers, key) in [(ANTHROPIC, "first_id"), (OPENAI, "object")] {
        assert!(call(&server, "GET", "/v1/models", headers, b"").json().get(key).is_some());
    }
    let state = server.state();
    assert_eq!((state.records.len(), state.rejections.len()), (6, 0));
    assert_eq!(state.paid_twice().len(), 3);
    assert!(state.cost_nano_usd() > 0);
}

#[test]
fn errors_have_the_shape_of_their_provider() {
    let server = start("");
    let reply = post(&server, "/v1/messages", "anthropic-version: 2023-06-01\r\n", &params("x"));
    assert_eq!((reply.status, reply.json()["error"]["type"].as_str()), (401, Some("authentication_error")));
    assert!(reply.head.contains(&format!("request-id: {}", reply.json()["request_id"].as_str().unwrap())));
    assert_eq!(post(&server, "/v1/messages", "x-api-key: k\r\n", &params("x")).status, 400);
    let reply = post(&server, "/v1/responses", OPENAI, &json!({"model": "m", "input": "x", "max_tokens": 4}));
    assert_eq!((reply.status, reply.json()["error"]["param"].as_str()), (400, Some("max_tokens")));
    assert!(reply.head.contains("x-request-id: req_"));
    assert_eq!(post(&server, "/v1/responses", "", &json!({})).json()["error"]["code"], "invalid_api_key");
    assert_eq!(call(&server, "GET", "/v1/other", OPENAI, b"").status, 404);
    assert_eq!(call(&server, "GET", "/v1/messages", ANTHROPIC, b"").status, 404);
    assert_eq!(call(&server, "POST", "/v1/messages", ANTHROPIC, b"{").status, 400);
    assert_eq!(server.state().rejections.len(), 7);
    assert_eq!(server.state().cost_nano_usd(), 0);
}

#[test]
fn faults_before_the_answer_cost_nothing() {
    for (fault, status, header) in [
        ("rate_limited", 429, "retry-after: 1"),
        ("rate_limited_ms", 429, "retry-after-ms: 50"),
        ("rate_limited_date", 429, " GMT"),
        ("server_error", 500, ""),
        ("server_error_final", 500, "x-should-retry: false"),
        ("overloaded", 529, ""),
    ] {
        let server = start(&format!("{fault}=1"));
        let reply = ask(&server, "x");
        assert_eq!(reply.status, status);
        assert!(reply.head.contains(header), "{}", reply.head);
        let state = server.state();
        assert_eq!((state.cost_nano_usd(), state.records[0].status), (0, status));
    }
    let server = start("overloaded=1");
    assert_eq!(post(&server, "/v1/responses", OPENAI, &json!({"model": "m", "input": "x"})).status, 503);
}

#[test]
fn a_client_that_does_not_wait_is_noticed() {
    let faults = Faults::default().with(Fault::RateLimited, 1.0).on_first_attempt();
    let server = Loopback::start(Config { faults, ..Config::default() }).unwrap();
    assert_eq!([ask(&server, "x").status, ask(&server, "x").status], [429, 200]);
    assert_eq!(server.state().early_retries, 1);
}

#[test]
fn a_broken_body_ends_in_its_middle_and_costs() {
    let server = start("broken=1");
    let reply = ask(&server, "x");
    let length: usize =
        reply.head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
    assert_eq!(reply.body.len(), length / 2);
    assert!(server.state().cost_nano_usd() > 0);
    assert_eq!(server.state().records[0].faults, ["broken"]);
}

#[test]
fn a_slow_body_comes_whole_but_late() {
    let server = start("slow=1");
    let start = Instant::now();
    assert_eq!(ask(&server, "x").json()["type"], "message");
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn runs_with_the_same_seed_have_the_same_luck() {
    let statuses = || {
        let server = start("server_error=0.3,rate_limited_ms=0.2");
        (0..30).map(|n| ask(&server, &n.to_string()).status).collect::<Vec<_>>()
    };
    let first = statuses();
    assert_eq!(first, statuses());
    assert!([200, 429, 500].iter().all(|status| first.contains(status)), "{first:?}");
}

fn batch_items(n: usize) -> Value {
    (0..n).map(|n| json!({"custom_id": format!("item-{n}"), "params": params(&format!("Text {n}"))})).collect()
}

fn ended(server: &Loopback, path: &str, headers: &str) -> Value {
    assert!(call(server, "GET", path, headers, b"").json().to_string().contains("in_progress"));
    call(server, "GET", path, headers, b"").json()
}

#[test]
fn an_anthropic_batch_gives_every_item_at_half_price() {
    let server = start("item_errored=0.1,item_expired=0.1,out_of_order=1,item_repeated=0.1");
    let mut requests = batch_items(60);
    requests[0]["params"]["nonsense"] = json!(1);
    let made = post(&server, "/v1/messages/batches", ANTHROPIC, &json!({"requests": requests})).json();
    assert_eq!((made["results_url"].is_null(), made["request_counts"]["processing"].as_u64()), (true, Some(60)));
    let path = format!("/v1/messages/batches/{}", made["id"].as_str().unwrap());
    let done = ended(&server, &path, ANTHROPIC);
    assert_eq!(done["results_url"], format!("http://h{path}/results"));
    let results = call(&server, "GET", &format!("{path}/results"), ANTHROPIC, b"").body;
    let lines: Vec<Value> =
        String::from_utf8(results).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = lines.iter().map(|line| line["custom_id"].as_str().unwrap()).collect();
    let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), 60);
    assert!(ids.len() > 60 && ids[0] != "item-0");
    let n_of = |kind: &str| {
        let of_kind = lines.iter().filter(|line| line["result"]["type"] == kind);
        of_kind.map(|line| line["custom_id"].as_str().unwrap()).collect::<std::collections::BTreeSet<_>>().len() as u64
    };
    for kind in ["succeeded", "errored", "expired"] {
        assert_eq!(Some(n_of(kind)), done["request_counts"][kind].as_u64());
        assert!(n_of(kind) > 0);
    }
    let invalid = lines.iter().find(|line| line["custom_id"] == "item-0").unwrap();
    assert!(invalid["result"]["error"]["error"]["message"].as_str().unwrap().contains("nonsense"));
    let state = server.state();
    let cost = |record: &super::state::Record| (record.usage.input * 100 + record.usage.output * 500).div_ceil(2);
    assert!(state.records.iter().all(|record| record.cost_nano_usd == cost(record)));
    assert_eq!(state.paid_by_content().len() as u64, n_of("succeeded"));
}

#[test]
fn invalid_anthropic_batches_are_refused() {
    let server = start("");
    let mut twice = batch_items(2);
    twice[1]["custom_id"] = json!("item-0");
    let mut odd = batch_items(1);
    odd[0]["custom_id"] = json!("a/b");
    for requests in [json!([]), twice, odd] {
        assert_eq!(post(&server, "/v1/messages/batches", ANTHROPIC, &json!({"requests": requests})).status, 400);
    }
    assert!(server.state().batches.is_empty());
}

fn upload(server: &Loopback, lines: &[Value]) -> String {
    let text = String::from_utf8(super::batches::json_lines(lines)).unwrap();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"x.jsonl\"\r\n\r\n{text}\r\n--b--\r\n"
    );
    let headers = format!("{OPENAI}content-type: multipart/form-data; boundary=b\r\n");
    let reply = call(server, "POST", "/v1/files", &headers, body.as_bytes()).json();
    assert_eq!(reply["bytes"], text.len());
    reply["id"].as_str().unwrap().to_string()
}

fn openai_lines(n: usize) -> Vec<Value> {
    let body = |n: usize| json!({"model": "gpt-6-luna", "input": format!("Text {n}")});
    (0..n)
        .map(|n| json!({"custom_id": format!("v1/{n}"), "method": "POST", "url": "/v1/responses", "body": body(n)}))
        .collect()
}

fn openai_batch(server: &Loopback, lines: &[Value]) -> String {
    let body = json!({"completion_window": "24h", "endpoint": "/v1/responses", "input_file_id": upload(server, lines)});
    let made = post(server, "/v1/batches", OPENAI, &body).json();
    assert_eq!((made["status"].as_str(), made["output_file_id"].is_null()), (Some("validating"), true));
    format!("/v1/batches/{}", made["id"].as_str().unwrap())
}

#[test]
fn an_openai_batch_without_errors_has_no_error_file() {
    let server = start("");
    let done = ended(&server, &openai_batch(&server, &openai_lines(3)), OPENAI);
    assert_eq!((done["status"].as_str(), done["error_file_id"].is_null()), (Some("completed"), true));
    let output =
        call(&server, "GET", &format!("/v1/files/{}/content", done["output_file_id"].as_str().unwrap()), OPENAI, b"");
    let lines: Vec<Value> =
        String::from_utf8(output.body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[0]["response"]["status_code"].as_u64(), lines[0]["error"].is_null()), (Some(200), true));
    assert_eq!(done["usage"]["output_tokens"], server.state().usage().output);
}

#[test]
fn an_expired_openai_batch_has_both_files() {
    let server = start("batch_expired=1");
    let done = ended(&server, &openai_batch(&server, &openai_lines(10)), OPENAI);
    assert_eq!((done["status"].as_str(), done["request_counts"]["completed"].as_u64()), (Some("expired"), Some(5)));
    let errors =
        call(&server, "GET", &format!("/v1/files/{}/content", done["error_file_id"].as_str().unwrap()), OPENAI, b"");
    let line: Value = serde_json::from_str(String::from_utf8(errors.body).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!((line["response"].is_null(), line["error"]["code"].as_str()), (true, Some("batch_expired")));
    assert_eq!(server.state().paid_by_content().len(), 5);
}

#[test]
fn one_bad_line_fails_an_openai_batch() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 5] = [
        (|line| line["more"] = json!(1), "invalid_request"),
        (|line| line["custom_id"] = json!("v1/0"), "duplicate_custom_id"),
        (|line| line["url"] = json!("/v1/chat/completions"), "mismatched_url"),
        (|line| line["body"]["model"] = json!("gpt-6.1-terra"), "mismatched_model"),
        (|line| line["method"] = json!("GET"), "missing_required_parameter"),
    ];
    for (edit, code) in edits {
        let (server, mut lines) = (start(""), openai_lines(3));
        edit(&mut lines[2]);
        let done = call(&server, "GET", &openai_batch(&server, &lines), OPENAI, b"").json();
        assert_eq!((done["status"].as_str(), done["errors"]["data"][0]["code"].as_str()), (Some("failed"), Some(code)));
        assert_eq!(done["errors"]["data"][0]["line"], 3);
        assert_eq!(server.state().cost_nano_usd(), 0);
    }
}

#[test]
fn a_canceled_batch_costs_nothing() {
    let server = start("");
    let made = post(&server, "/v1/messages/batches", ANTHROPIC, &json!({"requests": batch_items(2)})).json();
    let path = format!("/v1/messages/batches/{}", made["id"].as_str().unwrap());
    assert_eq!(
        call(&server, "POST", &format!("{path}/cancel"), ANTHROPIC, b"").json()["processing_status"],
        "canceling"
    );
    assert_eq!(call(&server, "GET", &path, ANTHROPIC, b"").json()["request_counts"]["canceled"], 2);
    assert_eq!(server.state().cost_nano_usd(), 0);
    let path = openai_batch(&server, &openai_lines(2));
    assert_eq!(call(&server, "POST", &format!("{path}/cancel"), OPENAI, b"").json()["status"], "cancelling");
    assert_eq!(call(&server, "GET", &path, OPENAI, b"").json()["status"], "cancelled");
    assert_eq!(call(&server, "GET", "/v1/batches", OPENAI, b"").json()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_batch_whose_creation_breaks_off_exists_all_the_same() {
    let server = start("broken_create=1");
    let reply = post(&server, "/v1/messages/batches", ANTHROPIC, &json!({"requests": batch_items(2)}));
    assert_eq!(reply.body.len(), 10);
    let list = call(&server, "GET", "/v1/messages/batches", ANTHROPIC, b"").json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[test]
fn the_state_is_there_for_scripts_and_the_log_has_each_request() {
    let path = std::env::temp_dir().join(format!("llm_loopback_{}.jsonl", std::process::id()));
    let server = Loopback::start(Config { log: Some(path.clone()), ..Config::default() }).unwrap();
    ask(&server, "x");
    let state = call(&server, "GET", "/_loopback/state/records", "", b"").json();
    assert_eq!((state["n_paid"].as_u64(), state["records"][0]["status"].as_u64()), (Some(1), Some(200)));
    drop(server);
    let line: Value = serde_json::from_str(std::fs::read_to_string(&path).unwrap().trim()).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((line["path"].as_str(), &line["request"]), (Some("/v1/messages"), &params("x")));
    assert_eq!(line["reply"]["type"], "message");
}
