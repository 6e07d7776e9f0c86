//! Writes and reads the text of a quantized sequence.

use std::fmt::Write;

use super::{CodecError, CodecSettings, Coding, MAX_INDEX, MAX_UNITS, QuantizedFrame, QuantizedSequence};

/// First word of the header. The number increases if the meaning of the text changes.
const MAGIC: &str = "pose1";
/// Letters of the landmarks' codes: `a` to `z`, `A` to `Z`, `aa`, `ab`, ...
const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Code of a landmark by its index in the header.
fn code(landmark: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = landmark + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(LETTERS[rest % LETTERS.len()]));
        rest /= LETTERS.len();
    }
    letters.iter().rev().collect()
}

/// Escapes a name: letters, digits, `_` and `-` stay; each other byte becomes `%` and two hex digits.
fn escape(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02x}");
        }
    }
    text
}

/// The name whose escaped form is exactly `text`; `None` if there is none.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (hex, tail) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok().filter(|name| escape(name) == text)
}

pub(super) fn write(sequence: &QuantizedSequence, coding: Coding) -> String {
    let codes: Vec<String> = (0..sequence.landmarks.len()).map(code).collect();
    let mut text = format!("{MAGIC} rate={} grid={} coding={}", sequence.rate_hz, sequence.grid, coding.name());
    for (code, name) in codes.iter().zip(&sequence.landmarks) {
        let _ = write!(text, " {code}={}", escape(name));
    }
    text.push('\n');
    let mut last = vec![[0; 2]; codes.len()];
    for frame in &sequence.frames {
        let _ = write!(text, "{}", frame.index);
        for (landmark, code) in codes.iter().enumerate() {
            let _ = match frame.points.get(landmark).copied().flatten() {
                None => write!(text, " {code}."),
                Some([x, y]) => {
                    let [from_x, from_y] = if coding == Coding::Delta { last[landmark] } else { [0; 2] };
                    last[landmark] = [x, y];
                    write!(text, " {code}{:+}{:+}", x - from_x, y - from_y)
                }
            };
        }
        text.push('\n');
    }
    text
}

/// Reads a text of [`super::encode`]. A missing last newline and `\r\n` are accepted.
///
/// # Errors
/// The first invalid line, and the reason.
pub fn decode(text: &str) -> Result<QuantizedSequence, CodecError> {
    let mut lines =
        text.strip_suffix('\n').unwrap_or(text).split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let (settings, landmarks) = read_header(lines.next().unwrap_or_default())?;
    let codes: Vec<String> = (0..landmarks.len()).map(code).collect();
    let mut last = vec![[0; 2]; landmarks.len()];
    let mut frames: Vec<QuantizedFrame> = Vec::new();
    for (place, text) in lines.enumerate() {
        let line = place + 2;
        let mut fields = text.split(' ');
        let found = fields.next().unwrap_or_default();
        let index = read_index(found)
            .filter(|index| frames.last().is_none_or(|before| *index > before.index))
            .ok_or_else(|| CodecError::Index { line, found: shorten(found) })?;
        let mut points = Vec::with_capacity(codes.len());
        for (code, last) in codes.iter().zip(&mut last) {
            let found = fields.next().unwrap_or_default();
            let from = if settings.coding == Coding::Delta { *last } else { [0; 2] };
            let point = match found.strip_prefix(code.as_str()) {
                Some(".") => Some(None),
                Some(rest) => read_point(rest, from).map(Some),
                None => None,
            };
            let point =
                point.ok_or_else(|| CodecError::Landmark { line, code: code.clone(), found: shorten(found) })?;
            *last = point.unwrap_or(*last);
            points.push(point);
        }
        if let Some(found) = fields.next() {
            return Err(CodecError::Extra { line, found: shorten(found) });
        }
        frames.push(QuantizedFrame { index, points });
    }
    Ok(QuantizedSequence { rate_hz: settings.rate_hz, grid: settings.grid, landmarks, frames })
}

fn read_header(line: &str) -> Result<(CodecSettings, Vec<String>), CodecError> {
    let mut fields = line.split(' ');
    if fields.next() != Some(MAGIC) {
        return Err(CodecError::Header);
    }
    let mut field = |name: &str| {
        let value = fields.next().and_then(|field| field.strip_prefix(name)?.strip_prefix('='));
        value.ok_or(CodecError::Header)
    };
    let [rate, grid, coding] = [field("rate")?, field("grid")?, field("coding")?];
    let invalid = |text: &str| CodecError::HeaderField(shorten(text));
    let rate_hz = exactly::<f64>(rate).ok_or_else(|| invalid(rate))?;
    let grid = exactly::<u32>(grid).ok_or_else(|| invalid(grid))?;
    let settings = CodecSettings::new(rate_hz, grid, coding.parse()?)?;
    let landmarks = fields.enumerate().map(|(place, field)| {
        let name = field.strip_prefix(code(place).as_str()).and_then(|rest| rest.strip_prefix('='));
        name.and_then(unescape).ok_or_else(|| invalid(field))
    });
    Ok((settings, landmarks.collect::<Result<_, _>>()?))
}

/// Parses a number whose text is exactly `text`, so that each sequence has only one text.
fn exactly<T: std::str::FromStr + std::fmt::Display>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}

fn read_index(text: &str) -> Option<i64> {
    exactly::<i64>(text).filter(|index| index.abs() <= MAX_INDEX)
}

/// Reads two signed numbers relative to `from`.
fn read_point(text: &str, from: [i32; 2]) -> Option<[i32; 2]> {
    let second_sign = 1 + text.get(1..)?.find(['+', '-'])?;
    let (x, y) = text.split_at(second_sign);
    let read = |text: &str, from: i32| {
        let units = text.parse::<i32>().ok().filter(|units| format!("{units:+}") == text)?.checked_add(from)?;
        (units.abs() <= MAX_UNITS).then_some(units)
    };
    Some([read(x, from[0])?, read(y, from[1])?])
}

/// Shortens a text for an error message.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
