//! The header at the start of every file in `sql/`: comment lines of the form `-- key: text`. Indented lines continue
//! an entry. Pure.

use std::collections::BTreeMap;

/// A parsed header. The first entry gives the kind of object that the file holds and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `macro`, `view`, `relation`, `metric`, `check`, ...
    pub kind: String,
    /// The name of the object.
    pub name: String,
    entries: BTreeMap<String, String>,
}

impl Header {
    /// Parses the header of an SQL text; `None` if the text has no header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            let Some(comment) = line.strip_prefix("--") else { break };
            if let Some((key, value)) = key_and_value(comment) {
                entries.push((key.to_owned(), value.to_owned()));
            } else {
                let (_, value) = entries.last_mut()?;
                value.push(' ');
                value.push_str(comment.trim());
            }
        }
        let (kind, name) = entries.first().cloned()?;
        Some(Self { kind, name, entries: entries.into_iter().collect() })
    }

    /// Returns the text of an entry; `None` if the header has no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// Returns an entry that lists names separated by commas.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<&str> {
        let text = self.get(key).unwrap_or_default();
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }
}

/// Splits `key: value` right after the dashes; lines that continue an entry are indented further.
fn key_and_value(comment: &str) -> Option<(&str, &str)> {
    let text = comment.strip_prefix(' ')?;
    if text.starts_with(' ') {
        return None;
    }
    let (key, value) = text.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    is_key.then_some((key, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "-- metric: cadence\n-- what:   steps a minute,\n--         both feet\n-- needs:  events, people\n\nSELECT 1\n-- not: this\n";

    #[test]
    fn entries_are_read_with_their_continuation() {
        let header = Header::parse(TEXT).unwrap();
        assert_eq!((header.kind.as_str(), header.name.as_str()), ("metric", "cadence"));
        assert_eq!(header.get("what"), Some("steps a minute, both feet"));
        assert_eq!(header.list("needs"), ["events", "people"]);
        assert_eq!(header.get("not"), None);
    }

    #[test]
    fn text_without_a_header_has_none() {
        assert_eq!(Header::parse("SELECT 1"), None);
        assert_eq!(Header::parse("--   indented\n"), None);
    }
}
