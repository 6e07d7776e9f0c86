//! Finds claims that two amounts are the same, differ, or cannot be distinguished. Pure.

use super::Language;
use super::compare::is_negation;
use super::tokens::Tokens;

/// A claim that the sides differ, or that they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// "no clear difference", "the same on both sides".
    Same(usize),
    /// "a clear difference".
    Different(usize),
}

/// The first claim of this kind between two tokens.
pub(super) fn sameness(tokens: &Tokens, range: (usize, usize), language: Language) -> Option<Sameness> {
    let is_denied = |i: usize| {
        (1..7).any(|back| i >= range.0 + back && is_negation(tokens, i - back, language) && !parts(tokens, i - back, i))
    };
    (range.0..range.1).find_map(|i| {
        let text = tokens.word(i);
        if is_equal(tokens, i) {
            return Some(if is_denied(i) { Sameness::Different(i) } else { Sameness::Same(i) });
        }
        let is_noun = [
            "difference",
            "differences",
            "unterschied",
            "unterschiede",
            "différence",
            "différences",
            "diferencia",
            "diferencias",
        ]
        .contains(&text);
        let is_verb =
            ["differ", "differs", "unterscheiden", "unterscheidet", "diffèrent", "diffère", "difieren", "difiere"]
                .contains(&text);
        if !is_noun && !is_verb {
            return None;
        }
        let follows =
            (1..3).any(|ahead| is_negation(tokens, i + ahead, language) && !parts(tokens, i, i + ahead)) && is_verb;
        if is_denied(i) || follows {
            return Some(Sameness::Same(i));
        }
        let is_clear = |k: usize| is_clear(tokens.word(k));
        let near = (i.saturating_sub(3)..i).any(|k| k >= range.0 && is_clear(k)) || (i + 1..i + 3).any(is_clear);
        near.then_some(Sameness::Different(i))
    })
}

fn parts(tokens: &Tokens, from: usize, to: usize) -> bool {
    (from + 1..to).any(|k| matches!(tokens.word(k), "," | ";" | "but" | "aber" | "mais" | "pero" | "sino" | "sondern"))
}

fn is_clear(word: &str) -> bool {
    [
        "clear",
        "significan",
        "marked",
        "real",
        "distinct",
        "deutlich",
        "klar",
        "signifikant",
        "eindeutig",
        "net",
        "nett",
        "clair",
        "marqué",
        "clar",
        "notable",
        "evident",
        "considerabl",
    ]
    .iter()
    .any(|stem| word.starts_with(stem))
        && !matches!(word, "really")
}

/// Whether the words mean "the same" or "equal" of two amounts; not "at the same time".
fn is_equal(tokens: &Tokens, i: usize) -> bool {
    let next = tokens.word(i + 1);
    match tokens.word(i) {
        "same" | "gleiche" | "gleichen" | "dieselbe" | "même" | "mismo" | "misma" => {
            !matches!(
                next,
                "time"
                    | "way"
                    | "thing"
                    | "drill"
                    | "drills"
                    | "exercise"
                    | "tempo"
                    | "zeit"
                    | "weise"
                    | "temps"
                    | "façon"
                    | "manière"
                    | "tiempo"
                    | "modo"
                    | "forma"
            ) && !matches!(tokens.before(i, 1), "en" | "de" | "al" | "quand" | "all" | "zur")
        }
        "equal" | "identical" | "symmetric" | "symmetrical" | "gleich" | "identisch" | "symmetrisch" | "identique"
        | "identiques" | "symétrique" | "symétriques" | "égales" | "égaux" | "iguales" | "idénticos" | "idénticas"
        | "simétricos" | "simétricas" | "equally" => true,
        _ => false,
    }
}

/// Whether the sentence itself states that the difference is within the uncertainty.
pub(super) fn is_hedged(tokens: &Tokens, range: (usize, usize), language: Language) -> bool {
    let doubt = |w: &str| {
        [
            "uncertain",
            "noise",
            "margin",
            "error",
            "unsicher",
            "rauschen",
            "messfehler",
            "incertitude",
            "marge",
            "bruit",
            "incertidumbre",
            "margen",
            "ruido",
        ]
        .iter()
        .any(|stem| w.starts_with(stem))
    };
    let within =
        |w: &str| matches!(w, "within" | "inside" | "innerhalb" | "rahmen" | "im" | "dans" | "dentro" | "liegt");
    let clear = |w: &str| is_clear(w) || matches!(w, "certain" | "sure" | "sicher" | "sûr" | "seguro");
    (range.0..range.1).any(|i| {
        let word = tokens.word(i);
        let is_within = doubt(word) && (1..6).any(|back| within(tokens.before(i, back)));
        let is_unclear = clear(word) && (1..4).any(|back| i >= back && is_negation(tokens, i - back, language));
        let is_overlap =
            ["overlap", "überlapp", "überschneid", "chevauch", "solap", "superpon"].iter().any(|s| word.starts_with(s));
        is_within || is_unclear || is_overlap
    })
}
