//! The criteria that tell walking and running from squats, jumps, jumping jacks and standing.
//!
//! - Both feet swing: each moves back and forth under the body, by at least 0.25 leg lengths (a slow step of 0.25 m).
//! - They pass each other: the feet take turns being ahead. In jumping jacks, seen from the front, both feet swing,
//!   but the left one stays left.
//! - At least four contacts alternate between the feet (three steps), at 0.2 to 1.5 s each.
//! - The step times vary by no more than 30 %, and at most every fifth step is missed.

use super::methods::Candidate;
use super::side_view::SideView;
use super::{EventKind, GaitProblem, Side};
use crate::movement::series::{mean_and_spread, quantile};

/// The smallest range of a heel under the body, leg lengths.
const MIN_SWING: f64 = 0.25;
/// The distance from which a foot is ahead of the other, leg lengths.
const AHEAD: f64 = 0.1;
/// The smallest number of times that the feet pass each other.
const MIN_PASSINGS: usize = 3;
/// The smallest number of alternating contacts.
pub(super) const MIN_CONTACTS: usize = 4;
/// The shortest and longest step, seconds.
const STEP_S: std::ops::RangeInclusive<f64> = 0.2..=1.5;
/// The largest standard deviation of step times, divided by their mean.
const MAX_VARIATION: f64 = 0.3;
/// The largest share of missed steps: intervals between contacts that are not one step.
const MAX_MISSED_SHARE: f64 = 0.2;

/// Checks whether the feet of a passage move as in walking.
pub(super) fn check_feet(view: &SideView) -> Result<(), GaitProblem> {
    // The extreme values are ignored as noise.
    let swing = |side: Side| {
        let heel = &view.heel[side.index()].from_sacrum;
        quantile(heel, 0.95) - quantile(heel, 0.05)
    };
    let side = if swing(Side::Left) <= swing(Side::Right) { Side::Left } else { Side::Right };
    if swing(side) < MIN_SWING {
        return Err(GaitProblem::FeetDoNotSwing { side, swing: swing(side), needed: MIN_SWING });
    }
    let passings = passings(view);
    if passings < MIN_PASSINGS {
        return Err(GaitProblem::FeetDoNotPass { passings, needed: MIN_PASSINGS });
    }
    Ok(())
}

fn passings(view: &SideView) -> usize {
    let [left, right] = &view.heel;
    let mut ahead = 0.0;
    let mut passings = 0;
    for (left, right) in left.from_sacrum.iter().zip(&right.from_sacrum) {
        let lead = right - left;
        if lead.abs() >= AHEAD && lead.signum() != ahead {
            passings += usize::from(ahead != 0.0);
            ahead = lead.signum();
        }
    }
    passings
}

/// Checks whether ordered events are the steps of a gait.
pub(super) fn check_steps(events: &[Candidate]) -> Result<(), GaitProblem> {
    let contacts: Vec<&Candidate> = events.iter().filter(|event| event.kind == EventKind::Contact).collect();
    let steps_s: Vec<f64> = contacts
        .windows(2)
        .filter(|pair| pair[0].side != pair[1].side)
        .map(|pair| pair[1].time_s - pair[0].time_s)
        .filter(|step_s| STEP_S.contains(step_s))
        .collect();
    if steps_s.len() + 1 < MIN_CONTACTS {
        let contacts = if steps_s.is_empty() { contacts.len().min(1) } else { steps_s.len() + 1 };
        return Err(GaitProblem::TooFewSteps { contacts, needed: MIN_CONTACTS });
    }
    let intervals = contacts.len() - 1;
    let missed = intervals - steps_s.len();
    if missed as f64 > MAX_MISSED_SHARE * intervals as f64 {
        return Err(GaitProblem::MissedSteps { missed, intervals });
    }
    let variation = mean_and_spread(&steps_s).map_or(f64::INFINITY, |(mean, spread, _)| spread / mean);
    if variation > MAX_VARIATION {
        return Err(GaitProblem::NoRhythm { variation });
    }
    Ok(())
}
