//! Draws time and frame number in the lower left corner.

use super::canvas::{Canvas, LABEL_HEIGHT_EM};
use crate::scene::SceneFrame;

/// Draws the time, with as many digits as tell frames apart at `rate_hz`.
pub(super) fn draw(canvas: &mut Canvas<'_>, frame: &SceneFrame, rate_hz: Option<f64>) {
    let text_px = canvas.panel_text_px();
    let margin_px = canvas.length_px(canvas.theme.sizes.margin);
    let (time, number) = (time_text(frame.time_s, digits(rate_hz)), format!("   #{}", frame.frame_idx));
    let width_px = canvas.lettering.width_px(&time, text_px) + canvas.lettering.width_px(&number, text_px);
    let middle = margin_px + width_px / 2.0 + 0.55 * text_px;
    let top = canvas.size_px()[1] - margin_px - LABEL_HEIGHT_EM * text_px;
    let (plate, start) = canvas.label_plate([middle, top], width_px, text_px);
    canvas.plate(plate, text_px * 0.4, 1.0);
    let [text, muted] = [canvas.theme.colors.text, canvas.theme.colors.muted].map(|color| color.ink(1.0));
    canvas.write(&[(&time, text), (&number, muted)], start, text_px);
    canvas.labels.push(plate);
}

/// The digits after the point that tell frames apart: 3 up to 1000 frames a second, at most 6.
fn digits(rate_hz: Option<f64>) -> u32 {
    let rate_hz = rate_hz.unwrap_or_default();
    (3..6).find(|&digits| rate_hz <= 10_f64.powf(f64::from(digits))).unwrap_or(6)
}

/// Formats a time: `0:03.412`, `1:02:03.412`, `-0:00.040`.
fn time_text(time_s: f64, digits: u32) -> String {
    let per_second = 10_u64.pow(digits);
    let ticks = (time_s * per_second as f64).round() as i64;
    let sign = if ticks < 0 { "-" } else { "" };
    let (seconds, rest) = (ticks.unsigned_abs() / per_second, ticks.unsigned_abs() % per_second);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = format!("{rest:0width$}", width = digits as usize);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}.{rest}")
    } else {
        format!("{sign}{minutes}:{seconds:02}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds() {
        assert_eq!(time_text(3.412, 3), "0:03.412");
        assert_eq!(time_text(59.9996, 3), "1:00.000");
        assert_eq!(time_text(3723.5, 3), "1:02:03.500");
        assert_eq!(time_text(-0.04, 3), "-0:00.040");
        assert_eq!(time_text(-0.0001, 3), "0:00.000");
    }

    #[test]
    fn frames_of_any_rate_have_different_times() {
        for (rate_hz, expected) in
            [(25.0, 3), (240.0, 3), (1000.0, 3), (1001.0, 4), (4000.0, 4), (10_000.0, 4), (22_500.0, 5), (1e5, 5)]
        {
            let digits = digits(Some(rate_hz));
            assert_eq!(digits, expected, "{rate_hz} frames/s");
            let mut texts: Vec<String> = (0..3000).map(|frame| time_text(f64::from(frame) / rate_hz, digits)).collect();
            texts.dedup();
            assert_eq!(texts.len(), 3000, "{rate_hz} frames/s");
        }
        assert_eq!((digits(Some(5e5)), digits(Some(1e9)), digits(Some(f64::NAN)), digits(None)), (6, 6, 6, 3));
        assert_eq!(time_text(59.999_96, 4), "1:00.0000");
        assert_eq!(time_text(-0.000_25, 5), "-0:00.00025");
    }
}
