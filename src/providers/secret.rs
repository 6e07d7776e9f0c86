//! Keys that must not be shown.

use std::fmt;

/// The replacement for a secret.
const MASK: &str = "***";
/// Shortest secret that is masked, bytes. Shorter texts are placeholders for servers without keys; replacing them would
/// garble messages.
const MIN_BYTES: usize = 4;

/// A key. It prints as `***` and cannot be serialized.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// Wraps a key.
    #[must_use]
    pub(crate) fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself, for authentication.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces the key in a text by `***`: servers may quote the request.
    #[must_use]
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.len() < MIN_BYTES { text.to_owned() } else { text.replace(&self.0, MASK) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_prints_as_mask() {
        let secret = Secret::new("sk-ant-1234567890");
        assert_eq!(format!("{secret} {secret:?} {secret:#?} {:?}", Some(secret.clone())), "*** *** *** Some(***)");
        assert_eq!(secret.expose(), "sk-ant-1234567890");
    }

    #[test]
    fn secret_is_cut_out_of_every_place_in_a_text() {
        let secret = Secret::new("sk-1234");
        assert_eq!(secret.redact("invalid key sk-1234 (sk-1234)"), "invalid key *** (***)");
        assert_eq!(secret.redact("invalid key sk-12"), "invalid key sk-12");
        assert_eq!(Secret::new("").redact("text"), "text");
        assert_eq!(Secret::new("x").redact("expected"), "expected");
    }
}
