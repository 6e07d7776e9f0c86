//! Tracks several people through the frames of a segment.
//!
//! Each person is followed as MediaPipe follows one: the previous frame's landmarks give the region for the landmark
//! network. The detector for several people (MoveNet) runs at the start of a segment, every half second, and while a
//! person is missing. It finds new people, confirms followed people, and finds lost people again. Where it sees nobody,
//! BlazePose's own detector is asked (`last_resort`). Unlike in MediaPipe's
//! graph, a detection never replaces the pose of a well-followed person: detections are first matched one to one with
//! the followed people.
//!
//! Two tracks never share a body (`doubles`). If their poses coincide, the track whose prediction is closer keeps the
//! body; the other track's person counts as missing until found elsewhere. A person lost in an unusual posture is
//! searched for in rotated crops. Pure except for the networks.

mod doubles;
mod last_resort;
mod matching;

use self::matching::{Lead, SAME_PERSON, Sought, is_inside, overlap, relocation_cost, remove_taken};
use super::assignment::assign;
use super::camera::motion::CameraMotion;
use super::detector::DetectorThresholds;
use super::landmarker::{Landmarker, Look};
use super::multipose::Candidate;
use super::opinion::Trust;
use super::region::Region;
use super::search::{Search, SearchForOne};
use super::tiles::Tiling;
use super::track::{Sighting, Track};
use super::tracker::PoseNetworks;
use super::tracklet::{PersonPose, TrackletSummary};
use crate::image::Picture;

/// The networks needed to follow several people.
pub trait PeopleNetworks: PoseNetworks {
    /// Runs the detector for several people on `input` (`size` is its width and height, values 0 to 255).
    ///
    /// # Errors
    /// The network could not be run.
    fn find_people(&mut self, input: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), Self::Error>;
}

/// Settings for following several people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeopleSettings {
    /// Maximum number of people.
    pub max_people: usize,
    /// A region holds a person if the landmark network's flag is above this, 0..=1.
    pub min_presence: f32,
    /// Minimum detector score of a new person, 0..=1.
    pub min_detection: f32,
    /// The division of the picture into tiles for the detector.
    pub tiling: Tiling,
    /// Seconds between detections while nobody is missing.
    pub detection_interval_s: f64,
    /// Whether a second landmark network is asked where the first one is not sure.
    pub has_second_opinion: bool,
}

impl Default for PeopleSettings {
    fn default() -> Self {
        Self {
            max_people: 6,
            min_presence: 0.5,
            min_detection: 0.25,
            tiling: Tiling::Auto,
            detection_interval_s: 0.5,
            has_second_opinion: false,
        }
    }
}

/// Seconds for which a missing person is expected at the predicted position: twice as long as the prediction moves.
/// Later, another person who appears where the missing person disappeared would be nearer to the prediction than the
/// missing person. A person found after this time therefore starts a new tracklet. Identity, which sees both sides of
/// the gap and the appearance, decides who it is.
const PATIENCE_S: f64 = 0.6;
/// Seconds after a loss during which the detector runs often.
const SEARCH_S: f64 = 1.0;
/// Seconds between detections while a person is missing.
const SEARCH_INTERVAL_S: f64 = 0.1;
/// Minimum number of frames in which a person must have been followed before rotated crops are tried.
const MIN_FRAMES_TO_TURN: u32 = 5;
/// Lean from which on a person may be turning over, radians: more than walkers and runners lean. Rotated crops are not
/// tried for upright people: in rotated crops the network also detects a person in tree bark, or in half a person
/// coming out from behind something.
const LEANING_RAD: f32 = std::f32::consts::FRAC_PI_6;
/// A person has left the picture if less than this share of landmarks is within it.
const MIN_SHARE_INSIDE: f32 = 0.25;

/// Follows several people through consecutive frames.
#[derive(Debug)]
pub struct PeopleTracker {
    settings: PeopleSettings,
    landmarker: Landmarker,
    tracks: Vec<Track>,
    /// Summaries of tracks that ended in this segment.
    ended: Vec<TrackletSummary>,
    next_number: u16,
    last_frame_s: Option<f64>,
    last_detection_s: Option<f64>,
    /// Time until which a lost person may soon reappear.
    search_until_s: f64,
    search: Search,
    search_for_one: SearchForOne,
}

impl PeopleTracker {
    /// Creates a tracker without any person.
    #[must_use]
    pub fn new(settings: PeopleSettings) -> Self {
        Self {
            settings,
            landmarker: Landmarker::new(settings.min_presence, settings.has_second_opinion),
            tracks: Vec::new(),
            ended: Vec::new(),
            next_number: 0,
            last_frame_s: None,
            last_detection_s: None,
            search_until_s: f64::NEG_INFINITY,
            search: Search::new(settings.tiling, settings.min_detection),
            search_for_one: SearchForOne::new(DetectorThresholds::default()),
        }
    }

    /// Ends the segment: returns the summaries of its tracklets and forgets all people.
    pub fn end_segment(&mut self) -> Vec<TrackletSummary> {
        self.lose_everybody();
        self.next_number = 0;
        let mut summaries = std::mem::take(&mut self.ended);
        summaries.sort_by_key(|summary| summary.tracklet);
        summaries
    }

    /// Forgets all people, as after a frame that could not be decoded; the next frame starts with detection.
    pub fn lose_everybody(&mut self) {
        let end_s = self.last_frame_s.unwrap_or_default();
        self.ended.extend(self.tracks.drain(..).map(|track| track.summary(end_s)));
        (self.last_frame_s, self.last_detection_s) = (None, None);
        self.search_until_s = f64::NEG_INFINITY;
    }

    /// Notes that the camera has moved since the last frame: people who stand still are seen elsewhere.
    pub fn move_with(&mut self, camera: &CameraMotion, size_px: [usize; 2]) {
        if !camera.is_still() {
            self.tracks.iter_mut().for_each(|track| track.move_with(camera, self.last_frame_s, size_px));
        }
    }

    /// Finds the people in the next frame, by number of their tracklets.
    ///
    /// # Errors
    /// A network could not be run; all people are forgotten and the next frame starts with detection.
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
            if !self.reconcile(networks, image, time_s, candidates)? {
                self.look_again(networks, image, time_s)?;
            }
            self.part_bodies(time_s);
            self.note_appearances(image);
        }
        Ok(())
    }

    /// Searches for every person at the expected position.
    fn follow<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<(), N::Error> {
        let size_px = image.size_px();
        let mut sought = self.sought(time_s, size_px);
        // All people are looked for at once, each in the first expected region, then those not found in the next one.
        while !sought.is_empty() {
            let looks: Vec<Look> = sought.iter().map(Sought::look).collect();
            let found = self.landmarker.find_all(networks, image, &looks)?;
            let mut left = Vec::new();
            for (mut sought, mut found) in sought.into_iter().zip(found) {
                let region = sought.regions.remove(0);
                if found.is_none() && sought.may_have_turned && region.rotation_rad.abs() >= LEANING_RAD {
                    found = self.landmarker.find_turned(networks, image, region)?;
                }
                if found.is_none() && !sought.regions.is_empty() {
                    left.push(sought);
                } else {
                    self.tracks[sought.track].now = found
                        .map(|found| Sighting::new(found, size_px))
                        .filter(|sighting| sighting.share_inside(size_px) >= MIN_SHARE_INSIDE);
                }
            }
            sought = left;
        }
        Ok(())
    }

    /// Returns the tracks whose people may be in the picture, with the regions in which they are expected.
    fn sought(&self, time_s: f64, size_px: [usize; 2]) -> Vec<Sought> {
        let of_track = |(index, track): (usize, &Track)| {
            // A person who left the picture is found again by the detector, not at the predicted position.
            let may_be_there = is_inside(track.expected_center_px(time_s), size_px);
            let is_followed = track.is_followed(self.last_frame_s);
            (is_followed || may_be_there).then(|| Sought {
                track: index,
                regions: track.expected_regions(time_s, self.last_frame_s, size_px),
                may_have_turned: may_be_there && track.n_frames() >= MIN_FRAMES_TO_TURN,
                trust: if is_followed { track.trust() } else { Trust::default() },
                is_followed,
            })
        };
        self.tracks.iter().enumerate().filter_map(of_track).collect()
    }

    fn is_detection_due(&self, time_s: f64) -> bool {
        let Some(last_s) = self.last_detection_s else { return true };
        let is_somebody_missing = time_s <= self.search_until_s || self.tracks.iter().any(|track| track.now.is_none());
        let interval_s = if is_somebody_missing { SEARCH_INTERVAL_S } else { self.settings.detection_interval_s };
        // Times are sums of intervals: without a tolerance, rounding would often make the detector miss the frame in
        // which it is due.
        time_s - last_s >= interval_s - 1e-4
    }

    /// Matches detections and tracks: confirms visible people, finds missing people, adds new people. Returns whether a
    /// detection was somebody.
    fn reconcile<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
        mut candidates: Vec<Candidate>,
    ) -> Result<bool, N::Error> {
        let size_px = image.size_px();
        self.tracks.iter_mut().filter(|track| track.now.is_some()).for_each(Track::pass_over);
        let seen = self.pairs(&candidates, |track, candidate| {
            let distance = candidate.distance(&track.now.as_ref()?.landmarks_px)?;
            (distance <= SAME_PERSON).then_some(distance)
        });
        for &(track, candidate) in &seen {
            self.tracks[track].confirm(candidates[candidate].score);
        }
        let mut is_somebody = !seen.is_empty();
        remove_taken(&mut candidates, &seen);
        candidates.retain(|candidate| candidate.score >= self.settings.min_detection);
        let missing = self.pairs(&candidates, |track, candidate| {
            let lead = || Lead::of_candidate(candidate, size_px);
            if track.now.is_some() { None } else { relocation_cost(track, &lead(), time_s) }
        });
        for &(track, candidate) in &missing {
            let candidate = &candidates[candidate];
            if let Some(sighting) = self.sight(networks, image, &Lead::of_candidate(candidate, size_px))? {
                self.tracks[track].confirm(candidate.score);
                self.tracks[track].now = Some(sighting);
                is_somebody = true;
            }
        }
        remove_taken(&mut candidates, &missing);
        Ok(self.welcome(networks, image, time_s, &candidates)? || is_somebody)
    }

    /// The best one-to-one pairs of tracks and candidates (by index) under a cost; a cost of `None` forbids the pair.
    fn pairs(&self, candidates: &[Candidate], cost: impl Fn(&Track, &Candidate) -> Option<f32>) -> Vec<(usize, usize)> {
        /// More than the cost of any allowed pair.
        const UNPAIRED: f32 = 100.0;
        let costs_of = |track: &Track| -> Vec<f32> {
            candidates.iter().map(|candidate| cost(track, candidate).unwrap_or(f32::INFINITY)).collect()
        };
        let costs: Vec<Vec<f32>> = self.tracks.iter().map(costs_of).collect();
        let partners = assign(&costs, UNPAIRED).into_iter().enumerate();
        partners.filter_map(|(track, candidate)| Some((track, candidate?))).collect()
    }

    /// The pose of a detected person, if the landmark network confirms a person of that posture. The network runs twice:
    /// on the region from the detector's coarse points, then on the region from its own landmarks, as in the next frame.
    fn sight<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        lead: &Lead<'_>,
    ) -> Result<Option<Sighting>, N::Error> {
        let size_px = image.size_px();
        let look = |region| Look { region, source: lead.source, trust: Trust::default(), asks_twice: true };
        let first = self.landmarker.find(networks, image, look(lead.region))?;
        let Some(first) = first else { return Ok(None) };
        let [center, scale_point] = first.tracked.pose.auxiliary.map(|point| [point.x, point.y]);
        let region = Region::from_points(center, scale_point, size_px);
        let second = self.landmarker.find(networks, image, look(region))?;
        if second.is_none() && lead.is_of_one() {
            return Ok(None);
        }
        let looks = [second, Some(first)].into_iter().flatten();
        let mut sightings = looks.map(|found| Sighting::new(found, size_px));
        Ok(sightings.find(|sighting| lead.fits(sighting) && sighting.share_inside(size_px) >= MIN_SHARE_INSIDE))
    }

    /// Adds the people whom `candidates` show. A body that a track misread is not somebody new.
    fn welcome<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
        candidates: &[Candidate],
    ) -> Result<bool, N::Error> {
        let is_at_segment_start = self.last_frame_s.is_none();
        let size_px = image.size_px();
        let mut is_somebody = false;
        for candidate in candidates {
            let is_full = self.tracks.len() >= self.settings.max_people;
            if is_full && !self.tracks.iter().any(|track| track.n_passed_over() > 0) {
                break;
            }
            let Some(sighting) = self.sight(networks, image, &Lead::of_candidate(candidate, size_px))? else {
                continue;
            };
            if let Some(track) = self.misread(&sighting, size_px) {
                self.tracks[track].confirm(candidate.score);
                self.tracks[track].correct(sighting);
            } else if !is_full {
                self.begin(sighting, time_s, candidate.score, is_at_segment_start);
            }
            is_somebody = true;
        }
        Ok(is_somebody)
    }

    /// Begins the track of a new person.
    fn begin(&mut self, sighting: Sighting, time_s: f64, detection_score: f32, is_at_segment_start: bool) {
        self.tracks.push(Track::new(self.next_number, sighting, time_s, detection_score, is_at_segment_start));
        self.next_number += 1;
    }

    /// Samples the appearance of all people except those who overlap others.
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

    /// Ends the frame: the next frame starts from the sightings, and people missing for too long are dropped.
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

#[cfg(test)]
mod tests;
