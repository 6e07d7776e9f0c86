//! Finds the cheapest path through the states of all frames (Viterbi 1967). A frame's cost depends on the two
//! previous frames, so the search runs over pairs of successive states.

use super::evidence::Evidence;
use super::{BodyPart, Swap};

/// The price of changing one part, body heights of mean landmark distance. A swap of one frame costs four times the
/// distance between left and right if it is not reverted, and two changes if it is: limbs nearer than a thirtieth of
/// the height are left alone. This and the other prices were chosen by experiments on the public clips and on
/// synthetic walks.
const CHANGE_PRICE: f64 = 0.06;
/// The factor by which the usual cost of the surrounding frames raises the prices. If all movement is hard to predict
/// (few frames a second, a network that flickers), a change has to explain more.
const UNREST_FACTOR: f64 = 2.0;
/// The range around a frame over which its unrest is measured, seconds, and the smallest number of frames.
const UNREST_REACH_S: f64 = 0.5;
const UNREST_MIN_FRAMES: usize = 5;
/// The cost of a second in an exchanged state: the network is right most of the time. So of two stretches that mirror
/// each other the longer one is taken as right. Limbs that the network lets slide back through each other are
/// followed back.
const SWAPPED_PRICE_PER_S: f64 = 0.6;

/// The share of a price for each further part after the first: the network tends to mistake the whole body for its
/// mirror image.
const FURTHER_PART: f64 = 0.4;

/// A state, as bits: arms, legs, trunk.
type State = usize;
const STATES: State = 8;

/// Returns the state of every frame on the cheapest path.
pub(super) fn cheapest(evidence: &[Evidence]) -> Vec<Swap> {
    let unrest = unrest(evidence);
    // The cost of the cheapest path that ends with the states (second to last, last).
    let mut costs = [[f64::INFINITY; STATES]; STATES];
    // The first frame may be in any state, and no frame before it counts.
    costs[0] = [0.0; STATES];
    let mut choices: Vec<[[u8; STATES]; STATES]> = Vec::with_capacity(evidence.len());
    for (pair, unrest) in evidence.windows(2).zip(unrest.iter().skip(1)) {
        let prices = Prices {
            change: CHANGE_PRICE + UNREST_FACTOR * unrest,
            swapped: SWAPPED_PRICE_PER_S * (pair[1].time_s - pair[0].time_s),
        };
        let (next, choice) = step(&costs, &pair[1], prices);
        costs = next;
        choices.push(choice);
    }
    trace(&costs, &choices, evidence.len())
}

type Costs = [[f64; STATES]; STATES];

/// The prices of one frame.
#[derive(Clone, Copy)]
struct Prices {
    change: f64,
    swapped: f64,
}

fn step(costs: &Costs, frame: &Evidence, prices: Prices) -> (Costs, [[u8; STATES]; STATES]) {
    let mut next = [[f64::INFINITY; STATES]; STATES];
    let mut choice = [[0; STATES]; STATES];
    for last in 0..STATES {
        for state in 0..STATES {
            let price = prices.change * parts_price(last ^ state) + prices.swapped * parts_price(last);
            for (earlier, ways) in costs.iter().enumerate() {
                let cost = ways[last] + price + motion_cost(frame, earlier ^ state, last ^ state);
                if cost < next[last][state] {
                    next[last][state] = cost;
                    choice[last][state] = earlier as u8;
                }
            }
        }
    }
    (next, choice)
}

/// Returns the cost of changing several parts at once, in prices of one.
fn parts_price(parts: State) -> f64 {
    match parts.count_ones() {
        0 => 0.0,
        count => 1.0 + f64::from(count - 1) * FURTHER_PART,
    }
}

/// Returns the cost of a frame, given the parts that are exchanged relative to the earlier and to the last frame.
fn motion_cost(frame: &Evidence, against_earlier: State, against_last: State) -> f64 {
    (0..3).map(|part| frame.costs[part][against_earlier >> part & 1][against_last >> part & 1]).sum()
}

/// Follows the choices back from the cheapest end.
fn trace(costs: &Costs, choices: &[[[u8; STATES]; STATES]], count: usize) -> Vec<Swap> {
    let (mut last, mut state) = (0, 0);
    for (second_to_last, row) in costs.iter().enumerate() {
        for (candidate, cost) in row.iter().enumerate() {
            if *cost < costs[last][state] {
                (last, state) = (second_to_last, candidate);
            }
        }
    }
    let mut states = Vec::with_capacity(count);
    for choice in choices.iter().rev() {
        states.push(swap(state));
        (last, state) = (usize::from(choice[last][state]), last);
    }
    if count > 0 {
        states.push(swap(state));
    }
    states.reverse();
    states
}

fn swap(state: State) -> Swap {
    let mut swap = Swap::default();
    for (bit, part) in BodyPart::ALL.into_iter().enumerate() {
        if state >> bit & 1 == 1 {
            swap.set(part);
        }
    }
    swap
}

/// Returns the usual cost of a part without a change, around every frame: a median, which the few frames of a swap do
/// not raise.
fn unrest(evidence: &[Evidence]) -> Vec<f64> {
    let quiet: Vec<f64> = evidence.iter().map(|frame| motion_cost(frame, 0, 0) / 3.0).collect();
    (0..evidence.len())
        .map(|index| {
            let time_s = evidence[index].time_s;
            let start = evidence.partition_point(|frame| frame.time_s < time_s - UNREST_REACH_S);
            let end = evidence.partition_point(|frame| frame.time_s <= time_s + UNREST_REACH_S);
            let start = start.min(index.saturating_sub(UNREST_MIN_FRAMES / 2));
            let end = end.max(index + 1 + UNREST_MIN_FRAMES / 2).min(evidence.len());
            super::super::outliers::median(&mut quiet[start..end].to_vec())
        })
        .collect()
}
