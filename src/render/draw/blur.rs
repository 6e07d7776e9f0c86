//! Makes heads unrecognizable: each head is replaced by a few soft blocks. The blocks are written into the planes, so
//! the original pixels are gone.

use super::body::distance;
use super::canvas::Placement;
use crate::image::yuv::YuvImage;
use crate::pose::skeleton::landmark;
use crate::scene::ScenePerson;

/// The number of blocks across a head. A face of so few blocks cannot be recognized (Bachmann 1991 found the limit at
/// 15 to 18 blocks across).
const BLOCKS_ACROSS: f32 = 5.0;
/// The radius of a head as a share of the shoulder width, and of the trunk length (head height 0.13, shoulders 0.2,
/// trunk 0.29 of the body's height; Winter 2009), with room for hair and error.
const OF_SHOULDERS: f32 = 0.5;
const OF_TRUNK: f32 = 0.36;
/// The radius of a head as a multiple of the distance between the middle and the farthest face landmark: the skull
/// reaches farther than the face.
const OF_FACE: f32 = 1.5;
/// The radius of a head as a share of the body's length, if nothing else is known.
const OF_BODY: f32 = 0.12;
/// The length of a head as a multiple of its width.
const LENGTH_SHARE: f32 = 1.2;
/// The distance between the middle of the shoulders and the middle of the head, in radii.
const NECK_RADII: f32 = 1.6;
/// The rim fades over this share of the radius, outward.
const RIM_SHARE: f32 = 0.15;
/// Eyes and ears, in the middle of the skull.
const EYES_AND_EARS: [usize; 4] = [landmark::LEFT_EYE, landmark::RIGHT_EYE, landmark::LEFT_EAR, landmark::RIGHT_EAR];
const CORNERS_OF_EYES: [usize; 4] =
    [landmark::LEFT_EYE_INNER, landmark::LEFT_EYE_OUTER, landmark::RIGHT_EYE_INNER, landmark::RIGHT_EYE_OUTER];
/// Nose and mouth, in front of the middle of the skull and below it.
const NOSE_AND_MOUTH: [usize; 3] = [landmark::NOSE, landmark::MOUTH_LEFT, landmark::MOUTH_RIGHT];

/// A head: an ellipse that stands along `up`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Head {
    center: [f32; 2],
    up: [f32; 2],
    radius_px: f32,
}

/// Blurs the heads of all people. Landmarks count even if their visibility is low, because the network also locates the
/// face of people seen from behind.
pub(crate) fn blur_faces(image: &mut YuvImage, people: &[ScenePerson], placement: &Placement) {
    let size = [image.width(), image.height()];
    for head in people.iter().filter_map(|person| Head::of(person, *placement)) {
        blur_plane(&mut image.luma, size, head, 1.0);
        let half = size.map(|length| length / 2);
        blur_plane(&mut image.cb, half, head, 0.5);
        blur_plane(&mut image.cr, half, head, 0.5);
    }
}

impl Head {
    /// Returns the head of a person; `None` without landmarks of the head and the shoulders.
    fn of(person: &ScenePerson, placement: Placement) -> Option<Self> {
        let at = |landmark: usize| {
            let point = person.points[landmark]?;
            placement.canvas_from_image([point.x_px, point.y_px])
        };
        let mean = |landmarks: &[usize]| {
            let known: Vec<_> = landmarks.iter().filter_map(|&landmark| at(landmark)).collect();
            let count = known.len() as f32;
            let sum = known.iter().fold([0.0; 2], |[x, y], point| [x + point[0], y + point[1]]);
            (!known.is_empty()).then(|| sum.map(|total| total / count))
        };
        let between =
            |one: Option<[f32; 2]>, other: Option<[f32; 2]>| one.zip(other).map_or(0.0, |(a, b)| distance(a, b));
        let (shoulders, hips) = (mean(&landmark::SHOULDERS), mean(&landmark::HIPS));
        let face = mean(&EYES_AND_EARS).or_else(|| mean(&CORNERS_OF_EYES)).or_else(|| mean(&NOSE_AND_MOUTH));
        let shoulders_px = between(at(landmark::LEFT_SHOULDER), at(landmark::RIGHT_SHOULDER));
        let trunk_px = between(shoulders, hips);
        let face_px = face.map_or(0.0, |middle| {
            landmark::FACE.filter_map(at).map(|point| distance(middle, point)).fold(0.0, f32::max)
        });
        let mut radius_px = (shoulders_px * OF_SHOULDERS).max(trunk_px * OF_TRUNK).max(face_px * OF_FACE);
        if shoulders_px + trunk_px == 0.0 {
            radius_px = radius_px.max(body_px(person, placement) * OF_BODY);
        }
        let up = up(face, shoulders, hips);
        let center = match (face, shoulders) {
            (Some([x, y]), _) => [x + up[0] * radius_px * 0.1, y + up[1] * radius_px * 0.1],
            (None, Some([x, y])) => [x + up[0] * radius_px * NECK_RADII, y + up[1] * radius_px * NECK_RADII],
            (None, None) => return None,
        };
        (radius_px > 0.0).then_some(Self { center, up, radius_px })
    }

    /// Returns the relative distance from the middle: 1 on the rim.
    fn reach(self, x: f32, y: f32) -> f32 {
        let [dx, dy] = [x - self.center[0], y - self.center[1]];
        let along = (dx * self.up[0] + dy * self.up[1]) / (self.radius_px * LENGTH_SHARE);
        let across = (dx * self.up[1] - dy * self.up[0]) / self.radius_px;
        along.hypot(across)
    }
}

/// Returns the direction from the trunk to the head; upward in the picture if it is unknown.
fn up(face: Option<[f32; 2]>, shoulders: Option<[f32; 2]>, hips: Option<[f32; 2]>) -> [f32; 2] {
    let ends = match (face, shoulders, hips) {
        (None, Some(top), Some(bottom)) | (Some(top), Some(bottom), _) | (Some(top), None, Some(bottom)) => {
            Some((top, bottom))
        }
        _ => None,
    };
    let direction = ends.and_then(|(top, bottom)| {
        let length = distance(top, bottom);
        (length > 1e-3).then(|| [(top[0] - bottom[0]) / length, (top[1] - bottom[1]) / length])
    });
    direction.unwrap_or([0.0, -1.0])
}

/// Returns the longer side of the box around all landmarks, pixels.
fn body_px(person: &ScenePerson, placement: Placement) -> f32 {
    let known = person.points.iter().flatten();
    let positions = known.filter_map(|point| placement.canvas_from_image([point.x_px, point.y_px]));
    super::overlay::Bounds::of(positions).map_or(0.0, |bounds| bounds.width().max(bounds.height()))
}

/// Replaces a head in a plane (at `scale` of the picture's resolution) by its block means, interpolated between the
/// middles of the blocks.
fn blur_plane(plane: &mut [u8], [width, height]: [usize; 2], head: Head, scale: f32) {
    let center = head.center.map(|position| position * scale);
    let head = Head { center, radius_px: head.radius_px * scale, ..head };
    let block_px = (2.0 * head.radius_px / BLOCKS_ACROSS).max(2.0);
    let reach_px = head.radius_px * LENGTH_SHARE * (1.0 + RIM_SHARE) + 1.0;
    let range = |middle: f32, length: usize| {
        let limit = length as f32;
        let [first, last] = [middle - reach_px, middle + reach_px].map(|edge| edge.clamp(0.0, limit) as usize);
        first..(last + 1).min(length)
    };
    let (columns, rows) = (range(center[0], width), range(center[1], height));
    if columns.is_empty() || rows.is_empty() {
        return;
    }
    let blocks = Blocks::new(plane, width, [columns.clone(), rows.clone()], block_px as usize);
    for y in rows {
        for x in columns.clone() {
            let reach = head.reach(x as f32 + 0.5, y as f32 + 0.5);
            let share = ((1.0 + RIM_SHARE - reach) / RIM_SHARE).clamp(0.0, 1.0);
            if share > 0.0 {
                let level = &mut plane[y * width + x];
                let mixed = blocks.level(x, y) * share + f32::from(*level) * (1.0 - share);
                *level = mixed.round() as u8;
            }
        }
    }
}

/// Mean levels of square blocks.
struct Blocks {
    first: [usize; 2],
    side: usize,
    size: [usize; 2],
    means: Vec<f32>,
}

impl Blocks {
    fn new(plane: &[u8], width: usize, [columns, rows]: [std::ops::Range<usize>; 2], side: usize) -> Self {
        let size = [columns.len().div_ceil(side), rows.len().div_ceil(side)];
        let mut sums = vec![(0_u32, 0_u32); size[0] * size[1]];
        for y in rows.clone() {
            for x in columns.clone() {
                let (sum, count) = &mut sums[(y - rows.start) / side * size[0] + (x - columns.start) / side];
                *sum += u32::from(plane[y * width + x]);
                *count += 1;
            }
        }
        let means = sums.into_iter().map(|(sum, count)| sum as f32 / count.max(1) as f32).collect();
        Self { first: [columns.start, rows.start], side, size, means }
    }

    /// Returns the level of a pixel, interpolated between the middles of the four blocks around it.
    fn level(&self, x: usize, y: usize) -> f32 {
        let place = |position: usize, axis: usize| {
            let blocks = (position - self.first[axis]) as f32 / self.side as f32 - 0.5 + 0.5 / self.side as f32;
            let blocks = blocks.clamp(0.0, (self.size[axis] - 1) as f32);
            let before = blocks as usize;
            (before, (before + 1).min(self.size[axis] - 1), blocks - before as f32)
        };
        let ((left, right, to_right), (top, bottom, down)) = (place(x, 0), place(y, 1));
        let mean = |column: usize, row: usize| self.means[row * self.size[0] + column];
        let upper = mean(left, top) * (1.0 - to_right) + mean(right, top) * to_right;
        let lower = mean(left, bottom) * (1.0 - to_right) + mean(right, bottom) * to_right;
        upper * (1.0 - down) + lower * down
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::yuv::YuvColors;
    use crate::movement::provenance::Provenance;
    use crate::scene::ScenePoint;
    use proptest::prelude::*;

    fn person(points: &[(usize, [f32; 2])]) -> ScenePerson {
        let mut person = ScenePerson { person_id: 0, points: [None; 33], angles: Vec::new(), center_of_mass_px: None };
        for &(landmark, [x_px, y_px]) in points {
            let point = ScenePoint { x_px, y_px, visibility: 0.01, provenance: Provenance::Measured };
            person.points[landmark] = Some(point);
        }
        person
    }

    /// A checkerboard, which any blurring turns gray.
    fn board() -> YuvImage {
        let mut image = YuvImage::new([200, 200], YuvColors::default());
        for (index, level) in image.luma.iter_mut().enumerate() {
            *level = if (index % 200 + index / 200) % 2 == 0 { 40 } else { 200 };
        }
        image
    }

    const BODY: [(usize, [f32; 2]); 4] = [
        (landmark::LEFT_SHOULDER, [115.0, 100.0]),
        (landmark::RIGHT_SHOULDER, [85.0, 100.0]),
        (landmark::LEFT_HIP, [110.0, 150.0]),
        (landmark::RIGHT_HIP, [90.0, 150.0]),
    ];

    #[test]
    fn a_head_is_blurred_and_the_body_is_not() {
        let face = [
            (landmark::NOSE, [100.0, 75.0]),
            (landmark::LEFT_EYE, [104.0, 71.0]),
            (landmark::RIGHT_EYE, [96.0, 71.0]),
            (landmark::LEFT_EAR, [109.0, 72.0]),
            (landmark::RIGHT_EAR, [91.0, 72.0]),
        ];
        let mut image = board();
        blur_faces(&mut image, &[person(&[&BODY[..], &face].concat())], &Placement::default());
        for (x, y) in [(100, 72), (91, 72), (109, 72), (100, 58), (100, 84)] {
            assert!((110..130).contains(&image.luma[y * 200 + x]), "{x}, {y}");
        }
        assert_eq!(image.luma[130 * 200..], board().luma[130 * 200..]);
    }

    #[test]
    fn without_a_face_the_head_is_above_the_shoulders_also_upside_down() {
        let mut image = board();
        blur_faces(&mut image, &[person(&BODY)], &Placement::default());
        assert!((110..130).contains(&image.luma[72 * 200 + 100]));
        let upside_down = BODY.map(|(landmark, [x, y])| (landmark, [x, 200.0 - y]));
        let head = Head::of(&person(&upside_down), Placement::default()).unwrap();
        assert!(head.center[1] > 115.0 && head.up[1] > 0.99);
    }

    #[test]
    fn of_a_person_without_head_and_shoulders_nothing_is_blurred() {
        let mut image = board();
        blur_faces(&mut image, &[person(&BODY[2..])], &Placement::default());
        assert_eq!(image, board());
    }

    #[test]
    fn a_head_moves_with_its_picture() {
        let placement = Placement { scale: 2.0, offset_px: [-100.0, -60.0] };
        let points = [
            (landmark::NOSE, [100.0, 80.0]),
            (landmark::LEFT_SHOULDER, [110.0, 90.0]),
            (landmark::RIGHT_SHOULDER, [90.0, 90.0]),
        ];
        let head = Head::of(&person(&points), placement).unwrap();
        assert!(distance(head.center, [100.0, 100.0]) < 5.0 && head.radius_px >= 20.0);
    }

    proptest! {
        #[test]
        fn heads_anywhere_are_blurred_without_panic(
            points in prop::collection::vec((0_usize..33, prop::array::uniform2(-300.0_f32..500.0)), 0..12), scale in 0.1_f32..5.0,
        ) {
            let mut image = board();
            let person = person(&points);
            let placement = Placement { scale, offset_px: [0.0; 2] };
            blur_faces(&mut image, std::slice::from_ref(&person), &placement);
            if let Some(head) = Head::of(&person, placement) {
                let [x, y] = head.center.map(f32::floor);
                if (0.0..199.0).contains(&x) && (0.0..200.0).contains(&y) && head.radius_px > 20.0 {
                    let level = image.luma[y as usize * 200 + x as usize];
                    prop_assert!((100..140).contains(&level), "{}", level);
                }
            }
        }
    }
}
