//! Checks a text that a model wrote against the facts: every number, unit, side, joint and direction. Pure.
//!
//! The check knows no grammar. It finds the words that make a claim, joins them by word order and the marks between them,
//! and looks whether the facts say the same. What it cannot join, it lets pass only if some fact agrees.

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
mod sameness;
mod tokens;
mod units;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use super::fact::Facts;

pub use known::states;
pub use numbers::{NumberMention, numbers};
pub use units::Unit;

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
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
    /// All languages that the check knows.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Fr, Self::Es];

    /// Two-letter name, such as `en`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
            Language::Es => "es",
        }
    }
}

/// The name of a language is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLanguage(String);

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

/// What a text may state beside the facts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed<'a> {
    /// Names of athletes, clips and files: nothing within them is a number or a side.
    pub names: &'a [&'a str],
    /// The question. Its numbers may be repeated with the same unit, its sides may be named. If it asks about one side
    /// or joint, an answer that names none is about that one.
    pub question: &'a str,
}

/// Something that a text states and the facts do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A number that no fact has.
    UnknownNumber {
        /// The number.
        text: String,
    },
    /// A number with a unit that is not its own.
    WrongUnit {
        /// The number and its unit.
        text: String,
        /// The fact's unit.
        expected: String,
    },
    /// A number of one side at the other side, or a side that no fact has.
    WrongSide {
        /// The number, or the word.
        text: String,
        /// What holds.
        expected: String,
    },
    /// A number or comparison of one joint at another.
    WrongJoint {
        /// The number, or the word.
        text: String,
        /// What holds.
        expected: String,
    },
    /// A comparison that the facts do not make, or make the other way round.
    WrongDirection {
        /// The word that compares.
        text: String,
        /// What holds.
        expected: String,
    },
    /// Two numbers that stand as an interval and are none, or the end of an interval in place of the value.
    NotAnInterval {
        /// The numbers.
        text: String,
        /// What holds.
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

/// Everything wrong with a text that a model wrote; empty if it states only what the facts say.
///
/// A number is right if a fact's `shown`, `low` or `high` equals it, or if it is `value` rounded to one decimal less than
/// `shown` has (and off by at most a tenth of the value). The ends of an interval must stand as an interval.
#[must_use]
pub fn problems(text: &str, facts: &Facts, language: Language, allowed: &Allowed) -> Vec<Problem> {
    claims::check(text, facts, language, allowed)
}
