//! The path of a camera through a video, and where points of its pictures lie in the scene. Pure.

use super::motion::CameraMotion;

/// Where the pictures of a video lie in the scene: in the first picture, continued beyond its edges.
#[derive(Debug, Clone, Default)]
pub struct CameraPath {
    first_frame_idx: u32,
    /// The place of each picture, from the first one on; empty if the camera never moves.
    places: Vec<PicturePlace>,
}

/// The place of a picture: `offset + turn * point` in complex numbers, for points relative to its center.
#[derive(Debug, Clone, Copy)]
struct PicturePlace {
    offset: [f64; 2],
    turn: [f64; 2],
}

impl CameraPath {
    /// Makes the path from the motions to consecutive frames, from frame `first_frame_idx` on. Motions that are not known
    /// are the mean of the motions before and after them, or none.
    #[must_use]
    pub fn new(first_frame_idx: u32, motions: &[Option<CameraMotion>]) -> Self {
        if motions.iter().flatten().all(CameraMotion::is_still) {
            return Self::default();
        }
        let mut place = PicturePlace { offset: [0.0; 2], turn: [1.0, 0.0] };
        let places = (0..motions.len()).map(|index| {
            if index > 0 {
                place = place.after(&motion_at(motions, index));
            }
            place
        });
        Self { first_frame_idx, places: places.collect() }
    }

    /// Whether the camera never moves. Then the scene is the picture.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.places.is_empty()
    }

    /// How many pixels of the scene are a pixel of a frame.
    #[must_use]
    pub fn scale(&self, frame_idx: u32) -> f32 {
        self.place(frame_idx).map_or(1.0, |place| length(place.turn) as f32)
    }

    /// Where a point of a frame lies in the scene. Points of the picture are relative to its corner, `center_px` is its
    /// center, pixels.
    #[must_use]
    pub fn in_scene(&self, frame_idx: u32, point_px: [f32; 2], center_px: [f32; 2]) -> [f32; 2] {
        let Some(place) = self.place(frame_idx) else { return point_px };
        let [x, y] = place.of([0, 1].map(|axis: usize| f64::from(point_px[axis] - center_px[axis])));
        [x as f32 + center_px[0], y as f32 + center_px[1]]
    }

    fn place(&self, frame_idx: u32) -> Option<&PicturePlace> {
        self.places.get(frame_idx.checked_sub(self.first_frame_idx)? as usize)
    }
}

impl PicturePlace {
    fn of(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b] = self.turn;
        [self.offset[0] + a * x - b * y, self.offset[1] + b * x + a * y]
    }

    /// The place of the picture after a motion: its center is where the motion's inverse takes it.
    fn after(&self, motion: &CameraMotion) -> Self {
        let (sin, cos) = motion.roll_rad.sin_cos();
        let inverse = [cos / motion.zoom, -sin / motion.zoom];
        let [a, b] = self.turn;
        let turn = [a * inverse[0] - b * inverse[1], a * inverse[1] + b * inverse[0]];
        let [x, y] = motion.shift_px.map(|along| -along);
        let offset = Self { offset: self.offset, turn }.of([x, y]);
        Self { offset, turn }
    }
}

fn length([a, b]: [f64; 2]) -> f64 {
    (a * a + b * b).sqrt()
}

/// The motion to a frame, or what it probably was.
fn motion_at(motions: &[Option<CameraMotion>], index: usize) -> CameraMotion {
    let known = |index: Option<usize>| index.and_then(|index| motions.get(index).copied().flatten());
    match (motions[index], known(index.checked_sub(1)), known(Some(index + 1))) {
        (Some(motion), ..) => motion,
        (None, Some(before), Some(after)) => CameraMotion {
            shift_px: [0, 1].map(|axis: usize| before.shift_px[axis].midpoint(after.shift_px[axis])),
            zoom: before.zoom.midpoint(after.zoom),
            roll_rad: before.roll_rad.midpoint(after.roll_rad),
        },
        (None, one, other) => one.or(other).unwrap_or(CameraMotion::STILL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTER_PX: [f32; 2] = [320.0, 180.0];
    const SIZE_PX: [usize; 2] = [640, 360];

    fn motion(shift_px: [f64; 2], zoom: f64, roll_rad: f64) -> CameraMotion {
        CameraMotion { shift_px, zoom, roll_rad }
    }

    #[test]
    fn what_stands_in_the_scene_has_one_place_however_the_camera_moves() {
        let motions = [motion([3.0, -1.0], 1.02, 0.01), motion([-7.5, 2.0], 0.97, -0.03), motion([0.0; 2], 1.0, 0.2)];
        let all: Vec<_> = [None].into_iter().chain(motions.map(Some)).collect();
        let path = CameraPath::new(10, &all);
        for start in [[320.0, 180.0], [10.0, 350.0], [600.0, 20.0]] {
            let mut seen = start;
            for (index, motion) in motions.iter().enumerate() {
                seen = motion.moved(seen, SIZE_PX);
                let found = path.in_scene(11 + index as u32, seen, CENTER_PX);
                assert!(
                    (found[0] - start[0]).abs() < 1e-3 && (found[1] - start[1]).abs() < 1e-3,
                    "{found:?}, {start:?}"
                );
            }
        }
        assert!((path.scale(13) - 1.0 / (1.02 * 0.97)).abs() < 1e-6);
    }

    #[test]
    fn a_motion_that_is_not_known_is_as_those_around_it() {
        let pan = Some(motion([-4.0, 0.0], 1.0, 0.0));
        let path = CameraPath::new(0, &[None, pan, None, pan]);
        assert_eq!(path.in_scene(3, [100.0, 50.0], CENTER_PX), [112.0, 50.0]);
    }

    #[test]
    fn a_still_camera_has_no_path() {
        let path = CameraPath::new(0, &[None, Some(CameraMotion::STILL), None]);
        assert!(path.is_still());
        assert_eq!((path.in_scene(2, [1.5, 2.5], CENTER_PX), path.scale(2)), ([1.5, 2.5], 1.0));
    }
}
