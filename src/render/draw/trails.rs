//! Draws the fading paths of chosen points over about the last second.

use std::collections::VecDeque;

use super::body::{Side, distance};
use super::canvas::{Canvas, Placement};
use super::strokes::Stroke;
use super::theme::Theme;
use crate::pose::skeleton::landmark;
use crate::scene::{SceneFrame, ScenePerson};

/// The length of the straight pieces of a trail, pixels.
const PIECE_PX: f32 = 6.0;
const MOST_PIECES: f32 = 24.0;
/// The minimum time without a position that counts as a gap, seconds.
const GAP_S: f64 = 0.5;
/// The width of a trail's oldest end, as a share of the newest end's.
const OLD_WIDTH: f32 = 0.35;

/// A point whose path is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TrailPoint {
    /// The center of mass.
    CenterOfMass,
    /// A landmark of BlazePose.
    Landmark(usize),
}

/// The default points: the center of mass and both wrists.
pub(crate) const DEFAULT_POINTS: [TrailPoint; 3] =
    [TrailPoint::CenterOfMass, TrailPoint::Landmark(landmark::LEFT_WRIST), TrailPoint::Landmark(landmark::RIGHT_WRIST)];

impl TrailPoint {
    fn position(self, person: &ScenePerson, least_visibility: f32) -> Option<[f32; 2]> {
        match self {
            Self::CenterOfMass => person.center_of_mass_px,
            Self::Landmark(landmark) => {
                let point = person.points.get(landmark).copied().flatten()?;
                (point.visibility >= least_visibility).then_some([point.x_px, point.y_px])
            }
        }
    }
}

/// The positions of the people of one frame.
#[derive(Debug, Clone, PartialEq)]
struct Moment {
    time_s: f64,
    /// The id of each person, and the position of every chosen point, in pixels of the video.
    people: Vec<(u16, Vec<Option<[f32; 2]>>)>,
}

impl Moment {
    fn position(&self, person_id: u16, point: usize) -> Option<[f32; 2]> {
        let (_, positions) = self.people.iter().find(|(id, _)| *id == person_id)?;
        *positions.get(point)?
    }
}

/// Remembers the chosen points of the last frames. Frames come in chronological order; a step back restarts the trails.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trail {
    points: Vec<TrailPoint>,
    duration_s: f64,
    least_visibility: f32,
    moments: VecDeque<Moment>,
}

impl Trail {
    /// Creates an empty trail of `duration_s` seconds; landmarks with a visibility below `least_visibility` are gaps.
    #[must_use]
    pub(crate) fn new(points: Vec<TrailPoint>, duration_s: f64, least_visibility: f32) -> Self {
        Self { points, duration_s, least_visibility, moments: VecDeque::new() }
    }

    /// Adds a frame and removes frames that are too old. A frame with the same time replaces the previous one.
    pub(crate) fn push(&mut self, frame: &SceneFrame) {
        if self.moments.back().is_some_and(|last| frame.time_s < last.time_s) {
            self.moments.clear();
        }
        if self.moments.back().is_some_and(|last| frame.time_s == last.time_s) {
            self.moments.pop_back();
        }
        let positions = |person: &ScenePerson| {
            let position = |point: &TrailPoint| point.position(person, self.least_visibility);
            (person.person_id, self.points.iter().map(position).collect())
        };
        let moment = Moment { time_s: frame.time_s, people: frame.people.iter().map(positions).collect() };
        self.moments.push_back(moment);
        while self.moments.front().is_some_and(|first| frame.time_s - first.time_s > self.duration_s) {
            self.moments.pop_front();
        }
    }

    /// Returns the unbroken paths of one point of a person: seconds before now and position, oldest first.
    fn ways(&self, person_id: u16, point: usize) -> Vec<Vec<(f64, [f32; 2])>> {
        let now_s = self.moments.back().map_or(0.0, |moment| moment.time_s);
        let mut ways = vec![Vec::new()];
        let mut last_s = f64::NEG_INFINITY;
        for moment in &self.moments {
            let position = moment.position(person_id, point);
            let is_gap = position.is_none() || moment.time_s - last_s > GAP_S;
            if is_gap && ways.last().is_some_and(|way| !way.is_empty()) {
                ways.push(Vec::new());
            }
            if let (Some(position), Some(way)) = (position, ways.last_mut()) {
                way.push((now_s - moment.time_s, position));
                last_s = moment.time_s;
            }
        }
        ways
    }
}

/// Draws the trails of one person.
pub(super) fn draw(canvas: &mut Canvas<'_>, trail: &Trail, person_id: u16, placement: Placement, size: f32) {
    let width_px = canvas.length_px(canvas.theme.sizes.trail) * size;
    let casing_px = canvas.length_px(canvas.theme.sizes.casing) * 0.7;
    for (index, point) in trail.points.iter().enumerate() {
        let color = match point {
            TrailPoint::CenterOfMass => canvas.theme.colors.accent,
            TrailPoint::Landmark(landmark) => Side::of(*landmark).color(&canvas.theme.colors),
        };
        let ways = trail.ways(person_id, index);
        let strokes: Vec<Stroke> =
            ways.iter().flat_map(|way| way_strokes(way, trail.duration_s, placement, width_px)).collect();
        let under: Vec<Stroke> = strokes.iter().map(|stroke| stroke.grown(casing_px)).collect();
        let casing = canvas.casing(0.6);
        canvas.overlay.draw(&under, casing);
        canvas.overlay.draw(&strokes, color.ink(canvas.theme.opacities.trail));
    }
}

/// Returns a path as short lines along a curve through its positions (Catmull and Rom 1974), thinner and fainter with
/// age.
fn way_strokes(way: &[(f64, [f32; 2])], duration_s: f64, placement: Placement, width_px: f32) -> Vec<Stroke> {
    let placed = |&(age_s, position): &(f64, [f32; 2])| {
        let young = 1.0 - (age_s / duration_s.max(f64::EPSILON)).clamp(0.0, 1.0) as f32;
        Some((young, placement.canvas_from_image(position)?))
    };
    let way: Vec<(f32, [f32; 2])> = way.iter().filter_map(placed).collect();
    let at = |index: usize| way[index.min(way.len() - 1)].1;
    let mut strokes = Vec::new();
    for index in 1..way.len() {
        let ends = [at(index.saturating_sub(2)), at(index - 1), at(index), at(index + 1)];
        let pieces = (distance(ends[1], ends[2]) / PIECE_PX).ceil().clamp(1.0, MOST_PIECES) as u32;
        let mut last = ends[1];
        for piece in 1..=pieces {
            let share = piece as f32 / pieces as f32;
            let next = on_curve(ends, share);
            let young = way[index - 1].0 + (way[index].0 - way[index - 1].0) * share;
            let width_px = width_px * (OLD_WIDTH + (1.0 - OLD_WIDTH) * young);
            strokes.push(Stroke::line(last, next, width_px).with_strength(young));
            last = next;
        }
    }
    strokes
}

/// Returns a position between the second and the third of four positions.
fn on_curve([before, from, to, after]: [[f32; 2]; 4], share: f32) -> [f32; 2] {
    std::array::from_fn(|axis| {
        let [p0, p1, p2, p3] = [before[axis], from[axis], to[axis], after[axis]];
        let linear = p2 - p0;
        let quadratic = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
        let cubic = 3.0 * (p1 - p2) + p3 - p0;
        p1 + 0.5 * share * (linear + share * (quadratic + share * cubic))
    })
}

impl Theme {
    /// Creates a trail of these points, with the theme's length.
    pub(super) fn trail(&self, points: Vec<TrailPoint>) -> Trail {
        Trail::new(points, f64::from(self.limits.trail_s), self.limits.dotted_visibility)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::provenance::Provenance;
    use crate::scene::ScenePoint;

    fn frame(time_s: f64, x_px: Option<f32>) -> SceneFrame {
        let mut points = [None; 33];
        points[landmark::LEFT_WRIST] =
            x_px.map(|x_px| ScenePoint { x_px, y_px: 0.0, visibility: 1.0, provenance: Provenance::Measured });
        let person = ScenePerson { person_id: 3, points, angles: Vec::new(), center_of_mass_px: None };
        SceneFrame { frame_idx: 0, time_s, people: vec![person] }
    }

    fn trail_of(frames: &[SceneFrame]) -> Vec<Vec<(f64, [f32; 2])>> {
        let mut trail =
            Trail::new(vec![TrailPoint::CenterOfMass, TrailPoint::Landmark(landmark::LEFT_WRIST)], 1.0, 0.4);
        for frame in frames {
            trail.push(frame);
        }
        assert!(trail.ways(3, 0).iter().all(Vec::is_empty) && trail.ways(4, 1).iter().all(Vec::is_empty));
        trail.ways(3, 1).into_iter().filter(|way| !way.is_empty()).collect()
    }

    fn columns(ways: &[Vec<(f64, [f32; 2])>]) -> Vec<Vec<f32>> {
        ways.iter().map(|way| way.iter().map(|(_, position)| position[0]).collect()).collect()
    }

    #[test]
    fn a_way_goes_through_its_positions_and_fades() {
        let way = [(1.0, [0.0, 0.0]), (0.5, [40.0, 10.0]), (0.0, [80.0, 80.0])];
        let placement = Placement { scale: 2.0, offset_px: [1.0, 1.0] };
        let strokes = way_strokes(&way, 1.0, placement, 4.0);
        assert_eq!((strokes[0].from, strokes[strokes.len() - 1].to), ([1.0, 1.0], [161.0, 161.0]));
        let middle = strokes.iter().find(|stroke| stroke.to == [81.0, 21.0]).unwrap();
        assert!((middle.strength - 0.5).abs() < 1e-6);
        assert!(strokes.is_sorted_by(|one, other| one.strength < other.strength && one.half_px < other.half_px));
        assert!(way_strokes(&[], 1.0, placement, 4.0).is_empty());
    }

    #[test]
    fn gaps_stay_gaps() {
        let frames = [(0.0, Some(1.0)), (0.1, Some(2.0)), (0.2, None), (0.3, Some(4.0)), (0.9, Some(5.0))];
        let ways = trail_of(&frames.map(|(time_s, x_px)| frame(time_s, x_px)));
        assert_eq!(columns(&ways), [vec![1.0, 2.0], vec![4.0], vec![5.0]]);
        assert!((ways[0][0].0 - 0.9).abs() < 1e-9);
    }

    #[test]
    fn the_old_is_forgotten() {
        let frames: Vec<_> = (0..=30).map(|index| frame(f64::from(index) / 10.0, Some(index as f32))).collect();
        assert_eq!(columns(&trail_of(&frames)), [(20..=30).map(|index| index as f32).collect::<Vec<_>>()]);
    }

    #[test]
    fn a_step_back_in_time_begins_anew_and_a_repeated_frame_counts_once() {
        let frames = [(5.0, 1.0), (5.1, 2.0), (1.0, 3.0), (1.1, 4.0), (1.1, 5.0)];
        let ways = trail_of(&frames.map(|(time_s, x_px)| frame(time_s, Some(x_px))));
        assert_eq!(columns(&ways), [vec![3.0, 5.0]]);
    }
}
