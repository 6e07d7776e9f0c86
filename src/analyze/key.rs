//! Keys of results, in two halves: the input and the definition. Pure.

/// The key of a result: identifies everything that it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The hash of the tables and settings that the result's step reads.
    pub input: String,
    /// The hash of the SQL, or the version of the code, that makes the result.
    pub definition: String,
}

/// The reason why a result has to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The result does not exist yet.
    New,
    /// The input changed.
    Input,
    /// The definition changed.
    Definition,
    /// The user forces it.
    Forced,
}

impl Reason {
    /// Returns the reason in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Input => "its input or settings changed",
            Self::Definition => "its definition changed",
            Self::Forced => "forced",
        }
    }
}

/// Returns the hash of several texts, in order.
#[must_use]
pub fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

impl Key {
    /// Returns the key as written into the footer of a part.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}-{}", self.input, self.definition)
    }

    /// Returns why a result with the key `found` has to be made again; `None` if it is up to date.
    #[must_use]
    pub fn reason(&self, found: Option<&str>) -> Option<Reason> {
        match found.and_then(|text| text.split_once('-')) {
            None => Some(Reason::New),
            Some((input, _)) if input != self.input => Some(Reason::Input),
            Some((_, definition)) if definition != self.definition => Some(Reason::Definition),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_differs() {
        let key = Key { input: "a".to_owned(), definition: "b".to_owned() };
        assert_eq!(key.reason(Some(&key.text())), None);
        assert_eq!(key.reason(None), Some(Reason::New));
        assert_eq!(key.reason(Some("x-b")), Some(Reason::Input));
        assert_eq!(key.reason(Some("a-x")), Some(Reason::Definition));
    }

    #[test]
    fn where_texts_end_counts() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }
}
