//! The whole export: walks through all examples, writes them in each format, then writes the card, recipes and
//! manifest.

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

/// Number of samples that a dry run shows.
const SAMPLES: usize = 3;

/// The data and settings of an export.
pub(crate) struct Export<'a> {
    /// The open catalog, including the tables and macros that [`Source::open`] created.
    pub(crate) catalog: &'a Catalog,
    /// Videos, athletes, sports.
    pub(crate) source: &'a Source,
    /// The kinds.
    pub(crate) kinds: &'a [Kind],
    /// Formats.
    pub(crate) configs: &'a [Config],
    /// Whether a Parquet file is written, too.
    pub(crate) has_parquet: bool,
    /// The rule that assigns splits.
    pub(crate) splitter: Splitter,
    /// Whether people and videos may occur in several splits.
    pub(crate) allow_leakage: bool,
    /// The selection of examples, if not all are kept.
    pub(crate) balance: Balance,
    /// The tokenizer that counts tokens.
    pub(crate) tokenizer: Option<Tokenizer>,
    /// The tool `query_pose` as JSON text.
    pub(crate) tools_text: &'a str,
    /// Models' wordings, by the id of their example.
    pub(crate) items: &'a HashMap<String, Vec<Item>>,
    /// Whether the user asked to stop.
    pub(crate) is_interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Called now and then with the number of examples done.
    pub(crate) on_progress: &'a dyn Fn(u64),
}

/// The result of an export.
pub(crate) struct Exported {
    /// The files with data.
    pub(crate) files: Vec<WrittenFile>,
    /// Stills that have yet to be written.
    pub(crate) stills: Vec<Still>,
    /// Counts of used and skipped rows.
    pub(crate) walked: WalkCounts,
    /// Overlap of the splits.
    pub(crate) leakage: LeakageReport,
    pub(super) counts: Counts,
}

impl Exported {
    /// Number of all examples.
    #[must_use]
    pub(crate) fn n_examples(&self) -> u64 {
        self.counts.total()
    }

    /// Number of examples in a split.
    #[must_use]
    pub(crate) fn n_of(&self, split: Split) -> u64 {
        self.counts.of_split(split)
    }
}

/// The result of a dry run.
pub(crate) struct DryRun {
    /// Examples by kind.
    pub(crate) by_kind: BTreeMap<String, u64>,
    /// Examples by split.
    pub(crate) by_split: BTreeMap<Split, u64>,
    /// Counts of used and skipped rows.
    pub(crate) walked: WalkCounts,
    /// Some examples; the same ones each time.
    pub(crate) samples: Vec<Example>,
}

impl Export<'_> {
    fn walk(&self) -> Walk<'_> {
        let Self { catalog, source, kinds, splitter, is_interrupted, .. } = self;
        Walk { catalog, source, kinds, splitter: *splitter, is_interrupted: *is_interrupted }
    }

    /// Writes all data files into a pending folder.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, a file cannot be written, the splits share people or videos, or the
    /// user asked to stop.
    pub(crate) fn write(&self, folder: &PendingFolder) -> Result<Exported, LlmDataError> {
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

    /// The selection of examples, if not all are kept: this needs a separate walk that counts.
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

    /// Counts examples and collects samples without writing anything.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, or the user asked to stop.
    pub(crate) fn dry_run(&self) -> Result<DryRun, LlmDataError> {
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
            // Ids are hashes, so the smallest ids are a sample that does not depend on order. One sample per kind.
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

    /// Selects `n` examples for a model to reword: a sample by hash, equally many of each kind if available, and only
    /// examples with numbers.
    ///
    /// # Errors
    /// The tables cannot be read, a kind fails, or the user asked to stop.
    pub(crate) fn sample(&self, n: usize) -> Result<Vec<Example>, LlmDataError> {
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

/// An example and the models' wordings of it.
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

/// Takes from each kind in turn until there are `n` examples.
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
