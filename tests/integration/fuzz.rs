//! Foreign bytes: valid files with bytes changed, cut off or mixed up. No such file causes a panic or is accepted as
//! something else.
//!
//! `benches/fuzz.sh SECONDS` runs these tests with more and more cases.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use arrow::array::{RecordBatch, StringArray};
use posekit::inference::networks::{DETECTOR, NetworkError, read_verified};
use posekit::memory::limit::MemoryLimit;
use posekit::pose::smoothing::BodyPoint;
use posekit::pose::tracker::RegionSource;
use posekit::store::lock::DatasetLock;
use posekit::store::part::{PartLabel, write_part};
use posekit::store::records::{RunRecord, RunStatus, VideoRecord};
use posekit::store::rows::{CameraRow, FrameRow, FrameStatus, PoseRow, RegionRow, TrackletRow};
use posekit::store::schema::{camera_columns, frame_columns, landmark_columns, region_columns, run_columns, schema};
use posekit::store::segments;
use posekit::store::segments::RunLabel;
use posekit::store::track_columns::tracklet_columns;
use posekit::store::{Layout, StoreError, Table, read};
use posekit::video::info::FileStamp;
use posekit::video::orientation::Orientation;
use posekit::video::{self, Footage, Reading, VideoReader, probe};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{BALANCE, clip, ffmpeg};

/// One change to a file's bytes.
#[derive(Debug, Clone)]
enum Change {
    /// Bits of one byte.
    Flip(Index, u8),
    /// The same within the last kilobyte, where footers are.
    FlipNearEnd(Index, u8),
    /// A stretch of up to 16 bytes takes one value.
    Fill(Index, u8, u8),
    CutOff(Index),
    Insert(Index, Vec<u8>),
    /// A stretch comes a second time, elsewhere.
    Copy(Index, Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        (place(), 1..=u8::MAX).prop_map(|(place, mask)| Change::Flip(place, mask)),
        (place(), 1..=u8::MAX).prop_map(|(place, mask)| Change::FlipNearEnd(place, mask)),
        (place(), any::<u8>(), 1..16_u8).prop_map(|(place, value, length)| Change::Fill(place, value, length)),
        place().prop_map(Change::CutOff),
        (place(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(place, bytes)| Change::Insert(place, bytes)),
        (place(), place(), 1..64_u8).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..4)
}

/// The bytes after the changes.
fn changed(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in changes {
        let Some(last) = bytes.len().checked_sub(1) else { break };
        match change {
            Change::Flip(place, mask) => bytes[place.index(last + 1)] ^= mask,
            Change::FlipNearEnd(place, mask) => bytes[last - place.index((last + 1).min(1024))] ^= mask,
            Change::Fill(place, value, length) => {
                let start = place.index(last + 1);
                let end = (start + usize::from(*length)).min(last + 1);
                bytes[start..end].fill(*value);
            }
            Change::CutOff(place) => bytes.truncate(place.index(last + 1)),
            Change::Insert(place, inserted) => {
                let place = place.index(last + 1);
                bytes.splice(place..place, inserted.iter().copied());
            }
            Change::Copy(from, to, length) => {
                let start = from.index(last + 1);
                let stretch = bytes[start..(start + usize::from(*length)).min(last + 1)].to_vec();
                let to = to.index(last + 1);
                bytes.splice(to..to, stretch);
            }
        }
    }
    bytes
}

const TABLES: [Table; 5] = [Table::RawLandmarks, Table::Regions, Table::Tracklets, Table::CameraMotion, Table::Frames];

fn label(run_id: &str) -> RunLabel {
    RunLabel { video_id: "v".to_owned(), run_id: run_id.to_owned(), fingerprint: format!("fingerprint of {run_id}") }
}

/// The rows of a segment as columns of each table.
fn columns(table: Table, frames: [u32; 2]) -> RecordBatch {
    let numbers = frames[0]..=frames[1];
    let time_s = |frame_idx: u32| f64::from(frame_idx) / 30.0;
    match table {
        Table::Frames => {
            let row = |frame_idx| FrameRow {
                frame_idx,
                time_s: time_s(frame_idx),
                status: FrameStatus::Ok,
                n_people: 1,
                is_repeated: false,
            };
            frame_columns(&numbers.map(row).collect::<Vec<_>>()).unwrap()
        }
        Table::Regions => {
            let row = |frame_idx| RegionRow {
                frame_idx,
                time_s: time_s(frame_idx),
                track_id: 0,
                source: RegionSource::Detector,
                score: 0.5,
                center_px: [1.0, 2.0],
                side_px: 3.0,
                rotation_rad: 0.0,
                object_scale_px: 4.0,
            };
            region_columns(&numbers.map(row).collect::<Vec<_>>()).unwrap()
        }
        Table::CameraMotion => {
            let row = |frame_idx| CameraRow { frame_idx, time_s: time_s(frame_idx), seen: None };
            camera_columns(&numbers.map(row).collect::<Vec<_>>()).unwrap()
        }
        Table::Tracklets => {
            let row = TrackletRow {
                track_id: 0,
                frames,
                times_s: frames.map(time_s),
                n_frames: 10,
                n_detections: 1,
                score: 0.5,
                appearance: None,
            };
            tracklet_columns(&[row]).unwrap()
        }
        _ => {
            let point = BodyPoint { image_px: [1.0, 2.0, 3.0], ..BodyPoint::default() };
            let row = |frame_idx| PoseRow { frame_idx, time_s: time_s(frame_idx), owner: 0, points: [point; 33] };
            landmark_columns(table, &numbers.map(row).collect::<Vec<_>>()).unwrap()
        }
    }
}

/// A part as a file: its run, number, table and bytes.
type Part = (&'static str, u32, Table, Vec<u8>);

/// Two segments of two runs.
static PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part.parquet");
    let mut parts = Vec::new();
    for run_id in ["ours", "theirs"] {
        for part in 0..2 {
            for table in TABLES {
                let frames = [part * 10, part * 10 + 9];
                let label: PartLabel = label(run_id).part(part, frames);
                write_part(&path, table, &label, &columns(table, frames)).unwrap();
                parts.push((run_id, part, table, fs::read(&path).unwrap()));
            }
        }
    }
    parts
});

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A dataset with our run's two segments.
fn our_run(layout: &Layout) {
    for (run_id, part, table, bytes) in PARTS.iter().filter(|(run_id, ..)| *run_id == "ours") {
        put(&layout.part(*table, "v", run_id, *part), bytes);
    }
}

/// The segments that a run need not make again.
fn found(layout: &Layout) -> Vec<(u32, [u32; 2])> {
    segments::find(layout, &label("ours")).unwrap().segments
}

const WHOLE: [(u32, [u32; 2]); 2] = [(0, [0, 9]), (1, [10, 19])];

proptest! {
    #[test]
    fn a_changed_part_is_refused(which in any::<Index>(), changes in changes()) {
        let (_, _, table, bytes) = which.get(&PARTS);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        let now = changed(bytes, &changes);
        fs::write(&path, &now).unwrap();
        let results = [
            read::read_label(&path, *table).map(|_| ()),
            read::count_rows(&path).map(|_| ()),
            read::read_frame_counts(&path).map(|_| ()),
            posekit::store::read_tracks::read_places(&path).map(|_| ()),
            read::read_poses(&path, *table).map(|_| ()),
            read::read_run(&path).map(|_| ()),
        ];
        let is_changed = now != *bytes;
        prop_assert!(!is_changed || results.iter().all(Result::is_err), "{results:?}");
        prop_assert!(is_changed || results[..2].iter().all(Result::is_ok), "{results:?}");
    }

    #[test]
    fn no_run_goes_on_from_what_is_not_its_own(which in any::<Index>(), changes in changes()) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        our_run(&layout);
        prop_assert_eq!(found(&layout), WHOLE);
        let (run_id, part, table, bytes) = which.get(&PARTS);
        // A part of ours is changed, or one of another run lies, changed, in its place.
        put(&layout.part(*table, "v", "ours", *part), &changed(bytes, &changes));
        let segments = found(&layout);
        prop_assert!(segments.iter().all(|segment| WHOLE.contains(segment)), "{:?}", segments);
        prop_assert!(segments.contains(&WHOLE[1 - *part as usize]), "the other segment is whole: {:?}", segments);
        if *run_id == "theirs" {
            prop_assert!(segments.len() == 1, "another run's part was accepted: {:?}", segments);
        }
    }

    #[test]
    fn a_changed_record_is_no_other_runs(changes in changes(), in_video in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let path = layout.part(Table::Runs, "v", "ours", 0);
        let (video, run) = record();
        let texts = [serde_json::to_string(&video).unwrap(), serde_json::to_string(&run).unwrap()];
        let mut texts = texts;
        let place = usize::from(!in_video);
        texts[place] = String::from_utf8_lossy(&changed(texts[place].as_bytes(), &changes)).into_owned();
        let columns = texts.map(|text| std::sync::Arc::new(StringArray::from(vec![text])) as arrow::array::ArrayRef);
        let columns = RecordBatch::try_new(schema(Table::Runs), columns.to_vec()).unwrap();
        write_part(&path, Table::Runs, &label("ours").part(0, [0, 9]), &columns).unwrap();
        if let Some((_, found)) = segments::complete_run(&layout, &label("ours")) {
            prop_assert_eq!((found.run_id, found.fingerprint), (run.run_id, run.fingerprint));
        }
        prop_assert!(segments::complete_run(&layout, &label("theirs")).is_none());
    }

    #[test]
    fn a_changed_file_of_a_record_is_no_other_runs(changes in changes()) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let path = layout.part(Table::Runs, "v", "theirs", 0);
        let (video, run) = record();
        write_part(&path, Table::Runs, &label("ours").part(0, [0, 9]), &run_columns(&video, &run).unwrap()).unwrap();
        put(&path, &changed(&fs::read(&path).unwrap(), &changes));
        prop_assert!(segments::complete_run(&layout, &label("theirs")).is_none());
    }

    #[test]
    fn whatever_the_lock_file_holds_the_holder_is_named_somehow(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..500),
            "([a-z ]|[\\x00-\\x1f]|é){0,100}".prop_map(String::into_bytes),
        ]
    ) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let held = DatasetLock::acquire(&layout, "a test").unwrap();
        fs::write(layout.lock(), &text).unwrap();
        let refused = DatasetLock::acquire(&layout, "another").unwrap_err();
        let is_busy = matches!(refused, StoreError::Busy { .. });
        prop_assert!(is_busy);
        let message = refused.to_string();
        prop_assert!(message.split("being written by ").nth(1).is_some_and(|holder| !holder.trim().is_empty()));
        prop_assert!(!message.contains(['\n', '\r', '\u{1b}', '\0']), "{:?}", message);
        drop(held);
        DatasetLock::acquire(&layout, "a third").unwrap();
    }

    #[test]
    fn a_memory_limit_is_some_bytes_or_refused(text in "[0-9.eE+-]{0,8} ?[kKmMgGtTiIbB%]{0,4}") {
        if let Ok(limit) = text.parse::<MemoryLimit>() {
            let machine = posekit::machine::Machine { cores: 1, memory_bytes: 1 << 34, memory_limit_bytes: None };
            let bytes = limit.bytes_on(&machine);
            prop_assert!(bytes < 1_000_000_000_000_000_000, "{text}: {bytes}");
            prop_assert_eq!(limit.to_string().parse::<MemoryLimit>().map(|again| again.bytes_on(&machine)), Ok(bytes));
        }
    }

    #[test]
    fn any_display_matrix_keeps_the_picture_whole(bytes in prop::collection::vec(any::<u8>(), 0..48)) {
        let orientation = Orientation::from_display_matrix(&bytes);
        let mut size = orientation.displayed_size([3, 5]);
        size.sort_unstable();
        prop_assert_eq!(size, [3, 5]);
        prop_assert!([0, 90, 180, 270].contains(&orientation.rotation_degrees()));
    }
}

proptest! {
    // Each case reads a network, or decodes a video.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_network_is_refused(changes in changes()) {
        static NETWORK: LazyLock<Vec<u8>> = LazyLock::new(|| {
            fs::read(crate::support::clone().join("models").join(DETECTOR.file_name)).unwrap()
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DETECTOR.file_name);
        let bytes = changed(&NETWORK, &changes);
        fs::write(&path, &bytes).unwrap();
        match read_verified(DETECTOR, &path) {
            Ok(read) => prop_assert!(read == *NETWORK),
            Err(NetworkError::WrongContent { .. }) => prop_assert!(bytes != *NETWORK),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_changed_video_is_decoded_or_refused(which in any::<Index>(), changes in changes()) {
        let (name, bytes) = which.get(&VIDEOS);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, changed(bytes, &changes)).unwrap();
        if let Ok(probed) = probe(&path, 10, &Footage::default()) {
            let info = probed.info;
            prop_assert!(info.duration_s.is_finite() && info.duration_s >= 0.0, "{info:?}");
            prop_assert!(info.fps.is_none_or(f64::is_finite) && info.width > 0 && info.height > 0, "{info:?}");
        }
        if let Ok(mut reader) = VideoReader::open(&path, 1, Reading::default()) {
            let mut last_s = 0.0;
            while let Some(frame) = reader.next_frame().unwrap() {
                prop_assert!(frame.time_s >= last_s && frame.time_s.is_finite(), "{frame:?} after {last_s} s");
                last_s = frame.time_s;
                drop(reader.take_picture());
            }
        }
    }
}

/// Videos of six frames in several containers.
static VIDEOS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    video::initialize(false).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = clip(BALANCE);
    let names = [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.ts", "libx264"), ("a.avi", "mjpeg"), ("a.gif", "gif")];
    let make = |(name, codec)| {
        let path = folder.path().join(name);
        let to = ["-an", "-vf", "scale=64:48", "-frames:v", "6", "-c:v", codec, path.to_str().unwrap()];
        ffmpeg(&[&["-i", source.to_str().unwrap()], &to[..]].concat());
        (name, fs::read(path).unwrap())
    };
    names.into_iter().map(make).collect()
});

fn record() -> (VideoRecord, RunRecord) {
    let RunLabel { video_id, run_id, fingerprint } = label("ours");
    let video = VideoRecord {
        video_id: video_id.clone(),
        path: "/videos/a.mp4".to_owned(),
        name: "a.mp4".to_owned(),
        stamp: FileStamp { size_bytes: 1, modified_ns: 2 },
        info: None,
        n_decoded: Some(10),
    };
    let run = RunRecord {
        run_id,
        video_id,
        fingerprint,
        network: "lite".to_owned(),
        network_sha256: "0".repeat(64),
        settings: "{}".to_owned(),
        status: RunStatus::Ok,
        reason: None,
        started_at_s: 1.0,
        finished_at_s: 2.0,
        n_frames: 10,
        n_found: 10,
        n_failed: 0,
        n_missing: 0,
        peak_rss_bytes: 1,
        lowest_budget_bytes: 1,
    };
    (video, run)
}
