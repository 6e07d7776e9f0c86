//! Records outcomes in the catalog, in a separate thread, while further videos are being extracted.

use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::error::Error;
use crate::extract::job::JobOutcome;
use crate::extract::plan::SeenFile;
use crate::store::{Access, Catalog, Layout, StoreError};

/// The ratio of the time that the catalog stays closed to the time that it was open before. Opening and closing the
/// catalog takes far longer than writing a row. So several very short videos are recorded at once.
const PAUSE: u32 = 9;

/// An entry for the catalog.
pub(super) enum Recordable {
    /// A video and its run.
    Run(Box<JobOutcome>),
    /// A file that holds a known video. A run of the video may have to become the current one.
    Known(Option<SeenFile>, Option<(String, String)>),
}

/// Records outcomes as they arrive, until no more come. While a reader holds the catalog, the outcomes wait. Their
/// tables are already sealed.
///
/// # Errors
/// The catalog cannot be written.
pub(super) fn record(layout: &Layout, outcomes: &Receiver<Recordable>) -> Result<(), Error> {
    let mut waiting = Vec::new();
    let mut are_more = true;
    while are_more || !waiting.is_empty() {
        if waiting.is_empty() {
            let Ok(outcome) = outcomes.recv() else { break };
            waiting.push(outcome);
        }
        waiting.extend(outcomes.try_iter());
        let started = Instant::now();
        match flush(layout, &mut waiting) {
            Err(Error::Store(StoreError::Locked { holder, .. })) if are_more => {
                tracing::warn!("the catalog is {holder}; outcomes to be recorded later: {}", waiting.len());
            }
            other => other?,
        }
        if are_more {
            are_more = collect_until(started + started.elapsed() * (PAUSE + 1), outcomes, &mut waiting);
        }
    }
    Ok(())
}

/// Collects outcomes until `end`. Returns `false` if no more will come.
fn collect_until(end: Instant, outcomes: &Receiver<Recordable>, waiting: &mut Vec<Recordable>) -> bool {
    loop {
        match outcomes.recv_deadline(end) {
            Ok(outcome) => waiting.push(outcome),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

fn flush(layout: &Layout, waiting: &mut Vec<Recordable>) -> Result<(), Error> {
    let mut catalog = Catalog::open(layout, Access::Commit)?;
    while let Some(recordable) = waiting.first() {
        match recordable {
            Recordable::Run(outcome) => catalog.commit_run(&outcome.video, &outcome.run)?,
            Recordable::Known(seen, current) => catalog.commit_known(seen.as_slice(), current.as_slice())?,
        }
        waiting.remove(0);
    }
    Ok(())
}
