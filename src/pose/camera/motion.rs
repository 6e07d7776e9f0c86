//! The motion of a camera from one picture to the next. Pure.

/// The motion of the background from one picture to the next, as the camera makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraMotion {
    /// The shift of the picture's center to the right and downward, pixels.
    pub shift_px: [f64; 2],
    /// Growth about the center, a factor.
    pub zoom: f64,
    /// Rotation about the center, clockwise, radians.
    pub roll_rad: f64,
}

impl CameraMotion {
    /// No motion.
    pub const STILL: Self = Self { shift_px: [0.0; 2], zoom: 1.0, roll_rad: 0.0 };

    /// Whether there is no motion.
    #[must_use]
    pub fn is_still(&self) -> bool {
        *self == Self::STILL
    }

    /// Where a point of the background is seen in the later picture. Points and the size of the picture in pixels.
    #[must_use]
    pub fn moved(&self, point_px: [f32; 2], size_px: [usize; 2]) -> [f32; 2] {
        let center_px = size_px.map(|side| side as f64 / 2.0);
        let [x, y] = self.of_center([0, 1].map(|axis: usize| f64::from(point_px[axis]) - center_px[axis]));
        [(center_px[0] + x) as f32, (center_px[1] + y) as f32]
    }

    /// The same for points relative to the center of the picture.
    #[must_use]
    pub fn of_center(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let (sin, cos) = self.roll_rad.sin_cos();
        [self.shift_px[0] + self.zoom * (cos * x - sin * y), self.shift_px[1] + self.zoom * (sin * x + cos * y)]
    }
}
