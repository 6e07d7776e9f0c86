//! `posekit export-llm` on the tables of a real clip: proofs, splits, and which files are written again and which are
//! not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, posekit};

/// Runs a command in the folder beside the dataset, so that no settings file of somebody else is found.
pub(crate) fn run(dataset: &Dataset, command: &str, arguments: &[&str]) -> Run {
    fs::create_dir_all(dataset.videos()).unwrap();
    let mut posekit = posekit();
    posekit.current_dir(dataset.videos()).arg(command).arg("--dataset").arg(dataset.path()).args(arguments);
    posekit.output().unwrap().into()
}

/// Two people, one of whom walks; analyzed as walking.
pub(crate) fn walking() -> Dataset {
    let dataset = Dataset::new();
    let clip = clip(FLIP);
    // The verifier is measured on these numbers. Other numbers are other texts, so the engine stays the one that the
    // rates of the tests are known for.
    run(&dataset, "extract", &["--video", clip.to_str().unwrap(), "--inference", "ort"]).expect_status(0);
    run(&dataset, "analyze", &["--sport_type", "walking"]).expect_status(0);
    dataset
}

pub(crate) fn folder(dataset: &Dataset) -> PathBuf {
    dataset.videos().join("llm_training_data")
}

/// All files of a folder with their contents' hashes.
fn contents(folder: &Path) -> BTreeMap<String, blake3::Hash> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|file| {
            let name = file.path().strip_prefix(folder).unwrap().display().to_string();
            (name, blake3::hash(&fs::read(file.path()).unwrap()))
        })
        .collect()
}

/// The rows of a config, of all splits.
pub(crate) fn rows(folder: &Path, config: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for split in ["train", "validation", "test"] {
        let path = folder.join(format!("data/{config}/{split}-00000-of-00001.jsonl"));
        let text = fs::read_to_string(path).unwrap_or_default();
        rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    rows
}

#[test]
fn a_dataset_is_written_whole_and_every_proof_holds() {
    let dataset = walking();
    let first = run(&dataset, "export-llm", &[]).expect_status(0);
    assert!(first.stderr.contains("examples: llm_training_data"), "{}", first.stderr);
    let written = contents(&folder(&dataset));
    for file in ["README.md", "manifest.toml", "parquet/README.md", "recipes/llama_factory/dataset_info.json"] {
        assert!(written.contains_key(file), "{file} in {:?}", written.keys());
    }
    let messages = rows(&folder(&dataset), "messages");
    let kinds: BTreeSet<&str> = messages.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    for kind in ["measurement", "comparison", "summary", "timeline", "error_spotting", "unanswerable"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    // Each number of the tables stands as its query gives it.
    let proof = messages
        .iter()
        .flat_map(|row| row["proofs"].as_array().unwrap())
        .find(|proof| proof["low"].is_number())
        .unwrap();
    let row = dataset.rows(proof["query"].as_str().unwrap()).remove(0);
    assert_eq!(row[proof["column"].as_str().unwrap()].as_f64(), proof["value"].as_f64());
    let check = run(&dataset, "export-llm", &["--check"]).expect_status(0);
    assert!(check.stderr.contains("all hold"), "{}", check.stderr);
    let again = run(&dataset, "export-llm", &[]).expect_status(0);
    assert!(again.stderr.contains("is up to date"), "{}", again.stderr);
    fs::remove_dir_all(folder(&dataset)).unwrap();
    run(&dataset, "export-llm", &[]).expect_status(0);
    assert_eq!(contents(&folder(&dataset)), written, "the same tables give the same bytes");
}

#[test]
fn a_check_names_what_is_no_longer_true() {
    let dataset = walking();
    run(&dataset, "export-llm", &["--format", "messages,tools"]).expect_status(0);
    // Other meters, other speeds: proofs of lengths and speeds no longer hold.
    run(&dataset, "analyze", &["--sport_type", "walking", "--height_m", "1=1.60"]).expect_status(0);
    let stale = run(&dataset, "export-llm", &["--check"]).expect_status(1);
    assert!(stale.stderr.contains("the query gives"), "{}", stale.stderr);
    run(&dataset, "export-llm", &["--format", "messages,tools"]).expect_status(0);
    run(&dataset, "export-llm", &["--check"]).expect_status(0);
    let file = folder(&dataset).join("data/messages/train-00000-of-00001.jsonl");
    let file = if file.exists() { file } else { folder(&dataset).join("data/messages/test-00000-of-00001.jsonl") };
    fs::write(&file, fs::read_to_string(&file).unwrap() + "{}\n").unwrap();
    let touched = run(&dataset, "export-llm", &["--check"]).expect_status(1);
    assert!(touched.stderr.contains("was changed since posekit wrote it"), "{}", touched.stderr);
}

#[test]
fn a_new_video_adds_rows_and_changes_no_other() {
    let dataset = walking();
    run(&dataset, "export-llm", &["--format", "messages"]).expect_status(0);
    let lines = |split: &str| -> BTreeSet<String> {
        let path = folder(&dataset).join(format!("data/messages/{split}-00000-of-00001.jsonl"));
        fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let before: Vec<BTreeSet<String>> = ["train", "validation", "test"].map(lines).into();
    let clip = clip(BALANCE);
    run(&dataset, "extract", &["--network", "lite", "--end", "1", "--video", clip.to_str().unwrap()]).expect_status(0);
    run(&dataset, "analyze", &["--video", BALANCE]).expect_status(0);
    run(&dataset, "export-llm", &["--format", "messages"]).expect_status(0);
    let after: Vec<BTreeSet<String>> = ["train", "validation", "test"].map(lines).into();
    for (before, after) in before.iter().zip(&after) {
        assert!(before.is_subset(after));
    }
    let count = |splits: &[BTreeSet<String>]| splits.iter().map(BTreeSet::len).sum::<usize>();
    assert!(count(&after) > count(&before));
}

#[test]
fn names_stay_here_unless_they_are_asked_for() {
    let dataset = walking();
    run(&dataset, "tracks", &["name", FLIP, "1", "Anna Example"]).expect_status(0);
    let text = |arguments: &[&str]| {
        run(&dataset, "export-llm", &[&["--format", "messages"], arguments].concat()).expect_status(0);
        rows(&folder(&dataset), "messages").iter().map(Value::to_string).collect::<String>()
    };
    let pseudonyms = text(&[]);
    assert!(!pseudonyms.contains("Anna") && !pseudonyms.contains(FLIP));
    assert!(text(&["--names"]).contains("Anna Example"));
}

#[test]
fn what_leaks_is_refused() {
    let dataset = walking();
    let segments = ["--format", "messages", "--split_by", "segment", "--split", "0.4,0.3,0.3"];
    let other = dataset.beside("other/notes.txt");
    fs::write(&other, "not ours").unwrap();
    let foreign = other.parent().unwrap().to_str().unwrap();
    let refused = run(&dataset, "export-llm", &["--llm_data", foreign]).expect_status(3);
    assert!(refused.stderr.contains("was not written by posekit"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&other).unwrap(), "not ours");
    // One video of less than ten seconds is one segment, so nothing leaks; a shared video would.
    run(&dataset, "export-llm", &segments).expect_status(0);
    let unknown = run(&dataset, "export-llm", &["--kinds", "poetry"]).expect_status(2);
    assert!(unknown.stderr.contains("unknown kind poetry") && unknown.stderr.contains("known kinds: comparison"));
}

#[test]
fn a_kind_of_the_users_own_is_three_files() {
    let dataset = walking();
    let write = |name: &str, text: &str| fs::write(dataset.beside(&format!("sql/llm/pace/{name}")), text).unwrap();
    write("kind.toml", "name = \"pace\"\nwhat = \"How fast somebody steps\"\ndifficulty = \"easy\"\n");
    write(
        "steps.sql",
        "-- examples: steps\n-- what: cadence\n-- grain: video_id, person_id\n-- needs: metrics\n
         SELECT result_key AS row_key, video_id, person_id, 0.0 AS first_time_s, 7.0 AS last_time_s,
             fact(value, low, high, unit, side, 'cadence', NULL, 'metrics', result_key, 'value') AS cadence
         FROM metrics WHERE metric = 'cadence' ORDER BY video_id, row_key",
    );
    write("steps.jinja", "== user\nHow fast does {{ athlete }} step?\n== assistant\n{{ with_unit(cadence) }}\n");
    let sql = dataset.videos().join("sql");
    let arguments = ["--sql_dir", sql.to_str().unwrap(), "--kinds", "pace", "--format", "messages"];
    run(&dataset, "export-llm", &arguments).expect_status(0);
    let rows = rows(&folder(&dataset), "messages");
    let shown = rows[0]["proofs"][0]["shown"].as_str().unwrap();
    let answer = rows[0]["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
    assert!(answer.starts_with(shown), "{answer}");
    write("steps.jinja", "== user\nHow fast?\n== assistant\nAbout 90.\n");
    let typed = run(&dataset, "export-llm", &arguments).expect_status(2);
    assert!(typed.stderr.contains("a number without proof"), "{}", typed.stderr);
}

#[test]
fn a_dry_run_writes_nothing() {
    let dataset = walking();
    let dry = run(&dataset, "export-llm", &["--dry_run"]).expect_status(0);
    assert!(dry.stderr.contains("would be written") && dry.stderr.contains("assistant:"), "{}", dry.stderr);
    assert!(!folder(&dataset).exists());
}
