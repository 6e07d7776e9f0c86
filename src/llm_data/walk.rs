//! All examples of a dataset: some videos after the other, for each of these groups one set after the other.
//!
//! The rows of a set come in the order of their videos. Those of one video are a group: a group is filled in by one thread, and near-duplicates
//! are looked for within it, so a new video changes the examples of no other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::{Receiver, sync_channel};

use super::error::LlmDataError;
use super::filling::{Filler, Group, Made};
use super::kinds::Kind;
use super::querying::Querying;
use super::source::{Source, SourceVideo};
use crate::llm::example::Example;
use crate::llm::near_duplicates::{Signature, Signer};
use crate::llm::split::{LeftOut, Person, Split, Splitter, VideoSplit};
use crate::store::Catalog;

/// Connections that ask side by side: each has some videos' tables in memory.
const MAX_CONNECTIONS: usize = 4;
/// Chunks of examples that wait to be taken.
const MAX_MADE: usize = 4;
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
        let ids: Vec<&str> = self.source.videos.keys().map(String::as_str).collect();
        let (querying, steps) = Querying::new(self.kinds, &ids, self.is_interrupted);
        let catalogs = self.catalogs()?;
        std::thread::scope(|scope| {
            let (made, taken) = sync_channel(MAX_MADE);
            let querying = &querying;
            for catalog in catalogs {
                scope.spawn(move || querying.run(&catalog));
            }
            scope.spawn(move || filler.run(steps, &made));
            Taking { take, seen: HashSet::new(), counts: WalkCounts::default() }.all(&taken)
        })
    }

    /// Connections that ask side by side.
    fn catalogs(&self) -> Result<Vec<Catalog>, LlmDataError> {
        let catalog = || {
            let catalog = self.catalog.beside()?;
            self.source.put_into(&catalog)?;
            Ok(catalog)
        };
        let n_cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        (0..n_cores.min(MAX_CONNECTIONS)).map(|_| catalog()).collect()
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
struct Taking<F> {
    take: F,
    /// Hashes of what was said, to find the same in several sets.
    seen: HashSet<u64>,
    counts: WalkCounts,
}

impl<F> Taking<F> {
    fn all<T>(mut self, taken: &Receiver<Made<T>>) -> Result<WalkCounts, LlmDataError>
    where
        F: FnMut(T) -> Result<(), LlmDataError>,
    {
        for groups in taken {
            groups?.into_iter().try_for_each(|group| self.group(group))?;
        }
        Ok(self.counts)
    }

    fn group<T>(&mut self, group: Group<T>) -> Result<(), LlmDataError>
    where
        F: FnMut(T) -> Result<(), LlmDataError>,
    {
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
