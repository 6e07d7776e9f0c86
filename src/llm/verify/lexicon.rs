//! Words for sides and joints, and words that only look like them. Pure.

use super::Language;
use super::tokens::{Kind, Tokens};
use super::units::unit_at;
use crate::llm::fact::Side;

/// The side that token `i` names, if any.
pub(super) fn side(tokens: &Tokens, i: usize, language: Language) -> Option<Side> {
    if tokens.kind(i) != Kind::Word {
        return None;
    }
    let found = match language {
        Language::En => english_side(tokens, i),
        Language::De => german_side(tokens, i),
        Language::Fr => french_side(tokens, i),
        Language::Es => spanish_side(tokens, i),
    };
    found.or_else(|| letter_side(tokens, i, language))
}

/// Letters as labels of a side: "(L)", "R:", "li.".
fn letter_side(tokens: &Tokens, i: usize, language: Language) -> Option<Side> {
    let side = match (language, tokens.word(i)) {
        (Language::De, "li") => return Some(Side::Left),
        (Language::De, "re") => return Some(Side::Right),
        (Language::En | Language::De, "l") | (Language::Fr, "g") | (Language::Es, "i") => Side::Left,
        (Language::En | Language::De, "r") | (Language::Fr | Language::Es, "d") => Side::Right,
        _ => return None,
    };
    let is_label = matches!(tokens.word(i + 1), ":" | "=") || (tokens.before(i, 1) == "(" && tokens.word(i + 1) == ")");
    is_label.then_some(side)
}

/// Words for things that can have a side.
const BODY_EN: &[&str] = &[
    "knee",
    "knees",
    "hip",
    "hips",
    "ankle",
    "ankles",
    "elbow",
    "elbows",
    "shoulder",
    "shoulders",
    "wrist",
    "wrists",
    "leg",
    "legs",
    "foot",
    "feet",
    "arm",
    "arms",
    "hand",
    "side",
    "sides",
    "stride",
    "strides",
    "step",
    "steps",
    "stance",
    "swing",
    "heel",
    "toe",
    "thigh",
    "calf",
    "glute",
    "hamstring",
    "limb",
    "value",
    "one",
    "joint",
    "shin",
    "contact",
];

fn is_body_en(word: &str) -> bool {
    BODY_EN.contains(&word)
}

/// Words after "right" in its other senses: "right away", "the right balance".
const AFTER_OTHER_RIGHT: &[&str] = &[
    "away",
    "now",
    "after",
    "before",
    "at",
    "in",
    "on",
    "through",
    "up",
    "down",
    "from",
    "around",
    "amount",
    "track",
    "direction",
    "way",
    "place",
    "places",
    "time",
    "moment",
    "idea",
    "angle",
    "angles",
    "answer",
    "question",
    "balance",
    "thing",
    "things",
    "cue",
    "cues",
    "call",
    "path",
    "technique",
    "form",
    "mix",
    "kind",
    "choice",
    "spot",
    "range",
    "zone",
    "pace",
    "rhythm",
    "start",
    "here",
    "there",
    "into",
    "under",
    "below",
    "above",
    "within",
    "next",
    "over",
    "underneath",
    "behind",
    "tempo",
    "position",
    "exercise",
    "exercises",
    "tool",
    "tools",
    "level",
];

/// Words after "right" that can also be measured: "the right time of the peak", "the right range of motion".
const MEASURED: &[&str] = &[
    "time",
    "moment",
    "angle",
    "angles",
    "range",
    "pace",
    "rhythm",
    "start",
    "tempo",
    "position",
    "level",
    "balance",
    "path",
    "direction",
    "amount",
];

/// The side that an English word names if nothing else is known of it.
pub(super) fn plain_side(word: &str) -> Option<Side> {
    match word {
        "left" => Some(Side::Left),
        "right" => Some(Side::Right),
        _ => None,
    }
}

/// The side that token `i` may name, where it could also be an idiom: "the right time", "der rechte Winkel", "l'angle
/// droit". Clear idioms do not count: "at the right time", "a right angle".
pub(super) fn unsure_side(tokens: &Tokens, i: usize, language: Language) -> Option<Side> {
    let (word, next, previous) = (tokens.word(i), tokens.word(i + 1), tokens.before(i, 1));
    let earlier = tokens.before(i, 2);
    let is_unsure = match language {
        Language::En => {
            let is_idiom = tokens.word(i + 2) == "to"
                || matches!(earlier, "at" | "in" | "within" | "into" | "on" | "to" | "near" | "toward" | "towards");
            word == "right" && MEASURED.contains(&next) && is_article(previous) && !is_idiom
        }
        Language::De => {
            let is_idiom =
                matches!(previous, "ein" | "einen" | "einem" | "eines" | "im" | "in" | "zum" | "am" | "beim" | "vom");
            matches!(word, "rechte" | "rechter" | "rechten" | "rechtem" | "rechtes") && is_angle(next) && !is_idiom
        }
        Language::Fr => {
            let is_definite =
                matches!(earlier, "'" | "’" | "les" | "cet" | "ces" | "ton" | "tes" | "son" | "ses" | "votre" | "vos");
            let is_noun = matches!(previous, "angle" | "angles") && is_definite && tokens.before(i, 3) != "d";
            matches!(word, "droit" | "droits") && is_noun
        }
        Language::Es => false,
    };
    is_unsure.then_some(Side::Right)
}

fn english_side(tokens: &Tokens, i: usize) -> Option<Side> {
    let (word, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    match word {
        "left" if !is_left_verb(tokens, i) => Some(Side::Left),
        "lefthand" | "leftward" | "leftwards" | "lefty" => Some(Side::Left),
        "righthand" | "rightward" | "rightwards" => Some(Side::Right),
        // "Right, let's begin."
        "right" if next == "," && (i == 0 || matches!(previous, "." | "!" | "?")) => {
            let is_opening = matches!(
                tokens.word(i + 2),
                "let"
                    | "so"
                    | "now"
                    | "here"
                    | "then"
                    | "that"
                    | "you"
                    | "we"
                    | "i"
                    | "this"
                    | "first"
                    | "time"
                    | "okay"
            );
            (!is_opening).then_some(Side::Right)
        }
        "right" => {
            let is_adverb = AFTER_OTHER_RIGHT.contains(&next);
            let is_praise = matches!(previous, "just" | "all" | "exactly" | "quite" | "about" | "it" | "re" | "that")
                || (matches!(previous, "is" | "s" | "are")
                    && matches!(tokens.before(i, 2), "that" | "you" | "it" | "'" | "’"))
                    && !is_body_en(tokens.before(i, 2));
            // "right on the right side": a preposition is also common after the side of a body.
            let is_place = matches!(next, "at" | "in" | "on" | "through" | "from") && is_article(previous);
            let is_called = is_body_en(next) || is_place || (matches!(next, "-") && !tokens.is_spaced(i + 1));
            (is_called || !(is_adverb || is_praise)).then_some(Side::Right)
        }
        _ => None,
    }
}

fn is_article(word: &str) -> bool {
    matches!(word, "the" | "your" | "his" | "her" | "their" | "its" | "my")
}

/// Whether "left" is a form of "leave": "the foot left the ground", "nothing left", "left to do".
fn is_left_verb(tokens: &Tokens, i: usize) -> bool {
    let (previous, next) = (tokens.before(i, 1), tokens.word(i + 1));
    if is_article(previous) || is_body_en(next) || (next == "-" && !tokens.is_spaced(i + 1)) {
        return false;
    }
    let is_remainder = matches!(
        previous,
        "nothing"
            | "anything"
            | "something"
            | "much"
            | "little"
            | "time"
            | "room"
            | "has"
            | "have"
            | "had"
            | "energy"
            | "few"
            | "reps"
    ) || (matches!(previous, "is" | "s" | "are" | "been")
        && matches!(tokens.before(i, 2), "what" | "there" | "'" | "’" | "has" | "nothing"));
    let is_leaving = matches!(
        next,
        "the"
            | "a"
            | "an"
            | "no"
            | "little"
            | "some"
            | "behind"
            | "it"
            | "him"
            | "her"
            | "you"
            | "them"
            | "out"
            | "off"
            | "room"
            | "early"
            | "alone"
            | "unchecked"
    ) && !matches!(previous, "on" | "to" | "from" | "and" | "or" | "than" | "versus" | "vs" | "")
        && tokens.kind(i.wrapping_sub(1)) != Kind::Mark;
    let is_to_do =
        next == "to" && !matches!(tokens.word(i + 2), "right" | "the" | "a") && !matches!(previous, "from" | "on");
    is_remainder || is_leaving || (is_to_do && tokens.kind(i + 2) == Kind::Word && previous != "than")
}

fn german_side(tokens: &Tokens, i: usize) -> Option<Side> {
    let word = tokens.word(i);
    let is_inflected = |stem: &str| {
        word.strip_prefix(stem).is_some_and(|end| {
            matches!(end, "e" | "er" | "es" | "en" | "em" | "s" | "sseitig" | "sseitige" | "sseitiger" | "sseitigen")
        })
    };
    if is_inflected("link") {
        return Some(Side::Left);
    }
    // Not in "die rechte Winkelgeschwindigkeit".
    (is_inflected("recht") && !is_angle(tokens.word(i + 1))).then_some(Side::Right)
}

fn is_angle(word: &str) -> bool {
    matches!(word, "winkel" | "winkels" | "winkeln")
}

fn french_side(tokens: &Tokens, i: usize) -> Option<Side> {
    let (word, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    match word {
        "gauche" | "gauches" => Some(Side::Left),
        "droit" | "droits" | "droite" | "droites" => {
            let is_straight = matches!(
                previous,
                "tout"
                    | "dos"
                    | "buste"
                    | "tronc"
                    | "torse"
                    | "bien"
                    | "corps"
                    | "angle"
                    | "angles"
                    | "tenir"
                    | "tiens"
                    | "debout"
                    | "ligne"
                    | "posture"
                    | "colonne"
                    | "tête"
                    | "plus"
                    | "très"
                    | "rester"
                    | "reste"
                    | "restez"
                    | "assez"
            ) || (word == "droit" && next == "devant")
                || (word == "droit" && matches!(previous, "le" | "un") && next == "de" && !is_digits(tokens, i + 2))
                || (word == "droites" && previous == "jambes")
                || (word == "droits" && previous == "genoux");
            (!is_straight).then_some(Side::Right)
        }
        _ => None,
    }
}

/// Whether token `i` is a number in digits: "le droit de 60°" is a side, "le droit de choisir" is not.
fn is_digits(tokens: &Tokens, i: usize) -> bool {
    tokens.kind(i) == Kind::Digits
}

fn spanish_side(tokens: &Tokens, i: usize) -> Option<Side> {
    let (word, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    match word {
        "izquierda" | "izquierdo" | "izquierdas" | "izquierdos" => Some(Side::Left),
        "derecha" | "derecho" | "derechas" | "derechos" => {
            let is_straight = matches!(
                previous,
                "todo"
                    | "espalda"
                    | "tronco"
                    | "torso"
                    | "línea"
                    | "ponerse"
                    | "muy"
                    | "bien"
                    | "siga"
                    | "sigue"
                    | "cuerpo"
                    | "más"
            ) || (word == "derecho" && previous == "el" && next == "a" && !is_digits(tokens, i + 2));
            (!is_straight).then_some(Side::Right)
        }
        _ => None,
    }
}

/// Whether the words mean the side opposite to the last one named: "the other leg".
pub(super) fn is_other_side(tokens: &Tokens, i: usize, language: Language) -> bool {
    let next = tokens.word(i + 1);
    let is_value = unit_at(tokens, i + 2).is_some() && tokens.kind(i + 1) == Kind::Digits;
    match (language, tokens.word(i)) {
        (Language::En, "other") => {
            !matches!(tokens.before(i, 1), "each")
                && (is_body_en(next) && next != "hand" && next != "contact" || is_value)
        }
        (Language::En, "opposite") => is_body_en(next),
        (Language::De, "andere" | "anderen" | "anderes") => {
            matches!(next, "bein" | "knie" | "seite" | "fuß" | "arm" | "hüfte") && tokens.before(i, 2) != "auf"
        }
        (Language::Fr, "autre") => matches!(next, "jambe" | "genou" | "pied" | "bras" | "hanche"),
        (Language::Es, "otra" | "otro") => matches!(next, "pierna" | "rodilla" | "pie" | "brazo" | "cadera"),
        _ => false,
    }
}

/// Whether the word means both sides of the body: "both knees".
pub(super) fn is_both(word: &str) -> bool {
    matches!(word, "both" | "beide" | "beiden" | "beider" | "beidseitig" | "beidseits" | "ambos" | "ambas")
}
