//! English numbers in words.

use super::{Spoken, has_measure, is_before, is_range_end, with_decimals};
use crate::llm::verify::Language;
use crate::llm::verify::tokens::{Kind, Tokens};

fn below_100(word: &str) -> Option<u32> {
    Some(match word {
        "zero" | "nought" | "oh" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

fn is_other(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "hundred"
            | "thousand"
            | "half"
            | "quarter"
            | "quarters"
            | "third"
            | "thirds"
            | "twice"
            | "double"
            | "doubled"
            | "doubles"
            | "thrice"
            | "triple"
            | "tripled"
            | "dozen"
            | "second"
            | "fourth"
            | "fifth"
            | "sixth"
            | "seventh"
            | "eighth"
            | "ninth"
            | "tenth"
            | "halved"
    )
}

pub(super) fn can_begin(word: &str) -> bool {
    matches!(word.as_bytes().first(), Some(b'a' | b'd'..=b'f' | b'h' | b'n' | b'o' | b'q' | b's' | b't' | b'z'))
        && (below_100(word).is_some() || is_other(word))
}

fn cardinal(tokens: &Tokens, i: usize) -> Option<(u32, usize)> {
    let is_scale = |k: usize| matches!(tokens.word(k), "hundred" | "thousand");
    let (mut total, mut part, mut last, mut next) = (0, 0, None, Some(i));
    if matches!(tokens.word(i), "a") {
        next = tokens.after(i).filter(|&k| is_scale(k));
        part = 1;
    }
    // Only a smaller word may follow a larger one: "sixty three", not "three sixty".
    let mut room = 1000;
    while let Some(k) = next {
        let word = tokens.word(k);
        match (word, below_100(word)) {
            ("hundred", _) if part > 0 && part < 100 => (part, room) = (part * 100, 100),
            ("thousand", _) if part > 0 && total == 0 => (total, part, room) = (part * 1000, 0, 1000),
            ("and", _) if last.is_some_and(is_scale) => {
                // "between four hundred and five hundred" has two numbers.
                let is_next = |&n: &usize| {
                    below_100(tokens.word(n)).is_some_and(|v| v > 0)
                        && !tokens.after(n).is_some_and(|s| tokens.word(s) == "hundred" || (total > 0 && is_scale(s)))
                };
                next = tokens.after(k).filter(is_next);
                continue;
            }
            (_, Some(0)) if last.is_none() => return Some((0, k)),
            (_, Some(value)) if value > 0 && value < room && (value < 10 || room >= 100) => {
                part += value;
                room = if value >= 20 { 10 } else { 0 };
            }
            _ => break,
        }
        last = Some(k);
        next = tokens.after(k);
    }
    last.map(|last| (total + part, last))
}

/// Parts of a text or of a body, whose counts are not measurements: "the two knees", "three things".
const NOT_DATA: &[&str] = &[
    "sides",
    "legs",
    "knees",
    "hips",
    "ankles",
    "arms",
    "elbows",
    "shoulders",
    "wrists",
    "feet",
    "hands",
    "limbs",
    "halves",
    "things",
    "points",
    "cues",
    "tips",
    "ways",
    "reasons",
    "aspects",
    "areas",
    "parts",
    "values",
    "numbers",
    "figures",
    "results",
    "sentences",
    "words",
    "intervals",
    "ranges",
    "measurements",
    "ideas",
    "questions",
];

fn is_data(tokens: &Tokens, first: usize, spoken: &Spoken) -> bool {
    if spoken.last > first || has_measure(tokens, spoken.last) {
        return true;
    }
    let (word, previous) = (tokens.word(first), tokens.before(first, 1));
    let next = tokens.after(first).map_or("", |k| tokens.word(k));
    match word {
        "oh" => false,
        "zero" => next != "in",
        "one" if is_range_end(tokens, first, Language::En, &["to", "through"], &["between"]) => true,
        "one" => {
            matches!(next, "rep" | "reps" | "repetition" | "repetitions" | "squat" | "jump")
                && tokens.after(first).and_then(|k| tokens.after(k)).is_none_or(|k| tokens.word(k) != "at")
                || (matches!(previous, "is" | "was" | "of" | "equals" | "exactly")
                    && tokens.kind(first + 1) == Kind::Mark)
        }
        "two"
            if matches!(previous, "the" | "these" | "those" | "between" | "or")
                && tokens.kind(first + 1) != Kind::Digits =>
        {
            !is_before(tokens, first, NOT_DATA) && super::unit_at(tokens, first + 1).is_some() && previous != "or"
        }
        _ => !is_before(tokens, first, NOT_DATA),
    }
}

/// Fractions and multiples: "a third", "half of", "twice as".
fn part(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let (word, next) = (tokens.word(i), tokens.after(i).map_or("", |k| tokens.word(k)));
    let found = |value, last| Some(Spoken { value, decimals: 1, last });
    let is_of = |k: usize| {
        let after = tokens.after(k).map_or("", |n| tokens.word(n));
        matches!(
            after,
            "of" | "as"
                | "longer"
                | "shorter"
                | "more"
                | "less"
                | "higher"
                | "lower"
                | "faster"
                | "slower"
                | "larger"
                | "greater"
                | "smaller"
        ) || has_measure(tokens, k)
    };
    match word {
        "a" | "one" => match next {
            "third" if is_of(i + 1) || (word == "one" && !is_counted(tokens, i + 1)) => found(1.0 / 3.0, i + 1),
            "quarter" if is_of(i + 1) || (word == "one" && !is_counted(tokens, i + 1)) => found(0.25, i + 1),
            "half" if word == "one" => found(0.5, i + 1),
            "fifth" | "tenth" if is_of(i + 1) => found(if next == "fifth" { 0.2 } else { 0.1 }, i + 1),
            "dozen" => found(12.0, i + 1),
            _ => None,
        },
        "two" if next == "thirds" => found(2.0 / 3.0, tokens.after(i)?),
        "three" if next == "quarters" => found(0.75, tokens.after(i)?),
        "half" | "quarter" | "third" if matches!(next, "a" | "an" | "the" | "as" | "of") || has_measure(tokens, i) => {
            let is_which = matches!(
                tokens.before(i, 1),
                "first" | "second" | "other" | "each" | "this" | "last" | "latter" | "the"
            );
            (!is_which && word == "half").then_some(Spoken { value: 0.5, decimals: 1, last: i })
        }
        "twice" if !matches!(tokens.before(i, 1), "think" | "once") => found(2.0, i),
        "double" | "triple" if matches!(next, "the" | "that" | "as" | "of" | "what") => {
            found(if word == "double" { 2.0 } else { 3.0 }, i)
        }
        "doubled" | "doubles" => found(2.0, i),
        "halved" => found(0.5, i),
        "thrice" | "tripled" => found(3.0, i),
        _ => None,
    }
}

fn is_counted(tokens: &Tokens, i: usize) -> bool {
    tokens.after(i).is_some_and(|k| {
        matches!(
            tokens.word(k),
            "rep" | "repetition" | "stride" | "squat" | "jump" | "swing" | "attempt" | "session" | "set"
        )
    })
}

/// An ordinal that counts as data: "the third repetition" names one of several.
fn ordinal(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let value = match tokens.word(i) {
        "second" => 2.0,
        "third" => 3.0,
        "fourth" => 4.0,
        "fifth" => 5.0,
        "sixth" => 6.0,
        "seventh" => 7.0,
        "eighth" => 8.0,
        "ninth" => 9.0,
        "tenth" => 10.0,
        _ => return None,
    };
    is_counted(tokens, i).then_some(Spoken { value, decimals: 0, last: i })
}

pub(super) fn spoken(tokens: &Tokens, i: usize) -> Option<Spoken> {
    if let Some(found) = part(tokens, i).or_else(|| ordinal(tokens, i)) {
        return Some(found);
    }
    let mut found = with_decimals(tokens, i, &["point"], cardinal)?;
    if found.decimals == 0 {
        let tail: Vec<usize> = std::iter::successors(tokens.after(found.last), |&k| tokens.after(k)).take(3).collect();
        let words: Vec<&str> = tail.iter().map(|&k| tokens.word(k)).collect();
        match words[..] {
            ["and", "a", "half"] => found = Spoken { value: found.value + 0.5, decimals: 1, last: tail[2] },
            ["and", "a", "quarter"] => found = Spoken { value: found.value + 0.25, decimals: 2, last: tail[2] },
            _ => {}
        }
    }
    is_data(tokens, i, &found).then_some(found)
}
