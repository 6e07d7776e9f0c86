//! Damaged tables and full disks: the message of each command, its exit status, and whether its advice helps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{BALANCE, Dataset, FLIP, Run, posekit};

/// Commands that read tables, and what each is asked.
const COMMANDS: [&str; 6] = ["status", "status --check", "query", "tracks", "render", "report"];

/// What is damaged, how each command ends then, and what helps.
const DAMAGES: [(&str, [i32; 6], &str); 16] = [
    ("frames", [1, 1, 3, 1, 1, 1], "posekit extract"),
    ("camera_motion", [0, 1, 3, 0, 1, 1], "posekit extract"),
    ("regions", [1, 1, 3, 1, 1, 1], "posekit extract"),
    ("raw_landmarks", [0, 1, 3, 0, 1, 1], "posekit extract"),
    ("tracklets", [0, 1, 3, 1, 1, 1], "posekit extract"),
    ("runs", [0, 1, 0, 0, 1, 1], "posekit extract"),
    ("tracks", [1, 1, 3, 1, 1, 1], "status --repair"),
    ("landmarks", [0, 1, 3, 1, 1, 1], "status --repair"),
    ("analyses", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("clean_landmarks", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("joint_angles", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("scales", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("kinematics", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("events", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("metrics", [0, 1, 3, 0, 1, 1], "posekit analyze"),
    ("checks", [0, 1, 3, 0, 1, 1], "posekit analyze"),
];

fn analyzed() -> Dataset {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.66").expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    dataset
}

/// The first part of a table.
fn part(dataset: &Dataset, table: &str) -> PathBuf {
    let files = dataset.files();
    let file = files
        .iter()
        .find(|file| file.starts_with(&format!("{table}/")))
        .unwrap_or_else(|| panic!("{table}: {files:?}"));
    dataset.path().join(file)
}

/// Cuts a part in half, and returns what it was.
fn cut(path: &Path) -> Vec<u8> {
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..whole.len() / 2]).unwrap();
    whole
}

fn run(dataset: &Dataset, command: &str, table: &str) -> Run {
    let output = dataset.beside("output");
    let output = output.to_str().unwrap();
    match command {
        "status --check" => dataset.run("status", &["--check"]),
        // `runs` is a table of the catalog; nothing that can be asked reads its part.
        "query" => dataset.run("query", &[&format!("SELECT count(*), max(COLUMNS(*)::VARCHAR) FROM {table}")]),
        "render" => dataset.run("render", &["--skeleton_only", "--force", "--output", output]),
        "report" => dataset.run("report", &["--force", "--output", output]),
        command => dataset.run(command, &[]),
    }
}

#[test]
fn each_command_names_a_damaged_table_and_what_makes_it_again() {
    let dataset = analyzed();
    let mut wrong = Vec::new();
    for (table, statuses, remedy) in DAMAGES {
        let path = part(&dataset, table);
        let whole = cut(&path);
        for (command, status) in COMMANDS.into_iter().zip(statuses) {
            let run = run(&dataset, command, if table == "tracklets" { "tracks" } else { table });
            let says = command == "status --check" || run.stderr.contains("hint:") && run.stderr.contains(remedy);
            let names = run.stderr.contains(&format!("{table}/"));
            if run.status != status || status != 0 && !(says && names) {
                wrong.push(format!("{table}, {command}: status {}, expected {status}\n{}", run.status, run.stderr));
            }
        }
        fs::write(&path, whole).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn an_edit_names_the_part_that_is_damaged_and_not_the_record_of_its_run() {
    let dataset = analyzed();
    for table in ["raw_landmarks", "tracklets"] {
        let path = part(&dataset, table);
        let whole = cut(&path);
        let refused = dataset.run("tracks", &["name", BALANCE, "0", "Anna"]).expect_status(3);
        let says = refused.stderr.contains(&format!("{table}/")) && refused.stderr.contains("posekit extract");
        assert!(says && !refused.stderr.contains("runs/"), "{}", refused.stderr);
        fs::write(&path, whole).unwrap();
    }
    let path = part(&dataset, "frames");
    let whole = cut(&path);
    let refused = dataset.run("status", &["--rebuild"]).expect_status(1);
    assert!(refused.stderr.contains("posekit extract") && !refused.stderr.contains("--rebuild"), "{}", refused.stderr);
    fs::write(&path, whole).unwrap();
}

#[test]
fn what_is_advised_makes_damaged_tables_again() {
    let dataset = analyzed();
    for (table, _, remedy) in DAMAGES {
        cut(&part(&dataset, table));
        dataset.run("status", &["--repair"]).expect_status(0);
        match remedy {
            "posekit extract" => drop(dataset.extract_beginning(BALANCE, "0.66").expect_status(0)),
            "posekit analyze" => drop(dataset.run("analyze", &[]).expect_status(0)),
            _ => {}
        }
        let check = dataset.run("status", &["--check"]);
        assert_eq!(check.status, 0, "{table}: {}", check.stderr);
    }
}

/// Two videos, and what each table must come to again.
#[test]
fn a_damaged_part_of_one_video_stops_no_other_wherever_the_dataset_lies() {
    let dataset = analyzed();
    dataset.extract_beginning(FLIP, "0.3").expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    let mut root = dataset.path();
    let rows = |root: &Path, table: &str| {
        let count = format!("SELECT video_id, count(*) FROM {table} GROUP BY ALL ORDER BY ALL");
        run_at(root, "query", &["--format", "csv", &count])
    };
    for (number, (table, remedy)) in
        [("frames", "extract"), ("landmarks", ""), ("metrics", "analyze"), ("frames", "extract"), ("checks", "analyze")]
            .into_iter()
            .enumerate()
    {
        let whole = rows(&root, table).expect_status(0).stdout;
        let first = posekit::store::folders::parquet_files(&root.join(table)).swap_remove(0);
        let damaged = first.parent().unwrap().parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let damaged = damaged.strip_prefix("video_id=").unwrap();
        cut(&first);
        // The first is damaged where it always was, the others in a folder that has moved.
        if number > 0 {
            let moved = dataset.path().with_file_name(format!("moved {number}"));
            fs::rename(&root, &moved).unwrap();
            root = moved;
        }
        let other = format!("SELECT count(*) AS n FROM {table} WHERE video_id <> '{damaged}'");
        let n = run_at(&root, "query", &["--format", "csv", &other]).expect_status(0).stdout;
        assert!(
            whole.contains(n.trim_start_matches("n\n").trim()) && !n.ends_with("\n0\n"),
            "{table}: {n} of\n{whole}"
        );
        let all = rows(&root, table).expect_status(3);
        assert!(all.stderr.contains(&format!("{table}/")), "{table}: {}", all.stderr);
        run_at(&root, "status", &["--check"]).expect_status(1);
        run_at(&root, "status", &[]);
        // Files of the other video are written. What is said is the damage and its remedy, not a fault of the format.
        let output = root.with_extension(format!("{number}.files")).display().to_string();
        if ["frames", "metrics"].contains(&table) {
            let files = run_at(&root, "analyze", &["--export", "json,csv", "--output", &output]).expect_status(1);
            assert!(files.stderr.contains(&format!("{table}/")), "{table}: {}", files.stderr);
            assert!(files.stderr.contains("posekit status --repair"), "{table}: {}", files.stderr);
            let metrics = fs::read_to_string(Path::new(&output).join("metrics.csv")).unwrap();
            let of_damaged = metrics.matches(damaged).count();
            assert!(metrics.lines().count() > 1 && of_damaged == 0, "{table}: {metrics}");
        }
        run_at(&root, "status", &["--repair"]).expect_status(0);
        match remedy {
            "extract" => extract_at(&root, &[(BALANCE, "0.66"), (FLIP, "0.3")]),
            "analyze" => drop(run_at(&root, "analyze", &[]).expect_status(0)),
            _ => {}
        }
        run_at(&root, "status", &["--check"]).expect_status(0);
        assert_eq!(rows(&root, table).expect_status(0).stdout, whole, "{table}");
    }
}

fn run_at(root: &Path, command: &str, arguments: &[&str]) -> Run {
    posekit().arg(command).arg("--dataset").arg(root).args(arguments).output().unwrap().into()
}

fn extract_at(root: &Path, clips: &[(&str, &str)]) {
    for (name, end_s) in clips {
        let clip = crate::support::clip(name);
        let beginning = ["--people", "1", "--network", "lite", "--end", end_s, "--video", clip.to_str().unwrap()];
        run_at(root, "extract", &beginning).expect_status(0);
    }
}

/// Runs a command while a folder is a small disk of its own. `None` without the right to mount.
fn on_small_disk(size: &str, folder: &str, command: &Command) -> Option<Run> {
    let can = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|output| output.status.success());
    let script = format!("mkdir -p '{folder}' && mount -t tmpfs -o size={size} none '{folder}' && exec \"$@\"");
    let mut wrapped = Command::new("unshare");
    wrapped.args(["-m", "sh", "-c", &script, "sh"]).arg(command.get_program()).args(command.get_args());
    can.then(|| wrapped.stdin(Stdio::null()).output().unwrap().into())
}

#[test]
fn a_full_disk_is_named_as_one() {
    let dataset = analyzed();
    let folder = dataset.beside("files");
    let folder = folder.to_str().unwrap();
    let mut export = posekit();
    export.arg("analyze").arg("--dataset").arg(dataset.path()).args([
        "--export",
        "csv,parquet,json",
        "--output",
        folder,
    ]);
    if let Some(full) = on_small_disk("32k", folder, &export) {
        let full = full.expect_status(3);
        assert!(full.stderr.contains(&format!("cannot write {folder}/")), "{}", full.stderr);
        assert!(full.stderr.contains("the disk is full") && !full.stderr.contains("--rebuild"), "{}", full.stderr);
    }
    let small = dataset.beside("small");
    let small = small.to_str().unwrap();
    let mut extract = posekit();
    extract.args(["extract", "--people", "1", "--network", "lite", "--end", "0.1", "--dataset", small, "--video"]);
    extract.arg(crate::support::clip(BALANCE));
    if let Some(full) = on_small_disk("256k", small, &extract) {
        let full = full.expect_status(3);
        assert!(full.stderr.contains("the disk is full") && full.stderr.contains(small), "{}", full.stderr);
    }
}
