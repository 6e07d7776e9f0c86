//! Draws joint angles: a wedge between the two bones, and the value outside of the joint, at a place where it covers
//! neither bones nor other labels.

use std::collections::HashMap;
use std::f32::consts::{FRAC_PI_2, PI};

use super::body::{Body, Side, distance};
use super::canvas::{Canvas, polyline};
use super::overlay::Bounds;
use super::strokes;
use super::text::{Align, CAP_HEIGHT, TextStyle};
use crate::pose::skeleton::{CONNECTIONS, MIRROR, landmark};
use crate::scene::SceneAngle;

/// The radius of an arc as a share of the shorter bone's length, and its limits in em of the letters.
const RADIUS_SHARE: f32 = 0.26;
const RADIUS_EM: [f32; 2] = [0.55, 1.4];
/// Places for a value: turned from the outward direction by this (radians), this many em further out (beyond the arc on
/// the arc's side), and what the place costs.
const PLACES: [(f32, f32, f32); 8] = [
    (0.0, 0.0, 0.0),
    (0.7, 0.0, 0.2),
    (-0.7, 0.0, 0.2),
    (1.4, 0.0, 0.4),
    (-1.4, 0.0, 0.4),
    (0.0, 0.6, 1.0),
    (PI, 0.1, 1.2),
    (2.2, 0.1, 1.2),
];
/// Further costs of a place: for each overlapped label or border, for each overlapped bone, and for a change since the
/// previous frame.
const LABEL_COST: f32 = 10.0;
const BONE_COST: f32 = 1.0;
const MOVE_COST: f32 = 0.5;
/// The cost of a place so near to the other side's joint that the value seems to belong to that joint.
const ASTRAY_COST: f32 = 1.5;
/// A place is too near to the other joint within this many times the distance from its own joint.
const ASTRAY_SHARE: f32 = 1.4;
/// The share of its side's color in the color of a value.
const TINT: f32 = 0.45;
/// The maximum cost of a place. In a crowd a value is left out if it is unclear which joint it belongs to.
const MOST_COST: f32 = 3.0;
/// The limit of straightness (length of the sum of both directions). Straighter bones have no clear outward side.
const STRAIGHT: f32 = 0.45;
/// The minimum distance between the joints of both sides to count as separate, as a share of the body's height.
const BESIDE_SHARE: f32 = 0.03;

/// The two ends of a bone on the canvas.
type Bone = [[f32; 2]; 2];

/// The places of values in the previous frame, so that values do not jump back and forth.
#[derive(Debug, Default)]
pub(super) struct AngleMemory {
    by_joint: HashMap<(u16, [usize; 3]), Placed>,
}

/// The place of a value.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// The index into [`PLACES`].
    place: usize,
    /// Whether outward is to the left of the path along the bones.
    is_left: bool,
}

/// Two bones on the canvas.
#[derive(Debug, Clone, Copy)]
struct Corner {
    /// The landmark of the vertex.
    landmark: usize,
    vertex: [f32; 2],
    /// Directions of the bones from the vertex, length 1.
    directions: [[f32; 2]; 2],
    shorter_px: f32,
}

impl Corner {
    fn new(body: &Body, landmarks: [usize; 3]) -> Option<Self> {
        let [from, vertex, to] = landmarks.map(|landmark| body.position(landmark));
        let (from, vertex, to) = (from?, vertex?, to?);
        let lengths = [distance(from, vertex), distance(to, vertex)];
        let shorter_px = lengths[0].min(lengths[1]);
        let direction = |end: [f32; 2], length: f32| [(end[0] - vertex[0]) / length, (end[1] - vertex[1]) / length];
        let directions = [direction(from, lengths[0]), direction(to, lengths[1])];
        (shorter_px > 0.0).then_some(Self { landmark: landmarks[1], vertex, directions, shorter_px })
    }

    /// Returns the outward direction: away from both bones. For straight bones it is away from the other side's joint,
    /// to the remembered side, or away from the middle of the body.
    fn outward(self, body: &Body, remembered_left: Option<bool>) -> ([f32; 2], bool) {
        let [first, second] = self.directions;
        let sum = [first[0] + second[0], first[1] + second[1]];
        // To the left of the path from the first bone's end to the second's.
        let left = unit([second[1] - first[1], first[0] - second[0]]).unwrap_or([0.0, -1.0]);
        let outward_left = if sum[0].hypot(sum[1]) > STRAIGHT {
            dot(left, sum) < 0.0
        } else {
            // Away from the other side's joint, if it is clearly beside this one.
            let other = MIRROR.get(self.landmark).and_then(|&mirrored| body.position(mirrored));
            let aside = other.map(|other| dot(left, [other[0] - self.vertex[0], other[1] - self.vertex[1]]));
            let middle = [
                f32::midpoint(body.bounds.left, body.bounds.right),
                f32::midpoint(body.bounds.top, body.bounds.bottom),
            ];
            let inward = dot(left, [middle[0] - self.vertex[0], middle[1] - self.vertex[1]]);
            match aside.filter(|aside| aside.abs() > BESIDE_SHARE * body.height_px) {
                Some(aside) => aside < 0.0,
                None => remembered_left.unwrap_or(inward < 0.0),
            }
        };
        (if outward_left { left } else { left.map(|part| -part) }, outward_left)
    }

    /// Returns the radius of the arc for letters of a height, pixels.
    fn radius_px(self, text_px: f32) -> f32 {
        (self.shorter_px * RADIUS_SHARE).clamp(RADIUS_EM[0] * text_px, RADIUS_EM[1] * text_px)
    }

    /// Returns the arc between the bones.
    fn arc(self, radius: f32) -> Vec<[f32; 2]> {
        let [x, y] = self.vertex;
        let [first, second] = self.directions;
        let start = first[1].atan2(first[0]);
        let turn = (first[0] * second[1] - first[1] * second[0]).atan2(dot(first, second));
        let steps = (turn.abs() / 0.2).ceil().max(1.0) as u32;
        let at = |step: u32| {
            let angle = start + turn * step as f32 / steps as f32;
            [x + radius * angle.cos(), y + radius * angle.sin()]
        };
        (0..=steps).map(at).collect()
    }
}

/// Draws the wedges of a person's angles.
pub(super) fn draw_wedges(canvas: &mut Canvas<'_>, body: &Body, angles: &[SceneAngle]) {
    for (_, corner) in legible(canvas, body, angles) {
        draw_wedge(canvas, corner);
    }
}

/// Draws the values of a person's angles, clear of all people's bones and of all labels drawn before.
pub(super) fn draw_values(
    canvas: &mut Canvas<'_>,
    memory: &mut AngleMemory,
    body: &Body,
    person_id: u16,
    angles: &[SceneAngle],
    bones: &[Bone],
) {
    for (angle, corner) in legible(canvas, body, angles) {
        let text = format!("{}°", whole(angle.angle_deg));
        let key = (person_id, angle.landmarks);
        if let Some(placed) = draw_value(canvas, body, bones, corner, &text, memory.by_joint.get(&key).copied()) {
            memory.by_joint.insert(key, placed);
        }
    }
}

/// Returns the angles whose bones are long enough for a value beside them.
fn legible<'a>(canvas: &Canvas<'_>, body: &Body, angles: &'a [SceneAngle]) -> Vec<(&'a SceneAngle, Corner)> {
    let least_px = canvas.text_px() * canvas.theme.limits.angle_bone_in_text;
    let known = angles.iter().filter(|angle| angle.angle_deg.is_finite());
    let corners = known.filter_map(|angle| Some((angle, Corner::new(body, angle.landmarks)?)));
    corners.filter(|(_, corner)| corner.shorter_px >= least_px).collect()
}

/// Formats a rounded angle, with a minus of a digit's width; never `-0`.
fn whole(angle_deg: f32) -> String {
    let rounded = angle_deg.round() as i64;
    let sign = if rounded < 0 { "−" } else { "" };
    format!("{sign}{}", rounded.unsigned_abs())
}

fn draw_wedge(canvas: &mut Canvas<'_>, corner: Corner) {
    let radius_px = corner.radius_px(canvas.text_px());
    let arc = corner.arc(radius_px);
    let color = Side::of(corner.landmark).color(&canvas.theme.colors);
    let wedge: Vec<_> = std::iter::once(corner.vertex).chain(arc.iter().copied()).collect();
    if let Some(wedge) = polyline(&wedge) {
        canvas.overlay.fill(&wedge, color.ink(canvas.theme.opacities.wedge));
    }
    let line_px = canvas.length_px(canvas.theme.sizes.line) * 0.7;
    let text = canvas.theme.colors.text;
    canvas.draw_cased(&strokes::lines(&arc, line_px), text.ink(0.85));
}

fn draw_value(
    canvas: &mut Canvas<'_>,
    body: &Body,
    bones: &[Bone],
    corner: Corner,
    text: &str,
    before: Option<Placed>,
) -> Option<Placed> {
    let text_px = canvas.text_px();
    let width_px = canvas.lettering.width_px(text, text_px);
    let half = [width_px / 2.0 + 0.1 * text_px, CAP_HEIGHT / 2.0 * text_px + 0.15 * text_px];
    let (outward, is_left) = corner.outward(body, before.map(|placed| placed.is_left));
    let gap_px = canvas.length_px(canvas.theme.sizes.joint) + 0.3 * text_px;
    let center = |place: usize| {
        let (turn, farther_em, _) = PLACES[place];
        let [x, y] = rotated(outward, turn);
        let arc_px = if turn.abs() > FRAC_PI_2 { corner.radius_px(text_px) - gap_px } else { 0.0 };
        let reach = gap_px + arc_px.max(0.0) + farther_em * text_px + x.abs() * half[0] + y.abs() * half[1];
        [corner.vertex[0] + x * reach, corner.vertex[1] + y * reach]
    };
    let bounds = |place: usize| {
        let [x, y] = center(place);
        Bounds { left: x - half[0], top: y - half[1], right: x + half[0], bottom: y + half[1] }
    };
    // If the joints of both sides coincide, no place is astray.
    let other = MIRROR.get(corner.landmark).and_then(|&mirrored| body.position(mirrored));
    let other = other.filter(|other| distance(*other, corner.vertex) > text_px);
    let cost = |place: usize| {
        let moved = before.is_some_and(|placed| placed.place != place);
        let own = distance(center(place), corner.vertex);
        let is_astray = other.is_some_and(|other| distance(center(place), other) < ASTRAY_SHARE * own);
        let astray = if is_astray { ASTRAY_COST } else { 0.0 };
        cost(canvas, bones, bounds(place)) + PLACES[place].2 + astray + if moved { MOVE_COST } else { 0.0 }
    };
    let costs = (0..PLACES.len()).map(|place| (place, cost(place)));
    let (place, least) = costs.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    if least > MOST_COST {
        return None;
    }
    let [x, y] = center(place);
    // A tint shows the side of a value if both joints are close together.
    let colors = &canvas.theme.colors;
    let color = colors.text.tinted(Side::of(corner.landmark).color(colors), TINT);
    let style = TextStyle { size_px: text_px, ink: color.ink(1.0), halo: Some(canvas.casing(1.25)) };
    let baseline = [x, y + CAP_HEIGHT / 2.0 * text_px];
    canvas.lettering.draw(canvas.overlay, text, baseline, Align::Center, style);
    canvas.labels.push(bounds(place));
    Some(Placed { place, is_left })
}

fn cost(canvas: &Canvas<'_>, bones: &[Bone], bounds: Bounds) -> f32 {
    let [width, height] = canvas.size_px();
    let is_cut = bounds.left < 0.0 || bounds.top < 0.0 || bounds.right > width || bounds.bottom > height;
    let labels = canvas.labels.iter().filter(|label| label.overlaps(bounds)).count();
    let crossed = bones.iter().filter(|bone| crosses(**bone, bounds)).count();
    (usize::from(is_cut) + labels) as f32 * LABEL_COST + crossed as f32 * BONE_COST
}

/// Returns a person's bones of arms, trunk and legs.
pub(super) fn bones(body: &Body) -> impl Iterator<Item = Bone> {
    let bones = CONNECTIONS.iter().filter(|(from, _)| !landmark::FACE.contains(from));
    bones.filter_map(|&(from, to)| Some([body.position(from)?, body.position(to)?]))
}

/// Returns whether a part of a line is within bounds (Liang and Barsky 1984).
fn crosses([[x1, y1], [x2, y2]]: Bone, bounds: Bounds) -> bool {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let (mut first, mut last) = (0.0_f32, 1.0_f32);
    for (speed, room) in
        [(-dx, x1 - bounds.left), (dx, bounds.right - x1), (-dy, y1 - bounds.top), (dy, bounds.bottom - y1)]
    {
        if speed == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if speed < 0.0 {
            first = first.max(room / speed);
        } else {
            last = last.min(room / speed);
        }
    }
    first <= last
}

fn dot([x1, y1]: [f32; 2], [x2, y2]: [f32; 2]) -> f32 {
    x1 * x2 + y1 * y2
}

fn unit([x, y]: [f32; 2]) -> Option<[f32; 2]> {
    let length = x.hypot(y);
    (length > 1e-6).then(|| [x / length, y / length])
}

fn rotated([x, y]: [f32; 2], angle_rad: f32) -> [f32; 2] {
    let (sin, cos) = angle_rad.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEFT_KNEE: [usize; 3] = [landmark::LEFT_HIP, landmark::LEFT_KNEE, landmark::LEFT_ANKLE];

    fn body(points: [[f32; 2]; 3]) -> Body {
        let mut body = Body { points: [None; 33], bounds: Bounds::of(points).unwrap(), height_px: 100.0 };
        for (landmark, position) in LEFT_KNEE.into_iter().zip(points) {
            body.points[landmark] =
                Some(crate::render::draw::body::BodyPoint { position, visibility: 1.0, is_interpolated: false });
        }
        body
    }

    #[test]
    fn angles_are_whole_numbers() {
        assert_eq!(whole(91.6), "92");
        assert_eq!(whole(-0.3), "0");
        assert_eq!(whole(-17.2), "−17");
    }

    #[test]
    fn a_bent_knees_value_stands_before_the_knee() {
        // Hip above, knee to the right, ankle below: the knee points to the right.
        let body = body([[0.0, 0.0], [40.0, 50.0], [0.0, 100.0]]);
        let corner = Corner::new(&body, LEFT_KNEE).unwrap();
        for remembered in [None, Some(true), Some(false)] {
            let (outward, _) = corner.outward(&body, remembered);
            assert!(outward[0] > 0.99, "{outward:?}");
        }
    }

    #[test]
    fn a_straight_knees_value_keeps_its_side() {
        let body = body([[0.0, 0.0], [1.0, 50.0], [0.0, 100.0]]);
        let corner = Corner::new(&body, LEFT_KNEE).unwrap();
        let left = corner.outward(&body, Some(true)).0;
        let right = corner.outward(&body, Some(false)).0;
        assert!(left[0] * right[0] < 0.0);
    }

    #[test]
    fn values_stand_nearer_to_their_own_hip_than_to_the_other() {
        let point = |x, y| {
            Some(crate::render::draw::body::BodyPoint { position: [x, y], visibility: 1.0, is_interpolated: false })
        };
        // Legs apart, seen from the front: the bones' outward direction is toward the other hip.
        let mut body = body([[215.0, 200.0], [270.0, 300.0], [280.0, 380.0]]);
        (body.points[landmark::LEFT_SHOULDER], body.points[landmark::RIGHT_SHOULDER]) =
            (point(240.0, 80.0), point(160.0, 80.0));
        (body.points[landmark::RIGHT_HIP], body.points[landmark::RIGHT_KNEE]) =
            (point(185.0, 200.0), point(130.0, 300.0));
        let theme = crate::render::draw::theme::Theme::default();
        let mut overlay = crate::render::draw::overlay::Overlay::new([400, 400]).unwrap();
        let mut lettering = crate::render::draw::text::Lettering::new().unwrap();
        let mut canvas = Canvas { overlay: &mut overlay, lettering: &mut lettering, theme: &theme, labels: Vec::new() };
        let angles = [
            [landmark::LEFT_SHOULDER, landmark::LEFT_HIP, landmark::LEFT_KNEE],
            [landmark::RIGHT_SHOULDER, landmark::RIGHT_HIP, landmark::RIGHT_KNEE],
        ]
        .map(|landmarks| SceneAngle { landmarks, angle_deg: 30.0 });
        let bones: Vec<_> = bones(&body).collect();
        draw_values(&mut canvas, &mut AngleMemory::default(), &body, 0, &angles, &bones);
        let center = |label: &Bounds| [f32::midpoint(label.left, label.right), f32::midpoint(label.top, label.bottom)];
        let [left, right] = [[215.0, 200.0], [185.0, 200.0]];
        assert_eq!(canvas.labels.len(), 2);
        for (label, own, other) in [(canvas.labels[0], left, right), (canvas.labels[1], right, left)] {
            assert!(distance(center(&label), other) > ASTRAY_SHARE * distance(center(&label), own), "{label:?}");
        }
    }

    #[test]
    fn lines_cross_bounds_or_not() {
        let bounds = Bounds { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };
        assert!(crosses([[-5.0, 5.0], [15.0, 5.0]], bounds));
        assert!(crosses([[2.0, 2.0], [3.0, 3.0]], bounds));
        assert!(!crosses([[-5.0, 8.0], [2.0, 15.0]], bounds));
        assert!(!crosses([[-5.0, -1.0], [15.0, -1.0]], bounds));
    }

    proptest! {
        #[test]
        fn the_arc_stays_at_its_radius_on_the_bones_side(angles in prop::array::uniform2(-3.1_f32..3.1)) {
            let end = |angle: f32| [100.0 + 50.0 * angle.cos(), 100.0 + 50.0 * angle.sin()];
            let body = body([end(angles[0]), [100.0, 100.0], end(angles[1])]);
            let corner = Corner::new(&body, LEFT_KNEE).unwrap();
            let arc = corner.arc(20.0);
            for point in &arc {
                prop_assert!((distance(*point, [100.0, 100.0]) - 20.0).abs() < 0.01);
            }
            for (end, direction) in [arc[0], arc[arc.len() - 1]].into_iter().zip(corner.directions) {
                prop_assert!(distance(end, [100.0 + 20.0 * direction[0], 100.0 + 20.0 * direction[1]]) < 0.01);
            }
        }
    }
}
