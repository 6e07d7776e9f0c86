//! Renders the report of a training as a page, in the style of the report of videos. Pure.

use minijinja::value::Serde;
use minijinja::{Environment, context};

use super::error::TrainError;
use super::report::Report;
use crate::charts::plot::data::{Heading, LossCurve};
use crate::charts::plot::{Chart, loss_curve};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("../report/page/assets/report.css");

/// Draws the loss curve of a training.
///
/// # Errors
/// If the curve cannot be drawn.
pub(crate) fn curve(name: &str, report: &Report) -> Result<Chart, TrainError> {
    let heading = Heading { title: format!("Training of {name}"), subtitle: report.base.clone() };
    Ok(loss_curve(&LossCurve { heading, losses: report.steps.iter().map(|step| step.loss).collect() })?)
}

/// Sizes formatted for readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Number of weights of the base.
    pub(crate) base_parameters: String,
    /// Number of weights of the adapter.
    pub(crate) adapter_parameters: String,
    /// Duration of all steps.
    pub(crate) duration: String,
    /// Peak memory; `None` if unknown.
    pub(crate) peak_memory: Option<String>,
}

/// Renders the page as HTML that needs no other file.
///
/// # Errors
/// If the template fails.
pub(crate) fn page(name: &str, report: &Report, curve: &Chart, sizes: &Sizes) -> Result<String, TrainError> {
    let mut environment = Environment::new();
    environment.add_template("page.html", TEMPLATE)?;
    let settings: Vec<(&String, &String)> = report.settings.iter().collect();
    let values = context! {
        name,
        report => Serde(report),
        lines => Serde(report.table()),
        warnings => Serde(report.warnings()),
        settings => Serde(settings),
        style => STYLE,
        curve => curve.svg.as_str(),
        base_parameters => sizes.base_parameters.as_str(),
        adapter_parameters => sizes.adapter_parameters.as_str(),
        duration => sizes.duration.as_str(),
        tokens_per_s => format!("{:.0}", report.tokens_per_s),
        peak_memory => sizes.peak_memory.as_deref(),
    };
    Ok(environment.get_template("page.html")?.render(values)?)
}
