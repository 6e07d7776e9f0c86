//! German numbers in words: compounds such as "dreiundsechzig".

use super::{Spoken, has_measure, is_before, is_range_end, with_decimals};
use crate::llm::verify::Language;
use crate::llm::verify::tokens::Tokens;

fn small(word: &str) -> Option<u32> {
    Some(match word {
        "null" => 0,
        "ein" | "eins" => 1,
        "zwei" | "zwo" => 2,
        "drei" => 3,
        "vier" => 4,
        "fünf" => 5,
        "sechs" => 6,
        "sieben" => 7,
        "acht" => 8,
        "neun" => 9,
        "zehn" => 10,
        "elf" => 11,
        "zwölf" => 12,
        "dreizehn" => 13,
        "vierzehn" => 14,
        "fünfzehn" => 15,
        "sechzehn" => 16,
        "siebzehn" => 17,
        "achtzehn" => 18,
        "neunzehn" => 19,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "zwanzig" => 20,
        "dreißig" | "dreissig" => 30,
        "vierzig" => 40,
        "fünfzig" => 50,
        "sechzig" => 60,
        "siebzig" => 70,
        "achtzig" => 80,
        "neunzig" => 90,
        _ => return None,
    })
}

fn below_100(word: &str) -> Option<u32> {
    small(word).or_else(|| tens(word)).or_else(|| {
        word.match_indices("und").find_map(|(at, und)| {
            let unit = small(&word[..at]).filter(|unit| (1..10).contains(unit))?;
            Some(tens(&word[at + und.len()..])? + unit)
        })
    })
}

/// A compound below `limit`, split at "tausend" and "hundert".
fn compound(word: &str, scale: u32) -> Option<u32> {
    let (name, smaller) = match scale {
        1000 => ("tausend", 100),
        100 => ("hundert", 1),
        _ => return below_100(word),
    };
    let Some(at) = word.find(name) else { return compound(word, smaller) };
    let (head, tail) = (&word[..at], &word[at + name.len()..]);
    let head = if head.is_empty() { 1 } else { compound(head, smaller).filter(|&n| n > 0)? };
    let tail = tail.strip_prefix("und").filter(|t| small(t).is_some()).unwrap_or(tail);
    let tail = if tail.is_empty() { 0 } else { compound(tail, smaller).filter(|&n| n > 0)? };
    Some(head * scale + tail)
}

fn cardinal(tokens: &Tokens, i: usize) -> Option<(u32, usize)> {
    compound(tokens.word(i), 1000).map(|value| (value, i))
}

pub(super) fn can_begin(word: &str) -> bool {
    matches!(word.as_bytes().first(), Some(b'a' | b'd' | b'e' | b'f' | b'h' | b'n' | b's' | b't' | b'v' | b'z'))
        && (compound(word, 1000).is_some() || is_other(word))
}

fn is_other(word: &str) -> bool {
    word.starts_with("halb")
        || word.starts_with("hälfte")
        || word.starts_with("doppelt")
        || word.ends_with("einhalb")
        || word.starts_with("anderthalb")
        || word.starts_with("verdoppel")
        || word.starts_with("dreiviertel")
        || word.strip_suffix("mal").is_some_and(|w| compound(w, 1000).is_some_and(|n| n > 1))
        || word.strip_suffix("fache").is_some_and(|w| compound(w, 1000).is_some())
        || ordinal_value(word).is_some()
        || word == "eine"
        || word == "einen"
        || word == "einem"
        || word == "einer"
}

/// Parts of a text or of a body, whose counts are not measurements.
const NOT_DATA: &[&str] = &[
    "seiten",
    "beine",
    "beinen",
    "knie",
    "knien",
    "hüften",
    "knöchel",
    "arme",
    "armen",
    "ellbogen",
    "schultern",
    "füße",
    "füßen",
    "hände",
    "händen",
    "hälften",
    "dinge",
    "dingen",
    "punkte",
    "punkten",
    "tipps",
    "hinweise",
    "hinweisen",
    "werte",
    "werten",
    "zahlen",
    "gründe",
    "gründen",
    "sätze",
    "worte",
    "worten",
    "bereiche",
    "bereichen",
    "sachen",
    "messungen",
    "ergebnisse",
    "aspekte",
    "stellen",
    "fragen",
];

fn is_data(tokens: &Tokens, first: usize, spoken: &Spoken) -> bool {
    if spoken.last > first || has_measure(tokens, spoken.last) {
        return true;
    }
    let (word, previous) = (tokens.word(first), tokens.before(first, 1));
    let next = tokens.after(first).map_or("", |k| tokens.word(k));
    match word {
        "ein" | "eins" => {
            is_range_end(tokens, first, Language::De, &["bis"], &["zwischen"])
                || matches!(previous, "bis" | "beträgt" | "bei")
                || (word == "eins" && next.starts_with("wiederholung"))
        }
        "zwei"
            if matches!(
                previous,
                "die" | "der" | "den" | "diese" | "diesen" | "dieser" | "alle" | "oder" | "beiden"
            ) =>
        {
            super::unit_at(tokens, first + 1).is_some() && previous != "oder"
        }
        "acht"
            if matches!(previous, "in" | "außer" | "gib" | "gebt" | "habt")
                || matches!(next, "geben" | "nehmen" | "lassen") =>
        {
            false
        }
        "tausend" => next != "dank",
        _ => !is_before(tokens, first, NOT_DATA),
    }
}

fn ordinal_value(word: &str) -> Option<f64> {
    let stem = word.strip_suffix("te").or_else(|| word.strip_suffix("ten")).or_else(|| word.strip_suffix("ter"))?;
    match stem {
        "drit" => Some(3.0),
        "sieb" => Some(7.0),
        "zwei" | "vier" | "fünf" | "sechs" | "neun" | "zehn" => small(stem).map(f64::from),
        "ach" => Some(8.0),
        _ => None,
    }
}

/// An ordinal that counts as data: "die dritte Wiederholung" names one of several.
fn ordinal(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let value = ordinal_value(tokens.word(i))?;
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    matches!(next, "wiederholung" | "kniebeuge" | "versuch" | "durchgang" | "sprung" | "einheit" | "satz")
        .then_some(Spoken { value, decimals: 0, last: i })
}

/// Fractions and multiples: "ein Drittel", "die Hälfte", "doppelt so".
fn part(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let (word, previous) = (tokens.word(i), tokens.before(i, 1));
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    let found = |value, last| Some(Spoken { value, decimals: 1, last });
    match (word, next) {
        ("ein" | "einem", "drittel") => return found(1.0 / 3.0, i + 1),
        ("zwei", "drittel") => return found(2.0 / 3.0, i + 1),
        ("ein" | "einem", "viertel") => return found(0.25, i + 1),
        ("drei", "viertel") => return found(0.75, i + 1),
        ("ein", "fünftel") => return found(0.2, i + 1),
        ("ein", "zehntel") => return found(0.1, i + 1),
        ("hälfte", _)
            if !previous.ends_with("ste")
                && !previous.ends_with("sten")
                && !previous.ends_with("ite")
                && !previous.ends_with("iten") =>
        {
            return found(0.5, i);
        }
        ("eine" | "einen" | "einem" | "einer", _) if has_measure(tokens, i) || next == "wiederholung" => {
            return Some(Spoken { value: 1.0, decimals: 0, last: i });
        }
        _ => {}
    }
    if word.starts_with("halb") && (next == "so" || has_measure(tokens, i)) {
        return found(0.5, i);
    }
    if word.starts_with("anderthalb") {
        return found(1.5, i);
    }
    if word.starts_with("dreiviertel") {
        return found(0.75, i);
    }
    if word == "doppelte" && previous == "das" || word == "doppelt" && next == "so" || word.starts_with("verdoppel") {
        return found(2.0, i);
    }
    if let Some(value) = word.strip_suffix("einhalb").and_then(|w| compound(w, 1000)) {
        return found(f64::from(value) + 0.5, i);
    }
    let times = word.strip_suffix("mal").or_else(|| word.strip_suffix("fache")).and_then(|w| compound(w, 1000));
    times.filter(|&n| n > 1).map(|value| Spoken { value: f64::from(value), decimals: 0, last: i })
}

pub(super) fn spoken(tokens: &Tokens, i: usize) -> Option<Spoken> {
    if let Some(found) = part(tokens, i).or_else(|| ordinal(tokens, i)) {
        return Some(found);
    }
    let found = with_decimals(tokens, i, &["komma", "punkt"], cardinal)?;
    is_data(tokens, i, &found).then_some(found)
}
