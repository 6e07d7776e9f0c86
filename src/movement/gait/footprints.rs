//! Footprints: the places on the ground where the tip of a foot rests while the body passes over it.
//!
//! For one crossing of few steps, in which the other methods find too little. They follow each foot, so they fail
//! where the network takes one leg for the other: the filter then blends two legs, and neither seems to rest. Here the
//! unfiltered tips of both feet count alike, and whichever is at the place continues the footprint. The side is that
//! of most frames of all footprints, taken in turns.
//!
//! Chance leaves no such traces, so three footprints are enough: they lie ahead of each other by even steps, are made
//! at even times by alternate feet, and the body is behind each when it is made, beyond it when it is left, and
//! travels as far as the feet.

use super::methods::Candidate;
use super::order::{Ordered, put_in_order};
use super::side_view::SideView;
use super::{EventKind, GaitProblem, Side};
use crate::movement::series::{crossing_s, median, quantile};

/// The distance along the ground up to which a tip rests at its place, leg lengths: about 9 cm. Landmarks of a tip at
/// rest scatter by 3 cm; a swinging foot passes this in a frame.
const AT_PLACE: f64 = 0.1;
/// The same before the foot has come to rest: shoes slide and landmarks lag at contact.
const NEAR_PLACE: f64 = 0.15;
/// The height above and below the place up to which a tip belongs to it, leg lengths: the tip rises as the foot rolls
/// off.
const LEVEL: f64 = 0.15;
/// The same after it, as long as other footprints of the passage last: where the network blends two legs, the tip
/// seems to leave early.
const LEAVING: f64 = 0.25;
/// The longest time for which no tip is seen at a footprint in use, seconds: legs were blended for 0.1 s.
const MAX_HIDDEN_S: f64 = 0.17;
/// The largest height of a footprint above the lowest one near it, leg lengths: a tip that turns around in the air
/// is higher.
const MAX_RISE: f64 = 0.13;
/// The time around a footprint in which others are near it, seconds.
const NEAR_S: f64 = 1.5;
/// The shortest time for which a tip rests, seconds: the stance of a sprinter.
const MIN_REST_S: f64 = 0.09;
/// The smallest number of frames in which a tip rests.
const MIN_FRAMES: usize = 3;
/// The longest rest, seconds: more is standing.
const MAX_REST_S: f64 = 1.5;
/// The smallest number of footprints.
const MIN_PRINTS: usize = 3;
/// The shortest step along the ground, leg lengths.
const MIN_STEP: f64 = 0.3;
/// The shortest and longest step, seconds.
const STEP_S: std::ops::RangeInclusive<f64> = 0.2..=1.5;
/// The smallest share of all rests that the steps must make up.
const MIN_KEPT_SHARE: f64 = 0.75;
/// The largest ratio of two steps, in time and in length.
const MAX_RATIO: f64 = 1.5;
/// The largest difference between the way of the body and that of the feet, as a share of the latter.
const MAX_SLIP: f64 = 0.3;
/// The smallest share of frames whose side fits alternate feet.
const MIN_SIDE_SHARE: f64 = 0.6;
/// The smallest speed of the body over the ground, leg lengths a second: a slow walk (0.5 m/s).
const MIN_SPEED: f64 = 0.6;

/// A place where a tip rests.
#[derive(Debug, Clone, PartialEq)]
struct Print {
    /// Forward along the ground, and up; leg lengths.
    place: [f64; 2],
    /// The frames in which a tip rests there, and the side that it has in the landmarks.
    rests: Vec<(usize, Side)>,
}

impl Print {
    fn first(&self) -> usize {
        self.rests.first().map_or(0, |rest| rest.0)
    }

    fn last(&self) -> usize {
        self.rests.last().map_or(0, |rest| rest.0)
    }

    fn middle(&self) -> usize {
        usize::midpoint(self.first(), self.last())
    }

    fn side_share(&self, side: Side) -> f64 {
        self.rests.iter().filter(|rest| rest.1 == side).count() as f64 / self.rests.len() as f64
    }
}

/// Returns the events of a passage by its footprints.
pub(super) fn find(view: &SideView) -> Result<Ordered, GaitProblem> {
    let ground = Ground::new(view);
    let all = ground.prints();
    let prints = ground.steps(&all);
    if prints.len() < MIN_PRINTS {
        return Err(GaitProblem::TooFewSteps { contacts: prints.len(), needed: MIN_PRINTS });
    }
    let rests = |prints: &[Print]| prints.iter().map(|print| print.rests.len()).sum::<usize>() as f64;
    if rests(&prints) < MIN_KEPT_SHARE * rests(&all) {
        return Err(GaitProblem::WrongOrder);
    }
    ground.check_rhythm(&prints)?;
    let first = alternating(&prints).ok_or(GaitProblem::WrongOrder)?;
    let usual_s = median(&prints.iter().map(|print| ground.rest_s(print)).collect::<Vec<_>>());
    let mut events = Vec::new();
    for (index, print) in prints.iter().enumerate() {
        let side = if index % 2 == 0 { first } else { first.other() };
        let strength = print.side_share(side).max(f64::EPSILON);
        let times =
            [(EventKind::Contact, ground.contact_s(print)), (EventKind::ToeOff, ground.toe_off_s(print, usual_s))];
        let found = times.into_iter().filter_map(|(kind, time_s)| Some((kind, time_s?)));
        events.extend(found.map(|(kind, time_s)| Candidate { kind, side, time_s, strength, rest_s: None }));
    }
    events.sort_by(|a: &Candidate, b| a.time_s.total_cmp(&b.time_s));
    let n = events.len();
    put_in_order(&events).filter(|ordered| ordered.events.len() == n).ok_or(GaitProblem::WrongOrder)
}

/// Returns the side of the first footprint if the feet alternate; `None` if the landmarks do not say so.
fn alternating(prints: &[Print]) -> Option<Side> {
    let share_if = |first: Side| {
        let sides = [first, first.other()];
        let shares = prints.iter().enumerate().map(|(index, print)| print.side_share(sides[index % 2]));
        shares.sum::<f64>() / prints.len() as f64
    };
    Side::BOTH.into_iter().find(|&side| share_if(side) >= MIN_SIDE_SHARE)
}

/// The tips of the feet and the body along the ground.
struct Ground<'a> {
    times_s: &'a [f64],
    /// Forward along the ground, and up; leg lengths.
    tips: [Vec<[f64; 2]>; 2],
    body: Vec<f64>,
}

impl<'a> Ground<'a> {
    fn new(view: &'a SideView) -> Self {
        let along = |forward: f64, index: usize| forward - view.ground_speed * view.times_s[index];
        let tips = |points: &Vec<[f64; 2]>| -> Vec<[f64; 2]> {
            points.iter().enumerate().map(|(index, &[forward, up])| [along(forward, index), up]).collect()
        };
        Self {
            times_s: &view.times_s,
            tips: [tips(&view.raw_toe[0]), tips(&view.raw_toe[1])],
            body: view.sacrum.iter().enumerate().map(|(index, &forward)| along(forward, index)).collect(),
        }
    }

    /// Returns the footprints on the floor over which the body passes, sorted by time.
    fn prints(&self) -> Vec<Print> {
        let n = self.times_s.len();
        let mut prints: Vec<Print> = Vec::new();
        let mut is_used = [vec![false; n], vec![false; n]];
        let mut seeds: Vec<(usize, usize, Side)> = Vec::new();
        for index in 0..n {
            for side in Side::BOTH {
                let support = self.rests(index, self.tips[side.index()][index], &is_used).len();
                if support >= MIN_FRAMES {
                    seeds.push((support, index, side));
                }
            }
        }
        // The longest rests first; of equal ones the earlier.
        seeds.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, index, side) in seeds {
            if is_used[side.index()][index] {
                continue;
            }
            let Some(print) = self.print(index, self.tips[side.index()][index], &is_used) else { continue };
            for &(frame, side) in &print.rests {
                is_used[side.index()][frame] = true;
            }
            prints.push(print);
        }
        prints.retain(|print| self.is_passed(print));
        prints.sort_by_key(Print::first);
        let is_on_floor = |print: &&Print| {
            let is_near = |other: &&Print| (self.middle_s(other) - self.middle_s(print)).abs() <= NEAR_S;
            prints.iter().filter(is_near).all(|other| print.place[1] - other.place[1] <= MAX_RISE)
        };
        prints.iter().filter(is_on_floor).cloned().collect()
    }

    /// Returns the sequence of steps that explains the most rests.
    fn steps(&self, prints: &[Print]) -> Vec<Print> {
        let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(prints.len());
        for (index, print) in prints.iter().enumerate() {
            let before = (0..index).filter(|&before| self.step(&prints[before], print).is_some());
            let before = before.max_by_key(|&before| best[before].0);
            best.push((print.rests.len() + before.map_or(0, |before| best[before].0), before));
        }
        let mut chain = Vec::new();
        let mut at = (0..prints.len()).max_by_key(|&index| best[index].0);
        while let Some(index) = at {
            chain.push(prints[index].clone());
            at = best[index].1;
        }
        chain.reverse();
        chain
    }

    /// Returns the time and length of the step from one footprint to the next; `None` if it cannot be a step.
    fn step(&self, from: &Print, to: &Print) -> Option<[f64; 2]> {
        let length = to.place[0] - from.place[0];
        let way = self.body[to.middle()] - self.body[from.middle()];
        let time_s = self.middle_s(to) - self.middle_s(from);
        let is_step = length >= MIN_STEP && STEP_S.contains(&time_s) && way >= MIN_SPEED * time_s;
        (is_step && (way - length).abs() <= MAX_SLIP * length).then_some([time_s, length])
    }

    fn middle_s(&self, print: &Print) -> f64 {
        self.times_s[print.middle()]
    }

    fn rest_s(&self, print: &Print) -> f64 {
        self.times_s[print.last()] - self.times_s[print.first()]
    }

    /// Returns the footprint around a tip in a frame, centered on its rests.
    fn print(&self, index: usize, tip: [f64; 2], is_used: &[Vec<bool>; 2]) -> Option<Print> {
        let mut place = tip;
        let mut rests = self.rests(index, place, is_used);
        for _ in 0..2 {
            let along = |axis: usize| -> Vec<f64> {
                rests.iter().map(|&(frame, side)| self.tips[side.index()][frame][axis]).collect()
            };
            // Most of a tip's heights are those of the foot flat on the ground; it never sinks in.
            place = [median(&along(0)), quantile(&along(1), 0.25)];
            rests = self.rests(index, place, is_used);
        }
        let (first, last) = (rests.first()?.0, rests.last()?.0);
        let rest_s = self.times_s[last] - self.times_s[first];
        let is_rest = rests.len() >= MIN_FRAMES && (MIN_REST_S..=MAX_REST_S).contains(&rest_s);
        is_rest.then_some(Print { place, rests })
    }

    /// Returns the frames around `index` in which a tip rests at `place`, with the side of the nearer tip.
    fn rests(&self, index: usize, place: [f64; 2], is_used: &[Vec<bool>; 2]) -> Vec<(usize, Side)> {
        let at = |frame: usize| {
            let free = Side::BOTH.into_iter().filter(|side| !is_used[side.index()][frame]);
            let near = free.map(|side| (self.distance(frame, side, place), side));
            near.filter(|near| near.0 <= AT_PLACE).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, side)| (frame, side))
        };
        let mut found = Vec::new();
        let mut follow = |frames: &mut dyn Iterator<Item = usize>| {
            let mut seen_s = self.times_s[index];
            for frame in frames {
                let time_s = self.times_s[frame];
                if (time_s - seen_s).abs() > MAX_HIDDEN_S || (time_s - self.times_s[index]).abs() > MAX_REST_S {
                    break;
                }
                if let Some(rest) = at(frame) {
                    seen_s = time_s;
                    found.push(rest);
                }
            }
        };
        follow(&mut (0..index).rev());
        follow(&mut (index..self.times_s.len()));
        found.sort_by_key(|rest| rest.0);
        found
    }

    /// Returns the distance of a tip from a place along the ground; infinite if the tip is too high, too low or
    /// missing.
    fn distance(&self, frame: usize, side: Side, place: [f64; 2]) -> f64 {
        let [forward, up] = self.tips[side.index()][frame];
        let is_level = (up - place[1]).abs() <= LEVEL;
        if is_level && forward.is_finite() { (forward - place[0]).abs() } else { f64::INFINITY }
    }

    /// Returns whether the body passes over a footprint, as far as the passage shows it.
    fn is_passed(&self, print: &Print) -> bool {
        let (first, last) = (print.first(), print.last());
        let is_ahead = first == 0 || print.place[0] > self.body[first];
        let is_behind = last + 1 == self.times_s.len() || print.place[0] < self.body[last];
        is_ahead && is_behind
    }

    /// Checks whether steps are even in time and length.
    fn check_rhythm(&self, prints: &[Print]) -> Result<(), GaitProblem> {
        let steps: Vec<[f64; 2]> = prints.windows(2).filter_map(|pair| self.step(&pair[0], &pair[1])).collect();
        for axis in 0..2 {
            let of_steps = || steps.iter().map(|step| step[axis]);
            let (least, most) = (of_steps().fold(f64::INFINITY, f64::min), of_steps().fold(0.0, f64::max));
            if most > MAX_RATIO * least {
                return Err(GaitProblem::NoRhythm { variation: (most - least) / (most + least) });
            }
        }
        Ok(())
    }

    /// Returns the distance of the nearer tip from a place.
    fn nearest(&self, frame: usize, place: [f64; 2]) -> f64 {
        let [left, right] = Side::BOTH.map(|side| self.distance(frame, side, place));
        left.min(right)
    }

    /// Returns the time at which a tip comes near the footprint; `None` if it was there from the beginning.
    fn contact_s(&self, print: &Print) -> Option<f64> {
        let mut at = print.first();
        while at > 0 && self.nearest(at - 1, print.place) <= NEAR_PLACE {
            at -= 1;
        }
        let before = at.checked_sub(1)?;
        let distances = [before, at].map(|frame| self.nearest(frame, print.place));
        Some(self.passing_s([before, at], distances, NEAR_PLACE))
    }

    /// Returns the time at which the tip leaves the footprint; `None` if it is there to the end.
    fn toe_off_s(&self, print: &Print, usual_s: f64) -> Option<f64> {
        let n = self.times_s.len();
        let is_usual = |frame: usize| self.times_s[frame] - self.times_s[print.first()] <= usual_s;
        let mut at = print.last();
        while at + 1 < n && is_usual(at + 1) && self.nearest(at + 1, print.place) <= LEAVING {
            at += 1;
        }
        let after = Some(at + 1).filter(|&after| after < n)?;
        let level = if at == print.last() { AT_PLACE } else { LEAVING };
        Some(self.passing_s([at, after], [at, after].map(|frame| self.nearest(frame, print.place)), level))
    }

    /// Returns the time at which the distance passes `level` between two frames; their middle if it is unknown.
    fn passing_s(&self, frames: [usize; 2], distances: [f64; 2], level: f64) -> f64 {
        let [from_s, to_s] = frames.map(|frame| self.times_s[frame]);
        if distances.iter().all(|distance| distance.is_finite()) {
            crossing_s(from_s, distances[0], to_s, distances[1], level)
        } else {
            f64::midpoint(from_s, to_s)
        }
    }
}
