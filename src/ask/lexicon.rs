//! The vocabulary of questions: fillers, joints, metrics, events, and quantities that video cannot measure
//! (`sql/llm/questions/words.toml`). Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::AskError;
use super::text::{stem, stems};
use crate::sql::library::Library;

/// The file, below `sql/`.
const FILE: &str = "llm/questions/words.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    filler: String,
    context: Vec<String>,
    joints: BTreeMap<String, Vec<String>>,
    measure: Vec<Measure>,
    metric: Vec<Metric>,
    event: Vec<Event>,
    exercise: Vec<Exercise>,
    cannot: Vec<Cannot>,
}

#[derive(Deserialize)]
struct Measure {
    ends: Vec<String>,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Metric {
    names: Vec<String>,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Event {
    kind: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Exercise {
    name: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Cannot {
    thing: String,
    words: Vec<String>,
    why: String,
}

/// The meaning of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A joint or segment.
    Joint(String),
    /// A metric of a joint: suffixes of metric names.
    Measure(Vec<String>),
    /// A metric: its names.
    Metric(Vec<String>),
    /// A kind of event.
    Event(String),
    /// An exercise.
    Exercise(String),
    /// A quantity that video cannot measure: the index in [`Lexicon::cannot`].
    Cannot(usize),
}

/// A phrase and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) stems: Vec<String>,
    pub(super) meaning: Meaning,
}

/// The vocabulary for understanding questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lexicon {
    filler: BTreeSet<String>,
    context: BTreeSet<String>,
    /// Phrases, longest first.
    pub(super) phrases: Vec<Phrase>,
    /// Quantities that video cannot measure, each with the reason.
    pub(super) cannot: Vec<(String, String)>,
    vocabulary: BTreeSet<String>,
}

/// The phrases of a metric, and the same phrases with words for the mean if the metric is a mean. For a peak or a range
/// those words would have another meaning.
fn means(metric: &Metric) -> Vec<String> {
    const OTHERS: [&str; 6] = ["peak", "range", "jump", "smoothness", "variation", "symmetry"];
    if metric.names.iter().any(|name| OTHERS.iter().any(|other| name.contains(other))) {
        return Vec::new();
    }
    let with_mean = |words: &String| {
        [format!("mean {words}"), format!("average {words}"), format!("typical {words}"), format!("{words} on average")]
    };
    metric.words.iter().flat_map(with_mean).collect()
}

impl Lexicon {
    /// Reads the built-in vocabulary, or the user's file that replaces it.
    ///
    /// # Errors
    /// The file is not found or invalid.
    pub(crate) fn read(library: &Library) -> Result<Self, AskError> {
        let failed = |problem: String| AskError::File { file: FILE.to_owned(), problem };
        let text = library.get(FILE).ok_or_else(|| failed("file not found".to_owned()))?;
        let words: Words = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
        let mut phrases = Vec::new();
        let mut add = |words: &[String], meaning: &dyn Fn() -> Meaning| {
            phrases.extend(words.iter().map(|phrase| Phrase { stems: stems(phrase), meaning: meaning() }));
        };
        for (joint, names) in &words.joints {
            add(names, &|| Meaning::Joint(joint.clone()));
        }
        for measure in &words.measure {
            add(&measure.words, &|| Meaning::Measure(measure.ends.clone()));
        }
        for metric in &words.metric {
            add(&metric.words, &|| Meaning::Metric(metric.names.clone()));
            add(&means(metric), &|| Meaning::Metric(metric.names.clone()));
        }
        for event in &words.event {
            add(&event.words, &|| Meaning::Event(event.kind.clone()));
        }
        for exercise in &words.exercise {
            add(&exercise.words, &|| Meaning::Exercise(exercise.name.clone()));
        }
        for (place, cannot) in words.cannot.iter().enumerate() {
            add(&cannot.words, &|| Meaning::Cannot(place));
        }
        let context: BTreeSet<String> = words.context.iter().map(|word| stem(word)).collect();
        let filler: BTreeSet<String> = words.filler.split_whitespace().map(stem).collect();
        let in_phrases = phrases.iter().flat_map(|phrase| phrase.stems.iter().cloned());
        let vocabulary = in_phrases.chain(context.iter().cloned()).chain(filler.iter().cloned()).collect();
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.stems.len()));
        let cannot = words.cannot.into_iter().map(|cannot| (cannot.thing, cannot.why)).collect();
        Ok(Self { filler, context, phrases, cannot, vocabulary })
    }

    /// Whether a word has no meaning for the question.
    pub(super) fn is_filler(&self, stem: &str) -> bool {
        self.filler.contains(stem) || self.context.contains(stem)
    }

    /// Whether a word is part of any phrase and therefore unlikely to be a name.
    pub(super) fn has(&self, stem: &str) -> bool {
        self.vocabulary.contains(stem)
    }

    /// Adds words that are not names, such as those of ready questions.
    pub(crate) fn know(&mut self, words: impl IntoIterator<Item = String>) {
        self.vocabulary.extend(words);
    }
}
