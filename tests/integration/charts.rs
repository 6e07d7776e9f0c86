//! `posekit render --charts`: charts of real clips as files. They are made again only if their data have changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use duckdb::{AccessMode, Config, Connection};
use posekit::charts::{ChartFile, raw_angles_sql};
use resvg::usvg::{Options, Tree};

use crate::support::{Dataset, FLIP, Run, clip, posekit};

const STEM: &str = "flip_and_walk_2p";

/// The clip with a walking woman and a man who flips, analyzed.
fn walk() -> Dataset {
    let dataset = Dataset::new();
    dataset.run("extract", &["--video", clip(FLIP).to_str().unwrap()]).expect_status(0);
    analyze(&dataset, &[]);
    dataset
}

fn analyze(dataset: &Dataset, arguments: &[&str]) {
    in_folder_of_its_own(dataset, "analyze", arguments).expect_status(0);
}

fn draw(dataset: &Dataset, arguments: &[&str]) -> Run {
    let output = output(dataset);
    let arguments = [&["--charts", "--output", output.to_str().unwrap()], arguments].concat();
    in_folder_of_its_own(dataset, "render", &arguments).expect_status(0)
}

/// In the folder beside the dataset, so that no settings file of somebody else is found.
fn in_folder_of_its_own(dataset: &Dataset, command: &str, arguments: &[&str]) -> Run {
    fs::create_dir_all(dataset.videos()).unwrap();
    let mut posekit = posekit();
    posekit.current_dir(dataset.videos()).arg(command).arg("--dataset").arg(dataset.path()).args(arguments);
    posekit.output().unwrap().into()
}

fn output(dataset: &Dataset) -> PathBuf {
    dataset.beside("output")
}

fn charts(dataset: &Dataset) -> PathBuf {
    output(dataset).join("charts")
}

/// The files in the folder of charts, with when they were written.
fn files(dataset: &Dataset) -> BTreeMap<String, std::time::SystemTime> {
    let entries = fs::read_dir(charts(dataset)).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let named =
        files.map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().modified().unwrap()));
    named.collect()
}

fn svg(dataset: &Dataset, name: &str) -> String {
    fs::read_to_string(charts(dataset).join(format!("{STEM}.{name}.svg")))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn expect_texts(svg: &str, texts: &[&str]) {
    for text in texts {
        assert!(svg.contains(text), "{text} is missing");
    }
}

#[test]
fn everybody_has_the_charts_that_there_is_data_for() {
    let dataset = walk();
    let run = draw(&dataset, &[]);
    let files = files(&dataset);
    for joint in ["knee", "hip", "elbow", "shoulder"] {
        for person in [0, 1] {
            assert!(files.contains_key(&format!("{STEM}.p{person}.{joint}.angle.svg")), "{files:?}");
        }
    }
    // The woman walks, the man does not.
    assert!(files.contains_key(&format!("{STEM}.p1.knee.stride.png")), "{:?}", files.keys());
    assert!(!files.keys().any(|name| name.contains(".p0.knee.stride") || name.contains("p1.knee.phase")), "{files:?}");
    expect_texts(
        &svg(&dataset, "p1.knee.angle"),
        &[
            "Knee flexion over time",
            "flip_and_walk_2p.mp4, person 1",
            "Time (s)",
            "Left: Knee flexion (°)",
            "Left, 3D",
            "2D ± uncertainty",
            "raw, 2D",
            "toe off",
        ],
    );
    expect_texts(&svg(&dataset, "p1.knee.stride"), &["Stride (%)", "Knee flexion (°)", "Left, mean ± 1 SD (n = "]);
    expect_texts(&svg(&dataset, "p1.knee.stride_phase"), &["Knee flexion (°)", "Knee angular velocity (°/s)"]);
    // The way is drawn over a picture of the video.
    expect_texts(&svg(&dataset, "p0.trajectory"), &["Path of center of mass", "data:image/png;base64,", "x (m)"]);
    expect_list(&dataset, &run);
}

/// The list names every file, all of them can be read, and nothing else is there.
fn expect_list(dataset: &Dataset, run: &Run) {
    let list = fs::read(charts(dataset).join(format!("{STEM}.charts.json"))).unwrap();
    let list: Vec<ChartFile> = serde_json::from_slice(&list).unwrap();
    assert!(run.stderr.contains(&format!("{} charts in", list.len())), "{}", run.stderr);
    assert_eq!(files(dataset).len(), 2 * list.len() + 1);
    for chart in &list {
        let svg = fs::read_to_string(charts(dataset).join(&chart.svg)).unwrap();
        let size = Tree::from_str(&svg, &Options::default()).unwrap().size();
        assert!(svg.contains(&chart.title) && !chart.description.is_empty(), "{chart:?}");
        let png = fs::read(charts(dataset).join(&chart.png)).unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!([side(16), side(20)], [size.width(), size.height()].map(|side| (2.0 * side) as u32), "{chart:?}");
    }
}

#[test]
fn charts_are_made_anew_only_where_what_they_show_changes() {
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "1.5").expect_status(0);
    // Before there is an analysis there is nothing to draw.
    let said = draw(&dataset, &[]).stderr;
    assert!(said.contains("nothing to draw") && said.contains("1 video: no charts"), "{said}");
    analyze(&dataset, &[]);
    draw(&dataset, &[]);
    let first = files(&dataset);
    assert!(first.contains_key(&format!("{STEM}.p0.shoulder.angle.svg")), "{first:?}");
    let again = draw(&dataset, &[]);
    assert!(again.stderr.contains("charts are up to date"), "{}", again.stderr);
    assert_eq!(files(&dataset), first);
    // A file that is gone comes back.
    fs::remove_file(charts(&dataset).join(format!("{STEM}.p0.knee.angle.png"))).unwrap();
    draw(&dataset, &[]);
    assert!(files(&dataset).keys().eq(first.keys()));
    // Other meters: other axes.
    let before = svg(&dataset, "p0.trajectory");
    analyze(&dataset, &["--height_m", "1.1"]);
    let changed = draw(&dataset, &[]);
    assert!(changed.stderr.contains("1 rendered"), "{}", changed.stderr);
    assert_ne!(svg(&dataset, "p0.trajectory"), before);
    // Another sport draws other joints; those of the sport before are gone.
    analyze(&dataset, &["--sport_type", "squat"]);
    draw(&dataset, &[]);
    let squat = files(&dataset);
    assert!(squat.contains_key(&format!("{STEM}.p0.ankle.angle.svg")), "{squat:?}");
    assert!(!squat.keys().any(|name| name.contains("shoulder")), "{squat:?}");
}

#[test]
fn without_its_source_a_video_has_paths_without_a_picture() {
    let dataset = Dataset::new();
    let video = dataset.beside("there.mp4");
    fs::copy(clip(FLIP), &video).unwrap();
    let arguments = ["--people", "1", "--network", "lite", "--end", "0.5", "--video", video.to_str().unwrap()];
    dataset.run("extract", &arguments).expect_status(0);
    analyze(&dataset, &[]);
    fs::remove_file(&video).unwrap();
    let run = draw(&dataset, &[]);
    assert!(run.stderr.contains("without a background frame"), "{}", run.stderr);
    let svg = fs::read_to_string(charts(&dataset).join("there.p0.trajectory.svg")).unwrap();
    assert!(svg.contains("Path of center of mass") && !svg.contains("<image"));
}

#[test]
fn raw_angles_are_those_of_the_raw_landmarks() {
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "1.5").expect_status(0);
    analyze(&dataset, &[]);
    let config = Config::default().access_mode(AccessMode::ReadOnly).unwrap();
    let catalog = Connection::open_with_flags(dataset.path().join("catalog.duckdb"), config).unwrap();
    catalog.execute_batch(&raw_angles_sql()).unwrap();
    // Between thigh and shank, by the macro that takes three points.
    let by_hand = "180 - angle_deg(hip.x_px, hip.y_px, knee.x_px, knee.y_px, ankle.x_px, ankle.y_px)";
    let sql = format!(
        "SELECT count(*), max(abs(abs(nearby_deg(raw.angle_2d_deg, 0)) - ({by_hand}))),
             max(abs(raw.angle_2d_deg - clean.angle_2d_deg))
         FROM raw_joint_angles AS raw
         JOIN raw_landmarks AS hip ON hip.frame_idx = raw.frame_idx AND hip.landmark = 'left_hip'
         JOIN raw_landmarks AS knee ON knee.frame_idx = raw.frame_idx AND knee.landmark = 'left_knee'
         JOIN raw_landmarks AS ankle ON ankle.frame_idx = raw.frame_idx AND ankle.landmark = 'left_ankle'
         JOIN joint_angles AS clean
             ON clean.frame_idx = raw.frame_idx AND clean.joint = 'knee' AND clean.side = 'left'
         WHERE raw.joint = 'knee' AND raw.side = 'left'"
    );
    let answer = catalog.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let (n_frames, error_deg, to_clean_deg): (u64, f64, f64) = answer.unwrap();
    assert!(n_frames > 30, "{n_frames}");
    assert!(error_deg < 0.01, "{error_deg}");
    assert!(to_clean_deg > 0.1, "they are not the clean ones: {to_clean_deg}");
}
