//! Walks through all examples of a dataset: group of videos by group, and within each group set by set.
//!
//! The rows of a set are ordered by video. The rows of one video are a group: one thread fills in a group, and
//! near-duplicates are removed only within it. So a new video does not change the examples of other videos.

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

/// Maximum number of parallel connections: each has the tables of some videos in memory.
const MAX_CONNECTIONS: usize = 4;
/// Maximum number of chunks of examples that wait to be taken.
const MAX_MADE: usize = 4;
/// Similarity from which on two examples of a video count as duplicates.
pub(crate) const NEAR_DUPLICATE: f64 = 0.9;

/// An example and the split that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    /// Its split.
    pub(crate) split: Split,
    /// Keys that identify its athletes.
    pub(crate) athlete_keys: Vec<String>,
    /// Whether only its rejected answer is new, because another example has the same text.
    pub(crate) is_pair_only: bool,
    /// Signature of its text, to find duplicates.
    pub(crate) signature: Signature,
    /// The example.
    pub(crate) example: Example,
}

/// Counts of used and skipped rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WalkCounts {
    /// Number of rows from the SQL.
    pub(crate) n_rows: u64,
    /// Number of rows with an empty question or answer: the template had nothing to say.
    pub(crate) n_empty: u64,
    /// Number of rows with the same text as another row of the same video.
    pub(crate) n_duplicates: u64,
    /// Number of rows in no split, by reason.
    pub(crate) left_out: BTreeMap<LeftOut, u64>,
}

/// The data and settings of a walk.
pub(crate) struct Walk<'a> {
    /// The open catalog, including the tables and macros that [`Source::open`] created.
    pub(crate) catalog: &'a Catalog,
    /// Videos, athletes, sports.
    pub(crate) source: &'a Source,
    /// The kinds.
    pub(crate) kinds: &'a [Kind],
    /// The rule that assigns splits.
    pub(crate) splitter: Splitter,
    /// Whether the user asked to stop.
    pub(crate) is_interrupted: &'a (dyn Fn() -> bool + Sync),
}

impl Walk<'_> {
    /// Creates all examples. `prepare` works on several threads; `take` gets its results in order.
    ///
    /// # Errors
    /// The tables cannot be read, a kind's SQL or template fails, `take` fails, or the user asked to stop.
    pub(crate) fn run<T: Send>(
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

    /// The parallel connections.
    fn catalogs(&self) -> Result<Vec<Catalog>, LlmDataError> {
        let catalog = || {
            let catalog = self.catalog.beside()?;
            self.source.put_into(&catalog)?;
            Ok(catalog)
        };
        self.catalog.use_one_thread_each()?;
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

/// Takes the results in order.
struct Taking<F> {
    take: F,
    /// Hashes of texts, to find duplicates across several sets.
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
