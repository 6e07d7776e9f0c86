//! Finds the times, repetitions and order words in a question.

use super::{Kind, Order, Slots, Time};

/// A time later than any frame.
const END_S: f64 = 1e6;
/// Words for a repetition.
const REPETITION_WORDS: [&str; 2] = ["repetition", "rep"];
const SECONDS: [&str; 4] = ["s", "sec", "second", "secs"];
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const SETS: [&str; 9] = ["set", "session", "clip", "video", "recording", "training", "workout", "footage", "film"];
const LAST: [&str; 4] = ["last", "latest", "recent", "newest"];

/// Words for the most of a quantity; whether they are about time, and about speed.
const MOST: [(&str, bool, bool); 19] = [
    ("most", false, false),
    ("highest", false, false),
    ("largest", false, false),
    ("greatest", false, false),
    ("biggest", false, false),
    ("best", false, false),
    ("deepest", false, false),
    ("widest", false, false),
    ("maximum", false, false),
    ("max", false, false),
    ("top", false, false),
    ("furthest", false, false),
    ("higher", false, false),
    ("larger", false, false),
    ("strongest", false, false),
    ("longest", true, false),
    ("slowest", true, true),
    ("fastest", true, true),
    ("quickest", true, true),
];
/// Words for the least of a quantity, with the same flags.
const LEAST: [(&str, bool, bool); 8] = [
    ("least", false, false),
    ("lowest", false, false),
    ("smallest", false, false),
    ("worst", false, false),
    ("shallowest", false, false),
    ("minimum", false, false),
    ("shortest", true, false),
    ("narrowest", false, false),
];

/// Parses a number in digits, or in minutes and seconds.
fn number(text: &str) -> Option<f64> {
    if let Some((minutes, seconds)) = text.split_once(':') {
        return Some(minutes.parse::<u32>().ok().map(f64::from)? * 60.0 + seconds.parse::<f64>().ok()?);
    }
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Finds a moment (`at 2.5 s`) or a span (`between 1 and 3 seconds`, `after 2 s`, `the first 2 seconds`).
pub(super) fn times(slots: &mut Slots) {
    for place in 0..slots.tokens.len() {
        let Some(first) = number(slots.text(place)).filter(|_| slots.is_free(place)) else { continue };
        let before = |back: usize| place.checked_sub(back).map_or("", |place| slots.stem(place));
        let is_unit = |place: usize| SECONDS.contains(&slots.stem(place));
        let after = if is_unit(place + 1) { place + 2 } else { place + 1 };
        if ["and", "to", "until", "till", "through"].contains(&slots.stem(after)) || number(slots.text(after)).is_some()
        {
            let other = if number(slots.text(after)).is_some() { after } else { after + 1 };
            let other = if is_unit(other) { other + 1 } else { other };
            let second = number(slots.text(other)).filter(|_| slots.is_free(other));
            let is_time =
                is_unit(place + 1) || is_unit(other + 1) || SECONDS.contains(&before(1)) || before(1) == "between";
            if let Some(second) = second.filter(|second| is_time && *second > first) {
                let start = if SECONDS.contains(&before(1)) { place - 1 } else { place };
                let end = if is_unit(other + 1) { other + 1 } else { other };
                let start = if ["between", "from"].contains(&before(1)) { place - 1 } else { start };
                slots.time = Some(Time::Span(first, second));
                slots.mark(start..=end, Kind::Time);
                return;
            }
        }
        let has_unit = is_unit(place + 1);
        let follows_unit = SECONDS.contains(&before(1));
        if !has_unit && !follows_unit && !["at", "t", "around"].contains(&before(1)) {
            continue;
        }
        let word = if follows_unit { before(2) } else { before(1) };
        let time = match word {
            "after" | "since" | "from" | "past" => Time::Span(first, END_S),
            "before" | "until" | "till" | "first" | "opening" => Time::Span(0.0, first),
            _ => Time::Moment(first),
        };
        let n_before = usize::from(follows_unit)
            + usize::from(
                ["after", "since", "before", "until", "till", "first", "around", "past", "opening"].contains(&word),
            );
        slots.time = Some(time);
        slots.mark(place - n_before..=place + usize::from(has_unit), Kind::Time);
        return;
    }
}

/// The value of an ordinal: `third` and `3rd` are 3.
fn ordinal(text: &str) -> Option<i64> {
    if let Some(place) = ORDINALS.iter().position(|known| *known == text) {
        return Some(place as i64 + 1);
    }
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end))?;
    digits.parse().ok()
}

/// Finds `repetition 3`, `rep #3`, `the third rep`, `the last repetition`.
pub(super) fn repetitions(slots: &mut Slots) {
    for place in 0..slots.tokens.len() {
        let is_repetition =
            REPETITION_WORDS.contains(&slots.stem(place)) || slots.tokens[place].kind == Some(Kind::Exercise);
        if !is_repetition {
            continue;
        }
        let next = if slots.stem(place + 1) == "number" { place + 2 } else { place + 1 };
        let after = slots.text(next).parse::<i64>().ok().filter(|_| slots.is_free(next));
        let before = place.checked_sub(1).filter(|before| slots.is_free(*before));
        if let Some(number) = after {
            slots.repetition = Some(number);
            slots.mark(place..=next, Kind::Repetition);
            return;
        }
        let Some(before) = before else { continue };
        if let Some(number) = ordinal(slots.text(before)) {
            slots.repetition = Some(number);
            slots.mark([before, place], Kind::Repetition);
            return;
        }
        if LAST.contains(&slots.stem(before)) && !SETS.contains(&slots.stem(place + 1)) {
            slots.is_last_repetition = true;
            slots.mark([before, place], Kind::Repetition);
            return;
        }
    }
}

/// Finds `the last squat set`, `her latest session`.
pub(super) fn last_clip(slots: &mut Slots) {
    for place in 0..slots.tokens.len() {
        let is_last = LAST.contains(&slots.stem(place)) && slots.is_free(place);
        if is_last && (place + 1..place + 3).any(|next| SETS.contains(&slots.stem(next))) {
            slots.is_last_clip = true;
            slots.mark([place], Kind::Clip);
        }
    }
}

/// Finds the entry of a word.
fn find(list: &[(&'static str, bool, bool)], stem: &str) -> Option<(&'static str, bool, bool)> {
    list.iter().find(|(word, ..)| *word == stem).copied()
}

/// Finds words for the most and the least, and for the first and the last.
pub(super) fn orders(slots: &mut Slots) {
    for place in 0..slots.tokens.len() {
        if !slots.is_free(place) {
            continue;
        }
        let stem = slots.stem(place).to_owned();
        let most =
            find(&MOST, &stem).map(|(_, is_of_time, is_of_speed)| Order { is_least: false, is_of_time, is_of_speed });
        let least =
            find(&LEAST, &stem).map(|(_, is_of_time, is_of_speed)| Order { is_least: true, is_of_time, is_of_speed });
        if let Some(mut order) = most.or(least) {
            order.is_least |= stem == "slowest";
            slots.order = Some(order);
            slots.mark([place], Kind::Order);
        } else if stem == "first" || stem == "last" {
            slots.place = Some(if stem == "first" { "first" } else { "last" });
            slots.mark([place], Kind::Place);
        }
    }
}
