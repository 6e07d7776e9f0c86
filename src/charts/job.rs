//! Makes the charts of one video.

use std::path::Path;

use super::error::PlotError;
use super::gallery::{ChartFile, Gallery};
use super::person::{Sitting, n_charts_at_most};
use super::tables::{people, prepare};
use crate::artifacts::made::{in_key, key_of};
use crate::interrupt::Interrupt;
use crate::sports::Draw;
use crate::store::Layout;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::run_key;
use crate::store::workspace::{EngineLimits, Workspace, definitions};
use crate::versions;

/// A video to make charts of.
pub(crate) struct Job<'a> {
    /// The dataset.
    pub(crate) layout: &'a Layout,
    /// The video and its run.
    pub(crate) stored: (&'a VideoRecord, &'a RunRecord),
    /// The joints and points that the sport draws.
    pub(crate) draw: &'a Draw,
    /// The folder for the files.
    pub(crate) folder: &'a Path,
    /// The beginning of their names.
    pub(crate) stem: &'a str,
    /// Whether to make charts even if they are up to date.
    pub(crate) is_forced: bool,
}

/// The result, with the charts that exist now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlotOutcome {
    /// The charts are up to date.
    UpToDate(Vec<ChartFile>),
    /// The charts were written.
    Written(Vec<ChartFile>),
    /// The user stopped the job.
    Interrupted,
}

/// The progress of the charts of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlotProgress {
    /// Making charts began.
    Begun {
        /// The number of people.
        n_people: usize,
        /// The maximum number of charts.
        n_charts: usize,
    },
    /// Charts were made.
    Made {
        /// The number of charts so far.
        n_charts: usize,
    },
}

/// Writes the charts of a video, each as SVG and PNG, and their list, `<stem>.charts.json`. Charts without data are
/// left out.
///
/// `still` returns the picture of a frame (by its number) as the bytes of a PNG file, as the background of point paths.
/// If it returns none, the paths are drawn without a background. `tell` is called with the progress, unless all charts
/// are up to date. Whether there was a picture does not decide whether charts are up to date.
///
/// # Errors
/// See [`PlotError`].
pub(crate) fn write_charts(
    job: &Job<'_>,
    still: &mut dyn FnMut(u32) -> Option<Vec<u8>>,
    tell: &dyn Fn(PlotProgress),
    interrupt: &Interrupt,
) -> Result<PlotOutcome, PlotError> {
    let Job { layout, stored: (video, run), draw, folder, stem, is_forced } = *job;
    // Raw angles and cycle means are computed here, so the key includes their definitions.
    let key = run_key(layout, video, run, &[versions::CHARTS, &key_of(&[&definitions()]), &in_key(draw)])?;
    let mut gallery = Gallery::new(folder, stem, &key);
    if let Some(charts) = gallery.current().filter(|_| !is_forced) {
        return Ok(PlotOutcome::UpToDate(charts));
    }
    let workspace = Workspace::open(layout, video, run, EngineLimits::USUAL)?;
    prepare(&workspace)?;
    let people = people(&workspace)?;
    let n_charts = people.iter().map(|person| n_charts_at_most(draw.angles.len(), person)).sum();
    tell(PlotProgress::Begun { n_people: people.len(), n_charts });
    for person in &people {
        let mut sitting = Sitting { workspace: &workspace, video, draw, person, still, tell, interrupt };
        if !sitting.add_charts(&mut gallery)? {
            return Ok(PlotOutcome::Interrupted);
        }
    }
    Ok(PlotOutcome::Written(gallery.finish()?))
}
