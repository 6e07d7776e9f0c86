//! Rows of consecutive frames, sealed segment by segment as Parquet parts.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;

use super::resume::Progress;
use crate::pose::landmarks::RawPose;
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::pose::tracker::TrackedPose;
use crate::store::part::{PartLabel, write_part};
use crate::store::read::FrameCounts;
use crate::store::rows::{FrameRow, FrameStatus, PoseRow, RegionRow};
use crate::store::schema::{frame_columns, landmark_columns, region_columns};
use crate::store::{Layout, StoreError, Table};
use crate::video::FrameTime;

/// The run that rows belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLabel {
    /// The video.
    pub video_id: String,
    /// The run.
    pub run_id: String,
    /// Hash of all that the rows depend on.
    pub fingerprint: String,
}

impl RunLabel {
    /// The label of a part that covers `frames` (first and last).
    #[must_use]
    pub fn part(&self, part: u32, frames: [u32; 2]) -> PartLabel {
        let Self { video_id, run_id, fingerprint } = self.clone();
        PartLabel { video_id, run_id, fingerprint, part, frames }
    }
}

/// A sealed segment: its number, its first and its last frame.
pub type SealedSegment = (u32, [u32; 2]);

/// Takes the frames of a run in order and seals each segment as soon as it is complete.
pub struct SegmentWriter<'run> {
    layout: &'run Layout,
    label: &'run RunLabel,
    segment_frames: u32,
    frames: Vec<FrameRow>,
    regions: Vec<RegionRow>,
    poses: Vec<PoseRow>,
    counts: FrameCounts,
    sealed: Vec<SealedSegment>,
}

impl<'run> SegmentWriter<'run> {
    /// A writer for a run with segments of `segment_frames`, that goes on after what is sealed.
    #[must_use]
    pub fn new(layout: &'run Layout, label: &'run RunLabel, segment_frames: u32, sealed: Progress) -> Self {
        Self {
            layout,
            label,
            segment_frames,
            frames: Vec::new(),
            regions: Vec::new(),
            poses: Vec::new(),
            counts: sealed.counts,
            sealed: sealed.segments,
        }
    }

    /// Whether a frame is the first of a segment, given those before it.
    #[must_use]
    pub fn begins_segment(&self, frame_idx: u32) -> bool {
        let segment_of = |frame_idx: u32| frame_idx / self.segment_frames;
        self.frames.last().is_none_or(|last| segment_of(last.frame_idx) != segment_of(frame_idx))
    }

    /// Takes the next frame in, with the person found in it and the picture's size (width, height) in pixels.
    ///
    /// # Errors
    /// The segment before it cannot be sealed.
    pub fn push(
        &mut self,
        time: FrameTime,
        status: FrameStatus,
        found: Option<(&TrackedPose, [usize; 2])>,
    ) -> Result<(), StoreError> {
        if self.begins_segment(time.frame_idx) {
            self.seal()?;
        }
        let FrameTime { frame_idx, time_s } = time;
        self.counts.n_frames += 1;
        self.counts.n_found += u64::from(status == FrameStatus::Ok);
        self.counts.n_failed += u64::from(status == FrameStatus::Failed);
        self.frames.push(FrameRow { frame_idx, time_s, status, n_people: u16::from(found.is_some()) });
        if let Some((tracked, size_px)) = found {
            self.regions.push(region_row(time, tracked, size_px));
            self.poses.push(PoseRow { frame_idx, time_s, person_id: 0, points: body_points(&tracked.pose, size_px) });
        }
        Ok(())
    }

    /// Seals what is left. Returns the segments and the counts of the run.
    ///
    /// # Errors
    /// The last segment cannot be sealed.
    pub fn finish(mut self) -> Result<(Vec<SealedSegment>, FrameCounts), StoreError> {
        self.seal()?;
        Ok((self.sealed, self.counts))
    }

    /// Writes the segment's parts. `frames` comes last: a segment with frames is complete.
    fn seal(&mut self) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else { return Ok(()) };
        let frames = [first.frame_idx, last.frame_idx];
        let part = first.frame_idx / self.segment_frames;
        let landmarks = landmark_columns(Table::RawLandmarks, &self.poses);
        self.write(Table::RawLandmarks, part, frames, landmarks)?;
        self.write(Table::Regions, part, frames, region_columns(&self.regions))?;
        self.write(Table::Frames, part, frames, frame_columns(&self.frames))?;
        self.sealed.push((part, frames));
        self.frames.clear();
        self.regions.clear();
        self.poses.clear();
        Ok(())
    }

    fn write(
        &self,
        table: Table,
        part: u32,
        frames: [u32; 2],
        columns: Result<RecordBatch, ArrowError>,
    ) -> Result<(), StoreError> {
        let columns = columns.map_err(|source| StoreError::Columns { table: table.name(), source })?;
        let path = self.layout.part(table, &self.label.video_id, &self.label.run_id, part);
        write_part(&path, table, &self.label.part(part, frames), &columns)
    }
}

fn region_row(time: FrameTime, tracked: &TrackedPose, size_px: [usize; 2]) -> RegionRow {
    let square = tracked.region.square(size_px);
    RegionRow {
        frame_idx: time.frame_idx,
        time_s: time.time_s,
        person_id: 0,
        source: tracked.source,
        score: tracked.pose.score,
        center_px: [square.center_x_px, square.center_y_px],
        side_px: square.side_px,
        rotation_rad: square.rotation_rad,
        object_scale_px: tracked.object_scale_px,
    }
}

/// A pose's landmarks in pixels of the displayed picture.
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

    #[test]
    fn segments_are_sealed_at_fixed_frames_whatever_the_first_one() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let label = RunLabel { video_id: "v".to_owned(), run_id: "r".to_owned(), fingerprint: "f".to_owned() };
        let mut writer = SegmentWriter::new(&layout, &label, 10, Progress::default());
        for frame_idx in 8..=10 {
            let time = FrameTime { frame_idx, time_s: f64::from(frame_idx) / 30.0 };
            assert_eq!(writer.begins_segment(frame_idx), frame_idx != 9);
            writer.push(time, FrameStatus::NoPerson, None).unwrap();
        }
        let (sealed, counts) = writer.finish().unwrap();
        assert_eq!(sealed, [(0, [8, 9]), (1, [10, 10])]);
        assert_eq!(counts, FrameCounts { n_frames: 3, n_found: 0, n_failed: 0 });
        for (part, _) in sealed {
            for table in [Table::Frames, Table::Regions, Table::RawLandmarks] {
                assert!(layout.part(table, "v", "r", part).is_file());
            }
        }
    }
}
