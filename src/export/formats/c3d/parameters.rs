//! The parameter section of a C3D file: groups of named arrays.

use super::{BLOCK_BYTES, MAGIC};

/// The text of a parameter.
pub(super) type Text<'a> = &'a str;

/// Lengths of arrays are stored in one byte; longer lists continue in `NAME2`, `NAME3` and so on.
const MAX_LENGTH: usize = 255;
/// The distance to the next parameter is a 16-bit number, which readers take as signed; the rest is for its header.
const MAX_DATA_BYTES: usize = 32_000;
/// Number of the little-endian ("Intel") processor type.
const LITTLE_ENDIAN: u8 = 84;
/// The section's own length is counted in one byte.
const MAX_BLOCKS: usize = 255;

const TYPE_TEXT: i8 = -1;
const TYPE_INTEGER: i8 = 2;
const TYPE_FLOAT: i8 = 4;

/// The section under construction.
#[derive(Default)]
pub(super) struct Parameters {
    bytes: Vec<u8>,
    groups: i8,
}

/// A group under construction.
pub(super) struct Group<'a> {
    bytes: &'a mut Vec<u8>,
    id: i8,
}

impl Parameters {
    /// Starts a group. Its parameters refer to it by number.
    pub(super) fn group(&mut self, name: &str) -> Group<'_> {
        self.groups += 1;
        push_name(&mut self.bytes, name, -self.groups);
        // Distance to the next entry, from here: the two bytes themselves and an empty description.
        self.bytes.extend(3_u16.to_le_bytes());
        self.bytes.push(0);
        Group { bytes: &mut self.bytes, id: self.groups }
    }

    /// Returns the section, padded to whole blocks; `None` if it is longer than the format allows.
    pub(super) fn into_section(self) -> Option<Vec<u8>> {
        const HEADER_BYTES: usize = 4;
        // A name of length 0 ends the section, so at least one zero follows the last entry.
        let blocks = (HEADER_BYTES + self.bytes.len() + 2).div_ceil(BLOCK_BYTES);
        if blocks > MAX_BLOCKS {
            return None;
        }
        let mut section = vec![1, MAGIC, blocks as u8, LITTLE_ENDIAN];
        section.extend(self.bytes);
        section.resize(blocks * BLOCK_BYTES, 0);
        Some(section)
    }
}

impl Group<'_> {
    /// Adds an unsigned 16-bit number.
    pub(super) fn integer(&mut self, name: &str, value: u16) {
        self.parameter(name, TYPE_INTEGER, &[], &value.to_le_bytes());
    }

    /// Adds a 32-bit float.
    pub(super) fn float(&mut self, name: &str, value: f32) {
        self.parameter(name, TYPE_FLOAT, &[], &value.to_le_bytes());
    }

    /// Adds a list of pairs of floats.
    pub(super) fn float_pairs(&mut self, name: &str, pairs: &[[f32; 2]]) {
        for (part, pairs) in pairs.chunks(MAX_LENGTH).enumerate() {
            let data: Vec<u8> = pairs.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
            self.parameter(&part_name(name, part), TYPE_FLOAT, &[2, pairs.len() as u8], &data);
        }
    }

    /// Adds one text.
    pub(super) fn text(&mut self, name: &str, text: Text) {
        let text = &text.as_bytes()[..text.len().min(MAX_LENGTH)];
        self.parameter(name, TYPE_TEXT, &[text.len() as u8], text);
    }

    /// Adds a list of texts, padded with spaces to the longest.
    pub(super) fn text_lists(&mut self, name: &str, texts: &[Text]) {
        let width = texts.iter().map(|text| text.len()).max().unwrap_or_default().clamp(1, MAX_LENGTH);
        let rows = MAX_LENGTH.min(MAX_DATA_BYTES / width);
        for (part, texts) in texts.chunks(rows).enumerate() {
            let mut data = Vec::with_capacity(texts.len() * width);
            for (row, text) in texts.iter().enumerate() {
                data.extend(&text.as_bytes()[..text.len().min(width)]);
                data.resize((row + 1) * width, b' ');
            }
            self.parameter(&part_name(name, part), TYPE_TEXT, &[width as u8, texts.len() as u8], &data);
        }
    }

    fn parameter(&mut self, name: &str, kind: i8, dimensions: &[u8], data: &[u8]) {
        push_name(self.bytes, name, self.id);
        // The distance counts from itself: its two bytes, type, number of dimensions, length of the empty
        // description.
        let distance = 2 + 1 + 1 + dimensions.len() + data.len() + 1;
        self.bytes.extend((distance as u16).to_le_bytes());
        self.bytes.push(kind.to_le_bytes()[0]);
        self.bytes.push(dimensions.len() as u8);
        self.bytes.extend(dimensions);
        self.bytes.extend(data);
        self.bytes.push(0);
    }
}

fn push_name(bytes: &mut Vec<u8>, name: &str, id: i8) {
    bytes.push(name.len() as u8);
    bytes.extend(id.to_le_bytes());
    bytes.extend(name.as_bytes());
}

fn part_name(name: &str, part: usize) -> String {
    if part == 0 { name.to_owned() } else { format!("{name}{}", part + 1) }
}
