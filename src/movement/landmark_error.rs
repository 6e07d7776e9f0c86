//! The standard error of each landmark in each frame: how far the network may be off, from signs in its own output.
//!
//! Jitter is what trembles from frame to frame. A network is also wrong for longer: it takes one leg for the other, or
//! follows a blurred foot too late. Three signs tell such frames: the landmark is hardly visible; its raw position
//! was far from the clean one shortly before or after; much of the body is hardly visible.
//!
//! The constants are measured (docs/MEASUREMENT.md): eleven clips of walking, running, jumping, squats, a serve, a golf
//! swing, a somersault and balancing were filmed otherwise in seven ways (mirrored, half size, padded, coarser
//! compression, darker, half the frame rate, sharpened). The distances between the same landmarks of 265,410 pairs of
//! frames were fitted by a t distribution whose logarithm of scale is linear in the signs.

use super::track::{PerLandmark, Stretch};
use super::window::Windows;
use crate::pose::skeleton::landmark as points;

/// The landmarks that tell how well the body is seen: no face, and of the hands only the index fingers.
const BODY: [usize; 18] = [
    points::LEFT_SHOULDER,
    points::RIGHT_SHOULDER,
    points::LEFT_ELBOW,
    points::RIGHT_ELBOW,
    points::LEFT_WRIST,
    points::RIGHT_WRIST,
    points::LEFT_INDEX,
    points::RIGHT_INDEX,
    points::LEFT_HIP,
    points::RIGHT_HIP,
    points::LEFT_KNEE,
    points::RIGHT_KNEE,
    points::LEFT_ANKLE,
    points::RIGHT_ANKLE,
    points::LEFT_HEEL,
    points::RIGHT_HEEL,
    points::LEFT_FOOT_INDEX,
    points::RIGHT_FOOT_INDEX,
];

/// The time around a frame in which repairs count, seconds.
const WINDOW_S: f64 = 0.2;
/// The error at a repair of one body height.
const LARGEST: f64 = 0.0578;
/// The repair that even the surest landmark counts as, body heights.
const LEAST_REPAIR: f64 = 0.0025;
/// The exponent of the repair.
const OF_REPAIR: f64 = 0.62;
/// The growth of the logarithm of the error from a visible landmark to an invisible one.
const OF_LANDMARK: f64 = 0.79;
/// The growth of the logarithm of the error from a visible body to an invisible one.
const OF_BODY: f64 = 1.87;
/// How much larger the error is in world landmarks, whose depth is guessed, than in the picture.
const OF_WORLD: f64 = 1.1;

/// The standard errors of a landmark along each axis, one for each frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LandmarkErrors {
    /// In the picture, pixels.
    pub(crate) image_px: Vec<f64>,
    /// In the world, meters.
    pub(crate) world_m: Vec<f64>,
}

/// The positions in the picture before cleaning, pixels: x and y by landmark.
pub(crate) type RawPlane = Vec<[Vec<f64>; 2]>;

/// Returns the standard errors of all landmarks of a cleaned stretch. Jitter is not part of them. `raw` are the
/// positions before sides were exchanged, outliers replaced and values filtered. `body_height_px` is the height of the
/// upright person in the picture, `world_height_m` the height that world landmarks assume.
#[must_use]
pub(crate) fn landmark_errors(
    clean: &Stretch,
    raw: &RawPlane,
    body_height_px: f64,
    world_height_m: f64,
) -> PerLandmark<LandmarkErrors> {
    let unseen = unseen_body(clean);
    std::array::from_fn(|landmark| {
        let repairs = repairs(clean, raw, landmark, body_height_px);
        let shares = (0..clean.len()).map(|index| {
            let invisible = 1.0 - visibility(clean, landmark, index);
            let growth = OF_LANDMARK * invisible + OF_BODY * unseen[index];
            LARGEST * (LEAST_REPAIR + repairs[index]).powf(OF_REPAIR) * growth.exp()
        });
        let shares: Vec<f64> = shares.collect();
        LandmarkErrors {
            image_px: shares.iter().map(|share| share * body_height_px).collect(),
            world_m: shares.iter().map(|share| share * OF_WORLD * world_height_m).collect(),
        }
    })
}

/// Returns the visibility of a landmark, 0 if it is unknown.
fn visibility(stretch: &Stretch, landmark: usize, index: usize) -> f64 {
    Some(stretch.visibility[landmark][index]).filter(|visibility| visibility.is_finite()).unwrap_or(0.0)
}

/// Returns the share of the body that is not visible, 0..=1, one for each frame.
fn unseen_body(stretch: &Stretch) -> Vec<f64> {
    let of = |index: usize| BODY.iter().map(|&landmark| 1.0 - visibility(stretch, landmark, index)).sum::<f64>();
    (0..stretch.len()).map(|index| of(index) / BODY.len() as f64).collect()
}

/// Returns the root mean square of the distances by which cleaning moved a landmark around each frame, body heights. A
/// missing position counts as not moved.
fn repairs(clean: &Stretch, raw: &RawPlane, landmark: usize, body_height_px: f64) -> Vec<f64> {
    let squares: Vec<f64> = (0..clean.len())
        .map(|index| {
            let along = |axis: usize| (clean.at(landmark, axis, index) - raw[landmark][axis][index]) / body_height_px;
            let square = along(0).powi(2) + along(1).powi(2);
            if square.is_finite() { square } else { 0.0 }
        })
        .collect();
    let windows = Windows::new(&clean.times_s, WINDOW_S);
    (0..squares.len())
        .map(|index| {
            let near = windows.centered(index);
            let count = near.len().max(1) as f64;
            (squares[near].iter().sum::<f64>() / count).sqrt()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::LANDMARK_COUNT;
    use proptest::prelude::*;

    const HEIGHT_PX: f64 = 400.0;

    /// A body that stands still and is seen with one visibility, at 30 frames a second.
    fn still(frames: usize, visibility: f64) -> (Stretch, RawPlane) {
        let stretch = Stretch {
            frames: (0..frames as u32).collect(),
            times_s: (0..frames).map(|index| index as f64 / 30.0).collect(),
            points: vec![std::array::from_fn(|_| vec![100.0; frames]); LANDMARK_COUNT],
            visibility: vec![vec![visibility; frames]; LANDMARK_COUNT],
            presence: vec![vec![1.0; frames]; LANDMARK_COUNT],
        };
        let raw = vec![[vec![100.0; frames], vec![100.0; frames]]; LANDMARK_COUNT];
        (stretch, raw)
    }

    fn error_px(stretch: &Stretch, raw: &RawPlane, landmark: usize, index: usize) -> f64 {
        landmark_errors(stretch, raw, HEIGHT_PX, 1.7)[landmark].image_px[index]
    }

    /// 0.0578 x 0.0025^0.62 = 0.00141 of the height; an invisible body: e^(0.79 + 1.87) times as much.
    #[test]
    fn a_visible_landmark_is_sure_and_an_invisible_body_is_not() {
        let (seen, raw) = still(5, 1.0);
        let sure_px = error_px(&seen, &raw, points::LEFT_KNEE, 2);
        assert!((sure_px / HEIGHT_PX - 0.001_408).abs() < 1e-5, "{sure_px}");
        let (unseen, raw) = still(5, 0.0);
        let unsure_px = error_px(&unseen, &raw, points::LEFT_KNEE, 2);
        assert!((unsure_px / sure_px - 2.66_f64.exp()).abs() < 1e-9);
    }

    #[test]
    fn a_repair_counts_a_tenth_of_a_second_before_and_after_it() {
        let (stretch, mut raw) = still(21, 1.0);
        raw[points::LEFT_ANKLE][0][10] = 180.0;
        let errors = landmark_errors(&stretch, &raw, HEIGHT_PX, 1.7);
        let ankle_px = &errors[points::LEFT_ANKLE].image_px;
        let doubtful: Vec<usize> = (0..21).filter(|&index| ankle_px[index] > 2.0 * ankle_px[0]).collect();
        assert_eq!(doubtful, (7..=13).collect::<Vec<_>>());
        assert_eq!(errors[points::RIGHT_ANKLE].image_px, vec![ankle_px[0]; 21]);
    }

    #[test]
    fn unknown_positions_and_visibilities_have_an_error_all_the_same() {
        let (mut stretch, raw) = still(5, 1.0);
        for index in 0..5 {
            stretch.points[points::NOSE][0][index] = f64::NAN;
            stretch.visibility[points::NOSE][index] = f64::NAN;
        }
        let errors = landmark_errors(&stretch, &raw, HEIGHT_PX, 1.7);
        assert!(errors.iter().all(|errors| errors.image_px.iter().chain(&errors.world_m).all(|error| *error > 0.0)));
    }

    proptest! {
        /// A picture of twice the size has errors of twice the pixels and the same meters.
        #[test]
        fn errors_have_the_size_of_the_person(
            moves in prop::collection::vec(-50.0..50.0f64, 12),
            seen in 0.0..1.0f64,
            factor in 0.1..10.0f64,
        ) {
            let (stretch, mut raw) = still(12, seen);
            for (index, by) in moves.iter().enumerate() {
                raw[points::LEFT_WRIST][1][index] += by;
            }
            let mut larger = (stretch.clone(), raw.clone());
            let in_picture = larger.0.points.iter_mut().flat_map(|series| series[..2].iter_mut());
            for value in in_picture.chain(larger.1.iter_mut().flatten()).flatten() {
                *value *= factor;
            }
            let small = landmark_errors(&stretch, &raw, HEIGHT_PX, 1.7);
            let large = landmark_errors(&larger.0, &larger.1, HEIGHT_PX * factor, 1.7);
            for (small, large) in small.iter().zip(&large) {
                for index in 0..12 {
                    prop_assert!((large.image_px[index] / small.image_px[index] / factor - 1.0).abs() < 1e-9);
                    prop_assert!((large.world_m[index] / small.world_m[index] - 1.0).abs() < 1e-9);
                }
            }
        }
    }
}
