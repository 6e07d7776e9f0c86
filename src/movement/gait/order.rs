//! The order of steps: decides which of the events that a method found can follow one another.
//!
//! The order in walking is right contact, left toe-off, left contact, right toe-off; in running it is right contact,
//! right toe-off, left contact, left toe-off. Both start anywhere. Dynamic programming chooses the events to keep so
//! that the sum of their strengths is largest; so a spurious contact never appears between a foot's contact and its
//! toe-off. The order that keeps more strength decides between walking and running.

use super::methods::Candidate;
use super::{EventKind, GaitStyle, Side};
use crate::movement::series::median;

/// The longest time between consecutive events, seconds.
const MAX_PHASE_S: f64 = 1.2;
/// The shortest swing of a foot in walking, seconds.
const MIN_SWING_S: f64 = 0.15;
/// The shortest stance in running, seconds; sprinters take 0.09.
const MIN_STANCE_S: f64 = 0.07;
/// The cost of a restart, in usual strengths: a gap must be worth it.
const RESTART_COST: f64 = 2.0;
/// The smallest share of the strength of all events that has to fit into the order.
const MIN_KEPT_SHARE: f64 = 0.75;
/// The number of kept events per allowed restart.
const EVENTS_PER_RESTART: usize = 12;

/// Events in the order of steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ordered {
    pub(crate) events: Vec<Candidate>,
    pub(crate) style: GaitStyle,
}

/// Puts `candidates` (sorted by time) into the order of steps; `None` if too many would have to be left out.
pub(super) fn put_in_order(candidates: &[Candidate]) -> Option<Ordered> {
    let weights = weights(candidates);
    let walking = best_sequence(candidates, &weights, GaitStyle::Walking);
    let running = best_sequence(candidates, &weights, GaitStyle::Running);
    let (best, style) =
        if running.weight > walking.weight { (running, GaitStyle::Running) } else { (walking, GaitStyle::Walking) };
    let kept: f64 = best.indices.iter().map(|&index| weights[index]).sum();
    let is_clean = kept >= MIN_KEPT_SHARE * weights.iter().sum::<f64>();
    if !is_clean || best.restarts * EVENTS_PER_RESTART > best.indices.len() {
        return None;
    }
    let mut events: Vec<Candidate> = best.indices.iter().map(|&index| candidates[index]).collect();
    set_times(&mut events, style);
    Some(Ordered { events, style })
}

/// Moves each event to the time at which the foot comes to rest or leaves it, because in running Zeni's times would
/// close the flight phase. In walking a toe-off stays at the time at which the toe is farthest behind: the toe's
/// landmark moves before its tip leaves the ground.
fn set_times(events: &mut [Candidate], style: GaitStyle) {
    for index in 0..events.len() {
        let event = events[index];
        let is_after_last = index == 0 || events[index - 1].time_s < event.time_s;
        let is_before_next = events.get(index + 1).is_none_or(|next| event.time_s < next.order_s());
        let keeps_zenis =
            style == GaitStyle::Walking && event.kind == EventKind::ToeOff && is_after_last && is_before_next;
        events[index].time_s = if keeps_zenis { event.time_s } else { event.order_s() };
    }
}

/// Returns the strength of each event relative to the median of its kind, at most 1.
fn weights(candidates: &[Candidate]) -> Vec<f64> {
    let usual = [EventKind::Contact, EventKind::ToeOff].map(|kind| {
        let strengths: Vec<f64> = candidates.iter().filter(|c| c.kind == kind).map(|c| c.strength).collect();
        median(&strengths)
    });
    candidates.iter().map(|c| (c.strength / usual[usize::from(c.kind == EventKind::ToeOff)]).min(1.0)).collect()
}

/// Returns the place of an event in the cycle, 0..4.
fn place(candidate: &Candidate, style: GaitStyle) -> usize {
    match (style, candidate.kind, candidate.side) {
        (_, EventKind::Contact, Side::Right) => 0,
        (GaitStyle::Walking, EventKind::ToeOff, Side::Left) | (GaitStyle::Running, EventKind::ToeOff, Side::Right) => 1,
        (_, EventKind::Contact, Side::Left) => 2,
        (GaitStyle::Walking, EventKind::ToeOff, Side::Right) | (GaitStyle::Running, EventKind::ToeOff, Side::Left) => 3,
    }
}

/// Returns the shortest time from the previous event to one of `kind`. Both feet may be on the ground, or off it, for
/// no time at all.
fn shortest_phase_s(kind: EventKind, style: GaitStyle) -> f64 {
    match (style, kind) {
        (GaitStyle::Walking, EventKind::Contact) => MIN_SWING_S,
        (GaitStyle::Running, EventKind::ToeOff) => MIN_STANCE_S,
        _ => 0.0,
    }
}

struct Sequence {
    indices: Vec<usize>,
    weight: f64,
    restarts: usize,
}

fn best_sequence(candidates: &[Candidate], weights: &[f64], style: GaitStyle) -> Sequence {
    // The weight of the best sequence that ends at each event, the previous event, and whether the sequence restarts
    // there.
    let mut best: Vec<(f64, Option<(usize, bool)>)> = Vec::with_capacity(candidates.len());
    // The heaviest sequences, by the place in the cycle at which they end.
    let mut heaviest: [Option<usize>; 4] = [None; 4];
    for (index, candidate) in candidates.iter().enumerate() {
        let mut here = (weights[index], None);
        // A foot does not land, or leave, twice in a row, even across a gap.
        for before in heaviest.iter().flatten().copied() {
            let weight = best[before].0 - RESTART_COST + weights[index];
            if place(&candidates[before], style) != place(candidate, style) && weight > here.0 {
                here = (weight, Some((before, true)));
            }
        }
        for before in (0..index).rev() {
            let phase_s = candidate.order_s() - candidates[before].order_s();
            if phase_s > MAX_PHASE_S {
                break;
            }
            let follows = (place(&candidates[before], style) + 1) % 4 == place(candidate, style)
                && phase_s > shortest_phase_s(candidate.kind, style);
            let weight = best[before].0 + weights[index];
            if follows && weight > here.0 {
                here = (weight, Some((before, false)));
            }
        }
        best.push(here);
        let heaviest = &mut heaviest[place(candidate, style)];
        if heaviest.is_none_or(|other| best[other].0 < here.0) {
            *heaviest = Some(index);
        }
    }
    let heaviest = heaviest.into_iter().flatten().max_by(|&a, &b| best[a].0.total_cmp(&best[b].0));
    let weight = heaviest.map_or(0.0, |index| best[index].0);
    let mut sequence = Sequence { indices: Vec::new(), weight, restarts: 0 };
    let mut at = heaviest;
    while let Some(index) = at {
        sequence.indices.push(index);
        at = best[index].1.map(|(before, is_restart)| {
            sequence.restarts += usize::from(is_restart);
            before
        });
    }
    sequence.indices.reverse();
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    const R: Side = Side::Right;
    const L: Side = Side::Left;
    const C: EventKind = EventKind::Contact;
    const T: EventKind = EventKind::ToeOff;

    fn events(list: &[(EventKind, Side, f64, f64)]) -> Vec<Candidate> {
        list.iter()
            .map(|&(kind, side, time_s, strength)| Candidate { kind, side, time_s, strength, rest_s: None })
            .collect()
    }

    fn times(ordered: Option<Ordered>) -> Vec<f64> {
        ordered.unwrap().events.iter().map(|event| event.time_s).collect()
    }

    #[test]
    fn the_order_tells_walking_from_running_wherever_it_starts() {
        let walk = events(&[(T, L, 0.1, 1.), (C, L, 0.5, 1.), (T, R, 0.6, 1.), (C, R, 1.0, 1.), (T, L, 1.1, 1.)]);
        let run = events(&[(T, L, 0.1, 1.), (C, R, 0.2, 1.), (T, R, 0.4, 1.), (C, L, 0.5, 1.), (T, L, 0.7, 1.)]);
        let walk = put_in_order(&walk).unwrap();
        assert_eq!((walk.style, walk.events.len()), (GaitStyle::Walking, 5));
        let run = put_in_order(&run).unwrap();
        assert_eq!((run.style, run.events.len()), (GaitStyle::Running, 5));
    }

    /// A weak second left contact and a weak extra toe-off vanish; of two right contacts the stronger one stays.
    #[test]
    fn what_does_not_fit_is_left_out() {
        let found = events(&[
            (C, R, 0.0, 1.0),
            (T, L, 0.1, 1.0),
            (C, L, 0.5, 1.0),
            (C, L, 0.55, 0.3),
            (T, R, 0.6, 1.0),
            (T, L, 0.8, 0.3),
            (C, R, 0.95, 0.5),
            (C, R, 1.0, 1.0),
            (T, L, 1.1, 1.0),
            (C, L, 1.5, 1.0),
        ]);
        assert_eq!(times(put_in_order(&found)), [0.0, 0.1, 0.5, 0.6, 1.0, 1.1, 1.5]);
    }

    #[test]
    fn chaos_is_not_put_in_order() {
        let found = events(&[
            (C, R, 0.0, 1.),
            (C, L, 0.1, 1.),
            (C, R, 0.2, 1.),
            (C, L, 0.3, 1.),
            (C, R, 0.4, 1.),
            (C, L, 0.5, 1.),
        ]);
        assert_eq!(put_in_order(&found), None);
        assert_eq!(put_in_order(&[]).map(|ordered| ordered.events.len()), Some(0));
    }
}
