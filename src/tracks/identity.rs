//! Identity from a run's stored rows. It needs the whole video and no network. So it runs after the last segment, and
//! again after each edit.

use std::collections::{BTreeMap, VecDeque};

use super::edits::{AnchorSearch, Piece, apply};
use crate::pose::camera::motion::CameraMotion;
use crate::pose::camera::path::CameraPath;
use crate::pose::identity::{identify, identify_single};
use crate::pose::reappearance::{END_FRAMES, TrackPoint, TrackletEnds};
use crate::store::edits::Edits;
use crate::store::part::write_part;
use crate::store::read::read_poses;
use crate::store::read_camera::{CameraMark, read_camera};
use crate::store::read_tracks::{Place, read_places, read_tracklets};
use crate::store::rows::{PoseRow, TrackRow};
use crate::store::segments::{RunLabel, SealedSegment};
use crate::store::track_columns::track_columns;
use crate::store::{Layout, StoreError, Table};

/// Finds the person of each tracklet of a run, with these edits of its video, and writes `tracks` below `into`.
/// `people` is the largest number of people that the tracker follows. If it is one, no tracklets are compared. `size_px`
/// is the size of the displayed picture. People are compared where they are in the scene, so the camera may move.
/// Returns a sentence for each edit that could not be applied.
///
/// One segment's rows are in memory at a time. Of the other segments, only the ends of their tracklets are.
///
/// # Errors
/// A part cannot be read or written.
pub fn identify_run(
    layout: &Layout,
    into: &Layout,
    label: &RunLabel,
    segments: &[SealedSegment],
    people: u32,
    size_px: Option<[u32; 2]>,
    edits: &Edits,
) -> Result<Vec<String>, StoreError> {
    let mut search = AnchorSearch::new(&edits.rows);
    // A single person needs no recognition, and a video may have very many short tracklets of one person.
    let end_frames = if people == 1 { 1 } else { END_FRAMES };
    let scene = Scene::of(layout, label, segments, size_px)?;
    let (mut tracklets, mut spans) = (Vec::new(), BTreeMap::new());
    for &(part, _) in segments {
        let path = |table| layout.part(table, &label.video_id, &label.run_id, part);
        let places = read_places(&path(Table::Regions))?;
        let mut ends: BTreeMap<u32, Ends> = BTreeMap::new();
        for row in read_poses(&path(Table::RawLandmarks), Table::RawLandmarks)? {
            let place = places.get(&(row.frame_idx, row.owner)).copied().unwrap_or_default();
            let point = track_point(&row, place);
            search.look_at(row.owner, &point);
            ends.entry(row.owner).or_default().push(&scene.place(&point), end_frames);
        }
        for row in read_tracklets(&path(Table::Tracklets))? {
            spans.insert(row.track_id, row.frames);
            let Some(Ends { mut first, last, total_size_px, n_frames }) = ends.remove(&row.track_id) else { continue };
            let mut last = Vec::from(last);
            first.shrink_to_fit();
            last.shrink_to_fit();
            tracklets.push(TrackletEnds {
                track_id: row.track_id,
                n_frames,
                size_px: (total_size_px / f64::from(n_frames.max(1))) as f32,
                appearance: row.appearance,
                shot: scene.shot(row.frames[0]),
                first,
                last,
            });
        }
    }
    let identities = if people == 1 { identify_single(&tracklets) } else { identify(&tracklets) };
    let pieces = identities.into_iter().filter_map(|identity| {
        let frames = *spans.get(&identity.track_id)?;
        Some(Piece(TrackRow {
            track_id: identity.track_id,
            frames,
            person_id: identity.person_id,
            name: None,
            link: identity.link,
            cost: identity.cost,
        }))
    });
    let mut pieces: Vec<Piece> = pieces.collect();
    let warnings = apply(&mut pieces, &edits.rows, &search);
    write_tracks(into, label, segments, &pieces, &edits.key())?;
    Ok(warnings)
}

fn write_tracks(
    into: &Layout,
    label: &RunLabel,
    segments: &[SealedSegment],
    pieces: &[Piece],
    edits: &str,
) -> Result<(), StoreError> {
    let rows: Vec<TrackRow> = pieces.iter().map(|Piece(row)| row.clone()).collect();
    let columns = track_columns(&rows).map_err(|source| StoreError::Columns { table: Table::Tracks.name(), source })?;
    let first = segments.first().map_or(0, |(_, frames)| frames[0]);
    let last = segments.last().map_or(0, |(_, frames)| frames[1]);
    let path = into.part(Table::Tracks, &label.video_id, &label.run_id, 0);
    write_part(&path, Table::Tracks, &label.edited_part(0, [first, last], edits), &columns)
}

/// Where the pictures of a run lie in the scene, and where another scene begins.
struct Scene {
    path: CameraPath,
    /// The first frames after cuts.
    cuts: Vec<u32>,
    center_px: [f32; 2],
}

impl Scene {
    fn of(
        layout: &Layout,
        label: &RunLabel,
        segments: &[SealedSegment],
        size_px: Option<[u32; 2]>,
    ) -> Result<Self, StoreError> {
        let (mut motions, mut cuts) = (Vec::new(), Vec::new());
        for &(part, [first, last]) in segments {
            let path = layout.part(Table::CameraMotion, &label.video_id, &label.run_id, part);
            let found = if path.exists() { read_camera(&path)? } else { Vec::new() };
            cuts.extend(found.iter().filter(|mark| mark.is_cut).map(|mark| mark.frame_idx));
            let known: BTreeMap<u32, Option<CameraMotion>> =
                found.into_iter().map(|CameraMark { frame_idx, motion, .. }| (frame_idx, motion)).collect();
            motions.extend((first..=last).map(|frame_idx| known.get(&frame_idx).copied().flatten()));
        }
        let first_frame_idx = segments.first().map_or(0, |(_, frames)| frames[0]);
        let path = size_px.map(|_| CameraPath::new(first_frame_idx, &motions)).unwrap_or_default();
        Ok(Self { path, cuts, center_px: size_px.unwrap_or_default().map(|side| side as f32 / 2.0) })
    }

    /// Returns the number of the shot that a frame belongs to, from 0.
    fn shot(&self, frame_idx: u32) -> u32 {
        self.cuts.partition_point(|&cut| cut <= frame_idx) as u32
    }

    /// Returns a point of a track at its place in the scene.
    fn place(&self, point: &TrackPoint) -> TrackPoint {
        if self.path.is_still() {
            return *point;
        }
        let place = |point_px| self.path.in_scene(point.frame_idx, point_px, self.center_px);
        TrackPoint {
            points_px: point.points_px.map(place),
            center_px: place(point.center_px),
            size_px: point.size_px * self.path.scale(point.frame_idx),
            ..*point
        }
    }
}

/// The first and the last frames of a tracklet, collected while its frames are read.
#[derive(Default)]
struct Ends {
    first: Vec<TrackPoint>,
    last: VecDeque<TrackPoint>,
    total_size_px: f64,
    n_frames: u32,
}

impl Ends {
    fn push(&mut self, point: &TrackPoint, end_frames: usize) {
        if self.first.len() < end_frames {
            self.first.push(*point);
        }
        if self.last.len() == end_frames {
            self.last.pop_front();
        }
        self.last.push_back(*point);
        self.total_size_px += f64::from(point.size_px);
        self.n_frames += 1;
    }
}

/// Returns a stored pose in the form that identity uses.
#[must_use]
pub fn track_point(row: &PoseRow, place: Place) -> TrackPoint {
    TrackPoint {
        frame_idx: row.frame_idx,
        time_s: row.time_s,
        points_px: row.points.map(|point| [point.image_px[0], point.image_px[1]]),
        visibility: row.points.map(|point| point.visibility),
        center_px: place.center_px,
        size_px: place.object_scale_px,
    }
}
