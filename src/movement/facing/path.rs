//! The cheapest sequence of sides: each change has a price, so that a glance aside changes nothing and a turn does.

use super::Facing;

/// What a change of the side costs, in seconds of clear evidence against a side: shorter stretches at an end of the
/// track are no turns, nor are stretches in its midst that are shorter than twice this.
const CHANGE_S: f64 = 0.5;
/// How far beyond the border of its side the body must turn to count against the side, degrees.
const HYSTERESIS_DEG: f64 = 15.0;
/// How much farther it must turn to count fully, degrees.
const CLEARLY_DEG: f64 = 10.0;

/// Returns the side in each frame. `yaws_deg` are the smoothed yaws; `looks` say how clearly the body looks to the
/// right (1) or to the left (-1) of its trunk.
#[must_use]
pub(super) fn cheapest(times_s: &[f64], yaws_deg: &[f64], looks: &[f64]) -> Vec<Facing> {
    let mut totals_s = [0.0; Facing::ALL.len()];
    let mut came_from: Vec<[usize; Facing::ALL.len()]> = Vec::with_capacity(times_s.len());
    for index in 0..times_s.len() {
        let duration_s = if index == 0 { 0.0 } else { times_s[index] - times_s[index - 1] };
        let best = lowest(&totals_s);
        came_from
            .push(std::array::from_fn(|side| if totals_s[side] <= totals_s[best] + CHANGE_S { side } else { best }));
        totals_s = std::array::from_fn(|side| {
            let kept_s = totals_s[side].min(totals_s[best] + CHANGE_S);
            kept_s + duration_s * against(Facing::ALL[side], yaws_deg[index], looks[index])
        });
    }
    let mut side = lowest(&totals_s);
    let mut path: Vec<Facing> = came_from
        .iter()
        .rev()
        .map(|from| {
            let facing = Facing::ALL[side];
            side = from[side];
            facing
        })
        .collect();
    path.reverse();
    path
}

fn lowest(totals: &[f64; Facing::ALL.len()]) -> usize {
    (0..totals.len()).min_by(|&a, &b| totals[a].total_cmp(&totals[b])).unwrap_or_default()
}

/// Returns how clearly a frame speaks against a side, about 0..=2. Front, back and sides are told apart by the yaw, the two
/// sides by where the body looks.
fn against(facing: Facing, yaw_deg: f64, look: f64) -> f64 {
    // The sign of the yaw is left to the look: as if the body looked to the right.
    let from_front_deg = yaw_deg.abs();
    let beyond_deg = match facing {
        Facing::Front | Facing::Back => facing.beyond_deg(from_front_deg),
        Facing::Right | Facing::Left => Facing::Right.beyond_deg(from_front_deg),
    };
    let turned = ((beyond_deg - HYSTERESIS_DEG) / CLEARLY_DEG).clamp(0.0, 1.0);
    // This little difference decides where nothing else does: between two sides the nearer one.
    let nearer = 0.001 * beyond_deg / HYSTERESIS_DEG;
    let looks_away = match facing {
        Facing::Front | Facing::Back => 0.0,
        Facing::Right => (-look).max(0.0),
        Facing::Left => look.max(0.0),
    };
    turned + nearer + looks_away
}
