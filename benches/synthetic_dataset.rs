//! Writes a dataset of any size without video or network: in each video one person, seen from the right, who does knee bends in
//! sets of ten and stands in between. For measuring what comes after extraction (`benches/analysis.sh`).
//!
//!     cargo run --release --example synthetic_dataset -- DIR VIDEOS MINUTES
//!
//! 30 frames a second, so an hour has 108,000 frames and 3,564,000 rows in `raw_landmarks`. The same arguments give the same bytes.
//! Tables are made as an extraction makes them, a segment in memory at a time. Smoothed landmarks are left out: an analysis does not read them.

use std::error::Error;
use std::f64::consts::{PI, TAU};
use std::path::Path;

use posekit::extract::segment::SegmentWriter;
use posekit::pose::landmarks::{Landmark, RawPose};
use posekit::pose::region::Region;
use posekit::pose::skeleton::LANDMARK_COUNT;
use posekit::pose::tracker::{RegionSource, TrackedPose};
use posekit::pose::tracklet::{PersonPose, TrackletSummary};
use posekit::store::edits::Edits;
use posekit::store::records::{RunRecord, RunStatus, VideoRecord};
use posekit::store::rows::FrameStatus;
use posekit::store::segments::RunLabel;
use posekit::store::segments::{self, Progress};
use posekit::store::{Access, Catalog, Layout, StoreError, Table, part, schema};
use posekit::tracks::identity::identify_run;
use posekit::video::clock::TimeSource;
use posekit::video::info::{FieldOrder, FileStamp, VideoInfo};
use posekit::video::{FrameTime, Reading};
use rayon::prelude::*;

const FPS: f64 = 30.0;
const SIZE_PX: [usize; 2] = [1920, 1080];
const PX_PER_M: f64 = 400.0;
const SEGMENT_FRAMES: u32 = 600;
/// A set of ten knee bends and the rest after it, seconds.
const SET_S: f64 = 60.0;
const BEND_S: f64 = 2.5;
const BENDS: f64 = 10.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, videos, minutes] = arguments.as_slice() else {
        return Err("usage: synthetic_dataset DIR VIDEOS MINUTES".into());
    };
    let (layout, videos, minutes) = (Layout::new(Path::new(folder)), videos.parse::<u32>()?, minutes.parse::<u32>()?);
    let made: Vec<(VideoRecord, RunRecord)> = (0..videos)
        .into_par_iter()
        .map(|number| make_run(&layout, number, minutes * 60 * FPS as u32).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    let mut catalog = Catalog::open(&layout, Access::Write)?;
    for (video, run) in &made {
        catalog.commit_run(video, run)?;
    }
    Ok(())
}

/// Writes all parts of a video's run.
fn make_run(layout: &Layout, number: u32, n_frames: u32) -> Result<(VideoRecord, RunRecord), StoreError> {
    let label = RunLabel {
        video_id: format!("synthetic{number:05}"),
        run_id: format!("run{number:05}"),
        fingerprint: format!("synthetic {number} {n_frames}"),
    };
    let summary = [TrackletSummary { tracklet: 0, n_detections: 1, appearance: None, is_somebody: true }];
    let mut writer = SegmentWriter::new(layout, &label, SEGMENT_FRAMES);
    for frame_idx in 0..n_frames {
        if frame_idx % SEGMENT_FRAMES == 0 {
            writer.end_segment(&summary, true)?;
        }
        let time = FrameTime::plain(frame_idx, f64::from(frame_idx) / FPS);
        let person = PersonPose { tracklet: 0, tracked: person(number, time) };
        writer.push(time, FrameStatus::NoPerson, &[person], SIZE_PX);
    }
    writer.end_segment(&summary, true)?;
    let Progress { segments, counts, .. } = segments::find(layout, &label)?;
    identify_run(layout, layout, &label, &segments, 1, None, &Edits::default())?;
    let video = video_record(&label, number, n_frames);
    let run = RunRecord {
        run_id: label.run_id.clone(),
        video_id: label.video_id.clone(),
        fingerprint: label.fingerprint.clone(),
        network: "none".to_owned(),
        network_sha256: String::new(),
        settings: r#"{"people":1}"#.to_owned(),
        status: RunStatus::Ok,
        reason: None,
        started_at_s: 0.0,
        finished_at_s: 1.0,
        n_frames: counts.n_frames,
        n_found: counts.n_found,
        n_failed: counts.n_failed,
        n_missing: 0,
        peak_rss_bytes: 0,
        lowest_budget_bytes: 0,
    };
    let columns = schema::run_columns(&video, &run)
        .map_err(|source| StoreError::Columns { table: Table::Runs.name(), source })?;
    let path = layout.part(Table::Runs, &label.video_id, &label.run_id, 0);
    part::write_part(&path, Table::Runs, &label.part(0, [0, n_frames - 1]), &columns)?;
    Ok((video, run))
}

fn video_record(label: &RunLabel, number: u32, n_frames: u32) -> VideoRecord {
    let [width, height] = SIZE_PX.map(|side| side as u32);
    let name = format!("synthetic_{number:05}.mp4");
    VideoRecord {
        video_id: label.video_id.clone(),
        path: format!("/synthetic/{name}"),
        name,
        stamp: FileStamp { size_bytes: 1, modified_ns: i64::from(number) },
        info: Some(VideoInfo {
            width,
            height,
            stored_width: width,
            stored_height: height,
            rotation_degrees: 0,
            fps: Some(FPS),
            is_vfr: false,
            duration_s: f64::from(n_frames) / FPS,
            n_packets: u64::from(n_frames),
            n_lost_packets: 0,
            n_expected: u64::from(n_frames),
            field_order: FieldOrder::Progressive,
            codec: "none".to_owned(),
            pixel_format: "none".to_owned(),
            transfer: None,
            time_source: TimeSource::Container,
            has_audio: false,
            reading: Reading::default(),
            capture_source: None,
        }),
        n_decoded: Some(u64::from(n_frames)),
    }
}

/// How deep the knee bend is, 0 standing to 1.
fn depth(time_s: f64) -> f64 {
    let within_s = time_s % SET_S;
    if within_s > BENDS * BEND_S { 0.0 } else { (1.0 - (TAU * within_s / BEND_S).cos()) / 2.0 }
}

/// Landmarks in meters: x forward (to the right of the picture), y up from the floor, z away from the camera.
fn body_m(depth: f64, time_s: f64) -> [[f64; 3]; LANDMARK_COUNT] {
    let sway = 0.02 * (TAU * 0.25 * time_s).sin();
    // Shanks tilt forward, thighs backward, the trunk forward; arms rise in balance.
    let (shank, thigh, trunk) = (0.05 + 0.5 * depth, 0.02 + 1.3 * depth, 0.05 + 0.6 * depth + sway);
    let arm = trunk + PI - 0.15 - 1.4 * depth;
    let along =
        |from: [f64; 2], length: f64, angle: f64| [from[0] + length * angle.sin(), from[1] + length * angle.cos()];
    let ankle = [0.0, 0.08];
    let knee = along(ankle, 0.42, shank);
    let hip = along(knee, 0.43, -thigh);
    let shoulder = along(hip, 0.5, trunk);
    let elbow = along(shoulder, 0.29, arm);
    let wrist = along(elbow, 0.26, arm - 0.3);
    let ear = along(shoulder, 0.22, trunk / 2.0);
    let hand = |length: f64, turn: f64| along(wrist, length, arm - 0.3 + turn);
    let face = |forward: f64, up: f64| [ear[0] + forward, ear[1] + up];
    // Nose; eyes and ears, left and right; mouth; then pairs from the shoulders down.
    let head = [(face(0.11, -0.02), 0.0)].into_iter();
    let eyes = [-1.0, 1.0].into_iter().flat_map(|side| [0.015, 0.03, 0.045].map(|out| (face(0.09, 0.02), side * -out)));
    let pairs = [
        (ear, 0.07),
        (face(0.09, -0.07), 0.025),
        (shoulder, 0.18),
        (elbow, 0.22),
        (wrist, 0.2),
        (hand(0.08, -0.1), 0.21),
        (hand(0.09, 0.0), 0.2),
        (hand(0.05, 0.3), 0.19),
        (hip, 0.1),
        (knee, 0.11),
        (ankle, 0.11),
        ([-0.05, 0.03], 0.11),
        ([0.16, 0.02], 0.13),
    ];
    // The right side is nearer to the camera.
    let pairs = pairs.into_iter().flat_map(|(place, out)| [(place, out), (place, -out)]);
    let mut body = [[0.0; 3]; LANDMARK_COUNT];
    for (landmark, (place, z)) in body.iter_mut().zip(head.chain(eyes).chain(pairs)) {
        *landmark = [place[0], place[1], z];
    }
    body
}

/// The person of a video at a time, with the trembling of a network.
fn person(number: u32, time: FrameTime) -> TrackedPose {
    let FrameTime { frame_idx, time_s, .. } = time;
    let body = body_m(depth(time_s), time_s + f64::from(number));
    let middle: [f64; 3] = std::array::from_fn(|axis| f64::midpoint(body[23][axis], body[24][axis]));
    let [width_px, height_px] = SIZE_PX.map(|side| side as f64);
    let tremble = |landmark: usize, channel: u64| noise(number, frame_idx, landmark, channel);
    // Farther landmarks are a little to the right: the camera is not exactly at the side.
    let x_px = |place: [f64; 3]| width_px / 2.0 + PX_PER_M * (place[0] + 0.1 * place[2]);
    let y_px = |place: [f64; 3]| height_px - 100.0 - PX_PER_M * place[1];
    let visibility = |landmark: usize| 0.97 + 0.02 * tremble(landmark, 6);
    let landmark = |index: usize| Landmark {
        x: ((x_px(body[index]) + tremble(index, 0)) / width_px) as f32,
        y: ((y_px(body[index]) + tremble(index, 1)) / height_px) as f32,
        z: ((PX_PER_M * (body[index][2] - middle[2]) + 4.0 * tremble(index, 2)) / width_px) as f32,
        visibility: visibility(index) as f32,
        presence: 0.99,
    };
    let world_m = |index: usize| {
        let [forward, up, away] = std::array::from_fn(|axis| body[index][axis] - middle[axis]);
        let place = [forward, -up, away];
        std::array::from_fn(|axis| (place[axis] + 0.004 * tremble(index, 3 + axis as u64)) as f32)
    };
    TrackedPose {
        region: Region {
            center_x: (x_px(middle) / width_px) as f32,
            center_y: (y_px(middle) / height_px) as f32,
            width: (900.0 / width_px) as f32,
            height: (900.0 / height_px) as f32,
            rotation_rad: 0.0,
        },
        source: RegionSource::Tracking,
        object_scale_px: 720.0,
        pose: RawPose {
            score: 0.99,
            landmarks: std::array::from_fn(landmark),
            auxiliary: [Landmark::default(); 2],
            world_m: std::array::from_fn(world_m),
        },
    }
}

/// Between -1 and 1, evenly, the same for the same arguments. (The finalizer of `SplitMix64`.)
fn noise(number: u32, frame_idx: u32, landmark: usize, channel: u64) -> f64 {
    let index = (u64::from(number) << 48) ^ (u64::from(frame_idx) << 12) ^ ((landmark as u64) << 4) ^ channel;
    let mut bits = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
