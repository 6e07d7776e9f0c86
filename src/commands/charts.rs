//! `posekit render --charts`: the charts of a video.

use super::render::Made;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::printer::Printer;
use crate::output::units;
use crate::plots::{ChartFile, Job, PlotOutcome, STILL_WIDTH_PX, write_charts};
use crate::render::subject::find_source;
use crate::render::thumbnail::thumbnail_png;

/// Makes them, and says what came of it.
///
/// # Errors
/// See [`Error`].
pub(super) fn make(job: &Job<'_>, printer: &Printer, interrupt: &Interrupt) -> Result<Made, Error> {
    let (video, _) = job.stored;
    // Looked for at the first picture: charts that are up to date need none.
    let mut source = None;
    let mut still = |frame_idx| {
        let problem = match source.get_or_insert_with(|| find_source(video)) {
            Ok(path) => match thumbnail_png(path, frame_idx, STILL_WIDTH_PX) {
                Ok(png) => return Some(png),
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        printer.say(&format!("{}: ways of points without a picture below them: {problem}", video.name));
        None
    };
    Ok(match write_charts(job, &mut still, interrupt)? {
        PlotOutcome::UpToDate(_) => Made::UpToDate,
        PlotOutcome::Interrupted => Made::Interrupted,
        PlotOutcome::Written(charts) => {
            printer.say(&format!("{}: {}", video.name, in_words(&charts, job)));
            Made::New
        }
    })
}

fn in_words(charts: &[ChartFile], job: &Job<'_>) -> String {
    if charts.is_empty() {
        return "nothing to draw; `posekit analyze` makes what charts are drawn from".to_owned();
    }
    format!("{} in {}", units::counted(charts.len() as u64, "chart"), job.folder.display())
}
