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

    /// Adds the counts of another thread.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, smallest) in other.strata {
            self.strata.entry(key).or_default().merge(smallest);
        }
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
        let strata = self.strata.into_iter().zip(quotas).map(|((key, smallest), n_kept)| {
            let quota = Quota { n_rows: smallest.n, n_kept, threshold: smallest.threshold(n_kept) };
            (key, quota)
        });
        Plan { by: self.balance.by, strata: strata.collect() }
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quota {
    n_rows: u64,
    n_kept: u64,
    /// Rows with a hash up to this stay; `None` if no row stays.
    threshold: Option<u64>,
}

/// Second pass: decides which rows stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    by: Vec<Dimension>,
    strata: BTreeMap<Stratum, Quota>,
}

impl Plan {
    /// Whether the row stays. A row that was not counted and whose stratum was not seen does not stay.
    #[must_use]
    pub(crate) fn keeps(&self, row: Row) -> bool {
        let threshold = self.strata.get(&stratum(&self.by, row)).and_then(|quota| quota.threshold);
        threshold.is_some_and(|threshold| row_hash(row.id) <= threshold)
    }

    /// For each stratum its name (such as `squat, hard`; empty if nothing is balanced), its number of rows, and the
    /// number that stays (the maximum, if above 131,072).
    pub(crate) fn counts(&self) -> impl Iterator<Item = (String, u64, u64)> + '_ {
        self.strata.iter().map(|((kind, sport, difficulty), quota)| {
            let difficulty = difficulty.map_or("", |difficulty| match difficulty {
                Difficulty::Easy => "easy",
                Difficulty::Medium => "medium",
                Difficulty::Hard => "hard",
            });
            let words: Vec<&str> =
                [kind.as_str(), sport.as_str(), difficulty].into_iter().filter(|word| !word.is_empty()).collect();
            (words.join(", "), quota.n_rows, quota.n_kept)
        })
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

    fn merge(&mut self, other: Self) {
        self.n += other.n;
        self.bound = self.bound.min(other.bound);
        self.hashes.extend(other.hashes);
        self.shrink();
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

    fn kept(plan: &Plan, rows: &[(String, &str, &str)]) -> Vec<String> {
        rows.iter().filter(|(id, kind, sport)| plan.keeps(row(id, kind, sport))).map(|(id, ..)| id.clone()).collect()
    }

    fn rows(counts: &[(&'static str, &'static str, u64)]) -> Vec<(String, &'static str, &'static str)> {
        counts
            .iter()
            .flat_map(|(kind, sport, n)| (0..*n).map(move |id| (format!("{kind}{sport}{id}"), *kind, *sport)))
            .collect()
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
        let counts: Vec<_> = by_kind.counts().collect();
        assert_eq!(counts, [("measurement".to_owned(), 70, 8), ("timeline".to_owned(), 8, 8)]);
        assert_eq!(kept(&by_kind, &rows).len(), 16);
        let by_both = plan(&"kind,sport".parse().unwrap(), &rows);
        assert_eq!(kept(&by_both, &rows).len(), 24);
        assert_eq!(by_both.counts().next().unwrap().0, "measurement, squat");
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
        assert_eq!(kept(&plan(&balance, &rows), &rows).len(), 99);
        let balance = Balance { by: vec![Dimension::Kind], max_rows: Some(99) };
        let counts: Vec<_> = plan(&balance, &rows).counts().map(|(_, _, n_planned)| n_planned).collect();
        assert_eq!(counts, [69, 30]);
        assert_eq!(kept(&plan(&Balance::default(), &rows), &rows).len(), 530);
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
        fn order_and_threads_do_not_matter_and_limits_hold(
            picks in proptest::collection::vec((0usize..3, 0usize..2), 0..120), max_rows in proptest::option::of(0u64..60), cut in 0usize..120
        ) {
            let rows: Vec<_> = picks.iter().enumerate()
                .map(|(id, (kind, sport))| (format!("e{id}"), ["a", "b", "c"][*kind], ["x", "y"][*sport])).collect();
            let balance = Balance { by: vec![Dimension::Kind, Dimension::Sport], max_rows };
            let expected = plan(&balance, &rows);
            let turned: Vec<_> = rows.iter().rev().cloned().collect();
            prop_assert_eq!(&plan(&balance, &turned), &expected);
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let mut counters = [first, second].map(|rows| {
                let mut counter = Counter::new(balance.clone());
                for (id, kind, sport) in rows {
                    counter.add(row(id, kind, sport));
                }
                counter
            }).into_iter();
            let mut counter = counters.next().unwrap();
            counter.merge(counters.next().unwrap());
            prop_assert_eq!(&counter.plan(), &expected);
            let n_kept = kept(&expected, &rows).len() as u64;
            prop_assert_eq!(n_kept, expected.counts().map(|(_, _, n_planned)| n_planned).sum::<u64>());
            if let Some(max_rows) = max_rows {
                prop_assert_eq!(n_kept, max_rows.min(rows.len() as u64));
            }
        }
    }
}
