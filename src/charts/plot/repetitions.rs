//! Draws a signal with its repetitions, and the depth and duration of each.

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Document, Ink, Lettering, compose, text_width};
use super::data::{Repetition, Repetitions, Side};
use super::frame::{
    EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_name, axis_width, draw_lines, heading, ticks_across,
    ticks_down,
};
use super::legend::{Legend, Symbol};
use super::palette::{Color, GRAY, INK, second_color, side_color};
use super::repetitions_bars::draw_bars;
use super::{Chart, ChartError, decimation};

const SIZE_PX: [u32; 2] = [960, 720];
/// The lower end of the signal's panel, pixels.
const SIGNAL_BOTTOM_PX: f64 = 360.0;
/// The gap between the numbers of repetitions and the panel, and above the bars, pixels.
const NUMBERS_PX: f64 = 16.0;
const SIGNAL_WIDTH_PX: f64 = 1.6;
const NUMBER_SIZE_PX: f64 = 11.5;
/// The room for a number along an axis, pixels.
const NUMBER_PX: f64 = 28.0;
const SHADE_OPACITY: f64 = 0.14;

/// Returns the color of everything that does not belong to a side.
pub(super) fn main_color() -> Color {
    side_color(Side::Left)
}

/// Returns the ink of the movement to the turning point.
pub(super) fn outward_ink() -> Ink {
    Ink::area(main_color(), 1.0)
}

/// Returns the ink of the movement back.
pub(super) fn return_ink() -> Ink {
    Ink::area(second_color(Side::Left), 1.0)
}

/// Returns the ink of means.
pub(super) fn mean_ink() -> Ink {
    Ink::line(side_color(Side::Right), 1.5)
}

/// Draws a signal with its repetitions shaded and numbered; below it their depths (with intervals) and durations (split
/// at the turning point), each with its mean.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn repetitions(data: &Repetitions) -> Result<Chart, ChartError> {
    let count = data.repetitions.len();
    let document = Document {
        title: data.heading.title.clone(),
        description: format!("{} over time with {count} repetitions, their depths and durations.", data.signal.name),
        size_px: SIZE_PX,
        underlay: String::new(),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        let legend = Legend::new(canvas.size_px[0], legend_entries(data))?;
        legend.draw(canvas)?;
        draw_signal(canvas, data, legend.bottom_px + LEGEND_GAP_PX + NUMBERS_PX)?;
        draw_bars(canvas, data, SIGNAL_BOTTOM_PX + FOOT_PX + NUMBERS_PX + 8.0)
    })
}

fn draw_signal(canvas: &Canvas<'_>, data: &Repetitions, top: f64) -> Result<(), ChartError> {
    let bottom = SIGNAL_BOTTOM_PX;
    let y = Axis::around(data.values.iter().copied(), ticks_down(bottom - top));
    let left = EDGE_PX + axis_width(&y)?;
    let right = canvas.size_px[0] - RIGHT_PX;
    let x = Axis::within(data.time_s.iter().copied(), ticks_across(right - left));
    let frame = Frame { left, right, top, bottom, x, y };
    let lines = decimation::lines(&frame.points(&data.time_s, &data.values));
    for repetition in &data.repetitions {
        let [first, last] = [repetition.first_time_s, repetition.last_time_s].map(|time_s| frame.x_px(time_s));
        if first.is_finite() && last.is_finite() {
            canvas.rectangle([[first, top], [last, bottom]], Ink::area(main_color(), SHADE_OPACITY))?;
        }
    }
    draw_numbers(canvas, &frame, &data.repetitions)?;
    frame.draw(canvas, Some("Time (s)"), &axis_name(&data.signal))?;
    if lines.is_empty() {
        return frame.no_data(canvas);
    }
    draw_lines(canvas, &lines, Ink::line(INK, SIGNAL_WIDTH_PX))?;
    for repetition in &data.repetitions {
        let turn = [repetition.turn_time_s, value_at(data, repetition.turn_time_s)];
        let [x, y] = frame.point(turn);
        if x.is_finite() && y.is_finite() {
            canvas.disk([x, y], 3.5, outward_ink())?;
        }
    }
    Ok(())
}

/// Numbers the repetitions above the panel, as many as fit.
fn draw_numbers(canvas: &Canvas<'_>, frame: &Frame, repetitions: &[Repetition]) -> Result<(), ChartError> {
    let every = numbered_every(repetitions.len(), frame.right - frame.left);
    let mut free_from = f64::NEG_INFINITY;
    for repetition in repetitions.iter().filter(|repetition| repetition.number.is_multiple_of(every)) {
        let x = frame.x_px(f64::midpoint(repetition.first_time_s, repetition.last_time_s));
        let number = repetition.number.to_string();
        let half = text_width(&number, NUMBER_SIZE_PX)? / 2.0;
        if x - half > free_from {
            canvas.text([x, frame.top - 5.0], &number, Lettering::new(NUMBER_SIZE_PX, GRAY, Anchor::Middle))?;
            free_from = x + half + 3.0;
        }
    }
    Ok(())
}

/// Returns the step between numbered repetitions for a width: 1 (all), 2, 5, …
pub(super) fn numbered_every(count: usize, width_px: f64) -> usize {
    let most = (width_px / NUMBER_PX).max(1.0);
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|factor| factor * 10_usize.pow(power)));
    steps.take(18).find(|&every| count as f64 / every as f64 <= most).unwrap_or(count.max(1))
}

/// Returns the signal at a time, interpolated between samples; NaN outside of it and beside missing samples.
fn value_at(data: &Repetitions, time_s: f64) -> f64 {
    let count = data.time_s.len().min(data.values.len());
    let after = data.time_s[..count].partition_point(|&time| time < time_s);
    match (after.checked_sub(1), data.time_s.get(after)) {
        (_, Some(&time)) if time == time_s => data.values[after],
        (Some(before), Some(&next)) if after < count => {
            let share = (time_s - data.time_s[before]) / (next - data.time_s[before]);
            data.values[before] + (data.values[after] - data.values[before]) * share
        }
        _ => f64::NAN,
    }
}

fn legend_entries(data: &Repetitions) -> Vec<(Symbol, String)> {
    if data.repetitions.is_empty() {
        return Vec::new();
    }
    let mut entries = vec![
        (Symbol::Line(Ink::line(INK, SIGNAL_WIDTH_PX)), data.signal.name.clone()),
        (Symbol::Area(Ink::area(main_color(), 2.0 * SHADE_OPACITY)), "repetition".to_owned()),
        (Symbol::Dot(main_color()), "turning point".to_owned()),
        (Symbol::Area(outward_ink()), "way out".to_owned()),
        (Symbol::Area(return_ink()), "way back".to_owned()),
        (Symbol::Dash(mean_ink()), "mean".to_owned()),
    ];
    if data.repetitions.iter().any(|repetition| repetition.depth_interval.is_some()) {
        entries.push((Symbol::Line(Ink::line(INK, 1.2)), "interval of the depth".to_owned()));
    }
    entries
}
