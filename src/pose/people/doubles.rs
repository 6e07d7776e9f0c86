//! Tracks that have the same body: two never keep it.
//!
//! The landmark network reads the same body differently in different crops, above all a body that the border of the
//! picture cuts. Then two tracks can follow one body although their poses do not coincide. The detector for several
//! people sees one person there, and confirms one of them.

use super::PeopleTracker;
use super::matching::overlap_inside;
use crate::pose::multipose::contained;
use crate::pose::track::{Sighting, Track};

/// Two poses belong to the same body up to this median distance of their landmarks, in heights.
const SAME_BODY: f32 = 0.08;
/// Likewise if the detector confirms one of them only.
const SAME_BODY_UNCONFIRMED: f32 = 0.2;
/// A pose with this share of its box inside that of the only confirmed one belongs to the same body too: the network
/// also sees a small person on the trunk of a large one.
const INSIDE_UNCONFIRMED: f32 = 0.75;
/// Detections in a row that must pass over a track before its body counts as another's.
const MIN_PASSED_OVER: u32 = 2;
/// A track that is confirmed where an older one is passed over is the older track's person up to this age, seconds: a
/// little more than the time between two detections.
const YOUNG_S: f64 = 0.6;
/// A newly seen body belongs to a track that was passed over if their boxes within the picture have this much in common
/// (intersection over union).
const SAME_PLACE: f32 = 0.5;

impl PeopleTracker {
    /// Resolves tracks with the same body. If their poses coincide, the track whose prediction is closer keeps it; if
    /// equal, the older track. If they are close and the detector confirms one of them only, that one keeps it, unless
    /// it is new: then the older track goes on with its pose.
    pub(super) fn part_bodies(&mut self, time_s: f64) {
        for first in 0..self.tracks.len() {
            for second in first + 1..self.tracks.len() {
                let (Some(a), Some(b)) = (&self.tracks[first].now, &self.tracks[second].now) else { continue };
                let distance = a.body_distance(b);
                if distance <= SAME_BODY {
                    let loser = if self.is_closer(first, second, time_s) { second } else { first };
                    self.tracks[loser].now = None;
                } else {
                    self.settle_by_detections(first, second, time_s);
                }
            }
        }
        let is_kept = |track: &mut Track| (track.now.is_some() || track.n_frames() > 0) && !track.is_double();
        // A new track that only had another person's body is removed.
        let removed = self.tracks.extract_if(.., |track| !is_kept(track));
        self.ended.extend(removed.filter(|track| track.n_frames() > 0).map(|track| track.summary(f64::INFINITY)));
    }

    /// Whether the sighting of the first track is closer to its prediction than that of the second.
    fn is_closer(&self, first: usize, second: usize, time_s: f64) -> bool {
        let surprise = |index: usize| {
            let track = &self.tracks[index];
            let is_known = track.n_frames() > 0;
            track.now.as_ref().filter(|_| is_known).map_or(f32::INFINITY, |now| track.surprise(now, time_s))
        };
        surprise(first) <= surprise(second)
    }

    /// If the poses are close, takes the body from a track that the detector passes over while it confirms the other.
    fn settle_by_detections(&mut self, first: usize, second: usize, time_s: f64) {
        let (passed_over, confirmed) = match (self.tracks[first].n_passed_over(), self.tracks[second].n_passed_over()) {
            (MIN_PASSED_OVER.., 0) => (first, second),
            (0, MIN_PASSED_OVER..) => (second, first),
            _ => return,
        };
        let (Some(a), Some(b)) = (&self.tracks[passed_over].now, &self.tracks[confirmed].now) else { return };
        if a.body_distance(b) > SAME_BODY_UNCONFIRMED && contained(&a.box_px(), &b.box_px()) < INSIDE_UNCONFIRMED {
            return;
        }
        let is_young = self.tracks[confirmed].age_s(time_s) <= YOUNG_S;
        if is_young && passed_over < confirmed {
            if let Some(sighting) = self.tracks[confirmed].give_up() {
                self.tracks[passed_over].correct(sighting);
            }
        } else {
            self.tracks[passed_over].now = None;
        }
    }

    /// The track whose network misread the body of a detection: it was passed over, and has its own body in the same
    /// place.
    pub(super) fn misread(&self, sighting: &Sighting, size_px: [usize; 2]) -> Option<usize> {
        let box_px = sighting.box_px();
        let is_same = |track: &Track| {
            let now = track.now.as_ref().filter(|_| track.n_passed_over() > 0);
            now.is_some_and(|now| overlap_inside(&now.box_px(), &box_px, size_px) >= SAME_PLACE)
        };
        self.tracks.iter().position(is_same)
    }
}
