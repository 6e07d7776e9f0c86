//! Converts names of the tables into words for charts.

use crate::charts::plot::data::{Quantity, Side};

/// Returns the side that a table names; every name other than left and right is both.
pub(super) fn side(name: &str) -> Side {
    match name {
        "left" => Side::Left,
        "right" => Side::Right,
        _ => Side::Both,
    }
}

/// Returns the side of a point: `left_ankle` is left.
pub(super) fn side_of_point(point: &str) -> Side {
    side(point.split('_').next().unwrap_or_default())
}

/// Returns a name with blanks: `left ankle`.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Returns a text with a capital first letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns a unit of the tables as it is printed.
pub(super) fn unit(name: &str) -> String {
    if name == "deg" { "°".to_owned() } else { name.to_owned() }
}

/// Returns the motion that a positive angle of a joint measures.
fn motion(joint: &str) -> String {
    let motion = if joint == "ankle" { "dorsiflexion" } else { "flexion" };
    format!("{} {motion}", words(joint))
}

/// Returns the quantity of a joint's angle: `Knee flexion (°)`.
pub(super) fn angle(joint: &str) -> Quantity {
    Quantity { name: capitalized(&motion(joint)), unit: "°".to_owned() }
}

/// Returns the quantity of its rate of change: `Knee angular velocity (°/s)`.
pub(super) fn velocity(joint: &str) -> Quantity {
    Quantity { name: format!("{} angular velocity", capitalized(&words(joint))), unit: "°/s".to_owned() }
}

/// Returns the quantity of the signal that repetitions were found in: `left_knee_3d` is `Left knee flexion, 3D`.
pub(super) fn signal(name: &str, unit_name: &str) -> Quantity {
    let joint = name.strip_suffix("_3d").and_then(|name| name.split_once('_'));
    let name = match joint {
        Some((side, joint)) => format!("{} {}, 3D", capitalized(side), motion(joint)),
        None => capitalized(&words(name)),
    };
    Quantity { name, unit: unit(unit_name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_named_by_what_moves() {
        assert_eq!(signal("left_knee_3d", "deg"), Quantity { name: "Left knee flexion, 3D".into(), unit: "°".into() });
        assert_eq!(signal("hip_height", "px"), Quantity { name: "Hip height".into(), unit: "px".into() });
        assert_eq!(angle("ankle").name, "Ankle dorsiflexion");
    }

    #[test]
    fn points_of_the_middle_have_no_side() {
        assert_eq!(side_of_point("left_ankle"), Side::Left);
        assert_eq!(side_of_point("right_foot_index"), Side::Right);
        assert_eq!(side_of_point("mid_hip"), Side::Both);
    }
}
