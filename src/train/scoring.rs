//! Scores answers. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::llm::verify::{Language, numbers};

/// Largest relative difference of two numbers that count as the same (share of the larger one).
const TOLERANCE: f64 = 0.005;

/// Phrases of answers that decline to answer.
const REFUSALS: [&str; 16] = [
    "cannot",
    "can't",
    "could not",
    "do not know",
    "don't know",
    "not known",
    "no value",
    "no data",
    "there is no ",
    "there are no ",
    "nothing in the data",
    "not measured",
    "will not guess",
    "has nobody",
    "is over after",
    "does not say",
];

/// The judgment of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Verdict {
    /// Whether it equals the expected text, except for white space.
    pub(crate) is_exact: bool,
    /// Whether it has exactly the expected numbers, each equally often; `None` if no number is expected.
    pub(crate) are_numbers_right: Option<bool>,
    /// Whether it declines to answer.
    pub(crate) is_refusal: bool,
}

/// Compares an answer with the expected one.
#[must_use]
pub(crate) fn verdict(answer: &str, expected: &str) -> Verdict {
    let wanted = values(expected);
    let are_numbers_right = (!wanted.is_empty()).then(|| same_numbers(&values(answer), &wanted));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Verdict { is_exact: words(answer) == words(expected), are_numbers_right, is_refusal: is_refusal(answer) }
}

/// Whether an answer declines to answer.
#[must_use]
pub(crate) fn is_refusal(answer: &str) -> bool {
    let answer = answer.to_lowercase().replace('’', "'");
    REFUSALS.iter().any(|words| answer.contains(words))
}

fn values(text: &str) -> Vec<f64> {
    numbers(text, Language::En, &[]).into_iter().map(|mention| mention.value).collect()
}

fn same_numbers(said: &[f64], wanted: &[f64]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let is_same = |(one, other): (&f64, &f64)| (one - other).abs() <= TOLERANCE * one.abs().max(other.abs());
    said.len() == wanted.len() && sorted(said).iter().zip(&sorted(wanted)).all(is_same)
}

/// Scores of a set of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Scores {
    /// Number of answers.
    pub(crate) answers: u64,
    /// Number of answers that equal the expected text.
    pub(crate) exact: u64,
    /// Number of answers that should have numbers.
    pub(crate) with_numbers: u64,
    /// Number of these with the right numbers.
    pub(crate) numbers_right: u64,
    /// Number of answers that decline.
    pub(crate) refusals: u64,
}

impl Scores {
    /// Counts an answer.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        self.answers += 1;
        self.exact += u64::from(verdict.is_exact);
        self.with_numbers += u64::from(verdict.are_numbers_right.is_some());
        self.numbers_right += u64::from(verdict.are_numbers_right == Some(true));
        self.refusals += u64::from(verdict.is_refusal);
    }
}

/// Scores by kind of example.
pub(crate) type ScoresByKind = BTreeMap<String, Scores>;

/// Baseline answers without a model: the most frequent answer of the training split for each kind.
#[must_use]
pub(crate) fn most_frequent<'a>(answers: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<String, String> {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (kind, answer) in answers {
        *counts.entry(kind).or_default().entry(answer).or_default() += 1;
    }
    counts.into_iter().filter_map(|(kind, answers)| Some((kind.to_owned(), best(answers)?.to_owned()))).collect()
}

fn best(answers: BTreeMap<&str, usize>) -> Option<&str> {
    let best = answers.into_iter().max_by_key(|(answer, count)| (*count, std::cmp::Reverse(*answer)));
    best.map(|(answer, _)| answer)
}

/// Baseline answer without a model: all numbers of the prompt, in order.
#[must_use]
pub(crate) fn copied_numbers(prompt: &str) -> String {
    values(prompt).iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
}

/// The prompts of one split that also occur in another; scores on these may come from memorization.
#[must_use]
pub(crate) fn shared_prompts<'a>(train: impl Iterator<Item = &'a str>, test: impl Iterator<Item = &'a str>) -> u64 {
    let seen: HashSet<&str> = train.collect();
    test.filter(|prompt| seen.contains(prompt)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_whatever_the_words() {
        let right = verdict("It was 43.2 degrees (41 to 45).", "The knee bent by 43.2 degrees (41 to 45)");
        assert_eq!(right.are_numbers_right, Some(true));
        assert!(!right.is_exact);
        assert_eq!(verdict("45 to 41, 43.3", "43.2 (41 to 45)").are_numbers_right, Some(true));
        for wrong in ["43.2", "43.2 (41 to 46)", "43.2 (41 to 45), 1", "none", "-43.2 (41 to 45)"] {
            assert_eq!(verdict(wrong, "43.2 (41 to 45)").are_numbers_right, Some(false), "{wrong}");
        }
        assert_eq!(verdict("7", "It cannot be said.").are_numbers_right, None);
    }

    #[test]
    fn refusals_are_known_by_their_words() {
        for text in ["That cannot be given.", "There is no value.", "I do not know.", "I can’t say."] {
            assert!(is_refusal(text), "{text}");
        }
        assert!(!is_refusal("The knee bent by 43 degrees."));
    }

    #[test]
    fn baselines_need_no_model() {
        let answers = [("a", "x"), ("a", "y"), ("a", "y"), ("b", "z")];
        let best = most_frequent(answers.into_iter());
        assert_eq!((best["a"].as_str(), best["b"].as_str()), ("y", "z"));
        assert_eq!(copied_numbers("knee: 43.5 degrees (41 to 45)"), "43.5, 41, 45");
        assert_eq!(shared_prompts(["p", "q"].into_iter(), ["q", "r", "q"].into_iter()), 2);
    }
}
