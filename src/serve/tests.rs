//! Real requests over real sockets.

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const SECRET: &str = "what lies outside";

/// The time that a test waits for an expected event. No event here takes a second.
const PATIENCE: Duration = Duration::from_mins(1);

/// Answers with the query text. `wait` waits until it is released, `abandon` until the query is abandoned.
#[derive(Default)]
struct Echo {
    state: Mutex<EchoState>,
    changed: Condvar,
    was_abandoned: AtomicBool,
}

#[derive(Default)]
struct EchoState {
    n_begun: usize,
    n_waiting: usize,
    is_free: bool,
}

impl Echo {
    fn until(&self, n: usize, count: impl Fn(&EchoState) -> usize) {
        let state = self.state.lock().unwrap();
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| count(state) < n).unwrap();
        assert!(!waited.1.timed_out(), "{} of {n} after {PATIENCE:?}", count(&waited.0));
    }

    fn until_begun(&self, n: usize) {
        self.until(n, |state| state.n_begun);
    }

    fn until_waiting(&self, n: usize) {
        self.until(n, |state| state.n_waiting);
    }

    fn change(&self, change: impl FnOnce(&mut EchoState)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn free(&self) {
        self.change(|state| state.is_free = true);
    }
}

impl Echo {
    fn answer(&self, sql: &str, max_rows: usize) -> Result<Answer, String> {
        if sql.contains("nosuch") {
            return Err("Binder Error: no nosuch\n\nLINE 1: SELECT nosuch\n               ^".to_owned());
        }
        assert!(!sql.contains("break"), "as asked");
        if sql.contains("wait") {
            self.change(|state| state.n_waiting += 1);
            let state = self.state.lock().unwrap();
            drop(self.changed.wait_while(state, |state| !state.is_free).unwrap());
        }
        let columns = vec![Column { name: "sql".to_owned(), kind: ColumnKind::Text }];
        Ok(Answer { columns, rows: vec![vec![json!(sql)], vec![json!(max_rows)]], is_cut: false, seconds: 0.5 })
    }
}

impl Answers for Echo {
    fn answer_until(&self, sql: &str, max_rows: usize, is_abandoned: &AtomicBool) -> Result<Answer, String> {
        self.change(|state| state.n_begun += 1);
        while sql.contains("abandon") && !is_abandoned.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        self.was_abandoned.fetch_or(is_abandoned.load(Ordering::Relaxed), Ordering::Relaxed);
        self.answer(sql, max_rows)
    }

    fn schema(&self) -> Result<Vec<Relation>, String> {
        let columns = vec![Column { name: "name".to_owned(), kind: ColumnKind::Text }];
        Ok(vec![Relation { name: "videos".to_owned(), description: String::new(), columns }])
    }
}

struct Server {
    address: SocketAddr,
    token: Option<String>,
    echo: Arc<Echo>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
    folder: TempDir,
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn report() -> TempDir {
    let outside = tempfile::tempdir().unwrap();
    let write = |path: &str, content: &[u8]| {
        let path = outside.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("secret.txt", SECRET.as_bytes());
    write("report-other/index.html", SECRET.as_bytes());
    write("report/.posekit/secret.txt", SECRET.as_bytes());
    write("report/index.html", b"<h1>report</h1>");
    write("report/videos/a b.html", b"a b");
    write("report/videos/clip.mp4", b"0123456789");
    write("report/assets/icon.svg", b"<svg/>");
    write("report/assets/empty.csv", b"");
    write("report/assets/movie.webm", b"webm");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let report = outside.path().join("report");
        symlink("../secret.txt", report.join("out.txt")).unwrap();
        symlink("../report-other", report.join("out")).unwrap();
        symlink(".posekit/secret.txt", report.join("hidden.txt")).unwrap();
        symlink("videos/clip.mp4", report.join("within.mp4")).unwrap();
        fs::create_dir(report.join("linked")).unwrap();
        symlink("../../secret.txt", report.join("linked/index.html")).unwrap();
    }
    outside
}

fn started(change: impl FnOnce(&mut ServeSettings)) -> Server {
    let folder = report();
    let mut settings = ServeSettings { port: 0, ..ServeSettings::new(folder.path().join("report")) };
    change(&mut settings);
    let echo = Arc::new(Echo::default());
    let answers: Arc<dyn Answers> = Arc::clone(&echo) as _;
    let (stop, is_stopped) = tokio::sync::oneshot::channel::<()>();
    let (ready, is_ready) = mpsc::channel();
    let run = move || {
        let is_stopped = async move { is_stopped.await.unwrap_or_default() };
        serve(&settings, answers, is_stopped, |address, token| {
            ready.send((*address, token.map(str::to_owned))).unwrap();
        })
    };
    let thread = std::thread::Builder::new().spawn(run).unwrap();
    let (address, token) = is_ready.recv().unwrap();
    Server { address, token, echo, stop: Some(stop), thread: Some(thread), folder }
}

impl Server {
    /// Sends a request as it is written and reads to the end of the connection.
    fn raw(&self, request: &[u8]) -> Reply {
        let mut stream = TcpStream::connect((IpAddr::from([127, 0, 0, 1]), self.address.port())).unwrap();
        stream.write_all(request).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let end = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(reply.len());
        let head = String::from_utf8_lossy(&reply[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Reply { status, head, body: reply.split_off((end + 4).min(reply.len())) }
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let own_host = format!("127.0.0.1:{}", self.address.port());
        let host = (!headers.iter().any(|(name, _)| *name == "Host")).then_some(("Host", own_host.as_str()));
        let lines = host.into_iter().chain(headers.iter().copied()).map(|(name, value)| format!("{name}: {value}\r\n"));
        let n_bytes = body.len();
        let first = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {n_bytes}\r\n");
        self.raw((first + &lines.collect::<String>() + "\r\n" + body).as_bytes())
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", path, headers, "")
    }

    fn query(&self, sql: &str) -> Reply {
        let body = json!({ "sql": sql }).to_string();
        self.request("POST", "/api/query", &[("Content-Type", "application/json")], &body)
    }

    /// Sends a query without reading the answer.
    fn asked(&self, sql: &str) -> TcpStream {
        let body = json!({ "sql": sql }).to_string();
        let head = "POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length:";
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        stream
    }

    fn stopped(&mut self) -> Result<(), ServeError> {
        drop(self.stop.take());
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.echo.free();
        self.stopped().unwrap();
    }
}

#[test]
fn files_have_their_types_and_every_answer_its_policies() {
    let server = started(|_| ());
    let types = [
        ("/", "text/html; charset=utf-8"),
        ("/videos/a%20b.html", "text/html; charset=utf-8"),
        ("/videos/clip.mp4", "video/mp4"),
        ("/assets/movie.webm", "video/webm"),
        ("/assets/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/assets/empty.csv", "text/csv; charset=utf-8"),
        ("/sql", "text/html; charset=utf-8"),
        ("/sql/assets/sql.js", "text/javascript; charset=utf-8"),
        ("/api/schema", "application/json"),
    ];
    for (path, mime) in types {
        let reply = server.get(path, &[]);
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(mime)), "{path}");
    }
    for (path, method) in
        types.map(|(path, _)| (path, "GET")).into_iter().chain([("/nosuch", "GET"), ("/api/query", "POST")])
    {
        let reply = server.request(method, path, &[], "");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(
            !policy.contains("http") && policy.contains("default-src") && policy.contains("frame-ancestors"),
            "{path}"
        );
        assert_eq!(policy.contains("unsafe-inline"), !path.starts_with("/sql"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
}

#[test]
fn the_pages_assets_are_all_there() {
    let server = started(|_| ());
    let page = String::from_utf8(server.get("/sql", &[]).body).unwrap();
    let modules = String::from_utf8(server.get("/sql/assets/sql.js", &[]).body).unwrap();
    let named = page.split('"').filter(|part| part.starts_with("/sql/assets/")).map(str::to_owned);
    let imported =
        modules.split('"').filter(|part| part.starts_with("./")).map(|part| part.replacen('.', "/sql/assets", 1));
    let paths: Vec<String> = named.chain(imported).collect();
    assert_eq!(paths.len(), 6);
    for path in paths {
        assert_eq!(server.get(&path, &[]).status, 200, "{path}");
    }
    assert_eq!(server.get("/sql/assets/nosuch.js", &[]).status, 404);
}

#[test]
fn ranges_let_a_player_seek() {
    let server = started(|_| ());
    let part = |range: &str| {
        let reply = server.get("/videos/clip.mp4", &[("Range", range)]);
        let content_range = reply.header("content-range").map(str::to_owned);
        (reply.status, content_range, String::from_utf8(reply.body).unwrap())
    };
    let partial = |range: &str, body: &str| (206, Some(format!("bytes {range}/10")), body.to_owned());
    assert_eq!(part("bytes=2-4"), partial("2-4", "234"));
    assert_eq!(part("bytes=7-"), partial("7-9", "789"));
    assert_eq!(part("bytes=7-99"), partial("7-9", "789"));
    assert_eq!(part("bytes=-3"), partial("7-9", "789"));
    assert_eq!(part("bytes=-30"), partial("0-9", "0123456789"));
    for unsatisfiable in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        assert_eq!(part(unsatisfiable), (416, Some("bytes */10".to_owned()), String::new()), "{unsatisfiable}");
    }
    for ignored in ["bytes=4-2", "bytes=0-1,4-5", "lines=1-2", "bytes=x"] {
        assert_eq!(part(ignored), (200, None, "0123456789".to_owned()), "{ignored}");
    }
    assert_eq!(server.get("/assets/empty.csv", &[("Range", "bytes=0-")]).status, 200);
    assert_eq!(server.get("/videos/clip.mp4", &[]).header("accept-ranges"), Some("bytes"));
    let head = server.request("HEAD", "/videos/clip.mp4", &[], "");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("10"), 0));
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let server = started(|_| ());
    let etag = server.get("/videos/clip.mp4", &[]).header("etag").unwrap().to_owned();
    assert_eq!(server.get("/videos/clip.mp4", &[("If-None-Match", &etag)]).status, 304);
    let in_version =
        |version: &str| server.get("/videos/clip.mp4", &[("Range", "bytes=0-1"), ("If-Range", version)]).status;
    assert_eq!((in_version(&etag), in_version("\"older\"")), (206, 200));
}

#[test]
fn nothing_outside_the_folder_is_there() {
    let server = started(|_| ());
    let paths = [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "/videos/../../secret.txt",
        "/videos/..;/..;/secret.txt",
        "/./../secret.txt",
        "/videos/../index.html",
        "/./index.html",
        "/%c0%ae%c0%ae/secret.txt",
        "/../report-other/",
        "/..-other/index.html",
        "/.posekit/secret.txt",
        "/%2eposekit/secret.txt",
        "/videos/../.posekit/secret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "//videos/clip.mp4",
        "/videos/clip.mp4/",
        "/videos/clip.mp4%00.html",
        "/videos/clip.mp4%00",
        "/videos/",
        "/out.txt",
        "/out/",
        "/out/index.html",
        "/hidden.txt",
        "/linked/",
    ];
    for path in paths {
        let reply = server.get(path, &[]);
        assert_eq!(reply.status, 404, "{path}");
    }
    let absolute = server.folder.path().join("secret.txt");
    assert_eq!(server.get(&absolute.display().to_string(), &[]).status, 404);
    assert_eq!(server.get(&format!("/{}", absolute.display()), &[]).status, 404);
    assert_eq!(server.raw(b"GET ../secret.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status, 400);
    assert_eq!(server.get("/within.mp4", &[]).body, b"0123456789");
    let folder = server.get("/videos", &[]);
    assert_eq!((folder.status, folder.header("location")), (308, Some("/videos/")));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let server = started(|_| ());
    let _socket = std::os::unix::net::UnixListener::bind(server.folder.path().join("report/socket")).unwrap();
    assert_eq!(server.request("HEAD", "/socket", &[], "").status, 404);
}

/// Parts of paths that led out of folders in other servers.
fn odd_path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("/"),
        Just("//"),
        Just(".."),
        Just("."),
        Just("%2e"),
        Just("%2E%2e"),
        Just("%2f"),
        Just("%5c"),
        Just("\\"),
        Just("%00"),
        Just("%252e"),
        Just("%c0%af"),
        Just(";"),
        Just("?"),
        Just("videos"),
        Just("clip.mp4"),
        Just("out"),
        Just("out.txt"),
        Just("linked"),
        Just("hidden.txt"),
        Just("index.html"),
        Just("secret.txt"),
        Just("report-other"),
        Just("report"),
        Just(".posekit"),
        Just("%"),
    ];
    proptest::collection::vec(part, 0..9).prop_map(|parts| format!("/{}", parts.concat()))
}

#[test]
fn no_path_leads_out() {
    let server = started(|_| ());
    let folder = files::Folder::open(&server.folder.path().join("report")).unwrap();
    let canonical = server.folder.path().join("report").canonicalize().unwrap();
    let is_inside = |path: &Path| {
        path.canonicalize().unwrap().starts_with(&canonical) && !path.to_str().unwrap().contains(".posekit")
    };
    proptest!(ProptestConfig::with_cases(2000), |(path in prop_oneof![odd_path(), "/\\PC{0,30}"])| {
        if let Some(files::Found::File { path, .. }) = folder.find(&path) {
            prop_assert!(is_inside(&path), "{path:?}");
        }
    });
    proptest!(ProptestConfig::with_cases(150), |(path in odd_path())| {
        let reply = server.get(&path, &[]);
        prop_assert!(!reply.body.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{path}");
    });
}

#[test]
fn another_host_is_not_served() {
    let server = started(|_| ());
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:80", ""] {
        for path in ["/", "/sql", "/api/schema", "/videos/clip.mp4"] {
            let reply = server.get(path, &[("Host", host)]);
            assert_eq!(reply.status, 421, "{host} {path}");
            assert!(reply.header("content-security-policy").is_some());
        }
    }
    for host in ["localhost:1234", "[::1]:80"] {
        assert_eq!(server.get("/", &[("Host", host)]).status, 200, "{host}");
    }
    assert!(server.raw(b"GET / HTTP/1.0\r\n\r\n").status >= 400);
    assert_eq!(
        server.raw(b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status,
        421
    );
}

#[test]
fn whoever_listens_on_all_addresses_needs_a_token() {
    let server = started(|settings| settings.address = [0, 0, 0, 0].into());
    let token = server.token.clone().unwrap();
    assert_eq!(
        url(&server.address, "", Some(&token)),
        format!("http://127.0.0.1:{}/?token={token}", server.address.port())
    );
    for path in
        ["/", "/sql", "/sql/assets/sql.js", "/api/schema", "/videos/clip.mp4", "/nosuch", "/?token=", "/?token=0000"]
    {
        assert_eq!(server.get(path, &[]).status, 401, "{path}");
    }
    assert_eq!(server.query("SELECT 1").status, 401);
    let introduced = server.get(&format!("/videos/a%20b.html?token={token}&t=3"), &[]);
    assert_eq!((introduced.status, introduced.header("location")), (303, Some("/videos/a%20b.html?t=3")));
    let cookie = introduced.header("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(server.get("/videos/a%20b.html?t=3", &[("Cookie", cookie)]).status, 200);
    assert_eq!(server.get("/", &[("Cookie", &cookie[..cookie.len() - 1])]).status, 401);
}

#[test]
fn only_own_pages_can_ask() {
    let server = started(|_| ());
    let own = format!("http://127.0.0.1:{}", server.address.port());
    let ask = |headers: &[(&str, &str)]| server.request("POST", "/api/query", headers, r#"{"sql": "SELECT 1"}"#).status;
    let json = ("Content-Type", "application/json");
    assert_eq!(ask(&[json]), 200);
    assert_eq!(ask(&[json, ("Origin", &own), ("Sec-Fetch-Site", "same-origin")]), 200);
    assert_eq!(ask(&[json, ("Origin", "http://evil.example")]), 403);
    assert_eq!(ask(&[json, ("Origin", "null")]), 403);
    assert_eq!(ask(&[json, ("Sec-Fetch-Site", "cross-site")]), 403);
    assert_eq!(ask(&[("Content-Type", "text/plain")]), 403);
    assert_eq!(ask(&[]), 403);
    assert_eq!(server.get("/api/query", &[]).status, 405);
    let preflight = server.request(
        "OPTIONS",
        "/api/query",
        &[("Origin", "http://evil.example"), ("Access-Control-Request-Method", "POST")],
        "",
    );
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (403, None));
}

#[test]
fn answers_and_errors_are_json() {
    let server = started(|settings| settings.max_rows = 7);
    let answer = server.query("SELECT 'ä'");
    let columns = json!([{ "name": "sql", "kind": "text" }]);
    assert_eq!(
        answer.json(),
        json!({ "columns": columns, "rows": [["SELECT 'ä'"], [7]], "is_cut": false, "seconds": 0.5 })
    );
    let post = |body: &str| server.request("POST", "/api/query", &[("Content-Type", "application/json")], body);
    assert_eq!(post(r#"{"sql": "SELECT 1", "max_rows": 3}"#).json()["rows"][1], json!([3]));
    assert_eq!(post(r#"{"sql": "SELECT 1", "max_rows": 9000}"#).json()["rows"][1], json!([7]));
    let wrong = server.query("SELECT nosuch");
    assert!(wrong.status == 400 && wrong.json()["error"].as_str().unwrap().contains("LINE 1"));
    for body in ["", "[]", "{", r#"{"sql": 3}"#] {
        let reply = post(body);
        assert!((400..500).contains(&reply.status) && reply.json()["error"].is_string(), "{body}");
    }
    let broken = server.query("break");
    assert!(broken.status == 500 && broken.json()["error"].is_string());
    assert_eq!(server.query("SELECT 1").status, 200);
    assert_eq!(
        server.get("/api/schema", &[]).json()["relations"][0]["columns"],
        json!([{ "name": "name", "kind": "text" }])
    );
}

#[test]
fn slow_queries_keep_nobody_waiting_but_other_queries() {
    let server = started(|settings| settings.max_queries = 2);
    std::thread::scope(|scope| {
        let slow = [1, 2, 3].map(|_| scope.spawn(|| server.query("wait").status));
        server.echo.until_waiting(2);
        // Two queries run, one waits for a place, and files and schema are still served.
        assert_eq!(server.get("/videos/clip.mp4", &[("Range", "bytes=0-1")]).status, 206);
        assert_eq!(server.get("/api/schema", &[]).status, 200);
        assert_eq!(server.echo.state.lock().unwrap().n_waiting, 2);
        server.echo.free();
        assert_eq!(slow.map(|thread| thread.join().unwrap()), [200; 3]);
    });
}

#[test]
fn the_time_limit_ends_the_wait_and_the_place_is_kept_until_the_query_ends() {
    let server = started(|settings| {
        settings.max_queries = 1;
        settings.query_time_limit = Duration::from_millis(300);
    });
    assert_eq!(server.query("wait").status, 504);
    assert_eq!(server.query("SELECT 1").status, 503);
    server.echo.free();
    let settled = (0..50).map(|_| server.query("SELECT 1").status).find(|status| *status != 503);
    assert_eq!(settled, Some(200));
    assert_eq!(server.query("abandon").status, 504);
}

#[test]
fn a_query_is_told_when_nobody_waits_for_it() {
    let server = started(|_| ());
    let stream = server.asked("abandon wait");
    // A client that leaves before its query begins leaves no query to abandon.
    server.echo.until_begun(1);
    drop(stream);
    // The query begins to wait only once it is abandoned.
    server.echo.until_waiting(1);
    assert!(server.echo.was_abandoned.load(Ordering::Relaxed));
}

#[test]
fn the_server_stops_although_a_query_runs() {
    let mut server = started(|_| ());
    let _stream = server.asked("wait");
    server.echo.until_waiting(1);
    server.stopped().unwrap();
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_name() {
    let settings = ServeSettings { port: 0, ..ServeSettings::new("nosuch/report".into()) };
    let outcome = serve(&settings, Arc::new(Echo::default()), async {}, |_, _| panic!("nothing is served"));
    assert!(outcome.unwrap_err().to_string().contains("nosuch/report"));
}

#[test]
fn a_folder_without_a_report_leads_to_the_box() {
    let server = started(|_| ());
    fs::remove_file(server.folder.path().join("report/index.html")).unwrap();
    let reply = server.get("/", &[]);
    assert_eq!((reply.status, reply.header("location")), (307, Some("/sql")));
}

#[test]
fn questions_are_taken_from_this_machine_alone() {
    let server = started(|_| ());
    assert_eq!(server.get("/api/schema", &[]).json()["takes_questions"], true);
    let json = [("Content-Type", "application/json")];
    let reply = server.request("POST", "/api/ask", &json, r#"{"question": "How fast?"}"#);
    assert!(
        reply.status == 400 && reply.json()["error"] == "This server does not answer questions.",
        "{}",
        reply.status
    );
    assert_eq!(server.request("POST", "/api/ask", &[], r#"{"question": "How fast?"}"#).status, 403);
    let open = started(|settings| settings.address = [0, 0, 0, 0].into());
    let cookie = format!("posekit_token_{}={}", open.address.port(), open.token.clone().unwrap());
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    assert_eq!(open.get("/api/schema", &headers[..1]).json()["takes_questions"], false);
    assert!([404, 405].contains(&open.request("POST", "/api/ask", &headers, r#"{"question": "How fast?"}"#).status));
}

/// The time limit in tests that wait for its end.
const SHORT: Duration = Duration::from_millis(50);

#[test]
fn requests_that_do_not_arrive_in_time_are_given_up() {
    let server = started(|settings| settings.arrival_time_limit = SHORT);
    // Each of these ends only when the server closes the connection.
    for begun in ["", "GET", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "] {
        assert!([0, 408].contains(&server.raw(begun.as_bytes()).status), "{begun}");
    }
    let head =
        "POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n";
    let reply = server.raw(format!("{head}{{\"sql\"").as_bytes());
    assert_eq!(reply.status, 408);
    assert!(reply.json()["error"].as_str().unwrap().contains("did not arrive"));
    // Also between two requests.
    let reply = server.raw(b"GET /sql HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(reply.status, 200);
    assert_eq!(server.query("SELECT 1").status, 200);
}

#[test]
fn an_answer_may_take_longer_than_a_request() {
    let server = started(|settings| settings.arrival_time_limit = SHORT);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| server.query("wait").status);
        server.echo.until_waiting(1);
        // This takes as long as the time limit of requests.
        server.raw(b"");
        server.echo.free();
        assert_eq!(slow.join().unwrap(), 200);
    });
}
