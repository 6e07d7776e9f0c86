//! Selects the rows that stay if a dataset is to be balanced or smaller. Pure, in two passes over the rows.
//!
//! Rows fall into strata: the combinations of the balanced properties (`kind,sport`: each kind of each sport). The
//! first pass counts them ([`Counter`]). Then each stratum gets a quota. In the second pass a row stays if the hash of
//! its id is among the smallest of its stratum ([`Plan::keeps`]). The order does not matter, and the same rows give the
//! same selection.
//!
//! Quotas: without a limit, each stratum gets as many rows as the smallest stratum has. With a limit, the strata share
//! it evenly; rows that a small stratum does not need go to the others. A limit without anything to balance is one
//! stratum.
//!
//! A new video changes no row, but it can change which rows stay: its rows replace others with larger hashes; if the
//! smallest stratum grows, more rows of all strata stay; a new small stratum removes rows. Without balance and limit
//! all rows stay.
//!
//! Memory: up to 2 MB for each stratum, however many rows. A quota above 131,072 rows is met to within 1 %, and
//! exceeded only by chance (1 in 700); smaller quotas are met exactly.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::example::Difficulty;

/// Maximum number of hashes of a stratum that are kept for its threshold.
const MAX_HASHES: usize = 1 << 17;

/// The property to balance by is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown property `{0}` to balance by (known: kind, sport, difficulty)")]
pub(crate) struct UnknownDimension(String);

/// A property that rows can be balanced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Dimension {
    /// Kind of example.
    Kind,
    /// Sport pack.
    Sport,
    /// Difficulty of the example.
    Difficulty,
}

/// The properties to balance by, and the maximum number of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Balance {
    /// Properties to balance by; empty for no balance.
    pub(crate) by: Vec<Dimension>,
    /// Maximum number of rows that stay.
    pub(crate) max_rows: Option<u64>,
}

impl FromStr for Balance {
    type Err = UnknownDimension;

    /// Parses a list such as `kind,sport`; an empty text means no balance.
    fn from_str(text: &str) -> Result<Self, UnknownDimension> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let by: Result<Vec<_>, _> = parts
            .map(|part| match part {
                "kind" => Ok(Dimension::Kind),
                "sport" => Ok(Dimension::Sport),
                "difficulty" => Ok(Dimension::Difficulty),
                _ => Err(UnknownDimension(part.to_owned())),
            })
            .collect();
        let mut by = by?;
        by.sort_unstable();
        by.dedup();
        Ok(Self { by, max_rows: None })
    }
}

impl Balance {
    /// Whether all rows stay, so that the first pass is not needed.
    #[must_use]
    pub(crate) fn keeps_all(&self) -> bool {
        self.by.is_empty() && self.max_rows.is_none()
    }
}

/// The properties of a row that determine its stratum, and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    /// Id of the example.
    pub(crate) id: &'a str,
    /// Kind of example.
    pub(crate) kind: &'a str,
    /// Sport pack.
    pub(crate) sport: &'a str,
    /// Difficulty of the example.
    pub(crate) difficulty: Difficulty,
}

/// The key of a stratum. Properties that are not balanced by are empty.
type Stratum = (String, String, Option<Difficulty>);

fn stratum(by: &[Dimension], row: Row) -> Stratum {
    let word = |dimension, word: &str| if by.contains(&dimension) { word.to_owned() } else { String::new() };
    (
        word(Dimension::Kind, row.kind),
        word(Dimension::Sport, row.sport),
        by.contains(&Dimension::Difficulty).then_some(row.difficulty),
    )
}

fn row_hash(id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(id.as_bytes()).as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// First pass: counts rows.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    balance: Balance,
    strata: BTreeMap<Stratum, Smallest>,
}

impl Counter {
    /// Creates a counter without rows.
    #[must_use]
    pub(crate) fn new(balance: Balance) -> Self {
        Self { balance, strata: BTreeMap::new() }
    }

    /// Counts a row. Ids must be unique.
    pub(crate) fn add(&mut self, row: Row) {
        self.strata.entry(stratum(&self.balance.by, row)).or_default().add(row_hash(row.id));
    }

    /// Decides how many rows of each stratum stay.
    #[must_use]
    pub(crate) fn plan(self) -> Plan {
        let counts: Vec<u64> = self.strata.values().map(|smallest| smallest.n).collect();
        let quotas = match (self.balance.by.is_empty(), self.balance.max_rows) {
            (true, None) => counts.clone(),
            (false, None) => vec![counts.iter().copied().min().unwrap_or(0); counts.len()],
            (_, Some(max_rows)) => share_out(&counts, max_rows),
        };
        let strata = self.strata.into_iter().zip(quotas);
        let thresholds = strata.filter_map(|((key, smallest), quota)| Some((key, smallest.threshold(quota)?)));
        Plan { by: self.balance.by, thresholds: thresholds.collect() }
    }
}

/// Divides `max_rows` evenly among the strata. Rows that a small stratum does not need go to the others.
fn share_out(counts: &[u64], max_rows: u64) -> Vec<u64> {
    let mut places: Vec<usize> = (0..counts.len()).collect();
    places.sort_by_key(|place| (counts[*place], *place));
    let mut quotas = vec![0; counts.len()];
    let mut left = max_rows;
    for (n_done, place) in places.iter().enumerate() {
        // The smallest stratum without a quota gets an even share of the rest, or all its rows if it has fewer.
        quotas[*place] = counts[*place].min(left / (counts.len() - n_done) as u64);
        left -= quotas[*place];
    }
    quotas
}

/// Second pass: decides which rows stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    by: Vec<Dimension>,
    /// The largest hash of a row that stays, for each stratum of which rows stay.
    thresholds: BTreeMap<Stratum, u64>,
}

impl Plan {
    /// Whether the row stays. A row that was not counted and whose stratum was not seen does not stay.
    #[must_use]
    pub(crate) fn keeps(&self, row: Row) -> bool {
        self.thresholds.get(&stratum(&self.by, row)).is_some_and(|threshold| row_hash(row.id) <= *threshold)
    }
}

/// Number of hashes, and the smallest of them.
#[derive(Debug, Clone)]
struct Smallest {
    n: u64,
    hashes: Vec<u64>,
    /// Larger hashes are not kept.
    bound: u64,
}

impl Default for Smallest {
    fn default() -> Self {
        Self { n: 0, hashes: Vec::new(), bound: u64::MAX }
    }
}

impl Smallest {
    fn add(&mut self, hash: u64) {
        self.n += 1;
        if hash <= self.bound {
            self.hashes.push(hash);
            if self.hashes.len() >= 2 * MAX_HASHES {
                self.shrink();
            }
        }
    }

    fn shrink(&mut self) {
        let bound = self.bound;
        self.hashes.retain(|hash| *hash <= bound);
        if self.hashes.len() > MAX_HASHES {
            self.bound = *self.hashes.select_nth_unstable(MAX_HASHES - 1).1;
            self.hashes.truncate(MAX_HASHES);
        }
    }

    /// The hash up to which there are `quota` rows.
    fn threshold(mut self, quota: u64) -> Option<u64> {
        if quota == 0 || quota >= self.n {
            return (quota > 0).then_some(u64::MAX);
        }
        if quota <= self.hashes.len() as u64 {
            return Some(*self.hashes.select_nth_unstable(quota as usize - 1).1);
        }
        // Hashes are distributed evenly, so a share of the rows is a share of their range. The standard deviation of
        // the count is at most the square root of the quota, so three of them below the quota keep the count under it.
        let quota = quota as f64;
        Some(((quota - 3.0 * quota.sqrt()) / self.n as f64 * u64::MAX as f64) as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row<'a>(id: &'a str, kind: &'a str, sport: &'a str) -> Row<'a> {
        Row { id, kind, sport, difficulty: Difficulty::Easy }
    }

    fn plan(balance: &Balance, rows: &[(String, &str, &str)]) -> Plan {
        let mut counter = Counter::new(balance.clone());
        for (id, kind, sport) in rows {
            counter.add(row(id, kind, sport));
        }
        counter.plan()
    }

    fn n_kept(plan: &Plan, rows: &[(String, &str, &str)]) -> usize {
        rows.iter().filter(|(id, kind, sport)| plan.keeps(row(id, kind, sport))).count()
    }

    fn rows(counts: &[(&'static str, &'static str, u64)]) -> Vec<(String, &'static str, &'static str)> {
        counts
            .iter()
            .flat_map(|(kind, sport, n)| (0..*n).map(move |id| (format!("{kind}{sport}{id}"), *kind, *sport)))
            .collect()
    }

    /// Numbers of the rows that stay, by kind and sport.
    fn kept_of(
        plan: &Plan,
        rows: &[(String, &'static str, &'static str)],
    ) -> BTreeMap<(&'static str, &'static str), u64> {
        let mut counts = BTreeMap::new();
        for (_, kind, sport) in rows.iter().filter(|(id, kind, sport)| plan.keeps(row(id, kind, sport))) {
            *counts.entry((*kind, *sport)).or_default() += 1;
        }
        counts
    }

    #[test]
    fn lists_are_read() {
        let balance: Balance = "sport, kind,sport".parse().unwrap();
        assert_eq!(balance.by, [Dimension::Kind, Dimension::Sport]);
        assert!("".parse::<Balance>().unwrap().keeps_all());
        assert_eq!(
            "team".parse::<Balance>().unwrap_err().to_string(),
            "unknown property `team` to balance by (known: kind, sport, difficulty)"
        );
    }

    #[test]
    fn each_stratum_gets_as_many_as_the_smallest() {
        let rows = rows(&[("measurement", "squat", 50), ("measurement", "walk", 20), ("timeline", "walk", 8)]);
        let by_kind = plan(&"kind".parse().unwrap(), &rows);
        let counts = kept_of(&by_kind, &rows);
        assert_eq!(counts.values().sum::<u64>(), 16);
        assert_eq!(counts[&("timeline", "walk")], 8);
        let by_both = plan(&"kind,sport".parse().unwrap(), &rows);
        let expected = [(("measurement", "squat"), 8), (("measurement", "walk"), 8), (("timeline", "walk"), 8)];
        assert_eq!(kept_of(&by_both, &rows), BTreeMap::from(expected));
        assert!(!by_both.keeps(row("x", "new", "walk")));
    }

    #[test]
    fn a_limit_is_shared_evenly() {
        assert_eq!(share_out(&[100, 3, 100], 53), [25, 3, 25]);
        assert_eq!(share_out(&[100, 3, 100], 54), [25, 3, 26]);
        assert_eq!(share_out(&[1, 2, 3], 100), [1, 2, 3]);
        assert_eq!(share_out(&[5, 5, 5], 2), [0, 1, 1]);
        assert_eq!(share_out(&[], 2), Vec::<u64>::new());
        let rows = rows(&[("a", "x", 500), ("b", "x", 30)]);
        let balance = Balance { by: vec![], max_rows: Some(99) };
        assert_eq!(n_kept(&plan(&balance, &rows), &rows), 99);
        let balance = Balance { by: vec![Dimension::Kind], max_rows: Some(99) };
        let expected = [(("a", "x"), 69), (("b", "x"), 30)];
        assert_eq!(kept_of(&plan(&balance, &rows), &rows), BTreeMap::from(expected));
        assert_eq!(n_kept(&plan(&Balance::default(), &rows), &rows), 530);
    }

    #[test]
    fn large_quotas_are_met_nearly_in_bounded_memory() {
        let mut smallest = Smallest::default();
        let hashes: Vec<u64> = (0..1_000_000).map(|id| row_hash(&format!("{id}"))).collect();
        for hash in &hashes {
            smallest.add(*hash);
        }
        assert!(smallest.hashes.len() < 2 * MAX_HASHES);
        for quota in [1, 1000, MAX_HASHES as u64, 300_000, 999_999] {
            let threshold = smallest.clone().threshold(quota).unwrap();
            let n_kept = hashes.iter().filter(|hash| **hash <= threshold).count() as u64;
            let n_least = if quota > MAX_HASHES as u64 { quota - quota / 100 } else { quota };
            assert!((n_least..=quota).contains(&n_kept), "{n_kept} of {quota}");
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter_and_limits_hold(
            picks in proptest::collection::vec((0usize..3, 0usize..2), 0..120), max_rows in proptest::option::of(0u64..60)
        ) {
            let rows: Vec<_> = picks.iter().enumerate()
                .map(|(id, (kind, sport))| (format!("e{id}"), ["a", "b", "c"][*kind], ["x", "y"][*sport])).collect();
            let balance = Balance { by: vec![Dimension::Kind, Dimension::Sport], max_rows };
            let expected = plan(&balance, &rows);
            let turned: Vec<_> = rows.iter().rev().cloned().collect();
            prop_assert_eq!(&plan(&balance, &turned), &expected);
            let kept = kept_of(&expected, &rows);
            if let Some(max_rows) = max_rows {
                prop_assert_eq!(kept.values().sum::<u64>(), max_rows.min(rows.len() as u64));
            } else {
                let all = kept_of(&plan(&Balance::default(), &rows), &rows);
                let least = all.values().min().copied().unwrap_or(0);
                prop_assert!(kept.len() == all.len() && kept.values().all(|n_kept| *n_kept == least));
            }
        }
    }
}
