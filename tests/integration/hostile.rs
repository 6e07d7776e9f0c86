//! Hostile headers: a file's claim costs no memory, and a claim without evidence is not believed.

use std::fs;
use std::path::Path;

use crate::support::{BALANCE, Dataset, clip, ffmpeg};

/// The program, the lite network and a small video take about 180 MB.
const MODEST_BYTES: f64 = 260e6;

/// Where `mark` ends in `bytes` for the first time.
fn after(bytes: &[u8], mark: &[u8]) -> usize {
    bytes.windows(mark.len()).position(|window| window == mark).unwrap() + mark.len()
}

fn put(bytes: &mut [u8], place: usize, value: &[u8]) {
    bytes[place..place + value.len()].copy_from_slice(value);
}

/// A bitmap that claims a size and holds nothing of it.
fn bitmap(side: i32) -> Vec<u8> {
    let mut bytes = b"BM".to_vec();
    for word in [54_i32, 0, 54, 40, side, side] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.resize(64, 0);
    bytes
}

/// The same as PNG: FFmpeg does not ask for the checksum's truth.
fn png(side: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    bytes.extend(b"\x08\x02\0\0\0\0\0\0\0\0\0\0\x04IDAT\0\0\0\0\0\0\0\0\0\0\0\0IEND\0\0\0\0");
    bytes
}

fn gif(side: u16) -> Vec<u8> {
    let side = side.to_le_bytes();
    let screen = [side, side].concat();
    [b"GIF89a", &screen[..], b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0", &screen, b"\0\x02\x02\x44\x01\0;"].concat()
}

/// The sizes in an AVI's headers, and with `in_frames` also those in its JPEG pictures.
fn avi(video: &[u8], in_frames: bool) -> Vec<u8> {
    let mut bytes = video.to_vec();
    let side = 100_000_u32.to_le_bytes();
    for (mark, offset) in [(b"avih", 36), (b"strf", 8)] {
        let place = after(&bytes, mark) + offset;
        put(&mut bytes, place, &[side, side].concat());
    }
    let frame_header = b"\xff\xc0\x00\x11\x08";
    let pictures = bytes.windows(frame_header.len()).enumerate().filter(|(_, window)| window == frame_header);
    let places: Vec<usize> = pictures.map(|(place, _)| place + frame_header.len()).collect();
    for place in places.into_iter().filter(|_| in_frames) {
        put(&mut bytes, place, &[0xff, 0xdc, 0xff, 0xdc]);
    }
    bytes
}

/// An MP4 with four bytes of a box changed: `offset` counts from behind the box's name.
fn mp4(video: &[u8], name: &[u8], offset: usize, value: [u8; 4]) -> Vec<u8> {
    let mut bytes = video.to_vec();
    let place = after(&bytes, name) + offset;
    put(&mut bytes, place, &value);
    bytes
}

fn make(folder: &Path) {
    let [mp4_path, avi_path] = ["good.mp4", "good.avi"].map(|name| folder.join(name));
    let source = clip(BALANCE);
    for (path, codec) in [(&mp4_path, "libx264"), (&avi_path, "mjpeg")] {
        let to = ["-vf", "scale=160:90", "-frames:v", "6", "-c:v", codec, "-an", path.to_str().unwrap()];
        ffmpeg(&[&["-i", source.to_str().unwrap()], &to[..]].concat());
    }
    let (video, pictures) = (fs::read(&mp4_path).unwrap(), fs::read(&avi_path).unwrap());
    let most = 0x7fff_ffff_u32.to_be_bytes();
    let files = [
        ("huge.bmp", bitmap(100_000)),
        ("huge.png", png(100_000)),
        ("huge.gif", gif(65_535)),
        ("header_claims.avi", avi(&pictures, false)),
        ("frames_claim.avi", avi(&pictures, true)),
        ("size_claim.mp4", mp4(&video, b"avc1", 24, [0xff; 4])),
        ("sample_count_claim.mp4", mp4(&video, b"stsz", 8, most)),
        ("duration_claim.mp4", mp4(&video, b"stts", 8, most)),
        ("box_size_claim.mp4", {
            let place = after(&video, b"stsd") - 8;
            let mut bytes = video.clone();
            put(&mut bytes, place, &most);
            bytes
        }),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    fs::remove_file(mp4_path).unwrap();
    fs::remove_file(avi_path).unwrap();
}

#[test]
fn claims_cost_no_memory_and_are_not_believed() {
    let dataset = Dataset::new();
    fs::create_dir_all(dataset.videos()).unwrap();
    make(&dataset.videos());
    let folder = dataset.videos();
    let run = dataset
        .run("extract", &["--people", "1", "--network", "lite", "--workers", "1", "--input", folder.to_str().unwrap()])
        .expect_status(1);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let rows =
        dataset.rows("SELECT name, status, runs.n_frames, n_missing, reason FROM videos JOIN runs USING (video_id)");
    assert_eq!(rows.len(), 9);
    for row in &rows {
        let name = row["name"].as_str().unwrap();
        // The pictures are small, whatever the container says of them.
        let is_decodable = ["header_claims.avi", "size_claim.mp4", "duration_claim.mp4"].contains(&name);
        if is_decodable {
            assert!(row["status"] == "ok" && row["n_frames"] == 6 && row["n_missing"] == 0, "{row}");
        } else {
            let reason = row["reason"].as_str().unwrap();
            let is_plain = reason.contains("no frame of") || reason.contains("is not a video");
            assert!(row["status"] == "failed" && is_plain, "{row}");
        }
    }
    let peak_bytes = dataset.number("SELECT max(peak_rss_bytes) FROM runs");
    assert!(peak_bytes < MODEST_BYTES, "{peak_bytes}");
}
