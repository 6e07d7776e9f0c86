//! Help, versions, completions, invalid usage.

use crate::support::{Dataset, Run, posekit};

fn run(arguments: &[&str]) -> Run {
    posekit().args(arguments).output().unwrap().into()
}

#[test]
fn help_has_examples_for_every_command_that_works_on_data() {
    for command in ["extract", "query"] {
        let help = run(&[command, "--help"]).expect_status(0).stdout;
        assert!(help.contains("Examples:") && help.contains(&format!("posekit {command}")), "{help}");
    }
    assert!(run(&["--help"]).expect_status(0).stdout.contains("Exit status:"));
}

#[test]
fn the_version_names_the_native_libraries() {
    let version = run(&["--version"]).expect_status(0).stdout;
    assert!(version.starts_with(&format!("posekit {}\nFFmpeg ", env!("CARGO_PKG_VERSION"))), "{version}");
    for library in ["ONNX Runtime 1.", "DuckDB v1."] {
        assert!(version.contains(library), "{version}");
    }
}

#[test]
fn completions_are_written_for_each_shell() {
    for (shell, mark) in [("bash", "_posekit()"), ("zsh", "#compdef posekit"), ("fish", "complete -c posekit")] {
        assert!(run(&["completions", shell]).expect_status(0).stdout.contains(mark), "{shell}");
    }
    run(&["completions", "tcsh"]).expect_status(2);
}

#[test]
fn bench_names_every_stage_and_the_limit_and_keeps_them_in_the_catalog() {
    let dataset = Dataset::new();
    let clip = crate::support::clip(crate::support::BALANCE);
    let arguments = ["--network", "lite", "--runs", "1", "--video", clip.to_str().unwrap()];
    let run = dataset.run("bench", &arguments).expect_status(0);
    let stages = ["decode", "convert", "detect", "crop", "landmarks", "post-processing", "write"];
    for text in [&stages[..], &["100 frames", "limit of", "end to end", "peak memory"]].concat() {
        assert!(run.stdout.contains(text), "{text} is missing in\n{}", run.stdout);
    }
    let sql = "SELECT video, network, starts_with(inference, 'native (') AS is_native, people, n_frames, limit_per_s > reached_per_s AS is_below_limit,
                   decode_ms > 0 AND landmarks_ms > 0 AND crop_ms > 0 AND write_ms > 0 AS has_stages,
                   abs(1000 * cores / limit_per_s
                       - (decode_ms + convert_ms + detect_ms + crop_ms + landmarks_ms + post_ms + write_ms)) < 1e-6 AS adds_up
               FROM benchmarks";
    let expected = serde_json::json!({"video": crate::support::BALANCE, "network": "lite", "is_native": true, "people": 1, "n_frames": 100,
        "is_below_limit": true, "has_stages": true, "adds_up": true});
    assert_eq!(dataset.rows(sql), [expected]);
}

#[test]
fn wrong_usage_is_status_2_before_any_work() {
    let dataset = Dataset::new();
    for arguments in [
        ["--people", "0"].as_slice(),
        &["--network", "huge"],
        &["--start", "3", "--end", "2"],
        &["--input", "no/such/folder"],
        &["--batch_size", "0"],
        &["--nonsense"],
    ] {
        let run = dataset.run("extract", arguments).expect_status(2);
        assert!(run.stderr.contains("error:") && run.stdout.is_empty(), "{arguments:?}: {}", run.stderr);
    }
    assert!(!dataset.path().exists(), "nothing was written");
}

#[test]
fn a_folder_without_videos_is_wrong_usage_with_a_hint() {
    let dataset = Dataset::new();
    std::fs::write(dataset.beside("notes.txt"), "no video").unwrap();
    let run = dataset.run("extract", &["--input", dataset.videos().to_str().unwrap()]).expect_status(2);
    assert!(run.stderr.contains("no video found in") && run.stderr.contains("hint:"), "{}", run.stderr);
}
