//! The three methods: each returns candidates for contacts and toe-offs, sorted by time, not yet checked.

use super::side_view::{FootPoint, SideView};
use super::{EventKind, GaitMethod, Side};
use crate::movement::peaks::{PeakRule, find_peaks};
use crate::movement::series::{crossing_s, median, quantile, runs};

/// A candidate for an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(crate) kind: EventKind,
    pub(crate) side: Side,
    pub(crate) time_s: f64,
    /// How pronounced the candidate is; comparable within one kind and method.
    pub(crate) strength: f64,
    /// The time at which [`GaitMethod::ZeniAndSpeed`] sees the foot come to rest or leave it, seconds.
    pub(crate) rest_s: Option<f64>,
}

impl Candidate {
    /// Returns the time by which events are ordered.
    pub(super) fn order_s(&self) -> f64 {
        self.rest_s.unwrap_or(self.time_s)
    }
}

/// The shortest time from one contact of a foot to its next, seconds: sprinters take 0.4.
const MIN_STRIDE_S: f64 = 0.35;
/// The shortest duration of a state of a foot, seconds.
const MIN_STATE_S: f64 = 0.1;
/// The highest speed of a foot on the ground, leg lengths a second. A swinging foot reaches 3 and more.
const MAX_STANCE_SPEED: f64 = 1.0;
/// The longest time between the foot's rest and Zeni's event, seconds.
const MAX_REFINEMENT_S: f64 = 0.15;
/// The height above the floor up to which a heel is on the ground, leg lengths: about 4 cm.
const HEEL_ON_FLOOR: f64 = 0.05;
/// The same for toes, which rise little above the ground.
const TOE_ON_FLOOR: f64 = 0.03;

/// Returns the candidates that `method` finds in `view`. `min_prominence` (leg lengths) is a parameter of Zeni's
/// method.
pub(super) fn find(view: &SideView, method: GaitMethod, min_prominence: f64) -> Vec<Candidate> {
    let mut found = Vec::new();
    for side in Side::BOTH {
        let (heel, toe) = (&view.heel[side.index()], &view.toe[side.index()]);
        match method {
            GaitMethod::ZeniAndSpeed => {
                let start = found.len();
                zeni(view, side, min_prominence, &mut found);
                for event in &mut found[start..] {
                    let (point, is_contact) =
                        if event.kind == EventKind::Contact { (heel, true) } else { (toe, false) };
                    event.rest_s = rest_s(&view.times_s, &speed_excess(point), event.time_s, is_contact);
                }
                fill_rests(&mut found[start..]);
            }
            GaitMethod::FootSpeed => {
                swings(&view.times_s, side, &speed_excess(heel), &speed_excess(toe), &mut found);
            }
            GaitMethod::FootHeight => {
                let excess = |point: &FootPoint, on_floor: f64| -> Vec<f64> {
                    clearance(&view.times_s, point).into_iter().map(|height| height - on_floor).collect()
                };
                swings(&view.times_s, side, &excess(heel, HEEL_ON_FLOOR), &excess(toe, TOE_ON_FLOOR), &mut found);
            }
            // It follows the ground, not the feet.
            GaitMethod::Footprints => {}
        }
    }
    found.sort_by(|a, b| a.order_s().total_cmp(&b.order_s()));
    found
}

fn zeni(view: &SideView, side: Side, min_prominence: f64, found: &mut Vec<Candidate>) {
    let rule = PeakRule { min_prominence, min_distance_s: MIN_STRIDE_S, min_height: None };
    let behind: Vec<f64> = view.toe[side.index()].from_sacrum.iter().map(|forward| -forward).collect();
    let contacts = (EventKind::Contact, find_peaks(&view.times_s, &view.heel[side.index()].from_sacrum, &rule));
    let toe_offs = (EventKind::ToeOff, find_peaks(&view.times_s, &behind, &rule));
    for (kind, peaks) in [contacts, toe_offs] {
        found.extend(peaks.iter().map(|peak| Candidate {
            kind,
            side,
            time_s: peak.time_s,
            strength: peak.prominence,
            rest_s: None,
        }));
    }
}

fn speed_excess(point: &FootPoint) -> Vec<f64> {
    point.ground_speed.iter().map(|speed| speed - MAX_STANCE_SPEED).collect()
}

/// Returns the time nearest to `time_s` at which `excess` falls (or else rises) through 0.
fn rest_s(times_s: &[f64], excess: &[f64], time_s: f64, falls: bool) -> Option<f64> {
    let start = times_s.partition_point(|&time| time < time_s - MAX_REFINEMENT_S).saturating_sub(1);
    let end = times_s.partition_point(|&time| time <= time_s + MAX_REFINEMENT_S);
    let crossings = (start + 1..(end + 1).min(times_s.len())).filter(|&index| {
        let (before, after) = (excess[index - 1] > 0.0, excess[index] > 0.0);
        before != after && before == falls
    });
    crossings
        .map(|index| crossing_s(times_s[index - 1], excess[index - 1], times_s[index], excess[index], 0.0))
        .min_by(|a, b| (a - time_s).abs().total_cmp(&(b - time_s).abs()))
}

/// Gives an event of a foot whose rest is not seen the usual time between Zeni's event and the rest.
fn fill_rests(events: &mut [Candidate]) {
    for kind in [EventKind::Contact, EventKind::ToeOff] {
        let of_kind = || events.iter().filter(|event| event.kind == kind);
        let shifts: Vec<f64> = of_kind().filter_map(|event| Some(event.rest_s? - event.time_s)).collect();
        if 2 * shifts.len() > of_kind().count() {
            let usual_s = median(&shifts);
            for event in events.iter_mut().filter(|event| event.kind == kind) {
                event.rest_s = event.rest_s.or(Some(event.time_s + usual_s));
            }
        }
    }
}

/// Adds the swings of a foot, by a measure that is above 0 in swing, for heel and toe. The heel leaves first, so its
/// excess spans the swing: the swing ends with the contact, and the toe-off is when the toe follows within it.
fn swings(times_s: &[f64], side: Side, heel: &[f64], toe: &[f64], found: &mut Vec<Candidate>) {
    let is_swinging = settled(times_s, heel.iter().map(|&excess| excess > 0.0).collect());
    for (first, last) in runs(&is_swinging) {
        let strength = heel[first..=last].iter().copied().fold(0.0, f64::max);
        if last + 1 < times_s.len() {
            let time_s = crossing_s(times_s[last], heel[last], times_s[last + 1], heel[last + 1], 0.0);
            found.push(Candidate { kind: EventKind::Contact, side, time_s, strength, rest_s: None });
        }
        // If the heel rises in the very first frame, the toe may have left before.
        let leaves = (first.max(1)..=last).find(|&index| toe[index] > 0.0 && toe[index - 1] <= 0.0);
        if let Some(index) = leaves {
            let time_s = crossing_s(times_s[index - 1], toe[index - 1], times_s[index], toe[index], 0.0);
            found.push(Candidate { kind: EventKind::ToeOff, side, time_s, strength, rest_s: None });
        }
    }
}

/// Merges states that are too short into their neighbors: first short stances, then short swings.
fn settled(times_s: &[f64], mut states: Vec<bool>) -> Vec<bool> {
    for is_kind in [false, true] {
        let flags: Vec<bool> = states.iter().map(|&state| state == is_kind).collect();
        for (first, last) in runs(&flags) {
            let is_inside = first > 0 && last + 1 < states.len();
            if is_inside && times_s[last + 1] - times_s[first] < MIN_STATE_S {
                states[first..=last].fill(!is_kind);
            }
        }
    }
    states
}

/// Returns the height above the floor, leg lengths. The floor is the level at which this landmark rests, from stance
/// to stance: a line between two stances, level before the first and after the last. So the floor may slope or be
/// uneven.
fn clearance(times_s: &[f64], point: &FootPoint) -> Vec<f64> {
    let is_slow: Vec<bool> = point.ground_speed.iter().map(|&speed| speed < MAX_STANCE_SPEED).collect();
    let mut rests: Vec<(f64, f64)> = Vec::new();
    for (first, last) in runs(&is_slow) {
        if times_s[last] - times_s[first] >= MIN_STATE_S {
            // A heel that has begun to rise is still slow.
            let level = quantile(&point.up[first..=last], 0.25);
            rests.push((f64::midpoint(times_s[first], times_s[last]), level));
        }
    }
    times_s.iter().zip(&point.up).map(|(&time_s, up)| up - floor_at(&rests, time_s)).collect()
}

fn floor_at(rests: &[(f64, f64)], time_s: f64) -> f64 {
    let after = rests.partition_point(|rest| rest.0 < time_s);
    match (after.checked_sub(1).map(|before| rests[before]), rests.get(after)) {
        (Some((from_s, from)), Some(&(to_s, to))) => from + (to - from) * (time_s - from_s) / (to_s - from_s),
        (Some((_, level)), None) | (None, Some(&(_, level))) => level,
        (None, None) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contacts at which the foot rests 0.04 s later, of which one is not seen; toe-offs whose rests are mostly not seen.
    #[test]
    fn a_rest_that_is_not_seen_is_at_the_usual_distance() {
        let event = |kind, time_s, shift_s: Option<f64>| Candidate {
            kind,
            side: Side::Left,
            time_s,
            strength: 1.0,
            rest_s: shift_s.map(|shift_s| time_s + shift_s),
        };
        let (contact, toe_off) = (EventKind::Contact, EventKind::ToeOff);
        let mut events = [
            event(contact, 0.0, Some(0.03)),
            event(toe_off, 0.4, None),
            event(contact, 1.0, None),
            event(toe_off, 1.4, Some(-0.1)),
            event(contact, 2.0, Some(0.05)),
        ];
        fill_rests(&mut events);
        assert!((events[2].order_s() - 1.04).abs() < 1e-9, "{:?}", events[2]);
        assert_eq!(events.map(|event| event.rest_s.is_some()), [true, false, true, true, true]);
    }
}
