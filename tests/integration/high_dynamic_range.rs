//! Clips in PQ and HLG: pictures for networks and renders look as on a standard display.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use posekit::image::yuv::YuvImage;
use posekit::image::{Colors, Picture};
use posekit::video::{self, Reading, VideoReader};

use crate::support::{Dataset, ffmpeg};

/// The signal of light in units of 1000 cd/m2.
type Signal = fn([f64; 3]) -> [f64; 3];

const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// Red, green, blue and white of BT.709 at 203 cd/m2, the reference white of ITU-R BT.2408: light with the primaries of
/// BT.2020, in 1000 cd/m2, by ITU-R BT.2087.
const QUARTERS: [[f64; 3]; 4] = [
    [0.6274 * 0.203, 0.0691 * 0.203, 0.0164 * 0.203],
    [0.3293 * 0.203, 0.9195 * 0.203, 0.0880 * 0.203],
    [0.0433 * 0.203, 0.0114 * 0.203, 0.8956 * 0.203],
    [0.203; 3],
];

/// The tone curve at 203 cd/m2 is 0.5108 of white, and 0.5108^(1 / 2.4) * 255 = 193.
const LEVEL: u8 = 193;
const EXPECTED: [[u8; 3]; 4] = [[LEVEL, 0, 0], [0, LEVEL, 0], [0, 0, LEVEL], [LEVEL; 3]];

/// The signal of light in HLG (ITU-R BT.2100, inverse OOTF and OETF).
fn hlg([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let scene = (0.2627 * red + 0.6780 * green + 0.0593 * blue).powf((1.0 - 1.2) / 1.2);
    [red, green, blue].map(|light| {
        let light = light * scene;
        if light <= 1.0 / 12.0 {
            (3.0 * light).sqrt()
        } else {
            0.178_832_77 * (12.0 * light - 0.284_668_92).ln() + 0.559_910_73
        }
    })
}

/// The signal of light in PQ (SMPTE ST 2084).
fn pq(light: [f64; 3]) -> [f64; 3] {
    light.map(|light| {
        let power = (light / 10.0).powf(0.159_301_757_812_5);
        ((0.835_937_5 + 18.851_562_5 * power) / (1.0 + 18.6875 * power)).powf(78.843_75)
    })
}

/// Luma, Cb and Cr of BT.2020 in 10 bits, limited range.
fn yuv([red, green, blue]: [f64; 3]) -> [u16; 3] {
    let luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue;
    [64.0 + 876.0 * luma, 512.0 + 896.0 * (blue - luma) / 1.8814, 512.0 + 896.0 * (red - luma) / 1.4746]
        .map(|value| value.round() as u16)
}

/// Makes a clip with a color in each quarter, and tags it.
fn make(path: &Path, signal: Signal, transfer: &str, options: &[&str]) {
    let colors = QUARTERS.map(|light| yuv(signal(light)));
    let mut bytes = Vec::new();
    for (plane, shift) in [(0, 0), (1, 1), (2, 1)] {
        let (width, height) = (WIDTH >> shift, HEIGHT >> shift);
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            bytes.extend(colors[y * 2 / height * 2 + x * 2 / width][plane].to_le_bytes());
        }
    }
    let raw = path.with_extension("raw");
    fs::write(&raw, bytes.repeat(10)).unwrap();
    let size = format!("{WIDTH}x{HEIGHT}");
    let input = ["-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", &size, "-r", "25", "-i", raw.to_str().unwrap()];
    let tags = ["-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_range", "tv"];
    ffmpeg(&[&input[..], options, &tags, &[path.to_str().unwrap()]].concat());
    fs::remove_file(raw).unwrap();
}

const LOSSLESS: [&str; 2] = ["-c:v", "ffv1"];
const AS_PHONES: [&str; 6] = ["-c:v", "libx265", "-x265-params", "log-level=none:crf=6", "-tag:v", "hvc1"];

fn assert_quarters(found: [[u8; 3]; 4], what: &str) {
    for (found, expected) in found.iter().zip(EXPECTED) {
        // In a saturated color, a step of the 10 bits is up to two dozen levels of a component without light.
        let is_near = |(found, expected): (&u8, u8)| found.abs_diff(expected) <= if expected == 0 { 24 } else { 6 };
        assert!(found.iter().zip(expected).all(is_near), "{what}: {found:?} instead of {expected:?}");
    }
}

/// Columns and rows in the middle of the quarters, row by row.
fn middles(width: usize, height: usize) -> [[usize; 2]; 4] {
    [[1, 1], [3, 1], [1, 3], [3, 3]].map(|[x, y]| [x * width / 4, y * height / 4])
}

#[test]
fn networks_and_drawings_get_the_colors_of_a_standard_display() {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mkv");
    for (signal, transfer) in [(hlg as Signal, "arib-std-b67"), (pq, "smpte2084")] {
        // 4:2:2 is what cameras and ProRes record.
        for format in ["yuv420p10le", "yuv422p10le"] {
            make(&path, signal, transfer, &[&LOSSLESS[..], &["-pix_fmt", format]].concat());
            let mut reader = VideoReader::open(&path, 1, Reading::default()).unwrap();
            reader.next_frame().unwrap().unwrap();
            let picture = reader.take_picture().unwrap();
            assert_eq!(picture.size_px(), [WIDTH, HEIGHT]);
            let sampled = middles(WIDTH, HEIGHT).map(|[x, y]| {
                let [mut red, mut green, mut blue] = [[0]; 3];
                let colors = Colors { red: &mut red, green: &mut green, blue: &mut blue };
                picture.colors_at(&[x as u32], &[y as u32], colors);
                [red[0], green[0], blue[0]]
            });
            assert_quarters(sampled, &format!("{transfer} {format}"));
            reader.next_frame().unwrap().unwrap();
            let mut planes = YuvImage::default();
            reader.take_planes(&mut planes).unwrap();
            let [white_luma, white_cb] = [
                planes.luma[(HEIGHT - 2) * WIDTH + WIDTH - 2],
                planes.cb[(HEIGHT / 2 - 1) * WIDTH / 2 + WIDTH / 2 - 1],
            ];
            // 16 + 219 * 0.756 = 182.
            assert!(white_luma.abs_diff(182) <= 1 && white_cb.abs_diff(128) <= 1, "{white_luma} {white_cb}");
        }
    }
}

/// One of FFmpeg's entries of a video stream.
fn entry(path: &Path, name: &str) -> String {
    let entries = format!("stream={name}");
    let arguments = ["-v", "error", "-select_streams", "v:0", "-show_entries", &entries, "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(arguments).arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The colors in the middles of the quarters of a video's first picture, as FFmpeg shows it.
fn shown_quarters(path: &Path) -> [[u8; 3]; 4] {
    let arguments =
        ["-frames:v", "1", "-vf", "scale=in_color_matrix=bt709", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
    let output = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(path).args(arguments).output().unwrap();
    assert_eq!(output.stdout.len(), WIDTH * HEIGHT * 3, "{}", String::from_utf8_lossy(&output.stderr));
    middles(WIDTH, HEIGHT).map(|[x, y]| [0, 1, 2].map(|color| output.stdout[(y * WIDTH + x) * 3 + color]))
}

#[test]
fn renders_are_tagged_and_look_as_what_they_are() {
    let dataset = Dataset::new();
    let output = dataset.path().with_file_name("output");
    let clips: [(PathBuf, Signal, &str); 2] =
        [(dataset.beside("hlg.mp4"), hlg, "arib-std-b67"), (dataset.beside("pq.mp4"), pq, "smpte2084")];
    for (path, signal, transfer) in &clips {
        make(path, *signal, transfer, &AS_PHONES);
    }
    let videos = dataset.videos();
    dataset.run("extract", &["--network", "lite", "--input", videos.to_str().unwrap()]).expect_status(0);
    for (path, _, transfer) in &clips {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(dataset.value(&format!("SELECT transfer FROM videos WHERE name = '{name}'")), *transfer);
    }
    dataset.run("analyze", &[]).expect_status(0);
    dataset.run("render", &["--output", output.to_str().unwrap(), "--draw", "skeleton"]).expect_status(0);
    for name in ["hlg", "pq"] {
        let made = output.join(format!("{name}.annotated.mp4"));
        for tag in ["color_space", "color_transfer", "color_primaries"] {
            assert_eq!(entry(&made, tag), "bt709", "{name} {tag}");
        }
        assert_quarters(shown_quarters(&made), name);
    }
}
