//! Interlaced video: each field is a picture of its own moment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use posekit::image::yuv::YuvImage;
use posekit::video::footage::Deinterlace;
use posekit::video::info::FieldOrder;
use posekit::video::{self, FrameTime, Probe, Reading, VideoReader, probe};

use crate::random_access::assert_enterable;
use crate::support::{Dataset, FLIP, clip, ffmpeg, posekit};

/// Fifty pictures a second that differ in most places, and interlaced files of them.
struct Original {
    folder: tempfile::TempDir,
}

/// Weaves pairs of pictures: the first one gives the upper field, or the lower one.
const TOP: &str = "tinterlace=interleave_top,setfield=tff";
const BOTTOM: &str = "tinterlace=interleave_bottom,setfield=bff";
const MBAFF: &str = "-c:v libx264 -crf 12 -bf 2 -g 12 -flags +ilme+ildct";
const MPEG2: &str = "-c:v mpeg2video -q:v 2 -bf 2 -g 12 -flags +ilme+ildct";
/// The only size and shape of DV.
const SIZE: &str = "720x576";
const ASPECT: [&str; 2] = ["-aspect", "4:3"];

impl Original {
    fn new() -> Self {
        let original = Self { folder: tempfile::tempdir().unwrap() };
        let pictures = format!("testsrc2=s={SIZE}:r=50:d=1.2");
        let path = original.path();
        let lossless = ["-c:v", "ffv1", "-pix_fmt", "yuv420p", path.to_str().unwrap()];
        ffmpeg(&[&["-f", "lavfi", "-i", &pictures], &ASPECT[..], &lossless].concat());
        original
    }

    fn path(&self) -> PathBuf {
        self.beside("original.mkv")
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn make(&self, name: &str, filters: &str, options: &str) -> PathBuf {
        let (original, path) = (self.path(), self.beside(name));
        let options: Vec<&str> = options.split_whitespace().collect();
        let input = ["-i", original.to_str().unwrap(), "-vf", filters];
        ffmpeg(&[&input[..], &options, &ASPECT, &["-pix_fmt", "yuv420p", path.to_str().unwrap()]].concat());
        path
    }

    /// Joins two files of one codec.
    fn join(&self, name: &str, files: [&Path; 2]) -> PathBuf {
        let (list, path) = (self.beside("list.txt"), self.beside(name));
        fs::write(&list, files.map(|file| format!("file '{}'\n", file.display())).concat()).unwrap();
        ffmpeg(&["-f", "concat", "-safe", "0", "-i", list.to_str().unwrap(), "-c", "copy", path.to_str().unwrap()]);
        path
    }
}

fn read(path: &Path, deinterlace: Deinterlace) -> Vec<(FrameTime, YuvImage)> {
    all(VideoReader::open(path, 2, Reading { deinterlace, ..Reading::default() }).unwrap())
}

fn all(mut reader: VideoReader) -> Vec<(FrameTime, YuvImage)> {
    std::iter::from_fn(|| {
        let time = reader.next_frame().unwrap()?;
        let mut picture = YuvImage::default();
        reader.take_planes(&mut picture).unwrap();
        Some((time, picture))
    })
    .collect()
}

fn times_s(frames: &[(FrameTime, YuvImage)]) -> Vec<f64> {
    frames.iter().map(|(time, _)| time.time_s).collect()
}

/// How alike the brightness of two pictures is, decibels.
fn likeness_db(one: &YuvImage, other: &YuvImage) -> f64 {
    let squares = one.luma.iter().zip(&other.luma).map(|(&a, &b)| f64::from(a.abs_diff(b)).powi(2));
    10.0 * (255.0 * 255.0 * one.luma.len() as f64 / squares.sum::<f64>().max(1e-9)).log10()
}

#[test]
fn fields_are_the_pictures_of_the_progressive_original_at_their_times() {
    video::initialize(false).unwrap();
    let original = Original::new();
    let pictures = read(&original.path(), Deinterlace::Auto);
    assert_eq!(pictures.len(), 60, "progressive video stays as it is");
    for (name, filters, options, order) in [
        ("top.mp4", TOP, MBAFF, FieldOrder::TopFirst),
        ("bottom.mp4", BOTTOM, MBAFF, FieldOrder::BottomFirst),
        ("h264.m2ts", TOP, MBAFF, FieldOrder::TopFirst),
        ("h264.mkv", BOTTOM, MBAFF, FieldOrder::BottomFirst),
        ("mpeg2.m2ts", TOP, MPEG2, FieldOrder::TopFirst),
        ("mpeg2.mpg", BOTTOM, MPEG2, FieldOrder::BottomFirst),
        ("dv.avi", BOTTOM, "-c:v dvvideo", FieldOrder::BottomFirst),
        ("dv.mov", BOTTOM, "-c:v dvvideo", FieldOrder::BottomFirst),
        ("prores.mov", TOP, "-c:v prores_ks -flags +ildct -pix_fmt yuv422p10le", FieldOrder::TopFirst),
    ] {
        let path = original.make(name, filters, options);
        let Probe { info, .. } = probe(&path, 600, &video::Footage::default()).unwrap();
        assert_eq!((info.field_order, info.fps, info.is_vfr), (order, Some(50.0), false), "{name}");
        assert_eq!((info.n_packets, info.n_expected_frames()), (30, 60), "{name}");
        assert!((info.duration_s - 1.2).abs() < 1e-9, "{name} lasts {} s", info.duration_s);
        let fields = read(&path, Deinterlace::Auto);
        assert_eq!(fields.len(), 60, "{name}");
        for (number, (time, _)) in fields.iter().enumerate() {
            assert_eq!(time.frame_idx as usize, number, "{name}");
            assert!((time.time_s - number as f64 / 50.0).abs() < 1e-9, "{name}: {time:?}");
        }
        let likeness = |frames: &[(FrameTime, YuvImage)], step: usize| {
            let pairs = frames.iter().zip(pictures.iter().step_by(step));
            pairs.map(|((_, picture), (_, original))| likeness_db(picture, original)).fold(f64::MAX, f64::min)
        };
        let (by_field, woven) = (likeness(&fields, 1), likeness(&read(&path, Deinterlace::Off), 2));
        let swapped = likeness(&fields[1..], 1);
        assert!(
            by_field > 30.0 && by_field > woven + 3.0 && by_field > swapped + 3.0,
            "{name}: {by_field} {woven} {swapped}"
        );
    }
}

#[test]
fn fields_are_the_same_wherever_decoding_begins() {
    let original = Original::new();
    for (name, filters, options) in [
        ("a.mp4", TOP, MBAFF),
        ("a.ts", BOTTOM, MBAFF),
        ("a.mkv", TOP, "-c:v libx264 -bf 3 -g 10 -flags +ilme+ildct -x264-params open-gop=1"),
        ("b.ts", TOP, MPEG2),
        ("a.avi", BOTTOM, "-c:v dvvideo"),
    ] {
        let path = original.make(name, filters, options);
        // Segments begin with first and with second fields.
        assert_enterable(&path, 7);
        assert_enterable(&path, 12);
    }
}

#[test]
fn a_field_after_a_gap_keeps_its_distance_from_the_other() {
    video::initialize(false).unwrap();
    let original = Original::new();
    let filters = format!("{TOP},select='not(between(n,10,19))'");
    let path = original.make("gap.mkv", &filters, &format!("{MBAFF} -fps_mode vfr"));
    let times_s = times_s(&read(&path, Deinterlace::Auto));
    let expected = (0..60).filter(|number| !(20..40).contains(number)).map(|number| f64::from(number) / 50.0);
    let worst = times_s.iter().zip(expected).map(|(time_s, expected)| (time_s - expected).abs()).fold(0.0, f64::max);
    assert!(times_s.len() == 40 && worst < 1e-9, "{times_s:?}");
}

#[test]
fn only_interlaced_frames_of_a_mixed_video_become_two() {
    video::initialize(false).unwrap();
    let original = Original::new();
    let interlaced = original.make("interlaced.ts", TOP, MPEG2);
    let progressive = original.make("progressive.ts", "framestep=2", "-c:v mpeg2video -q:v 2 -bf 2 -g 12");
    for (name, files, first) in
        [("one.mkv", [&interlaced, &progressive], 60), ("two.mkv", [&progressive, &interlaced], 30)]
    {
        let path = original.join(name, files.map(PathBuf::as_path));
        let frames = read(&path, Deinterlace::Auto);
        let times_s = times_s(&frames);
        let intervals_ms: Vec<i64> =
            times_s.windows(2).map(|pair| ((pair[1] - pair[0]) * 1e3).round() as i64).collect();
        let interval_ms = |number: usize| if (number < first) == (first == 60) { 20 } else { 40 };
        let uneven: Vec<usize> = (0..89).filter(|&number| intervals_ms[number] != interval_ms(number)).collect();
        // Only where the two parts meet.
        assert!(
            frames.len() == 90 && uneven.iter().all(|number| number.abs_diff(first) <= 1),
            "{name}: {uneven:?} {intervals_ms:?}"
        );
        // With one picture for each frame, numbers stay.
        let reader = VideoReader::open(&path, 1, Reading::default()).unwrap().with_first_fields_only();
        let firsts = all(reader);
        assert_eq!(firsts.len(), 60);
        assert!(firsts.iter().all(|(time, picture)| {
            let (same_time, same_picture) = &frames[time.frame_idx as usize];
            same_time == time && same_picture.luma == picture.luma
        }));
    }
}

#[test]
fn one_picture_for_each_frame_or_frames_as_they_are_on_request() {
    video::initialize(false).unwrap();
    let original = Original::new();
    let path = original.make("a.mp4", TOP, MBAFF);
    let [auto, frame, off] = [Deinterlace::Auto, Deinterlace::Frame, Deinterlace::Off].map(|mode| read(&path, mode));
    assert_eq!([auto.len(), frame.len(), off.len()], [60, 30, 30]);
    assert_eq!(times_s(&frame), times_s(&off));
    assert!(frame.iter().zip(auto.iter().step_by(2)).all(|(frame, field)| frame.1.luma == field.1.luma));
    assert!(frame.iter().zip(&off).all(|(frame, woven)| likeness_db(&frame.1, &woven.1) < 35.0));
}

/// The beginning of a clip, woven to 15 frames a second.
fn weave(target: &Path, options: &str) {
    let source = clip(FLIP);
    let input = ["-i", source.to_str().unwrap(), "-t", "3", "-vf"];
    let filters = "scale=884:496,tinterlace=interleave_top,setfield=tff";
    let options: Vec<&str> = options.split_whitespace().collect();
    ffmpeg(&[&input[..], &[filters, "-an"], &options, &["-pix_fmt", "yuv420p", target.to_str().unwrap()]].concat());
}

/// The number of pictures of a file by FFmpeg's flags: two of each interlaced frame.
fn n_pictures(path: &Path) -> u64 {
    let asked = ["-v", "error", "-select_streams", "v", "-show_entries", "frame=interlaced_frame", "-of", "csv=p=0"];
    let made = Command::new("ffprobe").args(asked).arg(path).output().unwrap();
    let text = String::from_utf8(made.stdout).unwrap();
    let flags = text.lines().filter(|line| line.starts_with(['0', '1']));
    flags.map(|line| if line.starts_with('1') { 2 } else { 1 }).sum()
}

#[test]
fn rows_of_interlaced_video_do_not_depend_on_workers() {
    let dataset = Dataset::new();
    weave(&dataset.beside("h264.mp4"), "-c:v libx264 -crf 16 -g 8 -flags +ilme+ildct");
    weave(&dataset.beside("mpeg2.ts"), "-c:v mpeg2video -q:v 3 -g 6 -bf 2 -flags +ilme+ildct");
    let list = dataset.videos().join("list.txt");
    let progressive = dataset.videos().join("progressive");
    fs::create_dir(&progressive).unwrap();
    weave(&progressive.join("p.ts"), "-c:v mpeg2video -q:v 3 -g 6 -bf 2");
    fs::write(&list, "file 'mpeg2.ts'\nfile 'progressive/p.ts'\n").unwrap();
    let mixed = dataset.beside("mixed.mkv");
    ffmpeg(&["-f", "concat", "-i", list.to_str().unwrap(), "-c", "copy", mixed.to_str().unwrap()]);
    fs::remove_dir_all(&progressive).unwrap();
    let rows = |workers: &str, folder: &str| {
        let input = dataset.videos();
        let made = Dataset::new();
        made.run(
            "extract",
            &[
                "--people",
                "1",
                "--network",
                "lite",
                "--segment-frames",
                folder,
                "--workers",
                workers,
                "--input",
                input.to_str().unwrap(),
            ],
        )
        .expect_status(0);
        let hashes = made.rows(
            "SELECT video, count(*) AS n, bit_xor(hash(COLUMNS(* EXCLUDE (run_id)))) AS h FROM landmarks GROUP BY ALL ORDER BY ALL",
        );
        let facts = made.rows("SELECT name, status, n_missing, videos.n_frames, round(fps, 3) AS fps, field_order FROM videos JOIN runs USING (video_id) ORDER BY ALL");
        (hashes, facts)
    };
    let (one, facts) = rows("1", "15");
    assert_eq!((one.clone(), facts.clone()), rows("3", "15"));
    let fact = |number: usize, name: &str| facts[number][name].clone();
    for (number, name) in ["h264.mp4", "mixed.mkv", "mpeg2.ts"].into_iter().enumerate() {
        let n_frames = n_pictures(&dataset.videos().join(name));
        // Joining may drop a frame.
        assert!(n_frames == 90 || name == "mixed.mkv" && (130..=135).contains(&n_frames), "{name}: {n_frames}");
        assert_eq!(fact(number, "name"), name);
        assert_eq!((fact(number, "status"), fact(number, "n_missing")), ("ok".into(), 0.into()), "{facts:?}");
        assert_eq!((fact(number, "n_frames"), fact(number, "field_order")), (n_frames.into(), "top_first".into()));
    }
    assert_eq!((fact(0, "fps"), fact(2, "fps")), (30.0.into(), 30.0.into()));
}

#[test]
fn landmarks_of_fields_are_near_those_of_the_progressive_original_and_renders_have_the_files_frames() {
    let dataset = Dataset::new();
    let source = clip(FLIP);
    let original = dataset.beside("original.mp4");
    ffmpeg(&[
        "-i",
        source.to_str().unwrap(),
        "-t",
        "3",
        "-vf",
        "scale=884:496",
        "-an",
        "-c:v",
        "libx264",
        "-crf",
        "16",
        "-pix_fmt",
        "yuv420p",
        original.to_str().unwrap(),
    ]);
    let interlaced = dataset.beside("interlaced.mp4");
    weave(&interlaced, "-c:v libx264 -crf 16 -g 30 -flags +ilme+ildct");
    let videos = dataset.videos();
    dataset
        .run("extract", &["--network", "lite", "--people", "1", "--input", videos.to_str().unwrap()])
        .expect_status(0);
    let distance_px = |sql: &str| dataset.number(sql);
    let between = "SELECT quantile_cont(sqrt(pow(a.x_px - b.x_px, 2) + pow(a.y_px - b.y_px, 2)), 0.5)
        FROM raw_landmarks a JOIN raw_landmarks b ON a.landmark_id = b.landmark_id AND abs(a.time_s - b.time_s - SHIFT) < 0.005
        WHERE a.video = 'interlaced.mp4' AND b.video = 'original.mp4' AND a.visibility > 0.8";
    let near = distance_px(&between.replace("SHIFT", "0"));
    let a_frame_off = distance_px(&between.replace("SHIFT", "1/30"));
    assert!(near < 3.0 && near * 2.0 < a_frame_off, "{near} {a_frame_off}");

    dataset.run("analyze", &[]).expect_status(0);
    let output = dataset.videos().join("../rendered");
    dataset.run("render", &["--output", output.to_str().unwrap(), "--video", "interlaced.mp4"]).expect_status(0);
    let times_of = |path: &Path| -> Vec<f64> {
        let made = Command::new("ffprobe")
            .args(["-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0"])
            .arg(path)
            .output()
            .unwrap();
        String::from_utf8(made.stdout).unwrap().lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect()
    };
    let (before, after) = (times_of(&interlaced), times_of(&output.join("interlaced.annotated.mp4")));
    assert_eq!((before.len(), after.len()), (45, 45));
    assert!(before.iter().zip(&after).all(|(before, after)| (before - after).abs() < 1e-4), "{before:?} {after:?}");
}

#[test]
fn without_the_filter_an_interlaced_video_fails_with_a_hint() {
    let dataset = Dataset::new();
    weave(&dataset.beside("a.mp4"), "-c:v libx264 -flags +ilme+ildct");
    let libraries = tempfile::tempdir().unwrap();
    // The loader takes the first file with the name.
    let major = video::libavcodec_version().split('.').next().unwrap().parse::<u32>().unwrap() - 51;
    fs::write(libraries.path().join(format!("libavfilter.so.{major}")), "no library").unwrap();
    let input = dataset.videos();
    let extract = |deinterlace: &str| {
        posekit()
            .env("LD_LIBRARY_PATH", libraries.path())
            .args(["extract", "--dataset", dataset.path().to_str().unwrap(), "--input", input.to_str().unwrap()])
            .args(["--people", "1", "--network", "lite", "--end", "0.2", "--deinterlace", deinterlace])
            .output()
            .unwrap()
    };
    let failed = extract("auto");
    let message = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(
        !failed.status.success() && message.contains("libavfilter") && message.contains("--deinterlace off"),
        "{message}"
    );
    let woven = extract("off");
    assert!(woven.status.success(), "{}", String::from_utf8_lossy(&woven.stderr));
    assert_eq!(dataset.value("SELECT count(*) FROM frames"), 3);
}
