//! SQL over the catalog: formats, errors, pipes.

use std::io::Write;
use std::process::Stdio;

use crate::support::{BALANCE, Dataset, Run, posekit};

fn small_dataset() -> Dataset {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    dataset
}

#[test]
fn every_format_gives_the_same_rows() {
    let dataset = small_dataset();
    let sql = "SELECT frame_idx, status FROM frames ORDER BY ALL LIMIT 2";
    let text = |format| dataset.run("query", &["--format", format, sql]).expect_status(0).stdout;
    assert_eq!(text("csv"), "frame_idx,status\n0,ok\n1,ok\n");
    assert_eq!(text("json"), "[{\"frame_idx\":0,\"status\":\"ok\"},{\"frame_idx\":1,\"status\":\"ok\"}]\n");
    assert_eq!(text("jsonl"), "{\"frame_idx\":0,\"status\":\"ok\"}\n{\"frame_idx\":1,\"status\":\"ok\"}\n");
    assert!(
        text("table").contains("│         0 ┆ ok     │") && text("table").ends_with("2 rows\n"),
        "{}",
        text("table")
    );
    let file = dataset.beside("answer.parquet");
    dataset.run("query", &["--output", file.to_str().unwrap(), sql]).expect_status(0);
    let rows = dataset.rows(&format!("FROM '{}'", file.display()));
    assert_eq!(rows[1], serde_json::json!({"frame_idx": 1, "status": "ok"}));
}

#[test]
fn sql_comes_from_standard_input_too() {
    let dataset = small_dataset();
    let mut child = posekit()
        .args(["query", "--format", "csv", "--dataset"])
        .arg(dataset.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"SELECT count(*) AS n FROM frames").unwrap();
    assert_eq!(Run::from(child.wait_with_output().unwrap()).expect_status(0).stdout, "n\n6\n");
}

#[test]
fn an_error_in_the_sql_shows_the_place() {
    let run = small_dataset().run("query", &["SELECT nosuch FROM frames"]).expect_status(2);
    assert!(
        run.stderr.contains("nosuch") && run.stderr.contains("LINE 1") && run.stderr.contains('^'),
        "{}",
        run.stderr
    );
    assert!(run.stdout.is_empty());
}

#[test]
fn sql_may_begin_with_a_comment_and_must_not_be_empty() {
    let dataset = small_dataset();
    let commented = dataset.run("query", &["--format", "csv", "-- how_many frames\nSELECT count(*) AS n FROM frames"]);
    assert_eq!(commented.expect_status(0).stdout, "n\n6\n");
    for nothing in ["", " ", ";"] {
        let run = dataset.run("query", &[nothing]).expect_status(2);
        assert!(run.stderr.contains("no SQL was given"), "{}", run.stderr);
    }
}

#[test]
fn times_with_a_zone_can_be_shown() {
    let run = small_dataset().run("query", &["--format", "csv", "SELECT TIMESTAMPTZ '2026-01-02 03:04:05+00' AS t"]);
    assert!(run.expect_status(0).stdout.contains("2026-01-02T03:04:05"));
}

#[test]
fn an_answer_goes_through_links_and_into_pipes() {
    let dataset = small_dataset();
    let (target, link) = (dataset.beside("target.csv"), dataset.beside("link.csv"));
    std::fs::write(&target, "old").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    dataset.run("query", &["--output", link.to_str().unwrap(), "SELECT 1 AS n"]).expect_status(0);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "n\n1\n");
    assert!(link.is_symlink());
    dataset.run("query", &["--format", "csv", "--output", "/dev/null", "SELECT 1 AS n"]).expect_status(0);
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn an_interrupt_ends_a_query_at_once() {
    let dataset = small_dataset();
    let child = posekit()
        .args(["query", "SELECT max(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b", "--dataset"])
        .arg(dataset.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let run = Run::from(child.wait_with_output().unwrap()).expect_status(130);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn the_catalog_is_read_only_unless_asked() {
    let dataset = small_dataset();
    let sql = "UPDATE videos SET sport_type = 'balance'";
    let run = dataset.run("query", &[sql]).expect_status(2);
    assert!(run.stderr.contains("read-only"), "{}", run.stderr);
    dataset.run("query", &["--write", sql]).expect_status(0);
    assert_eq!(dataset.value("SELECT sport_type FROM videos"), "balance");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dataset = small_dataset();
    let mut child = posekit()
        .args(["query", "--format", "csv", "SELECT * FROM range(2000000)", "--dataset"])
        .arg(dataset.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap()).expect_status(0);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn a_dataset_that_is_not_there_is_status_3_with_a_hint() {
    let dataset = Dataset::new();
    for command in ["query", "status"] {
        let arguments: &[&str] = if command == "query" { &["SELECT 1"] } else { &[] };
        let run = dataset.run(command, arguments).expect_status(3);
        assert!(run.stderr.contains("posekit extract"), "{}", run.stderr);
    }
    assert!(!dataset.path().exists());
}
