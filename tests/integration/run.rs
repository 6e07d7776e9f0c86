//! The pipeline in one command, and its options from `posekit.toml`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{BALANCE, Run, clip, ffmpeg, posekit};

fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    posekit().current_dir(folder).args(arguments).output().unwrap().into()
}

/// A folder with a video and settings.
fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("clips")).unwrap();
    fs::copy(clip(BALANCE), folder.path().join("clips").join(BALANCE)).unwrap();
    fs::write(folder.path().join("posekit.toml"), settings).unwrap();
    folder
}

const SETTINGS: &str =
    "[run]\ninput = \"clips\"\nnetwork = \"lite\"\npeople = 1\nend = 0.5\ndraw = [\"skeleton\", \"time\"]\n";

#[test]
fn everything_is_made_once() {
    let folder = folder(SETTINGS);
    let first = run_in(folder.path(), &["run"]).expect_status(0);
    for step in ["extract", "analyze", "poses", "render"] {
        assert!(first.stderr.contains(&format!("\n  {step} ")), "{step}: {}", first.stderr);
    }
    assert!(folder.path().join("output/balance_multi_cam04.0-0.5s.annotated.mp4").exists());
    let poses = fs::read(folder.path().join("output/balance_multi_cam04.pose.json")).unwrap();
    let poses: Value = serde_json::from_slice(&poses).unwrap();
    assert_eq!(poses["version"], "1");
    let frames = poses["frames"].as_array().unwrap();
    // 60 frames a second.
    assert_eq!(frames.len(), 30);
    let person = &frames[10]["people"][0];
    assert_eq!(person["pose_keypoints_2d"].as_array().unwrap().len(), 99);
    assert!(person["angles_2d_deg"]["left_knee"].as_f64().unwrap().abs() < 180.0);
    let again = run_in(folder.path(), &["run"]).expect_status(0);
    assert!(
        again.stderr.contains("already extracted") && again.stderr.contains("annotated videos are up to date"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("pose files in output are up to date"), "{}", again.stderr);
    assert!(!folder.path().join("models").exists(), "results are not among the networks");
}

/// Names do not depend on what was found in other videos: all files of a video begin alike.
#[test]
fn files_of_a_video_begin_alike_whatever_is_in_others_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let [somebody, nobody] = ["a", "b"].map(|name| {
        fs::create_dir_all(folder.path().join("clips").join(name)).unwrap();
        folder.path().join("clips").join(name).join("clip.mp4")
    });
    fs::copy(clip(BALANCE), somebody).unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "color=gray:size=160x120:rate=10:duration=1", nobody.to_str().unwrap()]);
    fs::write(folder.path().join("posekit.toml"), SETTINGS).unwrap();
    run_in(folder.path(), &["run"]).expect_status(0);
    run_in(folder.path(), &["analyze", "--export", "json,csv", "-o", "files"]).expect_status(0);
    let ids = run_in(
        folder.path(),
        &["query", "--format", "csv", "SELECT video_id FROM videos WHERE path LIKE '%/a/clip.mp4'"],
    )
    .expect_status(0);
    let stem = format!("clip-{}", &ids.stdout.lines().nth(1).unwrap()[..8]);
    let made = [
        "output/STEM.0-0.5s.annotated.mp4",
        "output/STEM.pose.json",
        "files/STEM.pose.json",
        "files/STEM_person0_angles.csv",
    ];
    for name in made.map(|name| name.replace("STEM", &stem)) {
        assert!(folder.path().join(&name).exists(), "{name}");
    }
    assert!(
        !folder.path().join("output/clip.pose.json").exists() && !folder.path().join("files/clip.pose.json").exists()
    );
}

#[test]
fn no_video_means_none() {
    let folder = folder(SETTINGS);
    run_in(folder.path(), &["run", "--no_video"]).expect_status(0);
    assert!(!folder.path().join("output/balance_multi_cam04.0-0.5s.annotated.mp4").exists());
}

#[test]
fn the_command_line_beats_the_file_and_the_file_the_defaults() {
    let folder = folder(&format!("{SETTINGS}workers = 3\nmemory_limit = 0.25\nno_swap_repair = true\n"));
    let shown =
        run_in(folder.path(), &["run", "--show_config", "--workers", "1", "--video", "one.mp4"]).expect_status(0);
    let line = |name: &str| {
        let mut lines = shown.stdout.lines();
        lines.find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {}", shown.stdout)).to_owned()
    };
    assert!(line("workers = 1 ").ends_with("# command line"));
    assert!(line("memory_limit = 0.25 ").ends_with("# posekit.toml"));
    assert!(line("batch_size = 5 ").ends_with("# default"));
    assert!(line("no_swap_repair = true ").ends_with("# posekit.toml"));
    assert!(line("draw = [\"skeleton\", \"time\"] ").ends_with("# posekit.toml"));
    assert!(line("video = [\"one.mp4\"] ").ends_with("# command line"));
    assert!(line("# input =").ends_with("# not set"), "who names a video does not want the file's folder");
    let verbose = run_in(folder.path(), &["run", "--show_config", "-v"]).expect_status(0);
    assert!(verbose.stdout.contains("input = \"clips\""), "-v alone names no video: {}", verbose.stdout);
    // What is shown can be put in the file as it is.
    fs::write(folder.path().join("posekit.toml"), &shown.stdout).unwrap();
    let again = run_in(folder.path(), &["run", "--show_config"]).expect_status(0);
    let values = |text: &str| {
        text.lines().map(|line| line.split(" # ").next().unwrap_or_default().trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&again.stdout), values(&shown.stdout));
}

#[test]
fn options_of_the_file_hold_for_the_single_steps_too() {
    let folder = folder(SETTINGS);
    run_in(folder.path(), &["extract"]).expect_status(0);
    let count =
        run_in(folder.path(), &["query", "--format", "csv", "SELECT count(*) AS n FROM frames"]).expect_status(0);
    assert_eq!(count.stdout.trim(), "n\n30");
}

#[test]
fn a_wrong_key_is_refused_with_those_that_there_are() {
    for (settings, named) in
        [("[run]\nworker = 2\n", "worker"), ("[run]\nworkers = \"many\"\n", "many"), ("[run]\nmodels = {}\n", "models")]
    {
        let folder = folder(settings);
        let run = run_in(folder.path(), &["run"]).expect_status(2);
        assert!(run.stderr.contains(named), "{settings}: {}", run.stderr);
    }
}
