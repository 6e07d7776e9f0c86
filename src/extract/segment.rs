//! The writer of rows of consecutive frames. It seals them segment by segment as Parquet parts.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use std::collections::{BTreeMap, BTreeSet};

use crate::pose::camera::CameraEstimate;
use crate::pose::camera::motion::CameraMotion;
use crate::pose::landmarks::RawPose;
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::pose::tracker::TrackedPose;
use crate::pose::tracklet::{PersonPose, TrackletSummary};
use crate::store::part::{PartLabel, write_part};
use crate::store::rows::{CameraRow, FrameRow, FrameStatus, PoseRow, RegionRow, TrackletRow, track_id};
use crate::store::schema::{camera_columns, frame_columns, landmark_columns, region_columns};
use crate::store::segments::RunLabel;
use crate::store::track_columns::tracklet_columns;
use crate::store::{Layout, StoreError, Table};
use crate::video::FrameTime;

/// Takes the frames of a run in order and seals each segment at its end.
pub struct SegmentWriter<'run> {
    layout: &'run Layout,
    label: &'run RunLabel,
    segment_frames: u32,
    frames: Vec<FrameRow>,
    cameras: Vec<CameraRow>,
    regions: Vec<RegionRow>,
    poses: Vec<PoseRow>,
}

impl<'run> SegmentWriter<'run> {
    /// Creates a writer for a run with segments of `segment_frames`.
    #[must_use]
    pub fn new(layout: &'run Layout, label: &'run RunLabel, segment_frames: u32) -> Self {
        let (frames, cameras, regions, poses) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { layout, label, segment_frames, frames, cameras, regions, poses }
    }

    /// Adds the next frame, with the people found in it and the picture's size (width, height) in pixels. The segment
    /// before it must have been ended. `status_if_nobody` is the frame's status if no person was found.
    pub fn push(&mut self, time: FrameTime, status_if_nobody: FrameStatus, people: &[PersonPose], size_px: [usize; 2]) {
        let FrameTime { frame_idx, time_s, .. } = time;
        let status = if people.is_empty() { status_if_nobody } else { FrameStatus::Ok };
        self.frames.push(FrameRow { frame_idx, time_s, status, n_people: 0, is_repeated: false });
        self.cameras.push(CameraRow { frame_idx, time_s, seen: None });
        let part = self.part();
        for PersonPose { tracklet, tracked } in people {
            let track_id = track_id(part, *tracklet);
            self.regions.push(region_row(time, track_id, tracked, size_px));
            let points = body_points(&tracked.pose, size_px);
            self.poses.push(PoseRow { frame_idx, time_s, owner: track_id, points });
        }
    }

    /// Notes how the camera has moved to the frame that was added last. `None` if it has no frame before it.
    pub fn note_camera(&mut self, seen: Option<CameraEstimate>) {
        if let Some(last) = self.cameras.last_mut() {
            last.seen = seen;
        }
    }

    /// Whether the frame that was added last failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.frames.last().is_some_and(|row| row.status == FrameStatus::Failed)
    }

    /// Adds a frame whose picture repeats that of the frame before in the segment, with the same people.
    pub fn repeat(&mut self, time: FrameTime) {
        let FrameTime { frame_idx, time_s, .. } = time;
        let (status, before) = self.frames.last().map_or((FrameStatus::NoPerson, 0), |row| (row.status, row.frame_idx));
        self.frames.push(FrameRow { frame_idx, time_s, status, n_people: 0, is_repeated: true });
        let seen = CameraEstimate { motion: Some(CameraMotion::STILL), n_patches: 0, share: 1.0, is_cut: false };
        self.cameras.push(CameraRow { frame_idx, time_s, seen: Some(seen) });
        let regions = self.regions.partition_point(|row| row.frame_idx < before)..self.regions.len();
        self.regions.extend_from_within(regions.clone());
        self.regions[regions.end..].iter_mut().for_each(|row| (row.frame_idx, row.time_s) = (frame_idx, time_s));
        let poses = self.poses.partition_point(|row| row.frame_idx < before)..self.poses.len();
        self.poses.extend_from_within(poses.clone());
        self.poses[poses.end..].iter_mut().for_each(|row| (row.frame_idx, row.time_s) = (frame_idx, time_s));
    }

    /// Ends the segment and seals it. Its tracklets are known now, and those that are not people are left out. Does
    /// nothing if no frame was added since the last segment. For `is_as_indexed` see [`PartLabel`].
    ///
    /// # Errors
    /// The segment cannot be sealed.
    pub fn end_segment(&mut self, summaries: &[TrackletSummary], is_as_indexed: bool) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else { return Ok(()) };
        let (frames, part) = ([first.frame_idx, last.frame_idx], self.part());
        let nobodies: BTreeSet<u32> = summaries
            .iter()
            .filter(|summary| !summary.is_somebody)
            .map(|summary| track_id(part, summary.tracklet))
            .collect();
        self.regions.retain(|row| !nobodies.contains(&row.track_id));
        self.poses.retain(|row| !nobodies.contains(&row.owner));
        self.count_people();
        let label = PartLabel { is_as_indexed, ..self.label.part(part, frames) };
        self.seal(&label, &self.tracklets(part, summaries))?;
        self.frames.clear();
        self.cameras.clear();
        self.regions.clear();
        self.poses.clear();
        Ok(())
    }

    /// Returns the number of the segment in work.
    fn part(&self) -> u32 {
        self.frames.first().map_or(0, |first| first.frame_idx / self.segment_frames)
    }

    /// Sets the number of people in each frame.
    fn count_people(&mut self) {
        let mut n_people: BTreeMap<u32, u16> = BTreeMap::new();
        for region in &self.regions {
            *n_people.entry(region.frame_idx).or_default() += 1;
        }
        for frame in &mut self.frames {
            frame.n_people = n_people.get(&frame.frame_idx).copied().unwrap_or_default();
            if frame.status == FrameStatus::Ok && frame.n_people == 0 {
                frame.status = FrameStatus::NoPerson;
            }
        }
    }

    /// Returns the segment's tracklets by their ids, from its regions and from the tracker's summaries.
    fn tracklets(&self, part: u32, summaries: &[TrackletSummary]) -> Vec<TrackletRow> {
        let mut rows: BTreeMap<u32, TrackletRow> = BTreeMap::new();
        for region in &self.regions {
            let row = rows.entry(region.track_id).or_insert_with(|| TrackletRow {
                track_id: region.track_id,
                frames: [region.frame_idx; 2],
                times_s: [region.time_s; 2],
                n_frames: 0,
                n_detections: 0,
                score: 0.0,
                appearance: None,
            });
            (row.frames[1], row.times_s[1]) = (region.frame_idx, region.time_s);
            row.n_frames += 1;
            row.score += region.score;
        }
        for row in rows.values_mut() {
            row.score /= row.n_frames as f32;
        }
        for summary in summaries {
            if let Some(row) = rows.get_mut(&track_id(part, summary.tracklet)) {
                (row.n_detections, row.appearance) = (summary.n_detections, summary.appearance);
            }
        }
        rows.into_values().collect()
    }

    /// Writes the segment's parts. `frames` comes last: a segment with `frames` is complete.
    fn seal(&self, label: &PartLabel, tracklets: &[TrackletRow]) -> Result<(), StoreError> {
        self.write(Table::RawLandmarks, label, landmark_columns(Table::RawLandmarks, &self.poses))?;
        self.write(Table::Regions, label, region_columns(&self.regions))?;
        self.write(Table::Tracklets, label, tracklet_columns(tracklets))?;
        self.write(Table::CameraMotion, label, camera_columns(&self.cameras))?;
        self.write(Table::Frames, label, frame_columns(&self.frames))
    }

    fn write(
        &self,
        table: Table,
        label: &PartLabel,
        columns: Result<RecordBatch, ArrowError>,
    ) -> Result<(), StoreError> {
        let columns = columns.map_err(|source| StoreError::Columns { table: table.name(), source })?;
        write_part(&self.layout.part(table, &label.video_id, &label.run_id, label.part), table, label, &columns)
    }
}

fn region_row(time: FrameTime, track_id: u32, tracked: &TrackedPose, size_px: [usize; 2]) -> RegionRow {
    let square = tracked.region.square(size_px);
    RegionRow {
        frame_idx: time.frame_idx,
        time_s: time.time_s,
        track_id,
        source: tracked.source,
        score: tracked.pose.score,
        center_px: [square.center_x_px, square.center_y_px],
        side_px: square.side_px,
        rotation_rad: square.rotation_rad,
        object_scale_px: tracked.object_scale_px,
    }
}

/// Returns a pose's landmarks in pixels of the displayed picture.
fn body_points(pose: &RawPose, size_px: [usize; 2]) -> [BodyPoint; LANDMARK_COUNT] {
    let [width_px, height_px] = size_px.map(|side| side as f32);
    std::array::from_fn(|index| {
        let landmark = &pose.landmarks[index];
        BodyPoint {
            image_px: [landmark.x * width_px, landmark.y * height_px, landmark.z * width_px],
            world_m: pose.world_m[index],
            visibility: landmark.visibility,
            presence: landmark.presence,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::landmarks::{Landmark, RawPose};
    use crate::pose::region::Region;
    use crate::pose::tracker::RegionSource;
    use crate::store::read::{FrameCounts, read_frame_counts, read_frames, read_label, read_poses};
    use crate::store::read_tracks::read_tracklets;

    /// Returns a person whose landmarks are all at `x` (relative to the picture's width) in the middle of its height.
    fn standing(x: f32) -> TrackedPose {
        let point = Landmark { x, y: 0.5, visibility: 1.0, presence: 1.0, ..Landmark::default() };
        TrackedPose {
            region: Region { center_x: x, center_y: 0.5, width: 0.25, height: 0.25, rotation_rad: 0.0 },
            source: RegionSource::Tracking,
            object_scale_px: 100.0,
            pose: RawPose {
                score: 0.75,
                landmarks: [point; LANDMARK_COUNT],
                auxiliary: [point; 2],
                world_m: [[0.0; 3]; LANDMARK_COUNT],
            },
        }
    }

    const SIZE_PX: [usize; 2] = [640, 480];

    fn label() -> RunLabel {
        RunLabel { video_id: "v".to_owned(), run_id: "r".to_owned(), fingerprint: "f".to_owned() }
    }

    fn time(frame_idx: u32) -> FrameTime {
        FrameTime::plain(frame_idx, f64::from(frame_idx) / 30.0)
    }

    #[test]
    fn a_segment_is_sealed_whole_under_its_number_and_says_whether_it_is_as_indexed() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, label) = (Layout::new(folder.path()), label());
        let mut writer = SegmentWriter::new(&layout, &label, 10);
        writer.end_segment(&[], true).unwrap();
        for (frames, is_as_indexed) in [(8..=9, true), (10..=10, false)] {
            for frame_idx in frames {
                writer.push(time(frame_idx), FrameStatus::NoPerson, &[], SIZE_PX);
            }
            writer.end_segment(&[], is_as_indexed).unwrap();
        }
        for (part, frames, is_as_indexed) in [(0, [8, 9], true), (1, [10, 10], false)] {
            for table in [Table::Frames, Table::Regions, Table::RawLandmarks, Table::Tracklets] {
                let found = read_label(&layout.part(table, "v", "r", part), table).unwrap();
                assert_eq!(found, PartLabel { is_as_indexed, ..label.part(part, frames) });
            }
        }
    }

    #[test]
    fn a_repeated_frame_has_the_people_of_the_frame_before() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, label) = (Layout::new(folder.path()), label());
        let mut writer = SegmentWriter::new(&layout, &label, 10);
        let person = |tracklet, x| PersonPose { tracklet, tracked: standing(x) };
        writer.push(time(10), FrameStatus::NoPerson, &[], SIZE_PX);
        writer.repeat(time(11));
        writer.push(time(12), FrameStatus::NoPerson, &[person(0, 0.25), person(1, 0.5)], SIZE_PX);
        writer.push(time(13), FrameStatus::NoPerson, &[person(1, 0.75)], SIZE_PX);
        writer.repeat(time(14));
        writer.repeat(time(15));
        let summary = |tracklet| TrackletSummary { tracklet, n_detections: 1, appearance: None, is_somebody: true };
        writer.end_segment(&[summary(0), summary(1)], true).unwrap();
        let poses = read_poses(&layout.part(Table::RawLandmarks, "v", "r", 1), Table::RawLandmarks).unwrap();
        let found: Vec<_> = poses.iter().map(|row| (row.frame_idx, row.owner, row.points[0].image_px[0])).collect();
        let [first, second] = [10_000, 10_001];
        assert_eq!(
            found,
            [(12, first, 160.0), (12, second, 320.0), (13, second, 480.0), (14, second, 480.0), (15, second, 480.0)]
        );
        assert!(poses.iter().all(|row| row.time_s == f64::from(row.frame_idx) / 30.0));
        let frames = layout.part(Table::Frames, "v", "r", 1);
        assert_eq!(read_frame_counts(&frames).unwrap(), FrameCounts { n_frames: 6, n_found: 4, n_failed: 0 });
        let marked: Vec<_> = read_frames(&frames).unwrap().iter().map(|frame| frame.is_repeated).collect();
        assert_eq!(marked, [false, true, false, false, true, true]);
        let tracklets = read_tracklets(&layout.part(Table::Tracklets, "v", "r", 1)).unwrap();
        assert_eq!(
            tracklets.iter().map(|row| (row.frames, row.n_frames)).collect::<Vec<_>>(),
            [([12, 12], 1), ([12, 15], 4)]
        );
    }

    #[test]
    fn what_turns_out_to_be_nobody_is_left_out_of_every_table() {
        let folder = tempfile::tempdir().unwrap();
        let (layout, label) = (Layout::new(folder.path()), label());
        let mut writer = SegmentWriter::new(&layout, &label, 10);
        let person = |tracklet| PersonPose { tracklet, tracked: standing(0.5) };
        writer.push(time(10), FrameStatus::NoPerson, &[person(0), person(1)], SIZE_PX);
        writer.push(time(11), FrameStatus::NoPerson, &[person(1)], SIZE_PX);
        writer.push(time(12), FrameStatus::Failed, &[], SIZE_PX);
        let summary =
            |tracklet, is_somebody| TrackletSummary { tracklet, n_detections: 3, appearance: None, is_somebody };
        writer.end_segment(&[summary(0, true), summary(1, false)], true).unwrap();
        let counts = FrameCounts { n_frames: 3, n_found: 1, n_failed: 1 };
        assert_eq!(read_frame_counts(&layout.part(Table::Frames, "v", "r", 1)).unwrap(), counts);
        let tracklets = read_tracklets(&layout.part(Table::Tracklets, "v", "r", 1)).unwrap();
        let kept: Vec<_> =
            tracklets.iter().map(|row| (row.track_id, row.frames, row.n_frames, row.n_detections)).collect();
        assert_eq!(kept, [(10_000, [10, 10], 1, 3)]);
    }
}
