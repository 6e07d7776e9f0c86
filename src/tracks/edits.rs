//! Applies the user's edits to the people of a run. Pure.
//!
//! Edits point into the picture: each anchor is searched among the tracklets of the present run, whatever their ids
//! are. Merges and splits are applied in the order in which they were made. Names are applied last.

use crate::pose::reappearance::TrackPoint;
use crate::pose::tracklet::Link;
use crate::store::edits::{Anchor, EditKind, EditRow};
use crate::store::rows::TrackRow;

/// The largest distance in time between an anchor and the frame in which its person is found, seconds. The person may
/// be missing in the anchor's own frame.
const SEARCH_S: f64 = 0.5;
/// The largest distance of the hips from the anchor, in sizes of the person: in the anchor's frame, and growth per
/// second.
const SEARCH_DISTANCE: [f64; 2] = [0.35, 1.0];

/// A tracklet, or a piece of a tracklet that a split has cut.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece(pub(crate) TrackRow);

impl Piece {
    fn holds(&self, found: Found) -> bool {
        self.0.track_id == found.track_id && (self.0.frames[0]..=self.0.frames[1]).contains(&found.frame_idx)
    }
}

/// The place at which a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    track_id: u32,
    frame_idx: u32,
}

/// The person nearest to an anchor.
#[derive(Debug, Clone, Copy)]
struct Nearest {
    frames_away: u32,
    /// The distance, in sizes of the person.
    distance: f64,
    found: Found,
}

/// The search for the people of anchors while poses are read.
#[derive(Debug)]
pub(crate) struct AnchorSearch {
    /// Each anchor with the nearest person so far.
    nearest: Vec<(Anchor, Option<Nearest>)>,
}

impl AnchorSearch {
    /// Creates a search for the anchors of some edits.
    #[must_use]
    pub(crate) fn new(edits: &[EditRow]) -> Self {
        let anchors = edits.iter().flat_map(|edit| edit.kind.anchors());
        Self { nearest: anchors.map(|anchor| (anchor, None)).collect() }
    }

    /// Compares a person of a frame with the anchors.
    pub(crate) fn look_at(&mut self, track_id: u32, point: &TrackPoint) {
        let hips = point.hips_px();
        let size_px = f64::from(point.size_px).max(1e-3);
        for (anchor, nearest) in &mut self.nearest {
            let away_s = (point.time_s - anchor.time_s).abs();
            if away_s > SEARCH_S {
                continue;
            }
            let (dx, dy) = (hips[0] - anchor.hips_px[0], hips[1] - anchor.hips_px[1]);
            let distance = f64::from(dx).hypot(f64::from(dy)) / size_px;
            let frames_away = point.frame_idx.abs_diff(anchor.frame_idx);
            let is_nearer = nearest.is_none_or(|best| {
                frames_away < best.frames_away || frames_away == best.frames_away && distance < best.distance
            });
            if is_nearer && distance <= SEARCH_DISTANCE[0] + SEARCH_DISTANCE[1] * away_s {
                let found = Found { track_id, frame_idx: point.frame_idx };
                *nearest = Some(Nearest { frames_away, distance, found });
            }
        }
    }

    fn found(&self, anchor: Anchor) -> Option<Found> {
        let (_, nearest) = self.nearest.iter().find(|(known, _)| *known == anchor)?;
        nearest.map(|nearest| nearest.found)
    }
}

/// Applies edits to the pieces of a run, which stay in the order of their ids and frames. Returns a sentence for each
/// edit that could not be applied.
pub(crate) fn apply(pieces: &mut Vec<Piece>, edits: &[EditRow], search: &AnchorSearch) -> Vec<String> {
    let mut warnings = Vec::new();
    let (names, changes): (Vec<_>, Vec<_>) = edits.iter().partition(|edit| matches!(edit.kind, EditKind::Name(..)));
    for edit in changes.into_iter().chain(names) {
        let done = match &edit.kind {
            EditKind::Merge(one, other) => merge(pieces, search.found(*one), search.found(*other)),
            EditKind::Split(anchor) => split(pieces, *anchor, search.found(*anchor)),
            EditKind::Name(anchor, name) => give_name(pieces, search.found(*anchor), name),
        };
        if let Err(problem) = done {
            warnings.push(format!("edit {} ({}) has no effect: {problem}", edit.edit_id, edit.kind.name()));
        }
    }
    pieces.sort_by_key(|Piece(row)| (row.track_id, row.frames[0]));
    warnings
}

/// Returns the person of an anchor.
fn person(pieces: &[Piece], found: Option<Found>) -> Result<u16, String> {
    let piece = found.and_then(|found| pieces.iter().find(|piece| piece.holds(found)));
    piece.map(|Piece(row)| row.person_id).ok_or_else(|| "no person found at its position".to_owned())
}

/// Returns a frame that contains both people. If there is one, they cannot be one person.
#[must_use]
pub(crate) fn common_frame(pieces: &[Piece], one: u16, other: u16) -> Option<u32> {
    let of = |id: u16| pieces.iter().filter(move |Piece(row)| row.person_id == id);
    let pairs = of(one).flat_map(|Piece(a)| of(other).map(move |Piece(b)| (a.frames, b.frames)));
    pairs.filter(|(a, b)| a[0] <= b[1] && b[0] <= a[1]).map(|(a, b)| a[0].max(b[0])).min()
}

fn merge(pieces: &mut [Piece], one: Option<Found>, other: Option<Found>) -> Result<(), String> {
    let (one, other) = (person(pieces, one)?, person(pieces, other)?);
    if one == other {
        return Ok(());
    }
    if let Some(frame_idx) = common_frame(pieces, one, other) {
        return Err(format!("people {one} and {other} are both in frame {frame_idx}"));
    }
    let (kept, gone) = (one.min(other), one.max(other));
    for Piece(row) in pieces.iter_mut().filter(|Piece(row)| row.person_id == gone) {
        (row.person_id, row.link, row.cost) = (kept, Link::Edit, None);
    }
    Ok(())
}

fn split(pieces: &mut Vec<Piece>, anchor: Anchor, found: Option<Found>) -> Result<(), String> {
    let old = person(pieces, found)?;
    let new = pieces.iter().map(|Piece(row)| row.person_id).max().unwrap_or_default() + 1;
    let first_frame_idx = anchor.frame_idx;
    let mut rests = Vec::new();
    for Piece(row) in pieces.iter_mut().filter(|Piece(row)| row.person_id == old && row.frames[1] >= first_frame_idx) {
        if row.frames[0] < first_frame_idx {
            let frames = [first_frame_idx, row.frames[1]];
            rests.push(Piece(TrackRow { frames, person_id: new, link: Link::Edit, cost: None, ..row.clone() }));
            row.frames[1] = first_frame_idx - 1;
        } else {
            (row.person_id, row.link, row.cost) = (new, Link::Edit, None);
        }
    }
    pieces.extend(rests);
    Ok(())
}

fn give_name(pieces: &mut [Piece], found: Option<Found>, name: &str) -> Result<(), String> {
    let named = person(pieces, found)?;
    for Piece(row) in pieces.iter_mut().filter(|Piece(row)| row.person_id == named) {
        row.name = Some(name.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::LANDMARK_COUNT;

    fn piece(track_id: u32, frames: [u32; 2], person_id: u16) -> Piece {
        Piece(TrackRow { track_id, frames, person_id, name: None, link: Link::New, cost: None })
    }

    fn people(pieces: &[Piece]) -> Vec<(u32, [u32; 2], u16)> {
        pieces.iter().map(|Piece(row)| (row.track_id, row.frames, row.person_id)).collect()
    }

    fn anchor(frame_idx: u32, x_px: f32) -> Anchor {
        Anchor { frame_idx, time_s: f64::from(frame_idx) / 30.0, hips_px: [x_px, 0.0] }
    }

    fn edits(kinds: impl IntoIterator<Item = EditKind>) -> Vec<EditRow> {
        (1..).zip(kinds).map(|(edit_id, kind)| EditRow { edit_id, kind, created_at_us: 0 }).collect()
    }

    /// Returns a person 100 px large whose hips are at `x_px`.
    fn point(frame_idx: u32, x_px: f32) -> TrackPoint {
        TrackPoint {
            frame_idx,
            time_s: f64::from(frame_idx) / 30.0,
            points_px: [[x_px, 0.0]; LANDMARK_COUNT],
            visibility: [1.0; LANDMARK_COUNT],
            center_px: [x_px, 0.0],
            size_px: 100.0,
        }
    }

    /// Makes a search that has read tracklet 0 at x = 0 and tracklet 1 at x = 500 in frames 0 to 99.
    fn search(edits: &[EditRow]) -> AnchorSearch {
        let mut search = AnchorSearch::new(edits);
        for frame_idx in 0..100 {
            search.look_at(0, &point(frame_idx, 0.0));
            search.look_at(1, &point(frame_idx, 500.0));
        }
        search
    }

    #[test]
    fn an_anchor_is_whoever_is_nearest_in_its_frame_and_near_enough() {
        let edits = edits([anchor(10, 30.0), anchor(10, 480.0), anchor(10, 250.0)].map(EditKind::Split));
        let search = search(&edits);
        let track = |number: usize| search.found(edits[number].kind.anchors()[0]).map(|found| found.track_id);
        assert_eq!([track(0), track(1), track(2)], [Some(0), Some(1), None]);
    }

    #[test]
    fn who_is_missing_in_the_frame_is_looked_for_just_before_and_after() {
        let edits = edits([anchor(110, 500.0), anchor(200, 500.0)].map(EditKind::Split));
        let search = search(&edits);
        let found = search.found(anchor(110, 500.0));
        assert_eq!(found, Some(Found { track_id: 1, frame_idx: 99 }));
        assert_eq!(search.found(anchor(200, 500.0)), None);
    }

    #[test]
    fn two_who_were_swapped_in_a_crossing_are_put_right() {
        // From frame 50 on, each tracklet follows the other person.
        let swap = edits([
            EditKind::Split(anchor(50, 0.0)),
            EditKind::Split(anchor(50, 500.0)),
            EditKind::Merge(anchor(20, 0.0), anchor(80, 500.0)),
            EditKind::Merge(anchor(20, 500.0), anchor(80, 0.0)),
        ]);
        let mut pieces = vec![piece(0, [0, 99], 0), piece(1, [0, 99], 1)];
        assert_eq!(apply(&mut pieces, &swap, &search(&swap)), Vec::<String>::new());
        assert_eq!(people(&pieces), [(0, [0, 49], 0), (0, [50, 99], 1), (1, [0, 49], 1), (1, [50, 99], 0)]);
    }

    #[test]
    fn two_bodies_of_one_frame_are_never_merged() {
        let merge = edits([EditKind::Merge(anchor(20, 0.0), anchor(20, 500.0))]);
        let mut pieces = vec![piece(0, [0, 99], 0), piece(1, [0, 99], 1)];
        let warnings = apply(&mut pieces, &merge, &search(&merge));
        assert_eq!(warnings, ["edit 1 (merge) has no effect: people 0 and 1 are both in frame 0"]);
        assert_eq!(people(&pieces), [(0, [0, 99], 0), (1, [0, 99], 1)]);
    }

    #[test]
    fn the_last_name_counts_and_stays_with_who_is_at_its_anchor() {
        let name = |frame_idx: u32, text: &str| EditKind::Name(anchor(frame_idx, 0.0), text.to_owned());
        let edits = edits([name(10, "Ann"), EditKind::Split(anchor(50, 0.0)), name(20, "Anna")]);
        let mut pieces = vec![piece(0, [0, 99], 0), piece(1, [0, 99], 1)];
        assert_eq!(apply(&mut pieces, &edits, &search(&edits)), Vec::<String>::new());
        let names: Vec<_> = pieces.iter().map(|Piece(row)| (row.person_id, row.name.as_deref())).collect();
        assert_eq!(names, [(0, Some("Anna")), (2, None), (1, None)]);
    }
}
