//! Renders a chart to pixels with the built-in font only.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree, fontdb};

use super::canvas::FONT;
use super::{Chart, ChartError};

/// The maximum number of pixels along a side of a picture.
const LARGEST_SIDE_PX: f32 = 16_384.0;

/// Returns a chart as a PNG file of its size times `scale`, rounded up.
///
/// # Errors
///
/// When a side would have less than one pixel or more than 16 384. A still that is not a PNG file is left out.
pub(crate) fn png(chart: &Chart, scale: f32) -> Result<Vec<u8>, ChartError> {
    let [width_px, height_px] = chart.size_px;
    let size_error = || ChartError::Size { width_px, height_px, scale };
    let [width, height] = chart.size_px.map(|size| (size as f32 * scale).ceil());
    if ![width, height].iter().all(|side| (1.0..=LARGEST_SIDE_PX).contains(side)) {
        return Err(size_error());
    }
    let tree = Tree::from_str(&chart.svg, &options())?;
    let mut pixels = Pixmap::new(width as u32, height as u32).ok_or_else(size_error)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| ChartError::Png(error.to_string()))
}

/// Returns options to parse an SVG independently of the machine: without its fonts and files.
pub(super) fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    let images = ImageHrefResolver {
        resolve_data: ImageHrefResolver::default_data_resolver(),
        resolve_string: Box::new(|_, _| None),
    };
    Options {
        fontdb: Arc::new(fonts),
        font_family: "Roboto".to_owned(),
        image_href_resolver: images,
        ..Options::default()
    }
}
