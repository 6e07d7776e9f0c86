//! Draws one quantity against another, cycle by cycle.

use super::angles::side_name;
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Document, Ink, Lettering, compose};
use super::data::{PhaseCycle, PhasePlot, Side};
use super::frame::{
    EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_name, axis_width, draw_lines, heading, ticks_across,
    ticks_down,
};
use super::legend::{Legend, Symbol};
use super::palette::{Color, WHITE, lighter, side_color};
use super::{Chart, ChartError, decimation};

const SIZE_PX: [u32; 2] = [720, 660];
const LINE_WIDTH_PX: f64 = 1.6;
/// The share of white in the color of the first of several cycles.
const LIGHTEST: f64 = 0.55;
/// The number of arrowheads of a cycle.
const ARROW_COUNT: u32 = 3;
const ARROW_PX: f64 = 9.0;
/// The maximum number of cycles whose beginnings are numbered.
const MOST_NUMBERS: usize = 12;

/// Draws one quantity against another. Each cycle is a separate line with arrowheads along it and a ring at its
/// beginning; later cycles are darker.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn phase_plot(data: &PhasePlot) -> Result<Chart, ChartError> {
    let (x_name, y_name) = (axis_name(&data.x), axis_name(&data.y));
    let count = data.cycles.len();
    let document = Document {
        title: data.heading.title.clone(),
        description: if count == 0 {
            format!("{y_name} against {x_name}. No data.")
        } else {
            format!("{y_name} against {x_name}, {count} cycles. Arrowheads point forward in time.")
        },
        size_px: SIZE_PX,
        underlay: String::new(),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        let legend = Legend::new(canvas.size_px[0], legend_entries(&data.cycles))?;
        legend.draw(canvas)?;
        let top = legend.bottom_px + LEGEND_GAP_PX;
        let bottom = canvas.size_px[1] - FOOT_PX;
        let known = || data.cycles.iter().flat_map(|cycle| &cycle.points).filter(|p| p.iter().all(|v| v.is_finite()));
        let y = Axis::around(known().map(|point| point[1]), ticks_down(bottom - top));
        let left = EDGE_PX + axis_width(&y)?;
        let right = canvas.size_px[0] - RIGHT_PX;
        let x = Axis::around(known().map(|point| point[0]), ticks_across(right - left));
        let frame = Frame { left, right, top, bottom, x, y };
        frame.draw_columns(canvas)?;
        frame.draw(canvas, Some(&x_name), &y_name)?;
        if known().next().is_none() {
            return frame.no_data(canvas);
        }
        draw_cycles(canvas, &frame, &data.cycles)
    })
}

fn draw_cycles(canvas: &Canvas<'_>, frame: &Frame, cycles: &[PhaseCycle]) -> Result<(), ChartError> {
    let mut beginnings = Vec::new();
    for (index, cycle) in cycles.iter().enumerate() {
        let color = cycle_color(cycles, index);
        let points: Vec<[f64; 2]> = cycle.points.iter().map(|&point| frame.point(point)).collect();
        let ways = decimation::ways(&points);
        draw_lines(canvas, &ways, Ink::line(color, LINE_WIDTH_PX))?;
        draw_arrows(canvas, &ways, color)?;
        if let Some(&first) = ways.first().and_then(|way| way.first()) {
            beginnings.push((first, color, cycle.number));
        }
    }
    let are_numbered = beginnings.len() <= MOST_NUMBERS;
    for ([x, y], color, number) in beginnings {
        let (radius_px, inner_px) = if are_numbered { (8.0, 6.6) } else { (4.0, 2.4) };
        canvas.disk([x, y], radius_px, Ink::area(color, 1.0))?;
        canvas.disk([x, y], inner_px, Ink::area(WHITE, 1.0))?;
        if are_numbered {
            canvas.text([x, y + 3.4], &number.to_string(), Lettering::new(9.5, [0x33; 3], Anchor::Middle))?;
        }
    }
    Ok(())
}

/// Returns the side's color; of several cycles of a side, earlier ones are lighter.
fn cycle_color(cycles: &[PhaseCycle], index: usize) -> Color {
    let side = cycles[index].side;
    let is_same = |cycle: &&PhaseCycle| cycle.side == side;
    let count = cycles.iter().filter(is_same).count();
    let earlier = cycles[..index].iter().filter(is_same).count();
    let age = if count > 1 { 1.0 - earlier as f64 / (count - 1) as f64 } else { 0.0 };
    lighter(side_color(side), age * LIGHTEST)
}

/// Draws arrowheads at equal distances along the path.
fn draw_arrows(canvas: &Canvas<'_>, ways: &[Vec<[f64; 2]>], color: Color) -> Result<(), ChartError> {
    let steps = || ways.iter().flat_map(|way| way.windows(2)).map(|pair| (pair[0], pair[1]));
    let length = |([x0, y0], [x1, y1]): ([f64; 2], [f64; 2])| (x1 - x0).hypot(y1 - y0);
    let total: f64 = steps().map(length).sum();
    if total < ARROW_PX * 4.0 {
        return Ok(());
    }
    let mut gone = 0.0;
    let mut next = 1;
    for step in steps() {
        gone += length(step);
        let place = total * (f64::from(next) - 0.5) / f64::from(ARROW_COUNT);
        if next <= ARROW_COUNT && gone >= place {
            draw_arrowhead(canvas, step, color)?;
            next += 1;
        }
    }
    Ok(())
}

/// Draws a triangle in the middle of a step, pointing along it.
fn draw_arrowhead(
    canvas: &Canvas<'_>,
    ([x0, y0], [x1, y1]): ([f64; 2], [f64; 2]),
    color: Color,
) -> Result<(), ChartError> {
    let length = (x1 - x0).hypot(y1 - y0).max(f64::MIN_POSITIVE);
    let [along_x, along_y] = [(x1 - x0) / length, (y1 - y0) / length];
    let middle = [f64::midpoint(x0, x1), f64::midpoint(y0, y1)];
    let corner = |along: f64, across: f64| {
        let [along, across] = [along * ARROW_PX, across * ARROW_PX];
        [middle[0] + along_x * along - along_y * across, middle[1] + along_y * along + along_x * across]
    };
    canvas.polygon(&[corner(0.6, 0.0), corner(-0.4, 0.42), corner(-0.4, -0.42)], Ink::area(color, 1.0))
}

fn legend_entries(cycles: &[PhaseCycle]) -> Vec<(Symbol, String)> {
    let mut entries = Vec::new();
    for side in [Side::Left, Side::Right, Side::Both] {
        let count = cycles.iter().filter(|cycle| cycle.side == side).count();
        if count > 0 {
            let name = side_name(side);
            let plural = if count == 1 { "cycle" } else { "cycles, later ones darker" };
            let symbol = Symbol::Line(Ink::line(side_color(side), LINE_WIDTH_PX));
            entries.push((symbol, format!("{name}, {count} {plural}")));
        }
    }
    if !entries.is_empty() {
        entries.push((Symbol::Ring([0x55; 3]), "start of a cycle".to_owned()));
    }
    entries
}
