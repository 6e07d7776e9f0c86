//! Draws the loss of a model over the steps of its training.

use super::axis::Axis;
use super::canvas::{Document, Ink, compose};
use super::data::{LossCurve, Quantity, Side};
use super::frame::{
    EDGE_PX, FOOT_PX, Frame, LEGEND_GAP_PX, RIGHT_PX, axis_name, axis_width, draw_lines, heading, ticks_across,
    ticks_down,
};
use super::legend::{Legend, Symbol};
use super::palette::{LIGHT_GRAY, side_color};
use super::{Chart, ChartError, decimation};

const SIZE_PX: [u32; 2] = [860, 420];
/// The number of steps before and after a point that are averaged for smoothing.
const NEIGHBORS: usize = 4;

/// Draws the loss of each step and its running mean.
///
/// # Errors
///
/// When the drawing library or the built-in font fails; no data is not an error.
pub(crate) fn loss_curve(data: &LossCurve) -> Result<Chart, ChartError> {
    let quantity = |name: &str, unit: &str| axis_name(&Quantity { name: name.to_owned(), unit: unit.to_owned() });
    let (x_name, y_name) = (quantity("Step", ""), quantity("Loss", "nats per token"));
    let smooth = running_mean(&data.losses);
    let ends = smooth.first().zip(smooth.last());
    let document = Document {
        title: data.heading.title.clone(),
        description: match ends {
            Some((first, last)) => format!("Loss over {} steps, from {first:.2} to {last:.2}.", data.losses.len()),
            None => "Loss over no steps.".to_owned(),
        },
        size_px: SIZE_PX,
        underlay: String::new(),
    };
    compose(document, |canvas| {
        heading(canvas, &data.heading)?;
        let (each, mean) = (Ink::line(LIGHT_GRAY, 1.0), Ink::line(side_color(Side::Left), 2.2));
        let entries = vec![
            (Symbol::Line(each), "each step".to_owned()),
            (Symbol::Line(mean), format!("mean of {} steps", 2 * NEIGHBORS + 1)),
        ];
        let legend = Legend::new(canvas.size_px[0], entries)?;
        legend.draw(canvas)?;
        let (top, bottom) = (legend.bottom_px + LEGEND_GAP_PX, canvas.size_px[1] - FOOT_PX);
        let y = Axis::around(data.losses.iter().copied().chain([0.0]), ticks_down(bottom - top));
        let left = EDGE_PX + axis_width(&y)?;
        let right = canvas.size_px[0] - RIGHT_PX;
        let x = Axis::within([0.0, data.losses.len() as f64], ticks_across(right - left));
        let frame = Frame { left, right, top, bottom, x, y };
        frame.draw_columns(canvas)?;
        frame.draw(canvas, Some(&x_name), &y_name)?;
        if data.losses.is_empty() {
            return frame.no_data(canvas);
        }
        for (values, ink) in [(&data.losses, each), (&smooth, mean)] {
            let points: Vec<[f64; 2]> =
                values.iter().enumerate().map(|(step, loss)| frame.point([(step + 1) as f64, *loss])).collect();
            draw_lines(canvas, &decimation::lines(&points), ink)?;
        }
        Ok(())
    })
}

fn running_mean(values: &[f64]) -> Vec<f64> {
    let mean = |index: usize| {
        let part = &values[index.saturating_sub(NEIGHBORS)..(index + NEIGHBORS + 1).min(values.len())];
        part.iter().sum::<f64>() / part.len() as f64
    };
    (0..values.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::super::data::Heading;
    use super::*;

    #[test]
    fn the_curve_says_where_it_begins_and_ends() {
        assert_eq!(running_mean(&[1.0, 2.0, 3.0]), [2.0, 2.0, 2.0]);
        let heading = Heading { title: "Training".to_owned(), subtitle: String::new() };
        let losses: Vec<f64> = (0..50).map(|step| 3.0 / (1.0 + f64::from(step))).collect();
        let chart = loss_curve(&LossCurve { heading: heading.clone(), losses }).unwrap();
        assert!(chart.description.contains("50 steps"));
        assert!(loss_curve(&LossCurve { heading, losses: vec![] }).unwrap().svg.contains("o data"));
    }
}
