//! Draws point paths over a still.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Document, Ink, Lettering, compose, text_width};
use super::data::{PointPath, Side, Trajectory};
use super::frame::{EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_width, heading, ticks_across, ticks_down};
use super::legend::{Legend, Symbol};
use super::palette::{Color, INK, WHITE, lighter, second_color, side_color};
use super::{Chart, ChartError, decimation};

/// The maximum size of the picture, pixels.
const LARGEST_PX: [f64; 2] = [860.0, 640.0];
/// The minimum width, pixels: the heading needs it even over a narrow picture.
const SMALLEST_WIDTH_PX: f64 = 480.0;
const LINE_WIDTH_PX: f64 = 2.2;
const HALO_WIDTH_PX: f64 = 4.0;
const HALO_OPACITY: f64 = 0.7;
/// The number of steps in which a path gets stronger.
const FADE_STEPS: usize = 16;
const FAINTEST: f64 = 0.3;

/// Draws point paths over a still with equal scales of both axes. Paths begin with a ring, get stronger and end with a
/// dot. If the scale is known, the axes are in meters from the lower left corner, and there is a scale bar.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn trajectory(data: &Trajectory) -> Result<Chart, ChartError> {
    let [width, height] = data.picture_size_px.map(|size| f64::from(size.max(1)));
    let scale = (LARGEST_PX[0] / width).min(LARGEST_PX[1] / height);
    let [shown_width, shown_height] = [width * scale, height * scale];
    let meters = usable_scale(data);
    let y = vertical_axis(height, meters, shown_height);
    let around_px = EDGE_PX + axis_width(&y)? + RIGHT_PX;
    let canvas_width = (around_px + shown_width).max(SMALLEST_WIDTH_PX);
    let left = (canvas_width - around_px - shown_width) / 2.0 + around_px - RIGHT_PX;
    let legend = Legend::new(canvas_width, legend_entries(data))?;
    let top = legend.bottom_px + LEGEND_GAP_PX;
    let names: Vec<&str> = data.paths.iter().map(|path| path.name.as_str()).collect();
    let document = Document {
        title: data.heading.title.clone(),
        description: if names.is_empty() {
            "Point paths over the picture. No data.".to_owned()
        } else {
            format!("Paths of {} over the picture.", names.join(", "))
        },
        size_px: [canvas_width.ceil() as u32, (top + shown_height + FOOT_PX).ceil() as u32],
        underlay: still(&data.still_png, [left, top, shown_width, shown_height]),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        legend.draw(canvas)?;
        let x = Axis::within([0.0, width * meters.unwrap_or(1.0)], ticks_across(shown_width));
        let frame = Frame { left, right: left + shown_width, top, bottom: top + shown_height, x, y };
        let unit = if meters.is_some() { "m" } else { "px" };
        // Without a grid, which would hide the picture.
        frame.draw_axes(canvas, Some(&format!("x ({unit})")), &format!("y ({unit})"))?;
        draw_paths(canvas, &frame, data, scale)?;
        match meters {
            Some(meters_per_px) => draw_scale_bar(canvas, &frame, meters_per_px / scale),
            None => Ok(()),
        }
    })
}

/// Returns the scale, if it is a positive number.
fn usable_scale(data: &Trajectory) -> Option<f64> {
    data.meters_per_px.filter(|meters| meters.is_finite() && *meters > 0.0)
}

/// Returns the vertical axis: meters count from below, pixels from above.
fn vertical_axis(height_px: f64, meters: Option<f64>, shown_height: f64) -> Axis {
    let axis = Axis::within([0.0, height_px * meters.unwrap_or(1.0)], ticks_down(shown_height));
    if meters.is_some() {
        return axis;
    }
    let ticks = axis.ticks.into_iter().map(|(value, label)| (height_px - value, label)).collect();
    Axis { ticks, ..axis }
}

/// Returns the picture as an SVG element that contains the file.
fn still(png: &[u8], [x, y, width, height]: [f64; 4]) -> String {
    if png.is_empty() {
        return String::new();
    }
    let encoded = STANDARD.encode(png);
    format!(
        "<image x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" preserveAspectRatio=\"none\" \
         xlink:href=\"data:image/png;base64,{encoded}\"/>"
    )
}

fn draw_paths(canvas: &Canvas<'_>, frame: &Frame, data: &Trajectory, scale: f64) -> Result<(), ChartError> {
    let [width, height] = data.picture_size_px.map(f64::from);
    let to_canvas = |&[x, y]: &[f64; 2]| {
        let is_inside = (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        if is_inside { [frame.left + x * scale, frame.top + y * scale] } else { [f64::NAN; 2] }
    };
    let drawn: Vec<Vec<Vec<[f64; 2]>>> = data
        .paths
        .iter()
        .map(|path| decimation::ways(&path.positions_px.iter().map(to_canvas).collect::<Vec<_>>()))
        .collect();
    if drawn.iter().all(Vec::is_empty) {
        return frame.no_data(canvas);
    }
    for ways in &drawn {
        for way in ways {
            canvas.line(way, Ink { opacity: HALO_OPACITY, ..Ink::line(WHITE, HALO_WIDTH_PX) })?;
        }
    }
    for (index, ways) in drawn.iter().enumerate() {
        draw_fading(canvas, ways, path_color(&data.paths, index))?;
    }
    Ok(())
}

/// Draws the parts of a path, each stronger than the one before.
fn draw_fading(canvas: &Canvas<'_>, ways: &[Vec<[f64; 2]>], color: Color) -> Result<(), ChartError> {
    let count: usize = ways.iter().map(|way| way.len().saturating_sub(1)).sum();
    let size = count.div_ceil(FADE_STEPS).max(1);
    let mut gone = 0;
    for way in ways {
        let mut from = 0;
        while from + 1 < way.len() {
            let to = (from + size).min(way.len() - 1);
            let share = ((gone + to) as f64 / count as f64).min(1.0);
            // Lighter instead of transparent: transparent joints of the parts would show twice.
            let faded = lighter(color, (1.0 - FAINTEST) * (1.0 - share));
            canvas.line(&way[from..=to], Ink::line(faded, LINE_WIDTH_PX))?;
            from = to;
        }
        gone += way.len().saturating_sub(1);
    }
    let first = ways.first().and_then(|way| way.first());
    let last = ways.last().and_then(|way| way.last());
    if let (Some(&first), Some(&last)) = (first, last) {
        canvas.disk(first, 4.5, Ink::area(color, 1.0))?;
        canvas.disk(first, 2.6, Ink::area(WHITE, 1.0))?;
        canvas.disk(last, 5.5, Ink::area(WHITE, 1.0))?;
        canvas.disk(last, 4.5, Ink::area(color, 1.0))?;
    }
    Ok(())
}

/// Returns the side's color; every other path of a side has its second color.
fn path_color(paths: &[PointPath], index: usize) -> Color {
    let side: Side = paths[index].side;
    let earlier = paths[..index].iter().filter(|path| path.side == side).count();
    if earlier.is_multiple_of(2) { side_color(side) } else { second_color(side) }
}

fn draw_scale_bar(canvas: &Canvas<'_>, frame: &Frame, meters_per_px: f64) -> Result<(), ChartError> {
    let longest = (frame.right - frame.left) * 0.3 * meters_per_px;
    // A round length: the step of an axis of that length with at most two steps.
    let ticks = Axis::within([0.0, longest], 2).ticks;
    let Some((meters, label)) = ticks.last().filter(|(meters, _)| *meters > 0.0) else { return Ok(()) };
    let (right, y) = (frame.right - 16.0, frame.bottom - 16.0);
    let left = right - meters / meters_per_px;
    let label = format!("{label} m");
    let half_text = text_width(&label, 12.0)? / 2.0;
    let middle = f64::midpoint(left, right);
    let box_left = left.min(middle - half_text) - 8.0;
    canvas.rectangle([[box_left, y - 24.0], [right + 8.0, y + 8.0]], Ink::area(WHITE, 0.8))?;
    canvas.line(&[[left, y], [right, y]], Ink::line(INK, 2.5))?;
    canvas.text([middle, y - 8.0], &label, Lettering::new(12.0, INK, Anchor::Middle))
}

fn legend_entries(data: &Trajectory) -> Vec<(Symbol, String)> {
    let mut entries: Vec<(Symbol, String)> = data
        .paths
        .iter()
        .enumerate()
        .map(|(index, path)| {
            (Symbol::Line(Ink::line(path_color(&data.paths, index), LINE_WIDTH_PX)), path.name.clone())
        })
        .collect();
    if !entries.is_empty() {
        entries.push((Symbol::Ring([0x55; 3]), "start".to_owned()));
        entries.push((Symbol::Dot([0x55; 3]), "end".to_owned()));
    }
    entries
}
