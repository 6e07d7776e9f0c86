use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::super::{ProviderChoice, endpoint};
use super::*;
use crate::llm::wire::http::Body;

const KEY: &str = "sk-secret-key-1234";

/// The reaction of a connection to a request.
#[derive(Clone, Copy)]
enum Act {
    Answer(&'static str),
    /// Sends this text and closes the connection.
    CloseAfter(&'static str),
    /// Keeps the connection open without sending anything.
    Hang,
}

/// A request that reached the server.
struct Got {
    connection: usize,
    head: String,
    body: Vec<u8>,
}

/// A server that reacts to its requests in the given order. The last reaction repeats.
fn server(acts: &'static [Act]) -> (String, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .spawn(move || {
            let mut n_served = 0;
            for (connection, stream) in listener.incoming().enumerate() {
                if serve(stream.unwrap(), connection, acts, &mut n_served, &sender).is_none() {
                    return;
                }
            }
        })
        .unwrap();
    (url, receiver)
}

/// Serves a connection until one side closes it; `None` if the test has ended.
fn serve(stream: TcpStream, connection: usize, acts: &[Act], n_served: &mut usize, sender: &Sender<Got>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    while let Some((head, body)) = read_request(&mut reader) {
        sender.send(Got { connection, head, body }).ok()?;
        let act = acts[(*n_served).min(acts.len() - 1)];
        *n_served += 1;
        match act {
            Act::Answer(text) => writer.write_all(text.as_bytes()).ok()?,
            Act::CloseAfter(text) => {
                writer.write_all(text.as_bytes()).ok()?;
                return Some(());
            }
            Act::Hang => {
                let _ = read_request(&mut reader);
                return Some(());
            }
        }
    }
    Some(())
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn client(base_url: &str) -> ReqwestHttp {
    let read = |name: &str| (name == "ANTHROPIC_API_KEY").then(|| KEY.to_owned());
    ReqwestHttp::new(&endpoint(ProviderChoice::Claude, Some(base_url), &read).unwrap()).unwrap()
}

fn post() -> Request {
    Request::post_json("/v1/messages", &serde_json::json!({"a": 1}), 20.0)
}

#[test]
fn request_has_path_headers_and_body_and_the_connection_is_kept() {
    let (url, got) = server(&[Act::Answer(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Many: a\r\nX-Many: b\r\nRequest-Id: r1\r\n\r\n{}",
    )]);
    let http = client(&format!("{url}/gateway/"));
    for _ in 0..3 {
        let response = http.send(&post()).unwrap();
        assert_eq!((response.status, response.body.as_slice()), (200, &b"{}"[..]));
        assert_eq!((response.headers["x-many"].as_str(), response.headers["request-id"].as_str()), ("a, b", "r1"));
        let got = got.recv().unwrap();
        assert_eq!(got.connection, 0);
        assert!(got.head.starts_with("post /gateway/v1/messages http/1.1\r\n"), "{}", got.head);
        for line in [
            &format!("x-api-key: {KEY}"),
            "anthropic-version: 2023-06-01",
            "content-type: application/json",
            "user-agent: posekit/",
        ] {
            assert!(got.head.contains(line), "{line} not found in {}", got.head);
        }
        assert_eq!(got.body, b"{\"a\":1}");
    }
}

#[test]
fn file_is_uploaded_as_a_form() {
    let (url, got) = server(&[Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]);
    let body = Body::Multipart {
        fields: vec![("purpose".to_owned(), "batch".to_owned())],
        file_field: "file".to_owned(),
        file_name: "a.jsonl".to_owned(),
        file: b"{}\n".to_vec(),
    };
    client(&url).send(&Request { body, path: "/files".to_owned(), ..post() }).unwrap();
    let got = got.recv().unwrap();
    assert!(got.head.contains("content-type: multipart/form-data; boundary=posekit-"));
    assert!(String::from_utf8(got.body).unwrap().contains("filename=\"a.jsonl\""));
}

#[test]
fn redirects_are_answers_so_that_the_key_goes_nowhere_else() {
    let (other_url, other_got) = server(&[Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]);
    let location = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {other_url}/x\r\nContent-Length: 0\r\n\r\n");
    let location: &'static str = Box::leak(location.into_boxed_str());
    let acts: &'static [Act] = Box::leak(Box::new([Act::Answer(location)]));
    let (url, got) = server(acts);
    assert_eq!(client(&url).send(&post()).unwrap().status, 307);
    assert!(got.recv().is_ok());
    assert!(other_got.try_recv().is_err());
}

#[test]
fn absolute_addresses_of_other_hosts_are_asked_from_the_chosen_one() {
    let http = client("http://127.0.0.1:9/gateway");
    for (path, wanted) in [
        ("/v1/messages", "http://127.0.0.1:9/gateway/v1/messages"),
        ("/files?limit=1", "http://127.0.0.1:9/gateway/files?limit=1"),
        ("http://127.0.0.1:9/results/1.jsonl", "http://127.0.0.1:9/results/1.jsonl"),
        ("https://evil.example/results/1.jsonl?x=1", "http://127.0.0.1:9/gateway/results/1.jsonl?x=1"),
    ] {
        assert_eq!(http.url(path).as_str(), wanted);
    }
}

#[test]
fn refused_connections_and_unknown_names_were_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}"), "http://no-such-host.localhost:1".to_owned()] {
        let error = client(&url).send(&post()).unwrap_err();
        assert!(!error.is_sent && !error.is_timeout, "{error:?}");
        assert!(error.message.contains(':'), "{error:?}");
    }
}

#[test]
fn lost_answers_were_sent() {
    for act in [
        &[Act::CloseAfter("")],
        &[Act::CloseAfter("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")],
        &[Act::CloseAfter("garbage\r\n\r\n")],
    ] {
        let (url, _got) = server(act);
        let error = client(&url).send(&post()).unwrap_err();
        assert!(error.is_sent && !error.is_timeout, "{error:?}");
    }
}

#[test]
fn time_outs_were_sent() {
    for acts in [&[Act::Hang][..], &[Act::Answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":"), Act::Hang]]
    {
        let (url, _got) = server(acts);
        let error = client(&url).send(&Request { timeout_s: 0.3, ..post() }).unwrap_err();
        assert!(error.is_sent && error.is_timeout, "{error:?}");
    }
}

#[test]
fn key_is_cut_out_of_what_servers_say() {
    let (url, _got) = server(&[
        Act::Answer(
            "HTTP/1.1 401 Unauthorized\r\nX-Quote: sk-secret-key-1234\r\nContent-Length: 34\r\n\r\n\
             {\"error\":\"bad sk-secret-key-1234\"}",
        ),
        Act::CloseAfter("HTTP/1.1 sk-secret-key-1234\r\n\r\n"),
    ]);
    let http = client(&url);
    let response = http.send(&post()).unwrap();
    assert_eq!(response.body, b"{\"error\":\"bad ***\"}");
    assert_eq!(response.headers["x-quote"], "***");
    let error = http.send(&post()).unwrap_err();
    assert!(!error.message.contains(KEY), "{error:?}");
    assert!(!format!("{http:?}").contains(KEY));
}
