//! The engines that run the BlazePose networks: the same bytes with any instruction set, nearly the same landmarks as
//! ONNX Runtime, and tables of either engine count as done.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use posekit::inference::kind::EngineKind;

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, posekit};

/// Both clips in small segments. The instruction sets without vectors take a second for each frame.
const SHORT: [&str; 8] = ["--people", "1", "--network", "lite", "--end", "0.3", "--segment-frames", "10"];

fn extract(dataset: &Dataset, arguments: &[&str]) -> Command {
    let mut command = posekit();
    command.arg("extract").arg("--dataset").arg(dataset.path()).args(arguments);
    for name in [BALANCE, FLIP] {
        command.arg("--video").arg(clip(name));
    }
    command
}

fn run(mut command: Command) -> Run {
    Run::from(command.output().unwrap())
}

/// All parts but those of the record of the run, which has times of day.
fn parts(dataset: &Dataset) -> Vec<(String, Vec<u8>)> {
    let is_part = |name: &String| name.ends_with(".parquet") && !name.starts_with("runs/");
    let names = dataset.files().into_iter().filter(is_part);
    names.map(|name| (name.clone(), fs::read(dataset.path().join(name)).unwrap())).collect()
}

/// The instruction sets that this processor has, by their names in messages of an unknown one.
fn instruction_sets() -> Vec<String> {
    let dataset = Dataset::new();
    let mut unknown = extract(&dataset, &SHORT);
    unknown.env("POSEKIT_INSTRUCTIONS", "abacus");
    let refused = run(unknown).expect_status(3).stderr;
    assert!(refused.contains("invalid POSEKIT_INSTRUCTIONS") && refused.contains("hint: "), "{refused}");
    let (_, names) = refused.split_once("expected one of ").unwrap();
    let (names, _) = names.split_once(')').unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_instruction_set_gives_the_same_bytes() {
    let fastest = Dataset::new();
    run(extract(&fastest, &SHORT)).expect_status(0);
    let expected = parts(&fastest);
    assert!(expected.len() >= 16, "two clips in segments: {}", expected.len());
    let mut n_run = 0;
    for set in instruction_sets() {
        let forced = Dataset::new();
        let mut command = extract(&forced, &SHORT);
        command.env("POSEKIT_INSTRUCTIONS", &set);
        let said = run(command);
        if said.status != 0 {
            let lacking = format!("this processor lacks the instruction set {set}");
            assert!(said.status == 3 && said.stderr.contains(&lacking), "{}", said.stderr);
            continue;
        }
        n_run += 1;
        assert!(parts(&forced) == expected, "{set} makes other bytes");
    }
    assert!(n_run >= 3, "the sets without vectors are everywhere");
}

/// Which crops are read twice follows from the pictures of a segment, not from who works on it. In the third
/// segment, full is not certain of the woman who comes into the picture.
#[test]
fn second_opinions_do_not_depend_on_the_number_of_workers() {
    let beginning = |network: &str, workers: &str| {
        let dataset = Dataset::new();
        let mut command = posekit();
        command.arg("extract").arg("--dataset").arg(dataset.path()).arg("--video").arg(clip(FLIP));
        command.args(["--people", "2", "--end", "2", "--segment-frames", "20"]);
        command.args(["--network", network, "--workers", workers]);
        run(command).expect_status(0);
        dataset
    };
    let [one, two] = ["1", "2"].map(|workers| beginning("auto", workers));
    assert!(parts(&one) == parts(&two), "two workers make other bytes");
    let places = "SELECT sum(x_px) FROM raw_landmarks";
    let moved_px = one.number(places) - beginning("full", "2").number(places);
    assert!(moved_px.abs() > 1.0, "heavy has read crops, too: {moved_px}");
}

#[cfg(feature = "failpoints")]
#[test]
fn a_run_killed_with_one_instruction_set_is_finished_with_another() {
    let whole = Dataset::new();
    run(extract(&whole, &SHORT)).expect_status(0);
    let resumed = Dataset::new();
    let mut killed = extract(&resumed, &[&SHORT[..], &["--workers", "1"]].concat());
    killed.env("POSEKIT_FAILPOINT", "file-renamed=6");
    assert_eq!(run(killed).status, -1);
    let before = resumed.files().into_iter().filter(|name| name.contains("part-")).count();
    assert!(before > 0, "a segment is sealed");
    let mut rest = extract(&resumed, &SHORT);
    rest.env("POSEKIT_INSTRUCTIONS", "scalar");
    run(rest).expect_status(0);
    assert!(parts(&resumed) == parts(&whole), "other bytes after the kill");
}

#[test]
fn the_native_engine_sees_what_onnx_runtime_sees() {
    let dataset = Dataset::new();
    for engine in ["native", "ort"] {
        run(extract(&dataset, &["--people", "1", "--end", "0.01", "--inference", engine])).expect_status(0);
    }
    let sql =
        "SELECT video_id, landmark_id, count(*) AS n, max(x_px) - min(x_px) AS x_px, max(y_px) - min(y_px) AS y_px,
        max(visibility) - min(visibility) AS visibility
        FROM read_parquet('raw_landmarks/*/*/*.parquet', hive_partitioning = true) GROUP BY ALL";
    let sql = sql.replace("raw_landmarks", &dataset.path().join("raw_landmarks").display().to_string());
    let rows = dataset.rows(&sql);
    // The man of one clip comes into the picture later.
    assert!(rows.len() >= 33 && rows.iter().all(|row| row["n"] == 2), "{rows:?}");
    for row in rows {
        let value = |name: &str| row[name].as_f64().unwrap();
        // The region is a little different as well: the detector's rounding turns it by less than a thousandth.
        assert!(value("x_px") < 0.5 && value("y_px") < 0.5 && value("visibility") < 0.01, "{row}");
    }
}

fn engines(dataset: &Dataset) -> BTreeSet<String> {
    let rows = dataset.rows("SELECT coalesce(settings->>'inference', 'ort') AS engine FROM runs");
    rows.iter().map(|row| row["engine"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn tables_of_either_engine_are_as_good_unless_one_is_named() {
    let dataset = Dataset::new();
    let short = ["--people", "1", "--network", "lite", "--end", "0.1"];
    run(extract(&dataset, &[&short[..], &["--inference", "ort"]].concat())).expect_status(0);
    run(extract(&dataset, &short)).expect_status(0);
    assert_eq!(engines(&dataset), BTreeSet::from(["ort".to_owned()]), "nothing is extracted again");
    run(extract(&dataset, &[&short[..], &["--inference", "native"]].concat())).expect_status(0);
    assert_eq!(engines(&dataset), BTreeSet::from(["native".to_owned(), "ort".to_owned()]));
}

/// Where there is no AMX, nothing else runs in its place.
#[test]
fn amx_is_an_engine_of_its_own_that_only_some_processors_have() {
    let dataset = Dataset::new();
    let short = ["--people", "1", "--network", "lite", "--end", "0.01", "--inference", "amx"];
    if EngineKind::Amx.is_available() {
        run(extract(&dataset, &short)).expect_status(0);
        assert_eq!(engines(&dataset), BTreeSet::from(["amx".to_owned()]));
    } else {
        let refused = run(extract(&dataset, &short)).expect_status(3);
        assert!(refused.stderr.contains("lacks the instruction set amx"), "{}", refused.stderr);
        assert!(refused.stderr.contains("--inference native"), "{}", refused.stderr);
    }
}

#[test]
fn one_person_needs_no_onnx_runtime() {
    let dataset = Dataset::new();
    let without = |arguments: &[&str]| {
        let mut command = extract(&dataset, arguments);
        command.env("ORT_DYLIB_PATH", "/no/such/libonnxruntime.so");
        run(command)
    };
    without(&["--people", "1", "--network", "lite", "--end", "0.1", "--inference", "native"]).expect_status(0);
    let several = without(&["--network", "lite", "--end", "0.1"]).expect_status(3);
    assert!(several.stderr.contains("cannot load ONNX Runtime"), "{}", several.stderr);
}
