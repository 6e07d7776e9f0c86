//! Marks around what a template function printed, so that an answer's numbers can be told from digits that somebody typed. Pure.
//!
//! Marks are characters of the private use area. They never leave the module: [`unmark`] takes them out.

/// Which number of a fact was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The value.
    Value,
    /// The lower end of the interval.
    Low,
    /// The upper end of the interval.
    High,
}

/// A number that was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printed {
    /// Its place among the row's facts.
    pub fact: usize,
    /// Which of its numbers.
    pub what: What,
}

const NUMBER: char = '\u{E000}';
const VERBATIM: char = '\u{E001}';
const END: char = '\u{E002}';
/// Characters from here on are digits of a fact's place, to the base 256.
const DIGITS: u32 = 0xE100;

/// Bytes of the marks around a number.
pub const N_MARK_BYTES: usize = 15;

/// A printed number with its marks.
#[must_use]
pub fn number(fact: usize, what: What, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + N_MARK_BYTES);
    push_number(&mut out, fact, what, text);
    out
}

/// Appends a printed number with its marks.
pub fn push_number(out: &mut String, fact: usize, what: What, text: &str) {
    let digit = |number: usize| char::from_u32(DIGITS + (number & 0xFF) as u32).unwrap_or(NUMBER);
    out.push(NUMBER);
    out.extend([what as usize, fact >> 8, fact].map(digit));
    out.push_str(text);
    out.push(END);
}

/// A text from the tables whose digits are not numbers of the answer: a name, a remark.
#[must_use]
pub fn verbatim(text: &str) -> String {
    format!("{VERBATIM}{text}{END}")
}

/// A text without marks, the numbers that were printed in it, and whether it has digits that were not.
#[must_use]
pub fn unmark(text: &str) -> (String, Vec<Printed>, bool) {
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
