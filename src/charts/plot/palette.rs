//! Colors that color-blind people can tell apart: Okabe and Ito, "Color Universal Design" (2008).

use super::data::Side;

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const WHITE: Color = [0xFF; 3];
/// Titles.
pub(super) const INK: Color = [0x1A; 3];
/// Labels of axes and secondary lines.
pub(super) const GRAY: Color = [0x55; 3];
/// Raw data.
pub(super) const LIGHT_GRAY: Color = [0x9A; 3];
/// Grid.
pub(super) const FAINT: Color = [0xE4; 3];

const BLUE: Color = [0x00, 0x72, 0xB2];
const SKY: Color = [0x56, 0xB4, 0xE9];
const VERMILION: Color = [0xD5, 0x5E, 0x00];
const ORANGE: Color = [0xE6, 0x9F, 0x00];
const GREEN: Color = [0x00, 0x9E, 0x73];
const PURPLE: Color = [0xCC, 0x79, 0xA7];

/// Returns a side's color.
pub(super) fn side_color(side: Side) -> Color {
    shades(side)[0]
}

/// Returns a side's second color, for a second series of the same side.
pub(super) fn second_color(side: Side) -> Color {
    shades(side)[1]
}

/// Returns a side's colors, the primary one first.
fn shades(side: Side) -> [Color; 2] {
    match side {
        Side::Left => [BLUE, SKY],
        Side::Right => [VERMILION, ORANGE],
        Side::Both => [GREEN, PURPLE],
    }
}

/// Returns a color mixed with white: 0 is the color, 1 is white.
pub(super) fn lighter(color: Color, share: f64) -> Color {
    color.map(|channel| (f64::from(channel) + (255.0 - f64::from(channel)) * share.clamp(0.0, 1.0)).round() as u8)
}
