//! Finds the joints, sides, metrics, events and exercises in a question.

use super::{Kind, Slots, Token, phrase_at};
use crate::ask::known::Known;
use crate::ask::lexicon::{Lexicon, Meaning, Phrase};
use crate::ask::text::stems;

/// Words that choose the picture plane or space.
const VIEWS: [(&str, &str); 8] = [
    ("in the picture plane", "2d"),
    ("picture plane", "2d"),
    ("in the image plane", "2d"),
    ("2d", "2d"),
    ("in space", "3d"),
    ("3d", "3d"),
    ("three dimensional", "3d"),
    ("two dimensional", "2d"),
];

/// Finds metrics and events whose phrases include a part of the body, such as `trunk lean` and `foot contact`. This
/// runs first, because the part of the body would otherwise be recognized on its own.
pub(super) fn with_parts_of_the_body(slots: &mut Slots, lexicon: &Lexicon, known: &Known) {
    let is_part = |stem: &String| {
        lexicon
            .phrases
            .iter()
            .any(|phrase| matches!(phrase.meaning, Meaning::Joint(_)) && phrase.stems == [stem.clone()])
    };
    let own = known_metrics(known);
    let phrases = lexicon.phrases.iter().chain(&own);
    let phrases = phrases
        .filter(|phrase| matches!(phrase.meaning, Meaning::Metric(_) | Meaning::Event(_)) && phrase.stems.len() > 1);
    let mut phrases: Vec<&Phrase> = phrases.filter(|phrase| phrase.stems.iter().any(is_part)).collect();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.stems.len()));
    for phrase in phrases {
        find(slots, phrase, &|token| {
            matches!(token.kind, Some(Kind::Person | Kind::Clip)) || token.is_filler && token.kind.is_none()
        });
    }
}

/// The metrics of the tables by name and by the words for what they measure, except joint metrics, which have two
/// views.
fn known_metrics(known: &Known) -> Vec<Phrase> {
    let others =
        known.metrics.iter().filter(|metric| !metric.metric.ends_with("_2d") && !metric.metric.ends_with("_3d"));
    let phrases = others.flat_map(|metric| {
        let names = vec![metric.metric.clone()];
        let spelled = metric.metric.replace('_', " ");
        [metric.metric.clone(), spelled, metric.words.clone()]
            .map(|words| Phrase { stems: stems(&words), meaning: Meaning::Metric(names.clone()) })
    });
    phrases.collect()
}

/// Finds joints, segments, sides, and words that choose the picture plane or space.
pub(super) fn parts_of_the_body(slots: &mut Slots, lexicon: &Lexicon) {
    for phrase in lexicon.phrases.iter().filter(|phrase| matches!(phrase.meaning, Meaning::Joint(_))) {
        find(slots, phrase, &|_| false);
    }
    for place in 0..slots.tokens.len() {
        let side = match slots.stem(place) {
            "left" => "left",
            "right" => "right",
            _ => continue,
        };
        if slots.is_free(place) {
            slots.mark([place], Kind::Side);
            if !slots.sides.contains(&side) {
                slots.sides.push(side);
            }
        }
    }
    for (words, dimension) in VIEWS {
        let stems = stems(words);
        for start in 0..slots.tokens.len() {
            if let Some(places) = phrase_at(&slots.tokens, &stems, start, &|_| false) {
                slots.dimension = Some(dimension);
                slots.mark(places, Kind::Dimension);
            }
        }
    }
}

/// Finds all other phrases, longest first.
pub(super) fn others(slots: &mut Slots, lexicon: &Lexicon, known: &Known) {
    let kinds = known.events.iter().flat_map(|event| {
        [event.kind.replace('_', " "), event.words.clone()]
            .map(|words| Phrase { stems: stems(&words), meaning: Meaning::Event(event.kind.clone()) })
    });
    let own: Vec<Phrase> = known_metrics(known).into_iter().chain(kinds).collect();
    let phrases = lexicon.phrases.iter().chain(&own).filter(|phrase| !matches!(phrase.meaning, Meaning::Joint(_)));
    let mut phrases: Vec<&Phrase> = phrases.collect();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.stems.len()));
    let may_skip = |token: &Token| {
        matches!(token.kind, Some(Kind::Joint | Kind::Side | Kind::Person | Kind::Clip))
            || token.is_filler && token.kind.is_none()
    };
    for phrase in phrases {
        let is_of_joint = matches!(phrase.meaning, Meaning::Measure(_));
        if !is_of_joint || !slots.joints.is_empty() {
            find(slots, phrase, &may_skip);
        }
    }
}

/// Records the meaning of a phrase at every position where it occurs.
fn find(slots: &mut Slots, phrase: &Phrase, may_skip: &dyn Fn(&Token) -> bool) {
    for start in 0..slots.tokens.len() {
        let Some(places) = phrase_at(&slots.tokens, &phrase.stems, start, may_skip) else { continue };
        if places.iter().all(|place| slots.is_free(*place)) {
            note(slots, &phrase.meaning, places);
        }
    }
}

fn note(slots: &mut Slots, meaning: &Meaning, places: Vec<usize>) {
    let add = |list: &mut Vec<String>, names: &[String]| {
        for name in names {
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
    };
    let kind = match meaning {
        Meaning::Joint(joint) => {
            add(&mut slots.joints, std::slice::from_ref(joint));
            Kind::Joint
        }
        Meaning::Measure(ends) => {
            add(&mut slots.ends, ends);
            Kind::Metric
        }
        Meaning::Metric(names) => {
            add(&mut slots.metrics, names);
            Kind::Metric
        }
        Meaning::Event(event) => {
            add(&mut slots.events, std::slice::from_ref(event));
            Kind::Event
        }
        Meaning::Exercise(name) => {
            slots.exercise = Some(name.clone());
            Kind::Exercise
        }
        Meaning::Cannot(place) => {
            // The words stay free, so that no ready question can explain them.
            slots.cannot.get_or_insert(*place);
            return;
        }
    };
    slots.mark(places, kind);
}
