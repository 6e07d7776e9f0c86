//! Draws bars of repetitions: depth and duration.

use super::ChartError;
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Ink, Lettering};
use super::data::{Quantity, Repetition, Repetitions};
use super::frame::{EDGE_PX, FOOT_PX, Frame, RIGHT_PX, axis_name, axis_width, significant, ticks_down, with_unit};
use super::palette::INK;
use super::repetitions::{mean_ink, numbered_every, outward_ink, return_ink};

/// The width of a bar as a share of its slot.
const BAR_SHARE: f64 = 0.62;
const WIDEST_PX: f64 = 46.0;
const CAP_PX: f64 = 4.0;
const INTERVAL_WIDTH_PX: f64 = 1.2;
/// The gap between the two panels, pixels.
const GAP_PX: f64 = 34.0;

/// A bar: its parts from below, and an interval around its end.
struct Bar {
    number: usize,
    parts: Vec<(f64, Ink)>,
    interval: Option<[f64; 2]>,
}

impl Bar {
    fn height(&self) -> f64 {
        self.parts.iter().map(|(height, _)| height).sum()
    }
}

/// Draws depths on the left and durations on the right.
pub(super) fn draw_bars(canvas: &Canvas<'_>, data: &Repetitions, top: f64) -> Result<(), ChartError> {
    let half = canvas.size_px[0] / 2.0;
    let depth = Quantity { name: "Depth".to_owned(), unit: data.signal.unit.clone() };
    let duration = Quantity { name: "Duration".to_owned(), unit: "s".to_owned() };
    let left = [EDGE_PX, half - GAP_PX / 2.0, top];
    let right = [half + GAP_PX / 2.0, canvas.size_px[0] - RIGHT_PX, top];
    draw_panel(canvas, left, &depth, &data.repetitions.iter().map(depth_bar).collect::<Vec<_>>())?;
    draw_panel(canvas, right, &duration, &data.repetitions.iter().map(duration_bar).collect::<Vec<_>>())
}

fn depth_bar(repetition: &Repetition) -> Bar {
    Bar {
        number: repetition.number,
        parts: vec![(repetition.depth, outward_ink())],
        interval: repetition.depth_interval.filter(|bounds| bounds.iter().all(|bound| bound.is_finite())),
    }
}

fn duration_bar(repetition: &Repetition) -> Bar {
    let outward_s = repetition.turn_time_s - repetition.first_time_s;
    let return_s = repetition.last_time_s - repetition.turn_time_s;
    Bar { number: repetition.number, parts: vec![(outward_s, outward_ink()), (return_s, return_ink())], interval: None }
}

/// Draws bars with the line of their mean. `left`, `right` and `top` are the panel's bounds in pixels.
fn draw_panel(
    canvas: &Canvas<'_>,
    [left, right, top]: [f64; 3],
    quantity: &Quantity,
    bars: &[Bar],
) -> Result<(), ChartError> {
    let bottom = canvas.size_px[1] - FOOT_PX;
    let known: Vec<&Bar> = bars.iter().filter(|bar| bar.height().is_finite()).collect();
    // Bars begin at 0.
    let ends = known.iter().flat_map(|bar| [0.0, bar.height()].into_iter().chain(bar.interval.into_iter().flatten()));
    let y = Axis::around(ends, ticks_down(bottom - top));
    let left = left + axis_width(&y)?;
    let x = Axis { low: 0.0, high: bars.len().max(1) as f64, ticks: numbers(bars, right - left) };
    let frame = Frame { left, right, top, bottom, x, y };
    frame.draw(canvas, Some("Repetition"), &axis_name(quantity))?;
    if known.is_empty() {
        return frame.no_data(canvas);
    }
    for (index, bar) in bars.iter().enumerate().filter(|(_, bar)| bar.height().is_finite()) {
        draw_bar(canvas, &frame, index, bar)?;
    }
    let mean = known.iter().map(|bar| bar.height()).sum::<f64>() / known.len() as f64;
    let y = frame.y_px(mean);
    canvas.dashes([left, y], [right, y], mean_ink())?;
    let text = format!("mean {}", with_unit(&significant(mean), &quantity.unit));
    canvas.text([right, top - 6.0], &text, Lettering::new(11.5, mean_ink().color, Anchor::End))
}

/// Returns the numbers of repetitions and the middles of their slots.
fn numbers(bars: &[Bar], width_px: f64) -> Vec<(f64, String)> {
    let every = numbered_every(bars.len(), width_px);
    let shown = bars.iter().enumerate().filter(|(_, bar)| bar.number.is_multiple_of(every));
    shown.map(|(index, bar)| (index as f64 + 0.5, bar.number.to_string())).collect()
}

fn draw_bar(canvas: &Canvas<'_>, frame: &Frame, index: usize, bar: &Bar) -> Result<(), ChartError> {
    let middle = frame.x_px(index as f64 + 0.5);
    let place = (frame.right - frame.left) / (frame.x.high - frame.x.low);
    let half = (place * BAR_SHARE).min(WIDEST_PX) / 2.0;
    let mut below = 0.0;
    for (height, ink) in &bar.parts {
        let [from, to] = [frame.y_px(below), frame.y_px(below + height)];
        canvas.rectangle([[middle - half, from.min(to)], [middle + half, from.max(to)]], *ink)?;
        below += height;
    }
    if let Some(bounds) = bar.interval {
        let [low, high] = bounds.map(|bound| frame.y_px(bound));
        let cap = CAP_PX.min(half);
        let ink = Ink::line(INK, INTERVAL_WIDTH_PX);
        canvas.line(&[[middle, low], [middle, high]], ink)?;
        canvas.line(&[[middle - cap, low], [middle + cap, low]], ink)?;
        canvas.line(&[[middle - cap, high], [middle + cap, high]], ink)?;
    }
    Ok(())
}
