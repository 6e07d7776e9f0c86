//! `posekit doctor` reports what the machine has and lacks. Commands report missing components.

use std::fs;

use crate::support::{BALANCE, Dataset, Run, clip, clone, posekit};

#[test]
fn a_complete_machine_is_status_0_and_everything_is_named() {
    let run = Run::from(posekit().arg("doctor").current_dir(clone()).output().unwrap()).expect_status(0);
    for found in
        ["FFmpeg", "ONNX Runtime", "DuckDB", "pose_detection.onnx", "pose_landmark_heavy.onnx", "sha256", "core"]
    {
        assert!(run.stdout.contains(found), "{found} is missing in:\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("MISSING"), "{}", run.stdout);
}

#[test]
fn a_missing_library_is_status_3_with_the_command_that_mends_it() {
    let run = posekit().arg("doctor").env("ORT_DYLIB_PATH", "/no/such/libonnxruntime.so").output().unwrap();
    let run = Run::from(run).expect_status(3);
    assert!(run.stdout.contains("MISSING  ONNX Runtime") && run.stdout.contains("make native"), "{}", run.stdout);
}

#[test]
fn extraction_without_the_library_is_status_3_and_writes_nothing() {
    let dataset = Dataset::new();
    let mut command = posekit();
    command.args(["extract", "--video"]).arg(clip(BALANCE)).arg("--dataset").arg(dataset.path());
    let run = Run::from(command.env("ORT_DYLIB_PATH", "/no/such/libonnxruntime.so").output().unwrap()).expect_status(3);
    assert!(run.stderr.contains("cannot load ONNX Runtime") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert!(dataset.files().is_empty());
}

#[test]
fn a_network_with_another_content_is_refused() {
    let dataset = Dataset::new();
    let models = dataset.beside("models");
    fs::create_dir_all(&models).unwrap();
    fs::write(models.join("pose_landmark_full.onnx"), "not a network").unwrap();
    let arguments =
        ["--video", clip(BALANCE).to_str().unwrap(), "--models", models.to_str().unwrap()].map(str::to_owned);
    let run = dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(3);
    assert!(run.stderr.contains("sha256") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert!(dataset.files().is_empty());
    let doctor = Run::from(posekit().arg("doctor").arg("--models").arg(&models).output().unwrap()).expect_status(3);
    assert!(doctor.stdout.contains("MISSING  pose_landmark_full.onnx"), "{}", doctor.stdout);
}

#[test]
fn the_committed_networks_are_those_of_their_manifest() {
    use sha2::{Digest, Sha256};
    let manifest = fs::read_to_string(clone().join("models/README.md")).unwrap();
    let networks = fs::read_dir(clone().join("models")).unwrap().map(|entry| entry.unwrap().path());
    let networks: Vec<_> =
        networks.filter(|path| path.extension().is_some_and(|extension| extension == "onnx")).collect();
    assert_eq!(networks.len(), 5);
    for path in networks {
        let hash = Sha256::digest(fs::read(&path).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_listed = manifest.lines().any(|line| line.contains(name) && line.contains(&hash));
        assert!(is_listed, "{name} with {hash} is not in models/README.md");
    }
}
