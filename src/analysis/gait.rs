//! Gait events: when each foot meets the ground (contact) and leaves it (toe-off), seen from the side.
//!
//! Three published methods are here ([`GaitMethod`]). Left to itself, [`detect_gait`] tries them in this order and takes the
//! first whose events come in the order of steps (`order.rs`) and keep a rhythm (`walker.rs`):
//! 1. *Zeni*, with its times put right by the foot's speed: which foot swings how far needs no speed (which noise spoils) and no
//!    floor (which a camera tilts), and is the same on a treadmill. Its least prominence is lowered from 0.3 over 0.25 to 0.2
//!    leg lengths for those who make small steps.
//! 2. *Foot speed*: for who drags a foot, so that it hardly swings past the body, but does stop it.
//! 3. *Foot height*: last, since it stands on landmarks of heel and toe being good to a few pixels.
//!
//! Nobody walks until shown to: `passages.rs` and `walker.rs` say what it takes. What fails is a [`GaitProblem`].

mod methods;
mod order;
mod passages;
mod side_view;
mod walker;

use methods::Candidate;
use side_view::SideView;

use super::series::{median, nearest_index};

/// A side of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The person's left.
    Left,
    /// The person's right.
    Right,
}

impl Side {
    /// Both, in the order of all pairs `[left, right]`.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// Place in pairs `[left, right]`.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self == Self::Right)
    }

    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// Filtered landmarks of one person, one entry a frame; pairs are left, right; pixels with y down; NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct GaitSignals {
    /// Times of the frames, strictly rising.
    pub times_s: Vec<f64>,
    /// Middle of the hips, which stands for the sacrum.
    pub sacrum_px: Vec<[f64; 2]>,
    /// Middle of the shoulders.
    pub shoulders_px: Vec<[f64; 2]>,
    /// Heels.
    pub heel_px: [Vec<[f64; 2]>; 2],
    /// Tips of the feet (`foot_index`).
    pub toe_px: [Vec<[f64; 2]>; 2],
    /// Ankles.
    pub ankle_px: [Vec<[f64; 2]>; 2],
    /// Hip to ankle of the stretched leg, the unit of all thresholds.
    pub leg_length_px: f64,
}

impl GaitSignals {
    fn is_whole(&self) -> bool {
        let n = self.times_s.len();
        let pairs = self.heel_px.iter().chain(&self.toe_px).chain(&self.ankle_px);
        pairs.chain([&self.sacrum_px, &self.shoulders_px]).all(|points| points.len() == n)
    }
}

/// How events are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaitMethod {
    /// Contact where the heel, toe-off where the toe is farthest ahead of, behind the sacrum. Zeni, Richards, Higginson,
    /// "Two simple methods for determining gait events during treadmill and overground walking using kinematic data",
    /// Gait & Posture 27, 2008. In running contacts come early by the time in which the foot swings back before it lands.
    Zeni,
    /// Zeni's events at the times at which the foot comes to rest (heel) or leaves it (toe, in running) within 0.15 s of them,
    /// by the threshold of [`GaitMethod::FootSpeed`].
    ZeniAndSpeed,
    /// Contact where the heel slows down to, toe-off where the toe exceeds 1 leg length a second, relative to the ground.
    FootSpeed,
    /// Contact where the heel comes within 0.05, toe-off where the toe leaves 0.03 leg lengths of the level at which it rests.
    FootHeight,
}

/// What happened to a foot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// It met the ground.
    Contact,
    /// It left the ground.
    ToeOff,
}

/// A gait event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaitEvent {
    /// What happened.
    pub kind: EventKind,
    /// To which foot.
    pub side: Side,
    /// Index of the nearest frame in the signals.
    pub frame: usize,
    /// When, between frames.
    pub time_s: f64,
    /// 0..=1: strength beside the usual one of its kind, times how well it keeps the rhythm.
    pub confidence: f64,
    /// What found it.
    pub method: GaitMethod,
}

/// Walking or running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaitStyle {
    /// Both feet are on the ground between steps.
    Walking,
    /// No foot is on the ground between steps.
    Running,
}

/// Frames through which somebody walked or ran one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    /// First frame, an index into the signals.
    pub first_frame: usize,
    /// Last frame.
    pub last_frame: usize,
    /// 1 to the right of the picture, -1 to the left.
    pub direction_x: f64,
    /// Speed of a treadmill's belt against the walking direction; 0 on ground that stands still.
    pub belt_px_s: f64,
    /// Walking or running.
    pub style: GaitStyle,
    /// The method that found the events.
    pub method: GaitMethod,
}

/// Who walks: where, and every event in order of time. Between passages events do not follow one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Gait {
    /// In order of time.
    pub passages: Vec<Passage>,
    /// In order of time.
    pub events: Vec<GaitEvent>,
}

impl Gait {
    /// The events of one passage.
    #[must_use]
    pub fn events_of(&self, passage: &Passage) -> &[GaitEvent] {
        let start = self.events.partition_point(|event| event.frame < passage.first_frame);
        let end = self.events.partition_point(|event| event.frame <= passage.last_frame);
        &self.events[start..end]
    }
}

/// Why no gait was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GaitProblem {
    /// Signals of different lengths, or no leg length.
    #[error("the landmarks of this person do not fit together (different numbers of frames, or no leg length)")]
    BrokenSignals,
    /// Hips and feet are seen in too few frames.
    #[error("hips and both feet are seen together in only {:.0} % of the frames", share * 100.0)]
    FeetUnseen {
        /// Frames in which they are, 0..=1.
        share: f64,
    },
    /// The body is not carried upright above the feet.
    #[error("the body is upright above the feet in only {:.0} % of the frames", share * 100.0)]
    NotUpright {
        /// Frames in which it is, 0..=1.
        share: f64,
    },
    /// The person neither crosses the picture nor turns a side to the camera.
    #[error("the person neither crosses the picture nor is seen from the side")]
    NoDirection,
    /// Nowhere does one direction last.
    #[error("the longest stretch in one direction lasts {longest_s:.1} s, too short for gait ({needed_s:.1} s)")]
    TooShort {
        /// The longest stretch.
        longest_s: f64,
        /// What is needed.
        needed_s: f64,
    },
    /// A foot stays where it is.
    #[error(
        "the {} foot moves only {swing:.2} leg lengths forth and back under the body; walking takes {needed:.2}",
        if *side == Side::Left { "left" } else { "right" }
    )]
    FeetDoNotSwing {
        /// The foot that moves less.
        side: Side,
        /// Its range, leg lengths.
        swing: f64,
        /// What is needed.
        needed: f64,
    },
    /// One foot stays ahead of the other.
    #[error("the feet pass each other {passings} times; walking takes at least {needed}")]
    FeetDoNotPass {
        /// How often they do.
        passings: usize,
        /// What is needed.
        needed: usize,
    },
    /// Too few alternating contacts.
    #[error("only {contacts} steps were found; gait takes at least {needed}")]
    TooFewSteps {
        /// Contacts that alternate.
        contacts: usize,
        /// What is needed.
        needed: usize,
    },
    /// The steps do not keep time.
    #[error("the steps keep no rhythm: their times vary by {:.0} %", variation * 100.0)]
    NoRhythm {
        /// Standard deviation of step times over their mean.
        variation: f64,
    },
    /// No method found events in the order of steps.
    #[error("the feet do not touch and leave the ground in the order of steps")]
    WrongOrder,
}

impl GaitProblem {
    /// What to say about somebody: most who do not walk or run do something else, and nothing is wrong with that.
    #[must_use]
    pub fn remark(&self, person_id: u16) -> String {
        match self {
            Self::BrokenSignals | Self::FeetUnseen { .. } | Self::NoDirection | Self::TooShort { .. } => {
                format!("person {person_id}: walking or running cannot be seen here, so there is no gait ({self})")
            }
            Self::NotUpright { .. }
            | Self::FeetDoNotSwing { .. }
            | Self::FeetDoNotPass { .. }
            | Self::TooFewSteps { .. }
            | Self::NoRhythm { .. }
            | Self::WrongOrder => format!("person {person_id} does not walk or run here, so there is no gait ({self})"),
        }
    }
}

/// Least prominences that Zeni's method is tried with, leg lengths.
const PROMINENCES: [f64; 3] = [0.3, 0.25, 0.2];

/// Finds who walks or runs, and every contact and toe-off.
///
/// A clip may hold several passages (to and fro, with pauses); each is looked at for itself. Without a `method` all are tried
/// in the order that the module explains.
///
/// # Errors
/// No passage is walking or running: the problem of the longest one.
pub fn detect_gait(signals: &GaitSignals, method: Option<GaitMethod>) -> Result<Gait, GaitProblem> {
    if !(signals.is_whole() && signals.leg_length_px.is_finite() && signals.leg_length_px > 0.0) {
        return Err(GaitProblem::BrokenSignals);
    }
    let mut gait = Gait { passages: Vec::new(), events: Vec::new() };
    let mut longest: Option<(f64, GaitProblem)> = None;
    for view in passages::find(signals)? {
        match detect_in_passage(&view, method) {
            Ok((passage, events)) => {
                gait.passages.push(passage);
                gait.events.extend(events);
            }
            Err(problem) => {
                let duration_s = view.duration_s();
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
    walker::check_feet(view)?;
    let tries: &[GaitMethod] = match &method {
        Some(method) => std::slice::from_ref(method),
        None => &[GaitMethod::ZeniAndSpeed, GaitMethod::FootSpeed, GaitMethod::FootHeight],
    };
    let mut problem = GaitProblem::WrongOrder;
    for &method in tries {
        let is_by_peaks = matches!(method, GaitMethod::Zeni | GaitMethod::ZeniAndSpeed);
        let prominences: &[f64] = if is_by_peaks { &PROMINENCES } else { &PROMINENCES[..1] };
        for &prominence in prominences {
            let candidates = methods::find(view, method, prominence);
            let Some(ordered) = order::put_in_order(&candidates) else { continue };
            match walker::check_steps(&ordered.events) {
                Ok(()) => return Ok(finish(view, method, &ordered)),
                Err(found) => problem = found,
            }
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

/// Forward speed of the ground, leg lengths a second: of the toes in the middle of their stances.
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

/// How sure each event is: its strength beside the usual one of its kind (at most 1), times 1 - the share by which the
/// steps before and after it (same kind, other foot) miss the usual step time.
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
            // The better neighbor counts: a gap on one side says nothing about this event.
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
