//! All examples of a dataset: some videos after the other, for each of these groups one set after the other.
//!
//! The rows of a set come in the order of their videos. Those of one video are a group: a group is filled in by one thread, and near-duplicates
//! are looked for within it, so a new video changes the examples of no other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use super::error::LlmDataError;
use super::filling::{Filler, Group, Made, Step};
use super::kinds::{ExampleSet, Kind};
use super::source::{Source, SourceVideo};
use crate::llm::example::Example;
use crate::llm::near_duplicates::{Signature, Signer};
use crate::llm::split::{LeftOut, Person, Split, Splitter, VideoSplit};
use crate::store::{Catalog, StoreError, query};

/// Batches of rows that wait to be filled in.
const MAX_WAITING: usize = 16;
/// Videos whose tables are in memory together.
const GROUP_VIDEOS: usize = 100;
/// Similarity from which on two examples of a video count as the same.
pub const NEAR_DUPLICATE: f64 = 0.9;

/// An example and the split that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Its split.
    pub split: Split,
    /// What tells its athletes from all others.
    pub athlete_keys: Vec<String>,
    /// Whether it says what another example says, and only its rejected answer is new.
    pub is_pair_only: bool,
    /// What it says, to find the same elsewhere.
    pub signature: Signature,
    /// The example.
    pub example: Example,
}

/// What became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalkCounts {
    /// Rows that the SQL gave.
    pub n_rows: u64,
    /// Rows whose question or answer is empty: the template had nothing to say.
    pub n_empty: u64,
    /// Rows that say what another row of the same video says.
    pub n_duplicates: u64,
    /// Rows in no split, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

/// What is walked.
pub struct Walk<'a> {
    /// The open catalog, with what [`Source::open`] put into it.
    pub catalog: &'a Catalog,
    /// Videos, athletes, sports.
    pub source: &'a Source,
    /// The kinds.
    pub kinds: &'a [Kind],
    /// What decides the splits.
    pub splitter: Splitter,
    /// Whether the user wants to stop.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
}

impl Walk<'_> {
    /// Makes all examples. `prepare` works on several threads; `take` gets what it made, in order.
    ///
    /// # Errors
    /// The tables cannot be read, a kind's SQL or template fails, `take` does, or the user wants to stop.
    pub fn run<T: Send>(
        &self,
        prepare: impl Fn(Placed) -> T + Sync,
        take: impl FnMut(T) -> Result<(), LlmDataError>,
    ) -> Result<WalkCounts, LlmDataError> {
        let splits = self.splits();
        let signer = Signer::new(NEAR_DUPLICATE);
        let filler = Filler { source: self.source, splits: &splits, signer: &signer, prepare: &prepare };
        let counts = std::thread::scope(|scope| {
            let (steps, taken_steps) = sync_channel(MAX_WAITING);
            let (made, taken) = channel();
            scope.spawn(move || filler.run(&taken_steps, &made));
            let taking = Taking { taken, take, seen: HashSet::new(), counts: WalkCounts::default() };
            self.query_all(steps, taking)
        })?;
        self.catalog.widen()?;
        Ok(counts)
    }

    fn query_all<'a, T>(
        &'a self,
        steps: SyncSender<Step<'a>>,
        mut taking: Taking<T, impl FnMut(T) -> Result<(), LlmDataError>>,
    ) -> Result<WalkCounts, LlmDataError> {
        let sets = || self.kinds.iter().flat_map(|kind| kind.sets.iter().map(move |set| (kind, set)));
        let mut query = |is_of_all: bool| -> Result<(), LlmDataError> {
            let mut sets = sets().filter(|(_, set)| looks_at_all(set) == is_of_all);
            sets.try_for_each(|(kind, set)| self.query_set(kind, set, &steps, &mut taking))
        };
        query(true)?;
        let queries: Vec<&str> = sets().map(|(_, set)| set.sql.as_str()).collect();
        let ids: Vec<&str> = self.source.videos.keys().map(String::as_str).collect();
        for videos in ids.chunks(GROUP_VIDEOS) {
            self.catalog.narrow(videos, &queries)?;
            query(false)?;
        }
        drop(steps);
        taking.rest()
    }

    /// Sends the rows of one set to be filled in.
    fn query_set<'a, T>(
        &self,
        kind: &'a Kind,
        set: &'a ExampleSet,
        steps: &SyncSender<Step<'a>>,
        taking: &mut Taking<T, impl FnMut(T) -> Result<(), LlmDataError>>,
    ) -> Result<(), LlmDataError> {
        let failed = |error: StoreError| set.failed(kind, error.to_string());
        let mut send = |step: Step<'a>| -> Result<(), LlmDataError> {
            // Whoever fills in has stopped: what was made last says why.
            let _ = steps.send(step);
            taking.ready()
        };
        if (self.is_interrupted)() {
            return Err(LlmDataError::Interrupted);
        }
        send(Step::Set(kind, set))?;
        let mut answer = query::run(self.catalog.connection(), &set.sql).map_err(failed)?;
        while let Some(batch) = answer.next_batch().map_err(failed)? {
            if (self.is_interrupted)() {
                return Err(LlmDataError::Interrupted);
            }
            send(Step::Rows(batch))?;
        }
        send(Step::End)
    }

    fn splits(&self) -> HashMap<&str, VideoSplit> {
        let split = |video: &SourceVideo| {
            let people = video.people.iter().map(|(&person_id, name)| Person { person_id, name: name.clone() });
            self.splitter.video(&video.video_id, &people.collect::<Vec<_>>())
        };
        self.source.videos.values().map(|video| (video.video_id.as_str(), split(video))).collect()
    }
}

/// Takes what was made, in order.
struct Taking<T, F> {
    taken: Receiver<Made<T>>,
    take: F,
    /// Hashes of what was said, to find the same in several sets.
    seen: HashSet<u64>,
    counts: WalkCounts,
}

impl<T, F: FnMut(T) -> Result<(), LlmDataError>> Taking<T, F> {
    /// Takes what is ready.
    fn ready(&mut self) -> Result<(), LlmDataError> {
        while let Ok(groups) = self.taken.try_recv() {
            groups?.into_iter().try_for_each(|group| self.group(group))?;
        }
        Ok(())
    }

    /// Takes all that is still made.
    fn rest(mut self) -> Result<WalkCounts, LlmDataError> {
        while let Ok(groups) = self.taken.recv() {
            groups?.into_iter().try_for_each(|group| self.group(group))?;
        }
        Ok(self.counts)
    }

    fn group(&mut self, group: Group<T>) -> Result<(), LlmDataError> {
        self.counts.add(&group.counts);
        for (hash, made) in group.made {
            if self.seen.insert(hash) {
                (self.take)(made)?;
            } else {
                self.counts.n_duplicates += 1;
            }
        }
        Ok(())
    }
}

impl WalkCounts {
    fn add(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.n_empty += other.n_empty;
        self.n_duplicates += other.n_duplicates;
        for (reason, count) in &other.left_out {
            *self.left_out.entry(*reason).or_default() += count;
        }
    }
}

/// Whether a set compares videos with each other, so that it has to see all of them.
fn looks_at_all(set: &ExampleSet) -> bool {
    set.sql.contains("session_changes")
}
