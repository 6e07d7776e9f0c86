//! Splits text into words, numbers and marks, with byte positions. Pure.

use super::Language;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters.
    Word,
    /// A number in digits, with its separators.
    Digits,
    /// One other character.
    Mark,
    /// Part of a name given by the caller, which makes no claim.
    Name,
    /// End of a line.
    Break,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last one.
    pub(super) end: usize,
    /// The kind.
    pub(super) kind: Kind,
    /// Whether white space precedes it.
    pub(super) is_spaced: bool,
    /// Value of digits, without sign.
    pub(super) value: f64,
    /// Alternative value of digits: `1.234` is a thousand or a decimal in German and Spanish.
    pub(super) alternative: Option<f64>,
    /// Digits after the decimal point.
    pub(super) decimals: u32,
}

/// A text and its tokens.
pub(super) struct Tokens<'a> {
    /// The text.
    pub(super) text: &'a str,
    lower: String,
    /// The tokens in order.
    pub(super) list: Vec<Token>,
}

/// Converts to lower case without changing byte positions: ASCII and the Latin-1 letters.
fn lower_in_place(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| match c {
            'A'..='Z' => c.to_ascii_lowercase(),
            'À'..='Þ' if c != '×' => char::from_u32(c as u32 + 32).unwrap_or(c),
            'Œ' => 'œ',
            _ => c,
        })
        .collect()
}

fn is_name_byte_boundary(text: &str, at: usize, is_start: bool) -> bool {
    let neighbor = if is_start { text[..at].chars().next_back() } else { text[at..].chars().next() };
    !neighbor.is_some_and(char::is_alphanumeric)
}

/// Byte ranges of the names in the text, in order.
fn name_spans(text: &str, names: &[&str]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        for (start, found) in text.match_indices(name) {
            let end = start + found.len();
            if is_name_byte_boundary(text, start, true) && is_name_byte_boundary(text, end, false) {
                spans.push((start, end));
            }
        }
    }
    spans.sort_unstable();
    spans
}

impl<'a> Tokens<'a> {
    /// Splits a text into tokens.
    pub(super) fn new(text: &'a str, language: Language, names: &[&str]) -> Self {
        let lower = lower_in_place(text);
        let names = name_spans(text, names);
        let list = Cutter { text, language, names, list: Vec::with_capacity(text.len() / 4 + 1) }.cut();
        Tokens { text, lower, list }
    }

    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Lower-case text of a token if it is a word or a mark; empty for other tokens and beyond the ends.
    pub(super) fn word(&self, i: usize) -> &str {
        match self.list.get(i) {
            Some(t) if matches!(t.kind, Kind::Word | Kind::Mark) => &self.lower[t.start..t.end],
            _ => "",
        }
    }

    /// The word `back` places before `i`.
    pub(super) fn before(&self, i: usize, back: usize) -> &str {
        i.checked_sub(back).map_or("", |k| self.word(k))
    }

    /// The kind of a token; `Break` beyond the ends.
    pub(super) fn kind(&self, i: usize) -> Kind {
        self.list.get(i).map_or(Kind::Break, |t| t.kind)
    }

    /// Whether white space precedes the token.
    pub(super) fn is_spaced(&self, i: usize) -> bool {
        self.list.get(i).is_none_or(|t| t.is_spaced)
    }

    /// The next word after token `i`: adjacent, or joined by a hyphen.
    pub(super) fn after(&self, i: usize) -> Option<usize> {
        if self.kind(i + 1) == Kind::Word {
            return Some(i + 1);
        }
        let is_joined = matches!(self.word(i + 1), "-" | "\u{2011}" | "\u{ad}")
            && !self.is_spaced(i + 1)
            && !self.is_spaced(i + 2)
            && self.kind(i + 2) == Kind::Word;
        is_joined.then_some(i + 2)
    }

    /// The text from one token through another.
    pub(super) fn slice(&self, first: usize, last: usize) -> &'a str {
        match (self.list.get(first), self.list.get(last)) {
            (Some(a), Some(b)) => &self.text[a.start..b.end],
            _ => "",
        }
    }

    /// Token ranges of the sentences: the first token and the one after the last, including the closing mark.
    pub(super) fn sentences(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut first = 0;
        for i in 0..self.len() {
            if self.is_end(i, first) {
                found.push((first, i + 1));
                first = i + 1;
            }
        }
        if first < self.len() {
            found.push((first, self.len()));
        }
        found
    }

    fn is_end(&self, i: usize, first: usize) -> bool {
        if self.kind(i) == Kind::Break {
            return true;
        }
        match self.word(i) {
            "!" | "?" => true,
            "." => {
                let is_marker = i == first + 1 && self.kind(first) == Kind::Digits;
                let next = self.list.get(i + 1);
                let is_lower = next.is_some_and(|t| self.text[t.start..].starts_with(char::is_lowercase));
                !is_marker && !is_lower && self.is_spaced(i + 1) && !is_abbreviation(self.before(i, 1))
            }
            _ => false,
        }
    }
}

fn is_abbreviation(word: &str) -> bool {
    matches!(
        word,
        "vs" | "ca"
            | "approx"
            | "etc"
            | "z"
            | "b"
            | "bzw"
            | "env"
            | "resp"
            | "li"
            | "re"
            | "ej"
            | "no"
            | "ggü"
            | "vgl"
            | "dr"
            | "fig"
            | "aprox"
    )
}

struct Cutter<'a> {
    text: &'a str,
    language: Language,
    names: Vec<(usize, usize)>,
    list: Vec<Token>,
}

impl Cutter<'_> {
    fn push(&mut self, start: usize, end: usize, kind: Kind, is_spaced: bool) {
        self.list.push(Token { start, end, kind, is_spaced, value: f64::NAN, alternative: None, decimals: 0 });
    }

    fn cut(mut self) -> Vec<Token> {
        let bytes = self.text.as_bytes();
        let (mut at, mut is_spaced, mut name) = (0, true, 0);
        while at < bytes.len() {
            while self.names.get(name).is_some_and(|span| span.0 < at) {
                name += 1;
            }
            if let Some(&(start, end)) = self.names.get(name)
                && start == at
            {
                self.push(start, end, Kind::Name, is_spaced);
                (at, is_spaced) = (end, false);
                continue;
            }
            let limit = self.names.get(name).map_or(bytes.len(), |span| span.0);
            let Some(c) = self.text[at..].chars().next() else { break };
            match c {
                '\n' | '\u{2028}' => {
                    self.push(at, at + c.len_utf8(), Kind::Break, is_spaced);
                    (at, is_spaced) = (at + c.len_utf8(), true);
                }
                // Markdown emphasis.
                '*' | '_' | '`' => at += 1,
                _ if c.is_whitespace() || c == '\u{feff}' => (at, is_spaced) = (at + c.len_utf8(), true),
                _ => {
                    at = self.token(c, at, limit, is_spaced);
                    is_spaced = false;
                }
            }
        }
        self.list
    }

    /// Adds one token that begins with `c`. Returns its end.
    fn token(&mut self, c: char, at: usize, limit: usize, is_spaced: bool) -> usize {
        let is_point = c == '.'
            && at + 1 < limit
            && self.text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit)
            && !self.text[..at].ends_with(char::is_alphanumeric);
        if c.is_ascii_digit() || is_point || is_numeric_sign(c) {
            let digits = digits::read(&self.text[..limit], at, self.language);
            self.push(at, digits.end, Kind::Digits, is_spaced);
            if let Some(last) = self.list.last_mut() {
                last.value = digits.value;
                last.alternative = digits.alternative;
                last.decimals = digits.decimals;
            }
            return digits.end;
        }
        if is_letter(c) {
            let rest = &self.text[at..limit];
            let end = at + rest.find(|x: char| !is_letter(x)).unwrap_or(rest.len());
            self.push(at, end, Kind::Word, is_spaced);
            return end;
        }
        self.push(at, at + c.len_utf8(), Kind::Mark, is_spaced);
        at + c.len_utf8()
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic() && !matches!(c, 'º' | 'ª'))
}

/// Whether a character is a digit of another script or a fraction in one sign; powers in units do not count.
fn is_numeric_sign(c: char) -> bool {
    !c.is_ascii() && c.is_numeric() && !matches!(c, '¹' | '²' | '³')
}

/// Numbers in digits.
mod digits {
    use super::{Language, is_numeric_sign};

    /// A parsed number.
    pub(super) struct Digits {
        pub(super) end: usize,
        pub(super) value: f64,
        pub(super) alternative: Option<f64>,
        pub(super) decimals: u32,
    }

    fn fraction(c: char) -> Option<(f64, u32)> {
        Some(match c {
            '½' => (0.5, 1),
            '¼' => (0.25, 2),
            '¾' => (0.75, 2),
            '⅓' => (1.0 / 3.0, 2),
            '⅔' => (2.0 / 3.0, 2),
            _ => return None,
        })
    }

    /// Groups of digits and their separators: `1,234.5` is `[1, 234, 5]` and `[',', '.']`.
    fn groups(text: &str, at: usize, language: Language) -> (Vec<&str>, Vec<char>, usize) {
        let run = |from: usize| {
            let rest = &text.as_bytes()[from..];
            from + rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len())
        };
        let mut end = run(at);
        let (mut parts, mut separators) = (vec![&text[at..end]], Vec::new());
        while let Some(c) = text[end..].chars().next() {
            let from = end + c.len_utf8();
            let to = if from < text.len() { run(from) } else { from };
            let is_group = to - from == 3 && parts[0].len() <= 3 && !parts[0].starts_with('0') && !parts[0].is_empty();
            let is_part = match c {
                '.' | ',' => to > from,
                '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' => is_group,
                ' ' => is_group && language == Language::Fr,
                _ => false,
            };
            if !is_part {
                break;
            }
            parts.push(&text[from..to]);
            separators.push(c);
            end = to;
        }
        (parts, separators, end)
    }

    fn value(parts: &[&str], decimal: Option<&str>) -> f64 {
        let mut text = parts.concat();
        if let Some(decimal) = decimal {
            text.push('.');
            text.push_str(decimal);
        }
        if text.starts_with('.') {
            text.insert(0, '0');
        }
        text.parse().unwrap_or(f64::NAN)
    }

    pub(super) fn read(text: &str, at: usize, language: Language) -> Digits {
        let first = text[at..].chars().next().unwrap_or(' ');
        if is_numeric_sign(first) {
            let (value, decimals) = fraction(first).unwrap_or((f64::NAN, 0));
            return Digits { end: at + first.len_utf8(), value, alternative: None, decimals };
        }
        let (parts, separators, end) = groups(text, at, language);
        let mut digits = meaning(&parts, &separators, language);
        digits.end = end;
        if separators.is_empty()
            && let Some((extra, decimals)) = text[end..].chars().next().and_then(fraction)
        {
            digits.value += extra;
            digits.decimals = decimals;
            digits.end += text[end..].chars().next().map_or(0, char::len_utf8);
        }
        digits
    }

    fn meaning(parts: &[&str], separators: &[char], language: Language) -> Digits {
        let whole = |value| Digits { end: 0, value, alternative: None, decimals: 0 };
        let Some((&last, rest)) = separators.split_last() else { return whole(value(parts, None)) };
        let (tail, head) = (parts[parts.len() - 1], &parts[..parts.len() - 1]);
        let decimal = Digits { end: 0, value: value(head, Some(tail)), alternative: None, decimals: tail.len() as u32 };
        let are_thousands = |parts: &[&str]| parts[1..].iter().all(|p| p.len() == 3) && !parts[0].starts_with('0');
        if rest.is_empty() {
            let can_group = are_thousands(parts) && !parts[0].is_empty() && parts[0].len() <= 3;
            return match (last, language) {
                (',', Language::En) if can_group => whole(value(parts, None)),
                ('.', Language::De | Language::Es) if can_group => {
                    Digits { alternative: Some(decimal.value), decimals: 0, ..whole(value(parts, None)) }
                }
                ('.' | ',', _) => decimal,
                _ => whole(value(parts, None)),
            };
        }
        if rest.iter().all(|&c| c == last) {
            return whole(if are_thousands(parts) { value(parts, None) } else { f64::NAN });
        }
        let is_decimal = matches!(last, '.' | ',') && rest.iter().all(|&c| c == rest[0]) && are_thousands(head);
        if is_decimal { decimal } else { whole(f64::NAN) }
    }
}
