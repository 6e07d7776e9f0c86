//! Extracts the part of a source text that affects behavior: Rust without comments and tests, SQL without comments.
//! Pure; shared by `build.rs` and the tests.

#[path = "../src/sql/essence.rs"]
mod sql;

use std::ops::Range;

use sql::{block_comment, is_word, line_comment};

/// The kind of a token of a source text. White space is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A comment.
    Comment,
    /// A string or a character.
    Literal,
    /// A name, a keyword or a number.
    Word,
    /// Any other character.
    Mark,
}

/// A token of a source text, as a byte range.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    kind: Kind,
    place: Range<usize>,
}

/// Returns the content of a file that counts, by its extension: for Rust and SQL the tokens without comments (and
/// tests), for all other files every byte.
pub(crate) fn essence(name: &str, bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let pieces: Vec<Piece> = match name.rsplit_once('.') {
        Some((_, "rs")) => {
            let pieces = rust_pieces(text);
            let tests = test_items(text, &pieces);
            pieces.into_iter().filter(|piece| tests.iter().all(|test| !test.contains(&piece.place.start))).collect()
        }
        Some((_, "sql")) => return sql::essence(text).into_bytes(),
        _ => return bytes.to_vec(),
    };
    let texts: Vec<&str> =
        pieces.into_iter().filter(|piece| piece.kind != Kind::Comment).map(|piece| &text[piece.place]).collect();
    let mut essence = Vec::new();
    for (index, piece) in texts.iter().enumerate() {
        // The formatter adds a trailing comma when it breaks a list into lines.
        let is_trailing = *piece == "," && texts.get(index + 1).is_some_and(|next| [")", "]", "}"].contains(next));
        if !is_trailing {
            essence.extend_from_slice(piece.as_bytes());
            essence.push(b' ');
        }
    }
    essence
}

/// Returns Rust source without its tests: items marked `#[cfg(test)]` are cut out, everything else stays as it is.
#[allow(dead_code, reason = "used by the tests, not by build.rs")]
pub(crate) fn without_tests(rust: &str) -> String {
    let pieces = rust_pieces(rust);
    without(rust, test_items(rust, &pieces).into_iter())
}

/// Returns Rust source without its tests and comments.
#[allow(dead_code, reason = "used by the tests, not by build.rs")]
pub(crate) fn program(rust: &str) -> String {
    let rust = without_tests(rust);
    let comments = rust_pieces(&rust).into_iter().filter(|piece| piece.kind == Kind::Comment);
    without(&rust, comments.map(|piece| piece.place))
}

/// Returns the test-only modules that a file declares and that have files of their own: `#[cfg(test)] mod name;`.
pub(crate) fn test_modules(rust: &str) -> Vec<String> {
    let items = test_items(rust, &rust_pieces(rust));
    let declared = items.into_iter().filter_map(|item| {
        let declaration = rust[item].strip_suffix(';')?;
        let (_, name) = declaration.rsplit_once("mod ")?;
        Some(name.trim().to_owned())
    });
    declared.collect()
}

/// Returns the text without the given ranges, which are sorted and do not overlap.
fn without(text: &str, stretches: impl Iterator<Item = Range<usize>>) -> String {
    let (mut kept, mut from) = (String::new(), 0);
    for stretch in stretches {
        kept.push_str(&text[from..stretch.start]);
        from = stretch.end;
    }
    kept + &text[from..]
}

fn rust_pieces(text: &str) -> Vec<Piece> {
    pieces(text, |rest| {
        if rest.starts_with(b"//") {
            Some((Kind::Comment, line_comment(rest)))
        } else if rest.starts_with(b"/*") {
            Some((Kind::Comment, block_comment(rest)))
        } else {
            raw_string(rest).or_else(|| string(rest)).or_else(|| character(rest)).map(|length| (Kind::Literal, length))
        }
    })
}

/// Splits a text into tokens. `special` returns the kind and length of a token that is neither a word nor a mark.
fn pieces(text: &str, special: impl Fn(&[u8]) -> Option<(Kind, usize)>) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let (mut pieces, mut start) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
        if rest[0].is_ascii_whitespace() {
            start += 1;
            continue;
        }
        let (kind, length) =
            special(rest).unwrap_or_else(|| match rest.iter().take_while(|byte| is_word(**byte)).count() {
                0 => (Kind::Mark, 1),
                length => (Kind::Word, length),
            });
        let end = (start + length).min(bytes.len());
        pieces.push(Piece { kind, place: start..end });
        start = end;
    }
    pieces
}

/// Returns the length of `r"..."`, `r#"..."#`, `br"..."`, `cr"..."`.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let prefix = [&b"r"[..], b"br", b"cr"].into_iter().find(|prefix| rest.starts_with(prefix))?.len();
    let hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
    let inner = rest[prefix + hashes..].strip_prefix(b"\"")?;
    let is_end = |at: &usize| {
        inner[*at] == b'"' && inner[at + 1..].iter().take(hashes).filter(|&&b| b == b'#').count() == hashes
    };
    let end = (0..inner.len()).find(is_end)?;
    Some(prefix + hashes + 1 + end + 1 + hashes)
}

/// Returns the length of `"..."`, `b"..."`, `c"..."`.
fn string(rest: &[u8]) -> Option<usize> {
    let prefix = usize::from(matches!(rest, [b'b' | b'c', b'"', ..]));
    let inner = rest[prefix..].strip_prefix(b"\"")?;
    let mut at = 0;
    while *inner.get(at)? != b'"' {
        at += if inner[at] == b'\\' { 2 } else { 1 };
    }
    Some(prefix + 1 + at + 1)
}

/// Returns the length of `'x'` or `b'x'`; `None` for a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    let prefix = usize::from(matches!(rest, [b'b', b'\'', ..]));
    let inner = rest[prefix..].strip_prefix(b"'")?;
    let end = if inner.first() == Some(&b'\\') {
        2 + inner.get(2..)?.iter().position(|&byte| byte == b'\'')?
    } else {
        // One character of any length.
        let end = 1 + inner.get(1..)?.iter().take_while(|&&byte| byte & 0xc0 == 0x80).count();
        (inner.get(end) == Some(&b'\'')).then_some(end)?
    };
    Some(prefix + 1 + end + 1)
}

/// Returns the ranges of items marked `#[cfg(test)]`, from the attribute to their last `}` or `;`.
fn test_items(text: &str, pieces: &[Piece]) -> Vec<Range<usize>> {
    let code: Vec<(&str, Range<usize>)> = pieces
        .iter()
        .filter(|piece| piece.kind != Kind::Comment)
        .map(|piece| (&text[piece.place.clone()], piece.place.clone()))
        .collect();
    let is_marked = |index: usize| {
        let found = code[index..].iter().map(|(piece, _)| *piece).take(7);
        found.eq(["#", "[", "cfg", "(", "test", ")", "]"])
    };
    let (mut items, mut index) = (Vec::new(), 0);
    while index < code.len() {
        if is_marked(index) {
            let last = item_end(&code, index);
            items.push(code[index].1.start..code[last].1.end);
            index = last;
        }
        index += 1;
    }
    items
}

/// Returns the index of an item's last token, given that of its first attribute.
fn item_end(code: &[(&str, Range<usize>)], first: usize) -> usize {
    let (mut depth, mut at) = (0_u32, first);
    let mut is_statement = None;
    while let Some((piece, _)) = code.get(at) {
        match *piece {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            match *piece {
                ";" => return at,
                "}" if is_statement == Some(false) => return at,
                "#" | "]" | ")" | "}" | "pub" => {}
                word => {
                    // `const fn` is a function. Other items with these keywords end with a semicolon, not with a
                    // brace.
                    let next = code.get(at + 1).map_or("", |(next, _)| *next);
                    let ends_late = ["use", "static", "type", "let"].contains(&word) || word == "const" && next != "fn";
                    is_statement.get_or_insert(ends_late);
                }
            }
        }
        at += 1;
    }
    code.len() - 1
}
