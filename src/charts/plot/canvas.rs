//! Draws lines, areas and text in pixels with plotters. Its SVG has whole numbers only, so a chart is drawn in tenths
//! of a pixel and the document's `viewBox` scales it back.

use std::sync::OnceLock;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, ShapeStyle, TextStyle, register_font,
};

use super::palette::{Color, INK};
use super::{Chart, ChartError};

/// The font that text is measured and PNGs are drawn with: Roboto Medium, Apache-2.0 (`../draw/fonts/LICENSE`).
pub(super) const FONT: &[u8] = include_bytes!("../../render/draw/fonts/Roboto-Medium.ttf");
/// The fonts that a viewer tries in turn. All are about as wide as the first.
const FONT_FAMILIES: &str = "Roboto, Helvetica, Arial, sans-serif";
const UNITS_PER_PX: f64 = 10.0;
/// plotters divides the size of a font by this.
const FONT_SIZE_FACTOR: f64 = 1.24;
/// The distance between a baseline and the top of text in plotters, in font sizes.
const BASELINE_FROM_TOP: f64 = 0.76;

/// The alignment of text relative to its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The look of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lettering {
    pub(super) size_px: f64,
    pub(super) color: Color,
    pub(super) anchor: Anchor,
    /// Whether the text runs upward, for vertical axes.
    pub(super) is_upward: bool,
}

impl Lettering {
    pub(super) const fn new(size_px: f64, color: Color, anchor: Anchor) -> Self {
        Self { size_px, color, anchor, is_upward: false }
    }
}

/// The look of a line or an area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    pub(super) color: Color,
    /// The opacity, 0 to 1.
    pub(super) opacity: f64,
    /// The width of lines, pixels.
    pub(super) width_px: f64,
}

impl Ink {
    pub(super) const fn line(color: Color, width_px: f64) -> Self {
        Self { color, opacity: 1.0, width_px }
    }

    pub(super) const fn area(color: Color, opacity: f64) -> Self {
        Self { color, opacity, width_px: 0.0 }
    }

    fn style(self, filled: bool) -> ShapeStyle {
        let [red, green, blue] = self.color;
        let stroke_width = (self.width_px * UNITS_PER_PX).round() as u32;
        ShapeStyle { color: RGBAColor(red, green, blue, self.opacity), filled, stroke_width }
    }
}

/// The surface that a chart is drawn on. Positions are in pixels from the left and from the top.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    pub(super) size_px: [f64; 2],
}

impl Canvas<'_> {
    pub(super) fn line(&self, points: &[[f64; 2]], ink: Ink) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|&point| units(point)).collect();
        self.area.draw(&PathElement::new(points, ink.style(false))).map_err(drawing_error)
    }

    /// Draws a straight dashed line.
    pub(super) fn dashes(&self, [x0, y0]: [f64; 2], [x1, y1]: [f64; 2], ink: Ink) -> Result<(), ChartError> {
        const PERIOD_PX: f64 = 8.0;
        const DASH: f64 = 0.6;
        let count = ((x1 - x0).hypot(y1 - y0) / PERIOD_PX).ceil().max(1.0);
        for index in 0..count as u32 {
            let at = |offset: f64| {
                let share = ((f64::from(index) + offset) / count).min(1.0);
                [x0 + (x1 - x0) * share, y0 + (y1 - y0) * share]
            };
            self.line(&[at(0.0), at(DASH)], ink)?;
        }
        Ok(())
    }

    pub(super) fn polygon(&self, points: &[[f64; 2]], ink: Ink) -> Result<(), ChartError> {
        let points: Vec<_> = points.iter().map(|&point| units(point)).collect();
        self.area.draw(&Polygon::new(points, ink.style(true))).map_err(drawing_error)
    }

    pub(super) fn rectangle(&self, corners: [[f64; 2]; 2], ink: Ink) -> Result<(), ChartError> {
        self.area.draw(&Rectangle::new(corners.map(units), ink.style(true))).map_err(drawing_error)
    }

    pub(super) fn disk(&self, center: [f64; 2], radius_px: f64, ink: Ink) -> Result<(), ChartError> {
        let radius = (radius_px * UNITS_PER_PX).round() as u32;
        self.area.draw(&Circle::new(units(center), radius, ink.style(true))).map_err(drawing_error)
    }

    /// Writes text on a baseline.
    pub(super) fn text(&self, [x, y]: [f64; 2], text: &str, lettering: Lettering) -> Result<(), ChartError> {
        let rise = lettering.size_px * BASELINE_FROM_TOP;
        let position = if lettering.is_upward { [x - rise, y] } else { [x, y - rise] };
        self.area.draw_text(&printable(text), &text_style(lettering), units(position)).map_err(drawing_error)
    }
}

/// Returns the width of a text, plus a few percent because other fonts are a little wider.
pub(super) fn text_width(text: &str, size_px: f64) -> Result<f64, ChartError> {
    register()?;
    let style = text_style(Lettering::new(size_px, INK, Anchor::Start));
    let (width, _) = style.font.box_size(&printable(text)).map_err(drawing_error)?;
    Ok(f64::from(width) / UNITS_PER_PX)
}

/// Returns the part of a text that fits, with an ellipsis if it was cut.
pub(super) fn fitting(text: &str, size_px: f64, width_px: f64) -> Result<String, ChartError> {
    if text_width(text, size_px)? <= width_px {
        return Ok(text.to_owned());
    }
    let characters: Vec<char> = text.chars().collect();
    let shortened = |count: usize| -> String { characters[..count].iter().chain(&['…']).collect() };
    let (mut fits, mut too_long) = (0, characters.len());
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        if text_width(&shortened(middle), size_px)? <= width_px {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    Ok(shortened(fits))
}

/// The title, description and size of a document.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) size_px: [u32; 2],
    /// The SVG elements below everything else, in pixels.
    pub(super) underlay: String,
}

/// Draws a document.
pub(super) fn compose(
    document: Document,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), ChartError>,
) -> Result<Chart, ChartError> {
    register()?;
    let Document { title, description, size_px, underlay } = document;
    let [width, height] = size_px.map(|size| (f64::from(size) * UNITS_PER_PX) as u32);
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (width, height)).into_drawing_area();
        let canvas = Canvas { area, size_px: size_px.map(f64::from) };
        draw(&canvas)?;
        canvas.area.present().map_err(drawing_error)?;
    }
    // plotters' own root element has the size in tenths of a pixel.
    let body = drawn.split_once(">\n").map_or("", |(_, body)| body);
    let [width_px, height_px] = size_px;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" \
         width=\"{width_px}\" height=\"{height_px}\" viewBox=\"0 0 {width} {height}\" font-weight=\"500\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\">\n<title>{}</title>\n<desc>{}</desc>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n\
         <g transform=\"scale({UNITS_PER_PX})\">{underlay}</g>\n{body}",
        escaped(&title),
        escaped(&description),
    );
    Ok(Chart { svg, size_px, title, description })
}

/// Registers the font with plotters, once per process.
fn register() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let is_registered = REGISTERED.get_or_init(|| register_font(FONT_FAMILIES, FontStyle::Normal, FONT).is_ok());
    if *is_registered { Ok(()) } else { Err(ChartError::Font) }
}

fn text_style(lettering: Lettering) -> TextStyle<'static> {
    let Lettering { size_px, color: [red, green, blue], anchor, is_upward } = lettering;
    let family = FontFamily::Name(FONT_FAMILIES);
    let font = FontDesc::new(family, size_px * UNITS_PER_PX * FONT_SIZE_FACTOR, FontStyle::Normal);
    let font = if is_upward { font.transform(FontTransform::Rotate270) } else { font };
    let horizontal = match anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    font.color(&RGBAColor(red, green, blue, 1.0)).pos(Pos::new(horizontal, VPos::Top))
}

fn units([x, y]: [f64; 2]) -> (i32, i32) {
    ((x * UNITS_PER_PX).round() as i32, (y * UNITS_PER_PX).round() as i32)
}

/// Removes characters that XML cannot contain.
fn printable(text: &str) -> String {
    text.chars().filter(|&c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn drawing_error(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}
