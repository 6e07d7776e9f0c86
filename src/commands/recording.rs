//! Recording outcomes in the catalog, in a thread of its own, while further videos are being extracted.

use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use crate::error::Error;
use crate::extract::job::JobOutcome;
use crate::extract::plan::SeenFile;
use crate::store::{Access, Catalog, Layout, StoreError};

/// Opening and closing the catalog takes far longer than a row. Of very short videos several are recorded at once: after
/// each time the catalog was open, it stays closed for so many times as long.
const PAUSE: u32 = 9;

/// What the catalog is to know.
pub(super) enum Recordable {
    /// A video and its run.
    Run(Box<JobOutcome>),
    /// A file holds a known video; a run of it may have to be the current one.
    Known(Option<SeenFile>, Option<(String, String)>),
}

/// Records outcomes as they come, until there are no more. Where a reader holds the catalog, they wait: their tables are sealed.
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
                tracing::warn!("the catalog is {holder}; recording {} later", waiting.len());
            }
            other => other?,
        }
        if are_more {
            are_more = collect_until(started + started.elapsed() * (PAUSE + 1), outcomes, &mut waiting);
        }
    }
    Ok(())
}

/// Takes outcomes in until a moment; `false` where no more will come.
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
