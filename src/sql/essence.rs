//! What of an SQL text counts for its result: everything but comments and layout. Pure; `build.rs` uses it, too.

/// Returns SQL without comments, with a single space wherever tokens were apart. Quoted text stays as it is. A text
/// with quotes of other kinds (`E'...'`, `$$...$$`) is returned unchanged, because its comments are not certain.
pub(crate) fn essence(sql: &str) -> String {
    let bytes = sql.as_bytes();
    let mut kept = String::with_capacity(sql.len());
    let (mut at, mut is_apart) = (0, false);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = match rest {
            [b'-', b'-', ..] => line_comment(rest),
            [b'/', b'*', ..] => block_comment(rest),
            [byte, ..] if byte.is_ascii_whitespace() => 1,
            _ => 0,
        };
        if length > 0 {
            (at, is_apart) = (at + length, true);
            continue;
        }
        let Some(length) = token(rest).filter(|_| !(rest[0] == b'\'' && !is_apart && kept.ends_with(['e', 'E'])))
        else {
            return sql.to_owned();
        };
        if is_apart && !kept.is_empty() {
            kept.push(' ');
        }
        let end = (at + length).min(bytes.len());
        kept.push_str(&sql[at..end]);
        (at, is_apart) = (end, false);
    }
    kept
}

/// Returns the length of the token that a text begins with; `None` for a quote in dollars.
fn token(rest: &[u8]) -> Option<usize> {
    let word = |from: usize| rest[from..].iter().take_while(|byte| is_word(**byte)).count();
    match rest[0] {
        quote @ (b'\'' | b'"') => {
            Some(rest[1..].iter().position(|byte| *byte == quote).map_or(rest.len(), |end| end + 2))
        }
        b'$' if rest.get(1 + word(1)) == Some(&b'$') => None,
        byte if is_word(byte) => Some(word(0)),
        _ => Some(1),
    }
}

/// Returns whether a byte belongs to a word.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Returns the length of a comment up to the end of its line.
pub(crate) fn line_comment(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

/// Returns the length of a comment between `/*` and `*/`, which may be nested.
pub(crate) fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_layout_do_not_count() {
        let text = "-- what: speed, it's m/s\n\nSELECT a -- the name\n  , 'x -- y' /* \"kept\"? /* no */ */ , \"b '--\"\nFROM t";
        assert_eq!(essence(text), "SELECT a , 'x -- y' , \"b '--\" FROM t");
        assert_eq!(essence("SELECT 'it''s -- a', 1"), "SELECT 'it''s -- a', 1");
        assert_eq!(essence("a - -1 -- b"), "a - -1");
        assert_eq!(essence("größe--x\n+$1"), "größe +$1");
    }

    #[test]
    fn what_is_not_certain_stays() {
        for text in ["SELECT E'\\' -- a'", "SELECT $$ -- a $$", "SELECT $q$ -- a $q$ -- b"] {
            assert_eq!(essence(text), text);
        }
        assert_eq!(essence("SELECT 'open"), "SELECT 'open");
    }
}
