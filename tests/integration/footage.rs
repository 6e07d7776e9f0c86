//! How videos were filmed: slow motion and mirror images, by tags, options and rules.

use std::fs;
use std::path::Path;

use posekit::video::footage::{Capture, CaptureSource};
use posekit::video::{self, Footage, VideoReader, probe};

use crate::support::{Dataset, FLIP, clip, ffmpeg, posekit};

/// The first frames of a clip at 30 frames a second, without loss, with options before the name.
fn beginning(path: &Path, options: &[&str]) {
    let source = clip(FLIP);
    let input = ["-i", source.to_str().unwrap(), "-frames:v", "24", "-an", "-c:v", "libx264", "-qp", "0"];
    ffmpeg(
        &[&input[..], &["-preset", "ultrafast", "-pix_fmt", "yuv420p"], options, &[path.to_str().unwrap()]].concat(),
    );
}

const ANDROID: [&str; 4] = ["-metadata", "com.android.capture.fps=240.000000", "-movflags", "use_metadata_tags"];

#[test]
fn a_tag_gives_the_athletes_time() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["slow.mp4", "slow.mkv"] {
        let path = folder.path().join(name);
        beginning(&path, &ANDROID[..if name.ends_with("mkv") { 2 } else { 4 }]);
        let info = probe(&path, 600, &Footage::default()).unwrap().info;
        assert_eq!(info.capture_source, Some(CaptureSource::AndroidTag), "{name}");
        assert!((info.reading.slow_motion - 8.0).abs() < 1e-2, "{name}: {:?}", info.reading);
        assert!((info.fps.unwrap() - 240.0).abs() < 1e-3 && (info.duration_s - 0.1).abs() < 2e-3, "{name}: {info:?}");
        let mut reader = VideoReader::open(&path, 1, info.reading).unwrap();
        let times: Vec<_> = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
        assert_eq!(times.len(), 24);
        for time in times {
            assert!((time.media_time_s - f64::from(time.frame_idx) / 30.0).abs() < 1e-3, "{name}: {time:?}");
            assert!((time.time_s - f64::from(time.frame_idx) / 240.0).abs() < 2e-4, "{name}: {time:?}");
        }
    }
}

/// Sony writes a description of the recording into the file.
#[test]
fn sonys_description_gives_the_athletes_time() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("C0001.MP4");
    beginning(&path, &[]);
    let description = br#"<NonRealTimeMeta><VideoFormat><VideoFrame captureFps="119.88p" formatFps="29.97p"/></VideoFormat></NonRealTimeMeta>"#;
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend((description.len() as u32 + 8).to_be_bytes());
    bytes.extend(b"meta");
    bytes.extend(description);
    fs::write(&path, bytes).unwrap();
    let info = probe(&path, 600, &Footage::default()).unwrap().info;
    assert_eq!(info.capture_source, Some(CaptureSource::SonyTag));
    assert!((info.fps.unwrap() - 120.0).abs() < 1e-6, "{info:?}");
}

#[test]
fn a_raw_stream_has_the_given_rate() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw.h264");
    beginning(&path, &[]);
    let footage = Footage { capture: Capture::Fps(50.0), ..Footage::default() };
    let info = probe(&path, 600, &footage).unwrap().info;
    assert_eq!((info.fps, info.reading.slow_motion), (Some(50.0), 1.0));
    let mut reader = VideoReader::open(&path, 1, info.reading).unwrap();
    let last = std::iter::from_fn(|| reader.next_frame().unwrap()).last().unwrap();
    assert!((last.time_s - f64::from(last.frame_idx) / 50.0).abs() < 1e-9, "{last:?}");
}

/// What is said about a file is part of its run: another rate is another run, and the first one comes back.
#[test]
fn options_and_rules_make_runs_of_their_own() {
    let dataset = Dataset::new();
    beginning(&dataset.beside("a.mp4"), &[]);
    let settings = dataset.videos().parent().unwrap().join("posekit.toml");
    let extract = |options: &[&str]| {
        let mut command = posekit();
        command.current_dir(settings.parent().unwrap()).args(["extract", "--people", "1", "--network", "lite"]);
        let run = command.args(["--models", clip("../models").to_str().unwrap(), "--input", "videos"]).args(options);
        crate::support::Run::from(run.output().unwrap()).expect_status(0)
    };
    let seen = || {
        let rows = dataset.rows("SELECT any_value(fps) AS fps, max(time_s) AS t, max(media_time_s) AS media FROM frames JOIN videos USING (video_id)");
        ["fps", "t", "media"].map(|name| (rows[0][name].as_f64().unwrap() * 1e4).round() / 1e4)
    };
    extract(&[]);
    assert_eq!(seen(), [30.0, 0.7667, 0.7667]);
    extract(&["--slow_motion", "4"]);
    assert_eq!(seen(), [120.0, 0.1917, 0.7667]);
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 2.0);
    fs::write(&settings, "[[footage]]\nfiles = 'videos/*.mp4'\ncapture_fps = 60\n").unwrap();
    extract(&[]);
    assert_eq!(seen(), [60.0, 0.3833, 0.7667]);
    assert_eq!(dataset.value("SELECT capture_source FROM videos"), "option");
    fs::remove_file(&settings).unwrap();
    let again = extract(&[]);
    assert!(
        again.stderr.contains("is now current instead of") && again.stderr.contains("60 pictures/s"),
        "{}",
        again.stderr
    );
    assert_eq!(seen(), [30.0, 0.7667, 0.7667], "the facts are those of the run");
    assert_eq!(dataset.number("SELECT count(*) FROM runs"), 3.0);
}

#[test]
fn a_range_counts_seconds_of_the_file() {
    let dataset = Dataset::new();
    let path = dataset.beside("slow.mp4");
    beginning(&path, &ANDROID);
    let arguments = ["--people", "1", "--network", "lite", "--start", "0.2", "--end", "0.5", "--video"];
    dataset.run("extract", &[&arguments[..], &[path.to_str().unwrap()]].concat()).expect_status(0);
    let rows = dataset.rows("SELECT count(*) AS n, min(media_time_s) AS first, max(media_time_s) AS last FROM frames");
    assert_eq!(rows[0]["n"], 9);
    let [first, last] = ["first", "last"].map(|name| rows[0][name].as_f64().unwrap());
    assert!((first - 0.2).abs() < 1e-3 && (last - 14.0 / 30.0).abs() < 1e-3, "{first} to {last}");
}

/// The mirror image of a clip, mirrored back, is the clip: the same sides, places and directions.
#[test]
fn a_mirror_image_is_mirrored_back() {
    let dataset = Dataset::new();
    let paths = ["plain.mp4", "mirror.mp4"].map(|name| dataset.beside(name));
    beginning(&paths[0], &[]);
    beginning(&paths[1], &["-vf", "hflip"]);
    let extract = |path: &Path, options: &[&str]| {
        let arguments = ["--people", "1", "--network", "lite", "--video", path.to_str().unwrap()];
        dataset.run("extract", &[&arguments[..], options].concat()).expect_status(0);
    };
    extract(&paths[0], &[]);
    extract(&paths[1], &["--mirrored"]);
    let apart = "SELECT median(sqrt(pow(a.x_px - b.x_px, 2) + pow(a.y_px - b.y_px, 2))) FROM landmarks a JOIN landmarks b USING (frame_idx, landmark_id)
        JOIN videos va ON va.video_id = a.video_id AND va.name = 'plain.mp4' JOIN videos vb ON vb.video_id = b.video_id AND vb.name = 'mirror.mp4'";
    let apart_px = dataset.number(apart);
    assert!(apart_px < 3.0, "{apart_px} px");
    assert_eq!(dataset.number("SELECT count(*) FROM videos WHERE is_mirrored"), 1.0);
    let output = dataset.path().join("output");
    dataset.run("render", &["--output", output.to_str().unwrap()]).expect_status(0);
    let [plain, mirror] = ["plain", "mirror"].map(|name| gray(&output.join(format!("{name}.annotated.mp4"))));
    let difference: f64 = plain.iter().zip(&mirror).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    assert!(difference / (plain.len() as f64) < 3.0, "{}", difference / plain.len() as f64);
}

/// The tenth picture of a video, small and gray.
fn gray(path: &Path) -> Vec<u8> {
    let raw = path.with_extension("gray");
    let picture = ["-vf", "select=eq(n\\,10),scale=160:90", "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo"];
    ffmpeg(&[&["-i", path.to_str().unwrap()], &picture[..], &[raw.to_str().unwrap()]].concat());
    let bytes = fs::read(raw).unwrap();
    assert_eq!(bytes.len(), 160 * 90);
    bytes
}
