//! Repeated pictures, as editors and screen recorders store them: found at extraction, not looked at twice, and skipped
//! by measurement.

use std::path::Path;

use serde_json::json;

use crate::support::{BALANCE, Dataset, FLIP, clip, ffmpeg};

/// The beginning of a public clip, small, through a filter.
fn film(name: &str, n_frames: &str, filter: &str, path: &Path) {
    let source = clip(name);
    let filter = format!("{filter},scale=884:-2");
    let input = ["-i", source.to_str().unwrap(), "-vf", &filter, "-frames:v", n_frames, "-an", "-c:v", "libx264"];
    let codec = ["-crf", "18", "-preset", "veryfast", "-pix_fmt", "yuv420p", path.to_str().unwrap()];
    ffmpeg(&[&input[..], &codec[..]].concat());
}

fn extract(dataset: &Dataset, path: &Path, options: &[&str]) {
    let arguments = ["--network", "lite", "--video", path.to_str().unwrap()];
    dataset.run("extract", &[&arguments[..], options].concat()).expect_status(0);
}

/// The numbers of the marked frames of a video.
fn marked(dataset: &Dataset, video: &str) -> Vec<u64> {
    let of_video =
        format!("FROM frames JOIN videos USING (video_id) WHERE name = '{video}' AND is_repeated ORDER BY ALL");
    let rows = dataset.rows(&format!("SELECT frame_idx {of_video}"));
    rows.iter().map(|row| row["frame_idx"].as_u64().unwrap()).collect()
}

/// The people of a frame without its number and time.
const SEEN: &str =
    "SELECT landmark_id, track_id, x_px, y_px, z_px, visibility, presence, world_x_m, world_y_m, world_z_m,
    frame_idx, video_id FROM raw_landmarks";

#[test]
fn a_video_of_25_pictures_stored_as_30_is_measured_as_it_was_filmed() {
    let dataset = Dataset::new();
    let [filmed, stored] = ["filmed.mp4", "stored.mp4"].map(|name| dataset.beside(name));
    let at_25 = "settb=1/90000,setpts=N*3600";
    film(FLIP, "75", &format!("{at_25},fps=25"), &filmed);
    film(FLIP, "90", &format!("{at_25},fps=30"), &stored);
    for path in [&filmed, &stored] {
        extract(&dataset, path, &[]);
    }
    assert_eq!(marked(&dataset, "filmed.mp4"), [0; 0]);
    assert_eq!(marked(&dataset, "stored.mp4"), (3..90).step_by(6).collect::<Vec<_>>());
    let differing = dataset.number(&format!(
        "SELECT count(*) FROM ({SEEN}) a JOIN frames f ON f.video_id = a.video_id AND f.frame_idx = a.frame_idx AND f.is_repeated
         ANTI JOIN ({SEEN}) b ON b.video_id = a.video_id AND b.frame_idx = a.frame_idx - 1
             AND row(a.landmark_id, a.track_id, a.x_px, a.world_x_m, a.visibility) = row(b.landmark_id, b.track_id, b.x_px, b.world_x_m, b.visibility)"
    ));
    assert_eq!(differing, 0.0, "the networks did not look again");
    dataset.run("analyze", &[]).expect_status(0);
    let metric =
        "FROM metrics JOIN videos USING (video_id) WHERE metric = 'center_of_mass_peak_speed' AND person_id = 0";
    let rows = dataset.rows(&format!("SELECT name, value, high - low AS width {metric} ORDER BY name"));
    let [as_filmed, as_stored] = [0, 1].map(|index| rows[index]["value"].as_f64().unwrap());
    assert!((as_stored / as_filmed - 1.0).abs() < 0.05, "{rows:?}");
    let checks =
        dataset.rows("SELECT name, value FROM checks JOIN videos USING (video_id) WHERE \"check\" = 'repeated_frames'");
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(checks[0]["name"], "stored.mp4");
    assert!((checks[0]["value"].as_f64().unwrap() - 100.0 / 6.0).abs() < 1.5, "{checks:?}");
}

#[test]
fn every_picture_twice_is_looked_at_once() {
    let dataset = Dataset::new();
    let path = dataset.beside("twice.mp4");
    film(FLIP, "60", "fps=60", &path);
    extract(&dataset, &path, &["--people", "1"]);
    // Until two pictures have changed, nothing tells how much they change.
    assert_eq!(marked(&dataset, "twice.mp4"), (5..60).step_by(2).collect::<Vec<_>>());
    let shown = "SELECT count(DISTINCT x_px) AS n FROM raw_landmarks WHERE landmark_id = 0 AND frame_idx >= 4";
    assert_eq!(dataset.value(shown), json!(28));
    assert_eq!(dataset.value("SELECT count(*) FROM frames WHERE status = 'ok'"), json!(60));
}

#[test]
fn nothing_is_marked_while_people_move() {
    let dataset = Dataset::new();
    for name in [FLIP, BALANCE] {
        dataset.extract_beginning(name, "0.9").expect_status(0);
        assert_eq!(marked(&dataset, name), [0; 0]);
    }
}
