//! French numbers in words: "soixante-trois", "quatre-vingt-dix-sept", "un virgule quatre".

use super::{Spoken, has_measure, is_before, is_range_end, with_decimals};
use crate::llm::verify::Language;
use crate::llm::verify::tokens::{Kind, Tokens};

fn value_of(word: &str) -> Option<u32> {
    Some(match word {
        "zéro" => 0,
        "un" | "une" => 1,
        "deux" => 2,
        "trois" => 3,
        "quatre" => 4,
        "cinq" => 5,
        "six" => 6,
        "sept" => 7,
        "huit" => 8,
        "neuf" => 9,
        "dix" => 10,
        "onze" => 11,
        "douze" => 12,
        "treize" => 13,
        "quatorze" => 14,
        "quinze" => 15,
        "seize" => 16,
        "vingt" | "vingts" => 20,
        "trente" => 30,
        "quarante" => 40,
        "cinquante" => 50,
        "soixante" => 60,
        "septante" => 70,
        "huitante" | "octante" => 80,
        "nonante" => 90,
        "cent" | "cents" => 100,
        "mille" => 1000,
        _ => return None,
    })
}

pub(super) fn can_begin(word: &str) -> bool {
    value_of(word).is_some()
        || matches!(word, "moitié" | "double" | "doublé" | "triple" | "demi" | "douzaine" | "dizaine")
        || ordinal_value(word).is_some()
}

/// Whether the part below a hundred can be extended by `value`: tens, then units; sixty and eighty also take teens.
fn fits(below: u32, value: u32, is_first: bool) -> bool {
    match value {
        1..=9 => {
            is_first
                || (below >= 20 && below.is_multiple_of(10))
                || (below % 20 == 10 && below >= 70 && value >= 7)
                || (below == 10 && value >= 7)
        }
        10..=16 => is_first || below == 60 || below == 80,
        20..=90 => is_first,
        _ => false,
    }
}

fn cardinal(tokens: &Tokens, i: usize) -> Option<(u32, usize)> {
    let (mut total, mut hundreds, mut below) = (0, 0, 0);
    let (mut last, mut next) = (None, Some(i));
    while let Some(k) = next {
        let word = tokens.word(k);
        if word == "et" && last.is_some() && below >= 20 {
            let joined = tokens.after(k).filter(|&n| matches!(tokens.word(n), "un" | "une" | "onze"));
            if joined.is_none() {
                break;
            }
            next = joined;
            continue;
        }
        match value_of(word) {
            Some(0) if last.is_none() => return Some((0, k)),
            Some(100) if hundreds == 0 && below < 10 => (hundreds, below) = (below.max(1) * 100, 0),
            Some(1000) if total == 0 => (total, hundreds, below) = ((hundreds + below).max(1) * 1000, 0, 0),
            Some(20) if below == 4 => below = 80,
            Some(value) if fits(below, value, below == 0) => below += value,
            _ => break,
        }
        last = Some(k);
        next = tokens.after(k);
    }
    last.map(|last| (total + hundreds + below, last))
}

/// Parts of a text or of a body, whose counts are not measurements.
const NOT_DATA: &[&str] = &[
    "côtés",
    "jambes",
    "genoux",
    "hanches",
    "chevilles",
    "bras",
    "coudes",
    "épaules",
    "poignets",
    "pieds",
    "mains",
    "moitiés",
    "choses",
    "points",
    "conseils",
    "pistes",
    "axes",
    "raisons",
    "aspects",
    "valeurs",
    "chiffres",
    "phrases",
    "mots",
    "mesures",
    "membres",
    "intervalles",
    "résultats",
    "parties",
    "idées",
    "questions",
];

fn is_data(tokens: &Tokens, first: usize, spoken: &Spoken) -> bool {
    let (word, previous) = (tokens.word(first), tokens.before(first, 1));
    if matches!(word, "cent") && matches!(previous, "pour") {
        return false;
    }
    if word == "un" && spoken.last > first && tokens.word(first + 1) == "cent" && previous == "pour" {
        return false;
    }
    // "une seconde lecture" is an ordinal.
    let is_ordinal = word == "une"
        && tokens.after(first).is_some_and(|k| tokens.word(k) == "seconde" && tokens.kind(k + 1) == Kind::Word)
        && !matches!(
            tokens.word(first + 2),
            "de" | "d" | "par" | "et" | "ou" | "pour" | "à" | "avec" | "en" | "puis" | "plus"
        );
    if spoken.last > first || (has_measure(tokens, spoken.last) && !is_ordinal) {
        return true;
    }
    match word {
        "un" | "une" => {
            is_range_end(tokens, first, Language::Fr, &["à"], &["entre"])
                || tokens.word(first + 1).starts_with("répétition")
        }
        "deux"
            if matches!(
                previous,
                "les" | "des" | "ces" | "tous" | "toutes" | "aux" | "ses" | "vos" | "tes" | "à" | "ou" | "nos"
            ) =>
        {
            is_range_end(tokens, first, Language::Fr, &["à"], &["entre"])
                || (super::unit_at(tokens, first + 1).is_some() && previous != "ou")
        }
        "neuf" if matches!(previous, "tout" | "à" | "de" | "flambant" | "quoi") => {
            super::unit_at(tokens, first + 1).is_some() || is_range_end(tokens, first, Language::Fr, &["à"], &["entre"])
        }
        _ => !is_before(tokens, first, NOT_DATA),
    }
}

fn ordinal_value(word: &str) -> Option<f64> {
    Some(match word {
        "deuxième" | "seconde" => 2.0,
        "troisième" => 3.0,
        "quatrième" => 4.0,
        "cinquième" => 5.0,
        "sixième" => 6.0,
        "septième" => 7.0,
        "huitième" => 8.0,
        "neuvième" => 9.0,
        "dixième" => 10.0,
        _ => return None,
    })
}

/// An ordinal that counts as data: "la troisième répétition" names one of several.
fn ordinal(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let value = ordinal_value(tokens.word(i))?;
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    matches!(next, "répétition" | "foulée" | "saut" | "tentative" | "séance" | "série").then_some(Spoken {
        value,
        decimals: 0,
        last: i,
    })
}

/// Fractions and multiples: "un tiers", "la moitié de", "le double".
fn part(tokens: &Tokens, i: usize) -> Option<Spoken> {
    let (word, previous) = (tokens.word(i), tokens.before(i, 1));
    let next = tokens.after(i).map_or("", |k| tokens.word(k));
    let found = |value, last| Some(Spoken { value, decimals: 1, last });
    match (word, next) {
        ("un", "tiers") => found(1.0 / 3.0, i + 1),
        ("deux", "tiers") => found(2.0 / 3.0, i + 1),
        ("un", "quart") => found(0.25, i + 1),
        ("trois", "quarts") => found(0.75, i + 1),
        ("un" | "une", "cinquième" | "dixième") if tokens.kind(i + 2) == Kind::Word && tokens.word(i + 2) == "de" => {
            found(if next == "dixième" { 0.1 } else { 0.2 }, i + 1)
        }
        ("moitié", _) if previous == "la" && !matches!(tokens.before(i, 2), "première" | "seconde") => found(0.5, i),
        ("un" | "une", "demi") if tokens.after(i).is_some_and(|k| has_measure(tokens, k)) => {
            found(0.5, tokens.after(i)?)
        }
        ("demi", _) if has_measure(tokens, i) => found(0.5, i),
        ("double", _) if matches!(previous, "le" | "du") && !matches!(next, "appui") => found(2.0, i),
        ("doublé", _) => found(2.0, i),
        ("triple", _) if previous == "le" => found(3.0, i),
        ("douzaine", _) => found(12.0, i),
        ("dizaine", _) => found(10.0, i),
        _ => None,
    }
}

pub(super) fn spoken(tokens: &Tokens, i: usize) -> Option<Spoken> {
    if let Some(found) = part(tokens, i).or_else(|| ordinal(tokens, i)) {
        return Some(found);
    }
    let mut found = with_decimals(tokens, i, &["virgule", "point"], cardinal)?;
    if found.decimals == 0
        && let Some(et) = tokens.after(found.last).filter(|&k| tokens.word(k) == "et")
        && let Some(half) = tokens.after(et).filter(|&k| matches!(tokens.word(k), "demi" | "demie"))
    {
        found = Spoken { value: found.value + 0.5, decimals: 1, last: half };
    }
    is_data(tokens, i, &found).then_some(found)
}
