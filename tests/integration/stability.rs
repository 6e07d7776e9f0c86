//! `posekit analyze --stability N`: the spread of metrics over variants of real clips.

use std::fs;
use std::process::Stdio;

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, posekit, wait_for};

/// The beginning of a clip under a name of its own, extracted with the lite network.
fn extracted(clip_name: &str, end_s: &str, people: &str) -> Dataset {
    let dataset = Dataset::new();
    let video = dataset.beside("clip.mp4");
    fs::copy(clip(clip_name), &video).unwrap();
    let arguments = ["--people", people, "--network", "lite", "--end", end_s, "--video", video.to_str().unwrap()];
    dataset.run("extract", &arguments).expect_status(0);
    dataset
}

fn analyze(dataset: &Dataset, arguments: &[&str]) -> Run {
    // In the folder beside the dataset, so that no settings file of somebody else is found.
    let mut command = posekit();
    command.current_dir(dataset.videos()).arg("analyze").arg("--dataset").arg(dataset.path()).args(arguments);
    command.output().unwrap().into()
}

#[test]
fn a_stability_has_a_row_for_each_metric_and_goes_with_it() {
    let dataset = extracted(FLIP, "1", "1");
    analyze(&dataset, &[]).expect_status(0);
    let (n_rows, n_metrics) = ("SELECT count(*) FROM stability", dataset.number("SELECT count(*) FROM metrics"));
    assert_eq!(dataset.number(n_rows), 0.0, "nobody has asked");
    let metrics = "SELECT * FROM metrics ORDER BY ALL";
    let before = dataset.rows(metrics);

    let measured = analyze(&dataset, &["--stability", "2"]).expect_status(0);
    assert!(measured.stderr.contains("variant 2 of 2: lower resolution"), "{}", measured.stderr);
    assert!(measured.stderr.contains("stability of 1 video in"), "{}", measured.stderr);
    assert_eq!(dataset.number(n_rows), n_metrics);
    let wrong = "SELECT count(*) FROM stability AS s LEFT JOIN metrics AS m USING (result_key)
        WHERE s.value IS DISTINCT FROM m.value OR s.unit <> m.unit OR n_variants <> 2 OR n_found > 2 OR n_agree > n_found
            OR NOT (lowest <= mean AND mean <= highest)";
    assert_eq!(dataset.number(wrong), 0.0);
    assert!(dataset.number("SELECT avg((n_found = 2)::INTEGER) FROM stability WHERE value IS NOT NULL") > 0.9);
    assert!(dataset.number("SELECT avg((standard_deviation > 0)::INTEGER) FROM stability") > 0.5, "variants differ");
    assert_eq!(dataset.rows(metrics), before);
    assert!(dataset.files().iter().all(|file| !file.contains(".stability")), "{:?}", dataset.files());
    dataset.run("status", &["--check"]).expect_status(0);

    let again = analyze(&dataset, &["--stability", "2"]).expect_status(0);
    assert!(again.stderr.contains("stability of 1 video is up to date"), "{}", again.stderr);
    assert!(!again.stderr.contains("variant"), "{}", again.stderr);

    // Other meters are other metrics.
    let higher = analyze(&dataset, &["--height_m", "1.9"]).expect_status(0);
    assert!(higher.stderr.contains("stability of earlier metrics was removed"), "{}", higher.stderr);
    assert_eq!(dataset.number(n_rows), 0.0);
    let third = analyze(&dataset, &[]).expect_status(0);
    assert!(third.stderr.contains("everything is up to date"), "{}", third.stderr);

    // The video is needed, and nothing else fails without it.
    fs::rename(dataset.beside("clip.mp4"), dataset.beside("moved.mp4")).unwrap();
    let moved = analyze(&dataset, &["--stability", "2"]).expect_status(1);
    assert!(moved.stderr.contains("clip.mp4 does not exist"), "{}", moved.stderr);
    assert!(moved.stderr.contains("`posekit extract` on the video at its current path"), "{}", moved.stderr);
    let path = dataset.beside("moved.mp4");
    let arguments = ["--people", "1", "--network", "lite", "--end", "1", "--video", path.to_str().unwrap()];
    dataset.run("extract", &arguments).expect_status(0);
    analyze(&dataset, &["--stability", "1"]).expect_status(0);
    assert_eq!(dataset.number(n_rows), n_metrics);
}

/// The knees of the first clip's walker bend to different angles. In the mirrored variant, each row is that of its own side.
#[test]
fn a_mirrored_variant_exchanges_sides() {
    let dataset = extracted(BALANCE, "1.5", "auto");
    analyze(&dataset, &["--stability", "1"]).expect_status(0);
    let sides = "SELECT s.person_id, s.metric, s.value, s.mean, other.value AS other
        FROM stability AS s
        JOIN metrics AS other ON other.run_id = s.run_id AND other.person_id = s.person_id AND other.metric = s.metric
            AND other.side <> s.side
        WHERE s.side IN ('left', 'right') AND s.mean IS NOT NULL AND s.metric LIKE '%flexion_2d'
            AND abs(other.value - s.value) > 20";
    let rows = dataset.rows(sides);
    let is_own_side = |row: &&serde_json::Value| {
        let [value, mean, other] = ["value", "mean", "other"].map(|name| row[name].as_f64().unwrap());
        (mean - value).abs() < (mean - other).abs()
    };
    let n_own = rows.iter().filter(is_own_side).count();
    assert!(rows.len() >= 4 && n_own * 4 >= rows.len() * 3, "{n_own} of {}: {rows:?}", rows.len());
    assert_eq!(dataset.number("SELECT count(DISTINCT person_id) FROM stability WHERE n_found > 0"), 2.0);
}

#[test]
fn a_stability_that_was_killed_leaves_the_tables_as_they_were_and_continues() {
    let dataset = extracted(FLIP, "0.7", "1");
    analyze(&dataset, &[]).expect_status(0);
    let mut command = posekit();
    command.current_dir(dataset.videos()).arg("analyze").arg("--dataset").arg(dataset.path());
    let mut child = command.args(["--stability", "2"]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&mut child, "variant 2 of 2");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(dataset.number("SELECT count(*) FROM stability"), 0.0);
    dataset.run("status", &["--check"]).expect_status(0);
    let first = "variant_01/frames/";
    let part = dataset.files().into_iter().find(|file| file.contains(first)).unwrap();
    let written = || fs::metadata(dataset.path().join(&part)).and_then(|part| part.modified());
    let before = written().unwrap();

    let mut second = posekit();
    second.current_dir(dataset.videos()).arg("analyze").arg("--dataset").arg(dataset.path());
    let mut child = second.args(["--stability", "2"]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&mut child, "variant 2 of 2");
    assert_eq!(written().unwrap(), before, "the first variant was there");
    assert!(child.wait().unwrap().success());
    assert!(dataset.number("SELECT count(*) FROM stability") > 0.0);

    // What a stopped measurement has left goes with the runs that nobody needs.
    fs::create_dir_all(dataset.path().join(".stability/variant_01")).unwrap();
    dataset.run("status", &["--prune"]).expect_status(0);
    assert!(!dataset.path().join(".stability").exists());
}

#[test]
fn a_page_shows_the_spread_beside_each_metric() {
    let dataset = extracted(FLIP, "0.7", "1");
    analyze(&dataset, &[]).expect_status(0);
    let page = || {
        let mut report = posekit();
        report.current_dir(dataset.videos()).arg("report").arg("--dataset").arg(dataset.path());
        let run: Run = report.output().unwrap().into();
        run.expect_status(0);
        let folder = dataset.videos().join("output").join("videos");
        let pages = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let page = pages.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "html"));
        fs::read_to_string(page.unwrap()).unwrap()
    };
    let without = page();
    assert!(!without.contains("In variants") && !without.contains("variants of the video"));
    analyze(&dataset, &["--stability", "1"]).expect_status(0);
    let with = page();
    assert!(with.contains("In variants") && with.contains(", in 1 of 1"));
    assert!(with.contains("measured again in 1 variant of the video"));
}

#[test]
fn a_cluster_measures_no_stability() {
    let dataset = extracted(FLIP, "0.3", "1");
    let run = analyze(&dataset, &["--stability", "1", "--cluster", "ray"]).expect_status(2);
    assert!(run.stderr.contains("leave out --cluster"), "{}", run.stderr);
}
