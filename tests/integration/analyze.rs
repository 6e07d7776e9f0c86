//! `posekit analyze` on the tables of real clips: its results, which of them are made again and which are not, and
//! faults.

use std::collections::BTreeMap;
use std::fs;

use posekit::store::Table;
use posekit::store::part::sorted_by;

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, posekit};

/// The whole clip with a walking woman and a man who flips, with everybody in it.
fn walk() -> Dataset {
    let dataset = Dataset::new();
    let clip = clip(FLIP);
    dataset.run("extract", &["--video", clip.to_str().unwrap()]).expect_status(0);
    dataset
}

/// The beginning of the clip, one person.
fn beginning() -> Dataset {
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "1.5").expect_status(0);
    dataset
}

fn analyze(dataset: &Dataset, arguments: &[&str]) -> Run {
    // In the folder beside the dataset, so that no settings file of somebody else is found.
    let mut command = posekit();
    fs::create_dir_all(dataset.videos()).unwrap();
    command.current_dir(dataset.videos()).arg("analyze").arg("--dataset").arg(dataset.path()).args(arguments);
    command.output().unwrap().into()
}

/// Every file of the results with its contents' hash.
fn results(dataset: &Dataset) -> BTreeMap<String, blake3::Hash> {
    let extracted = [
        "catalog",
        ".",
        "journal",
        "frames",
        "camera_motion",
        "regions",
        "raw_landmarks",
        "landmarks",
        "tracklets",
        "tracks",
        "runs",
    ];
    let files = dataset.files().into_iter().filter(|file| !extracted.iter().any(|table| file.starts_with(table)));
    files.map(|file| (file.clone(), blake3::hash(&fs::read(dataset.path().join(file)).unwrap()))).collect()
}

#[test]
fn a_second_analysis_has_nothing_to_do() {
    let dataset = beginning();
    let first = analyze(&dataset, &[]).expect_status(0);
    assert!(first.stderr.contains("(new)"), "{}", first.stderr);
    for relation in ["clean_landmarks", "joint_angles", "segment_angles", "kinematics", "scales", "facings", "metrics"]
    {
        assert!(dataset.number(&format!("SELECT count(*) FROM {relation}")) > 0.0, "{relation}");
    }
    let made = results(&dataset);
    let second = analyze(&dataset, &[]).expect_status(0);
    assert!(second.stderr.contains("everything is up to date"), "{}", second.stderr);
    assert_eq!(results(&dataset), made);
    analyze(&dataset, &["--force"]).expect_status(0);
    assert_eq!(results(&dataset), made, "made anew, the results are the same bytes");
}

#[test]
fn a_metric_that_is_touched_is_made_anew_alone() {
    let dataset = beginning();
    let sql = dataset.beside("sql/metrics/frames_seen.sql");
    let write = |number: &str| {
        let text = format!(
            "-- metric: frames_seen\n-- what: a number\n-- grain: video_id\n-- unit: 1\n-- needs: frames\n-- source: the test\n
             SELECT any_value(video_id) AS video_id, any_value(run_id) AS run_id, 0 AS person_id, 'frames_seen' AS metric,
                 'none' AS side, {number} AS value, {number} AS low, {number} AS high, '1' AS unit, 1 AS n FROM frames;"
        );
        fs::write(&sql, text).unwrap();
    };
    write("45");
    let folder = sql.parent().unwrap().parent().unwrap().to_str().unwrap().to_owned();
    analyze(&dataset, &["--sql_dir", &folder]).expect_status(0);
    let others = "SELECT count(*), sum(value), min(low), max(high) FROM metrics WHERE metric <> 'frames_seen'";
    let before = dataset.rows(others);
    write("46");
    let touched = analyze(&dataset, &["--sql_dir", &folder, "-v"]).expect_status(0);
    assert!(touched.stderr.contains("made metrics/frames_seen (its definition changed)"), "{}", touched.stderr);
    assert!(touched.stderr.contains("1 result made in 1 video"), "{}", touched.stderr);
    assert_eq!(dataset.number("SELECT value FROM metrics WHERE metric = 'frames_seen'"), 46.0);
    assert_eq!(dataset.rows(others), before);
    // A comment is no definition.
    write("46 /* all frames */");
    let commented = analyze(&dataset, &["--sql_dir", &folder]).expect_status(0);
    assert!(commented.stderr.contains("everything is up to date"), "{}", commented.stderr);
    // Without the folder the metric is no more.
    analyze(&dataset, &[]).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM metrics WHERE metric = 'frames_seen'"), 0.0);
    assert_eq!(dataset.rows(others), before);
}

#[test]
fn a_metric_that_fails_is_named_and_stops_no_other() {
    let dataset = beginning();
    let broken = dataset.beside("sql/metrics/broken.sql");
    fs::write(&broken, "-- metric: broken\n-- needs: frames\nSELECT no_such_column FROM frames").unwrap();
    let folder = broken.parent().unwrap().parent().unwrap().to_str().unwrap().to_owned();
    let run = analyze(&dataset, &["--sql_dir", &folder]).expect_status(1);
    assert!(run.stderr.contains("metrics/broken.sql") && run.stderr.contains("no_such_column"), "{}", run.stderr);
    assert!(dataset.number("SELECT count(*) FROM metrics WHERE metric = 'coverage'") > 0.0);
    let again = analyze(&dataset, &["--sql_dir", &folder]).expect_status(1);
    assert!(again.stderr.contains("0 results made"), "{}", again.stderr);
}

#[test]
fn a_new_video_only_adds_and_a_height_changes_meters_only() {
    let dataset = beginning();
    analyze(&dataset, &[]).expect_status(0);
    dataset.extract_beginning(BALANCE, "0.5").expect_status(0);
    let added = analyze(&dataset, &[]).expect_status(0);
    assert!(added.stderr.contains(BALANCE) && !added.stderr.contains(FLIP), "{}", added.stderr);
    let run = analyze(&dataset, &["--video", "flip", "--height_m", "1.8", "-v"]).expect_status(0);
    assert!(run.stderr.contains("  scales: its input or settings changed"), "{}", run.stderr);
    assert!(!run.stderr.contains("joint_angles") && !run.stderr.contains(BALANCE), "{}", run.stderr);
    let rows = dataset.rows("SELECT method, round(height_m, 3) AS height_m FROM scales WHERE video LIKE 'flip%'");
    assert_eq!((rows[0]["method"].as_str(), rows[0]["height_m"].as_f64()), (Some("height"), Some(1.8)));
    assert_eq!(dataset.value("SELECT setting(settings, '$.height_m') FROM analyses WHERE video LIKE 'flip%'"), 1.8);
    let scales =
        dataset.rows("SELECT DISTINCT scale FROM metrics WHERE unit = 'm' AND video LIKE 'flip%' AND scale <> 'world'");
    assert_eq!(scales[0]["scale"], "height");
}

#[test]
fn the_woman_walks_and_the_man_does_not() {
    let dataset = walk();
    let run = analyze(&dataset, &[]).expect_status(0);
    assert!(run.stderr.contains("person 0: gait could not be measured here (only 3 steps"), "{}", run.stderr);
    assert_eq!(
        dataset.number("SELECT count(*) FROM events WHERE person_id = 0 AND kind IN ('contact', 'toe_off')"),
        0.0
    );
    // Read by eye from the frames of the clip.
    let contacts = [
        ("right", 60),
        ("left", 79),
        ("right", 98),
        ("left", 116),
        ("right", 135),
        ("left", 152),
        ("right", 171),
        ("left", 189),
    ];
    let found =
        dataset.rows("SELECT side, frame_idx FROM events WHERE person_id = 1 AND kind = 'contact' ORDER BY frame_idx");
    assert_eq!(found.len(), contacts.len(), "{found:?}");
    for ((side, frame), row) in contacts.iter().zip(&found) {
        assert_eq!(row["side"], *side, "{found:?}");
        assert!((row["frame_idx"].as_i64().unwrap() - frame).abs() <= 2, "{found:?}");
    }
    let cadence = &dataset.rows("SELECT value, low, high FROM metrics WHERE metric = 'cadence' AND person_id = 1")[0];
    // Seven steps in 129 frames of 1/30 s.
    let by_eye = 60.0 * 7.0 / (129.0 / 30.0);
    assert!((cadence["value"].as_f64().unwrap() - by_eye).abs() < 3.0, "{cadence}");
    assert!(
        cadence["low"].as_f64() < cadence["value"].as_f64() && cadence["value"].as_f64() < cadence["high"].as_f64()
    );
    let scalars = dataset.rows("SELECT DISTINCT metric FROM metrics WHERE person_id = 1");
    for name in [
        "stride_length",
        "step_length",
        "step_length_symmetry",
        "gait_speed",
        "cadence",
        "step_width",
        "stance_time",
        "swing_time",
        "single_support_time",
        "double_support_time",
        "mid_swing_dorsiflexion",
        "mid_swing_ankle_height_difference",
    ] {
        assert!(scalars.iter().any(|row| row["metric"] == name), "{name}");
    }
    // Cycles go from 0 to 100 %, and a stride begins where the one before it ends.
    assert_eq!(dataset.number("SELECT count(DISTINCT percent) FROM cycles WHERE kind = 'stride'"), 101.0);
    let seam = "SELECT max(abs(a.angle_2d_deg - b.angle_2d_deg)) FROM cycles AS a JOIN cycles AS b
        ON b.run_id = a.run_id AND b.person_id = a.person_id AND b.side = a.side AND b.joint = a.joint AND b.joint_side = a.joint_side
        AND b.cycle = a.cycle + 1 AND a.percent = 100 AND b.percent = 0 AND a.kind = 'stride' AND b.kind = 'stride'";
    assert!(dataset.number(seam) < 1e-3);
    // In the files, rows are in the order that the definition of their table says.
    for table in Table::RESULTS.into_iter().filter(|table| !sorted_by(*table).is_empty()) {
        let (files, order) = (dataset.path().join(table.name()).join("*/*/*.parquet"), sorted_by(table).join(", "));
        let out_of_place = format!(
            "SELECT count(*) FILTER (file_row_number <> place) FROM (
                 SELECT file_row_number, row_number() OVER series - 1 AS place
                 FROM read_parquet('{}', filename = true, file_row_number = true)
                 WINDOW series AS (PARTITION BY filename ORDER BY {order}, file_row_number))",
            files.display()
        );
        assert_eq!(dataset.number(&out_of_place), 0.0, "{}", table.name());
    }
}

#[test]
fn every_number_has_an_interval_around_it_and_a_unit() {
    let dataset = walk();
    analyze(&dataset, &["--height_m", "0=1.8,1=1.7"]).expect_status(0);
    assert!(dataset.number("SELECT count(*) FROM metrics") > 100.0);
    assert_eq!(dataset.number("SELECT count(*) FROM metrics WHERE NOT (low <= value AND value <= high)"), 0.0);
    assert_eq!(dataset.number("SELECT count(*) FROM metrics WHERE low IS NULL AND value IS NOT NULL"), 0.0);
    assert_eq!(dataset.number("SELECT count(*) FROM metrics WHERE unit IN ('m', 'm/s') AND scale IS NULL AND metric <> 'jump_height_flight'"), 0.0);
    assert_eq!(dataset.number("SELECT count(*) FROM metric_sides WHERE verdict IS NULL"), 0.0);
    let duplicates =
        "SELECT count(*) FROM (SELECT 1 FROM metrics GROUP BY video_id, person_id, metric, side HAVING count(*) > 1)";
    assert_eq!(dataset.number(duplicates), 0.0);
}

#[test]
fn a_settings_file_is_obeyed_and_its_faults_are_named() {
    let dataset = beginning();
    let file = dataset.beside("posekit.toml");
    fs::write(&file, "[analyze]\nsport_type = \"generic\"\n[analyze.clean]\nfilter = \"median\"\n").unwrap();
    analyze(&dataset, &[]).expect_status(0);
    let filter = "SELECT settings->>'$.clean.filter' FROM analyses";
    assert_eq!(dataset.value(filter), "median");
    analyze(&dataset, &["--filter", "savitzky_golay"]).expect_status(0);
    assert_eq!(dataset.value(filter), "savitzky_golay", "the command line beats the file");
    for (text, named) in [
        ("[analyze]\nheigth_m = 1.8\n", "heigth_m"),
        ("[analyze.clean]\nfilter = \"none\"\ncutoff_hz = 6\n", "cutoff_hz"),
        ("[analyze.clean]\nfilter = \"kalman\"\n", "unknown filter kalman: expected one of none, butterworth"),
        ("[analyze]\nsport_type = \"curling\"\n", "curling"),
    ] {
        fs::write(&file, text).unwrap();
        let run = analyze(&dataset, &[]).expect_status(2);
        assert!(run.stderr.contains(named) && run.stderr.contains("hint:"), "{}", run.stderr);
    }
}

#[test]
fn a_users_own_pack_works_like_posekits() {
    let dataset = beginning();
    let pack = dataset.beside("sports/standing/pack.toml");
    let text = "name = \"standing\"\ntitle = \"Standing\"\ndescription = \"Nothing moves.\"\n[detect]\n";
    fs::write(&pack, text).unwrap();
    let phases = dataset.beside("sports/standing/phases/whole.sql");
    fs::write(
        &phases,
        "-- phases: whole\n-- needs: clean_landmarks\nSELECT video_id, run_id, person_id, 1 AS attempt, 'whole' AS phase,
             min(frame_idx) AS first_frame_idx, max(frame_idx) AS last_frame_idx, min(time_s) AS first_time_s,
             max(time_s) AS last_time_s FROM clean_landmarks GROUP BY ALL",
    )
    .unwrap();
    let folder = pack.parent().unwrap().parent().unwrap().to_str().unwrap();
    analyze(&dataset, &["--sports_dir", folder, "--sport_type", "standing"]).expect_status(0);
    assert_eq!(dataset.value("SELECT phase FROM phases"), "whole");
    assert_eq!(dataset.number("SELECT count(*) FROM events"), 0.0, "the pack looks for no events");
}

#[test]
fn errors_in_the_data_decide_the_exit_status() {
    let dataset = beginning();
    analyze(&dataset, &[]).expect_status(0);
    analyze(&dataset, &["--check"]).expect_status(0);
    let check = dataset.beside("sql/quality/never_good.sql");
    fs::write(
        &check,
        "-- check: never_good\n-- what: always\n-- grain: video\n-- needs: frames\nSELECT any_value(video_id) AS video_id,
             any_value(run_id) AS run_id, 'error' AS severity, 'bad' AS problem FROM frames",
    )
    .unwrap();
    let folder = check.parent().unwrap().parent().unwrap().to_str().unwrap();
    let run = analyze(&dataset, &["--check", "--sql_dir", folder]).expect_status(1);
    assert!(run.stdout.contains("never_good"), "{}", run.stdout);
}

#[test]
fn an_analysis_that_was_killed_goes_on() {
    let (undisturbed, dataset) = (beginning(), beginning());
    analyze(&undisturbed, &[]).expect_status(0);
    for place in ["file-written=2", "file-renamed=3", "file-synced=4", "file-renamed=2"] {
        let mut killed = posekit();
        killed.env("POSEKIT_FAILPOINT", place).arg("analyze").arg("--dataset").arg(dataset.path());
        assert!(!killed.output().unwrap().status.success(), "{place} was not passed");
    }
    analyze(&dataset, &[]).expect_status(0);
    let hashes = |dataset: &Dataset| results(dataset).into_values().collect::<Vec<_>>();
    assert_eq!(hashes(&dataset), hashes(&undisturbed));
    assert!(!dataset.path().join(".staging").exists());
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn a_reader_sees_the_last_complete_analysis() {
    let dataset = walk();
    analyze(&dataset, &[]).expect_status(0);
    let seen = |dataset: &Dataset| {
        let sql = "SELECT list(DISTINCT meters_per_px ORDER BY meters_per_px) AS scales, (SELECT value FROM metrics
             WHERE metric = 'center_of_mass_peak_speed' AND person_id = 1) AS speed FROM scales";
        dataset.rows(sql)
    };
    let before = seen(&dataset);
    let files = results(&dataset);
    // Killed while results are made, then when all are made and not moved, then in the midst of the moves.
    for place in ["file-renamed=6", "change-staged=1", "change-committed=1", "change-part-renamed=7"] {
        let mut killed = posekit();
        killed.env("POSEKIT_FAILPOINT", place).arg("analyze").arg("--dataset").arg(dataset.path());
        assert!(killed.args(["--height_m", "1.4"]).output().unwrap().status.code().is_none(), "{place} was not passed");
        let is_committed = !["file-renamed=6", "change-staged=1"].contains(&place);
        assert_eq!(seen(&dataset) == before, !is_committed, "{place}");
        if is_committed {
            let after = results(&dataset);
            analyze(&dataset, &["--height_m", "1.4"]).expect_status(0);
            assert_eq!(results(&dataset), after, "{place}: a reader had put the rest in place");
            analyze(&dataset, &["--defaults"]).expect_status(0);
            assert_eq!(results(&dataset), files, "{place}");
        }
    }
}

#[test]
fn what_was_asked_for_stays_asked_for() {
    let dataset = walk();
    analyze(&dataset, &["--height_m", "0=1.82,1=1.68", "--sport_type", "walking"]).expect_status(0);
    let files = results(&dataset);
    let folder = dataset.videos().join("files");
    let export = ["--export", "csv", "--output", folder.to_str().unwrap()];
    assert!(analyze(&dataset, &["--check"]).stderr.lines().all(|line| !line.contains("made")));
    analyze(&dataset, &export).expect_status(0);
    assert_eq!(results(&dataset), files, "--check and --export make nothing");
    let again = analyze(&dataset, &[]).expect_status(0);
    assert!(again.stderr.contains("everything is up to date"), "{}", again.stderr);
    assert_eq!(results(&dataset), files, "what was said before is in force");
    let taller = analyze(&dataset, &["--height_m", "1=1.70"]).expect_status(0);
    assert!(taller.stderr.contains("settings: height of person 1 1.68 m -> 1.7 m"), "{}", taller.stderr);
    assert_eq!(dataset.value("SELECT settings ->> '$.heights_m.0' FROM analyses"), "1.82");
    let reset = analyze(&dataset, &["--defaults"]).expect_status(0);
    let told = ["sport walking -> generic", "height of person 0 1.82 m -> average body"];
    assert!(told.iter().all(|change| reset.stderr.contains(change)), "{}", reset.stderr);
    let status = dataset.run("status", &[]).expect_status(0).stdout;
    assert!(!status.contains("walking"), "{status}");
    analyze(&dataset, &["--sport_type", "walking"]).expect_status(0);
    let status = dataset.run("status", &[]).expect_status(0).stdout;
    assert!(status.contains("sport walking"), "{status}");
}

#[test]
fn damaged_and_missing_results_are_made_again() {
    let dataset = beginning();
    analyze(&dataset, &[]).expect_status(0);
    let files = results(&dataset);
    for name in files.keys() {
        let path = dataset.path().join(name);
        let whole = fs::read(&path).unwrap();
        for damage in ["truncated", "removed"] {
            match damage {
                "truncated" => fs::write(&path, &whole[..whole.len() / 2]).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            let checked = dataset.run("status", &["--check"]).expect_status(1);
            assert!(checked.stderr.contains(name), "{name} {damage}: {}", checked.stderr);
            analyze(&dataset, &[]).expect_status(0);
            assert_eq!(results(&dataset), files, "{name} {damage}");
        }
    }
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn who_is_who_decides_what_is_analyzed() {
    let dataset = walk();
    analyze(&dataset, &[]).expect_status(0);
    dataset.run("tracks", &["split", FLIP, "0", "--at", "4"]).expect_status(0);
    let run = analyze(&dataset, &[]).expect_status(0);
    assert!(run.stderr.contains("its input or settings changed"), "{}", run.stderr);
    assert_eq!(dataset.number("SELECT count(DISTINCT person_id) FROM joint_angles"), 3.0);
}

/// The median length of the right shank and the median height of the lower heel above the floor, in a TRC file.
fn shank_and_heel(trc: &str) -> (f64, f64) {
    let labels: Vec<&str> = trc.lines().nth(3).unwrap().split('\t').collect();
    let column = |name: &str| labels.iter().position(|label| *label == name).unwrap();
    let [knee, ankle, left, right] = ["RKnee", "RAnkle", "LHeel", "RHeel"].map(column);
    let (mut shanks, mut heels) = (Vec::new(), Vec::new());
    for line in trc.lines().skip(5) {
        let values: Vec<f64> = line.split('\t').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
        let shank = (0..3).map(|axis| (values[knee + axis] - values[ankle + axis]).powi(2)).sum::<f64>().sqrt();
        if shank.is_finite() {
            shanks.push(shank);
            heels.push(values[left + 1].min(values[right + 1]));
        }
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    (median(shanks), median(heels))
}

#[test]
fn markers_have_the_size_of_the_athlete_and_heels_are_on_the_floor() {
    let dataset = walk();
    let [small, tall] = [1.2, 2.05].map(|height_m| {
        analyze(&dataset, &["--height_m", &format!("1={height_m}")]).expect_status(0);
        let output = dataset.videos().join(format!("of_{height_m}"));
        analyze(&dataset, &["--export", "trc", "--output", output.to_str().unwrap()]).expect_status(0);
        let (shank_m, heel_m) =
            shank_and_heel(&fs::read_to_string(output.join("flip_and_walk_2p_person1.trc")).unwrap());
        assert!(heel_m.abs() < 0.03 * height_m, "the heel is {heel_m} m above the floor");
        shank_m / height_m
    });
    assert!((small / tall - 1.0).abs() < 1e-3, "{small} and {tall} of the height");
    assert!((0.2..0.27).contains(&small), "{small} of the height");
}

#[test]
fn files_for_other_tools_hold_what_the_tables_hold() {
    let dataset = walk();
    let output = dataset.videos().join("files");
    let formats = "csv,parquet,trc,mot,c3d,coco,dlc,json,bvh";
    let early = analyze(&dataset, &["--export", "csv", "--output", output.to_str().unwrap()]).expect_status(1);
    assert!(early.stderr.contains("not analyzed yet: flip_and_walk_2p.mp4"), "{}", early.stderr);
    analyze(&dataset, &[]).expect_status(0);
    analyze(&dataset, &["--export", formats, "--output", output.to_str().unwrap()]).expect_status(0);
    let text = |name: &str| fs::read_to_string(output.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let trc = text("flip_and_walk_2p_person1_px.trc");
    let rows: Vec<Vec<&str>> = trc.lines().skip(5).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 230, "a row for every frame of the video");
    let labels: Vec<&str> = trc.lines().nth(3).unwrap().split('\t').collect();
    let knee = labels.iter().position(|label| *label == "RKnee").unwrap();
    let truth = dataset
        .number("SELECT x_px FROM clean_landmarks WHERE person_id = 1 AND landmark = 'right_knee' AND frame_idx = 100");
    assert!((rows[100][knee].parse::<f64>().unwrap() - truth).abs() < 1e-3);
    assert_eq!(rows[0][knee], "NaN", "she is not there yet");
    let mot = text("flip_and_walk_2p_person1.mot");
    let columns = mot.lines().find_map(|line| line.strip_prefix("nColumns=")).unwrap().parse::<usize>().unwrap();
    let names = mot.lines().skip_while(|line| *line != "endheader").nth(1).unwrap();
    assert_eq!(names.split('\t').count(), columns, "the time is counted");
    assert!(names.starts_with("time\t") && names.contains("right knee"));
    let coco: serde_json::Value = serde_json::from_str(&text("coco.json")).unwrap();
    let annotations = coco["annotations"].as_array().unwrap();
    let ids: std::collections::BTreeSet<_> = annotations.iter().map(|annotation| annotation["id"].as_u64()).collect();
    let poses = dataset.number("SELECT count(DISTINCT (person_id, frame_idx)) FROM clean_landmarks");
    assert_eq!((ids.len(), annotations.len() as f64), (annotations.len(), poses));
    assert_eq!(coco["images"].as_array().unwrap().len(), 230);
    let tracks: std::collections::BTreeSet<_> =
        annotations.iter().map(|annotation| annotation["track_id"].as_u64()).collect();
    assert_eq!(tracks, [Some(1), Some(2)].into(), "person 0 is track 1: readers take 0 for none");
    assert_eq!(ids.first(), Some(&Some(1)));
    is_inside_the_pictures(&coco);
    assert!(!output.join("images").exists(), "pictures only if they are wanted");
    let all: serde_json::Value = serde_json::from_str(&text("coco33.json")).unwrap();
    is_inside_the_pictures(&all);
    assert_eq!(all["categories"][0]["keypoints"].as_array().unwrap().len(), 33);
    assert_eq!(annotations[0]["keypoints"].as_array().unwrap().len(), 3 * 17);
    let dlc = text("flip_and_walk_2p.dlc.csv");
    let rows: Vec<Vec<&str>> = dlc.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 4 + 230, "a line for every frame of the video");
    let knee =
        (0..rows[0].len()).find(|cell| [1, 2].map(|line| rows[line][*cell]) == ["person1", "right_knee"]).unwrap();
    assert!((rows[4 + 100][knee].parse::<f64>().unwrap() - truth).abs() < 1e-3);
    assert_eq!(rows[4][knee..knee + 3], [""; 3], "she is not there yet");
    let poses: serde_json::Value = serde_json::from_str(&text("flip_and_walk_2p.pose.json")).unwrap();
    assert_eq!(poses["frames"].as_array().unwrap().len(), 230);
    assert_eq!(poses["frames"][100]["people"].as_array().unwrap().len(), 2);
    assert!(text("flip_and_walk_2p_person0.bvh").starts_with("HIERARCHY"));
    assert_eq!(fs::read(output.join("flip_and_walk_2p_person0.c3d")).unwrap()[1], 0x50);
    let lines = text("metrics.csv").lines().count() as f64;
    assert_eq!(lines, dataset.number("SELECT count(*) FROM metrics") + 1.0);
    let angles = text("flip_and_walk_2p_person1_angles.csv");
    assert!(angles.starts_with("frame_idx,time_s,") && angles.lines().next().unwrap().contains("left_knee_2d_deg"));
    let parquet = output.join("joint_angles.parquet");
    let copied = dataset.number(&format!("SELECT count(*) FROM read_parquet('{}')", parquet.display()));
    assert_eq!(copied, dataset.number("SELECT count(*) FROM joint_angles"));
}

/// Boxes have an area inside their picture, labeled keypoints are inside it, the others 0, 0, 0.
fn is_inside_the_pictures(coco: &serde_json::Value) {
    let sizes: BTreeMap<u64, [f64; 2]> = coco["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| {
            (image["id"].as_u64().unwrap(), [image["width"].as_f64().unwrap(), image["height"].as_f64().unwrap()])
        })
        .collect();
    for annotation in coco["annotations"].as_array().unwrap() {
        let [width, height] = sizes[&annotation["image_id"].as_u64().unwrap()];
        let numbers = |key: &str| -> Vec<f64> {
            annotation[key].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let bbox = numbers("bbox");
        assert!(bbox[0] >= 0.0 && bbox[1] >= 0.0 && bbox[2] > 0.0 && bbox[3] > 0.0, "{bbox:?}");
        assert!(bbox[0] + bbox[2] <= width + 1e-6 && bbox[1] + bbox[3] <= height + 1e-6, "{bbox:?}");
        assert!((annotation["area"].as_f64().unwrap() - bbox[2] * bbox[3]).abs() < 1e-2);
        let keypoints = numbers("keypoints");
        let is_right = |point: &[f64]| match point {
            [x, y, 0.0] => (*x, *y) == (0.0, 0.0),
            [x, y, _] => (0.0..width).contains(x) && (0.0..height).contains(y),
            _ => false,
        };
        assert!(keypoints.chunks(3).all(is_right), "{keypoints:?}");
        let labeled = keypoints.chunks(3).filter(|point| point[2] > 0.0).count();
        assert_eq!(annotation["num_keypoints"].as_u64(), Some(labeled as u64));
    }
}

#[test]
fn a_yolo_dataset_has_a_picture_and_labels_for_each_frame_that_it_lists() {
    let dataset = Dataset::new();
    let copy = dataset.beside(FLIP);
    fs::copy(clip(FLIP), &copy).unwrap();
    dataset.run("extract", &["--video", copy.to_str().unwrap(), "--network", "lite"]).expect_status(0);
    analyze(&dataset, &[]).expect_status(0);
    let output = dataset.videos().join("training");
    let export = ["--export", "yolo,coco", "--picture_step", "50", "--output", output.to_str().unwrap()];
    let run = analyze(&dataset, &export).expect_status(0);
    assert!(run.stderr.contains("and 5 pictures in "), "{}", run.stderr);
    let text = |name: &str| fs::read_to_string(output.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(text("data.yaml").starts_with("train: train.txt\nval: val.txt\n\nkpt_shape: [17, 3]\n"));
    let listed: Vec<String> = ["train.txt", "val.txt"]
        .iter()
        .flat_map(|list| text(list).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let frames = [0, 50, 100, 150, 200];
    let expected: Vec<String> =
        frames.iter().map(|frame| format!("./images/flip_and_walk_2p/{frame:06}.jpg")).collect();
    assert_eq!(listed, expected);
    assert_eq!(text("val.txt").lines().count(), 1, "the last fifth of a single video");
    let coco: serde_json::Value = serde_json::from_str(&text("coco.json")).unwrap();
    let [width, height] = ["width", "height"].map(|key| coco["images"][0][key].as_u64().unwrap());
    for (index, frame) in frames.into_iter().enumerate() {
        let name = format!("flip_and_walk_2p/{frame:06}");
        assert_eq!(coco["images"][index]["file_name"], serde_json::json!(format!("{name}.jpg")));
        let picture = fs::read(output.join("images").join(format!("{name}.jpg"))).unwrap();
        assert_eq!(jpeg_size(&picture), [width, height], "the size that the labels are for");
        let labels = text(&format!("labels/{name}.txt"));
        let people =
            dataset.number(&format!("SELECT count(DISTINCT person_id) FROM clean_landmarks WHERE frame_idx = {frame}"));
        assert_eq!(labels.lines().count() as f64, people);
        for line in labels.lines() {
            let values: Vec<f64> = line.split(' ').map(|value| value.parse().unwrap()).collect();
            assert_eq!((values.len(), values[0]), (5 + 3 * 17, 0.0));
            assert!(values[1..5].iter().all(|value| *value > 0.0 && *value <= 1.0), "{line}");
            assert!(
                values[5..].chunks(3).all(|point| point[..2].iter().all(|value| (0.0..=1.0).contains(value))),
                "{line}"
            );
        }
    }
    // A clip that is gone has no pictures; the other files are written.
    fs::rename(&copy, dataset.beside("elsewhere.mp4")).unwrap();
    let without = analyze(&dataset, &["--export", "yolo", "--output", output.to_str().unwrap()]).expect_status(1);
    assert!(without.stderr.contains("flip_and_walk_2p.mp4: its pictures are missing: "), "{}", without.stderr);
}

/// Width and height of a JPEG file, from its first frame header.
fn jpeg_size(bytes: &[u8]) -> [u64; 2] {
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a baseline JPEG file");
    let number = |at: usize| u64::from(bytes[at]) << 8 | u64::from(bytes[at + 1]);
    [number(at + 7), number(at + 5)]
}
