//! Draws the angle of a joint over time.

use super::axis::Axis;
use super::canvas::{Canvas, Document, Ink, compose};
use super::data::{AngleSeries, AnglesOverTime, EventMark, Panels, Side};
use super::events::Flags;
use super::frame::{
    EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_name, axis_width, draw_areas, draw_lines, heading,
    significant, ticks_across, ticks_down, with_unit,
};
use super::legend::{Legend, Symbol};
use super::palette::{LIGHT_GRAY, second_color, side_color};
use super::{Chart, ChartError, decimation};

const WIDTH_PX: u32 = 960;
const HEIGHT_PX: u32 = 540;
const STACKED_HEIGHT_PX: u32 = 720;
/// The gap between stacked panels, pixels.
const PANEL_GAP_PX: f64 = 18.0;
const CLEAN_WIDTH_PX: f64 = 1.8;
const SPATIAL_WIDTH_PX: f64 = 1.3;
const RAW_WIDTH_PX: f64 = 0.9;
const BAND_OPACITY: f64 = 0.2;

/// Draws the angle of a joint over time: raw (thin, gray), clean with its uncertainty, and three-dimensional; events as
/// vertical lines. Long series keep their peaks.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn angles_over_time(data: &AnglesOverTime) -> Result<Chart, ChartError> {
    let panels = panels(data);
    let height = if panels.len() > 1 { STACKED_HEIGHT_PX } else { HEIGHT_PX };
    let document = Document {
        title: data.heading.title.clone(),
        description: describe(data),
        size_px: [WIDTH_PX, height],
        underlay: String::new(),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        let legend = Legend::new(canvas.size_px[0], legend_entries(&data.series))?;
        legend.draw(canvas)?;
        draw_panels(canvas, data, &panels, legend.bottom_px + LEGEND_GAP_PX)
    })
}

/// The series of each panel.
fn panels(data: &AnglesOverTime) -> Vec<&[AngleSeries]> {
    match data.panels {
        Panels::Stacked if data.series.len() > 1 => data.series.chunks(1).collect(),
        Panels::Stacked | Panels::Together => vec![&data.series],
    }
}

fn draw_panels(
    canvas: &Canvas<'_>,
    data: &AnglesOverTime,
    panels: &[&[AngleSeries]],
    top: f64,
) -> Result<(), ChartError> {
    let all_px = canvas.size_px[1] - FOOT_PX - top;
    let y = Axis::around(data.series.iter().flat_map(drawn_values), ticks_down(all_px / panels.len() as f64));
    let [left, right] = [EDGE_PX + axis_width(&y)?, canvas.size_px[0] - RIGHT_PX];
    let times = data.series.iter().flat_map(|series| series.time_s.iter().copied());
    let x = Axis::within(times, ticks_across(right - left));
    let mut frame = Frame { left, right, top, bottom: top, x, y };
    let mut flags = Vec::new();
    for index in 0..panels.len() {
        flags.push(Flags::new(&frame, canvas.size_px[0], &events_of(&data.events, panels, index))?);
    }
    // All panels have the same height, independent of the room for their events.
    let gaps_px = PANEL_GAP_PX * (panels.len() - 1) as f64;
    let flags_px: f64 = flags.iter().map(|flags| flags.height_px).sum();
    let height = (all_px - gaps_px - flags_px) / panels.len() as f64;
    for (index, (series, flags)) in panels.iter().zip(&flags).enumerate() {
        frame.top = frame.bottom + flags.height_px + if index > 0 { PANEL_GAP_PX } else { 0.0 };
        frame.bottom = frame.top + height;
        let name = match series {
            [one] if panels.len() > 1 => format!("{}: {}", side_name(one.side), axis_name(&data.quantity)),
            _ => axis_name(&data.quantity),
        };
        let is_last = index + 1 == panels.len();
        frame.draw(canvas, is_last.then_some("Time (s)"), &name)?;
        flags.draw(canvas, &frame)?;
        draw_series(canvas, &frame, series)?;
    }
    Ok(())
}

/// Returns the events of a panel. One of several panels shows the events of its own side and of both sides; the latter
/// are named in the first panel only.
fn events_of(events: &[EventMark], panels: &[&[AngleSeries]], index: usize) -> Vec<EventMark> {
    let is_own = |event: &EventMark| panels[index].iter().any(|one| one.side == event.side);
    events
        .iter()
        .filter(|event| panels.len() == 1 || event.side == Side::Both || is_own(event))
        .map(|event| {
            let is_named = index == 0 || is_own(event);
            EventMark { label: if is_named { event.label.clone() } else { String::new() }, ..*event }
        })
        .collect()
}

/// Draws all bands, then raw lines, then the others, so that the clean angle is on top.
fn draw_series(canvas: &Canvas<'_>, frame: &Frame, series: &[AngleSeries]) -> Result<(), ChartError> {
    if series.iter().flat_map(drawn_values).all(f64::is_nan) {
        return frame.no_data(canvas);
    }
    for one in series {
        let band: Vec<[f64; 3]> = one
            .time_s
            .iter()
            .zip(one.clean_deg.iter().zip(&one.error_deg))
            .map(|(&time_s, (&angle, &error))| {
                [frame.x_px(time_s), frame.y_px(angle - error), frame.y_px(angle + error)]
            })
            .map(|[x, low, high]| [x, low.max(high), low.min(high)])
            .collect();
        draw_areas(canvas, &decimation::areas(&band), Ink::area(side_color(one.side), BAND_OPACITY))?;
    }
    let draw = |one: &AngleSeries, values: &[f64], ink| {
        draw_lines(canvas, &decimation::lines(&frame.points(&one.time_s, values)), ink)
    };
    for one in series {
        draw(one, &one.raw_deg, raw_ink())?;
    }
    for one in series {
        draw(one, &one.spatial_deg, spatial_ink(one.side))?;
    }
    for one in series {
        draw(one, &one.clean_deg, clean_ink(one.side))?;
    }
    Ok(())
}

/// Returns all values that the axis must include; NaN if a value or its band is missing.
fn drawn_values(series: &AngleSeries) -> impl Iterator<Item = f64> {
    let band = series.clean_deg.iter().zip(&series.error_deg).flat_map(|(angle, error)| [angle - error, angle + error]);
    let values = series.clean_deg.iter().chain(&series.raw_deg).chain(&series.spatial_deg);
    values.copied().chain(band).map(|value| if value.is_finite() { value } else { f64::NAN })
}

fn clean_ink(side: Side) -> Ink {
    Ink::line(side_color(side), CLEAN_WIDTH_PX)
}

fn spatial_ink(side: Side) -> Ink {
    Ink::line(second_color(side), SPATIAL_WIDTH_PX)
}

fn raw_ink() -> Ink {
    Ink::line(LIGHT_GRAY, RAW_WIDTH_PX)
}

fn legend_entries(series: &[AngleSeries]) -> Vec<(Symbol, String)> {
    let has = |values: &[f64]| values.iter().any(|value| value.is_finite());
    let mut entries = Vec::new();
    for one in series {
        let name = side_name(one.side);
        if has(&one.error_deg) {
            let symbol = Symbol::Banded(clean_ink(one.side), side_color(one.side));
            entries.push((symbol, format!("{name}, 2D ± uncertainty")));
        } else {
            entries.push((Symbol::Line(clean_ink(one.side)), format!("{name}, 2D")));
        }
        if has(&one.spatial_deg) {
            entries.push((Symbol::Line(spatial_ink(one.side)), format!("{name}, 3D")));
        }
    }
    if series.iter().any(|one| has(&one.raw_deg)) {
        entries.push((Symbol::Line(raw_ink()), "raw, 2D".to_owned()));
    }
    entries
}

/// Returns the name of a side for a legend.
pub(super) fn side_name(side: Side) -> &'static str {
    match side {
        Side::Left => "Left",
        Side::Right => "Right",
        Side::Both => "Both",
    }
}

fn describe(data: &AnglesOverTime) -> String {
    let sides: Vec<String> = data.series.iter().map(|series| describe_side(series, &data.quantity.unit)).collect();
    let sides = if sides.is_empty() { "No data.".to_owned() } else { sides.join(" ") };
    format!("{} over time. {sides}", axis_name(&data.quantity))
}

fn describe_side(series: &AngleSeries, unit: &str) -> String {
    let known = series.clean_deg.iter().filter(|value| value.is_finite());
    let [low, high] =
        known.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &value| [low.min(value), high.max(value)]);
    let name = side_name(series.side);
    if low > high {
        return format!("{name}: no data.");
    }
    format!("{name}: from {} to {}.", significant(low), with_unit(&significant(high), unit))
}
