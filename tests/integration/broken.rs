//! Broken and unusual media: no file crashes the extraction. Frames that decode are identical to FFmpeg's, with the
//! same times and displayed size. Lost frames are counted. A file that does not decode fails with a reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::broken_media::{SOURCE, SOURCE_FRAMES, make};
use crate::support::{Dataset, Run};

/// Files that hold no video, and what is said of them.
const REFUSED: [(&str, &str); 6] = [
    ("zero_bytes.mp4", "is empty"),
    ("header_only.mp4", "is not finished"),
    ("random_bytes.mp4", "is not a video"),
    ("text.mp4", "is not a video"),
    ("sound.mp4", "has no video stream"),
    ("truncated_no_index.mp4", "is not finished"),
];

/// Damaged files, and the frames that their containers promise: of three fragments' six, and without those that were dropped.
const DAMAGED: [(&str, i64); 4] = [
    ("truncated_index_first.mp4", SOURCE_FRAMES),
    ("truncated_fragmented.mp4", 18),
    ("noise_in_packets.mp4", SOURCE_FRAMES),
    ("dropped_packets.mkv", SOURCE_FRAMES - 4),
];

/// What FFmpeg makes of a file's main video stream.
#[derive(Debug)]
struct Reference {
    /// Stamps in ticks; `None` where the stream has none.
    stamps: Vec<Option<i64>>,
    seconds_per_tick: f64,
    rate_hz: f64,
    /// Displayed: with square pixels, turned.
    size: (i64, i64),
    /// Whether each frame holds two moments.
    is_interlaced: bool,
}

fn reference(path: &Path) -> Option<Reference> {
    // FFmpeg's program takes the largest of several streams, its probe the first.
    let stream = if path.ends_with("two_streams.mkv") { "v:1" } else { "V:0" };
    let entries = "stream=time_base,avg_frame_rate,sample_aspect_ratio:stream_side_data=rotation:frame=best_effort_timestamp,width,height,interlaced_frame";
    let arguments = ["-v", "quiet", "-select_streams", stream, "-show_entries", entries, "-of", "json"];
    let output = Command::new("ffprobe").args(arguments).arg(format!("file:{}", path.display())).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
    let (frames, stream) = (answer["frames"].as_array()?, &answer["streams"][0]);
    let frames: Vec<&Value> = frames.iter().filter(|frame| frame["width"].is_i64()).collect();
    let first = frames.first()?;
    let aspect = stream["sample_aspect_ratio"].as_str().and_then(|text| ratio(text, ':')).unwrap_or(1.0);
    let turned = stream["side_data_list"][0]["rotation"].as_i64().is_some_and(|degrees| degrees % 180 != 0);
    let size = ((first["width"].as_f64()? * aspect).round() as i64, first["height"].as_i64()?);
    Some(Reference {
        stamps: frames.iter().map(|frame| frame["best_effort_timestamp"].as_i64()).collect(),
        seconds_per_tick: ratio(stream["time_base"].as_str()?, '/')?,
        rate_hz: ratio(stream["avg_frame_rate"].as_str()?, '/')?,
        size: if turned { (size.1, size.0) } else { size },
        is_interlaced: first["interlaced_frame"] == 1,
    })
}

fn ratio(text: &str, divider: char) -> Option<f64> {
    let (over, under) = text.split_once(divider)?;
    Some(over.parse::<f64>().ok()? / under.parse::<f64>().ok()?).filter(|ratio| ratio.is_finite() && *ratio > 0.0)
}

impl Reference {
    /// The times that frames should have: from the first one's; by number where there are no stamps, and on from where the first
    /// of two joined streams ended.
    fn times_s(&self) -> Vec<f64> {
        let interval_s = 1.0 / self.rate_hz;
        let mut times: Vec<f64> = Vec::new();
        let (mut begin, mut offset_s) = (self.stamps[0], 0.0);
        for (number, stamp) in self.stamps.iter().enumerate() {
            let Some((stamp, first)) = stamp.zip(begin) else {
                times.push(number as f64 * interval_s);
                continue;
            };
            let mut time_s = (stamp - first) as f64 * self.seconds_per_tick + offset_s;
            if let Some(last) = times.last().filter(|last| time_s < **last) {
                (begin, offset_s) = (Some(stamp), last + interval_s);
                time_s = offset_s;
            }
            times.push(time_s);
        }
        if self.is_interlaced {
            times = times.into_iter().flat_map(|time_s| [time_s, time_s + interval_s / 2.0]).collect();
        }
        times
    }
}

/// What the tables say of a video: its row in `videos` with its run, and the times of its frames.
struct Tables {
    row: Value,
    times_s: Vec<f64>,
}

fn tables(dataset: &Dataset) -> BTreeMap<String, Tables> {
    let rows = dataset.rows(
        "SELECT name, width, height, videos.n_frames, runs.status, reason, runs.n_frames AS n_rows, n_failed, n_missing,
             (SELECT list(time_s ORDER BY frame_idx) FROM frames WHERE frames.run_id = runs.run_id) AS times_s
         FROM videos JOIN runs USING (video_id)",
    );
    let times =
        |row: &Value| row["times_s"].as_array().into_iter().flatten().map(|time| time.as_f64().unwrap()).collect();
    rows.into_iter()
        .map(|row| (row["name"].as_str().unwrap().to_owned(), Tables { times_s: times(&row), row }))
        .collect()
}

fn check_decoded(name: &str, reference: &Reference, tables: &Tables) {
    let row = &tables.row;
    let n_frames = reference.times_s().len();
    assert_eq!((row["n_rows"].as_u64(), tables.times_s.len()), (Some(n_frames as u64), n_frames), "{name}: {row}");
    assert_eq!(
        (row["width"].as_i64(), row["height"].as_i64()),
        (Some(reference.size.0), Some(reference.size.1)),
        "{name}"
    );
    for (number, (time_s, expected_s)) in tables.times_s.iter().zip(reference.times_s()).enumerate() {
        let difference_s = (time_s - expected_s).abs();
        assert!(
            difference_s < reference.seconds_per_tick,
            "frame {number} of {name}: {time_s} s, FFmpeg {expected_s} s"
        );
    }
    let promised = DAMAGED.iter().find(|(damaged, _)| *damaged == name).map(|(_, promised)| *promised);
    let n_missing = promised.map_or(0, |promised| promised - n_frames as i64);
    assert_eq!((row["n_missing"].as_i64(), row["n_failed"].as_i64()), (Some(n_missing), Some(0)), "{name}");
    let is_degraded = n_missing as f64 > 0.05 * (n_frames as i64 + n_missing) as f64;
    assert!(promised.is_none() || is_degraded, "{name} is not damaged: the test shows nothing");
    assert_eq!(row["status"], if is_degraded { "degraded" } else { "ok" }, "{name}");
    let reason = row["reason"].as_str().unwrap_or_default();
    assert_eq!(reason.contains(&format!("{n_missing} are missing")), is_degraded, "{name}: {reason}");
}

fn check_refused(run: &Run, tables: &BTreeMap<String, Tables>) {
    for (name, reason) in REFUSED {
        let is_said = run.stderr.lines().any(|line| line.contains(name) && line.contains(reason));
        assert!(is_said, "{name} {reason} is missing in\n{}", run.stderr);
        let row = &tables[name].row;
        let recorded = row["reason"].as_str().unwrap_or_default();
        assert!(row["status"] == "failed" && recorded.contains(reason), "{name}: {row}");
    }
    assert!(run.stderr.contains(&format!("{} videos failed", REFUSED.len())), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{} videos degraded", DAMAGED.len())), "{}", run.stderr);
}

#[test]
fn nothing_brings_the_extraction_down_and_what_decodes_is_decoded() {
    let dataset = Dataset::new();
    let folder = dataset.videos();
    fs::create_dir_all(&folder).unwrap();
    make(&folder);
    let run = dataset
        .run("extract", &["--people", "1", "--network", "lite", "--input", folder.to_str().unwrap()])
        .expect_status(1);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let tables = tables(&dataset);
    check_refused(&run, &tables);
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_refused = |name: &str| REFUSED.iter().any(|(refused, _)| *refused == name);
    // The source has a copy, and a sound file is no video by its name.
    let decodable: Vec<String> =
        names.filter(|name| !is_refused(name) && ![SOURCE, "sound.m4a"].contains(&&**name)).collect();
    for name in &decodable {
        let reference = reference(&folder.join(name)).unwrap_or_else(|| panic!("FFmpeg decodes nothing of {name}"));
        check_decoded(name, &reference, &tables[name]);
    }
    assert_eq!(tables.len(), decodable.len() + REFUSED.len());
    assert!(decodable.len() >= 41, "{decodable:?}");
    dataset.run("status", &["--check"]).expect_status(0);
}
