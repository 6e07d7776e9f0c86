//! Draws mean and spread over a cycle.

use super::angles::side_name;
use super::axis::Axis;
use super::canvas::{Canvas, Document, Ink, compose};
use super::data::{CycleCurve, CycleMeans, Side};
use super::frame::{
    EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_name, axis_width, draw_areas, draw_lines, heading,
    ticks_down,
};
use super::legend::{Legend, Symbol};
use super::palette::{GRAY, side_color};
use super::{Chart, ChartError, decimation};

const SIZE_PX: [u32; 2] = [800, 540];
const MEAN_WIDTH_PX: f64 = 2.2;
const CYCLE_WIDTH_PX: f64 = 0.7;
const CYCLE_OPACITY: f64 = 0.5;
const BAND_OPACITY: f64 = 0.18;

/// Draws mean and spread (one standard deviation up and down) over 0 to 100 % of a cycle, with both sides in one panel.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn cycles(data: &CycleMeans) -> Result<Chart, ChartError> {
    let counts: Vec<String> =
        data.curves.iter().map(|curve| format!("{} n = {}", side_name(curve.side), curve.n_cycles)).collect();
    let document = Document {
        title: data.heading.title.clone(),
        description: format!(
            "{}: mean and standard deviation over the cycle ({}). {}",
            axis_name(&data.quantity),
            data.cycle_name,
            if counts.is_empty() { "No data".to_owned() } else { counts.join(", ") },
        ),
        size_px: SIZE_PX,
        underlay: String::new(),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        let legend = Legend::new(canvas.size_px[0], legend_entries(&data.curves))?;
        legend.draw(canvas)?;
        let top = legend.bottom_px + LEGEND_GAP_PX;
        let bottom = canvas.size_px[1] - FOOT_PX;
        let values = data.curves.iter().flat_map(drawn_values);
        let y = Axis::around(values, ticks_down(bottom - top));
        let x = Axis::within([0.0, 100.0], 10);
        let left = EDGE_PX + axis_width(&y)?;
        let frame = Frame { left, right: canvas.size_px[0] - RIGHT_PX, top, bottom, x, y };
        frame.draw(canvas, Some(&format!("{} (%)", data.cycle_name)), &axis_name(&data.quantity))?;
        draw_curves(canvas, &frame, &data.curves)
    })
}

fn draw_curves(canvas: &Canvas<'_>, frame: &Frame, curves: &[CycleCurve]) -> Result<(), ChartError> {
    if curves.iter().flat_map(drawn_values).all(|value| !value.is_finite()) {
        return frame.no_data(canvas);
    }
    for curve in curves {
        let band: Vec<[f64; 3]> = percents(curve.mean.len())
            .zip(curve.mean.iter().zip(&curve.spread))
            .map(|(percent, (mean, spread))| {
                [frame.x_px(percent), frame.y_px(mean - spread), frame.y_px(mean + spread)]
            })
            .collect();
        draw_areas(canvas, &decimation::areas(&band), Ink::area(side_color(curve.side), BAND_OPACITY))?;
    }
    for curve in curves {
        let ink = Ink { opacity: CYCLE_OPACITY, ..Ink::line(side_color(curve.side), CYCLE_WIDTH_PX) };
        for cycle in &curve.cycles {
            draw_course(canvas, frame, cycle, ink)?;
        }
    }
    for curve in curves {
        draw_course(canvas, frame, &curve.mean, mean_ink(curve.side))?;
    }
    Ok(())
}

fn draw_course(canvas: &Canvas<'_>, frame: &Frame, values: &[f64], ink: Ink) -> Result<(), ChartError> {
    let percents: Vec<f64> = percents(values.len()).collect();
    draw_lines(canvas, &decimation::lines(&frame.points(&percents, values)), ink)
}

/// Returns equal steps from 0 to 100.
fn percents(count: usize) -> impl Iterator<Item = f64> {
    let steps = count.saturating_sub(1).max(1) as f64;
    (0..count).map(move |index| index as f64 / steps * 100.0)
}

fn mean_ink(side: Side) -> Ink {
    Ink::line(side_color(side), MEAN_WIDTH_PX)
}

fn drawn_values(curve: &CycleCurve) -> impl Iterator<Item = f64> {
    let band = curve.mean.iter().zip(&curve.spread).flat_map(|(mean, spread)| [mean - spread, mean + spread]);
    curve.mean.iter().chain(curve.cycles.iter().flatten()).copied().chain(band)
}

fn legend_entries(curves: &[CycleCurve]) -> Vec<(Symbol, String)> {
    let mut entries: Vec<_> = curves.iter().map(legend_entry).collect();
    if curves.iter().any(|curve| !curve.cycles.is_empty()) {
        entries.push((Symbol::Line(Ink::line(GRAY, CYCLE_WIDTH_PX)), "single cycles".to_owned()));
    }
    entries
}

fn legend_entry(curve: &CycleCurve) -> (Symbol, String) {
    let name = side_name(curve.side);
    let n_cycles = curve.n_cycles;
    if curve.spread.iter().any(|spread| spread.is_finite()) {
        let symbol = Symbol::Banded(mean_ink(curve.side), side_color(curve.side));
        (symbol, format!("{name}, mean ± 1 SD (n = {n_cycles})"))
    } else {
        (Symbol::Line(mean_ink(curve.side)), format!("{name}, mean (n = {n_cycles})"))
    }
}
