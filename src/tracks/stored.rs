//! A complete run in the tables. Its people can be identified again without video and network.

use std::path::PathBuf;

use super::edits::Piece;
use super::identity::{identify_run, track_point};
use super::smoothing::smooth_run;
use crate::store::change::Change;
use crate::store::edits::{Anchor, EditChange, Edits, read_edits};
use crate::store::read::{read_label, read_poses, read_run};
use crate::store::read_tracks::{Place, read_tracklets, read_tracks};
use crate::store::records::people_of;
use crate::store::rows::{PoseRow, TRACKS_PER_PART, TrackletRow};
use crate::store::segments;
use crate::store::segments::{RunLabel, SealedSegment};
use crate::store::{Layout, StoreError, Table};

/// A complete run. A process that opens one holds the dataset's lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredRun {
    label: RunLabel,
    segments: Vec<SealedSegment>,
    /// The largest number of people that its tracker followed.
    people: u32,
    /// The size of the displayed picture, if it is known.
    size_px: Option<[u32; 2]>,
}

impl StoredRun {
    /// Finds a run's parts.
    ///
    /// # Errors
    /// The run's record or a part is missing or damaged.
    pub(crate) fn open(layout: &Layout, video_id: &str, run_id: &str) -> Result<Self, StoreError> {
        let path = layout.part(Table::Runs, video_id, run_id, 0);
        let (video, run) = read_run(&path)?;
        let label = RunLabel { video_id: video_id.to_owned(), run_id: run_id.to_owned(), fingerprint: run.fingerprint };
        let sealed = segments::find(layout, &label)?;
        if sealed.counts.n_frames != run.n_frames {
            let problem = format!(
                "it has {} frames, but only {} of them have complete parts",
                run.n_frames, sealed.counts.n_frames
            );
            let unexplained = StoreError::WrongColumns { path, table: Table::Runs.name(), problem };
            return Err(segments::first_fault(layout, &label).unwrap_or(unexplained));
        }
        let people = people_of(&run.settings).map_err(|problem| StoreError::WrongColumns {
            path,
            table: Table::Runs.name(),
            problem,
        })?;
        let size_px = video.info.map(|info| [info.width, info.height]);
        Ok(Self { label, segments: sealed.segments, people, size_px })
    }

    /// Identifies the people again, with the edits as they are now, and smooths again. Either all of it comes into
    /// place, or nothing. Returns a sentence for each edit that could not be applied.
    ///
    /// # Errors
    /// A part cannot be read or written.
    pub(crate) fn identify(&self, layout: &Layout) -> Result<Vec<String>, StoreError> {
        self.make_people(layout, &read_edits(layout, &self.label.video_id)?, None)
    }

    /// Changes the edits of the video, which are `edits` until then, and the tables with them: both, or neither.
    /// Returns a sentence for each edit that could not be applied.
    ///
    /// # Errors
    /// A part cannot be read or written.
    pub(crate) fn edit(&self, layout: &Layout, edits: &Edits, change: &EditChange) -> Result<Vec<String>, StoreError> {
        self.make_people(layout, &change.applied_to(edits), Some(change))
    }

    fn make_people(
        &self,
        layout: &Layout,
        edits: &Edits,
        edit: Option<&EditChange>,
    ) -> Result<Vec<String>, StoreError> {
        let change = Change::begin(layout, &format!("tracks-{}", self.label.run_id))?;
        let Self { label, segments, people, size_px } = self;
        let warnings = identify_run(layout, change.staged(), label, segments, *people, *size_px, edits)?;
        smooth_run(layout, change.staged(), &self.label, &self.segments)?;
        edit.map_or(Ok(()), |edit| edit.put_beside(change.staged()))?;
        change.commit()?;
        Ok(warnings)
    }

    /// Returns whether tracks and landmarks are complete and were made with the edits as they are now.
    ///
    /// # Errors
    /// The edits cannot be read.
    pub(crate) fn is_as_edited(&self, layout: &Layout) -> Result<bool, StoreError> {
        let edits = read_edits(layout, &self.label.video_id)?.key();
        let RunLabel { video_id, run_id, .. } = &self.label;
        let is_made = |table: Table, part: u32| {
            let found = read_label(&layout.part(table, video_id, run_id, part), table);
            found.is_ok_and(|found| found.fingerprint == self.label.edited_part(part, found.frames, &edits).fingerprint)
        };
        Ok(is_made(Table::Tracks, 0) && self.segments.iter().all(|&(part, _)| is_made(Table::Landmarks, part)))
    }

    /// Updates tracks and landmarks if they do not follow the edits. Returns a sentence for each edit that could not be
    /// applied, or `None` if the tables were up to date.
    ///
    /// # Errors
    /// A part cannot be read or written.
    pub(crate) fn obey_edits(&self, layout: &Layout) -> Result<Option<Vec<String>>, StoreError> {
        if self.is_as_edited(layout)? { Ok(None) } else { self.identify(layout).map(Some) }
    }

    /// Returns the pieces of tracklets and their people, from the tables.
    ///
    /// # Errors
    /// The tracks cannot be read.
    pub(crate) fn pieces(&self, layout: &Layout) -> Result<Vec<Piece>, StoreError> {
        let path = layout.part(Table::Tracks, &self.label.video_id, &self.label.run_id, 0);
        Ok(read_tracks(&path)?.into_iter().map(Piece).collect())
    }

    /// Returns the best anchor of a person: the middle of the longest time that the person was followed.
    ///
    /// # Errors
    /// The raw landmarks cannot be read.
    pub(crate) fn anchor(
        &self,
        layout: &Layout,
        pieces: &[Piece],
        person_id: u16,
    ) -> Result<Option<Anchor>, StoreError> {
        let own = pieces.iter().filter(|Piece(row)| row.person_id == person_id);
        // Of several of the same length, the first is taken.
        let Some(longest) = own.min_by_key(|Piece(row)| (u32::MAX - (row.frames[1] - row.frames[0]), row.frames[0]))
        else {
            return Ok(None);
        };
        let middle = longest.0.frames[0].midpoint(longest.0.frames[1]);
        let rows = self.poses(layout, longest)?;
        let nearest = rows.iter().min_by_key(|row| row.frame_idx.abs_diff(middle));
        Ok(nearest.map(anchor_at))
    }

    /// Returns an anchor at the first pose of a person at or after a time.
    ///
    /// # Errors
    /// Tracklets or raw landmarks cannot be read.
    pub(crate) fn first_after(
        &self,
        layout: &Layout,
        pieces: &[Piece],
        person_id: u16,
        time_s: f64,
    ) -> Result<Option<Anchor>, StoreError> {
        let mut own: Vec<&Piece> = pieces.iter().filter(|Piece(row)| row.person_id == person_id).collect();
        own.sort_by_key(|Piece(row)| row.frames[0]);
        for piece in own {
            let part = self.path(layout, Table::Tracklets, piece);
            // Reading the small table first avoids reading the large one.
            let is_over = |row: &TrackletRow| row.track_id == piece.0.track_id && row.times_s[1] < time_s;
            if read_tracklets(&part)?.iter().any(is_over) {
                continue;
            }
            if let Some(row) = self.poses(layout, piece)?.iter().find(|row| row.time_s >= time_s) {
                return Ok(Some(anchor_at(row)));
            }
        }
        Ok(None)
    }

    fn path(&self, layout: &Layout, table: Table, Piece(row): &Piece) -> PathBuf {
        layout.part(table, &self.label.video_id, &self.label.run_id, row.track_id / TRACKS_PER_PART)
    }

    /// Returns the poses of a piece, in order.
    fn poses(&self, layout: &Layout, piece: &Piece) -> Result<Vec<PoseRow>, StoreError> {
        let rows = read_poses(&self.path(layout, Table::RawLandmarks, piece), Table::RawLandmarks)?;
        let Piece(own) = piece;
        let is_own =
            |row: &PoseRow| row.owner == own.track_id && (own.frames[0]..=own.frames[1]).contains(&row.frame_idx);
        Ok(rows.into_iter().filter(is_own).collect())
    }
}

fn anchor_at(row: &PoseRow) -> Anchor {
    let point = track_point(row, Place::default());
    Anchor { frame_idx: row.frame_idx, time_s: row.time_s, hips_px: point.hips_px() }
}
