//! Finds every number that a text states, in digits or in words. Pure.

use super::Language;
use super::number_words::{can_begin, spoken};
use super::tokens::{Kind, Tokens};
use super::units::{Unit, unit_at};

/// A number in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NumberMention {
    /// First byte, including the sign.
    pub(crate) start: usize,
    /// Byte after the last one, without unit.
    pub(crate) end: usize,
    /// The number as written in the text.
    pub(crate) text: String,
    /// Its value; NaN if the digits have no clear meaning, such as a date.
    pub(crate) value: f64,
    /// An alternative value: `1.234` is a thousand or a decimal in German and Spanish.
    pub(crate) alternative: Option<f64>,
    /// Digits after the decimal point.
    pub(crate) decimals: u32,
    /// Whether it is written in words.
    pub(crate) is_words: bool,
    /// The unit after it.
    pub(crate) unit: Option<Unit>,
    /// Whether it is the level of an interval, as in "95 % interval", and not a measurement.
    pub(crate) is_level: bool,
    /// First token.
    pub(super) first: usize,
    /// Last token, including the unit.
    pub(super) last: usize,
    /// Token after the number itself, before the unit.
    pub(super) after_number: usize,
}

/// Every number of a text, in order. Digits within the names do not count. Idioms such as "one of the", the marks of a
/// numbered list, and counts of a text's or body's own parts ("the two knees") do not count either.
#[must_use]
pub(crate) fn numbers(text: &str, language: Language, names: &[&str]) -> Vec<NumberMention> {
    scan(&Tokens::new(text, language, names), language)
}

/// Every number among the tokens.
pub(super) fn scan(tokens: &Tokens, language: Language) -> Vec<NumberMention> {
    let mut found = Vec::new();
    let (mut i, mut list_marks) = (0, 0.0);
    while i < tokens.len() {
        let next = match tokens.kind(i) {
            Kind::Digits if is_list_mark(tokens, i, list_marks + 1.0) => {
                list_marks += 1.0;
                i + 2
            }
            Kind::Digits => match digits(tokens, i) {
                Some(mention) => push(&mut found, mention),
                None => i + 1,
            },
            Kind::Word if can_begin(tokens.word(i), language) => match words(tokens, i, language) {
                Some(mention) => push(&mut found, mention),
                None => i + 1,
            },
            _ => i + 1,
        };
        i = next.max(i + 1);
    }
    for mention in &mut found {
        mention.is_level = is_level(tokens, mention, language);
    }
    found
}

fn push(found: &mut Vec<NumberMention>, mention: NumberMention) -> usize {
    let next = mention.last + 1;
    found.push(mention);
    next
}

/// Whether the token is a list mark at the start of a line, counting up from one: "1." or "2)".
fn is_list_mark(tokens: &Tokens, i: usize, expected: f64) -> bool {
    let is_first = i == 0 || tokens.kind(i - 1) == Kind::Break;
    is_first
        && tokens.list[i].value == expected
        && tokens.list[i].decimals == 0
        && matches!(tokens.word(i + 1), "." | ")")
        && !tokens.is_spaced(i + 1)
        && tokens.is_spaced(i + 2)
}

/// Whether letters attached to a digit make it a word: "3D", "H2O".
fn is_part_of_word(tokens: &Tokens, i: usize) -> bool {
    let digits = tokens.slice(i, i);
    let next = tokens.word(i + 1);
    let is_dimension = matches!(digits, "2" | "3")
        && (next == "d" && !tokens.is_spaced(i + 1)
            || next == "-" && tokens.word(i + 2) == "d" && !tokens.is_spaced(i + 1) && !tokens.is_spaced(i + 2));
    let is_formula = digits == "2" && !tokens.is_spaced(i) && matches!(tokens.before(i, 1), "h" | "co" | "vo");
    is_dimension || is_formula
}

fn digits(tokens: &Tokens, i: usize) -> Option<NumberMention> {
    if is_part_of_word(tokens, i) {
        return None;
    }
    let token = tokens.list[i];
    Some(mention(tokens, i, i, (token.value, token.alternative, token.decimals)))
}

fn words(tokens: &Tokens, i: usize, language: Language) -> Option<NumberMention> {
    let number = spoken(tokens, i, language)?;
    let mut mention = mention(tokens, i, number.last, (number.value, None, number.decimals));
    mention.is_words = true;
    Some(mention)
}

fn mention(tokens: &Tokens, first: usize, last: usize, value: (f64, Option<f64>, u32)) -> NumberMention {
    let (value, alternative, decimals) = value;
    let unit = unit_at(tokens, last + 1);
    let sign = sign_before(tokens, first);
    let factor = if sign.is_some() { -1.0 } else { 1.0 };
    let start = sign.unwrap_or(first);
    let text = tokens.slice(start, last);
    NumberMention {
        start: tokens.list[start].start,
        end: tokens.list[start].start + text.len(),
        text: text.to_owned(),
        value: factor * value,
        alternative: alternative.map(|v| factor * v),
        decimals,
        is_words: false,
        unit: unit.map(|(unit, _)| unit),
        is_level: false,
        first: start,
        last: unit.map_or(last, |(_, next)| next - 1),
        after_number: last + 1,
    }
}

/// The token of a minus sign that belongs to the number at `i`.
fn sign_before(tokens: &Tokens, i: usize) -> Option<usize> {
    let sign = i.checked_sub(1)?;
    match tokens.word(sign) {
        "-" | "\u{2212}" | "–" | "\u{2011}" if !tokens.is_spaced(i) => {
            let is_open = tokens.is_spaced(sign)
                || sign == 0
                || (tokens.kind(sign - 1) == Kind::Mark
                    && !matches!(tokens.word(sign - 1), "%" | "°" | "º" | ")" | "-"));
            is_open.then_some(sign)
        }
        "minus" | "negative" | "moins" | "menos" => {
            let (before, earlier) = (tokens.before(sign, 1), tokens.before(sign, 2));
            let is_other_use = matches!(before, "au" | "du" | "al" | "lo" | "ou" | "o" | "or" | "oder" | "%" | "°")
                || tokens.kind(sign.wrapping_sub(1)) == Kind::Digits
                || (tokens.kind(sign.wrapping_sub(2)) == Kind::Digits && !earlier.is_empty());
            (!is_other_use).then_some(sign)
        }
        _ => None,
    }
}

/// Whether the number is the level of an interval: "95 % interval", "with 95 % confidence"; not "an interval of 74 to
/// 95 %".
fn is_level(tokens: &Tokens, mention: &NumberMention, language: Language) -> bool {
    const CUES: &[&str] =
        &["interval", "intervall", "konfidenz", "vertrauens", "confiden", "confian", "credib", "certain", "sicher"];
    let is_near = |k: &usize| match tokens.kind(*k) {
        Kind::Word => !can_begin(tokens.word(*k), language) || matches!(tokens.word(*k), "a" | "un" | "une" | "una"),
        Kind::Mark => matches!(tokens.word(*k), "-" | "\u{2011}"),
        _ => false,
    };
    let is_cue = |k: usize| CUES.iter().any(|cue| tokens.word(k).starts_with(cue));
    mention.value == 95.0
        && mention.unit == Some(Unit::Percent)
        && ((mention.first.saturating_sub(4)..mention.first).rev().take_while(is_near).any(is_cue)
            || (mention.last + 1..mention.last + 5).take_while(is_near).any(is_cue))
}
