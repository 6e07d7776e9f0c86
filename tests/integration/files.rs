//! Which files are videos: sequences of pictures, unusual extensions, and files that cannot be read.

use std::fs;
use std::path::{Path, PathBuf};

use posekit::image::yuv::YuvImage;
use posekit::video::clock::TimeSource;
use posekit::video::footage::Capture;
use posekit::video::{self, Footage, FrameTime, Reading, VideoReader, probe};

use crate::support::{Dataset, ffmpeg};

/// Makes a file of some moving frames.
fn make(path: &Path, arguments: &[&str]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.96"];
    // FFmpeg's program takes all percent signs of such a path for its own.
    let path = path.to_str().unwrap();
    let target = match path.rsplit_once('%').filter(|(_, rest)| rest.contains('d')) {
        Some((before, rest)) => format!("{}%{rest}", before.replace('%', "%%")),
        None => path.to_owned(),
    };
    ffmpeg(&[&source[..], arguments, &[&target]].concat());
}

fn times(mut reader: VideoReader) -> Vec<(FrameTime, YuvImage)> {
    let mut frames = Vec::new();
    while let Some(time) = reader.next_frame().unwrap() {
        let mut planes = YuvImage::default();
        reader.take_planes(&mut planes).unwrap();
        frames.push((time, planes));
    }
    frames
}

#[test]
fn a_sequence_is_one_video_that_can_be_entered() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("png 50%d/a%b_%04d.png", &["-start_number", "9990"][..]),
        ("tiff/f%d.tif", &["-start_number", "0"]),
        ("bmp/%03d.bmp", &[]),
        ("jpg/f_%04d.jpg", &["-q:v", "2"]),
        ("dpx/f_%05d.dpx", &[]),
    ] {
        let path = folder.path().join(name);
        make(&path, arguments);
        let found = probe(&path, 10, &Footage::default()).unwrap();
        let info = &found.info;
        assert_eq!((info.n_packets, info.fps, info.n_lost_packets), (24, Some(25.0), 0), "{name}");
        assert_eq!((info.time_source, info.width, info.height), (TimeSource::StreamRate, 96, 64), "{name}");
        let whole = times(VideoReader::open(&path, 2, Reading::default()).unwrap());
        assert_eq!(whole.len(), 24, "{name}");
        assert!((whole[23].0.time_s - 0.92).abs() < 1e-9, "{name}");
        let entry = found.index.unwrap().entry(1).unwrap();
        let later = times(VideoReader::open_at(&path, 1, Reading::default(), &entry).unwrap());
        assert_eq!(later.len(), 14, "{name}");
        assert!(later == whole[10..], "{name}");
    }
}

#[test]
fn the_rate_of_a_sequence_can_be_given() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f_%04d.png");
    make(&path, &[]);
    let footage = Footage { capture: Capture::Fps(500.0), ..Footage::default() };
    let found = probe(&path, 10, &footage).unwrap();
    assert_eq!((found.info.fps, found.info.duration_s), (Some(500.0), 0.048));
    assert!((found.seconds_per_half_tick - 0.001).abs() < 1e-12, "{}", found.seconds_per_half_tick);
    let frames = times(VideoReader::open(&path, 1, found.info.reading).unwrap());
    assert!((frames[23].0.time_s - 0.046).abs() < 1e-9);
}

#[test]
fn the_source_of_times_is_told() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments, source) in [
        ("a.avi", &["-c:v", "mjpeg"][..], TimeSource::HeaderRate),
        ("a.y4m", &["-pix_fmt", "yuv420p"], TimeSource::HeaderRate),
        ("a.mjpeg", &["-f", "mjpeg"], TimeSource::StreamRate),
        ("a.mjpg", &["-f", "mjpeg"], TimeSource::StreamRate),
        ("a.png", &["-frames:v", "1"], TimeSource::Container),
        ("a.apng", &["-f", "apng"], TimeSource::Container),
        ("a.gif", &[], TimeSource::Container),
        ("a.mkv", &[], TimeSource::Container),
    ] {
        let path = folder.path().join(name);
        make(&path, arguments);
        let info = probe(&path, 600, &Footage::default()).unwrap().info;
        assert_eq!(info.time_source, source, "{name}");
    }
}

fn extract(dataset: &Dataset, arguments: &[&str]) -> crate::support::Run {
    dataset.run("extract", &[&["--people", "1", "--network", "lite", "--end", "0.05"], arguments].concat())
}

fn names(dataset: &Dataset) -> Vec<String> {
    let rows = dataset.rows("SELECT name FROM videos WHERE current_run_id IS NOT NULL ORDER BY name");
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_folder_of_numbered_pictures_is_one_video_until_a_picture_changes() {
    let dataset = Dataset::new();
    make(&dataset.beside("take 1/f_%04d.png"), &[]);
    make(&dataset.beside("photos/IMG_%04d.JPG"), &["-frames:v", "10", "-f", "image2", "-c:v", "mjpeg"]);
    let input = dataset.videos();
    let arguments = ["--input", input.to_str().unwrap()];
    let said = extract(&dataset, &arguments).expect_status(0).stderr;
    assert!(said.contains("take 1/f_%04d.png: 24 numbered pictures are read as one video"), "{said}");
    assert!(said.contains("photos/IMG_%04d.JPG: 10 numbered pictures stay stills"), "{said}");
    let found = names(&dataset);
    assert_eq!((found.len(), found.last().unwrap().as_str()), (11, "take 1/f_%04d.png"), "{found:?}");
    let of_sequence = "SELECT count(*) FROM frames JOIN videos USING (video_id) WHERE name = 'take 1/f_%04d.png'";
    assert_eq!(dataset.number(of_sequence), 2.0);
    assert!(extract(&dataset, &arguments).expect_status(0).stderr.contains("11 videos already extracted"));
    let folder = input.join("take 1");
    for named in [folder.clone(), folder.join("f_%04d.png")] {
        let said = extract(&dataset, &["--video", named.to_str().unwrap()]).expect_status(0).stderr;
        assert!(said.contains("1 video already extracted"), "{said}");
    }
    // A single picture that is named is a still.
    let one = folder.join("f_0003.png");
    extract(&dataset, &["--video", one.to_str().unwrap()]).expect_status(0);
    assert!(names(&dataset).contains(&"f_0003.png".to_owned()));
    let output = dataset.path().with_file_name("output");
    let render = ["--video", folder.to_str().unwrap(), "--output", output.to_str().unwrap()];
    dataset.run("render", &render).expect_status(0);
    assert!(output.join("take 1_f.annotated.mp4").is_file());
    fs::copy(folder.join("f_0001.png"), folder.join("f_0003.png")).unwrap();
    extract(&dataset, &["--video", folder.to_str().unwrap()]).expect_status(0);
    let videos = dataset.number("SELECT count(DISTINCT video_id) FROM videos WHERE name LIKE 'take 1/%'");
    assert_eq!(videos, 2.0, "another picture makes another video");
    fs::remove_file(folder.join("f_0007.png")).unwrap();
    let said = extract(&dataset, &["--video", folder.to_str().unwrap()]).expect_status(1).stderr;
    assert!(said.contains("consecutive numbers") && said.contains("f_0007.png is missing"), "{said}");
}

#[test]
fn unusual_extensions_are_found_and_other_media_are_named_once() {
    let dataset = Dataset::new();
    let beside = |name: &str| dataset.beside(name);
    make(&beside("a.MOD"), &["-c:v", "mpeg2video", "-f", "dvd"]);
    make(&beside("b.y4m"), &["-pix_fmt", "yuv420p"]);
    make(&beside("c.mjpg"), &["-f", "mjpeg"]);
    make(&beside("d.apng"), &["-f", "apng"]);
    make(&beside("e.camera"), &["-c:v", "libx264", "-f", "mp4"]);
    make(&beside("f"), &["-c:v", "libx264", "-f", "matroska"]);
    let tone = ["-f", "lavfi", "-i", "sine=duration=0.5", "-f", "wav"];
    ffmpeg(&[&tone[..], &[beside("tone.wav").to_str().unwrap()]].concat());
    ffmpeg(&[&tone[..], &[beside("tone.unknown").to_str().unwrap()]].concat());
    fs::write(beside("clip.braw"), [7; 4000]).unwrap();
    fs::write(beside("noise.unknown"), (0..9000_u32).map(|n| ((n * n) >> 3) as u8).collect::<Vec<_>>()).unwrap();
    fs::write(beside("app.ts"), "export const x = 1;\n").unwrap();
    fs::write(beside("MAIN.MOD"), "MODULE Main;\n".repeat(200)).unwrap();
    let said = extract(&dataset, &["--input", dataset.videos().to_str().unwrap()]).expect_status(0).stderr;
    assert_eq!(names(&dataset), ["a.MOD", "b.y4m", "c.mjpg", "d.apng", "e.camera", "f"]);
    assert_eq!(said.matches("not looked at").count(), 1, "{said}");
    assert!(said.contains("not looked at: 1 .braw, 1 .unknown, 1 .wav files"), "{said}");
    let sources = dataset.rows("SELECT name, time_source FROM videos ORDER BY name");
    assert_eq!(
        (&sources[1]["time_source"], &sources[2]["time_source"]),
        (&"header_rate".into(), &"stream_rate".into())
    );
}

/// Renames the sample description of an MP4 file.
fn with_description(path: &Path, description: [u8; 4]) {
    let mut bytes = fs::read(path).unwrap();
    let start = bytes.windows(4).rposition(|window| window == b"avc1").unwrap();
    bytes[start..start + 4].copy_from_slice(&description);
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_cannot_be_read_says_why() {
    let dataset = Dataset::new();
    let beside = |name: &str| -> PathBuf { dataset.beside(name) };
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
    make(&beside("good.mp4"), &h264);
    let encryption = [
        "-encryption_scheme",
        "cenc-aes-ctr",
        "-encryption_key",
        "76a6c65c5ea762046bd749a2e632ccbb",
        "-encryption_kid",
        "a7e61c373e219033c21091fa607bf3b8",
    ];
    make(&beside("encrypted.mp4"), &[&h264[..], &encryption].concat());
    make(&beside("shop.m4v"), &[&h264[..], &["-movflags", "+faststart"]].concat());
    with_description(&beside("shop.m4v"), *b"drmi");
    make(&beside("animated.webp"), &["-c:v", "libwebp_anim"]);
    make(&beside("recording.mp4"), &h264);
    let recording = fs::read(beside("recording.mp4")).unwrap();
    let start = recording.windows(4).position(|window| window == b"moov").unwrap() - 4;
    fs::write(beside("recording.mp4"), &recording[..start]).unwrap();
    let said = extract(&dataset, &["--input", dataset.videos().to_str().unwrap()]).expect_status(1).stderr;
    for reason in [
        "encrypted.mp4 is encrypted",
        "shop.m4v is encrypted",
        "animated.webp is an animated WebP picture",
        "recording.mp4 is not finished",
        "run the same command again later",
        "4 videos failed",
    ] {
        assert!(said.contains(reason), "{reason} is missing in\n{said}");
    }
    assert_eq!(names(&dataset), ["good.mp4"]);
    fs::create_dir(beside("empty")).unwrap();
    let said = extract(&dataset, &["--video", beside("empty").to_str().unwrap()]).expect_status(2).stderr;
    assert!(said.contains("holds no numbered pictures"), "{said}");
}

/// No pipe is waited for: nobody may ever write into it.
#[test]
#[cfg(unix)]
fn a_pipe_is_no_file() {
    let dataset = Dataset::new();
    let pipe = dataset.beside("pipe.mp4");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let said = extract(&dataset, &["--video", pipe.to_str().unwrap()]).expect_status(1).stderr;
    assert!(said.contains("pipe.mp4 is not a file"), "{said}");
}

/// Sizes, rates and times at the limits of what cameras write.
#[test]
fn unusual_sizes_rates_and_times_are_read() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lossless = ["-c:v", "ffv1"];
    for (name, source, arguments, expected) in [
        ("small.mkv", "testsrc2=s=16x16:r=25:d=0.2", &lossless[..], (16, 16, 25.0, 5)),
        ("odd.mkv", "testsrc=s=33x17:r=25:d=0.2,format=yuv420p", &lossless, (33, 17, 25.0, 5)),
        ("narrow.mkv", "testsrc2=s=16x2000:r=25:d=0.2", &lossless, (16, 2000, 25.0, 5)),
        ("8k.mp4", "color=gray:s=7680x4320:r=25:d=0.08", &["-c:v", "mjpeg", "-q:v", "20"], (7680, 4320, 25.0, 2)),
        ("fast.mp4", "testsrc2=s=64x64:r=1000:d=0.05", &["-c:v", "libx264"], (64, 64, 1000.0, 50)),
        (
            "days.mkv",
            "testsrc2=s=64x64:r=25:d=0.2",
            &["-c:v", "ffv1", "-output_ts_offset", "300000"],
            (64, 64, 25.0, 5),
        ),
        ("late.ts", "testsrc2=s=64x64:r=25:d=0.2", &["-output_ts_offset", "80000"], (64, 64, 25.0, 5)),
        (
            "ticks.mp4",
            "testsrc2=s=64x64:r=1/300:d=3000",
            &["-video_track_timescale", "1000000", "-bf", "0"],
            (64, 64, 1.0 / 300.0, 10),
        ),
    ] {
        let path = folder.path().join(name);
        ffmpeg(&[&["-f", "lavfi", "-i", source][..], arguments, &[path.to_str().unwrap()]].concat());
        let info = probe(&path, 600, &Footage::default()).unwrap().info;
        let (width, height, fps, n_frames) = expected;
        assert_eq!((info.width, info.height, info.n_packets), (width, height, n_frames), "{name}");
        assert!((info.fps.unwrap() / fps - 1.0).abs() < 0.03, "{name}: {:?}", info.fps);
        let frames = times(VideoReader::open(&path, 1, Reading::default()).unwrap());
        assert_eq!(frames.len() as u64, n_frames, "{name}");
        let last_s = frames.last().unwrap().0.time_s;
        assert!((last_s * fps - (n_frames - 1) as f64).abs() < 0.1, "{name}: {last_s}");
    }
    let many = folder.path().join("streams.mkv");
    let maps: Vec<&str> = std::iter::repeat_n(["-map", "0"], 50).flatten().collect();
    let source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.2"];
    ffmpeg(&[&source[..], &maps, &["-c:v", "ffv1", many.to_str().unwrap()]].concat());
    assert_eq!(probe(&many, 600, &Footage::default()).unwrap().info.n_packets, 5);
}

/// A program stream stamps some packets only: its declared rate is right.
#[test]
fn a_program_stream_has_its_declared_rate() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("M2U00001.MOD");
    let source = "testsrc2=s=320x240:r=30000/1001:d=2";
    ffmpeg(&["-f", "lavfi", "-i", source, "-c:v", "mpeg2video", "-bf", "2", "-f", "dvd", path.to_str().unwrap()]);
    let info = probe(&path, 600, &Footage::default()).unwrap().info;
    assert!((info.fps.unwrap() - 30_000.0 / 1001.0).abs() < 1e-6 && !info.is_vfr, "{info:?}");
    assert!((info.duration_s - 2.0).abs() < 0.05, "{info:?}");
}
