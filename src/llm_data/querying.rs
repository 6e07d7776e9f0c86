//! Runs the SQL of all sets on several connections in parallel: each connection takes the next group of videos.
//!
//! Groups of few videos are too small for DuckDB to distribute over threads, so a single connection would leave cores
//! idle.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use super::error::LlmDataError;
use super::filling::Step;
use super::kinds::{ExampleSet, Kind};
use crate::store::query::{self, Author};
use crate::store::{Catalog, StoreError};

/// Maximum number of batches of one group that wait to be filled in.
const MAX_WAITING: usize = 16;
/// Number of videos whose tables are in memory together, for each connection.
const GROUP_VIDEOS: usize = 100;

/// The queries and the groups of videos.
pub(super) struct Querying<'a> {
    kinds: &'a [Kind],
    queries: Vec<&'a str>,
    is_interrupted: &'a (dyn Fn() -> bool + Sync),
    groups: Mutex<std::vec::IntoIter<Group<'a>>>,
}

/// Videos that are queried together.
struct Group<'a> {
    /// Ids of the videos. `None` is for the sets that compare all videos.
    ids: Option<Vec<&'a str>>,
    steps: SyncSender<Step<'a>>,
}

/// The reason why a group's queries ended early.
enum Stop {
    /// The receiver of the rows has stopped.
    NobodyTakes,
    /// An error occurred.
    Failed(LlmDataError),
}

impl From<LlmDataError> for Stop {
    fn from(error: LlmDataError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Querying<'a> {
    /// Creates the groups of some videos. Also returns the receivers of their rows, in order.
    pub(super) fn new(
        kinds: &'a [Kind],
        ids: &[&'a str],
        is_interrupted: &'a (dyn Fn() -> bool + Sync),
    ) -> (Self, Vec<Receiver<Step<'a>>>) {
        let narrowed = ids.chunks(GROUP_VIDEOS).map(|ids| Some(ids.to_vec()));
        let (groups, steps): (Vec<_>, Vec<_>) = std::iter::once(None)
            .chain(narrowed)
            .map(|ids| {
                let (steps, taken) = sync_channel(MAX_WAITING);
                (Group { ids, steps }, taken)
            })
            .unzip();
        let queries = kinds.iter().flat_map(|kind| &kind.sets).map(|set| set.sql.as_str()).collect();
        (Self { kinds, queries, is_interrupted, groups: Mutex::new(groups.into_iter()) }, steps)
    }

    /// Queries one group after another until none is left, an error occurs, or the receiver has stopped.
    pub(super) fn run(&self, catalog: &Catalog) {
        let next = || self.groups.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(group) = next() {
            match self.group(catalog, &group) {
                Ok(()) => {}
                Err(Stop::NobodyTakes) => return,
                Err(Stop::Failed(error)) => {
                    // The receiver is gone if another error occurred before.
                    let _ = group.send(Step::Failed(error));
                    return;
                }
            }
        }
    }

    fn group(&self, catalog: &Catalog, group: &Group<'a>) -> Result<(), Stop> {
        if let Some(ids) = &group.ids {
            catalog.narrow(ids, &self.queries).map_err(LlmDataError::from)?;
        }
        let sets = self.kinds.iter().flat_map(|kind| kind.sets.iter().map(move |set| (kind, set)));
        let mut sets = sets.filter(|(_, set)| looks_at_all(set) == group.ids.is_none());
        sets.try_for_each(|(kind, set)| self.set(catalog, kind, set, group))
    }

    /// Sends the rows of one set to be filled in.
    fn set(&self, catalog: &Catalog, kind: &'a Kind, set: &'a ExampleSet, group: &Group<'a>) -> Result<(), Stop> {
        let failed = |error: StoreError| match error {
            StoreError::Sql { message } => set.failed(kind, message),
            other => other.into(),
        };
        let check = || if (self.is_interrupted)() { Err(LlmDataError::Interrupted) } else { Ok(()) };
        check()?;
        group.send(Step::Set(kind, set))?;
        let mut answer = query::run(catalog.connection(), &set.sql, Author::User).map_err(failed)?;
        while let Some(batch) = answer.next_batch().map_err(failed)? {
            check()?;
            group.send(Step::Rows(batch))?;
        }
        group.send(Step::End)
    }
}

impl<'a> Group<'a> {
    fn send(&self, step: Step<'a>) -> Result<(), Stop> {
        self.steps.send(step).map_err(|_| Stop::NobodyTakes)
    }
}

/// Whether a set compares videos with each other and must therefore see all of them.
fn looks_at_all(set: &ExampleSet) -> bool {
    set.sql.contains("session_changes")
}
