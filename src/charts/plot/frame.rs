//! The surroundings of data (heading, axes with grid and labels), and the conversion of values into pixels.

use super::ChartError;
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Ink, Lettering, fitting, text_width};
use super::data::{Heading, Quantity};
use super::palette::{FAINT, GRAY, INK, LIGHT_GRAY};

/// The free space on the left and the right of the chart, pixels.
pub(super) const EDGE_PX: f64 = 20.0;
/// The free space on the right of axes, pixels: half of a label of the horizontal axis.
pub(super) const RIGHT_PX: f64 = 30.0;
/// The height below an axis for its labels, pixels.
pub(super) const FOOT_PX: f64 = 56.0;
/// The gap below the legend, pixels.
pub(super) const LEGEND_GAP_PX: f64 = 12.0;
/// The middle of the first row of a legend, pixels from the top.
pub(super) const LEGEND_TOP_PX: f64 = 74.0;
const TITLE_SIZE_PX: f64 = 19.0;
const SUBTITLE_SIZE_PX: f64 = 13.0;
const NAME_SIZE_PX: f64 = 13.0;
const TICK_SIZE_PX: f64 = 12.0;
const TICK_PX: f64 = 4.0;
const LABEL_GAP_PX: f64 = 4.0;

/// Writes title and subtitle.
pub(super) fn heading(canvas: &Canvas<'_>, heading: &Heading) -> Result<(), ChartError> {
    let width = canvas.size_px[0] - 2.0 * EDGE_PX;
    let lines = [(&heading.title, TITLE_SIZE_PX, INK, 32.0), (&heading.subtitle, SUBTITLE_SIZE_PX, GRAY, 52.0)];
    for (text, size_px, color, baseline) in lines {
        let text = fitting(text, size_px, width)?;
        canvas.text([EDGE_PX, baseline], &text, Lettering::new(size_px, color, Anchor::Start))?;
    }
    Ok(())
}

/// Returns the label of an axis: `Knee flexion (°)`.
pub(super) fn axis_name(quantity: &Quantity) -> String {
    if quantity.unit.is_empty() { quantity.name.clone() } else { format!("{} ({})", quantity.name, quantity.unit) }
}

/// Returns the width that a vertical axis needs on the left of its line, pixels.
pub(super) fn axis_width(axis: &Axis) -> Result<f64, ChartError> {
    let mut widest = 0.0_f64;
    for (_, label) in &axis.ticks {
        widest = widest.max(text_width(label, TICK_SIZE_PX)?);
    }
    Ok(widest + TICK_PX + LABEL_GAP_PX + NAME_SIZE_PX + 12.0)
}

/// Formats a number with three digits, more only before the decimal point; very large and very small numbers with a
/// power of ten.
pub(super) fn significant(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 1e6 => format!("{value:.2e}"),
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        tiny if tiny > 0.0 && tiny < 0.01 => format!("{value:.2e}"),
        _ => format!("{value:.2}"),
    };
    text.replace('-', "−")
}

/// Joins a formatted number and its unit; a degree sign follows without a blank.
pub(super) fn with_unit(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        "°" => format!("{number}°"),
        unit => format!("{number} {unit}"),
    }
}

/// A pair of axes and the area between them, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Frame {
    pub(super) fn x_px(&self, value: f64) -> f64 {
        self.left + self.x.share(value) * (self.right - self.left)
    }

    pub(super) fn y_px(&self, value: f64) -> f64 {
        self.bottom - self.y.share(value) * (self.bottom - self.top)
    }

    /// Returns the pixel of a point; NaN if a value is missing.
    pub(super) fn point(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x_px(x), self.y_px(y)]
    }

    /// Returns the pixels of a series. Values without a time and times without a value are left out.
    pub(super) fn points(&self, x: &[f64], y: &[f64]) -> Vec<[f64; 2]> {
        x.iter().zip(y).map(|(&x, &y)| self.point([x, y])).collect()
    }

    /// Draws the vertical lines of the grid, below everything else.
    pub(super) fn draw_columns(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        for (value, _) in &self.x.ticks {
            let x = self.x_px(*value);
            canvas.line(&[[x, self.top], [x, self.bottom]], Ink::line(FAINT, 1.0))?;
        }
        Ok(())
    }

    /// Draws the horizontal lines of the grid, then the axes.
    pub(super) fn draw(&self, canvas: &Canvas<'_>, x_name: Option<&str>, y_name: &str) -> Result<(), ChartError> {
        for (value, _) in &self.y.ticks {
            let y = self.y_px(*value);
            let is_zero = *value == 0.0 && self.y.low < 0.0;
            let color = if is_zero { LIGHT_GRAY } else { FAINT };
            canvas.line(&[[self.left, y], [self.right, y]], Ink::line(color, 1.0))?;
        }
        self.draw_axes(canvas, x_name, y_name)
    }

    /// Draws the lines, ticks and names of the axes. Without a name the horizontal axis has no labels either.
    pub(super) fn draw_axes(&self, canvas: &Canvas<'_>, x_name: Option<&str>, y_name: &str) -> Result<(), ChartError> {
        let Self { left, right, top, bottom, .. } = *self;
        let line = Ink::line(GRAY, 1.0);
        for (value, label) in &self.y.ticks {
            let y = self.y_px(*value);
            canvas.line(&[[left - TICK_PX, y], [left, y]], line)?;
            let lettering = Lettering::new(TICK_SIZE_PX, GRAY, Anchor::End);
            canvas.text([left - TICK_PX - LABEL_GAP_PX, y + TICK_SIZE_PX * 0.35], label, lettering)?;
        }
        for (value, label) in &self.x.ticks {
            let x = self.x_px(*value);
            canvas.line(&[[x, bottom], [x, bottom + TICK_PX]], line)?;
            if x_name.is_some() {
                let lettering = Lettering::new(TICK_SIZE_PX, GRAY, Anchor::Middle);
                canvas.text([x, bottom + TICK_PX + LABEL_GAP_PX + TICK_SIZE_PX * 0.8], label, lettering)?;
            }
        }
        canvas.line(&[[left, top], [left, bottom], [right, bottom]], line)?;
        if let Some(name) = x_name {
            let name = fitting(name, NAME_SIZE_PX, right - left)?;
            let at = [f64::midpoint(left, right), bottom + 42.0];
            canvas.text(at, &name, Lettering::new(NAME_SIZE_PX, INK, Anchor::Middle))?;
        }
        let name = fitting(y_name, NAME_SIZE_PX, bottom - top)?;
        let at = [left - axis_width(&self.y)? + NAME_SIZE_PX, f64::midpoint(top, bottom)];
        let lettering = Lettering { is_upward: true, ..Lettering::new(NAME_SIZE_PX, INK, Anchor::Middle) };
        canvas.text(at, &name, lettering)
    }

    /// Writes that there is no data.
    pub(super) fn no_data(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let middle = [f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom)];
        canvas.text(middle, "no data", Lettering::new(16.0, GRAY, Anchor::Middle))
    }
}

/// Draws lines; a line of a single point is a dot.
pub(super) fn draw_lines(canvas: &Canvas<'_>, lines: &[Vec<[f64; 2]>], ink: Ink) -> Result<(), ChartError> {
    for line in lines {
        match line.as_slice() {
            [point] => canvas.disk(*point, ink.width_px * 1.3, ink)?,
            points => canvas.line(points, ink)?,
        }
    }
    Ok(())
}

/// Draws areas; an area of a single sample is a vertical line.
pub(super) fn draw_areas(canvas: &Canvas<'_>, areas: &[Vec<[f64; 2]>], ink: Ink) -> Result<(), ChartError> {
    for area in areas {
        if area.len() > 2 {
            canvas.polygon(area, ink)?;
        } else {
            canvas.line(area, Ink { width_px: 4.0, ..ink })?;
        }
    }
    Ok(())
}

/// Returns the number of ticks that fit on a horizontal axis.
pub(super) fn ticks_across(width_px: f64) -> usize {
    ((width_px / 90.0) as usize).clamp(2, 10)
}

/// Returns the number of ticks that fit on a vertical axis.
pub(super) fn ticks_down(height_px: f64) -> usize {
    ((height_px / 38.0) as usize).clamp(2, 10)
}
