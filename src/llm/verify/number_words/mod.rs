//! Numbers in words: zero to 999,999, decimals, fractions and multiples, in four languages. Pure.

mod de;
mod en;
mod es;
mod fr;

use super::Language;
use super::tokens::{Kind, Tokens};
use super::units::{Unit, unit_at};

/// A number in words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spoken {
    /// The number.
    pub(super) value: f64,
    /// Digits after the decimal point.
    pub(super) decimals: u32,
    /// Its last token.
    pub(super) last: usize,
}

/// The number that begins at token `i`, if it is used as a number: "one of the" is not.
pub(super) fn spoken(tokens: &Tokens, i: usize, language: Language) -> Option<Spoken> {
    match language {
        Language::En => en::spoken(tokens, i),
        Language::De => de::spoken(tokens, i),
        Language::Fr => fr::spoken(tokens, i),
        Language::Es => es::spoken(tokens, i),
    }
}

/// Whether a number can begin with the word. Must be fast, because it is called for most words of a text.
pub(super) fn can_begin(word: &str, language: Language) -> bool {
    match language {
        Language::En => en::can_begin(word),
        Language::De => de::can_begin(word),
        Language::Fr => fr::can_begin(word),
        Language::Es => es::can_begin(word),
    }
}

/// A whole number in words from token `i`, and its last token.
type Cardinal = fn(&Tokens, usize) -> Option<(u32, usize)>;

/// The decimals after a whole number whose last token is `last`: "point four five", "virgule quarante-cinq".
fn decimals(tokens: &Tokens, last: usize, points: &[&str], cardinal: Cardinal) -> Option<(String, usize)> {
    let point = tokens.after(last).filter(|&k| points.contains(&tokens.word(k)))?;
    let mut next = tokens.after(point);
    let (mut digits, mut last) = (String::new(), point);
    while let Some(k) = next {
        let Some((value, end)) = cardinal(tokens, k) else { break };
        let is_digit = value < 10;
        if !is_digit && !digits.bytes().all(|b| b == b'0') {
            break;
        }
        digits.push_str(&value.to_string());
        (last, next) = (end, if is_digit { tokens.after(end) } else { None });
    }
    (!digits.is_empty()).then_some((digits, last))
}

/// A whole number and its decimals, if any.
fn with_decimals(tokens: &Tokens, i: usize, points: &[&str], cardinal: Cardinal) -> Option<Spoken> {
    let (whole, last) = cardinal(tokens, i)?;
    let Some((digits, last)) = decimals(tokens, last, points, cardinal) else {
        return Some(Spoken { value: f64::from(whole), decimals: 0, last });
    };
    let value = format!("{whole}.{digits}").parse().ok()?;
    Some(Spoken { value, decimals: digits.len() as u32, last })
}

/// Whether a unit of measure, not a count, follows token `last`.
fn has_measure(tokens: &Tokens, last: usize) -> bool {
    unit_at(tokens, last + 1).is_some_and(|(unit, _)| !matches!(unit, Unit::Count | Unit::Times))
}

/// Whether a word is a number because another number stands next to it: "one to eleven", "between one and eleven".
fn is_range_end(tokens: &Tokens, i: usize, language: Language, to: &[&str], between: &[&str]) -> bool {
    let is_number = |k: usize| {
        let word = tokens.word(k);
        // "one to one" is not a range, but "one to one point four" is.
        let is_decimal = matches!(tokens.word(k + 1), "point" | "komma" | "virgule" | "coma");
        tokens.kind(k) == Kind::Digits
            || (can_begin(word, language) && word != "a" && (word != tokens.word(i) || is_decimal))
    };
    let is_start = to.contains(&tokens.word(i + 1)) && is_number(i + 2);
    let is_end = to.contains(&tokens.before(i, 1)) && i >= 2 && is_number(i - 2);
    let is_first = between.contains(&tokens.before(i, 1)) && (is_number(i + 2) || tokens.kind(i + 1) == Kind::Mark);
    let is_bracketed = tokens.before(i, 1) == "[" || tokens.word(i + 1) == "]";
    // "minus one"; not "au moins un".
    let is_signed = matches!(tokens.before(i, 1), "minus" | "moins" | "menos")
        && !matches!(tokens.before(i, 2), "au" | "du" | "al" | "lo" | "ou" | "o");
    is_start || is_end || is_first || is_bracketed || is_signed
}

/// Whether one of the next two words after `last` is in the list: "two main things".
fn is_before(tokens: &Tokens, last: usize, list: &[&str]) -> bool {
    let Some(first) = tokens.after(last) else { return false };
    list.contains(&tokens.word(first)) || tokens.after(first).is_some_and(|k| list.contains(&tokens.word(k)))
}
