//! Decoding of video variants that FFmpeg's program makes from known pictures.

use std::path::Path;

use posekit::image::{Colors, Picture, RgbImage};
use posekit::video::clock::TimeSource;
use posekit::video::{self, Footage, Probe, Reading, VideoInfo, VideoReader, probe};

use crate::support::{BALANCE, FLIP, clip, ffmpeg};

/// All frames' times, and the last picture.
fn read(path: &Path) -> (Vec<f64>, RgbImage) {
    video::initialize(false).unwrap();
    let mut reader = VideoReader::open(path, 2, Reading::default()).unwrap();
    let (mut times_s, mut last) = (Vec::new(), None);
    while let Some(time) = reader.next_frame().unwrap() {
        assert_eq!(time.frame_idx as usize, times_s.len());
        times_s.push(time.time_s);
        last = Some(reader.take_picture().unwrap());
    }
    (times_s, rgb(&last.expect("the video has a frame")))
}

/// All pixels of a picture.
fn rgb(picture: &impl Picture) -> RgbImage {
    let [width, height] = picture.size_px();
    let mut image = RgbImage::new(width, height);
    for y in 0..height {
        for x in 0..width {
            let [mut red, mut green, mut blue] = [[0]; 3];
            let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
            picture.colors_at(&[x as u32], &[y as u32], colors);
            image.set_rgb(x, y, [red[0], green[0], blue[0]]);
        }
    }
    image
}

struct Made {
    times_s: Vec<f64>,
    picture: RgbImage,
    info: VideoInfo,
}

/// Makes a file with FFmpeg and reads it.
fn make(name: &str, arguments: &[&str]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    ffmpeg(&[arguments, &[path.to_str().unwrap()]].concat());
    let (times_s, picture) = read(&path);
    Made { times_s, picture, info: probe(&path, 600, &Footage::default()).unwrap().info }
}

/// A picture with four colors: red, green / blue, white.
const QUARTERS: &str = "color=red:s=160x96:r=25:d=0.4,drawbox=80:0:80:48:lime:fill,drawbox=0:48:80:48:blue:fill,drawbox=80:48:80:48:white:fill";

/// The colors in the middle of the quarters, row by row.
fn quarters(picture: &RgbImage) -> [[u8; 3]; 4] {
    let (width, height) = (picture.width(), picture.height());
    [[1, 1], [3, 1], [1, 3], [3, 3]].map(|[x, y]| picture.rgb(x * width / 4, y * height / 4))
}

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

fn assert_colors(made: &Made, expected: [[u8; 3]; 4], what: &str) {
    for (found, expected) in quarters(&made.picture).iter().zip(expected) {
        let worst = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(worst <= 6, "{what}: {found:?} instead of {expected:?}");
    }
}

#[test]
fn colors_are_right_for_every_matrix_range_and_depth() {
    let h264 = |format: &'static str, matrix: &'static str, range: &'static str, color_space: &'static str| {
        let filter = format!("scale=out_color_matrix={matrix}:out_range={range},format={format}");
        let arguments = [
            "-f",
            "lavfi",
            "-i",
            QUARTERS,
            "-vf",
            &filter,
            "-c:v",
            "libx264",
            "-qp",
            "4",
            "-colorspace",
            color_space,
            "-color_range",
            range,
        ]
        .map(str::to_owned);
        make("a.mp4", &arguments.each_ref().map(String::as_str))
    };
    for (format, matrix, range, color_space) in [
        ("yuv420p", "bt601", "tv", "smpte170m"),
        ("yuv420p", "bt709", "tv", "bt709"),
        ("yuv420p", "bt709", "pc", "bt709"),
        ("yuvj420p", "bt601", "pc", "bt470bg"),
        ("yuv422p", "bt709", "tv", "bt709"),
        ("yuv444p", "bt601", "tv", "smpte170m"),
        ("yuv420p10le", "bt709", "tv", "bt709"),
        ("yuv422p10le", "bt601", "tv", "smpte170m"),
    ] {
        let made = h264(format, matrix, range, color_space);
        assert_colors(&made, [RED, GREEN, BLUE, WHITE], &format!("{format} {matrix} {range}"));
    }
}

#[test]
fn untagged_colors_count_as_players_guess() {
    let large = QUARTERS
        .replace("160x96", "1280x720")
        .replace("80:0:80:48", "640:0:640:360")
        .replace("0:48:80:48:blue", "0:360:640:360:blue")
        .replace("80:48:80:48", "640:360:640:360");
    for (source, matrix) in [(QUARTERS, "bt601"), (large.as_str(), "bt709")] {
        let filter = format!("scale=out_color_matrix={matrix},format=yuv420p");
        let made = make(
            "a.mkv",
            &["-f", "lavfi", "-i", source, "-vf", &filter, "-frames:v", "2", "-c:v", "ffv1", "-colorspace", "unknown"],
        );
        assert_colors(&made, [RED, GREEN, BLUE, WHITE], matrix);
    }
}

#[test]
fn gray_odd_sizes_and_packed_rgb() {
    let made = make("a.mkv", &["-f", "lavfi", "-i", QUARTERS, "-vf", "format=gray", "-c:v", "ffv1"]);
    let white = quarters(&made.picture)[3];
    assert!(white.iter().all(|&channel| channel >= 250), "{white:?}");
    for (format, codec) in [("yuv444p", "libx264"), ("bgr0", "ffv1")] {
        let filter = format!("format={format},crop=159:95:0:0:exact=1");
        let made = make("a.mkv", &["-f", "lavfi", "-i", QUARTERS, "-vf", &filter, "-c:v", codec]);
        assert_eq!((made.picture.width(), made.picture.height(), made.info.width), (159, 95, 159));
        let found = quarters(&made.picture);
        assert!(found[0][0] > 245 && found[1][1] > 245 && found[2][2] > 245, "{format}: {found:?}");
    }
}

#[test]
fn rotation_is_applied_as_a_player_would() {
    let folder = tempfile::tempdir().unwrap();
    let upright = folder.path().join("upright.mp4");
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        QUARTERS,
        "-c:v",
        "libx264",
        "-qp",
        "4",
        "-pix_fmt",
        "yuv420p",
        upright.to_str().unwrap(),
    ]);
    for (rotate, rotation, size, colors) in [
        ("0", 0, (160, 96), [RED, GREEN, BLUE, WHITE]),
        // FFmpeg's `rotate=90` turns counterclockwise.
        ("90", 270, (96, 160), [GREEN, WHITE, RED, BLUE]),
        ("180", 180, (160, 96), [WHITE, BLUE, GREEN, RED]),
        ("270", 90, (96, 160), [BLUE, RED, WHITE, GREEN]),
    ] {
        let metadata = format!("rotate={rotate}");
        let made = make("a.mp4", &["-i", upright.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", &metadata]);
        assert_eq!((made.picture.width(), made.picture.height()), size, "{rotate}");
        assert_eq!(
            (made.info.width as usize, made.info.height as usize, made.info.rotation_degrees),
            (size.0, size.1, rotation)
        );
        assert_eq!((made.info.stored_width, made.info.stored_height), (160, 96));
        assert_colors(&made, colors, rotate);
    }
}

#[test]
fn pixels_are_made_square() {
    let made = make(
        "a.mp4",
        &["-f", "lavfi", "-i", QUARTERS, "-vf", "setsar=2", "-c:v", "libx264", "-qp", "4", "-pix_fmt", "yuv420p"],
    );
    assert_eq!(
        (made.picture.width(), made.picture.height(), made.info.width, made.info.stored_width),
        (320, 96, 320, 160)
    );
    assert_colors(&made, [RED, GREEN, BLUE, WHITE], "2:1 pixels");
}

#[test]
fn the_containers_pixel_aspect_counts_before_the_streams() {
    let folder = tempfile::tempdir().unwrap();
    let square = folder.path().join("square.mp4");
    ffmpeg(&["-f", "lavfi", "-i", QUARTERS, "-c:v", "libx264", "-pix_fmt", "yuv420p", square.to_str().unwrap()]);
    let made = make("a.mkv", &["-i", square.to_str().unwrap(), "-c", "copy", "-aspect", "10:3"]);
    assert_eq!((made.picture.width(), made.picture.height(), made.info.width), (320, 96, 320));
}

#[test]
fn a_still_whose_name_looks_like_a_pattern_is_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.png");
    ffmpeg(&["-f", "lavfi", "-i", QUARTERS, "-frames:v", "1", plain.to_str().unwrap()]);
    let odd = folder.path().join("shot%02d.png");
    std::fs::rename(plain, &odd).unwrap();
    assert_eq!(read(&odd).0, [0.0]);
}

#[test]
fn variable_times_are_the_containers() {
    let filter = "select='not(between(n,3,5))',setpts='PTS+gte(N,7)*0.5/TB'";
    let made = make(
        "a.mp4",
        &["-f", "lavfi", "-i", QUARTERS, "-vf", filter, "-fps_mode", "vfr", "-c:v", "libx264", "-pix_fmt", "yuv420p"],
    );
    let expected = [0.0, 0.04, 0.08, 0.24, 0.28, 0.32, 0.36];
    assert_eq!(made.times_s.len(), expected.len());
    assert!(
        made.times_s.iter().zip(expected).all(|(time_s, expected)| (time_s - expected).abs() < 1e-6),
        "{:?}",
        made.times_s
    );
    assert!(made.info.is_vfr && made.info.time_source == TimeSource::Container);
    let steady = make("a.mp4", &["-f", "lavfi", "-i", QUARTERS, "-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p"]);
    assert!(!steady.info.is_vfr && steady.info.fps == Some(25.0), "{:?}", steady.info);
    assert!((steady.info.duration_s - 0.4).abs() < 1e-6);
}

#[test]
fn a_start_that_is_not_zero_counts_as_zero() {
    let made = make(
        "a.mkv",
        &["-f", "lavfi", "-i", QUARTERS, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-output_ts_offset", "7.3"],
    );
    assert_eq!((made.times_s.len(), made.times_s[0]), (10, 0.0));
    assert!((made.times_s[9] - 0.36).abs() < 2e-3);
}

#[test]
fn raw_streams_without_times_count_by_their_rate() {
    let made = make("a.h264", &["-f", "lavfi", "-i", QUARTERS, "-c:v", "libx264", "-pix_fmt", "yuv420p"]);
    assert_eq!(made.info.time_source, TimeSource::StreamRate);
    assert_eq!((made.times_s.len(), made.info.fps, made.info.n_packets), (10, Some(25.0), 10));
    assert!((made.times_s[9] - 0.36).abs() < 1e-9);
}

#[test]
fn cover_pictures_and_sound_are_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let cover = folder.path().join("cover.png");
    ffmpeg(&["-f", "lavfi", "-i", "color=gray:s=500x500", "-frames:v", "1", cover.to_str().unwrap()]);
    let arguments = [
        "-f",
        "lavfi",
        "-i",
        QUARTERS,
        "-i",
        cover.to_str().unwrap(),
        "-f",
        "lavfi",
        "-i",
        "sine=duration=2",
        "-map",
        "1",
        "-map",
        "2",
        "-map",
        "0",
        "-c:v:1",
        "libx264",
        "-pix_fmt:v:1",
        "yuv420p",
        "-c:v:0",
        "png",
        "-disposition:v:0",
        "attached_pic",
        "-c:a",
        "aac",
    ]
    .map(str::to_owned);
    let made = make("a.mp4", &arguments.each_ref().map(String::as_str));
    assert_eq!((made.picture.width(), made.times_s.len(), made.info.has_audio), (160, 10, true));
    assert_colors(&made, [RED, GREEN, BLUE, WHITE], "beside a cover");
}

#[test]
fn stills_are_videos_of_one_frame() {
    for name in ["a.png", "a.jpg"] {
        let made = make(name, &["-f", "lavfi", "-i", QUARTERS, "-frames:v", "1", "-q:v", "1"]);
        assert_eq!(
            (made.times_s.as_slice(), made.info.fps, made.info.duration_s),
            ([0.0].as_slice(), None, 0.0),
            "{name}"
        );
        assert_colors(&made, [RED, GREEN, BLUE, WHITE], name);
    }
}

#[test]
fn a_change_of_size_in_mid_stream_is_scaled_to_the_first_size() {
    let folder = tempfile::tempdir().unwrap();
    let joined = folder.path().join("joined.ts");
    let mut bytes = Vec::new();
    for (name, size) in [("a.ts", "160:96"), ("b.ts", "320:240")] {
        let path = folder.path().join(name);
        let filter = format!("scale={size}");
        ffmpeg(&[
            "-f",
            "lavfi",
            "-i",
            QUARTERS,
            "-vf",
            &filter,
            "-c:v",
            "libx264",
            "-pix_fmt",
            "yuv420p",
            path.to_str().unwrap(),
        ]);
        bytes.extend(std::fs::read(path).unwrap());
    }
    std::fs::write(&joined, bytes).unwrap();
    let (times_s, picture) = read(&joined);
    assert_eq!((times_s.len(), picture.width(), picture.height()), (20, 160, 96));
    assert!(times_s.windows(2).all(|pair| (pair[1] - pair[0] - 0.04).abs() < 1e-6), "{times_s:?}");
    let Probe { info, index, .. } = probe(&joined, 600, &Footage::default()).unwrap();
    assert_eq!(index, None);
    assert!(!info.is_vfr && (info.fps.unwrap() - 25.0).abs() < 1e-3, "{info:?}");
}

#[test]
fn only_pictures_that_cannot_be_read_as_they_are_are_converted() {
    video::initialize(false).unwrap();
    let is_converted = |path: &Path| {
        let mut reader = VideoReader::open(path, 1, Reading::default()).unwrap();
        let is_expected = reader.decoder_shape().converted_bytes.is_some();
        reader.next_frame().unwrap().unwrap();
        let is_converted = reader.take_picture().unwrap().is_converted();
        assert_eq!(is_converted, is_expected, "the need for memory is known beforehand: {}", path.display());
        is_converted
    };
    assert!(!is_converted(&clip(BALANCE)) && !is_converted(&clip(FLIP)));
    let folder = tempfile::tempdir().unwrap();
    for (name, filter, codec, expected) in [
        ("full.mp4", "format=yuvj420p", "libx264", false),
        ("422.mp4", "format=yuv422p", "libx264", false),
        ("444.mp4", "format=yuv444p", "libx264", false),
        ("deep.mp4", "format=yuv420p10le", "libx264", true),
        ("wide.mp4", "setsar=2,format=yuv420p", "libx264", true),
        ("rgb.mkv", "format=bgr0", "ffv1", true),
    ] {
        let path = folder.path().join(name);
        ffmpeg(&["-f", "lavfi", "-i", QUARTERS, "-vf", filter, "-c:v", codec, path.to_str().unwrap()]);
        assert_eq!(is_converted(&path), expected, "{name}");
    }
}

#[test]
fn a_picture_outlives_the_reader() {
    video::initialize(false).unwrap();
    let mut reader = VideoReader::open(&clip(BALANCE), 2, Reading::default()).unwrap();
    reader.next_frame().unwrap().unwrap();
    let picture = reader.take_picture().unwrap();
    let before = rgb(&picture);
    for _ in 0..10 {
        reader.next_frame().unwrap().unwrap();
    }
    drop(reader);
    let elsewhere = std::thread::Builder::new().name("elsewhere".to_owned());
    let after = elsewhere.spawn(move || rgb(&picture)).unwrap().join().unwrap();
    assert!(before.bytes() == after.bytes());
}

#[test]
fn headers_say_how_long_a_video_is() {
    let folder = tempfile::tempdir().unwrap();
    let remuxed = folder.path().join("clip.mkv");
    ffmpeg(&["-i", clip(BALANCE).to_str().unwrap(), "-c", "copy", remuxed.to_str().unwrap()]);
    video::initialize(false).unwrap();
    for path in [clip(BALANCE), clip(FLIP), remuxed] {
        let read_s = probe(&path, 600, &Footage::default()).unwrap().info.duration_s;
        let said_s = video::outline(&path, 1).unwrap().duration_s.unwrap();
        assert!((read_s - said_s).abs() < 0.05, "{}: {read_s} {said_s}", path.display());
    }
}
