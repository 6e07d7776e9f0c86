//! Draws bones and joints, colored by side, on a dark edge, and a label with id and name above each person. Points with
//! lower visibility are fainter.

use super::body::{Body, BodyPoint, Side};
use super::canvas::{Canvas, LABEL_HEIGHT_EM};
use super::strokes::{self, Stroke};
use crate::pose::skeleton::{CONNECTIONS, landmark};

/// The opacity of points at the limit of visibility between dotted and solid.
const FAINTEST: f32 = 0.45;
/// Landmarks of the face that are drawn: nose, eyes, ears, corners of the mouth.
const FACE: [usize; 7] = [
    landmark::NOSE,
    landmark::LEFT_EYE,
    landmark::RIGHT_EYE,
    landmark::LEFT_EAR,
    landmark::RIGHT_EAR,
    landmark::MOUTH_LEFT,
    landmark::MOUTH_RIGHT,
];
/// The landmarks of the hands: bones with an end in this range belong to a hand.
const HAND: std::ops::RangeInclusive<usize> = landmark::LEFT_PINKY..=landmark::RIGHT_THUMB;
/// The first landmark of the feet: bones with an end from here on belong to a foot.
const FOOT: usize = landmark::LEFT_HEEL;

/// The thickness of a bone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thickness {
    Limb,
    Foot,
    Hand,
}

impl Thickness {
    /// Returns the thickness of a bone; `None` for bones of the face, which is drawn as points only.
    fn of((from, to): (usize, usize)) -> Option<Self> {
        if landmark::FACE.contains(&from.max(to)) {
            None
        } else if HAND.contains(&to) {
            Some(Self::Hand)
        } else if to >= FOOT {
            Some(Self::Foot)
        } else {
            Some(Self::Limb)
        }
    }

    fn share(self) -> f32 {
        match self {
            Self::Limb => 1.0,
            Self::Foot => 0.72,
            Self::Hand => 0.5,
        }
    }
}

/// Draws a person's bones and joints.
pub(super) fn draw(canvas: &mut Canvas<'_>, body: &Body) {
    let size = size_factor(canvas, body);
    draw_bones(canvas, body, size);
    draw_joints(canvas, body, size);
}

/// Returns the size factor of lines. Smaller people have thinner lines, but not in proportion, so that distant people
/// stay visible.
pub(super) fn size_factor(canvas: &Canvas<'_>, body: &Body) -> f32 {
    (body.height_px / canvas.length_px(0.8)).sqrt().clamp(0.45, 1.25)
}

/// Returns the opacity for a visibility; `None` if only dots are to be drawn.
fn opacity(visibility: f32, dotted_visibility: f32) -> Option<f32> {
    let share = (visibility - dotted_visibility) / dotted_visibility.max(f32::EPSILON);
    (share >= 0.0).then_some(FAINTEST + (1.0 - FAINTEST) * share.min(1.0))
}

fn draw_bones(canvas: &mut Canvas<'_>, body: &Body, size: f32) {
    let width_px = canvas.length_px(canvas.theme.sizes.bone) * size;
    let dotted_visibility = canvas.theme.limits.dotted_visibility;
    let mut by_side: Vec<(Side, Vec<Stroke>)> = Side::ALL.map(|side| (side, Vec::new())).into();
    for ends in CONNECTIONS {
        let (Some(from), Some(to), Some(thickness)) = (body.points[ends.0], body.points[ends.1], Thickness::of(ends))
        else {
            continue;
        };
        let width_px = (width_px * thickness.share()).max(1.2);
        let strokes = match opacity(from.visibility.min(to.visibility), dotted_visibility) {
            Some(opacity) => vec![Stroke::line(from.position, to.position, width_px).with_strength(opacity)],
            // Hands with low visibility are only noise.
            None if thickness == Thickness::Hand => continue,
            None => dotted(from.position, to.position, width_px),
        };
        by_side.iter_mut().filter(|(side, _)| *side == Side::of_bone(ends)).for_each(|(_, all)| all.extend(&strokes));
    }
    draw_sides(canvas, size, &by_side);
}

fn dotted(from: [f32; 2], to: [f32; 2], width_px: f32) -> Vec<Stroke> {
    let dots = strokes::dots(from, to, (width_px * 0.65).max(2.0), width_px.max(3.0) * 1.7);
    dots.into_iter().map(|dot| dot.with_strength(0.8)).collect()
}

/// Draws all sides' shapes on a common dark edge.
fn draw_sides(canvas: &mut Canvas<'_>, size: f32, by_side: &[(Side, Vec<Stroke>)]) {
    let casing_px = canvas.length_px(canvas.theme.sizes.casing) * size.max(0.7);
    // A full edge would hide the smallest dots.
    let edge = |stroke: &Stroke| stroke.grown(casing_px.min(stroke.half_px * 0.75));
    let under: Vec<Stroke> = by_side.iter().flat_map(|(_, strokes)| strokes).map(edge).collect();
    let casing = canvas.casing(1.0);
    canvas.overlay.draw(&under, casing);
    for (side, strokes) in by_side {
        let ink = side.color(&canvas.theme.colors).ink(canvas.theme.opacities.skeleton);
        canvas.overlay.draw(strokes, ink);
    }
}

fn draw_joints(canvas: &mut Canvas<'_>, body: &Body, size: f32) {
    let radius_px = canvas.length_px(canvas.theme.sizes.joint) * size;
    let dotted_visibility = canvas.theme.limits.dotted_visibility;
    let joints = landmark::JOINTS.iter().map(|&landmark| (landmark, radius_px));
    let faces = FACE.iter().map(|&landmark| (landmark, (radius_px * 0.45).max(1.2)));
    let mut by_side: Vec<(Side, Vec<Stroke>)> = Side::ALL.map(|side| (side, Vec::new())).into();
    for (landmark, radius_px) in joints.chain(faces) {
        let Some(point) = body.points[landmark] else { continue };
        let stroke = joint(point, radius_px, dotted_visibility);
        by_side.iter_mut().filter(|(side, _)| *side == Side::of(landmark)).for_each(|(_, all)| all.push(stroke));
    }
    draw_sides(canvas, size, &by_side);
}

/// Returns the stroke of a joint: hollow if interpolated, small if its visibility is low.
fn joint(point: BodyPoint, radius_px: f32, dotted_visibility: f32) -> Stroke {
    let (radius_px, opacity) = match opacity(point.visibility, dotted_visibility) {
        Some(opacity) => (radius_px, opacity),
        None => (radius_px * 0.6, FAINTEST),
    };
    let shape = if point.is_interpolated {
        Stroke::ring(point.position, radius_px * 0.9, (radius_px * 0.4).max(1.0))
    } else {
        Stroke::dot(point.position, radius_px)
    };
    shape.with_strength(opacity)
}

/// Draws a person's id and name above the body.
pub(super) fn draw_id(canvas: &mut Canvas<'_>, body: &Body, person_id: u16, name: Option<&str>) {
    let [width, height] = canvas.size_px();
    let bounds = body.bounds;
    if bounds.right < 0.0 || bounds.bottom < 0.0 || bounds.left > width || bounds.top > height {
        return;
    }
    let text_px = canvas.text_px();
    let number = person_id.to_string();
    let name = name.map(|name| format!(" {}", canvas.lettering.cut(name, text_px, width * 0.3))).unwrap_or_default();
    let text_width = canvas.lettering.width_px(&number, text_px) + canvas.lettering.width_px(&name, text_px);
    let top = bounds.top - text_px * (LABEL_HEIGHT_EM + 0.35);
    let middle = f32::midpoint(bounds.left, bounds.right);
    let (plate, start) = canvas.free_label_plate([middle, top], text_width, text_px);
    canvas.plate(plate, text_px * 0.4, 1.0);
    let colors = &canvas.theme.colors;
    let (number_color, name_color) = (if name.is_empty() { colors.text } else { colors.muted }, colors.text);
    canvas.write(&[(&number, number_color.ink(1.0)), (&name, name_color.ink(1.0))], start, text_px);
    canvas.labels.push(plate);
}
