//! Writes JSON directly into bytes: shapes are written at a hundred thousand lines per second.

/// Bytes that need no escape in JSON. `0xC2` and `0xE2` need a check, because Unicode line ends begin with them.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain[0xC2] = false;
    plain[0xE2] = false;
    plain
};

/// Appends bytes unchanged.
pub(super) fn raw(out: &mut Vec<u8>, bytes: &str) {
    out.extend_from_slice(bytes.as_bytes());
}

/// Appends a text with its quotes.
pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    escaped(out, value.as_bytes());
    out.push(b'"');
}

/// Appends the UTF-8 `bytes` of a text without quotes, escaped.
pub(super) fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut written = 0;
    let mut at = 0;
    loop {
        at += plain_length(bytes.get(at..).unwrap_or_default());
        if at >= bytes.len() {
            break;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let Some((length, escape)) = special(rest) else {
            at += 1;
            continue;
        };
        out.extend_from_slice(bytes.get(written..at).unwrap_or_default());
        match escape {
            Escape::Short(letter) => out.extend_from_slice(&[b'\\', letter]),
            Escape::Hex(code) => hex(out, code),
        }
        at += length;
        written = at;
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or_default());
}

/// Number of bytes at the start of `rest` that need no escape.
fn plain_length(rest: &[u8]) -> usize {
    let words = rest.chunks_exact(8);
    let plain =
        words.take_while(|word| word.iter().fold(true, |plain, byte| plain & PLAIN[usize::from(*byte)])).count() * 8;
    plain + rest.get(plain..).unwrap_or_default().iter().take_while(|byte| PLAIN[usize::from(**byte)]).count()
}

/// The escape of a character.
enum Escape {
    /// A backslash and a letter.
    Short(u8),
    /// `\u` and four hex digits.
    Hex(u16),
}

/// The character at the start of `rest`, if it needs an escape: its length in bytes and the escape.
fn special(rest: &[u8]) -> Option<(usize, Escape)> {
    Some(match *rest {
        [byte @ (b'"' | b'\\'), ..] => (1, Escape::Short(byte)),
        [b'\n', ..] => (1, Escape::Short(b'n')),
        [b'\r', ..] => (1, Escape::Short(b'r')),
        [b'\t', ..] => (1, Escape::Short(b't')),
        [byte, ..] if byte < 0x20 => (1, Escape::Hex(u16::from(byte))),
        // Python's `splitlines` ends a line at each of these characters; JSON itself does not need the escape.
        [0xC2, 0x85, ..] => (2, Escape::Hex(0x85)),
        [0xE2, 0x80, 0xA8, ..] => (3, Escape::Hex(0x2028)),
        [0xE2, 0x80, 0xA9, ..] => (3, Escape::Hex(0x2029)),
        _ => return None,
    })
}

fn hex(out: &mut Vec<u8>, code: u16) {
    raw(out, "\\u");
    for shift in [12, 8, 4, 0] {
        let digit = (code >> shift & 0xF) as u8;
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
}

/// Appends a float with a decimal point, so that no reader takes a column for whole numbers. A value that is not finite
/// becomes `null`.
pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    let start = out.len();
    // Minus zero looks like a number with a direction.
    let value = if value == 0.0 { 0.0 } else { value };
    if !value.is_finite() || serde_json::to_writer(&mut *out, &value).is_err() {
        out.truncate(start);
        raw(out, "null");
        return;
    }
    let digits = out.get(start..).unwrap_or_default();
    if digits.contains(&b'.') {
        return;
    }
    let exponent = digits.iter().position(|byte| *byte == b'e').map_or(out.len(), |offset| start + offset);
    out.splice(exponent..exponent, *b".0");
}

/// Appends a list: `each` appends one item.
pub(super) fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        each(out, item);
    }
    out.push(b']');
}

/// Appends `"key":"value"`. `key` includes the text before it, as in `,"key":`.
pub(super) fn pair(out: &mut Vec<u8>, key: &str, value: &str) {
    raw(out, key);
    text(out, value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float_text(value: f64) -> String {
        let mut out = b"x".to_vec();
        float(&mut out, value);
        String::from_utf8(out).unwrap()[1..].to_owned()
    }

    #[test]
    fn floats_always_have_a_point() {
        assert_eq!(float_text(1.0), "1.0");
        assert_eq!(float_text(-0.0), "0.0");
        assert_eq!(float_text(63.1), "63.1");
        assert_eq!(float_text(f64::NAN), "null");
        assert_eq!(float_text(f64::INFINITY), "null");
    }

    #[test]
    fn line_ends_of_any_kind_are_escaped() {
        let mut out = Vec::new();
        text(&mut out, "a\n\r\t\u{1}\"\\\u{85}\u{2028}\u{2029}é\u{a1}—");
        assert_eq!(String::from_utf8(out).unwrap(), r#""a\n\r\t\u0001\"\\\u0085\u2028\u2029é¡—""#);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(value in any::<String>()) {
            let mut out = Vec::new();
            text(&mut out, &value);
            prop_assert!(out.iter().all(|byte| *byte >= 0x20));
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), value);
        }

        #[test]
        fn every_float_comes_back_with_a_point(value in any::<f64>()) {
            let written = float_text(value);
            if value.is_finite() {
                prop_assert_eq!(written.parse::<f64>().unwrap(), value);
                prop_assert_eq!(serde_json::from_str::<f64>(&written).unwrap(), value);
                prop_assert!(written.contains('.'));
            } else {
                prop_assert_eq!(written, "null");
            }
        }
    }
}
