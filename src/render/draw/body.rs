//! A person's landmarks on the canvas, and the size of the body there.

use super::canvas::Placement;
use super::overlay::Bounds;
use super::theme::{Color, Colors};
use crate::movement::provenance::Provenance;
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES, landmark};
use crate::scene::ScenePerson;

/// The length of trunk, thigh and shank together, as a share of the body's height (Winter 2009, figure 4.1).
const MEASURED_SHARE: f32 = 0.78;
/// The distance from the landmarks of the face (at mid-height of the head) to the crown, as a share of the body's
/// height.
const CROWN_SHARE: f32 = 0.08;

/// A side of the body, the athlete's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Middle,
}

impl Side {
    /// All sides.
    pub(super) const ALL: [Self; 3] = [Self::Middle, Self::Right, Self::Left];

    /// Returns the side of a landmark.
    pub(super) fn of(landmark: usize) -> Self {
        let name = LANDMARK_NAMES.get(landmark).copied().unwrap_or_default();
        if name.contains("left") {
            Self::Left
        } else if name.contains("right") {
            Self::Right
        } else {
            Self::Middle
        }
    }

    /// Returns the side of a bone: that of its ends if they agree.
    pub(super) fn of_bone((from, to): (usize, usize)) -> Self {
        if Self::of(from) == Self::of(to) { Self::of(from) } else { Self::Middle }
    }

    /// Returns the color of the side.
    pub(super) fn color(self, colors: &Colors) -> Color {
        match self {
            Self::Left => colors.left,
            Self::Right => colors.right,
            Self::Middle => colors.middle,
        }
    }
}

/// A landmark on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BodyPoint {
    pub(super) position: [f32; 2],
    pub(super) visibility: f32,
    pub(super) is_interpolated: bool,
}

/// A person on the canvas.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    pub(super) points: [Option<BodyPoint>; LANDMARK_COUNT],
    /// The bounds of all landmarks and the head.
    pub(super) bounds: Bounds,
    /// The approximate standing height of the athlete at this place, pixels.
    pub(super) height_px: f32,
}

impl Body {
    /// Returns the body of a person; `None` without landmarks of sufficient visibility.
    pub(super) fn new(person: &ScenePerson, placement: Placement, least_visibility: f32) -> Option<Self> {
        let points = person.points.map(|point| {
            let point = point.filter(|point| point.visibility >= least_visibility)?;
            Some(BodyPoint {
                position: placement.canvas_from_image([point.x_px, point.y_px])?,
                visibility: point.visibility,
                is_interpolated: point.provenance == Provenance::Interpolated,
            })
        });
        let bounds = Bounds::of(points.iter().flatten().map(|point| point.position))?;
        let height_px = standing_height_px(&points).unwrap_or_else(|| bounds.width().max(bounds.height()));
        let crown_px = height_px * CROWN_SHARE;
        let heads = points[landmark::FACE].iter().flatten().map(|point| point.position);
        let around_heads = heads.flat_map(|[x, y]| [[x - crown_px, y - crown_px], [x + crown_px, y + crown_px]]);
        let corners = [[bounds.left, bounds.top], [bounds.right, bounds.bottom]];
        let bounds = Bounds::of(around_heads.chain(corners))?;
        Some(Self { points, bounds, height_px })
    }

    /// Returns the position of a landmark.
    pub(super) fn position(&self, landmark: usize) -> Option<[f32; 2]> {
        self.points.get(landmark)?.map(|point| point.position)
    }

    /// Returns the mean position of the known landmarks.
    pub(super) fn mean(&self, landmarks: &[usize]) -> Option<[f32; 2]> {
        let known: Vec<_> = landmarks.iter().filter_map(|&landmark| self.position(landmark)).collect();
        let count = known.len() as f32;
        let [x, y] = known.iter().fold([0.0; 2], |[x, y], point| [x + point[0], y + point[1]]);
        (!known.is_empty()).then(|| [x / count, y / count])
    }
}

fn standing_height_px(points: &[Option<BodyPoint>; LANDMARK_COUNT]) -> Option<f32> {
    let length = |from: usize, to: usize| Some(distance(points[from]?.position, points[to]?.position));
    let longer = |left: Option<f32>, right: Option<f32>| match (left, right) {
        (Some(left), Some(right)) => Some(left.max(right)),
        (one, other) => one.or(other),
    };
    let trunk = longer(
        length(landmark::LEFT_SHOULDER, landmark::LEFT_HIP),
        length(landmark::RIGHT_SHOULDER, landmark::RIGHT_HIP),
    )?;
    let thigh =
        longer(length(landmark::LEFT_HIP, landmark::LEFT_KNEE), length(landmark::RIGHT_HIP, landmark::RIGHT_KNEE))?;
    let shank =
        longer(length(landmark::LEFT_KNEE, landmark::LEFT_ANKLE), length(landmark::RIGHT_KNEE, landmark::RIGHT_ANKLE))?;
    Some((trunk + thigh + shank) / MEASURED_SHARE)
}

/// Returns the distance between two positions.
pub(super) fn distance([x1, y1]: [f32; 2], [x2, y2]: [f32; 2]) -> f32 {
    (x2 - x1).hypot(y2 - y1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::ScenePoint;

    #[test]
    fn bones_have_the_side_that_both_ends_share() {
        assert_eq!(Side::of_bone((landmark::LEFT_SHOULDER, landmark::LEFT_ELBOW)), Side::Left);
        assert_eq!(Side::of_bone((landmark::RIGHT_HIP, landmark::RIGHT_KNEE)), Side::Right);
        assert_eq!(Side::of_bone((landmark::LEFT_SHOULDER, landmark::RIGHT_SHOULDER)), Side::Middle);
        assert_eq!(Side::of_bone((landmark::MOUTH_LEFT, landmark::MOUTH_RIGHT)), Side::Middle);
        assert_eq!(Side::of(landmark::NOSE), Side::Middle);
    }

    #[test]
    fn height_does_not_fall_with_a_bent_knee() {
        let mut person = ScenePerson { person_id: 0, points: [None; 33], angles: Vec::new(), center_of_mass_px: None };
        let point = |x_px, y_px| Some(ScenePoint { x_px, y_px, visibility: 1.0, provenance: Provenance::Measured });
        (person.points[landmark::LEFT_SHOULDER], person.points[landmark::LEFT_HIP]) =
            (point(0.0, 0.0), point(0.0, 60.0));
        (person.points[landmark::LEFT_KNEE], person.points[landmark::LEFT_ANKLE]) =
            (point(0.0, 110.0), point(0.0, 156.0));
        let straight = Body::new(&person, Placement::default(), 0.1).unwrap();
        assert!((straight.height_px - 200.0).abs() < 0.1);
        person.points[landmark::LEFT_ANKLE] = point(46.0, 110.0);
        let bent = Body::new(&person, Placement { scale: 2.0, offset_px: [5.0, 5.0] }, 0.1).unwrap();
        assert!((bent.height_px - 400.0).abs() < 0.1);
        assert_eq!(bent.position(landmark::LEFT_ANKLE), Some([97.0, 225.0]));
        person.points = person.points.map(|point| point.map(|point| ScenePoint { visibility: 0.05, ..point }));
        assert!(Body::new(&person, Placement::default(), 0.1).is_none());
    }
}
