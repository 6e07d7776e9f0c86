//! Extraction of the real clips with the real networks.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::{BALANCE, Dataset, FLIP, clip, clone, ffmpeg, posekit};

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn the_public_clips_give_what_mediapipe_finds() {
    let dataset = Dataset::new();
    let public = clone().join("public");
    dataset.run("extract", &["--people", "1", "--input", public.to_str().unwrap(), "--end", "2"]).expect_status(0);
    let rows = dataset
        .rows("SELECT video, frame_idx, landmark_id, x_px, y_px, world_x_m, world_y_m, world_z_m FROM landmarks");
    let key = |video: &str, frame: &str, landmark: &str| format!("{video} {frame} {landmark}");
    let ours: BTreeMap<String, &Value> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].to_string();
            (key(row["video"].as_str().unwrap(), &text("frame_idx"), &text("landmark_id")), row)
        })
        .collect();
    let theirs = fs::read_to_string(clone().join("tests/data/mediapipe_landmarks.csv")).unwrap();
    let (mut distances_px, mut distances_m) = (Vec::new(), Vec::new());
    for line in theirs.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let row = ours[&key(fields[0], fields[1], fields[2])];
        let difference = |name: &str, field: usize| row[name].as_f64().unwrap() - fields[field].parse::<f64>().unwrap();
        distances_px.push(difference("x_px", 3).hypot(difference("y_px", 4)));
        distances_m
            .push(difference("world_x_m", 5).hypot(difference("world_y_m", 6)).hypot(difference("world_z_m", 7)));
    }
    assert_eq!(distances_px.len(), 6 * 33);
    // Decoders' colors differ by a level or two and the loop feeds back; the people are 250 to 500 px high.
    let (median_px, worst_px, median_m) =
        (median(distances_px.clone()), distances_px.iter().copied().fold(0.0, f64::max), median(distances_m));
    assert!(median_px < 2.0 && worst_px < 15.0 && median_m < 0.02, "{median_px} px, {worst_px} px, {median_m} m");
}

#[test]
fn everybody_in_the_public_clips_has_one_id_and_the_man_is_not_lost_while_he_turns_over() {
    let dataset = Dataset::new();
    dataset.run("extract", &["--input", clone().join("public").to_str().unwrap()]).expect_status(0);
    let people = dataset.rows("SELECT video, person_id, n_frames FROM people ORDER BY ALL");
    let found: Vec<_> = people.iter().map(|row| (row["video"].as_str().unwrap(), row["person_id"].as_i64())).collect();
    assert_eq!(found, [(BALANCE, Some(0)), (BALANCE, Some(1)), (FLIP, Some(0)), (FLIP, Some(1))]);
    // Both in every frame, and nobody on the poster on the wall.
    assert!(people[..2].iter().all(|row| row["n_frames"] == 100), "{people:?}");
    let in_frames = |video: &str, person: u32, frames: &str| {
        dataset.number(&format!(
            "SELECT count(DISTINCT frame_idx) FROM landmarks
             WHERE video = '{video}' AND person_id = {person} AND frame_idx BETWEEN {frames}"
        ))
    };
    // The somersault, against the sun: upside down and tucked from about frame 168 to 182.
    assert!(in_frames(FLIP, 0, "160 AND 189") >= 24.0, "{}", in_frames(FLIP, 0, "160 AND 189"));
    assert!(in_frames(FLIP, 0, "0 AND 159") >= 158.0);
    // The woman steps from behind the tree at about frame 35 and leaves the picture at about 200.
    assert!(in_frames(FLIP, 1, "50 AND 195") >= 145.0);
    assert_eq!(in_frames(FLIP, 1, "210 AND 229"), 0.0);
    // The man is on the left above, the woman below: neither has the other's body.
    let sql = format!(
        "SELECT person_id, max(left_hip_y_px) AS lowest FROM poses WHERE video = '{FLIP}' AND frame_idx BETWEEN 50 AND 150
         GROUP BY ALL ORDER BY ALL"
    );
    let rows = dataset.rows(&sql);
    assert!(rows[0]["lowest"].as_f64() < Some(400.0) && rows[1]["lowest"].as_f64() > Some(600.0), "{rows:?}");
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn every_decoded_frame_has_a_row_with_its_time() {
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "1").expect_status(0);
    let frames = dataset.rows("SELECT frame_idx, time_s, status, n_people FROM frames ORDER BY frame_idx");
    assert_eq!(frames.len(), 30);
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(frame["frame_idx"], index);
        assert!((frame["time_s"].as_f64().unwrap() - index as f64 / 30.0).abs() < 1e-6, "{frame}");
        assert_eq!(frame["status"] == "ok", frame["n_people"] == 1, "{frame}");
    }
    // A backlit man fades in: the detector sees nobody in the first frames.
    assert_eq!(frames[0]["status"], "no_person");
    assert_eq!(frames[29]["status"], "ok");
    let n_ok = frames.iter().filter(|frame| frame["status"] == "ok").count() as f64;
    assert_eq!(dataset.number("SELECT count(*) FROM landmarks"), 33.0 * n_ok);
    assert_eq!(dataset.number("SELECT count(*) FROM raw_landmarks"), 33.0 * n_ok);
    assert_eq!(dataset.number("SELECT count(*) FROM poses"), n_ok);
    assert_eq!(dataset.number("SELECT count(*) FROM regions"), n_ok);
    assert_eq!(dataset.value("SELECT source FROM regions ORDER BY frame_idx LIMIT 1"), "detector");
}

#[test]
fn left_is_the_athletes_left() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.2").expect_status(0);
    // The figure behind the beam faces the camera: its left is on the right of the picture.
    let sql = "SELECT avg(left_shoulder_x_px - right_shoulder_x_px) AS shoulders, avg(left_hip_x_px - right_hip_x_px) AS hips,
                   avg(left_ankle_y_px - nose_y_px) AS height FROM poses";
    let row = &dataset.rows(sql)[0];
    for (name, range) in [("shoulders", 60.0..250.0), ("hips", 30.0..200.0), ("height", 250.0..600.0)] {
        assert!(range.contains(&row[name].as_f64().unwrap()), "{row}");
    }
}

#[test]
fn videos_are_described() {
    let dataset = Dataset::new();
    for name in [FLIP, BALANCE] {
        dataset.extract_beginning(name, "0.1").expect_status(0);
    }
    let sql = "SELECT name, width, height, rotation, fps, is_vfr, round(duration_s, 3) AS duration_s, n_frames, codec,
                   time_source, length(video_id) AS id_length FROM videos ORDER BY name";
    let expected = [
        serde_json::json!({"name": BALANCE, "width": 1088, "height": 1920, "rotation": 0, "fps": 60.0, "is_vfr": false,
            "duration_s": 1.667, "n_frames": 100, "codec": "h264", "time_source": "container", "id_length": 33}),
        serde_json::json!({"name": FLIP, "width": 1768, "height": 994, "rotation": 0, "fps": 30.0, "is_vfr": false,
            "duration_s": 7.667, "n_frames": 230, "codec": "vp9", "time_source": "container", "id_length": 33}),
    ];
    assert_eq!(dataset.rows(sql), expected);
}

#[test]
fn a_second_run_does_nothing_and_says_so() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    let stamps = |dataset: &Dataset| -> Vec<_> {
        let files = dataset.files().into_iter();
        files.map(|file| (fs::metadata(dataset.path().join(&file)).unwrap().modified().unwrap(), file)).collect()
    };
    let before = stamps(&dataset);
    let run = dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    assert!(run.stderr.contains("1 video already extracted"), "{}", run.stderr);
    assert_eq!(stamps(&dataset), before, "not a byte was written");
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 1.0);
}

/// Versions are part of fingerprints (`extract/settings.rs`); a run of another version has another one.
#[test]
fn a_dataset_of_another_version_is_not_known() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.3").expect_status(0);
    let settings = dataset.value("SELECT settings FROM runs");
    let settings: Value = serde_json::from_str(settings.as_str().unwrap()).unwrap();
    assert_eq!(settings["version"], posekit::versions::ROWS);
    assert!(dataset.extract_beginning(BALANCE, "0.3").expect_status(0).stderr.contains("already extracted"));
    let other_version = "UPDATE runs SET fingerprint = md5(fingerprint), run_id = left(md5(fingerprint), 16)";
    dataset.run("query", &["--write", "UPDATE videos SET current_run_id = NULL"]).expect_status(0);
    dataset.run("query", &["--write", other_version]).expect_status(0);
    let again = dataset.extract_beginning(BALANCE, "0.3").expect_status(0);
    assert!(!again.stderr.contains("already extracted"), "{}", again.stderr);
}

/// Who is who is found out again without inference, by the first command that meets tracks of another version.
#[test]
fn tracks_of_another_version_are_made_again() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.3").expect_status(0);
    let tracks = dataset.files().into_iter().find(|file| file.starts_with("tracks/")).unwrap();
    let path = dataset.path().join(tracks);
    let expected = fs::read(&path).unwrap();
    // The version stands in the footer, behind its name.
    let find =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let name = find(&expected, "posekit.code");
    let place = name + find(&expected[name..], posekit::versions::TRACKS);
    let mut other = expected.clone();
    other[place] = b'T';
    fs::write(&path, other).unwrap();
    let again = dataset.extract_beginning(BALANCE, "0.3").expect_status(0);
    assert!(again.stderr.contains("already extracted"), "{}", again.stderr);
    assert_eq!(fs::read(&path).unwrap(), expected);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn a_renamed_or_copied_video_is_the_same_one() {
    let dataset = Dataset::new();
    let (first, renamed) = (dataset.beside("first.mp4"), dataset.beside("sub/renamed.mov"));
    fs::copy(clip(BALANCE), &first).unwrap();
    let extract = || {
        dataset.run(
            "extract",
            &["--people", "1", "--network", "lite", "--end", "0.1", "--input", dataset.videos().to_str().unwrap()],
        )
    };
    extract().expect_status(0);
    fs::rename(&first, &renamed).unwrap();
    let run = extract().expect_status(0);
    assert!(run.stderr.contains("1 video already extracted"), "{}", run.stderr);
    assert_eq!(dataset.number("SELECT count(*) FROM videos"), 1.0);
    let expected = [serde_json::json!({"name": "renamed.mov", "path": renamed.to_str().unwrap()})];
    assert_eq!(dataset.rows("SELECT name, path FROM videos"), expected);
}

#[test]
fn a_part_after_the_end_of_the_video_fails_and_hides_no_good_run() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    let clip = clip(BALANCE);
    let late = dataset
        .run("extract", &["--people", "1", "--network", "lite", "--start", "100", "--video", clip.to_str().unwrap()]);
    let late = late.expect_status(1);
    assert!(late.stderr.contains("lasts 1.67 s"), "{}", late.stderr);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
    dataset.run("extract", &["--end", "0", "--video", clip.to_str().unwrap()]).expect_status(2);
}

#[test]
fn other_settings_and_force_make_new_runs_and_prune_removes_the_old() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    dataset.extract_beginning(BALANCE, "0.2").expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 2.0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 12.0, "the current run is the newest");
    let arguments =
        ["--people", "1", "--network", "lite", "--end", "0.1", "--force", "--video", clip(BALANCE).to_str().unwrap()]
            .map(str::to_owned);
    dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 3.0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
    let run = dataset.run("status", &["--prune"]).expect_status(0);
    assert!(run.stderr.contains("2 runs removed"), "{}", run.stderr);
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 1.0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
    assert_eq!(dataset.files().iter().filter(|file| file.ends_with(".parquet")).count(), 8);
}

#[test]
fn settings_that_were_used_before_are_shown_again_without_work() {
    let dataset = Dataset::new();
    for end_s in ["0.1", "0.2", "0.1"] {
        dataset.extract_beginning(BALANCE, end_s).expect_status(0);
    }
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 2.0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
}

#[test]
fn a_range_keeps_frame_numbers_and_times() {
    let dataset = Dataset::new();
    let arguments = [
        "--people",
        "1",
        "--network",
        "lite",
        "--start",
        "0.5",
        "--end",
        "0.6",
        "--video",
        clip(BALANCE).to_str().unwrap(),
    ]
    .map(str::to_owned);
    dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(0);
    let row = &dataset.rows(
        "SELECT min(frame_idx) AS first, max(frame_idx) AS last, min(time_s) AS start, max(time_s) AS stop FROM frames",
    )[0];
    assert_eq!((row["first"].as_i64(), row["last"].as_i64()), (Some(30), Some(35)));
    assert!((row["start"].as_f64().unwrap() - 0.5).abs() < 1e-9 && row["stop"].as_f64().unwrap() < 0.6);
}

#[test]
fn a_bad_file_is_reported_and_the_others_go_on() {
    let dataset = Dataset::new();
    fs::copy(clip(BALANCE), dataset.beside("good.mp4")).unwrap();
    fs::write(dataset.beside("empty.mp4"), "").unwrap();
    fs::write(dataset.beside("text.mp4"), "this is no video").unwrap();
    ffmpeg(&["-f", "lavfi", "-i", "sine=duration=0.5", dataset.beside("sound.mp4").to_str().unwrap()]);
    let run = dataset.run(
        "extract",
        &["--people", "1", "--network", "lite", "--end", "0.1", "--input", dataset.videos().to_str().unwrap()],
    );
    let run = run.expect_status(1);
    for reason in ["empty.mp4 is empty", "text.mp4 is not a video", "sound.mp4 has no video stream", "3 videos failed"]
    {
        assert!(run.stderr.contains(reason), "{reason} is missing in\n{}", run.stderr);
    }
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
    assert_eq!(dataset.number("SELECT count(*) FROM runs WHERE status = 'failed' AND reason IS NOT NULL"), 3.0);
    let status: Value =
        serde_json::from_str(&dataset.run("status", &["--format", "json"]).expect_status(0).stdout).unwrap();
    assert_eq!(
        status["totals"],
        serde_json::json!({"videos": 4, "failed_videos": 3, "runs": 1, "frames": 6, "poses": 6})
    );
    let of_empty = status["videos"].as_array().unwrap().iter().find(|video| video["video"] == "empty.mp4").unwrap();
    assert!(of_empty["reason"].as_str().unwrap().contains("0 bytes"), "{of_empty}");
    // Failed videos are tried again.
    dataset
        .run(
            "extract",
            &["--people", "1", "--network", "lite", "--end", "0.1", "--input", dataset.videos().to_str().unwrap()],
        )
        .expect_status(1);
}

#[test]
fn a_cut_off_video_keeps_its_frames_and_is_degraded() {
    let dataset = Dataset::new();
    let (whole, cut) = (dataset.beside("whole/a.mp4"), dataset.beside("cut/a.mp4"));
    ffmpeg(&["-i", clip(BALANCE).to_str().unwrap(), "-c", "copy", "-movflags", "+faststart", whole.to_str().unwrap()]);
    let bytes = fs::read(&whole).unwrap();
    fs::write(&cut, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let arguments = ["--people", "1", "--network", "lite", "--video", cut.to_str().unwrap()].map(str::to_owned);
    dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(0);
    let row = &dataset.rows("SELECT status, n_frames, n_missing, n_frames + n_missing AS promised FROM runs")[0];
    assert_eq!((row["status"].as_str(), row["promised"].as_i64()), (Some("degraded"), Some(100)), "{row}");
    assert!(row["n_frames"].as_i64().unwrap() > 40, "{row}");
}

/// A hash of all rows of a folder's videos, with some options.
fn row_hashes(input: &str, options: &[&str]) -> Vec<Value> {
    let dataset = Dataset::new();
    let arguments = ["--network", "lite", "--segment-frames", "10", "--input", input];
    dataset.run("extract", &[&arguments[..], options].concat()).expect_status(0);
    dataset.rows(
        "SELECT video, count(*) AS n, max(person_id) AS p, bit_xor(hash(COLUMNS(* EXCLUDE (run_id)))) AS h
         FROM landmarks GROUP BY ALL ORDER BY ALL",
    )
}

#[test]
fn workers_frames_ahead_and_memory_change_no_row() {
    let input = clone().join("public");
    let hash = |options: &[&str]| row_hashes(input.to_str().unwrap(), &[&["--end", "0.5"], options].concat());
    let one = hash(&["--workers", "1", "--batch_size", "1"]);
    assert_eq!(one.len(), 2);
    assert_eq!(one[0]["p"], 1, "two people");
    assert_eq!(one, hash(&["--workers", "2", "--batch_size", "7"]));
    assert_eq!(one, hash(&["--workers", "3", "--memory_limit", "600MB"]));
}

#[test]
fn segments_worked_on_apart_give_the_rows_of_one_after_the_other() {
    // Closed and open groups of pictures, hidden frames, uneven times: decoding begins within the video.
    let variants = [
        ("open_gop.mp4", "-c:v libx264 -bf 3 -g 25 -x264-params open-gop=1"),
        ("long_gop.mkv", "-c:v libx264 -bf 2 -g 250"),
        ("alt_ref.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 10 -g 20"),
        ("uneven.mp4", "-vf select='mod(n,3)' -fps_mode vfr -c:v libx264 -g 12"),
    ];
    let dataset = Dataset::new();
    for (name, options) in variants {
        let path = dataset.beside(name);
        let source = clip(FLIP);
        let input = ["-ss", "1.5", "-i", source.to_str().unwrap(), "-frames:v", "60", "-s", "480x270", "-an"];
        let options: Vec<&str> = options.split_whitespace().collect();
        ffmpeg(&[&input[..], &options, &["-pix_fmt", "yuv420p", path.to_str().unwrap()]].concat());
    }
    let hash = |workers: &str| row_hashes(dataset.videos().to_str().unwrap(), &["--people", "1", "--workers", workers]);
    let one = hash("1");
    assert_eq!(one.len(), variants.len());
    assert_eq!(one, hash("4"));
}

#[test]
fn a_memory_limit_below_one_frame_is_refused_before_any_work_with_the_smallest_that_would_do() {
    let dataset = Dataset::new();
    let limited = |limit: &str| {
        let clip = clip(BALANCE);
        dataset.run(
            "extract",
            &[
                "--people",
                "1",
                "--network",
                "lite",
                "--end",
                "0.1",
                "--memory_limit",
                limit,
                "--video",
                clip.to_str().unwrap(),
            ],
        )
    };
    let refused = limited("100MB").expect_status(3);
    assert!(dataset.files().is_empty(), "{:?}", dataset.files());
    let smallest = refused.stderr.split("at least ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    limited(&format!("{}MiB", smallest.parse::<u64>().unwrap() - 1)).expect_status(3);
    limited(&format!("{smallest}MiB")).expect_status(0);
    limited("0.5GBB").expect_status(2);
}

#[test]
fn a_video_that_is_too_large_for_the_limit_does_not_stop_the_others() {
    let dataset = Dataset::new();
    fs::copy(clip(BALANCE), dataset.beside("small.mp4")).unwrap();
    let large = dataset.beside("large.mkv");
    ffmpeg(&["-f", "lavfi", "-i", "color=gray:s=15360x8640:r=1:d=1", "-c:v", "ffv1", large.to_str().unwrap()]);
    let videos = dataset.videos();
    let arguments = [
        "--people",
        "1",
        "--network",
        "lite",
        "--end",
        "0.1",
        "--memory_limit",
        "400MB",
        "--input",
        videos.to_str().unwrap(),
    ];
    let run = dataset.run("extract", &arguments).expect_status(1);
    assert!(run.stderr.contains("more than --memory_limit leaves"), "{}", run.stderr);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
}

#[test]
fn peak_memory_and_pressure_are_stored_with_the_run() {
    let dataset = Dataset::new();
    let clip = clip(BALANCE);
    dataset
        .run(
            "extract",
            &["--people", "1", "--network", "lite", "--memory_limit", "350MB", "--video", clip.to_str().unwrap()],
        )
        .expect_status(0);
    let peak = dataset.number("SELECT peak_rss_bytes FROM runs");
    assert!((50e6..350e6 * 1.05).contains(&peak), "{peak}");
    let budget = dataset.number("SELECT lowest_budget_bytes FROM runs");
    assert!((1e6..350e6).contains(&budget), "{budget}");
}

#[test]
fn progress_as_json_is_one_object_a_line() {
    let dataset = Dataset::new();
    let arguments = [
        "--people",
        "1",
        "--network",
        "lite",
        "--end",
        "0.1",
        "--progress",
        "json",
        "-q",
        "--video",
        clip(BALANCE).to_str().unwrap(),
    ]
    .map(str::to_owned);
    let run = dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(0);
    let events: Vec<Value> = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["planned", "file_opened", "video_started"]);
    assert_eq!(*names.last().unwrap(), "video_finished");
    // Every line of progress has the same keys, in each command.
    let keys = ["done", "event", "of", "rss_bytes", "step", "unit"];
    let is_progress = |event: &&Value| event["event"] == "progress";
    for event in events.iter().filter(is_progress) {
        assert_eq!(event.as_object().unwrap().keys().collect::<Vec<_>>(), keys, "{event}");
    }
    assert_eq!(events.last().unwrap()["frames"], 6);
}

#[test]
fn nothing_is_written_or_kept_outside_the_dataset() {
    let dataset = Dataset::new();
    let home = dataset.beside("home");
    fs::create_dir_all(&home).unwrap();
    let mut command = posekit();
    command.args(["extract", "-q", "--people", "1", "--network", "lite", "--end", "0.1", "--video"]).arg(clip(BALANCE));
    command.arg("--dataset").arg(dataset.path()).current_dir(&home);
    // Continuous integration switches ONNX Runtime's telemetry off by itself: look as a user's machine would.
    for variable in ["CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"] {
        command.env_remove(variable);
    }
    let run = command.env("HOME", &home).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let left: Vec<_> =
        walkdir::WalkDir::new(&home).min_depth(1).into_iter().map(|entry| entry.unwrap().into_path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn quiet_says_nothing() {
    let dataset = Dataset::new();
    let arguments =
        ["-q", "--people", "1", "--network", "lite", "--end", "0.1", "--video", clip(BALANCE).to_str().unwrap()]
            .map(str::to_owned);
    let run = dataset.run("extract", &arguments.each_ref().map(String::as_str)).expect_status(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn parts_are_sealed_and_dense() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "2").expect_status(0);
    let files = dataset.files();
    assert_eq!(files.len(), 10, "catalog, lock and eight tables: {files:?}");
    assert!(files.iter().all(|file| !file.contains(".tmp")), "{files:?}");
    // One small clip pays most for its footers; longer ones are denser.
    let pattern = dataset.path().join("landmarks/*/*/*.parquet");
    let sql =
        format!("SELECT sum(total_compressed_size) / 3300 AS bytes FROM parquet_metadata('{}')", pattern.display());
    assert!(dataset.number(&sql) < 12.0, "{}", dataset.number(&sql));
    let sql = format!(
        "SELECT count(*) FROM parquet_kv_metadata('{}') WHERE key::VARCHAR = 'posekit.fingerprint'",
        pattern.display()
    );
    assert_eq!(dataset.number(&sql), 1.0);
}

/// Half a second of the public clip, turned upside down.
fn upside_down(dataset: &Dataset) -> String {
    let path = dataset.beside("upside_down.mp4").to_str().unwrap().to_owned();
    let turned = ["-vf", "vflip,hflip,scale=640:360", "-crf", "18", "-pix_fmt", "yuv420p", &path];
    ffmpeg(&[&["-ss", "3.5", "-i", clip(FLIP).to_str().unwrap(), "-t", "0.5", "-an"], &turned[..]].concat());
    path
}

#[test]
fn who_is_upside_down_is_found_where_the_detector_for_several_is_not_sure() {
    let dataset = Dataset::new();
    let video = upside_down(&dataset);
    let arguments = ["--video", &video, "--network", "lite", "--tiles", "off", "--min-detection-confidence", "0.6"];
    dataset.run("extract", &arguments).expect_status(0);
    let frames = dataset.rows(
        "SELECT frame_idx, avg(y_px) FILTER (landmark = 'nose') > avg(y_px) FILTER (landmark = 'left_hip') AS is_turned
         FROM raw_landmarks GROUP BY ALL",
    );
    assert!(frames.len() >= 14 && frames.iter().all(|row| row["is_turned"] == true), "{frames:?}");
    let sources = dataset.rows("SELECT DISTINCT source FROM regions ORDER BY ALL");
    assert_eq!(sources.iter().map(|row| row["source"].as_str().unwrap()).collect::<Vec<_>>(), ["detector", "tracking"]);
}

#[test]
fn people_after_a_cut_have_ids_of_their_own() {
    let dataset = Dataset::new();
    let video = dataset.beside("cut.mp4").to_str().unwrap().to_owned();
    // The walker in the whole scene, then twice as large.
    let (wide, close) = ("crop=880:494:880:500,scale=640:360", "crop=440:248:1000:620,scale=640:360");
    let filter = format!(
        "[0]trim=end_frame=20,{wide},setsar=1[a];[1]trim=end_frame=20,{close},setsar=1[b];[a][b]concat=n=2,fps=30"
    );
    let source = clip(FLIP);
    let inputs = ["-ss", "2", "-i", source.to_str().unwrap(), "-ss", "2.6", "-i", source.to_str().unwrap()];
    ffmpeg(&[&inputs[..], &["-filter_complex", &filter, "-an", "-crf", "18", "-pix_fmt", "yuv420p", &video]].concat());
    for people in ["auto", "1"] {
        dataset.run("extract", &["--video", &video, "--network", "lite", "--people", people]).expect_status(0);
        assert_eq!(dataset.number("SELECT count(*) FROM camera_motion WHERE is_cut AND frame_idx = 20"), 1.0);
        assert_eq!(dataset.number("SELECT count(*) FROM camera_motion WHERE is_cut"), 1.0);
        let spans = dataset.rows(
            "SELECT min(frame_idx) >= 20 AS is_after, max(frame_idx) < 20 AS is_before FROM poses GROUP BY person_id",
        );
        assert!(spans.len() >= 2, "{people}: {spans:?}");
        assert!(spans.iter().all(|span| span["is_after"] == true || span["is_before"] == true), "{people}: {spans:?}");
    }
    dataset.run("analyze", &[]).expect_status(0);
    let found = dataset.rows("SELECT problem FROM checks WHERE check_name = 'cuts'");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["problem"], "the video is cut at 0.67 s");
}

#[test]
fn an_empty_scene_has_nobody() {
    let dataset = Dataset::new();
    let video = dataset.beside("empty.mp4").to_str().unwrap().to_owned();
    // House, trees and sun, between the woman's arm and the man, with noise so that each frame is another.
    let empty = ["-vf", "crop=1000:994:100:0,loop=60:1,setpts=N/30/TB,noise=alls=8:allf=t", "-frames:v", "60"];
    let to = ["-r", "30", "-an", "-crf", "20", "-pix_fmt", "yuv420p", &video];
    ffmpeg(&[&["-ss", "7", "-i", clip(FLIP).to_str().unwrap()], &empty[..], &to].concat());
    dataset.run("extract", &["--video", &video, "--network", "lite"]).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 60.0);
    assert_eq!(dataset.number("SELECT count(*) FROM raw_landmarks"), 0.0);
}
