//! Finds the ready question that matches a question. Pure.

use super::ready::{Alternative, Phrasing, Ready};
use super::slots::{Kind, Slots, Time, Token, phrase_at};

/// The best match.
pub(super) struct Choice<'a> {
    pub(super) ready: &'a Ready,
}

/// How well a phrasing matches.
struct Fit {
    /// Number of unexplained words.
    n_unclear: usize,
    /// Number of parts of the phrasing, and of required values, that the question lacks.
    n_missing: usize,
    /// Score of the match; greater is better.
    score: usize,
}

/// Finds the ready question whose phrasing and required values explain every word; of several, the one with the highest
/// score.
pub(super) fn choose<'a>(slots: &Slots, ready: &'a [Ready]) -> Option<Choice<'a>> {
    let fits =
        ready.iter().flat_map(|ready| ready.phrasings.iter().map(move |phrasing| (ready, fit(slots, ready, phrasing))));
    let whole = fits.filter(|(_, fit)| fit.n_unclear == 0 && fit.n_missing == 0);
    // If scores are equal, the first one wins: ready questions are sorted by name.
    let best = whole.reduce(|best, other| if other.1.score > best.1.score { other } else { best });
    best.map(|(ready, _)| Choice { ready })
}

/// Examples of the closest ready questions.
pub(super) fn closest(slots: &Slots, ready: &[Ready], count: usize) -> Vec<String> {
    let cost = |ready: &Ready| {
        let fits = ready.phrasings.iter().map(|phrasing| fit(slots, ready, phrasing));
        fits.map(|fit| (2 * fit.n_unclear + 3 * fit.n_missing, usize::MAX - fit.score)).min().unwrap_or((usize::MAX, 0))
    };
    let mut ranked: Vec<&Ready> = ready.iter().collect();
    ranked.sort_by_key(|ready| cost(ready));
    ranked.into_iter().take(count).map(|ready| ready.example.clone()).collect()
}

fn fit(slots: &Slots, ready: &Ready, phrasing: &Phrasing) -> Fit {
    let mut consumed = vec![false; slots.tokens.len()];
    let mut n_groups = 0;
    for group in &phrasing.groups {
        // All alternatives that occur are marked as explained, not only one.
        let found: Vec<Vec<usize>> = group.iter().filter_map(|alternative| places(slots, alternative)).collect();
        n_groups += usize::from(!found.is_empty());
        for place in found.into_iter().flatten() {
            consumed[place] = true;
        }
    }
    let has_time = !ready.needs.iter().any(|need| ["moment", "span"].contains(&need.as_str())) || slots.time.is_some();
    let is_explained = |(place, token): (usize, &Token)| {
        consumed[place]
            || token.kind.map_or(token.is_filler, |kind| is_used(kind, slots, ready) && has_time)
            || ready.also.contains(&token.word.stem)
    };
    let n_unclear = slots.tokens.iter().enumerate().filter(|token| !is_explained(*token)).count();
    let n_needs = ready.needs.iter().filter(|need| has(slots, need)).count();
    let too_many = usize::from(
        !ready.uses.iter().any(|slot| slot == "other") && (slots.people.len() > 1 || slots.clips.len() > 1),
    );
    Fit {
        n_unclear,
        n_missing: phrasing.groups.len() - n_groups + ready.needs.len() - n_needs + too_many,
        score: 4 * n_needs + 3 * n_groups + consumed.iter().filter(|is_consumed| **is_consumed).count(),
    }
}

/// The positions of an alternative's words in a question; empty if the alternative is a slot that the question names.
fn places(slots: &Slots, alternative: &Alternative) -> Option<Vec<usize>> {
    match alternative {
        Alternative::Slot(name) => names(slots, name).then(Vec::new),
        Alternative::Words(words) => (0..slots.tokens.len())
            .find_map(|start| phrase_at(&slots.tokens, words, start, &|token| token.is_filler || token.kind.is_some())),
    }
}

fn names(slots: &Slots, slot: &str) -> bool {
    match slot {
        "sides" => slots.sides.len() == 2,
        "repetition" => slots.repetition.is_some() || slots.is_last_repetition,
        "exercise" => slots.exercise.is_some(),
        "person" => !slots.people.is_empty(),
        _ => false,
    }
}

/// Whether a ready question uses a word of this kind.
fn is_used(kind: Kind, slots: &Slots, ready: &Ready) -> bool {
    let needs_or_uses = |slot: &str| ready.needs.iter().chain(&ready.uses).any(|known| known == slot);
    let is_of_metric = needs_or_uses("metric") || needs_or_uses("metric or joint");
    match kind {
        Kind::Clip => needs_or_uses("clip"),
        Kind::Person => needs_or_uses("person"),
        Kind::Joint => {
            // For a step, a stance or a contact, the word foot adds nothing to the side.
            let is_foot = slots.joints == ["foot"] && !(slots.metrics.is_empty() && slots.events.is_empty());
            needs_or_uses("joint")
                || needs_or_uses("metric or joint")
                || is_foot && (is_of_metric || needs_or_uses("event"))
                || is_of_metric && !slots.ends.is_empty()
        }
        Kind::Side => needs_or_uses("sides") || needs_or_uses("side") && slots.sides.len() == 1,
        Kind::Metric | Kind::Dimension => is_of_metric,
        Kind::Event => needs_or_uses("event"),
        Kind::Exercise => needs_or_uses("exercise"),
        Kind::Repetition => needs_or_uses("repetition"),
        Kind::Time => needs_or_uses("moment") || needs_or_uses("span"),
        // The maximum of a peak metric is the peak itself.
        Kind::Order => {
            let is_peak = !slots.ends.is_empty() && slots.ends.iter().all(|end| end.starts_with("peak"));
            needs_or_uses("order") || is_of_metric && is_peak && slots.order.is_some_and(|order| !order.is_least)
        }
        Kind::Place => needs_or_uses("place"),
    }
}

/// Whether a question names a value that a ready question requires.
fn has(slots: &Slots, need: &str) -> bool {
    let has_metric = !slots.metrics.is_empty() || !slots.ends.is_empty() && !slots.joints.is_empty();
    match need {
        "metric" => has_metric,
        "joint" => !slots.joints.is_empty(),
        "metric or joint" => has_metric || !slots.joints.is_empty(),
        "event" => slots.events.len() == 1,
        "moment" => matches!(slots.time, Some(Time::Moment(_))),
        "span" => matches!(slots.time, Some(Time::Span(..))),
        "order" => slots.order.is_some(),
        "two" => slots.people.len() == 2 || slots.clips.len() == 2 && slots.people.len() <= 1,
        _ => false,
    }
}
