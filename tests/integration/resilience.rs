//! Nothing is lost: kills at any instant, interrupts, two extractions at once, lost catalogs, damaged parts.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{BALANCE, Dataset, Run, clip, posekit, wait_for};

/// Forty frames in four segments.
const SHORT: [&str; 8] = ["--people", "1", "--network", "lite", "--end", "0.66", "--segment-frames", "10"];

fn extract(dataset: &Dataset, arguments: &[&str]) -> Command {
    let mut command = posekit();
    command.arg("extract").args(arguments).arg("--video").arg(clip(BALANCE)).arg("--dataset").arg(dataset.path());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(mut command: Command) -> Run {
    command.output().unwrap().into()
}

fn undisturbed() -> Vec<Value> {
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    let content = dataset.content();
    assert_eq!(content[0]["n"], 40);
    content
}

/// The dataset is whole and as if nothing had happened.
fn assert_whole(dataset: &Dataset, expected: &[Value], when: &str) {
    assert_eq!(dataset.content(), expected, "{when}");
    dataset.run("status", &["--check"]).expect_status(0);
    let left: Vec<String> = dataset.files().into_iter().filter(|file| file.contains(".tmp")).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
}

#[test]
fn a_kill_between_any_two_steps_of_sealing_and_committing_loses_nothing() {
    let expected = undisturbed();
    // Four segments of five parts, the tracks, four smoothed parts, a record: 26 files; one commit.
    let places = [("file-written", [1, 8, 26]), ("file-synced", [2, 10, 21]), ("file-renamed", [3, 20, 24])];
    let places = places.into_iter().flat_map(|(name, counts)| counts.map(|count| (name, count)));
    for (name, count) in places.chain([("catalog-written", 1), ("catalog-committed", 1)]) {
        let dataset = Dataset::new();
        let place = format!("{name}={count}");
        let mut killed = extract(&dataset, &SHORT);
        killed.env("POSEKIT_FAILPOINT", &place);
        assert_eq!(run(killed).status, -1, "{place} was not passed");
        run(extract(&dataset, &SHORT)).expect_status(0);
        assert_whole(&dataset, &expected, &place);
    }
}

#[test]
fn kills_at_any_instant_lose_nothing_and_work_goes_on() {
    let expected = undisturbed();
    let dataset = Dataset::new();
    let mut kills = 0;
    for delay_ms in [120, 250, 300, 350, 400, 450, 500, 600] {
        let mut child = extract(&dataset, &SHORT).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        let is_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        kills += u32::from(is_running);
    }
    assert!(kills > 0, "every run was over before its kill");
    run(extract(&dataset, &SHORT)).expect_status(0);
    assert_whole(&dataset, &expected, "after kills");
}

/// Everybody in view, in ten segments that two workers share.
const SHARED: [&str; 8] = ["--people", "auto", "--network", "lite", "--segment-frames", "10", "--workers", "2"];

#[test]
fn kills_while_workers_share_the_segments_of_a_video_lose_nothing() {
    let expected = {
        let dataset = Dataset::new();
        let mut arguments = SHARED;
        arguments[7] = "1";
        run(extract(&dataset, &arguments)).expect_status(0);
        dataset.content()
    };
    assert_eq!(expected[0]["n"], 100);
    let dataset = Dataset::new();
    // Files of a segment: raw landmarks, regions, tracklets, camera motion, frames. Each kill is during another segment of
    // those left.
    for place in ["file-renamed=7", "file-synced=3", "file-written=12"] {
        let mut killed = extract(&dataset, &SHARED);
        killed.env("POSEKIT_FAILPOINT", place);
        assert_eq!(run(killed).status, -1, "{place} was not passed");
    }
    let resumed = run(extract(&dataset, &SHARED)).expect_status(0);
    assert!(resumed.stderr.contains("frames already done"), "{}", resumed.stderr);
    assert_whole(&dataset, &expected, "after kills of two workers");
}

#[test]
fn a_killed_extraction_goes_on_after_its_last_sealed_segment() {
    let dataset = Dataset::new();
    let mut killed = extract(&dataset, &SHORT);
    // The first file of the third segment: two are sealed.
    killed.env("POSEKIT_FAILPOINT", "file-renamed=11");
    run(killed);
    let resumed = run(extract(&dataset, &SHORT)).expect_status(0);
    assert!(resumed.stderr.contains("20 frames already done"), "{}", resumed.stderr);
}

#[test]
fn what_is_missing_or_cut_short_is_made_again_by_the_extraction_and_what_is_changed_after_a_repair() {
    let expected = undisturbed();
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    for table in ["frames", "regions", "raw_landmarks", "tracklets", "tracks", "landmarks", "runs"] {
        let files: Vec<String> =
            dataset.files().into_iter().filter(|file| file.starts_with(&format!("{table}/"))).collect();
        let path = dataset.path().join(files.last().unwrap());
        for damage in ["removed", "truncated", "changed"] {
            let mut bytes = fs::read(&path).unwrap();
            match damage {
                "removed" => fs::remove_file(&path).unwrap(),
                "truncated" => fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
                _ => {
                    let place = bytes.len() / 3;
                    bytes[place] ^= 0x20;
                    fs::write(&path, &bytes).unwrap();
                }
            }
            let when = format!("{table} {damage}");
            let checked = dataset.run("status", &["--check"]).expect_status(1);
            assert!(checked.stderr.contains(table), "{when}: {}", checked.stderr);
            // Damaged pages can crash DuckDB, so no query reads them.
            assert!(!checked.stderr.contains("could not run"), "{when}: {}", checked.stderr);
            // A changed bit in a file that nobody reads is found by a look at all of them only.
            if damage == "changed" {
                dataset.run("status", &["--repair"]).expect_status(0);
            }
            run(extract(&dataset, &SHORT)).expect_status(0);
            let aside = path.with_extension("parquet.damaged");
            // Identities of the current run are replaced in one change, from rows that are whole.
            let is_replaced = ["tracks", "landmarks"].contains(&table);
            assert_eq!(aside.exists(), damage == "changed" && !is_replaced, "{when}");
            if aside.exists() {
                fs::remove_file(aside).unwrap();
            }
            assert_whole(&dataset, &expected, &when);
        }
    }
}

#[test]
fn an_interrupt_seals_the_segment_in_work_and_the_next_run_goes_on() {
    let expected = {
        let dataset = Dataset::new();
        run(extract(&dataset, &["--people", "1", "--network", "heavy", "--segment-frames", "10"])).expect_status(0);
        dataset.content()
    };
    let dataset = Dataset::new();
    let arguments = ["--people", "1", "--network", "heavy", "--segment-frames", "10", "--progress", "json"];
    let mut child = extract(&dataset, &arguments).spawn().unwrap();
    // Frames are done, so a segment is in work.
    wait_for(&mut child, "\"event\":\"progress\"");
    signal(&child, "-INT");
    let interrupted = Run::from(child.wait_with_output().unwrap()).expect_status(130);
    assert!(
        interrupted.stderr.contains("finishing and sealing") && interrupted.stderr.contains("hint:"),
        "{}",
        interrupted.stderr
    );
    let resumed = run(extract(&dataset, &arguments[..6])).expect_status(0);
    assert!(resumed.stderr.contains("0 frames already done"), "{}", resumed.stderr);
    assert_whole(&dataset, &expected, "after an interrupt");
}

#[test]
fn a_second_interrupt_stops_at_once() {
    let dataset = Dataset::new();
    let mut child =
        extract(&dataset, &["--people", "1", "--network", "heavy", "--segment-frames", "1000", "--progress", "json"])
            .spawn()
            .unwrap();
    // A frame is done, and a hundred are in the segment.
    wait_for(&mut child, "\"event\":\"progress\"");
    signal(&child, "-INT");
    wait_for(&mut child, "finishing and sealing");
    let second = Instant::now();
    signal(&child, "-INT");
    Run::from(child.wait_with_output().unwrap()).expect_status(130);
    assert!(second.elapsed() < Duration::from_secs(2), "a hundred frames of the heavy network take longer");
}

#[test]
fn a_second_extraction_is_refused_by_name_and_readers_go_on() {
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    let mut first = extract(&dataset, &["--people", "1", "--network", "heavy", "--progress", "json"]).spawn().unwrap();
    wait_for(&mut first, "video_started");
    let second = run(extract(&dataset, &["--people", "1", "--network", "lite"])).expect_status(3);
    let holder = format!("process {} (posekit extract)", first.id());
    assert!(second.stderr.contains(&holder) && second.stderr.contains("hint:"), "{}", second.stderr);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 40.0, "a query during an extraction");
    first.kill().unwrap();
    first.wait().unwrap();
    run(extract(&dataset, &SHORT)).expect_status(0);
}

#[test]
fn the_catalog_is_made_again_from_the_parquet_files_alone() {
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    let videos = "SELECT * EXCLUDE (path) FROM videos";
    let runs = "SELECT * FROM runs";
    let before = (dataset.content(), dataset.rows(videos), dataset.rows(runs));
    fs::remove_file(dataset.path().join("catalog.duckdb")).unwrap();
    let rebuilt = dataset.run("status", &["--rebuild"]).expect_status(0);
    assert!(rebuilt.stderr.contains("rebuilt from 1 run"), "{}", rebuilt.stderr);
    assert_eq!((dataset.content(), dataset.rows(videos), dataset.rows(runs)), before);
    let again = run(extract(&dataset, &SHORT)).expect_status(0);
    assert!(again.stderr.contains("already extracted"), "{}", again.stderr);
}

#[test]
fn a_damaged_part_is_named_and_force_mends_it() {
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    dataset.run("status", &["--check"]).expect_status(0);
    let part = dataset.files().into_iter().find(|file| file.starts_with("landmarks/")).unwrap();
    let path = dataset.path().join(&part);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle..middle + 64].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let damaged = dataset.run("status", &["--check"]).expect_status(1);
    assert!(damaged.stderr.contains(&part), "{}", damaged.stderr);
    run(extract(&dataset, &[&SHORT[..], &["--force"]].concat())).expect_status(0);
    dataset.run("status", &["--prune"]).expect_status(0);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn a_missing_part_is_named() {
    let dataset = Dataset::new();
    run(extract(&dataset, &SHORT)).expect_status(0);
    let part = dataset.files().into_iter().find(|file| file.starts_with("frames/") && file.contains("00001")).unwrap();
    fs::remove_file(dataset.path().join(part)).unwrap();
    let check = dataset.run("status", &["--check"]).expect_status(1);
    assert!(check.stderr.contains("part-00001.parquet is missing"), "{}", check.stderr);
    // The checks on tables would report the same again, in other words.
    assert!(check.stderr.contains("1 problem ("), "{}", check.stderr);
}

#[test]
fn a_dataset_that_cannot_be_written_is_an_error_of_the_environment() {
    let dataset = Dataset::new();
    // A file where the folder should be.
    fs::write(dataset.path(), "in the way").unwrap();
    let refused = run(extract(&dataset, &SHORT)).expect_status(3);
    assert!(refused.stderr.contains("hint:"), "{}", refused.stderr);
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}
