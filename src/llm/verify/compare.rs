//! Comparing words: greater, less, faster, the same. Pure.

use super::Language;
use super::tokens::{Kind, Tokens};

/// The quantity that a comparing word refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Any amount: "greater".
    Amount,
    /// Speed: "faster" means less time.
    Speed,
}

/// A word that compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comparative {
    /// First token.
    pub(super) first: usize,
    /// Last token.
    pub(super) last: usize,
    /// 1 for more, -1 for less.
    pub(super) sign: i32,
    /// The quantity it refers to.
    pub(super) sense: Sense,
    /// Whether it compares two sides only if both are named: "more" alone has other uses.
    pub(super) is_weak: bool,
    /// Whether the compared side follows at once: "exceeds the right".
    pub(super) is_verb: bool,
}

fn word(at: usize, sign: i32) -> Comparative {
    Comparative { first: at, last: at, sign, sense: Sense::Amount, is_weak: false, is_verb: false }
}

/// The comparing word at token `i`.
pub(super) fn comparative(tokens: &Tokens, i: usize, language: Language) -> Option<Comparative> {
    if tokens.kind(i) != Kind::Word {
        return None;
    }
    match language {
        Language::En => english(tokens, i),
        Language::De => german(tokens, i),
        Language::Fr => romance(tokens, i, &FRENCH),
        Language::Es => romance(tokens, i, &SPANISH),
    }
}

fn english(tokens: &Tokens, i: usize) -> Option<Comparative> {
    let (text, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    let speed = |sign| Some(Comparative { sense: Sense::Speed, ..word(i, sign) });
    let weak = |sign| Some(Comparative { is_weak: true, ..word(i, sign) });
    let verb = |sign| Some(Comparative { is_verb: true, ..word(i, sign) });
    match text {
        "greater" | "larger" | "bigger" | "wider" if next != "picture" => Some(word(i, 1)),
        "longer" if !matches!(previous, "no" | "any") => Some(word(i, 1)),
        "higher" => Some(word(i, 1)),
        "further" | "farther" | "deeper" => weak(1),
        "smaller" | "shorter" | "fewer" | "narrower" | "shallower" => Some(word(i, -1)),
        "lower"
            if !matches!(
                next,
                "body" | "leg" | "limb" | "back" | "limbs" | "end" | "limit" | "bound" | "extremity"
            ) =>
        {
            Some(word(i, -1))
        }
        "faster" | "quicker" => speed(1),
        "slower" => speed(-1),
        "more" if next.starts_with("quick") || next == "rapidly" => {
            Some(Comparative { last: i + 1, sense: Sense::Speed, ..word(i, 1) })
        }
        "more" if next.starts_with("slow") => Some(Comparative { last: i + 1, sense: Sense::Speed, ..word(i, -1) }),
        "more"
            if !matches!(previous, "once" | "one" | "any" | "no" | "or")
                && !matches!(next, "or" | "importantly" | "precisely") =>
        {
            weak(1)
        }
        "less" if !matches!(previous, "or" | "no") => weak(-1),
        "exceeds" | "exceed" | "exceeded" | "surpasses" | "surpassed" | "outdoes" | "tops" => verb(1),
        "trails" | "trailed" | "lags" | "lagged" => verb(-1),
        "above" | "below" => {
            Some(Comparative { is_verb: true, is_weak: true, ..word(i, if text == "above" { 1 } else { -1 }) })
        }
        _ => None,
    }
}

fn german(tokens: &Tokens, i: usize) -> Option<Comparative> {
    let (text, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    let is_form =
        |stem: &str| text.strip_prefix(stem).is_some_and(|end| matches!(end, "" | "e" | "er" | "es" | "en" | "em"));
    let any = |stems: &[&str]| stems.iter().any(|stem| is_form(stem));
    // "ein kleiner Tipp", "so weiter": not a comparative.
    let is_positive = matches!(previous, "ein" | "kein" | "so" | "sehr" | "dein" | "ihr" | "mein");
    if any(&["größer", "länger", "höher", "stärker"])
        && !(is_form("länger") && matches!(previous, "nicht" | "schon") && next != "als")
    {
        return Some(word(i, 1));
    }
    if any(&["kürzer", "schwächer"]) || (any(&["kleiner", "geringer", "niedriger"]) && !is_positive) {
        return Some(word(i, -1));
    }
    if any(&["schneller"]) {
        return Some(Comparative { sense: Sense::Speed, ..word(i, 1) });
    }
    if any(&["langsamer"]) {
        return Some(Comparative { sense: Sense::Speed, ..word(i, -1) });
    }
    let weak = |sign| Some(Comparative { is_weak: true, ..word(i, sign) });
    let verb = |sign| Some(Comparative { is_verb: true, ..word(i, sign) });
    match text {
        "mehr" if !matches!(previous, "nicht" | "nie" | "immer" | "kein" | "keine") && next != "oder" => weak(1),
        "weniger" if previous != "oder" => weak(-1),
        "weiter" | "tiefer" | "breiter" if !is_positive => weak(1),
        "flacher" | "schmaler" if !is_positive => weak(-1),
        "übertrifft" | "übersteigt" => verb(1),
        "unterschreitet" => verb(-1),
        "über" | "unter" if matches!(tokens.word(i + 1), "dem" | "der" | "rechts" | "links" | "den") => {
            Some(Comparative { is_verb: true, is_weak: true, ..word(i, if text == "über" { 1 } else { -1 }) })
        }
        _ => None,
    }
}

/// The comparing words of a Romance language: "plus long", "más larga".
struct Romance {
    more: &'static [&'static str],
    less: &'static [&'static str],
    /// Words before which "more" or "less" is no comparison: "de plus", "al menos".
    not_before: &'static [&'static str],
    /// Words after which "more" or "less" is no comparison: "plus ou moins".
    not_after: &'static [&'static str],
    /// Beginnings of adjectives that reverse the sign.
    small: &'static [&'static str],
    fast: &'static [&'static str],
    slow: &'static [&'static str],
    /// Comparatives of one word.
    great: &'static [&'static str],
    little: &'static [&'static str],
    /// Parts of a body before "inferior": "miembro inferior".
    parts: &'static [&'static str],
    over: &'static [&'static str],
    under: &'static [&'static str],
}

const FRENCH: Romance = Romance {
    more: &["plus"],
    less: &["moins"],
    not_before: &["de", "en", "non", "ou", "au", "du", "n", "une", "le", "qui"],
    not_after: &["ou", "tard", "tôt", "de", "que"],
    small: &["petit", "court", "bas", "faible", "étroit", "réduit", "brèv", "bref"],
    fast: &["rapide", "vite"],
    slow: &["lent"],
    great: &["supérieur", "supérieure", "supérieurs", "supérieures", "davantage"],
    little: &["inférieur", "inférieure", "inférieurs", "inférieures"],
    parts: &["membre", "membres", "partie", "limite", "borne", "train", "corps"],
    over: &["dépasse", "surpasse", "excède", "dépassait"],
    under: &[],
};

const SPANISH: Romance = Romance {
    more: &["más"],
    less: &["menos"],
    not_before: &["por", "al", "o", "lo", "una", "nada", "que"],
    not_after: &["o", "bien", "adelante", "tarde"],
    small: &["cort", "pequeñ", "baj", "reducid", "estrech", "débil", "breve"],
    fast: &["rápid"],
    slow: &["lent"],
    great: &["mayor", "mayores", "superior", "superiores"],
    little: &["menor", "menores", "inferior", "inferiores"],
    parts: &["miembro", "miembros", "tren", "extremidad", "parte", "límite", "extremo", "extremidades"],
    over: &["supera", "superaba", "excede", "sobrepasa"],
    under: &[],
};

fn romance(tokens: &Tokens, i: usize, rules: &Romance) -> Option<Comparative> {
    let (text, previous, next) = (tokens.word(i), tokens.before(i, 1), tokens.word(i + 1));
    if rules.over.contains(&text) || rules.under.contains(&text) {
        let sign = if rules.over.contains(&text) { 1 } else { -1 };
        return Some(Comparative { is_verb: true, ..word(i, sign) });
    }
    if (rules.great.contains(&text) || rules.little.contains(&text)) && !rules.parts.contains(&previous) {
        return Some(word(i, if rules.great.contains(&text) { 1 } else { -1 }));
    }
    let is_more = rules.more.contains(&text);
    if !is_more && !rules.less.contains(&text) {
        return None;
    }
    let is_idiom = rules.not_before.contains(&previous) && !is_adjective(next, rules);
    if is_idiom || (rules.not_after.contains(&next) && !matches!(next, "de" | "que")) {
        return None;
    }
    let sign = if is_more { 1 } else { -1 };
    let begins = |stems: &[&str]| stems.iter().any(|stem| next.starts_with(stem));
    if begins(rules.fast) {
        return Some(Comparative { last: i + 1, sense: Sense::Speed, ..word(i, sign) });
    }
    if begins(rules.slow) {
        return Some(Comparative { last: i + 1, sense: Sense::Speed, ..word(i, -sign) });
    }
    if begins(rules.small) {
        return Some(Comparative { last: i + 1, ..word(i, -sign) });
    }
    let is_large =
        begins(&["grand", "long", "élev", "larg", "fort", "haut", "importan", "alt", "amplio", "amplia", "ample"]);
    if is_large {
        return Some(Comparative { last: i + 1, ..word(i, sign) });
    }
    Some(Comparative { is_weak: true, ..word(i, sign) })
}

fn is_adjective(word: &str, rules: &Romance) -> bool {
    [rules.small, rules.fast, rules.slow].iter().any(|stems| stems.iter().any(|stem| word.starts_with(stem)))
}

/// Whether the word introduces the compared thing: "than", "als".
pub(super) fn is_than(tokens: &Tokens, i: usize, language: Language) -> bool {
    let text = tokens.word(i);
    match language {
        Language::En => text == "than",
        Language::De => matches!(text, "als" | "wie"),
        Language::Fr => {
            (matches!(text, "que" | "qu") && !is_conjunction(tokens, i))
                || (matches!(text, "à" | "au" | "aux") && is_near_superior(tokens, i))
        }
        Language::Es => {
            (text == "que" && !is_conjunction(tokens, i)) || (matches!(text, "a" | "al") && is_near_superior(tokens, i))
        }
    }
}

/// Whether the word is a conjunction, not a comparison: "parce que", "es que".
fn is_conjunction(tokens: &Tokens, i: usize) -> bool {
    matches!(
        tokens.before(i, 1),
        "es" | "est"
            | "parce"
            | "ya"
            | "para"
            | "lo"
            | "ce"
            | "mientras"
            | "tandis"
            | "alors"
            | "bien"
            | "sorte"
            | "dire"
            | "decir"
            | "así"
            | "ainsi"
            | "pour"
            | "afin"
            | "dado"
            | "puisque"
            | "aunque"
            | "porque"
    )
}

/// Whether the word belongs to "supérieur à" or "superior a".
fn is_near_superior(tokens: &Tokens, i: usize) -> bool {
    let previous = tokens.before(i, 1);
    previous.starts_with("supérieur")
        || previous.starts_with("inférieur")
        || previous.starts_with("superior")
        || previous.starts_with("inferior")
}

/// Whether the words introduce the compared side, before or after the comparing word: "compared with the right".
pub(super) fn is_compared_with(tokens: &Tokens, i: usize, language: Language) -> bool {
    let text = tokens.word(i);
    match language {
        Language::En => matches!(text, "compared" | "versus" | "vs" | "relative"),
        Language::De => matches!(text, "gegenüber" | "verglichen" | "vergleich"),
        Language::Fr => matches!(text, "comparé" | "comparée" | "rapport" | "comparaison" | "contrairement"),
        Language::Es => matches!(text, "comparado" | "comparada" | "comparación" | "frente" | "respecto"),
    }
}

/// Whether the word is a negation.
pub(super) fn is_negation(tokens: &Tokens, i: usize, language: Language) -> bool {
    let text = tokens.word(i);
    match language {
        Language::En => {
            (text == "not" && tokens.word(i + 1) != "only")
                || matches!(text, "no" | "never" | "neither" | "nor" | "without" | "cannot" | "hardly" | "nothing")
                || (text == "t" && matches!(tokens.before(i, 1), "'" | "’"))
        }
        Language::De => {
            (text == "nicht" && tokens.word(i + 1) != "nur")
                || (text.starts_with("kein") && text.len() <= 6)
                || matches!(text, "nie" | "weder" | "ohne" | "kaum")
        }
        Language::Fr => {
            matches!(text, "pas" | "aucun" | "aucune" | "jamais" | "sans" | "ni")
                && !matches!(tokens.word(i + 1), "seulement")
                // "longueur de pas": here "pas" is a step.
                && !(text == "pas" && matches!(tokens.before(i, 1), "de" | "du" | "des" | "le" | "les" | "un"))
        }
        Language::Es => {
            (text == "no" && !matches!(tokens.word(i + 1), "solo" | "sólo"))
                || matches!(text, "ni" | "nunca" | "sin" | "ningún" | "ninguna" | "tampoco")
        }
    }
}

/// Whether the word marks advice, a wish or doubt: such a sentence states nothing.
pub(super) fn is_advice(word: &str) -> bool {
    ADVICE.contains(&word)
}

const ADVICE: &[&str] = &[
    "try",
    "aim",
    "work",
    "should",
    "would",
    "could",
    "can",
    "may",
    "might",
    "focus",
    "let",
    "keep",
    "help",
    "helps",
    "want",
    "so",
    "until",
    "goal",
    "practice",
    "practise",
    "must",
    "ought",
    "put",
    "take",
    "push",
    "think",
    "sollte",
    "solltest",
    "sollten",
    "versuche",
    "versuch",
    "achte",
    "achten",
    "könnte",
    "würde",
    "damit",
    "um",
    "ziel",
    "kann",
    "kannst",
    "möchte",
    "arbeite",
    "übe",
    "lass",
    "probiere",
    "nimm",
    "setze",
    "essaie",
    "essayez",
    "essaye",
    "devrait",
    "pourrait",
    "vise",
    "visez",
    "afin",
    "cherche",
    "cherchez",
    "travaille",
    "travaillez",
    "peut",
    "peux",
    "objectif",
    "faut",
    "pense",
    "pensez",
    "intenta",
    "intente",
    "debería",
    "podría",
    "procura",
    "trabaja",
    "busca",
    "puede",
    "puedes",
    "objetivo",
    "trata",
    "piensa",
];

/// Whether the word marks a condition: the sentence does not state that it holds.
pub(super) fn is_condition(word: &str) -> bool {
    matches!(word, "if" | "whether" | "falls" | "ob" | "wenn" | "si")
}
