//! Draws time and frame number in the lower left corner.

use super::canvas::{Canvas, LABEL_HEIGHT_EM};
use crate::scene::SceneFrame;

/// Draws the time.
pub(super) fn draw(canvas: &mut Canvas<'_>, frame: &SceneFrame) {
    let text_px = canvas.panel_text_px();
    let margin_px = canvas.length_px(canvas.theme.sizes.margin);
    let (time, number) = (time_text(frame.time_s), format!("   #{}", frame.frame_idx));
    let width_px = canvas.lettering.width_px(&time, text_px) + canvas.lettering.width_px(&number, text_px);
    let middle = margin_px + width_px / 2.0 + 0.55 * text_px;
    let top = canvas.size_px()[1] - margin_px - LABEL_HEIGHT_EM * text_px;
    let (plate, start) = canvas.label_plate([middle, top], width_px, text_px);
    canvas.plate(plate, text_px * 0.4, 1.0);
    let [text, muted] = [canvas.theme.colors.text, canvas.theme.colors.muted].map(|color| color.ink(1.0));
    canvas.write(&[(&time, text), (&number, muted)], start, text_px);
    canvas.labels.push(plate);
}

/// Formats a time: `0:03.412`, `1:02:03.412`, `-0:00.040`.
fn time_text(time_s: f64) -> String {
    let milliseconds = (time_s * 1000.0).round() as i64;
    let sign = if milliseconds < 0 { "-" } else { "" };
    let milliseconds = milliseconds.unsigned_abs();
    let (hours, minutes) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60);
    let (seconds, rest) = (milliseconds / 1000 % 60, milliseconds % 1000);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}.{rest:03}")
    } else {
        format!("{sign}{minutes}:{seconds:02}.{rest:03}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds() {
        assert_eq!(time_text(3.412), "0:03.412");
        assert_eq!(time_text(59.9996), "1:00.000");
        assert_eq!(time_text(3723.5), "1:02:03.500");
        assert_eq!(time_text(-0.04), "-0:00.040");
        assert_eq!(time_text(-0.0001), "0:00.000");
    }
}
