//! Gait events: when each foot meets the ground (contact) and leaves it (toe-off), seen from the side.
//!
//! Implements three published methods and one of its own ([`GaitMethod`]). Without a given method, [`detect_gait`] tries them in this
//! order and takes the first whose events come in the order of steps (`order.rs`) and keep a rhythm (`walker.rs`):
//! 1. *Zeni*, with its times corrected by the foot's speed. The positions at which a foot turns around need no speed
//!    (which noise spoils) and no floor (which a tilted camera distorts), and are the same on a treadmill. The
//!    minimum prominence is lowered from 0.3 to 0.25 and to 0.2 leg lengths for people who take small steps.
//! 2. *Foot speed*: for people who drag a foot, which hardly swings past the body but does stop.
//! 3. *Foot height*: because it depends on landmarks of heel and toe that are accurate to a few pixels.
//! 4. *Footprints*: for one crossing of a few steps, and for legs that the network exchanges (`footprints.rs`).
//!
//! Gait is reported only on evidence: `passages.rs` and `walker.rs` define the conditions. A condition that fails is
//! a [`GaitProblem`].

mod footprints;
mod methods;
mod order;
mod passages;
mod problem;
mod side_view;
mod walker;

pub(crate) use problem::GaitProblem;

use methods::Candidate;
use side_view::SideView;

use super::series::{median, nearest_index};

/// A side of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// The person's left side.
    Left,
    /// The person's right side.
    Right,
}

impl Side {
    /// Both sides, in the order of all pairs `[left, right]`.
    pub(crate) const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// Returns the index in pairs `[left, right]`.
    #[must_use]
    pub(crate) fn index(self) -> usize {
        usize::from(self == Self::Right)
    }

    /// Returns the other side.
    fn other(self) -> Self {
        if self == Self::Left { Self::Right } else { Self::Left }
    }
}

/// The filtered landmarks of one person, one entry per frame. Pairs are left, right; coordinates are pixels with y
/// down; NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GaitSignals {
    /// The times of the frames, seconds, strictly increasing.
    pub(crate) times_s: Vec<f64>,
    /// The middle of the hips, used as the sacrum.
    pub(crate) sacrum_px: Vec<[f64; 2]>,
    /// The middle of the shoulders.
    pub(crate) shoulders_px: Vec<[f64; 2]>,
    /// The heels.
    pub(crate) heel_px: [Vec<[f64; 2]>; 2],
    /// The tips of the feet (`foot_index`).
    pub(crate) toe_px: [Vec<[f64; 2]>; 2],
    /// The ankles.
    pub(crate) ankle_px: [Vec<[f64; 2]>; 2],
    /// The tips of the feet as the network gave them, unfiltered: the sides may be exchanged for some frames.
    pub(crate) raw_toe_px: [Vec<[f64; 2]>; 2],
    /// The length of the stretched leg from hip to ankle, pixels: the unit of all thresholds.
    pub(crate) leg_length_px: f64,
}

impl GaitSignals {
    fn is_whole(&self) -> bool {
        let n = self.times_s.len();
        let pairs = self.heel_px.iter().chain(&self.toe_px).chain(&self.ankle_px).chain(&self.raw_toe_px);
        pairs.chain([&self.sacrum_px, &self.shoulders_px]).all(|points| points.len() == n)
    }
}

/// A method of finding events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaitMethod {
    /// Contact when the heel is farthest ahead of the sacrum, toe-off when the toe is farthest behind it. Zeni,
    /// Richards, Higginson, "Two simple methods for determining gait events during treadmill and overground walking
    /// using kinematic data", Gait & Posture 27, 2008. In running, contacts come too early by the time for which the
    /// foot swings back before it lands.
    ///
    /// So these events are moved to the time at which the foot comes to rest (heel) or leaves it (toe, in running)
    /// within 0.15 s of them, by the threshold of [`GaitMethod::FootSpeed`].
    ZeniAndSpeed,
    /// Contact when the heel slows down to 1 leg length a second relative to the ground, toe-off when the toe exceeds
    /// it.
    FootSpeed,
    /// Contact when the heel comes within 0.05 leg lengths of the level at which it rests, toe-off when the toe
    /// leaves the range of 0.03 leg lengths around its level.
    FootHeight,
    /// Contact when the tip of a foot comes within 0.15 leg lengths of the place where it rests, toe-off when it
    /// leaves that place by 0.1; whichever foot the network calls it.
    Footprints,
}

/// The kind of a gait event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// The foot meets the ground.
    Contact,
    /// The foot leaves the ground.
    ToeOff,
}

/// A gait event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GaitEvent {
    /// The kind of the event.
    pub(crate) kind: EventKind,
    /// The side of the foot.
    pub(crate) side: Side,
    /// The index of the nearest frame in the signals.
    pub(crate) frame: usize,
    /// The time of the event, seconds; it may be between frames.
    pub(crate) time_s: f64,
    /// The confidence, 0..=1: the strength relative to the usual one of its kind, times how well the event keeps the
    /// rhythm.
    pub(crate) confidence: f64,
    /// The method that found the event.
    pub(crate) method: GaitMethod,
}

/// Walking or running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaitStyle {
    /// Both feet are on the ground between steps.
    Walking,
    /// No foot is on the ground between steps.
    Running,
}

/// A passage: frames in which a person walks or runs in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Passage {
    /// The first frame, an index into the signals.
    pub(crate) first_frame: usize,
    /// The last frame, an index into the signals.
    pub(crate) last_frame: usize,
    /// The direction: 1 to the right of the picture, -1 to the left.
    pub(crate) direction_x: f64,
    /// The speed of a treadmill's belt against the walking direction; 0 on ground that stands still.
    pub(crate) belt_px_s: f64,
    /// Walking or running.
    pub(crate) style: GaitStyle,
    /// The method that found the events.
    pub(crate) method: GaitMethod,
}

/// The gait of a person: passages and events. Events of different passages are not consecutive.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gait {
    /// Sorted by time.
    pub(crate) passages: Vec<Passage>,
    /// Sorted by time.
    pub(crate) events: Vec<GaitEvent>,
    /// The other stretches in one direction: the first and last frame, and why they are not gait; sorted by time.
    pub(crate) unused: Vec<(usize, usize, GaitProblem)>,
}

/// The minimum prominences that Zeni's method is tried with, leg lengths.
const PROMINENCES: [f64; 3] = [0.3, 0.25, 0.2];
/// The methods that follow each foot, in the order in which they are tried.
const FOLLOWING: [GaitMethod; 3] = [GaitMethod::ZeniAndSpeed, GaitMethod::FootSpeed, GaitMethod::FootHeight];

/// Detects walking and running, and every contact and toe-off.
///
/// A clip may contain several passages (back and forth, with pauses); each is examined by itself. Without a `method`
/// all are tried in the order that the module describes.
///
/// # Errors
/// If no passage is walking or running: the problem of the longest one.
pub(crate) fn detect_gait(signals: &GaitSignals, method: Option<GaitMethod>) -> Result<Gait, GaitProblem> {
    if !signals.is_whole() {
        return Err(GaitProblem::BrokenSignals);
    }
    if !(signals.leg_length_px.is_finite() && signals.leg_length_px > 0.0) {
        return Err(GaitProblem::NoLegLength);
    }
    let mut gait = Gait { passages: Vec::new(), events: Vec::new(), unused: Vec::new() };
    let mut longest: Option<(f64, GaitProblem)> = None;
    for view in passages::find(signals)? {
        match detect_in_passage(&view, method) {
            Ok((passage, events)) => {
                gait.passages.push(passage);
                gait.events.extend(events);
            }
            Err(problem) => {
                let duration_s = view.duration_s();
                gait.unused.push((view.first_frame, view.first_frame + view.times_s.len() - 1, problem));
                if longest.is_none_or(|(longest_s, _)| duration_s > longest_s) {
                    longest = Some((duration_s, problem));
                }
            }
        }
    }
    match longest {
        Some((_, problem)) if gait.passages.is_empty() => Err(problem),
        _ => Ok(gait),
    }
}

fn detect_in_passage(view: &SideView, method: Option<GaitMethod>) -> Result<(Passage, Vec<GaitEvent>), GaitProblem> {
    let by_footprints = || footprints::find(view).map(|ordered| finish(view, GaitMethod::Footprints, &ordered));
    match method {
        Some(GaitMethod::Footprints) => by_footprints(),
        Some(method) => by_feet(view, &[method]),
        // The first problem says more: it is about the feet, not about the last resort.
        None => by_feet(view, &FOLLOWING).or_else(|problem| by_footprints().map_err(|_| problem)),
    }
}

/// Detects gait by one of the methods that follow each foot.
fn by_feet(view: &SideView, tries: &[GaitMethod]) -> Result<(Passage, Vec<GaitEvent>), GaitProblem> {
    walker::check_feet(view)?;
    let mut problem = GaitProblem::WrongOrder;
    for &method in tries {
        let is_by_peaks = method == GaitMethod::ZeniAndSpeed;
        let prominences: &[f64] = if is_by_peaks { &PROMINENCES } else { &PROMINENCES[..1] };
        let mut best: Option<order::Ordered> = None;
        for &prominence in prominences {
            let candidates = methods::find(view, method, prominence);
            let Some(ordered) = order::put_in_order(&candidates) else { continue };
            match walker::check_steps(&ordered.events) {
                // If the first that passes were taken, the length of the clip would decide which that is.
                Ok(()) if best.as_ref().is_none_or(|best| ordered.events.len() > best.events.len()) => {
                    best = Some(ordered);
                }
                Ok(()) => {}
                Err(found) => problem = found,
            }
        }
        if let Some(ordered) = best {
            return Ok(finish(view, method, &ordered));
        }
    }
    Err(problem)
}

fn finish(view: &SideView, method: GaitMethod, ordered: &order::Ordered) -> (Passage, Vec<GaitEvent>) {
    let confidences = confidences(&ordered.events);
    let events = ordered.events.iter().zip(confidences).map(|(event, confidence)| GaitEvent {
        kind: event.kind,
        side: event.side,
        frame: view.first_frame + nearest_index(&view.times_s, event.time_s),
        time_s: event.time_s,
        confidence,
        method,
    });
    let events: Vec<GaitEvent> = events.collect();
    let passage = Passage {
        first_frame: view.first_frame,
        last_frame: view.first_frame + view.times_s.len() - 1,
        direction_x: view.direction_x,
        belt_px_s: if view.ground_speed == 0.0 { 0.0 } else { -ground_speed(view, &events) * view.leg_length_px },
        style: ordered.style,
        method,
    };
    (passage, events)
}

/// Returns the forward speed of the ground, leg lengths a second: the speed of the toes in the middle of their
/// stances.
fn ground_speed(view: &SideView, events: &[GaitEvent]) -> f64 {
    let mut speeds = Vec::new();
    for (index, contact) in events.iter().enumerate().filter(|(_, event)| event.kind == EventKind::Contact) {
        let leaves = |event: &&GaitEvent| event.kind == EventKind::ToeOff && event.side == contact.side;
        let Some(toe_off) = events[index..].iter().find(leaves) else { continue };
        let at_s = |share: f64| contact.time_s + share * (toe_off.time_s - contact.time_s);
        let [first, last] = [0.3, 0.7].map(|share| nearest_index(&view.times_s, at_s(share)));
        speeds.extend(&view.toe[contact.side.index()].forward_speed[first..=last]);
    }
    if speeds.is_empty() { view.ground_speed } else { median(&speeds) }
}

/// Returns the confidence of each event: its strength relative to the usual one of its kind (at most 1), times 1 -
/// the share by which the steps before and after it (same kind, other foot) miss the usual step time.
fn confidences(events: &[Candidate]) -> Vec<f64> {
    let usual = |kind: EventKind| {
        let times: Vec<f64> = events.iter().filter(|event| event.kind == kind).map(|event| event.time_s).collect();
        let strengths: Vec<f64> =
            events.iter().filter(|event| event.kind == kind).map(|event| event.strength).collect();
        (median(&times.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()), median(&strengths))
    };
    let (contact, toe_off) = (usual(EventKind::Contact), usual(EventKind::ToeOff));
    events
        .iter()
        .enumerate()
        .map(|(index, event)| {
            let (step_s, strength) = if event.kind == EventKind::Contact { contact } else { toe_off };
            let before = events[..index].iter().rev().find(|other| other.kind == event.kind);
            let after = events[index + 1..].iter().find(|other| other.kind == event.kind);
            let misses = [before, after].into_iter().flatten();
            let miss = misses.map(|other| ((other.time_s - event.time_s).abs() - step_s).abs() / step_s);
            // The better neighbor counts: a gap on one side is no evidence against this event.
            let rhythm = 1.0 - miss.fold(1.0, f64::min);
            rhythm * (event.strength / strength).min(1.0)
        })
        .collect()
}

#[cfg(test)]
mod real_tests;
#[cfg(test)]
pub(super) mod synthetic;
#[cfg(test)]
mod tests;
