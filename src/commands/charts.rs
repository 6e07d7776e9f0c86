//! `posekit render --charts`: makes the charts of a video.

use std::cell::OnceCell;

use super::render::Made;
use crate::charts::{ChartFile, Job, PlotOutcome, PlotProgress, STILL_WIDTH_PX, write_charts};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::render::subject::find_source;
use crate::render::thumbnail::thumbnail_png;

/// The message for a video without charts.
const NOTHING: &str = "nothing to draw; `posekit analyze` makes the data of charts";

/// Makes the charts and prints the result.
///
/// # Errors
/// See [`Error`].
pub(super) fn make(job: &Job<'_>, printer: &Printer, interrupt: &Interrupt) -> Result<Made, Error> {
    let (video, _) = job.stored;
    // The source is opened for the first picture only: charts that are up to date do not need it.
    let mut source = None;
    let reading = video.info.as_ref().map(|info| info.reading).unwrap_or_default();
    let mut still = |frame_idx| {
        let problem = match source.get_or_insert_with(|| find_source(video)) {
            Ok(path) => match thumbnail_png(path, reading, frame_idx, STILL_WIDTH_PX) {
                Ok(png) => return Some(png),
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        printer.say(&format!("{}: point paths are drawn without a background frame: {problem}", video.name));
        None
    };
    let counter = OnceCell::new();
    let tell = |progress| match progress {
        PlotProgress::Begun { n_people: 0, .. } => {}
        PlotProgress::Begun { n_people, n_charts } => {
            let people = if n_people == 1 { "1 person".to_owned() } else { format!("{n_people} people") };
            printer.say(&format!("{}: up to {n_charts} charts of {people}; this takes a while", video.name));
            counter.get_or_init(|| Counter::new(printer, "charts", "charts", None));
        }
        PlotProgress::Made { n_charts } => counter.get().into_iter().for_each(|counter| counter.set(n_charts as u64)),
    };
    let outcome = write_charts(job, &mut still, &tell, interrupt);
    counter.get().into_iter().for_each(Counter::clear);
    Ok(match outcome? {
        PlotOutcome::UpToDate(charts) if charts.is_empty() => Made::Nothing,
        PlotOutcome::UpToDate(_) => Made::UpToDate,
        PlotOutcome::Interrupted => Made::Interrupted,
        PlotOutcome::Written(charts) => {
            if charts.is_empty() {
                printer.say(&format!("{}: {NOTHING}", video.name));
                return Ok(Made::Nothing);
            }
            printer.say(&format!("{}: {}", video.name, in_words(&charts, job)));
            Made::New
        }
    })
}

fn in_words(charts: &[ChartFile], job: &Job<'_>) -> String {
    format!("{} in {}", units::counted(charts.len() as u64, "chart"), job.folder.display())
}
