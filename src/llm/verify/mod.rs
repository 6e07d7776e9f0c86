//! Checks a model's text against the facts: every number, unit, side, joint and direction. Pure.
//!
//! The check does not parse grammar. It finds the words that make a claim, connects them by word order and the marks
//! between them, and compares the claim with the facts. Claims that it cannot connect pass only if some fact agrees.

mod attach;
mod claims;
mod compare;
mod direction;
mod joints;
mod known;
mod lexicon;
mod number_words;
mod numbers;
mod pairs;
mod parting;
mod places;
mod quantities;
mod sameness;
mod tokens;
mod units;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use super::fact::Facts;

pub(crate) use numbers::{NumberMention, numbers};
pub(crate) use units::Unit;

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
}

impl Language {
    /// All supported languages.
    pub(crate) const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// Two-letter name, such as `en`.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
            Language::Es => "es",
        }
    }
}

/// The name of a language is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownLanguage(String);

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown language {:?} (known: en, de, fr, es)", self.0)
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(name: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|l| l.name() == name).ok_or_else(|| UnknownLanguage(name.to_owned()))
    }
}

/// Text and names that are allowed in addition to the facts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed<'a> {
    /// Names of athletes, clips and files: their digits and words are not numbers or sides.
    pub(crate) names: &'a [&'a str],
    /// The question. An answer may repeat its numbers with the same unit, and name its sides. If the question is about
    /// one side or joint, an answer that names none is about the same one.
    pub(crate) question: &'a str,
}

/// A statement of a text that the facts do not support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A number that no fact has.
    UnknownNumber {
        /// The number.
        text: String,
    },
    /// A number with a wrong unit.
    WrongUnit {
        /// The number and its unit.
        text: String,
        /// The fact's unit.
        expected: String,
    },
    /// A number of one side given for the other side, or a side that no fact has.
    WrongSide {
        /// The number, or the word.
        text: String,
        /// The correct statement.
        expected: String,
    },
    /// A number or comparison of one joint given for another.
    WrongJoint {
        /// The number, or the word.
        text: String,
        /// The correct statement.
        expected: String,
    },
    /// A comparison that the facts do not contain, or contain with the opposite direction.
    WrongDirection {
        /// The comparing word.
        text: String,
        /// The correct statement.
        expected: String,
    },
    /// Two numbers written as an interval that are not one, or the end of an interval in place of the value.
    NotAnInterval {
        /// The numbers.
        text: String,
        /// The correct statement.
        expected: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::UnknownNumber { text } => {
                write!(f, "The number \"{text}\" is not in the facts. State only numbers that the facts show.")
            }
            Problem::WrongUnit { text, expected } => {
                write!(f, "\"{text}\" has a wrong unit: the fact is in {expected}.")
            }
            Problem::WrongSide { text, expected } => write!(f, "\"{text}\" is given to a wrong side: {expected}."),
            Problem::WrongJoint { text, expected } => write!(f, "\"{text}\" is given to a wrong joint: {expected}."),
            Problem::WrongDirection { text, expected } => {
                write!(f, "The comparison \"{text}\" is not what the facts say: {expected}.")
            }
            Problem::NotAnInterval { text, expected } => {
                write!(f, "\"{text}\" is not an interval of the facts: {expected}.")
            }
        }
    }
}

/// All problems of a text that a model wrote; empty if it states only facts.
///
/// A number is right if a fact's `shown`, `low` or `high` equals it, or if it is `value` rounded to one decimal less
/// than `shown` has (and off by at most a tenth of the value). The ends of an interval must be written as an interval.
#[must_use]
pub(crate) fn problems(text: &str, facts: &Facts, language: Language, allowed: &Allowed) -> Vec<Problem> {
    claims::check(text, facts, language, allowed)
}
