//! The charts of one video.

use std::path::Path;

use super::error::PlotError;
use super::gallery::{ChartFile, Gallery};
use super::person::{Sitting, n_charts_at_most};
use super::tables::{people, prepare};
use crate::analyze::pack::Draw;
use crate::interrupt::Interrupt;
use crate::store::Layout;
use crate::store::made::{in_key, key_of};
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::run_key;
use crate::store::workspace::{EngineLimits, Workspace, definitions};
use crate::versions;

/// What DuckDB may use; beyond it, it spills to disk. As much as an analysis has at least: angles are made here as
/// there.
const ENGINE_BYTES: u64 = 128 << 20;

/// A video whose charts are to be made.
pub struct Job<'a> {
    /// The dataset.
    pub layout: &'a Layout,
    /// The video and its run.
    pub stored: (&'a VideoRecord, &'a RunRecord),
    /// What the sport draws: joints and points.
    pub draw: &'a Draw,
    /// Where the files go.
    pub folder: &'a Path,
    /// How their names begin.
    pub stem: &'a str,
    /// Whether they are made anew whatever is there.
    pub is_forced: bool,
}

/// What came of it, with the charts that are there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlotOutcome {
    /// Nothing that they are made from has changed.
    UpToDate(Vec<ChartFile>),
    /// They were written.
    Written(Vec<ChartFile>),
    /// The user stopped it.
    Interrupted,
}

/// How far the charts of a video are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlotProgress {
    /// They are begun.
    Begun {
        /// Of how many people.
        n_people: usize,
        /// How many charts there are at most.
        n_charts: usize,
    },
    /// So many are there.
    Made {
        /// Charts.
        n_charts: usize,
    },
}

/// Writes the charts of a video that there is data for, each as SVG and PNG, and a list of them, `<stem>.charts.json`.
///
/// `still` gives the picture of a frame (by its number) as a PNG file's bytes, to draw ways of points over; where it
/// has none, they are drawn without. `tell` hears how far it is, unless all are up to date. Whether there was a picture
/// is not looked at when it is asked whether charts are up to date.
///
/// # Errors
/// See [`PlotError`].
pub fn write_charts(
    job: &Job<'_>,
    still: &mut dyn FnMut(u32) -> Option<Vec<u8>>,
    tell: &dyn Fn(PlotProgress),
    interrupt: &Interrupt,
) -> Result<PlotOutcome, PlotError> {
    let Job { layout, stored: (video, run), draw, folder, stem, is_forced } = *job;
    // Raw angles and means of cycles are made while charts are: their definitions count.
    let key = run_key(layout, video, run, &[versions::CHARTS, &key_of(&[&definitions()]), &in_key(draw)])?;
    let mut gallery = Gallery::new(folder, stem, &key);
    if let Some(charts) = gallery.current().filter(|_| !is_forced) {
        return Ok(PlotOutcome::UpToDate(charts));
    }
    let workspace = Workspace::open(layout, video, run, EngineLimits { memory_bytes: ENGINE_BYTES })?;
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
