//! Words and marks that connect or separate the text around them. Pure.

use super::tokens::{Kind, Tokens};

const CLAUSES: &[&str] =
    &[";", "while", "whereas", "but", "während", "wohingegen", "aber", "tandis", "alors", "mais", "mientras", "pero"];

/// Words that contrast one amount with another.
const CONTRASTS: &[&str] = &[
    "versus",
    "vs",
    "against",
    "compared",
    "instead",
    "opposed",
    "gegenüber",
    "gegen",
    "verglichen",
    "statt",
    "anstatt",
    "contre",
    "comparé",
    "lieu",
    "frente",
    "contra",
    "lugar",
];

/// Verbs that state that the first amount is more or less than the second.
const VERBS: &[&str] = &[
    "trails",
    "lags",
    "exceeds",
    "surpasses",
    "outpaces",
    "beats",
    "behind",
    "hinter",
    "übertrifft",
    "derrière",
    "dépasse",
    "surpasse",
    "detrás",
    "supera",
];

const JOINING: &[&str] = &["and", "than", "und", "als", "et", "y", "e", "sowie", "–", "—", "|", "bzw", "•"];

const COMPARATIVES: &[&str] = &[
    "más",
    "menos",
    "mayor",
    "menor",
    "superior",
    "inferior",
    "plus",
    "moins",
    "supérieur",
    "supérieure",
    "inférieur",
    "inférieure",
    "davantage",
];

/// How strongly the token separates the text before it from the text after it.
pub(super) fn weight(tokens: &Tokens, i: usize) -> i32 {
    match tokens.word(i) {
        word if CLAUSES.contains(&word) => 3,
        "," if is_relative(tokens, i + 1) => 0,
        "," => 2,
        "que" | "qu" => {
            let has_comparative = (1..14).any(|back| COMPARATIVES.contains(&tokens.before(i, back)));
            if has_comparative { 2 } else { 0 }
        }
        word if CONTRASTS.contains(&word) || VERBS.contains(&word) || JOINING.contains(&word) => 2,
        ")" => 1,
        // A slash in a unit does not separate.
        "/" if tokens.is_spaced(i) || tokens.kind(i + 1) == Kind::Digits => 2,
        _ => 0,
    }
}

/// Whether a relative clause continues the subject: "the right stride, which at 1.40 m".
fn is_relative(tokens: &Tokens, i: usize) -> bool {
    match tokens.word(i) {
        "which" | "who" | "qui" | "que" => true,
        // A relative pronoun, not an article as in ", der rechte 1,40 m".
        "der" | "die" | "das" => {
            let next = tokens.word(i + 1);
            !["link", "recht", "ander"].iter().any(|stem| next.starts_with(stem))
                && matches!(next, "mit" | "mehr" | "bei" | "sich" | "auf" | "um" | "im" | "es" | "hier" | "nur")
        }
        _ => false,
    }
}

/// Whether the word contrasts one amount with another.
pub(super) fn is_contrast(word: &str) -> bool {
    CONTRASTS.contains(&word)
}

/// Whether the word only points at the following one: "1.45 m on the left".
pub(super) fn is_pointer(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "on", "for", "at", "in", "auf", "bei", "beim", "im", "am", "für", "an", "à", "au", "pour", "sur", "du", "en",
        "del", "para", "con", "(",
    ];
    WORDS.contains(&word)
}

/// Whether the word is an article or similar.
pub(super) fn is_article(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "the", "your", "his", "her", "their", "its", "der", "dem", "den", "die", "das", "deinem", "ihrem", "la", "le",
        "el", "lado", "côté", "de", "l", "'", "’", "seinem", "su", "tu",
    ];
    WORDS.contains(&word)
}

/// Whether the word is "and" or similar.
pub(super) fn is_coordinator(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "and", "or", "und", "oder", "et", "ou", "y", "e", "o", "u", "/", "&", "-", "–", "versus", "vs", "bzw", "sowie",
        "nor", "ni", "to",
    ];
    WORDS.contains(&word)
}

/// Whether the word introduces the compared thing.
pub(super) fn is_than(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "than",
        "versus",
        "vs",
        "against",
        "compared",
        "als",
        "gegenüber",
        "que",
        "qu",
        "contre",
        "frente",
        "rapport",
        "exceeds",
        "beats",
    ];
    WORDS.contains(&word)
}

/// Whether the word may stand between two coordinated sides: "the left knee and the right knee".
pub(super) fn is_filler(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "knee", "hip", "ankle", "elbow", "shoulder", "wrist", "leg", "side", "foot", "arm", "stride", "step", "knie",
        "bein", "seite", "hüfte", "fuß", "genou", "jambe", "hanche", "pied", "rodilla", "pierna", "cadera", "pie", ".",
        "both",
    ];
    is_article(word) || is_pointer(word) || WORDS.contains(&word)
}

/// Whether the word introduces a reference, after which the text is about the other side: "Compared with the right".
pub(super) fn is_reference(word: &str) -> bool {
    const WORDS: &[&str] =
        &["compared", "relative", "vergleich", "gegenüber", "rapport", "comparé", "comparación", "respecto"];
    WORDS.contains(&word)
}
