//! The sealed segments of a run: finds those of earlier, unfinished tries, which can be used again.

use std::collections::BTreeSet;
use std::path::Path;

use super::folders::parquet_files;
use super::part::PartLabel;
use super::read::{self, FrameCounts};
use super::records::{RunRecord, VideoRecord};
use super::wholeness::RunExtent;
use super::{Layout, StoreError, Table};
use crate::artifacts::files::{move_whole, remove_file, remove_temporary_files};

/// The run that rows belong to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RunLabel {
    /// The video.
    pub video_id: String,
    /// The run.
    pub run_id: String,
    /// A hash of everything that the rows depend on.
    pub fingerprint: String,
}

impl RunLabel {
    /// Returns the label of a part that covers `frames` (first and last).
    #[must_use]
    pub fn part(&self, part: u32, frames: [u32; 2]) -> PartLabel {
        let Self { video_id, run_id, fingerprint } = self.clone();
        PartLabel { video_id, run_id, fingerprint, part, frames, is_as_indexed: true }
    }

    /// Returns the label for tables that also depend on the user's edits: `edits` is the key of
    /// [`crate::store::edits::Edits`].
    #[must_use]
    pub fn edited_part(&self, part: u32, frames: [u32; 2], edits: &str) -> PartLabel {
        PartLabel { fingerprint: format!("{}-{edits}", self.fingerprint), ..self.part(part, frames) }
    }
}

/// A sealed segment: its number, its first and its last frame.
pub type SealedSegment = (u32, [u32; 2]);

/// The tables of a segment. `frames` is sealed last.
pub(crate) const SEGMENT_TABLES: [Table; 5] =
    [Table::RawLandmarks, Table::Regions, Table::Tracklets, Table::CameraMotion, Table::Frames];

/// Returns the tables of which a segment must have a part.
pub(super) fn tables_of_segment(
    layout: &Layout,
    video_id: &str,
    run_id: &str,
    part: u32,
) -> impl Iterator<Item = Table> {
    let has_camera = read::has_camera_motion(&layout.part(Table::Frames, video_id, run_id, part));
    SEGMENT_TABLES.into_iter().filter(move |table| has_camera || *table != Table::CameraMotion)
}

/// The sealed segments of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The sealed segments in order. Without [`Progress::is_sequential`], segments between them may be missing.
    pub segments: Vec<SealedSegment>,
    /// The counts of their frames.
    pub counts: FrameCounts,
    /// Whether the frames of the video differ from its index. If so, segments can be numbered only by decoding from the
    /// start.
    pub is_sequential: bool,
}

impl Progress {
    /// Returns the ranges of segments within `wanted` (the first, and the one after the last) that are not sealed.
    #[must_use]
    pub fn missing(&self, wanted: (u32, u32)) -> Vec<(u32, Option<u32>)> {
        let (mut next, end) = wanted;
        let mut ranges = Vec::new();
        for segment in self.segments.iter().map(|&(segment, _)| segment).chain([end]) {
            if segment > next {
                ranges.push((next, Some(segment.min(end))));
            }
            next = next.max(segment + 1);
        }
        ranges.retain(|(first, _)| *first < end);
        ranges
    }
}

/// Finds the sealed segments of a run, and removes temporary files of dead processes. A segment counts only if its
/// footers' fingerprint matches the run's. If one segment does not match the index, only the segments without a gap
/// before them count. The others are written again.
///
/// # Errors
/// A folder cannot be read, or a temporary file cannot be removed.
pub fn find(layout: &Layout, label: &RunLabel) -> Result<Progress, StoreError> {
    for table in Table::ALL {
        remove_temporary_files(&layout.run(table, &label.video_id, &label.run_id))?;
    }
    let numbers = part_numbers(&layout.run(Table::Frames, &label.video_id, &label.run_id));
    let sealed: Vec<Sealed> = numbers.into_iter().filter_map(|part| sealed_segment(layout, label, part)).collect();
    let mut progress =
        Progress { is_sequential: sealed.iter().any(|segment| !segment.is_as_indexed), ..Progress::default() };
    for Sealed { segment, counts, .. } in sealed {
        let follows = progress.segments.last().is_none_or(|(_, [_, last])| segment.1[0] == last + 1);
        if progress.is_sequential && !follows {
            break;
        }
        progress.segments.push(segment);
        progress.counts = progress.counts + counts;
    }
    Ok(progress)
}

/// Removes the parts of all segments from `first` on.
///
/// # Errors
/// A part cannot be removed.
pub fn remove_segments_from(layout: &Layout, label: &RunLabel, first: u32) -> Result<(), StoreError> {
    // `frames` is removed first: a segment without it does not count.
    for table in SEGMENT_TABLES.into_iter().rev().chain([Table::Landmarks]) {
        let numbers = part_numbers(&layout.run(table, &label.video_id, &label.run_id));
        for part in numbers.into_iter().filter(|&part| part >= first) {
            remove_file(&layout.part(table, &label.video_id, &label.run_id, part))?;
        }
    }
    Ok(())
}

/// Returns the segments of a unit that another machine did, in order. `place` is a dataset that has them only.
///
/// # Errors
/// A part is missing, damaged, or of another run.
pub(crate) fn delivered(place: &Layout, label: &RunLabel) -> Result<Vec<PartLabel>, StoreError> {
    let numbers = part_numbers(&place.run(Table::Frames, &label.video_id, &label.run_id));
    let of_part = |part| {
        let mut found = None;
        for table in tables_of_segment(place, &label.video_id, &label.run_id, part) {
            let path = place.part(table, &label.video_id, &label.run_id, part);
            let of_table = read::read_label(&path, table)?;
            let expected = PartLabel { is_as_indexed: of_table.is_as_indexed, ..label.part(part, of_table.frames) };
            if of_table != expected || found.as_ref().is_some_and(|found| *found != of_table) {
                let problem = "it belongs to another run".to_owned();
                return Err(StoreError::WrongColumns { path, table: table.name(), problem });
            }
            found = Some(of_table);
        }
        Ok(found)
    };
    let segments: Result<Vec<_>, StoreError> = numbers.into_iter().map(of_part).collect();
    Ok(segments?.into_iter().flatten().collect())
}

/// Seals a segment that another machine did: its parts become parts of the dataset.
///
/// # Errors
/// A part cannot be moved.
pub(crate) fn seal_delivered(place: &Layout, layout: &Layout, segment: &PartLabel) -> Result<(), StoreError> {
    let PartLabel { video_id, run_id, part, .. } = segment;
    let mut tables = tables_of_segment(place, video_id, run_id, *part);
    tables.try_for_each(|table| {
        let [from, to] = [place, layout].map(|layout| layout.part(table, video_id, run_id, *part));
        Ok(move_whole(&from, &to)?)
    })
}

/// Returns the record of a run whose tables are complete and all there. The catalog may still lack the run.
#[must_use]
pub fn complete_run(layout: &Layout, label: &RunLabel) -> Option<(VideoRecord, RunRecord)> {
    let path = layout.part(Table::Runs, &label.video_id, &label.run_id, 0);
    let (video, run) = read::read_run(&path).ok()?;
    let extent = RunExtent { video_id: &label.video_id, run_id: &label.run_id, n_frames: run.n_frames };
    let is_own = run.fingerprint == label.fingerprint && run.run_id == label.run_id;
    (is_own && extent.missing_of_extraction(layout).is_empty()).then_some((video, run))
}

/// Returns whether the tracks and the smoothed landmarks of a complete run were made by the present version of the
/// code.
#[must_use]
pub fn has_current_tracks(layout: &Layout, video_id: &str, run_id: &str) -> bool {
    // The last part of the landmarks is written last.
    let landmarks = parquet_files(&layout.run(Table::Landmarks, video_id, run_id)).pop();
    read::is_of_this_code(&layout.part(Table::Tracks, video_id, run_id, 0), Table::Tracks)
        && landmarks.is_none_or(|last| read::is_of_this_code(&last, Table::Landmarks))
}

/// Returns the reason why a complete run has fewer complete segments than its frames require: the first part that is
/// damaged, missing or of another run.
#[must_use]
pub fn first_fault(layout: &Layout, label: &RunLabel) -> Option<StoreError> {
    let numbers: BTreeSet<u32> = SEGMENT_TABLES
        .iter()
        .flat_map(|&table| part_numbers(&layout.run(table, &label.video_id, &label.run_id)))
        .collect();
    let tables_of = |part| tables_of_segment(layout, &label.video_id, &label.run_id, part);
    let parts = numbers.into_iter().flat_map(|part| tables_of(part).map(move |table| (table, part)));
    parts.into_iter().find_map(|(table, part)| {
        let path = layout.part(table, &label.video_id, &label.run_id, part);
        match read::read_label(&path, table) {
            Err(error) => Some(error),
            Ok(found) if found.fingerprint == label.fingerprint => None,
            Ok(_) => {
                let problem = "it belongs to another run".to_owned();
                Some(StoreError::WrongColumns { path, table: table.name(), problem })
            }
        }
    })
}

struct Sealed {
    segment: SealedSegment,
    counts: FrameCounts,
    is_as_indexed: bool,
}

/// Returns a segment if all its parts are sealed and belong to the run.
fn sealed_segment(layout: &Layout, label: &RunLabel, part: u32) -> Option<Sealed> {
    let path = |table| layout.part(table, &label.video_id, &label.run_id, part);
    let labels: Option<Vec<PartLabel>> = tables_of_segment(layout, &label.video_id, &label.run_id, part)
        .map(|table| read::read_label(&path(table), table).ok())
        .collect();
    let labels = labels?;
    let PartLabel { frames, is_as_indexed, .. } = *labels.first()?;
    let counts = read::read_frame_counts(&path(Table::Frames)).ok()?;
    let is_whole = counts.n_frames == u64::from(frames[1] - frames[0]) + 1;
    let expected = PartLabel { is_as_indexed, ..label.part(part, frames) };
    let are_of_run = is_whole && labels.iter().all(|found| *found == expected);
    are_of_run.then_some(Sealed { segment: (part, frames), counts, is_as_indexed })
}

/// Returns the numbers of the parts in a folder, in order.
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

    /// Writes a run of `n_frames` in segments of ten.
    fn write(layout: &Layout, n_frames: u32, is_as_indexed: bool) {
        let label = label("f");
        let mut writer = SegmentWriter::new(layout, &label, 10);
        for frame_idx in 0..n_frames {
            writer.push(FrameTime::plain(frame_idx, f64::from(frame_idx)), FrameStatus::NoPerson, &[], [1, 1]);
            if frame_idx % 10 == 9 || frame_idx + 1 == n_frames {
                writer.end_segment(&[], is_as_indexed).unwrap();
            }
        }
    }

    fn segments(layout: &Layout) -> Vec<u32> {
        find(layout, &label("f")).unwrap().segments.into_iter().map(|(segment, _)| segment).collect()
    }

    #[test]
    fn a_run_goes_on_with_the_segments_that_are_not_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert_eq!(find(&layout, &label("f")).unwrap(), Progress::default());
        write(&layout, 45, true);
        let progress = find(&layout, &label("f")).unwrap();
        assert_eq!(progress.segments[3..], [(3, [30, 39]), (4, [40, 44])]);
        assert_eq!((progress.counts.n_frames, progress.is_sequential), (45, false));
        assert_eq!(progress.missing((0, 5)), []);
        assert_eq!(progress.missing((0, 7)), [(5, Some(7))]);
        std::fs::write(layout.part(Table::Regions, "v", "r", 1), "damaged").unwrap();
        std::fs::remove_file(layout.part(Table::RawLandmarks, "v", "r", 3)).unwrap();
        let progress = find(&layout, &label("f")).unwrap();
        assert_eq!(progress.missing((0, 5)), [(1, Some(2)), (3, Some(4))]);
        assert_eq!(progress.missing((2, 3)), []);
    }

    #[test]
    fn where_segments_depend_on_each_other_what_comes_after_a_gap_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 45, false);
        std::fs::write(layout.part(Table::Regions, "v", "r", 2), "damaged").unwrap();
        let progress = find(&layout, &label("f")).unwrap();
        assert!(progress.is_sequential);
        assert_eq!(progress.segments, [(0, [0, 9]), (1, [10, 19])]);
    }

    #[test]
    fn another_runs_parts_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 25, true);
        assert_eq!(find(&layout, &label("other settings")).unwrap(), Progress::default());
    }

    #[test]
    fn void_segments_are_removed_with_all_their_parts() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 45, true);
        remove_segments_from(&layout, &label("f"), 2).unwrap();
        assert_eq!(segments(&layout), [0, 1]);
        assert!(!layout.part(Table::RawLandmarks, "v", "r", 3).exists());
    }

    #[test]
    fn temporary_files_of_the_dead_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        write(&layout, 5, true);
        let left = layout.run(Table::Frames, "v", "r").join(".part-00001.parquet.abc.tmp");
        std::fs::write(&left, "half").unwrap();
        find(&layout, &label("f")).unwrap();
        assert!(!left.exists() && layout.part(Table::Frames, "v", "r", 0).exists());
    }
}
