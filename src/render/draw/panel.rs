//! Draws the panel in an upper corner: metrics of the main athlete, and small curves with a dot at the current time.
//! Everything except the dots and the values of curves is drawn only once.

use tiny_skia::PathBuilder;

use super::body::Side;
use super::canvas::{Canvas, panel_text_px, polyline};
use super::numbers::{metric_text, value_text};
use super::overlay::{Bounds, Ink, Overlay, PIXEL_BYTES};
use super::strokes::Stroke;
use super::text::{Align, CAP_HEIGHT, Lettering, TextStyle};
use super::theme::{Color, Theme};
use crate::scene::{SceneContext, SceneCurve, SceneMetric};

/// The width of the panel as a share of the picture's width, in landscape and portrait format.
const WIDTH_SHARE: [f32; 2] = [0.22, 0.27];
/// The maximum width of the panel, em of the letters: large pictures have room to spare.
const WIDTH_EM: f32 = 15.5;
/// The maximum height of the panel as a share of the picture's height, in landscape and portrait format; rows that do
/// not fit are left out.
const HEIGHT_SHARE: [f32; 2] = [0.62, 0.42];
/// Heights in em.
const PADDING_EM: f32 = 0.7;
const ROW_EM: f32 = 1.45;
const LABEL_ROW_EM: f32 = 1.12;
const STACKED_GAP_EM: f32 = 0.3;
const SPARK_EM: f32 = 1.9;
const SPARK_GAP_EM: f32 = 0.55;
/// The size of labels relative to values.
const LABEL_SIZE: f32 = 0.84;

/// The place of a curve in the panel.
#[derive(Debug)]
struct Spark {
    /// The index of the curve in the context.
    curve: usize,
    /// The bounds of its line on the picture.
    bounds: Bounds,
    /// The right end of the value's baseline.
    value_at: [f32; 2],
    times_s: [f64; 2],
    values: [f32; 2],
}

impl Spark {
    fn position(&self, time_s: f64, value: f32) -> [f32; 2] {
        let [first_s, last_s] = self.times_s;
        let [least, greatest] = self.values;
        let right = ((time_s - first_s) / (last_s - first_s).max(1e-9)) as f32;
        let up = (value - least) / (greatest - least).max(1e-6);
        [self.bounds.left + right * self.bounds.width(), self.bounds.bottom - up * self.bounds.height()]
    }
}

/// The panel.
#[derive(Debug)]
pub(super) struct Panel {
    bounds: Bounds,
    /// The unchanging part, with the size of [`Panel::corner`].
    sheet: Overlay,
    corner: [usize; 2],
    sparks: Vec<Spark>,
}

/// The rows of the panel, from the top.
enum Row<'a> {
    Metric(&'a SceneMetric),
    Curve(usize, &'a SceneCurve),
}

impl Panel {
    /// Creates the panel of a person; `None` if the person has neither metrics nor curves.
    pub(super) fn new(
        size_px: [usize; 2],
        theme: &Theme,
        lettering: &mut Lettering,
        context: &SceneContext,
        person_id: u16,
    ) -> Option<Self> {
        let own_metric = |metric: &&SceneMetric| metric.person_id == person_id && metric.value.is_finite();
        let metrics = context.metrics.iter().filter(own_metric).map(Row::Metric);
        let curves = context.curves.iter().enumerate().filter(|(_, curve)| curve.person_id == person_id);
        let rows: Vec<_> = metrics.chain(curves.map(|(index, curve)| Row::Curve(index, curve))).collect();
        let overlay = &mut Overlay::new(size_px)?;
        let mut canvas = Canvas { overlay, lettering, theme, labels: Vec::new() };
        let layout = Layout::new(&canvas, &rows, context.is_panel_left)?;
        canvas.plate(layout.bounds, layout.text_px * 0.4, 1.0);
        let mut sparks = Vec::new();
        for (row, top) in rows.iter().zip(&layout.tops) {
            match row {
                Row::Metric(metric) => layout.draw_metric(&mut canvas, metric, *top),
                Row::Curve(index, curve) => sparks.extend(layout.draw_curve(&mut canvas, *index, curve, *top)),
            }
        }
        let (sheet, corner) = cropped(canvas.overlay, layout.bounds)?;
        Some(Self { bounds: layout.bounds, sheet, corner, sparks })
    }

    /// Draws the panel.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, curves: &[SceneCurve], time_s: f64) {
        canvas.overlay.touch(self.bounds.grown(1.0));
        lay(canvas.overlay, &self.sheet, self.corner);
        canvas.labels.push(self.bounds);
        let text_px = canvas.panel_text_px();
        for spark in &self.sparks {
            let Some(curve) = curves.get(spark.curve) else { continue };
            let Some((sample_s, value)) = nearest(&curve.samples, time_s) else { continue };
            let color = side_color(&curve.label, canvas.theme);
            let dot = spark.position(sample_s, value);
            canvas.overlay.draw(&[Stroke::dot(dot, text_px * 0.26)], canvas.theme.colors.casing.ink(1.0));
            canvas.overlay.draw(&[Stroke::dot(dot, text_px * 0.19)], color.ink(1.0));
            let text = value_text(f64::from(value), f64::from(spark.values[1] - spark.values[0]) / 10.0, &curve.unit);
            let style = TextStyle { size_px: text_px, ink: canvas.theme.colors.text.ink(1.0), halo: None };
            canvas.lettering.draw(canvas.overlay, &text, spark.value_at, Align::Right, style);
        }
    }
}

/// The positions of the rows.
struct Layout {
    bounds: Bounds,
    text_px: f32,
    /// The tops of the rows that fit, pixels.
    tops: Vec<f32>,
    /// Whether values are below their labels, because not all fit beside them.
    is_stacked: bool,
    left: f32,
    right: f32,
}

impl Layout {
    fn new(canvas: &Canvas<'_>, rows: &[Row<'_>], is_left: bool) -> Option<Self> {
        let [width, height] = canvas.size_px();
        let text_px = panel_text_px(canvas.overlay.size_px(), canvas.theme);
        let margin_px = canvas.length_px(canvas.theme.sizes.margin);
        let panel_px = (width * WIDTH_SHARE[usize::from(height > width)]).min(WIDTH_EM * text_px);
        let padding_px = PADDING_EM * text_px;
        let inner_px = panel_px - 2.0 * padding_px;
        let fits = |row: &Row<'_>| match row {
            Row::Metric(metric) => {
                let label_px = canvas.lettering.width_px(&metric.label, text_px * LABEL_SIZE);
                label_px + canvas.lettering.width_px(&metric_text(metric), text_px) + text_px <= inner_px
            }
            Row::Curve(..) => true,
        };
        let is_stacked = !rows.iter().all(fits);
        let right = if is_left { margin_px + panel_px } else { width - margin_px };
        let mut layout = Self {
            bounds: Bounds { left: right - panel_px, top: margin_px, right, bottom: margin_px },
            text_px,
            tops: Vec::new(),
            is_stacked,
            left: right - panel_px + padding_px,
            right: right - padding_px,
        };
        let mut top = margin_px + padding_px * 0.75;
        for row in rows {
            let row_px = layout.row_px(canvas, row);
            if top + row_px > height * HEIGHT_SHARE[usize::from(height > width)] {
                break;
            }
            layout.tops.push(top);
            top += row_px;
        }
        layout.bounds.bottom = top + padding_px * 0.75;
        (!layout.tops.is_empty()).then_some(layout)
    }

    fn row_px(&self, canvas: &Canvas<'_>, row: &Row<'_>) -> f32 {
        let em = match row {
            Row::Curve(..) => ROW_EM + SPARK_EM + SPARK_GAP_EM,
            Row::Metric(metric) if self.is_stacked => {
                let lines = self.label_lines(canvas.lettering, &metric.label).len() as f32;
                lines * LABEL_ROW_EM + ROW_EM - 0.1 + STACKED_GAP_EM
            }
            Row::Metric(_) => ROW_EM,
        };
        em * self.text_px
    }

    /// Splits a label into one or two lines.
    fn label_lines(&self, lettering: &Lettering, label: &str) -> Vec<String> {
        let size_px = self.text_px * LABEL_SIZE;
        let width_px = self.right - self.left;
        let mut first = String::new();
        let mut rest = label.trim();
        while let Some((word, after)) = rest.split_once(' ').or((!rest.is_empty()).then_some((rest, ""))) {
            let longer = if first.is_empty() { word.to_owned() } else { format!("{first} {word}") };
            if !first.is_empty() && lettering.width_px(&longer, size_px) > width_px {
                break;
            }
            first = longer;
            rest = after.trim_start();
        }
        let lines = [first.as_str(), rest];
        lines.iter().filter(|line| !line.is_empty()).map(|line| lettering.cut(line, size_px, width_px)).collect()
    }

    /// Returns the baseline of a row of the given height.
    fn baseline(&self, top: f32, row_em: f32) -> f32 {
        top + f32::midpoint(row_em, CAP_HEIGHT) * self.text_px
    }

    fn label(&self, canvas: &mut Canvas<'_>, text: &str, baseline: f32) {
        let ink = canvas.theme.colors.muted.ink(1.0);
        let style = TextStyle { size_px: self.text_px * LABEL_SIZE, ink, halo: None };
        canvas.lettering.draw(canvas.overlay, text, [self.left, baseline], Align::Left, style);
    }

    fn draw_metric(&self, canvas: &mut Canvas<'_>, metric: &SceneMetric, top: f32) {
        let text = metric_text(metric);
        let ink = canvas.theme.colors.text.ink(1.0);
        let style = TextStyle { size_px: self.text_px, ink, halo: None };
        if self.is_stacked {
            let mut top = top;
            for line in self.label_lines(canvas.lettering, &metric.label) {
                self.label(canvas, &line, self.baseline(top, LABEL_ROW_EM));
                top += LABEL_ROW_EM * self.text_px;
            }
            let text = canvas.lettering.cut(&text, self.text_px, self.right - self.left);
            let position = [self.left, self.baseline(top, ROW_EM - 0.1)];
            canvas.lettering.draw(canvas.overlay, &text, position, Align::Left, style);
        } else {
            let baseline = self.baseline(top, ROW_EM);
            self.label(canvas, &metric.label, baseline);
            canvas.lettering.draw(canvas.overlay, &text, [self.right, baseline], Align::Right, style);
        }
    }

    /// Draws a curve and returns its place; `None` for a curve with fewer than two samples.
    fn draw_curve(&self, canvas: &mut Canvas<'_>, index: usize, curve: &SceneCurve, top: f32) -> Option<Spark> {
        let baseline = self.baseline(top, ROW_EM);
        let label_px = (self.right - self.left) * 0.66;
        let label = canvas.lettering.cut(&curve.label, self.text_px * LABEL_SIZE, label_px);
        self.label(canvas, &label, baseline);
        let known = || curve.samples.iter().filter(|(_, value)| value.is_finite());
        let times_s = [known().next()?.0, known().next_back()?.0];
        let values = known().fold([f32::INFINITY, f32::NEG_INFINITY], |[least, greatest], (_, value)| {
            [least.min(*value), greatest.max(*value)]
        });
        let line_top = top + ROW_EM * self.text_px;
        let bounds =
            Bounds { left: self.left, top: line_top, right: self.right, bottom: line_top + SPARK_EM * self.text_px };
        let spark = Spark { curve: index, bounds, value_at: [self.right, baseline], times_s, values };
        let line_px = canvas.length_px(canvas.theme.sizes.line) * 0.6;
        // Zero if it is in range, otherwise the floor.
        let [_, zero] = spark.position(times_s[0], values[0].max(0.0).min(values[1]));
        if let Some(floor) = polyline(&[[bounds.left, zero], [bounds.right, zero]]) {
            canvas.overlay.stroke_flat(&floor, 1.0, canvas.theme.colors.muted.ink(0.3));
        }
        draw_line(canvas, &spark, curve, line_px, side_color(&curve.label, canvas.theme).ink(0.95));
        Some(spark)
    }
}

/// Draws the line of a curve. Of many samples in one column only the extremes are used.
fn draw_line(canvas: &mut Canvas<'_>, spark: &Spark, curve: &SceneCurve, width_px: f32, ink: Ink) {
    let mut builder = PathBuilder::new();
    let mut is_broken = true;
    let mut pending: Vec<[f32; 2]> = Vec::new();
    for &(time_s, value) in &curve.samples {
        if !value.is_finite() {
            flush(&mut builder, &mut pending, &mut is_broken);
            is_broken = true;
            continue;
        }
        let position = spark.position(time_s, value);
        if pending.first().is_some_and(|first| position[0] - first[0] > 0.5) {
            flush(&mut builder, &mut pending, &mut is_broken);
        }
        pending.push(position);
    }
    flush(&mut builder, &mut pending, &mut is_broken);
    if let Some(path) = builder.finish() {
        canvas.overlay.stroke(&path, width_px, ink);
    }
}

fn flush(builder: &mut PathBuilder, pending: &mut Vec<[f32; 2]>, is_broken: &mut bool) {
    let highest = pending.iter().copied().min_by(|one, other| one[1].total_cmp(&other[1]));
    let lowest = pending.iter().copied().max_by(|one, other| one[1].total_cmp(&other[1]));
    let mut ends = [highest, lowest];
    // In chronological order.
    ends.sort_by(|one, other| one.map_or(0.0, |point| point[0]).total_cmp(&other.map_or(0.0, |point| point[0])));
    for [x, y] in ends.into_iter().flatten() {
        if *is_broken {
            builder.move_to(x, y);
        } else {
            builder.line_to(x, y);
        }
        *is_broken = false;
    }
    pending.clear();
}

/// Returns the color of a curve: that of the side in its label.
fn side_color(label: &str, theme: &Theme) -> Color {
    let label = label.to_lowercase();
    let side = match (label.contains("left"), label.contains("right")) {
        (true, false) => Side::Left,
        (false, true) => Side::Right,
        _ => Side::Middle,
    };
    side.color(&theme.colors)
}

/// Returns the sample nearest to a time; `None` in a gap.
fn nearest(samples: &[(f64, f32)], time_s: f64) -> Option<(f64, f32)> {
    let after = samples.partition_point(|(sample_s, _)| *sample_s < time_s);
    let candidates = samples.get(after.saturating_sub(1)..(after + 1).min(samples.len()))?;
    let near = candidates.iter().min_by(|one, other| (one.0 - time_s).abs().total_cmp(&(other.0 - time_s).abs()))?;
    near.1.is_finite().then_some(*near)
}

/// Returns the part of an overlay within `bounds`, and its upper left corner.
fn cropped(overlay: &Overlay, bounds: Bounds) -> Option<(Overlay, [usize; 2])> {
    let [width, height] = overlay.size_px();
    let [left, top] = [bounds.left, bounds.top].map(|edge| (edge.floor() - 1.0).max(0.0) as usize);
    let right = ((bounds.right.ceil() + 1.0).max(0.0) as usize).min(width);
    let bottom = ((bounds.bottom.ceil() + 1.0).max(0.0) as usize).min(height);
    let mut part = Overlay::new([right.checked_sub(left)?, bottom.checked_sub(top)?])?;
    let len = (right - left) * PIXEL_BYTES;
    for (row, to) in part.bytes_mut().chunks_exact_mut(len).enumerate() {
        let start = ((top + row) * width + left) * PIXEL_BYTES;
        to.copy_from_slice(&overlay.bytes()[start..start + len]);
    }
    Some((part, [left, top]))
}

/// Copies a small overlay onto a large one that contains all of it.
fn lay(overlay: &mut Overlay, part: &Overlay, [left, top]: [usize; 2]) {
    let width = overlay.size_px()[0];
    let len = part.size_px()[0] * PIXEL_BYTES;
    for (row, from) in part.bytes().chunks_exact(len).enumerate() {
        let start = ((top + row) * width + left) * PIXEL_BYTES;
        let (to, _) = overlay.bytes_mut()[start..start + len].as_chunks_mut::<PIXEL_BYTES>();
        let (from, _) = from.as_chunks::<PIXEL_BYTES>();
        for (below, above) in to.iter_mut().zip(from) {
            if *below == [0; PIXEL_BYTES] {
                *below = *above;
                continue;
            }
            let kept = 256 - u32::from(above[3]) - u32::from(above[3] >> 7);
            *below = std::array::from_fn(|index| above[index] + ((u32::from(below[index]) * kept) >> 8) as u8);
        }
    }
}

#[cfg(test)]
mod tests;
