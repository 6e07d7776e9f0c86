//! What an earlier, unfinished try of a run has left: sealed segments that the run goes on from.

use std::path::Path;

use super::segment::{RunLabel, SealedSegment};
use crate::store::files::remove_temporary_files;
use crate::store::part::PartLabel;
use crate::store::read::{self, FrameCounts};
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::{Layout, StoreError, Table};

/// The tables of a segment; `frames` is sealed last.
const SEGMENT_TABLES: [Table; 4] = [Table::RawLandmarks, Table::Regions, Table::Tracklets, Table::Frames];

/// The sealed beginning of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Its segments in order, without gaps.
    pub segments: Vec<SealedSegment>,
    /// Their frames.
    pub counts: FrameCounts,
}

impl Progress {
    /// The first frame that is still to be analyzed.
    #[must_use]
    pub fn next_frame_idx(&self) -> u32 {
        self.segments.last().map_or(0, |(_, [_, last])| last + 1)
    }
}

/// Looks for the sealed beginning of a run, and removes temporary files of whoever died. Only what provably belongs to the
/// run counts: the footers' fingerprint must match, and the frames must follow each other; the rest is written again.
///
/// # Errors
/// A folder cannot be read, or a temporary file not be removed.
pub fn find(layout: &Layout, label: &RunLabel) -> Result<Progress, StoreError> {
    for table in Table::ALL {
        remove_temporary_files(&layout.run(table, &label.video_id, &label.run_id))?;
    }
    let mut progress = Progress::default();
    for part in part_numbers(&layout.run(Table::Frames, &label.video_id, &label.run_id)) {
        let Some((frames, counts)) = sealed_segment(layout, label, part) else { break };
        let follows = progress.segments.last().is_none_or(|(_, [_, last])| frames[0] == last + 1);
        if !follows {
            break;
        }
        progress.segments.push((part, frames));
        progress.counts = progress.counts + counts;
    }
    Ok(progress)
}

/// The record of a run whose tables are complete; it may still be missing in the catalog.
#[must_use]
pub fn complete_run(layout: &Layout, label: &RunLabel) -> Option<(VideoRecord, RunRecord)> {
    let path = layout.part(Table::Runs, &label.video_id, &label.run_id, 0);
    let (video, run) = read::read_run(&path).ok()?;
    (run.fingerprint == label.fingerprint && run.run_id == label.run_id).then_some((video, run))
}

/// A segment's frames, where all its parts are sealed and belong to the run.
fn sealed_segment(layout: &Layout, label: &RunLabel, part: u32) -> Option<([u32; 2], FrameCounts)> {
    let path = |table| layout.part(table, &label.video_id, &label.run_id, part);
    let labels: Option<Vec<PartLabel>> =
        SEGMENT_TABLES.iter().map(|&table| read::read_label(&path(table), table).ok()).collect();
    let labels = labels?;
    let frames = labels.first()?.frames;
    let counts = read::read_frame_counts(&path(Table::Frames)).ok()?;
    let is_whole = counts.n_frames == u64::from(frames[1] - frames[0]) + 1;
    (is_whole && labels.iter().all(|found| *found == label.part(part, frames))).then_some((frames, counts))
}

/// Numbers of the parts in a folder, in order.
fn part_numbers(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let number = |name: &str| name.strip_prefix("part-")?.strip_suffix(".parquet")?.parse().ok();
    let mut numbers: Vec<u32> = entries.filter_map(|entry| number(&entry.file_name().to_string_lossy())).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::segment::SegmentWriter;
    use crate::store::rows::FrameStatus;
    use crate::video::FrameTime;

    fn label(fingerprint: &str) -> RunLabel {
        RunLabel { video_id: "v".to_owned(), run_id: "r".to_owned(), fingerprint: fingerprint.to_owned() }
    }

    /// A run of `n_frames` in segments of ten.
    fn write(layout: &Layout, n_frames: u32) {
        let label = label("f");
        let mut writer = SegmentWriter::new(layout, &label, 10, Progress::default());
        for frame_idx in 0..n_frames {
            if writer.begins_segment(frame_idx) {
                writer.end_segment(&[]).unwrap();
            }
            writer.push(FrameTime { frame_idx, time_s: f64::from(frame_idx) }, FrameStatus::NoPerson, &[], [1, 1]);
        }
        writer.finish(&[]).unwrap();
    }

    #[test]
    fn a_run_goes_on_after_its_last_sealed_segment() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert_eq!(find(&layout, &label("f")).unwrap(), Progress::default());
        write(&layout, 25);
        let progress = find(&layout, &label("f")).unwrap();
        assert_eq!(progress.segments, [(0, [0, 9]), (1, [10, 19]), (2, [20, 24])]);
        assert_eq!((progress.next_frame_idx(), progress.counts.n_frames), (25, 25));
    }

    #[test]
    fn another_runs_parts_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 25);
        assert_eq!(find(&layout, &label("other settings")).unwrap(), Progress::default());
    }

    #[test]
    fn what_comes_after_a_missing_or_damaged_part_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 25);
        std::fs::write(layout.part(Table::Regions, "v", "r", 1), "damaged").unwrap();
        assert_eq!(find(&layout, &label("f")).unwrap().segments, [(0, [0, 9])]);
        std::fs::remove_file(layout.part(Table::RawLandmarks, "v", "r", 0)).unwrap();
        assert_eq!(find(&layout, &label("f")).unwrap().segments, []);
    }

    #[test]
    fn temporary_files_of_the_dead_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 5);
        let left = layout.run(Table::Frames, "v", "r").join(".part-00001.parquet.abc.tmp");
        std::fs::write(&left, "half").unwrap();
        find(&layout, &label("f")).unwrap();
        assert!(!left.exists() && layout.part(Table::Frames, "v", "r", 0).exists());
    }
}
