//! Marks around the output of template functions, which distinguish an answer's proven numbers from typed digits. Pure.
//!
//! Marks are characters of the private use area. They never leave the module: [`unmark`] removes them.

/// The printed part of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The value.
    Value,
    /// The lower end of the interval.
    Low,
    /// The upper end of the interval.
    High,
}

/// A printed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Printed {
    /// Index of its fact in the row.
    pub(crate) fact: usize,
    /// The printed part of the fact.
    pub(crate) what: What,
}

const NUMBER: char = '\u{E000}';
const VERBATIM: char = '\u{E001}';
const END: char = '\u{E002}';
/// First character of the digits of a fact's index, to the base 256.
const DIGITS: u32 = 0xE100;

/// Size of the marks around a number, bytes.
pub(crate) const N_MARK_BYTES: usize = 15;

/// Adds marks to a printed number.
#[must_use]
pub(crate) fn number(fact: usize, what: What, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + N_MARK_BYTES);
    push_number(&mut out, fact, what, text);
    out
}

/// Appends a printed number with its marks.
pub(crate) fn push_number(out: &mut String, fact: usize, what: What, text: &str) {
    let digit = |number: usize| char::from_u32(DIGITS + (number & 0xFF) as u32).unwrap_or(NUMBER);
    out.push(NUMBER);
    out.extend([what as usize, fact >> 8, fact].map(digit));
    out.push_str(text);
    out.push(END);
}

/// Marks a text from the tables whose digits are not numbers of the answer: a name, a remark.
#[must_use]
pub(crate) fn verbatim(text: &str) -> String {
    format!("{VERBATIM}{text}{END}")
}

/// Removes the marks from a text. Returns the text, the printed numbers, and whether the text has digits outside of the
/// marks.
#[must_use]
pub(crate) fn unmark(text: &str) -> (String, Vec<Printed>, bool) {
    let mut out = String::with_capacity(text.len());
    let (mut printed, mut depth, mut has_other_digits) = (Vec::new(), 0_usize, false);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            NUMBER => {
                depth += 1;
                let mut digit = || characters.next().map_or(0, |c| (c as u32).wrapping_sub(DIGITS) as usize & 0xFF);
                let (what, high, low) = (digit(), digit(), digit());
                let what = [What::Value, What::Low, What::High].get(what).copied().unwrap_or(What::Value);
                printed.push(Printed { fact: high << 8 | low, what });
            }
            VERBATIM => depth += 1,
            END => depth = depth.saturating_sub(1),
            _ => {
                has_other_digits |= depth == 0 && character.is_numeric();
                out.push(character);
            }
        }
    }
    (out, printed, has_other_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_are_found_and_others_told_from_them() {
        let text = format!("{} is {} m", verbatim("Athlete 7"), number(300, What::High, "1.45"));
        let (plain, printed, has_other_digits) = unmark(&text);
        assert_eq!(plain, "Athlete 7 is 1.45 m");
        assert_eq!(printed, [Printed { fact: 300, what: What::High }]);
        assert!(!has_other_digits);
        assert!(unmark(&format!("{text} of 3")).2);
    }
}
