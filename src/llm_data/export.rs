//! The whole export: walk through all examples, write them in each format, then card, recipes and manifest.

use std::collections::{BTreeMap, HashMap};

use super::error::LlmDataError;
use super::filling::said;
use super::folder::{PendingFolder, WrittenFile};
use super::kinds::Kind;
use super::sink::{Counts, Preparation, Prepared, Sink, Still};
use super::source::Source;
use super::walk::{NEAR_DUPLICATE, Placed, Walk, WalkCounts};
use crate::llm::balance::{self, Balance, Plan};
use crate::llm::example::Example;
use crate::llm::leakage::LeakageReport;
use crate::llm::near_duplicates::Signer;
use crate::llm::shapes::Config;
use crate::llm::split::{Split, Splitter};
use crate::llm::tasks::{Item, Task, apply};
use crate::llm::tokens::Tokenizer;
use crate::store::Catalog;

/// Samples that a dry run shows.
const SAMPLES: usize = 3;

/// What is exported, and how.
pub struct Export<'a> {
    /// The open catalog, with what [`Source::open`] put into it.
    pub catalog: &'a Catalog,
    /// Videos, athletes, sports.
    pub source: &'a Source,
    /// The kinds.
    pub kinds: &'a [Kind],
    /// Formats.
    pub configs: &'a [Config],
    /// Whether there is a Parquet file, too.
    pub has_parquet: bool,
    /// What decides the splits.
    pub splitter: Splitter,
    /// Whether people and videos may be in several splits.
    pub allow_leakage: bool,
    /// Which examples are kept if not all.
    pub balance: Balance,
    /// What counts tokens.
    pub tokenizer: Option<Tokenizer>,
    /// The tool `query_pose` as JSON text.
    pub tools_text: &'a str,
    /// Wordings of models, by the id of their example.
    pub items: &'a HashMap<String, Vec<Item>>,
    /// Whether the user wants to stop.
    pub is_interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Told how many examples are done, now and then.
    pub on_progress: &'a dyn Fn(u64),
}

/// What came of an export.
pub struct Exported {
    /// The files with data.
    pub files: Vec<WrittenFile>,
    /// Stills that are still to be written.
    pub stills: Vec<Still>,
    /// What became of the rows.
    pub walked: WalkCounts,
    /// What the splits share.
    pub leakage: LeakageReport,
    pub(super) counts: Counts,
}

impl Exported {
    /// All examples.
    #[must_use]
    pub fn n_examples(&self) -> u64 {
        self.counts.total()
    }

    /// Examples of a split.
    #[must_use]
    pub fn n_of(&self, split: Split) -> u64 {
        self.counts.of_split(split)
    }
}

/// What a dry run found.
pub struct DryRun {
    /// Examples by kind.
    pub by_kind: BTreeMap<String, u64>,
    /// Examples by split.
    pub by_split: BTreeMap<Split, u64>,
    /// What became of the rows.
    pub walked: WalkCounts,
    /// Some examples: the same ones each time.
    pub samples: Vec<Example>,
}

impl Export<'_> {
    fn walk(&self) -> Walk<'_> {
        let Self { catalog, source, kinds, splitter, is_interrupted, .. } = self;
        Walk { catalog, source, kinds, splitter: *splitter, is_interrupted: *is_interrupted }
    }

    /// Writes all data files into a pending folder.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, nothing can be written, the splits share people or videos, or the user wants to stop.
    pub fn write(&self, folder: &PendingFolder) -> Result<Exported, LlmDataError> {
        let chosen = self.chosen()?;
        let Self { configs, has_parquet, tools_text, tokenizer, .. } = *self;
        let preparation = Preparation { configs, has_parquet, tools_text, tokenizer };
        let mut sink = Sink::new(folder, self.configs, self.has_parquet)?;
        let items = self.items;
        let signer = Signer::new(NEAR_DUPLICATE);
        let prepare = |placed: Placed| -> Vec<Prepared> {
            if !is_kept(chosen.as_ref(), &placed.example) {
                return Vec::new();
            }
            with_wordings(items, &signer, placed).into_iter().map(|placed| preparation.prepare(placed)).collect()
        };
        let walked = self.walk().run(prepare, |prepared| {
            prepared.into_iter().try_for_each(|prepared| sink.take(prepared))?;
            (self.on_progress)(sink.counts.total());
            Ok(())
        })?;
        let stills = std::mem::take(&mut sink.stills);
        let (files, counts, leakage) = sink.finish()?;
        if leakage.is_leaking() && !self.allow_leakage {
            return Err(LlmDataError::Leakage { what: leakage.to_string() });
        }
        Ok(Exported { files, stills, walked, leakage, counts })
    }

    /// The choice of examples, if not all are kept: it needs a walk of its own, which counts.
    fn chosen(&self) -> Result<Option<Plan>, LlmDataError> {
        if self.balance.keeps_all() {
            return Ok(None);
        }
        let mut counter = balance::Counter::new(self.balance.clone());
        self.walk().run(
            |placed| placed.example,
            |example| {
                counter.add(row(&example));
                Ok(())
            },
        )?;
        Ok(Some(counter.plan()))
    }

    /// Counts and shows, writes nothing.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, or the user wants to stop.
    pub fn dry_run(&self) -> Result<DryRun, LlmDataError> {
        let chosen = self.chosen()?;
        let mut found = DryRun {
            by_kind: BTreeMap::new(),
            by_split: BTreeMap::new(),
            walked: WalkCounts::default(),
            samples: Vec::new(),
        };
        let mut samples: BTreeMap<String, Example> = BTreeMap::new();
        let prepare = |placed: Placed| is_kept(chosen.as_ref(), &placed.example).then_some(placed);
        found.walked = self.walk().run(prepare, |placed| {
            let Some(Placed { split, example, .. }) = placed else { return Ok(()) };
            *found.by_kind.entry(example.kind.clone()).or_default() += 1;
            *found.by_split.entry(split).or_default() += 1;
            // Ids are hashes: the least of them are a sample that no order decides. One of a kind.
            match samples.get(&example.kind) {
                Some(known) if known.id <= example.id => {}
                _ => drop(samples.insert(example.kind.clone(), example)),
            }
            Ok(())
        })?;
        let mut samples: Vec<Example> = samples.into_values().collect();
        samples.sort_by(|a, b| a.id.cmp(&b.id));
        samples.truncate(SAMPLES);
        found.samples = samples;
        Ok(found)
    }

    /// The `n` examples that a model is to word: a sample by hash, as many of each kind as there are, and only those with numbers.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, or the user wants to stop.
    pub fn sample(&self, n: usize) -> Result<Vec<Example>, LlmDataError> {
        let mut by_kind: BTreeMap<String, BTreeMap<String, Example>> = BTreeMap::new();
        let prepare =
            |placed: Placed| Some(placed.example).filter(|example| example.is_plain() && !example.stated.is_empty());
        self.walk().run(prepare, |example| {
            let Some(example) = example else { return Ok(()) };
            let kind = by_kind.entry(example.kind.clone()).or_default();
            kind.insert(example.id.clone(), example);
            if kind.len() > n {
                kind.pop_last();
            }
            Ok(())
        })?;
        Ok(in_turn(by_kind, n))
    }
}

/// An example and what models made of it.
fn with_wordings(items: &HashMap<String, Vec<Item>>, signer: &Signer, placed: Placed) -> Vec<Placed> {
    let Some(items) = items.get(&placed.example.id) else { return vec![placed] };
    let worded = items.iter().map(|item| {
        let example = apply(&placed.example, &item.assignment, &item.wording, &item.model);
        let is_pair_only = item.assignment.task == Task::Distractor;
        let athlete_keys = placed.athlete_keys.clone();
        Placed { split: placed.split, athlete_keys, is_pair_only, signature: signer.sign(&said(&example)), example }
    });
    let worded: Vec<Placed> = worded.collect();
    std::iter::once(placed).chain(worded).collect()
}

fn is_kept(plan: Option<&Plan>, example: &Example) -> bool {
    plan.is_none_or(|plan| plan.keeps(row(example)))
}

fn row(example: &Example) -> balance::Row<'_> {
    balance::Row { id: &example.id, kind: &example.kind, sport: &example.sport, difficulty: example.difficulty }
}

/// Takes from each kind in turn, until there are `n`.
fn in_turn(by_kind: BTreeMap<String, BTreeMap<String, Example>>, n: usize) -> Vec<Example> {
    let mut kinds: Vec<_> = by_kind.into_values().map(BTreeMap::into_values).collect();
    let mut chosen = Vec::new();
    while chosen.len() < n && !kinds.is_empty() {
        kinds.retain_mut(|kind| match kind.next() {
            Some(example) if chosen.len() < n => {
                chosen.push(example);
                true
            }
            _ => false,
        });
    }
    chosen
}
