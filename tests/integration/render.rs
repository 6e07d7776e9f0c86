//! Annotated videos, stills and animations, made by the binary from real clips and examined with FFmpeg's programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{BALANCE, Dataset, FLIP, clip, ffmpeg, posekit};

/// What FFmpeg says about a file: `streams`, `format`, and `frames` with their times.
fn probe(path: &Path) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_entries", "frame=pts_time"])
        .args(["-select_streams", "v", "-show_frames"])
        .arg(path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn times_s(probed: &Value) -> Vec<f64> {
    let frames = probed["frames"].as_array().unwrap();
    frames.iter().map(|frame| frame["pts_time"].as_str().unwrap().parse().unwrap()).collect()
}

fn has_sound(path: &Path) -> bool {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_name", "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    !output.stdout.is_empty()
}

/// All pictures as gray, at 64 columns: enough to see whether something was drawn.
fn gray_pictures(path: &Path) -> Vec<Vec<u8>> {
    const SIZE: usize = 64 * 64;
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-vf", "scale=64:64,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout.chunks_exact(SIZE).map(<[u8]>::to_vec).collect()
}

/// Mean difference of two pictures, levels.
fn difference(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a.abs_diff(b))).sum::<f64>() / a.len() as f64
}

fn output(dataset: &Dataset) -> PathBuf {
    dataset.path().with_file_name("output")
}

fn render(dataset: &Dataset, arguments: &[&str]) -> crate::support::Run {
    let output = output(dataset);
    dataset.run("render", &[&["--output", output.to_str().unwrap()], arguments].concat())
}

/// A dataset with the beginning of the clip with sound, analyzed.
fn analyzed() -> Dataset {
    let dataset = Dataset::new();
    dataset.extract_beginning(FLIP, "1.5").expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    dataset
}

fn files(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let mut names: Vec<String> =
        files.map(|file| file.path().strip_prefix(folder).unwrap().display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn a_video_keeps_size_times_and_sound_and_is_drawn_on() {
    let dataset = analyzed();
    render(&dataset, &["--end", "1.5"]).expect_status(0);
    let made = output(&dataset).join("flip_and_walk_2p.0-1.5s.annotated.mp4");
    let (source, annotated) = (probe(&clip(FLIP)), probe(&made));
    let stream = &annotated["streams"][0];
    assert_eq!((&stream["codec_name"], &stream["pix_fmt"]), (&"h264".into(), &"yuv420p".into()));
    for key in ["width", "height", "time_base"] {
        assert_eq!(stream[key], source["streams"][0][key], "{key}");
    }
    let expected: Vec<f64> = times_s(&source).into_iter().filter(|&time_s| time_s < 1.5).collect();
    assert_eq!(times_s(&annotated), expected);
    assert!(has_sound(&made));
    // The index comes first, so that players begin before all of it is there.
    let bytes = fs::read(&made).unwrap();
    let place = |name: &[u8]| bytes.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"moov") < place(b"mdat"));
    let plain = gray_pictures(&clip(FLIP));
    let drawn = gray_pictures(&made);
    let worst = drawn.iter().zip(&plain).map(|(a, b)| difference(a, b)).fold(0.0, f64::max);
    let least = drawn.iter().zip(&plain).map(|(a, b)| difference(a, b)).fold(f64::MAX, f64::min);
    // The panel alone darkens an eighth of the picture; the rest stays what it was.
    assert!(least > 2.0 && worst < 20.0, "{least} {worst}");
    assert_eq!(
        files(&output(&dataset)),
        [".posekit/flip_and_walk_2p.0-1.5s.annotated.mp4.json", "flip_and_walk_2p.0-1.5s.annotated.mp4"]
    );
}

#[test]
fn what_is_drawn_is_where_the_landmarks_are() {
    let dataset = analyzed();
    // Only skeletons on plain ground: whatever is bright is drawn.
    render(&dataset, &["--end", "1.5", "--draw", "skeleton", "--skeleton_only"]).expect_status(0);
    let drawn = gray_pictures(&output(&dataset).join("flip_and_walk_2p.0-1.5s.annotated.mp4"));
    let sql = "SELECT frame_idx, min(x_px) / 1768 * 64 AS x0, max(x_px) / 1768 * 64 AS x1, min(y_px) / 994 * 64 AS y0, \
               max(y_px) / 994 * 64 AS y1 FROM clean_landmarks WHERE visibility > 0.5 GROUP BY ALL ORDER BY ALL";
    let mut n_checked = 0;
    for row in dataset.rows(sql) {
        let value = |name: &str| row[name].as_f64().unwrap();
        let picture = &drawn[value("frame_idx") as usize];
        let bright: Vec<(f64, f64)> = (0..64 * 64)
            // The ground has at most 28. Lines are thin at this size, so they are not much brighter.
            .filter(|&place| picture[place] > 45)
            .map(|place| ((place % 64) as f64 + 0.5, (place / 64) as f64 + 0.5))
            .collect();
        assert!(!bright.is_empty());
        for (x, y) in bright {
            let is_near = |value: f64, low: f64, high: f64| value > low - 2.0 && value < high + 2.0;
            assert!(is_near(x, value("x0"), value("x1")) && is_near(y, value("y0"), value("y1")), "{x} {y} {row}");
        }
        n_checked += 1;
    }
    assert!(n_checked > 40, "{n_checked}");
}

#[test]
fn what_is_up_to_date_is_left_and_what_changed_is_made_again() {
    let dataset = analyzed();
    let made = output(&dataset).join("flip_and_walk_2p.0-0.5s.annotated.mp4");
    let say = |arguments: &[&str]| render(&dataset, arguments).expect_status(0).stderr;
    assert!(say(&["--end", "0.5"]).contains("1 rendered"));
    let before = fs::metadata(&made).unwrap().modified().unwrap();
    assert!(say(&["--end", "0.5"]).contains("up to date"));
    assert_eq!(fs::metadata(&made).unwrap().modified().unwrap(), before);
    assert!(say(&["--end", "0.5", "--draw", "skeleton"]).contains("1 rendered"), "another setting");
    assert!(say(&["--end", "0.5"]).contains("1 rendered"));
    dataset.run("tracks", &["name", FLIP, "0", "Anna"]).expect_status(0);
    assert!(say(&["--end", "0.5"]).contains("1 rendered"), "a name is drawn");
    fs::write(&made, "something else").unwrap();
    assert!(say(&["--end", "0.5"]).contains("1 rendered"), "somebody wrote into the file");
}

#[test]
fn variable_times_and_turned_pictures_stay_as_they_are() {
    let dataset = Dataset::new();
    let (vfr, turned) = (dataset.beside("vfr.mp4"), dataset.beside("turned.mp4"));
    let source = clip(BALANCE);
    let source = source.to_str().unwrap();
    // Every third frame is missing, and the pace changes.
    let select = "select='mod(n,3)',setpts='PTS+if(gt(N,20),N*N*40/TB/90000,0)',scale=270:480";
    ffmpeg(&[
        "-i",
        source,
        "-t",
        "1",
        "-vf",
        select,
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1/90000",
        vfr.to_str().unwrap(),
    ]);
    ffmpeg(&[
        "-i",
        source,
        "-t",
        "0.3",
        "-vf",
        "transpose=1,scale=480:270,setsar=1",
        dataset.beside("upright.mp4").to_str().unwrap(),
    ]);
    let upright = dataset.beside("upright.mp4");
    // As the muxer of this FFmpeg takes it: a tag that becomes the display matrix.
    ffmpeg(&["-i", upright.to_str().unwrap(), "-c", "copy", "-metadata:s:v", "rotate=90", turned.to_str().unwrap()]);
    fs::remove_file(upright).unwrap();
    let videos = dataset.videos();
    dataset
        .run("extract", &["--people", "1", "--network", "lite", "--input", videos.to_str().unwrap()])
        .expect_status(0);
    render(&dataset, &[]).expect_status(0);
    let output = output(&dataset);
    let (before, after) = (times_s(&probe(&vfr)), times_s(&probe(&output.join("vfr.annotated.mp4"))));
    assert!(before.len() > 20 && before.windows(2).any(|pair| pair[1] - pair[0] > 0.06), "{before:?}");
    let distances = before.iter().zip(&after).map(|(a, b)| ((a - before[0]) - (b - after[0])).abs());
    assert_eq!(before.len(), after.len());
    assert!(distances.fold(0.0, f64::max) < 1e-4, "{before:?} {after:?}");
    let stream = &probe(&output.join("turned.annotated.mp4"))["streams"][0];
    assert_eq!((&stream["width"], &stream["height"]), (&270.into(), &480.into()));
    let (plain, drawn) = (gray_pictures(&turned), gray_pictures(&output.join("turned.annotated.mp4")));
    assert!(difference(&plain[0], &drawn[0]) < 12.0, "the picture is upright: {}", difference(&plain[0], &drawn[0]));
}

#[test]
fn views_have_their_sizes_and_slow_motion_its_length() {
    let dataset = analyzed();
    let made = |marks: &str| output(&dataset).join(format!("flip_and_walk_2p.0-0.4s{marks}.annotated.mp4"));
    let size = |arguments: &[&str], marks: &str| {
        render(&dataset, &[&["--end", "0.4"], arguments].concat()).expect_status(0);
        let probed = probe(&made(marks));
        [probed["streams"][0]["width"].as_u64().unwrap(), probed["streams"][0]["height"].as_u64().unwrap()]
    };
    assert_eq!(size(&["--follow"], ".follow0"), [1768, 994]);
    assert_eq!(size(&["--blur_faces"], ""), [1768, 994]);
    assert_eq!(size(&["--side_by_side"], ".side_by_side"), [2 * 1768 + 8, 994]);
    render(&dataset, &["--end", "0.4", "--slow", "0.25"]).expect_status(0);
    let times = times_s(&probe(&made(".slow0.25")));
    assert_eq!(times.len(), 12);
    assert!((times[11] - 4.0 * 11.0 / 30.0).abs() < 1e-3, "{times:?}");
    assert!(!has_sound(&made(".slow0.25")), "slow sound would have another pitch");
}

#[test]
fn stills_and_animations_show_moments() {
    let dataset = analyzed();
    render(&dataset, &["--stills", "events"]).expect_status(0);
    let stills: Vec<String> =
        files(&output(&dataset).join("stills")).into_iter().filter(|name| !name.starts_with(".posekit")).collect();
    let n_events =
        dataset.number("SELECT count(*) FROM events") + dataset.number("SELECT 3 * count(*) FROM repetitions");
    assert!(!stills.is_empty() && stills.len() as f64 <= n_events, "{stills:?}");
    let png = probe(&output(&dataset).join("stills").join(&stills[0]));
    assert_eq!(png["streams"][0]["width"], 1768);
    assert!(render(&dataset, &["--stills", "events"]).expect_status(0).stderr.contains("up to date"));
    let animated = output(&dataset).join("of each/kind");
    for format in ["gif", "webp"] {
        let folder = animated.join(format);
        let wish = ["--animate", format, "--end", "0.5", "--animation_width", "160"];
        dataset.run("render", &[&["--output", folder.to_str().unwrap()], &wish[..]].concat()).expect_status(0);
    }
    let gif = probe(&animated.join("gif/flip_and_walk_2p.gif"));
    assert_eq!(gif["streams"][0]["width"], 160);
    let duration: f64 = gif["format"]["duration"].as_str().unwrap().parse().unwrap();
    assert!((duration - 0.5).abs() < 0.05, "{duration}");
    let webp = fs::read(animated.join("webp/flip_and_walk_2p.webp")).unwrap();
    assert_eq!((&webp[..4], &webp[8..12]), (b"RIFF".as_slice(), b"WEBP".as_slice()));
    assert!(webp.windows(4).any(|window| window == b"ANIM"));
}

#[test]
fn where_there_are_no_moments_no_stills_are_up_to_date() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    for _ in 0..2 {
        let said = render(&dataset, &["--stills", "events"]).expect_status(0).stderr;
        assert!(said.contains("no events and no repetitions") && said.contains("1 video: no stills"), "{said}");
        assert!(!said.contains("up to date"), "{said}");
    }
}

#[test]
fn nonsense_is_refused_with_a_hint() {
    let dataset = analyzed();
    let none = render(&dataset, &["--follow=7"]).expect_status(1).stderr;
    assert!(none.contains("no person 7"), "{none}");
    let pair = render(&dataset, &["--side_by_side=1"]).expect_status(2).stderr;
    assert!(pair.contains("posekit tracks"), "{pair}");
    let theme = dataset.beside("theme.toml");
    fs::write(&theme, "[colors]\nlefft = \"#000000\"\n").unwrap();
    let wrong = render(&dataset, &["--theme", theme.to_str().unwrap()]).expect_status(2).stderr;
    assert!(wrong.contains("lefft"), "{wrong}");
    let tight = render(&dataset, &["--memory_limit", "100MB"]).expect_status(1).stderr;
    assert!(tight.contains("memory limit of at least"), "{tight}");
}

#[test]
fn a_video_that_is_gone_stops_no_other() {
    let dataset = Dataset::new();
    for name in ["a.mp4", "b.mp4"] {
        let source = clip(BALANCE);
        let seconds = if name == "a.mp4" { "0.2" } else { "0.3" };
        ffmpeg(&[
            "-i",
            source.to_str().unwrap(),
            "-t",
            seconds,
            "-vf",
            "scale=270:480",
            dataset.beside(name).to_str().unwrap(),
        ]);
    }
    let videos = dataset.videos();
    dataset
        .run("extract", &["--people", "1", "--network", "lite", "--input", videos.to_str().unwrap()])
        .expect_status(0);
    fs::remove_file(dataset.beside("a.mp4")).unwrap();
    let run = render(&dataset, &[]).expect_status(1);
    assert!(
        run.stderr.contains("a.mp4") && run.stderr.contains("is missing, or its content changed"),
        "{}",
        run.stderr
    );
    assert!(output(&dataset).join("b.annotated.mp4").exists());
}

#[cfg(feature = "failpoints")]
#[test]
fn a_render_that_was_killed_goes_on_after_its_sealed_parts() {
    let dataset = Dataset::new();
    let long = dataset.beside("long.mp4");
    // Two parts and a bit.
    let source = clip(BALANCE);
    ffmpeg(&[
        "-stream_loop",
        "20",
        "-i",
        source.to_str().unwrap(),
        "-frames:v",
        "1900",
        "-vf",
        "scale=90:160",
        "-an",
        long.to_str().unwrap(),
    ]);
    dataset
        .run("extract", &["--people", "1", "--network", "lite", "--end", "1", "--video", long.to_str().unwrap()])
        .expect_status(0);
    let output = output(&dataset);
    let arguments = ["--output", output.to_str().unwrap()];
    let kill_at = |place: &str| {
        let mut command = posekit();
        command.arg("render").arg("--dataset").arg(dataset.path()).args(arguments).env("POSEKIT_FAILPOINT", place);
        let status = command.output().unwrap().status;
        assert!(!status.success(), "{place}");
        assert!(!output.join("long.annotated.mp4").exists(), "nothing looks finished after {place}");
    };
    kill_at("render-part-sealed=1");
    kill_at("render-assembled=1");
    let run = render(&dataset, &[]).expect_status(0);
    assert!(run.stderr.contains("from an interrupted run"), "{}", run.stderr);
    let (before, after) = (times_s(&probe(&long)), times_s(&probe(&output.join("long.annotated.mp4"))));
    assert_eq!(before.len(), after.len());
    assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-4));
    assert_eq!(files(&output), [".posekit/long.annotated.mp4.json", "long.annotated.mp4"]);
}

#[test]
fn an_interrupt_ends_a_render_and_leaves_nothing_that_looks_finished() {
    let dataset = analyzed();
    let output = output(&dataset);
    let mut child = posekit()
        .args(["render", "--progress", "json", "--dataset"])
        .arg(dataset.path())
        .args(["--output", output.to_str().unwrap()])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    crate::support::wait_for(&mut child, "\"progress\"");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let deadline = Instant::now() + Duration::from_mins(1);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    assert!(!output.join("flip_and_walk_2p.annotated.mp4").exists());
}
