//! The report and the SQL box over real sockets, from the real program.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};

use serde_json::{Value, json};

use crate::support::{BALANCE, Dataset, Run, posekit};

/// A dataset of six frames, with a folder that passes for a report beside it.
fn served_dataset() -> Dataset {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    fs::create_dir_all(dataset.beside("report")).unwrap();
    fs::write(dataset.beside("report/index.html"), "<h1>report</h1>").unwrap();
    fs::write(dataset.beside("report/clip.mp4"), "0123456789").unwrap();
    fs::write(dataset.beside("secret.txt"), "a secret").unwrap();
    dataset
}

/// A running `posekit serve`.
struct Server {
    child: Child,
    said: BufReader<ChildStderr>,
    address: SocketAddr,
    /// What it has said up to its last address.
    lines: Vec<String>,
}

impl Server {
    /// Starts it and waits for `n_lines` of addresses.
    fn start(dataset: &Dataset, report: &str, n_lines: usize, arguments: &[&str]) -> Self {
        Self::start_on(&dataset.path(), &dataset.beside(report), n_lines, arguments)
    }

    /// The same with a dataset and a report anywhere.
    fn start_on(dataset: &Path, report: &Path, n_lines: usize, arguments: &[&str]) -> Self {
        let mut child = posekit()
            .arg("serve")
            .arg("--dataset")
            .arg(dataset)
            .arg("--output")
            .arg(report)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut lines = Vec::new();
        for _ in 0..n_lines {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "{lines:?}");
            lines.push(line);
        }
        let address = lines[0].split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        Self { address: address.parse().unwrap(), child, said, lines }
    }

    /// The largest memory that it has had.
    fn peak_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
    }

    fn send(&self, request: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
    }

    /// A request for a path, with further header lines.
    fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.address))
    }

    fn question(&self, sql: &str, headers: &str) -> String {
        let body = json!({ "sql": sql }).to_string();
        format!(
            "POST /api/query HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
    }

    fn query(&self, sql: &str) -> Value {
        let (status, _, body) = self.send(&self.question(sql, ""));
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status == 200, answer.get("error").is_none(), "{sql}: {answer}");
        answer
    }

    fn rows(&self, sql: &str) -> Value {
        let answer = self.query(sql);
        assert!(answer["rows"].is_array(), "{sql}: {answer}");
        answer["rows"].clone()
    }

    fn error(&self, sql: &str) -> String {
        let answer = self.query(sql);
        answer["error"].as_str().unwrap_or_else(|| panic!("{sql}: {answer}")).to_owned()
    }

    /// Interrupts it and waits for its end. What it said since its addresses.
    fn interrupt(mut self) -> Run {
        let sent = std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let mut stderr = String::new();
        self.said.read_to_string(&mut stderr).unwrap();
        let status = self.child.wait().unwrap().code().unwrap_or(-1);
        Run { status, stdout: String::new(), stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_report_is_served_until_an_interrupt() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    assert_eq!(server.lines[0], format!("report: http://{}/ (Ctrl-C ends)\n", server.address));
    assert_eq!(server.lines[1], format!("SQL: http://{}/sql\n", server.address));
    assert!(server.address.ip().is_loopback());
    let (status, _, body) = server.get("/", "");
    assert_eq!((status, body.as_str()), (200, "<h1>report</h1>"));
    let (status, head, body) = server.get("/clip.mp4", "Range: bytes=2-4\r\n");
    assert_eq!((status, body.as_str()), (206, "234"));
    assert!(head.contains("content-range: bytes 2-4/10"), "{head}");
    for path in ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/nosuch.html"] {
        let (status, _, body) = server.get(path, "");
        assert_eq!(status, 404, "{path}: {body}");
    }
    let (status, _, _) = server.send("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 421);
    let (status, _, page) = server.get("/sql", "");
    assert!(status == 200 && page.contains("<textarea id=\"sql\""), "{page}");
    let run = server.interrupt().expect_status(0);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn sql_is_answered_from_the_tables() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    let answer = server.query("SELECT frame_idx, status, frame_idx = 0 AS is_first FROM frames ORDER BY ALL LIMIT 2;");
    let columns = json!([
        {"name": "frame_idx", "kind": "number"}, {"name": "status", "kind": "text"}, {"name": "is_first", "kind": "bool"}
    ]);
    assert_eq!((&answer["columns"], &answer["is_cut"]), (&columns, &json!(false)));
    assert_eq!(answer["rows"], json!([[0, "ok", true], [1, "ok", false]]));
    let answer = server.query("-- many\nFROM range(20000)");
    assert_eq!((answer["rows"].as_array().unwrap().len(), &answer["is_cut"]), (10_000, &json!(true)));
    assert_eq!(server.rows("DESCRIBE frames")[0][0], "video_id");
    assert_eq!(server.query("FROM range(10000)")["is_cut"], false);

    let schema: Value = serde_json::from_str(&server.get("/api/schema", "").2).unwrap();
    let relations = schema["relations"].as_array().unwrap();
    let relation = |name: &str| relations.iter().find(|relation| relation["name"] == name).unwrap();
    assert!(relation("frames")["description"].as_str().unwrap().len() > 5);
    assert_eq!(relation("frames")["columns"][0], json!({"name": "video_id", "kind": "text"}));
    assert_eq!(relation("videos")["columns"][0], json!({"name": "video_id", "kind": "text"}));
    let examples = schema["examples"].as_array().unwrap();
    assert!(examples.len() >= 3);
    for example in examples {
        server.rows(example["sql"].as_str().unwrap());
        assert!(!example["sql"].as_str().unwrap().starts_with("--"), "{example}");
    }
    // What is extracted meanwhile is seen: the catalog is closed between queries.
    dataset.run("query", &["--write", "UPDATE videos SET sport_type = 'balance'"]).expect_status(0);
    assert_eq!(server.rows("SELECT sport_type FROM videos"), json!([["balance"]]));
    server.interrupt().expect_status(0);
}

#[test]
fn errors_have_their_place() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    let unknown = server.error("SELECT 1,\n  nosuch FROM frames");
    assert!(unknown.contains("LINE 2:   nosuch FROM frames\n          ^"), "{unknown}");
    let syntax = server.error("SELECT 'é' AS é,\n  1 frm x y");
    assert!(syntax.contains("syntax error") && syntax.contains("LINE 2:   1 frm x y\n                ^"), "{syntax}");
    assert!(server.error("  -- nothing\n").contains("query is empty"));
    assert!(server.error("SELECT 1; SELECT 2").contains("Only one query"));
    assert!(server.error("SELECT error('half way') FROM range(3)").contains("half way"));
    server.interrupt().expect_status(0);
}

#[test]
fn nothing_is_written_and_nothing_outside_is_read() {
    let dataset = served_dataset();
    let secret = dataset.beside("secret.txt").display().to_string();
    let root = dataset.path().display().to_string();
    let before = dataset.files();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    for sql in [
        format!("FROM read_text('{secret}')"),
        format!("FROM read_blob('{secret}')"),
        format!("FROM read_csv('{secret}')"),
        format!("FROM read_json('{secret}')"),
        format!("FROM '{secret}'"),
        format!("FROM glob('{root}/../videos/*')"),
        "FROM glob('/etc/*')".to_owned(),
        "FROM read_parquet('/etc/*')".to_owned(),
        "DESCRIBE FROM read_text('/etc/passwd')".to_owned(),
        "SELECT (SELECT content FROM read_text('/etc/passwd'))".to_owned(),
        "FROM query('FROM read_text(''/etc/passwd'')')".to_owned(),
        "WITH a AS (FROM sniff_csv('/etc/passwd')) FROM a".to_owned(),
        format!("COPY (SELECT 1) TO '{root}/new.csv'"),
        format!("COPY frames TO '{secret}'"),
        format!("SELECT 1; COPY (SELECT 1) TO '{root}/new.csv'"),
        format!("EXPORT DATABASE '{root}/new'"),
        format!("ATTACH '{root}/new.db'"),
        format!("ATTACH '{root}/catalog.duckdb' AS other"),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        "SET memory_limit = '100GB'".to_owned(),
        "SET enable_external_access = true".to_owned(),
        "RESET lock_configuration".to_owned(),
        "PRAGMA enable_profiling".to_owned(),
        "CALL pragma_version()".to_owned(),
        "UPDATE videos SET sport_type = 'x'".to_owned(),
        "DROP VIEW frames".to_owned(),
        "CREATE TEMP TABLE t AS SELECT 1".to_owned(),
        "SET VARIABLE a = 1".to_owned(),
        "EXPLAIN ANALYZE SELECT 1".to_owned(),
    ] {
        let error = server.error(&sql);
        assert!(!error.contains("a secret") && !error.contains("root:"), "{sql}: {error}");
    }
    assert_eq!(dataset.files(), before);
    assert_eq!(fs::read_to_string(dataset.beside("secret.txt")).unwrap(), "a secret");
    // Only table functions of a list are allowed, however harmless others are.
    for function in ["duckdb_settings", "duckdb_optimizers", "test_all_types", "glob"] {
        let argument = if function == "glob" { format!("'{root}/*'") } else { String::new() };
        let error = server.error(&format!("SELECT * FROM {function}({argument})"));
        assert!(error.contains(&format!("table function {function} is not allowed")), "{error}");
    }
    // The fence around the folder holds by itself, too, and the folder can be read.
    assert!(server.error("FROM read_parquet('/etc/*')").contains("Permission Error"));
    let parts = server.rows(&format!("SELECT count(*) FROM read_parquet('{root}/frames/*/*/*.parquet')"));
    assert_eq!(parts, server.rows("SELECT count(*) FROM frames"));
    // Pages of other sites may not ask.
    let (status, _, _) = server.send(&server.question("SELECT 1", "Origin: http://evil.example\r\n"));
    assert_eq!(status, 403);
    server.interrupt().expect_status(0);
}

#[test]
fn large_answers_and_queries_end() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    assert!(server.error("SELECT repeat('x', 50000000)").contains("too large"));
    assert_eq!(server.query("SELECT repeat('x', 10000000) FROM range(10)")["is_cut"], true);
    // A query that never ends by itself does not keep the program from ending.
    let mut stream = TcpStream::connect(server.address).unwrap();
    let endless = "SELECT max(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b";
    stream.write_all(server.question(endless, "").as_bytes()).unwrap();
    // Meanwhile another one is answered.
    assert_eq!(server.rows("SELECT 1"), json!([[1]]));
    server.interrupt().expect_status(0);
}

#[test]
fn without_a_report_there_is_the_sql_box_and_without_both_an_error() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "nosuch", 1, &["--port", "0"]);
    assert_eq!(server.lines[0], format!("SQL: http://{}/sql (Ctrl-C ends)\n", server.address));
    let (status, head, _) = server.get("/", "");
    assert!(status == 307 && head.contains("location: /sql"), "{head}");
    server.interrupt().expect_status(0);
    let nowhere = dataset.beside("nosuch");
    let run = dataset.run("serve", &["--no_sql", "--output", nowhere.to_str().unwrap()]).expect_status(3);
    assert!(run.stderr.contains("index.html") && run.stderr.contains("posekit report"), "{}", run.stderr);
}

#[test]
fn without_sql_there_is_the_report_alone() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 1, &["--port", "0", "--no_sql"]);
    assert_eq!(server.get("/", "").0, 200);
    assert_eq!(server.get("/sql", "").0, 404);
    assert_eq!(server.get("/api/schema", "").0, 404);
    assert_eq!(server.send(&server.question("SELECT 1", "")).0, 405);
    server.interrupt().expect_status(0);
}

#[test]
fn a_missing_dataset_is_status_3_with_a_hint() {
    let dataset = Dataset::new();
    fs::write(dataset.beside("index.html"), "report").unwrap();
    let videos = dataset.videos();
    let run = dataset.run("serve", &["--output", videos.to_str().unwrap()]).expect_status(3);
    assert!(run.stderr.contains("posekit extract"), "{}", run.stderr);
}

#[test]
fn a_taken_port_that_was_asked_for_is_status_3_with_a_hint() {
    let dataset = served_dataset();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let report = dataset.beside("report");
    let run = dataset.run("serve", &["--port", &port, "--output", report.to_str().unwrap()]).expect_status(3);
    assert!(run.stderr.contains(&port) && run.stderr.contains("--port"), "{}", run.stderr);
}

#[test]
fn the_usual_port_moves_on_where_it_is_taken() {
    let dataset = served_dataset();
    // Another program, or this test's listener, has it.
    let _taken = TcpListener::bind("127.0.0.1:8080");
    let server = Server::start(&dataset, "report", 2, &[]);
    assert!((8081..=8100).contains(&server.address.port()), "{}", server.address);
    assert_eq!(server.get("/", "").0, 200);
    server.interrupt().expect_status(0);
}

#[test]
fn other_machines_need_the_token() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0", "--bind", "0.0.0.0"]);
    assert_eq!(server.get("/", "").0, 401);
    assert_eq!(server.send(&server.question("SELECT 1", "")).0, 401);
    let token = server.lines[0].split("?token=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let (status, head, _) = server.get(&format!("/?token={token}"), "");
    assert_eq!(status, 303);
    let cookie = head.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
    let (status, _, body) = server.get("/", &format!("Cookie: {cookie}\r\n"));
    assert_eq!((status, body.as_str()), (200, "<h1>report</h1>"));
    let run = server.interrupt().expect_status(0);
    assert!(run.stderr.contains("warning: other machines"), "{}", run.stderr);
}

#[test]
fn datasets_in_folders_whose_names_hold_pattern_characters_can_be_asked() {
    let dataset = served_dataset();
    let expected = dataset.run("query", &["--format", "csv", "SELECT count(*) AS n FROM landmarks"]).expect_status(0);
    let n_rows: u64 = expected.stdout.lines().nth(1).unwrap().parse().unwrap();
    let mut root = dataset.path();
    for name in ["a [1] b", "a * b", "a (1)", "[[]x]", "{a,b}", "coach's ![a-z]"] {
        // Its views still name the folder where it was before.
        let moved = dataset.beside(name);
        fs::create_dir(&moved).unwrap();
        fs::rename(&root, moved.join("ds")).unwrap();
        root = moved.join("ds");
        let server = Server::start_on(&root, &dataset.beside("report"), 2, &["--port", "0"]);
        assert_eq!(server.rows("SELECT count(*) FROM landmarks"), json!([[n_rows]]), "{name}");
        assert_eq!(server.rows("SELECT count(*) FROM raw_landmarks"), json!([[n_rows]]), "{name}");
        assert!(server.error("FROM read_parquet('/etc/*')").contains("Permission Error"), "{name}");
        let neighbor = moved.parent().unwrap().join("report/*");
        assert!(server.error(&format!("FROM read_parquet('{}')", neighbor.display())).contains("Permission Error"));
        server.interrupt().expect_status(0);
    }
}

#[test]
fn tables_are_listed_once_although_the_dataset_has_moved() {
    let dataset = served_dataset();
    let moved = dataset.beside("moved");
    fs::rename(dataset.path(), &moved).unwrap();
    let server = Server::start_on(&moved, &dataset.beside("report"), 2, &["--port", "0"]);
    for sql in ["SHOW TABLES", "-- which\nshow tables;"] {
        let rows = server.rows(sql);
        let names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
        assert!(names.contains(&"frames") && names.contains(&"videos"), "{names:?}");
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    }
    server.interrupt().expect_status(0);
}

#[test]
fn a_query_can_be_explained() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0"]);
    for sql in ["EXPLAIN SELECT count(*) FROM frames", "-- why\n explain FROM range(3)"] {
        let answer = server.query(sql);
        assert_eq!(answer["columns"][0]["name"], "explain_key", "{answer}");
        assert!(answer["rows"][0][1].as_str().unwrap().contains("───"), "{answer}");
    }
    let unknown = server.error("EXPLAIN SELECT 1,\n  nosuch FROM frames");
    assert!(unknown.contains("LINE 2:   nosuch FROM frames\n          ^"), "{unknown}");
    let syntax = server.error("EXPLAIN SELECT 1 frm x y");
    assert!(syntax.contains("LINE 1: EXPLAIN SELECT 1 frm x y\n                             ^"), "{syntax}");
    assert!(server.error("EXPLAIN DROP VIEW frames").contains("Only queries are allowed"));
    assert!(server.error("EXPLAIN ANALYZE SELECT 1").contains("Only queries are allowed"));
    assert!(server.error("EXPLAIN SELECT 1; SELECT 2").contains("Only one query"));
    assert!(server.error("EXPLAIN FROM duckdb_settings()").contains("is not allowed"));
    server.interrupt().expect_status(0);
}

#[test]
fn a_query_keeps_to_the_memory_limit() {
    let dataset = served_dataset();
    let server = Server::start(&dataset, "report", 2, &["--port", "0", "--memory_limit", "80MiB"]);
    let large = "SELECT count(*) FROM (SELECT DISTINCT hash(range) FROM range(8000000))";
    let error = server.error(large);
    assert!(error.contains("more memory") && error.contains("83.9 MB") && error.contains("--memory_limit"), "{error}");
    assert_eq!(server.rows("SELECT count(DISTINCT range) FROM range(1000)"), json!([[1000]]));
    server.interrupt().expect_status(0);
    // One call of a function makes one value, which DuckDB does not count.
    let server = Server::start(&dataset, "report", 2, &["--port", "0", "--memory_limit", "200MiB"]);
    for sql in [
        "SELECT length(repeat('x', 4000000000))",
        "SELECT length(regexp_replace(repeat('ab', 300000000), 'a', 'ccc', 'g'))",
        "SELECT len(range(500000000))",
    ] {
        let error = server.error(sql);
        assert!(error.contains("more memory"), "{sql}: {error}");
        assert_eq!(server.rows("SELECT 1 + 1"), json!([[2]]));
    }
    assert!(server.peak_bytes() < 1 << 30, "{}", server.peak_bytes());
    server.interrupt().expect_status(0);
    let server = Server::start(&dataset, "report", 2, &["--port", "0", "--memory_limit", "1GiB"]);
    assert_eq!(server.rows(large), json!([[8_000_000]]));
    server.interrupt().expect_status(0);
}
