//! Repeated pictures, as editors and screen recorders store them: found at extraction, not looked at twice, and skipped
//! by measurement.

use std::path::Path;

use serde_json::Value;

use crate::support::{BALANCE, Dataset, FLIP, clip, ffmpeg};

const X264: &str = "-c:v libx264 -crf 18 -preset veryfast -pix_fmt yuv420p";
const INTERLACED: &str = "-c:v libx264 -crf 14 -preset veryfast -flags +ilme+ildct -x264-params tff=1 -pix_fmt yuv420p";
const HLG: &str = "-c:v libx265 -preset ultrafast -crf 18 -tag:v hvc1 -pix_fmt yuv420p10le
    -x265-params log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc
    -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc";

/// The beginning of a public clip at half its size, through a filter. `options` are those of the encoder.
fn film(name: &str, n_frames: u32, filter: &str, options: &str, path: &Path) {
    let (source, n_frames) = (clip(name), n_frames.to_string());
    let filter = format!("scale=884:496,{filter}");
    let options: Vec<&str> = options.split_whitespace().collect();
    let input = ["-i", source.to_str().unwrap(), "-vf", &filter, "-frames:v", &n_frames, "-an"];
    ffmpeg(&[&input[..], &options, &[path.to_str().unwrap()]].concat());
}

/// Extracts all files of a folder with the lite network.
fn extract(dataset: &Dataset, folder: &Path, options: &[&str]) {
    let arguments = ["--network", "lite", "--input", folder.to_str().unwrap()];
    dataset.run("extract", &[&arguments[..], options].concat()).expect_status(0);
}

/// The numbers of the marked frames of a video.
fn marked(dataset: &Dataset, video: &str) -> Vec<u64> {
    let of_video = format!("FROM frames JOIN videos USING (video_id) WHERE name = '{video}' AND is_repeated");
    let rows = dataset.rows(&format!("SELECT frame_idx {of_video} ORDER BY frame_idx"));
    rows.iter().map(|row| row["frame_idx"].as_u64().unwrap()).collect()
}

/// Repeated frames have exactly the people of the frame before, and no other frame has.
fn assert_looked_at_once(dataset: &Dataset) {
    let rows = dataset.rows(
        "WITH seen AS (
             SELECT video_id, frame_idx, bit_xor(hash(landmark_id, track_id, x_px, y_px, z_px, visibility, presence,
                 world_x_m, world_y_m, world_z_m)) AS seen
             FROM raw_landmarks GROUP BY ALL
         ), pairs AS (
             SELECT *, lag(seen) OVER (PARTITION BY video_id ORDER BY frame_idx) AS before,
                 lag(status) OVER (PARTITION BY video_id ORDER BY frame_idx) AS status_before
             FROM frames LEFT JOIN seen USING (video_id, frame_idx)
         )
         SELECT count(*) FILTER (is_repeated AND seen = before) AS n_same,
             count(*) FILTER (is_repeated AND (seen IS DISTINCT FROM before OR status <> status_before)) AS n_seen_again,
             count(*) FILTER (NOT is_repeated AND seen = before) AS n_taken
         FROM pairs",
    );
    let number = |name: &str| rows[0][name].as_u64().unwrap();
    assert!(number("n_same") > 10 && number("n_seen_again") == 0 && number("n_taken") == 0, "{rows:?}");
}

#[test]
fn a_video_of_25_pictures_stored_as_30_is_measured_as_it_was_filmed() {
    let dataset = Dataset::new();
    let at_25 = "settb=1/90000,setpts=N*3600";
    film(FLIP, 75, &format!("{at_25},fps=25"), X264, &dataset.beside("filmed.mp4"));
    film(FLIP, 90, &format!("{at_25},fps=30"), X264, &dataset.beside("stored.mp4"));
    extract(&dataset, &dataset.videos(), &[]);
    assert_eq!(marked(&dataset, "filmed.mp4"), [0; 0]);
    // Until three pictures have changed, nothing tells how much they change.
    assert_eq!(marked(&dataset, "stored.mp4"), (9..90).step_by(6).collect::<Vec<_>>());
    assert_looked_at_once(&dataset);
    dataset.run("analyze", &[]).expect_status(0);
    let metric =
        "FROM metrics JOIN videos USING (video_id) WHERE metric = 'center_of_mass_peak_speed' AND person_id = 0";
    let rows = dataset.rows(&format!("SELECT name, value {metric} ORDER BY name"));
    let [as_filmed, as_stored] = [0, 1].map(|index| rows[index]["value"].as_f64().unwrap());
    assert!((as_stored / as_filmed - 1.0).abs() < 0.05, "{rows:?}");
    let checks = dataset.rows("SELECT video, value FROM checks WHERE check_name = 'repeated_frames'");
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(checks[0]["video"], "stored.mp4");
    assert!((checks[0]["value"].as_f64().unwrap() - 100.0 / 6.0).abs() < 1.5, "{checks:?}");
}

/// The rate of pictures is that of frames divided by the last number; of interlaced video, each field is a frame.
#[test]
fn pictures_are_found_in_turned_interlaced_and_deep_video() {
    let dataset = Dataset::new();
    let kinds = [
        ("twice.mp4", 90, "fps=60", X264, 2),
        ("deep.mp4", 90, "fps=60", HLG, 2),
        ("woven.mp4", 45, "fps=60,tinterlace=interleave_top,setfield=tff", INTERLACED, 2),
        ("four_fields.mp4", 60, "fps=15,fps=60,tinterlace=interleave_top,setfield=tff", INTERLACED, 4),
        ("tenfold.mp4", 150, "fps=300", X264, 10),
    ];
    for (name, n_frames, filter, options, _) in kinds {
        film(FLIP, n_frames, filter, options, &dataset.beside(name));
    }
    let [twice, turned] = ["twice.mp4", "turned.mp4"].map(|name| dataset.beside(name));
    let turn = ["-c", "copy", "-metadata:s:v", "rotate=90"];
    ffmpeg(&[&["-i", twice.to_str().unwrap()], &turn[..], &[turned.to_str().unwrap()]].concat());
    extract(&dataset, &dataset.videos(), &["--people", "1"]);
    for (name, _, _, _, times) in kinds.into_iter().chain([("turned.mp4", 0, "", "", 2)]) {
        let n_frames = dataset.number(&format!("SELECT n_frames FROM videos WHERE name = '{name}'")) as u64;
        let marked = marked(&dataset, name);
        assert!(marked.iter().all(|frame| frame % times > 0), "{name}: {marked:?}");
        // Some are missed until the codec has settled and three pictures have changed.
        let n_repeated = n_frames - n_frames / times;
        assert!(marked.len() as u64 + 4 * times + n_repeated / 5 >= n_repeated, "{name}: {marked:?}");
    }
    assert_looked_at_once(&dataset);
}

#[test]
fn rows_with_repeated_pictures_do_not_depend_on_workers() {
    let videos = Dataset::new();
    film(FLIP, 120, "fps=60", "-c:v libx264 -crf 18 -g 10 -pix_fmt yuv420p", &videos.beside("twice.mp4"));
    let rows = |workers: &str| -> (Vec<Value>, Vec<u64>) {
        let dataset = Dataset::new();
        let options = ["--people", "1", "--segment-frames", "31", "--workers", workers];
        extract(&dataset, &videos.videos(), &options);
        let frames = "SELECT * EXCLUDE (run_id) FROM frames ORDER BY frame_idx";
        let landmarks = "SELECT bit_xor(hash(COLUMNS(* EXCLUDE (run_id)))) FROM raw_landmarks";
        let rows = [frames, landmarks].map(|sql| dataset.rows(sql)).concat();
        (rows, marked(&dataset, "twice.mp4"))
    };
    let (one, marked) = rows("1");
    assert!(one == rows("3").0);
    // Each segment starts afresh, also where its first frame is a repeated one.
    for segment in marked.chunk_by(|a, b| a / 31 == b / 31) {
        assert!(segment.len() > 8 && segment.iter().all(|frame| frame % 2 == 1 && frame % 31 > 4), "{marked:?}");
    }
    assert_eq!(marked.chunk_by(|a, b| a / 31 == b / 31).count(), 4);
}

#[test]
fn nothing_is_marked_while_people_move() {
    let dataset = Dataset::new();
    for name in [FLIP, BALANCE] {
        dataset.extract_beginning(name, "0.9").expect_status(0);
        assert_eq!(marked(&dataset, name), [0; 0]);
    }
    // A codec that leaves most blocks as they were.
    let coarse = dataset.beside("coarse.mp4");
    film(FLIP, 60, "null", "-c:v libx264 -crf 44 -preset veryfast -pix_fmt yuv420p", &coarse);
    extract(&dataset, &dataset.videos(), &["--people", "1"]);
    assert_eq!(marked(&dataset, "coarse.mp4"), [0; 0]);
}
