//! Draws charts of measurements, as SVG that is readable anywhere and as PNG.
//!
//! Each chart is a function of plain data ([`data`]) to a [`Chart`]. The SVG names `Roboto` and falls back to common
//! fonts; [`png()`] draws with the font that is built in, so that pictures are the same on every machine. Missing values
//! are NaN: they are never drawn, and lines are never drawn across them.

mod angles;
mod axis;
mod canvas;
mod cycles;
pub(crate) mod data;
mod decimation;
mod events;
mod frame;
mod legend;
mod loss;
mod palette;
mod phase;
mod png;
mod repetitions;
mod repetitions_bars;
#[cfg(test)]
mod tests;
mod trajectory;

pub(crate) use angles::angles_over_time;
pub(crate) use cycles::cycles;
pub(crate) use loss::loss_curve;
pub(crate) use phase::phase_plot;
pub(crate) use png::png;
pub(crate) use repetitions::repetitions;
pub(crate) use trajectory::trajectory;

/// A drawn chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// A complete SVG document; its title and description are inside for screen readers.
    pub(crate) svg: String,
    /// Width and height at a scale of 1.
    pub(crate) size_px: [u32; 2],
    /// The title.
    pub(crate) title: String,
    /// What the chart shows, in a sentence or two.
    pub(crate) description: String,
}

/// The reason why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library failed.
    #[error("cannot draw the chart: {0}")]
    Drawing(String),
    /// The built-in font could not be read.
    #[error("cannot read the built-in font")]
    Font,
    /// The SVG could not be parsed to render it.
    #[error("cannot read the chart's SVG")]
    Svg(#[from] resvg::usvg::Error),
    /// The scale gives a picture of no or of too many pixels.
    #[error("cannot make a chart of {width_px} x {height_px} pixels at a scale of {scale}")]
    Size {
        /// Width of the chart at a scale of 1.
        width_px: u32,
        /// Height of the chart at a scale of 1.
        height_px: u32,
        /// The requested scale.
        scale: f32,
    },
    /// The pixels could not be written as PNG.
    #[error("cannot write the chart as PNG: {0}")]
    Png(String),
}
