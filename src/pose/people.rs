//! Several people through the frames of a segment.
//!
//! Each is followed as MediaPipe follows one: the landmark network looks where the previous frame's landmarks say. The
//! detector of several people (MoveNet) runs at the start of a segment, every half second, and while somebody is missing; it finds
//! newcomers, confirms who is followed, and finds again who was lost. Unlike in MediaPipe's graph, a detection never
//! replaces a pose that is followed well: who is followed is matched with the detections first, one to one.
//!
//! Two tracks never share a body: where their poses fall together, the one that it surprises less keeps it, and the other
//! is missing until it is found elsewhere. Who is lost in an unusual posture is looked for in turned crops. Pure but for the
//! networks.

use super::assignment::assign;
use super::landmarker::Landmarker;
use super::multipose::Candidate;
use super::region::Region;
use super::search::Search;
use super::tiles::Tiling;
use super::track::{Sighting, Track};
use super::tracker::{PoseNetworks, RegionSource};
use super::tracklet::{PersonPose, TrackletSummary};
use crate::image::Picture;

/// The networks that following several people takes.
pub trait PeopleNetworks: PoseNetworks {
    /// Runs the detector of several people on `input` (`size` is its width and height, values 0 to 255).
    ///
    /// # Errors
    /// The network could not be run.
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), Self::Error>;
}

/// How several people are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeopleSettings {
    /// People at most.
    pub max_people: usize,
    /// A region holds a person where the landmark network's flag is above this, 0..=1.
    pub min_presence: f32,
    /// A newcomer counts from this score of the detector on, 0..=1.
    pub min_detection: f32,
    /// How the detector looks at the picture.
    pub tiling: Tiling,
    /// Seconds from one detection to the next while nobody is missing.
    pub detection_interval_s: f64,
}

impl Default for PeopleSettings {
    fn default() -> Self {
        Self { max_people: 6, min_presence: 0.5, min_detection: 0.25, tiling: Tiling::Auto, detection_interval_s: 0.5 }
    }
}

/// A pose and a detection are the same person up to this mean distance of their points, in sizes.
const SAME_PERSON: f32 = 0.2;
/// Two poses are the same body up to this median distance of their landmarks, in heights.
const SAME_BODY: f32 = 0.08;
/// Seconds for which a missing person is expected where they were going: twice as long as they are moved on. Later, who comes out where
/// they went in would be nearer to that place than they are. So whoever is found then is a tracklet of its own, and identity, which
/// sees both sides of the gap and what people wear, tells who it is.
const PATIENCE_S: f64 = 0.6;
/// Seconds from a loss on in which the detector looks often.
const SEARCH_S: f64 = 1.0;
/// Seconds from one detection to the next while somebody is missing.
const SEARCH_INTERVAL_S: f64 = 0.1;
/// A person must have been followed for so many frames to be looked for in turned crops.
const MIN_FRAMES_TO_TURN: u32 = 5;
/// From here on a person leans more than walkers and runners do, and may be turning over, radians. Who is upright is not looked for
/// in turned crops: in them the network also sees somebody where half a person comes out from behind something, or bark.
const LEANING_RAD: f32 = std::f32::consts::FRAC_PI_6;
/// A person of whom less than this share of landmarks is within the picture has left it.
const MIN_SHARE_INSIDE: f32 = 0.25;

/// Follows several people through consecutive frames.
#[derive(Debug)]
pub struct PeopleTracker {
    settings: PeopleSettings,
    landmarker: Landmarker,
    tracks: Vec<Track>,
    /// Of tracks that ended in this segment.
    ended: Vec<TrackletSummary>,
    next_number: u16,
    last_frame_s: Option<f64>,
    last_detection_s: Option<f64>,
    /// Until when somebody who was lost may come back soon.
    search_until_s: f64,
    search: Search,
}

impl PeopleTracker {
    /// A tracker that has seen nothing.
    #[must_use]
    pub fn new(settings: PeopleSettings) -> Self {
        Self {
            settings,
            landmarker: Landmarker::new(settings.min_presence),
            tracks: Vec::new(),
            ended: Vec::new(),
            next_number: 0,
            last_frame_s: None,
            last_detection_s: None,
            search_until_s: f64::NEG_INFINITY,
            search: Search::new(settings.tiling, settings.min_detection),
        }
    }

    /// Ends the segment: returns what is known of its tracklets, and forgets everybody.
    pub fn end_segment(&mut self) -> Vec<TrackletSummary> {
        self.lose_everybody();
        self.next_number = 0;
        let mut summaries = std::mem::take(&mut self.ended);
        summaries.sort_by_key(|summary| summary.tracklet);
        summaries
    }

    /// Forgets everybody, as after a frame that could not be decoded; the next frame starts with detection.
    pub fn lose_everybody(&mut self) {
        let end_s = self.last_frame_s.unwrap_or_default();
        self.ended.extend(self.tracks.drain(..).map(|track| track.summary(end_s)));
        (self.last_frame_s, self.last_detection_s) = (None, None);
        self.search_until_s = f64::NEG_INFINITY;
    }

    /// The people in the next frame, by number of their tracklets.
    ///
    /// # Errors
    /// A network could not be run; everybody is forgotten and the next frame starts with detection.
    pub fn next_frame<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<Vec<PersonPose>, N::Error> {
        let found = self.look(networks, image, time_s);
        if found.is_err() {
            self.lose_everybody();
        }
        found.map(|()| self.settle(image.size_px(), time_s))
    }

    fn look<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<(), N::Error> {
        self.follow(networks, image, time_s)?;
        self.part_bodies(time_s);
        if self.is_detection_due(time_s) {
            self.last_detection_s = Some(time_s);
            let candidates = self.search.everybody(networks, image)?;
            self.reconcile(networks, image, time_s, candidates)?;
            self.part_bodies(time_s);
            self.note_appearances(image);
        }
        Ok(())
    }

    /// Looks for everybody where they should be.
    fn follow<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<(), N::Error> {
        let (size_px, last_frame_s) = (image.size_px(), self.last_frame_s);
        for track in &mut self.tracks {
            let is_followed = track.is_followed(last_frame_s);
            // Who left the picture comes back where the detector sees them, not where they went.
            let may_be_there = is_inside(track.expected_center_px(time_s), size_px);
            if !is_followed && !may_be_there {
                continue;
            }
            let is_known = may_be_there && track.n_frames() >= MIN_FRAMES_TO_TURN;
            let mut found = None;
            for region in track.expected_regions(time_s, last_frame_s, size_px) {
                found = self.landmarker.find(networks, image, region, RegionSource::Tracking)?;
                if found.is_none() && is_known && region.rotation_rad.abs() >= LEANING_RAD {
                    found = self.landmarker.find_turned(networks, image, region)?;
                }
                if found.is_some() {
                    break;
                }
            }
            track.now = found
                .map(|tracked| Sighting::new(tracked, size_px))
                .filter(|sighting| sighting.share_inside(size_px) >= MIN_SHARE_INSIDE);
        }
        Ok(())
    }

    /// Where two tracks have the same body, the one that is less surprised keeps it; of equals the older.
    fn part_bodies(&mut self, time_s: f64) {
        for first in 0..self.tracks.len() {
            for second in first + 1..self.tracks.len() {
                let (Some(a), Some(b)) = (&self.tracks[first].now, &self.tracks[second].now) else { continue };
                if a.body_distance(b) > SAME_BODY {
                    continue;
                }
                let surprise = |track: &Track, sighting: &Sighting| {
                    if track.n_frames() == 0 { f32::INFINITY } else { track.surprise(sighting, time_s) }
                };
                let is_firsts = surprise(&self.tracks[first], a) <= surprise(&self.tracks[second], b);
                let loser = if is_firsts { second } else { first };
                self.tracks[loser].now = None;
            }
        }
        // Who has never been there but for another's body has not come at all.
        self.tracks.retain(|track| track.now.is_some() || track.n_frames() > 0);
    }

    fn is_detection_due(&self, time_s: f64) -> bool {
        let Some(last_s) = self.last_detection_s else { return true };
        let is_somebody_missing = time_s <= self.search_until_s || self.tracks.iter().any(|track| track.now.is_none());
        let interval_s = if is_somebody_missing { SEARCH_INTERVAL_S } else { self.settings.detection_interval_s };
        // Times are sums of intervals: without some tolerance the frame that is due would often be missed by rounding.
        time_s - last_s >= interval_s - 1e-4
    }

    /// Brings detections and tracks together: confirms who is seen, finds who is missing, takes newcomers in.
    fn reconcile<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
        mut candidates: Vec<Candidate>,
    ) -> Result<(), N::Error> {
        let seen = self.pairs(&candidates, |track, candidate| {
            let distance = candidate.distance(&track.now.as_ref()?.landmarks_px)?;
            (distance <= SAME_PERSON).then_some(distance)
        });
        for &(track, candidate) in &seen {
            self.tracks[track].confirm(candidates[candidate].score);
        }
        remove_taken(&mut candidates, &seen);
        candidates.retain(|candidate| candidate.score >= self.settings.min_detection);
        let missing =
            self.pairs(
                &candidates,
                |track, candidate| {
                    if track.now.is_some() { None } else { relocation_cost(track, candidate, time_s) }
                },
            );
        for &(track, candidate) in &missing {
            let candidate = &candidates[candidate];
            if let Some(sighting) = self.sight(networks, image, candidate)? {
                self.tracks[track].confirm(candidate.score);
                self.tracks[track].now = Some(sighting);
            }
        }
        remove_taken(&mut candidates, &missing);
        self.welcome(networks, image, time_s, &candidates)
    }

    /// The best one-to-one pairs of tracks and candidates (by index) under a cost; `None` is impossible.
    fn pairs(&self, candidates: &[Candidate], cost: impl Fn(&Track, &Candidate) -> Option<f32>) -> Vec<(usize, usize)> {
        /// More than any pair that is possible.
        const UNPAIRED: f32 = 100.0;
        let costs_of = |track: &Track| -> Vec<f32> {
            candidates.iter().map(|candidate| cost(track, candidate).unwrap_or(f32::INFINITY)).collect()
        };
        let costs: Vec<Vec<f32>> = self.tracks.iter().map(costs_of).collect();
        let partners = assign(&costs, UNPAIRED).into_iter().enumerate();
        partners.filter_map(|(track, candidate)| Some((track, candidate?))).collect()
    }

    /// The pose of a candidate, where the landmark network agrees that somebody of that posture is there. It looks twice: where
    /// the detector's coarse points say, then where its own landmarks do, as it would in the next frame.
    fn sight<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        candidate: &Candidate,
    ) -> Result<Option<Sighting>, N::Error> {
        let size_px = image.size_px();
        let region = candidate.region(size_px);
        let source = RegionSource::PeopleDetector;
        let Some(first) = self.landmarker.find(networks, image, region, source)? else { return Ok(None) };
        let [center, scale_point] = first.pose.auxiliary.map(|point| [point.x, point.y]);
        let region = Region::from_points(center, scale_point, size_px);
        let second = self.landmarker.find(networks, image, region, source)?;
        let looks = [second, Some(first)].into_iter().flatten();
        Ok(looks.map(|tracked| Sighting::new(tracked, size_px)).find(|sighting| {
            let agrees = candidate.distance(&sighting.landmarks_px).is_none_or(|distance| distance <= SAME_PERSON);
            agrees && sighting.share_inside(size_px) >= MIN_SHARE_INSIDE
        }))
    }

    fn welcome<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
        candidates: &[Candidate],
    ) -> Result<(), N::Error> {
        let is_at_segment_start = self.last_frame_s.is_none();
        for candidate in candidates {
            if self.tracks.len() >= self.settings.max_people {
                return Ok(());
            }
            if let Some(sighting) = self.sight(networks, image, candidate)? {
                let number = self.next_number;
                self.next_number += 1;
                self.tracks.push(Track::new(number, sighting, time_s, candidate.score, is_at_segment_start));
            }
        }
        Ok(())
    }

    /// Looks at what people wear, but for those who are in front of or behind others.
    fn note_appearances<P: Picture + ?Sized>(&mut self, image: &P) {
        let boxes: Vec<Option<[f32; 4]>> =
            self.tracks.iter().map(|track| track.now.as_ref().map(Sighting::box_px)).collect();
        for (index, track) in self.tracks.iter_mut().enumerate() {
            let (Some(sighting), Some(of_track)) = (track.now.clone(), boxes[index]) else { continue };
            let others = boxes.iter().enumerate().filter(|(other, _)| *other != index);
            let is_alone = others.filter_map(|(_, of_other)| *of_other).all(|of_other| !overlap(&of_track, &of_other));
            if is_alone {
                track.appearance_mut().add(image, &sighting.landmarks_px);
            }
        }
    }

    /// Ends the frame: sightings become what the next frame starts from, and who has been missing for too long is given up.
    fn settle(&mut self, size_px: [usize; 2], time_s: f64) -> Vec<PersonPose> {
        let last_frame_s = self.last_frame_s;
        let mut people = Vec::with_capacity(self.tracks.len());
        for track in &mut self.tracks {
            if let Some(tracked) = track.settle(last_frame_s, time_s, size_px) {
                people.push(PersonPose { tracklet: track.number, tracked });
            }
        }
        let is_in_picture = |track: &Track| track.last().share_inside(size_px) >= MIN_SHARE_INSIDE;
        let (kept, given_up): (Vec<_>, Vec<_>) = std::mem::take(&mut self.tracks)
            .into_iter()
            .partition(|track| track.missing_s(time_s) <= PATIENCE_S && is_in_picture(track));
        self.tracks = kept;
        let may_return = given_up.iter().filter(|track| is_in_picture(track));
        let until_s = may_return.map(|track| time_s - track.missing_s(time_s) + SEARCH_S);
        self.search_until_s = until_s.fold(self.search_until_s, f64::max);
        self.ended.extend(given_up.iter().map(|track| track.summary(f64::INFINITY)));
        self.last_frame_s = Some(time_s);
        people
    }
}

/// The cost of a missing person being a candidate; `None` where they are too far or of another size.
fn relocation_cost(track: &Track, candidate: &Candidate, time_s: f64) -> Option<f32> {
    /// How far somebody can be from where they are expected, in sizes: at once, and for each second more.
    const REACH: f32 = 0.4;
    const REACH_PER_S: f32 = 1.5;
    /// How much larger or smaller somebody can look.
    const SIZE_RATIO: f32 = 1.6;
    let (expected, found) = (track.expected_center_px(time_s), candidate.body_points_px()[0]);
    let distance = (expected[0] - found[0]).hypot(expected[1] - found[1]) / track.size_px().max(1.0);
    let ratio = candidate.size_px() / track.size_px().max(1.0);
    let is_near = distance <= REACH + REACH_PER_S * track.missing_s(time_s) as f32;
    let is_alike = (1.0 / SIZE_RATIO..=SIZE_RATIO).contains(&ratio);
    (is_near && is_alike).then(|| distance + ratio.ln().abs())
}

fn remove_taken(candidates: &mut Vec<Candidate>, pairs: &[(usize, usize)]) {
    let mut index = 0;
    candidates.retain(|_| {
        let is_taken = pairs.iter().any(|&(_, candidate)| candidate == index);
        index += 1;
        !is_taken
    });
}

fn is_inside(point_px: [f32; 2], size_px: [usize; 2]) -> bool {
    (0..2).all(|axis| (0.0..size_px[axis] as f32).contains(&point_px[axis]))
}

/// Whether two boxes (left, top, right, bottom) touch.
fn overlap(a: &[f32; 4], b: &[f32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests;
