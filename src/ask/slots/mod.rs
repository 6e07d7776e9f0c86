//! Extracts the values that a question names: clips, people, joints, sides, metrics, events, repetitions, times. Pure.

mod names;
mod numbers;
mod phrases;

use super::known::Known;
use super::lexicon::Lexicon;
use super::text::{Word, words};
use super::understand::Trouble;

/// The kind of thing that a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Clip,
    Person,
    Joint,
    Side,
    Metric,
    Event,
    Exercise,
    Repetition,
    Time,
    Order,
    Place,
    Dimension,
}

/// A word of the question and the kind of thing it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) is_filler: bool,
    pub(super) kind: Option<Kind>,
}

/// A person named in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Named by the name that the user gave.
    Named(String),
    /// Named by number.
    Number(i64),
}

/// A time named in a question, seconds from the first frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Time {
    /// A moment.
    Moment(f64),
    /// A time span.
    Span(f64, f64),
}

/// A word for the most or the least, such as highest or slowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    /// Whether the least is meant instead of the most.
    pub(super) is_least: bool,
    /// Whether the word is about time: long, short, slow, quick.
    pub(super) is_of_time: bool,
    /// Whether the word is about speed, so that much of it takes little time.
    pub(super) is_of_speed: bool,
}

/// All values named in a question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Slots {
    pub(super) tokens: Vec<Token>,
    /// Indices in the known clips.
    pub(super) clips: Vec<usize>,
    pub(super) is_last_clip: bool,
    /// People in the order in which they are named.
    pub(super) people: Vec<Who>,
    /// Positions of the words that name them.
    pub(super) people_places: Vec<usize>,
    /// Whether two people are meant without being named.
    pub(super) is_of_two: bool,
    pub(super) joints: Vec<String>,
    pub(super) sides: Vec<&'static str>,
    /// Suffixes of the names of joint metrics.
    pub(super) ends: Vec<String>,
    /// Other metrics.
    pub(super) metrics: Vec<String>,
    pub(super) events: Vec<String>,
    pub(super) exercise: Option<String>,
    pub(super) repetition: Option<i64>,
    pub(super) is_last_repetition: bool,
    pub(super) time: Option<Time>,
    pub(super) order: Option<Order>,
    pub(super) place: Option<&'static str>,
    /// `2d` or `3d`.
    pub(super) dimension: Option<&'static str>,
    /// A quantity that video cannot measure: the index in the lexicon's list.
    pub(super) cannot: Option<usize>,
    /// A named clip or person that does not exist.
    pub(super) trouble: Option<Trouble>,
}

/// Extracts the values from a question.
pub(super) fn read(question: &str, lexicon: &Lexicon, known: &Known) -> Slots {
    let token = |word: Word| Token { is_filler: lexicon.is_filler(&word.stem), word, kind: None };
    let tokens = words(question).into_iter().map(token).collect();
    let mut slots = Slots { tokens, ..Slots::default() };
    names::clips(&mut slots, lexicon, known);
    names::people(&mut slots, known);
    phrases::with_parts_of_the_body(&mut slots, lexicon, known);
    phrases::parts_of_the_body(&mut slots, lexicon);
    numbers::times(&mut slots);
    phrases::others(&mut slots, lexicon, known);
    numbers::repetitions(&mut slots);
    numbers::last_clip(&mut slots);
    numbers::orders(&mut slots);
    names::unknown(&mut slots, lexicon, known);
    slots
}

impl Slots {
    /// The text of a word; empty for positions outside the question.
    fn text(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", |token| token.word.text.as_str())
    }

    /// The stem of a word; empty for positions outside the question.
    fn stem(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", |token| token.word.stem.as_str())
    }

    /// Whether a word does not name anything yet.
    fn is_free(&self, place: usize) -> bool {
        self.tokens.get(place).is_some_and(|token| token.kind.is_none())
    }

    fn mark(&mut self, places: impl IntoIterator<Item = usize>, kind: Kind) {
        for place in places {
            if let Some(token) = self.tokens.get_mut(place) {
                token.kind = Some(kind);
            }
        }
    }
}

/// The positions of a phrase's words, the first of them at `start`. Up to five words that `may_skip` accepts may stand
/// between them.
pub(super) fn phrase_at(
    tokens: &[Token],
    phrase: &[String],
    start: usize,
    may_skip: &dyn Fn(&Token) -> bool,
) -> Option<Vec<usize>> {
    const MAX_SKIPPED: usize = 5;
    let (first, rest) = phrase.split_first()?;
    if tokens.get(start)?.word.stem != *first {
        return None;
    }
    let mut places = vec![start];
    let mut place = start + 1;
    for stem in rest {
        let mut n_skipped = 0;
        while tokens.get(place)?.word.stem != *stem {
            if n_skipped == MAX_SKIPPED || !may_skip(&tokens[place]) {
                return None;
            }
            n_skipped += 1;
            place += 1;
        }
        places.push(place);
        place += 1;
    }
    Some(places)
}
