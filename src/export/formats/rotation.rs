//! Rotations as matrices, and their Euler angles in BVH's usual order Z, X, Y.

pub(super) type Vector = [f64; 3];

/// A rotation, as the rows of its matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rotation(pub(super) [Vector; 3]);

/// The length below which a vector has no direction, and the limit at which two directions count as opposite.
const EPSILON: f64 = 1e-9;

impl Rotation {
    pub(super) const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// Returns the rotation that maps one unit vector to another with the smallest angle, hence without twist.
    pub(super) fn between(from: Vector, to: Vector) -> Self {
        let cosine = dot(from, to);
        if cosine < EPSILON - 1.0 {
            return Self::half_turn(perpendicular(from));
        }
        // Rodrigues' formula with the axis scaled by the sine: R = cos I + [v] + v v' / (1 + cos).
        let axis = cross(from, to);
        let scale = 1.0 / (1.0 + cosine);
        let [x, y, z] = axis;
        let skew = [[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]];
        Self(std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let diagonal = if row == column { cosine } else { 0.0 };
                diagonal + skew[row][column] + axis[row] * axis[column] * scale
            })
        }))
    }

    fn half_turn(axis: Vector) -> Self {
        Self(std::array::from_fn(|row| {
            std::array::from_fn(|column| 2.0 * axis[row] * axis[column] - Self::IDENTITY.0[row][column])
        }))
    }

    /// Returns the rotation whose x axis is exactly `x` and whose y axis is as near to `y` as that allows; `None` if
    /// they are parallel or one has no direction.
    pub(super) fn from_axes(x: Vector, y: Vector) -> Option<Self> {
        let x = unit(x)?;
        let z = unit(cross(x, unit(y)?))?;
        let y = cross(z, x);
        Some(Self(std::array::from_fn(|row| [x[row], y[row], z[row]])))
    }

    /// Returns the rotation that applies `inner` first and then this rotation.
    pub(super) fn after(&self, inner: &Self) -> Self {
        let Self(rows) = self;
        let columns = inner.transposed().0;
        Self(std::array::from_fn(|row| std::array::from_fn(|column| dot(rows[row], columns[column]))))
    }

    /// Returns the inverse rotation.
    pub(super) fn transposed(&self) -> Self {
        Self(std::array::from_fn(|row| std::array::from_fn(|column| self.0[column][row])))
    }

    pub(super) fn apply(&self, vector: Vector) -> Vector {
        self.0.map(|row| dot(row, vector))
    }

    /// Returns the angles z, x, y in degrees such that the rotation is Rz Rx Ry. Several angles mean the same
    /// rotation; the ones nearest to `previous_deg` are returned, so that programs which interpolate between frames
    /// do not spin.
    pub(super) fn zxy_degrees(&self, previous_deg: Vector) -> Vector {
        let [[m00, m01, _], [m10, m11, _], [m20, m21, m22]] = self.0;
        let x = m21.clamp(-1.0, 1.0).asin();
        let is_locked = m01.hypot(m11) < 1e-7;
        // In gimbal lock only z + y or z - y is defined: y stays 0.
        let (z, y) = if is_locked { (m10.atan2(m00), 0.0) } else { ((-m01).atan2(m11), (-m20).atan2(m22)) };
        let first = [z, x, y].map(f64::to_degrees);
        let second = [first[0] + 180.0, 180.0 - first[1], first[2] + 180.0];
        let [first, second] = [first, second].map(|angles| nearest_turns(angles, previous_deg));
        if distance(second, previous_deg) < distance(first, previous_deg) { second } else { first }
    }
}

/// Adds whole turns so that the angles are nearest to the previous ones.
fn nearest_turns(angles_deg: Vector, previous_deg: Vector) -> Vector {
    std::array::from_fn(|axis| angles_deg[axis] + 360.0 * ((previous_deg[axis] - angles_deg[axis]) / 360.0).round())
}

fn distance(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

pub(super) fn difference(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

pub(super) fn length(vector: Vector) -> f64 {
    dot(vector, vector).sqrt()
}

/// Returns the direction of a vector; `None` if the vector is too short to have one.
pub(super) fn unit(vector: Vector) -> Option<Vector> {
    let length = length(vector);
    (length > EPSILON).then(|| vector.map(|value| value / length))
}

fn dot(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross([ax, ay, az]: Vector, [bx, by, bz]: Vector) -> Vector {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Returns a unit vector at a right angle to a unit vector.
fn perpendicular(vector: Vector) -> Vector {
    let other = if vector[0].abs() < 0.9 { [1.0, 0.0, 0.0] } else { [0.0, 1.0, 0.0] };
    unit(cross(vector, other)).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn direction() -> impl Strategy<Value = Vector> {
        prop::array::uniform3(-1.0..1.0_f64)
            .prop_filter_map("no direction", |vector| if length(vector) > 0.1 { unit(vector) } else { None })
    }

    /// Rz Rx Ry, built from the textbook matrices.
    pub(in crate::export::formats) fn from_zxy_degrees([z, x, y]: Vector) -> Rotation {
        let [(sz, cz), (sx, cx), (sy, cy)] = [z, x, y].map(|angle| angle.to_radians().sin_cos());
        let rz = Rotation([[cz, -sz, 0.0], [sz, cz, 0.0], [0.0, 0.0, 1.0]]);
        let rx = Rotation([[1.0, 0.0, 0.0], [0.0, cx, -sx], [0.0, sx, cx]]);
        let ry = Rotation([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]]);
        rz.after(&rx).after(&ry)
    }

    fn is_near(a: &Rotation, b: &Rotation) -> bool {
        a.0.iter().flatten().zip(b.0.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    #[test]
    fn opposite_directions_are_half_a_turn() {
        for from in [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]] {
            let to = from.map(|value: f64| -value);
            let rotation = Rotation::between(from, to);
            assert!(length(difference(rotation.apply(from), to)) < 1e-12);
            assert!(is_near(&rotation.after(&rotation.transposed()), &Rotation::IDENTITY));
        }
    }

    #[test]
    fn a_turn_about_one_axis_has_one_angle() {
        let up_to_left = Rotation::between([0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]);
        let angles = up_to_left.zxy_degrees([0.0; 3]);
        assert!(length(difference(angles, [90.0, 0.0, 0.0])) < 1e-9, "{angles:?}");
    }

    #[test]
    fn angles_continue_past_half_a_turn() {
        let angles = from_zxy_degrees([-175.0, 10.0, 0.0]).zxy_degrees([175.0, 10.0, 0.0]);
        assert!(length(difference(angles, [185.0, 10.0, 0.0])) < 1e-9, "{angles:?}");
    }

    #[test]
    fn parallel_axes_are_no_frame() {
        assert_eq!(Rotation::from_axes([1.0, 0.0, 0.0], [-2.0, 0.0, 0.0]), None);
        assert_eq!(Rotation::from_axes([0.0; 3], [0.0, 1.0, 0.0]), None);
    }

    proptest! {
        #[test]
        fn between_takes_one_direction_to_the_other(from in direction(), to in direction()) {
            let rotation = Rotation::between(from, to);
            prop_assert!(length(difference(rotation.apply(from), to)) < 1e-6);
            prop_assert!(is_near(&rotation.after(&rotation.transposed()), &Rotation::IDENTITY));
            // No twist: the axis of the rotation stays where it is.
            let axis = cross(from, to);
            prop_assert!(length(difference(rotation.apply(axis), axis)) < 1e-6);
        }

        #[test]
        fn angles_give_the_rotation_back(
            angles in prop::array::uniform3(-180.0..180.0_f64),
            previous in prop::array::uniform3(-720.0..720.0_f64),
            x_deg in prop::sample::select(vec![None, Some(90.0), Some(-90.0)]),
        ) {
            let rotation = from_zxy_degrees([angles[0], x_deg.unwrap_or(angles[1]), angles[2]]);
            prop_assert!(is_near(&from_zxy_degrees(rotation.zxy_degrees(previous)), &rotation));
        }

        #[test]
        fn axes_keep_the_first_exactly(x in direction(), y in direction()) {
            prop_assume!(length(cross(x, y)) > 0.01);
            let rotation = Rotation::from_axes(x, y).unwrap();
            prop_assert!(length(difference(rotation.apply([1.0, 0.0, 0.0]), x)) < 1e-9);
            prop_assert!(dot(rotation.apply([0.0, 1.0, 0.0]), y) > 0.0);
            prop_assert!(is_near(&rotation.after(&rotation.transposed()), &Rotation::IDENTITY));
        }
    }
}
