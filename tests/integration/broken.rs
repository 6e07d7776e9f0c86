//! Broken and unusual media, made from a real clip: nothing brings the extraction down, what decodes is decoded frame for frame as
//! FFmpeg decodes it, and what does not fails with a reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Dataset, FLIP, clip, ffmpeg};

const H264: [&str; 5] = ["-an", "-c:v", "libx264", "-pix_fmt", "yuv420p"];

/// Files that FFmpeg's program makes from the source clip: name, input options, output options.
const VARIANTS: [(&str, &str, &str); 33] = [
    ("truncated_no_index.mp4", "", "-an -c copy"),
    ("truncated_index_first.mp4", "", "-an -c copy -movflags +faststart"),
    ("truncated_fragmented.mp4", "", "H264 -g 12 -movflags +frag_keyframe+empty_moov"),
    ("noise_in_packets.mp4", "", "H264 -g 30 -bsf:v noise=300"),
    ("dropped_packets.mkv", "", "H264 -g 30 -bsf:v noise=drop=not(mod(n\\,7))"),
    ("variable_rate.mp4", "", "-vf select='not(between(mod(n,45),15,29))+not(mod(n,3))' -fps_mode vfr H264"),
    ("gap_of_two_seconds.mp4", "", "-vf setpts='PTS+gte(N,20)*2/TB' -fps_mode vfr H264"),
    ("starts_at_seven.mkv", "", "H264 -output_ts_offset 7.3"),
    ("no_times.h264", "", "H264 -bsf:v h264_mp4toannexb -f h264"),
    ("b_frames.mp4", "", "H264 -bf 3 -g 250"),
    ("edit_list.mp4", "-ss 0.4", "-an -c copy"),
    ("rotated.mp4", "", "-an -c copy -metadata:s:v:0 rotate=90"),
    ("wide_pixels.mp4", "", "-vf scale=iw/2:ih,setsar=2 H264"),
    ("odd_444.mp4", "", "-an -vf format=yuv444p,crop=399:225:0:0:exact=1 -c:v libx264"),
    ("odd_rgb.mkv", "", "-an -vf format=bgr0,crop=399:225:0:0:exact=1 -c:v ffv1"),
    ("tiny.mp4", "", "-vf scale=32:24 H264"),
    ("large.mp4", "", "-frames:v 6 -vf scale=3840:2160 H264 -preset ultrafast -crf 35"),
    ("ten_bits.mp4", "", "-an -c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le -tag:v hvc1"),
    (
        "high_range.mp4",
        "",
        "-an -c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le -tag:v hvc1 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
    ),
    ("full_range.mp4", "", "-an -vf scale=out_range=full -color_range pc -c:v libx264 -pix_fmt yuvj420p"),
    ("gray.mp4", "", "-an -vf format=gray -c:v libx264 -pix_fmt gray"),
    ("interlaced.mp4", "", "-vf scale=480:288,interlace=scan=tff H264 -flags +ildct+ilme -x264-params tff=1"),
    ("240_hz.mp4", "", "-vf setpts=PTS/8 -r 240 H264"),
    ("1_hz.mp4", "", "-r 1 H264"),
    ("one_frame.mp4", "", "-frames:v 1 H264"),
    ("vp8.webm", "", "-an -c:v libvpx -auto-alt-ref 1 -lag-in-frames 10 -b:v 500k -deadline realtime"),
    ("vp9.webm", "", "-an -c:v libvpx-vp9 -crf 40 -b:v 0 -deadline realtime -cpu-used 8"),
    ("motion_jpeg.avi", "", "-an -c:v mjpeg -q:v 6 -pix_fmt yuvj420p"),
    ("animated.gif", "", "-an -vf fps=10,scale=240:-2"),
    ("prores.mov", "", "-an -c:v prores_ks -profile:v 0 -frames:v 15"),
    ("mpeg2.ts", "", "-an -c:v mpeg2video -q:v 4"),
    ("black_inside.mp4", "", "-vf drawbox=t=fill:color=black:enable='between(n,10,16)' H264"),
    ("repeated_frames.mp4", "", "-vf fps=60 H264"),
];

/// Files that hold no video, and what is said of them.
const REFUSED: [(&str, &str); 7] = [
    ("zero_bytes.mp4", "is empty"),
    ("header_only.mp4", "is not a video"),
    ("random_bytes.mp4", "is not a video"),
    ("text.mp4", "is not a video"),
    ("sound.mp4", "has no video stream"),
    ("truncated_no_index.mp4", "is not a video"),
    ("huge_claim.bmp", "no frame of"),
];

fn make_all(folder: &Path) -> PathBuf {
    let source = folder.join("name with spaces & 'quotes' é 日本.mp4");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let original = text(&clip(FLIP));
    let scaled = ["-ss", "1", "-i", &original, "-vf", "scale=480:270", "-frames:v", "45"];
    ffmpeg(&[&scaled[..], &H264, &[&text(&source)]].concat());
    for (name, input, output) in VARIANTS {
        let expanded = output.replace("H264", &H264.join(" "));
        let input: Vec<&str> = input.split_whitespace().collect();
        let output: Vec<&str> = expanded.split_whitespace().collect();
        let (from, to) = (text(&source), text(&folder.join(name)));
        ffmpeg(&[&input[..], &["-i", &from], &output, &[&to]].concat());
    }
    for (name, share) in
        [("truncated_no_index.mp4", 6), ("truncated_index_first.mp4", 6), ("truncated_fragmented.mp4", 7)]
    {
        let bytes = fs::read(folder.join(name)).unwrap();
        fs::write(folder.join(name), &bytes[..bytes.len() * share / 10]).unwrap();
    }
    ffmpeg(&["-f", "lavfi", "-i", "sine=duration=1", &text(&folder.join("sound.mp4"))]);
    fs::write(folder.join("zero_bytes.mp4"), "").unwrap();
    fs::write(folder.join("header_only.mp4"), &fs::read(&source).unwrap()[..100]).unwrap();
    let noise: Vec<u8> = (0..4096_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(folder.join("random_bytes.mp4"), noise).unwrap();
    fs::write(folder.join("text.mp4"), "this is no video").unwrap();
    fs::write(folder.join("huge_claim.bmp"), bitmap_header(100_000, 100_000)).unwrap();
    fs::copy(&source, folder.join("-dash_first.mp4")).unwrap();
    source
}

/// A bitmap that claims a size and holds nothing of it.
fn bitmap_header(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = b"BM".to_vec();
    for word in [54_i32, 0, 54, 40, width, height] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.resize(64, 0);
    bytes
}

/// Frames that FFmpeg's program decodes.
fn frames_by_ffprobe(path: &Path) -> Option<i64> {
    let arguments = [
        "-v",
        "quiet",
        "-select_streams",
        "V:0",
        "-count_frames",
        "-show_entries",
        "stream=nb_read_frames",
        "-of",
        "csv=p=0",
    ];
    let name = format!("file:{}", path.display());
    let output = Command::new("ffprobe").args(arguments).arg(name).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().next()?.trim_end_matches(',').parse().ok()
}

#[test]
fn nothing_brings_the_extraction_down_and_what_decodes_is_decoded() {
    let dataset = Dataset::new();
    let folder = dataset.videos();
    fs::create_dir_all(&folder).unwrap();
    make_all(&folder);
    let run = dataset.run("extract", &["--network", "lite", "--input", folder.to_str().unwrap()]).expect_status(1);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    for (name, reason) in REFUSED {
        let is_said = run.stderr.lines().any(|line| line.contains(name) && line.contains(reason));
        assert!(is_said, "{name} {reason} is missing in\n{}", run.stderr);
    }
    assert!(run.stderr.contains(&format!("{} videos failed", REFUSED.len())), "{}", run.stderr);

    let rows =
        dataset.rows("SELECT videos.name, count(frame_idx) AS n FROM videos JOIN frames USING (video_id) GROUP BY ALL");
    let ours: BTreeMap<&str, i64> =
        rows.iter().map(|row| (row["name"].as_str().unwrap(), row["n"].as_i64().unwrap())).collect();
    let refused = |name: &str| REFUSED.iter().any(|(refused, _)| *refused == name);
    for (name, ..) in VARIANTS.iter().filter(|(name, ..)| !refused(name)) {
        let expected = frames_by_ffprobe(&folder.join(name));
        assert!(expected.is_some_and(|count| count > 0), "FFmpeg decodes nothing of {name}");
        assert_eq!(ours.get(name).copied(), expected, "{name}");
    }
    // The source, whatever its name, and its copy are one video.
    assert_eq!(ours.len(), VARIANTS.len() - 1 + 1);
    dataset.run("status", &["--check"]).expect_status(0);
}
