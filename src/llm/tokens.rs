//! Counts tokens offline, to determine how many tokens a text costs a model to read. Pure.
//!
//! The ranks are inside the crate `tiktoken` (3 MB of the program for both tokenizers), so nothing is downloaded, and
//! the counts equal those of `OpenAI`'s own tokenizer of that name. Other providers have other tokenizers, for which
//! the count is an estimate. The ranks are unpacked on first use, in about a tenth of a second, and kept.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tiktoken::CoreBpe;
use tiktoken::encoding::{cl100k_base, o200k_base};

static O200K_BASE: LazyLock<CoreBpe> = LazyLock::new(o200k_base);
static CL100K_BASE: LazyLock<CoreBpe> = LazyLock::new(cl100k_base);

/// A tokenizer by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tokenizer {
    /// `OpenAI`'s models since GPT-4o.
    #[default]
    #[serde(rename = "o200k_base")]
    O200kBase,
    /// `OpenAI`'s GPT-4 and GPT-3.5.
    #[serde(rename = "cl100k_base")]
    Cl100kBase,
}

/// The tokenizer is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown tokenizer `{0}`: use `o200k_base` or `cl100k_base`")]
pub(crate) struct UnknownTokenizer(String);

impl Tokenizer {
    /// Number of tokens in a text. Names of special tokens such as `<|endoftext|>` count as plain text.
    #[must_use]
    pub(crate) fn count(self, text: &str) -> usize {
        match self {
            Self::O200kBase => O200K_BASE.count(text),
            Self::Cl100kBase => CL100K_BASE.count(text),
        }
    }

    /// Name of the tokenizer in `tiktoken`.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }
}

impl fmt::Display for Tokenizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Tokenizer {
    type Err = UnknownTokenizer;

    fn from_str(text: &str) -> Result<Self, UnknownTokenizer> {
        [Self::O200kBase, Self::Cl100kBase]
            .into_iter()
            .find(|tokenizer| tokenizer.name() == text)
            .ok_or_else(|| UnknownTokenizer(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_tiktoken() {
        // From tiktoken 0.14.0.
        for (text, o200k, cl100k) in [
            ("", 0, 0),
            ("hello world", 2, 2),
            ("The knee range of motion of Athlete Bakorudi is 117 degrees.", 15, 16),
            ("Die Schrittlänge links beträgt 1,45 m (95 %-Intervall 1,27 bis 1,64).", 27, 30),
            ("12 A-3+45 B+12-9 C.", 13, 13),
            ("<|endoftext|>  \n\n\t x", 10, 10),
        ] {
            assert_eq!(Tokenizer::O200kBase.count(text), o200k, "{text}");
            assert_eq!(Tokenizer::Cl100kBase.count(text), cl100k, "{text}");
        }
    }

    #[test]
    fn long_words_do_not_take_long() {
        let text = "ab".repeat(100_000);
        assert!(Tokenizer::O200kBase.count(&text) > 10_000);
    }

    #[test]
    fn names_are_read_and_written() {
        assert_eq!("cl100k_base".parse(), Ok(Tokenizer::Cl100kBase));
        assert_eq!(Tokenizer::default().to_string().parse(), Ok(Tokenizer::O200kBase));
        assert_eq!(
            "gpt2".parse::<Tokenizer>().unwrap_err().to_string(),
            "unknown tokenizer `gpt2`: use `o200k_base` or `cl100k_base`"
        );
    }

    #[test]
    #[ignore = "measures; run it alone in release"]
    fn speed() {
        // Processor time of this thread, independent of other work on the machine.
        let cpu_s = || {
            let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
        };
        let text = (0..200_000).fold(String::new(), |text, n| {
            text + &format!("The stride length of Athlete Bakorudi on the left is {}.{} m. ", n % 7, n % 97)
        });
        for tokenizer in [Tokenizer::O200kBase, Tokenizer::Cl100kBase] {
            let start_s = cpu_s();
            assert_eq!(tokenizer.count("x"), 1);
            let loaded_s = cpu_s();
            let n_tokens: usize =
                text.as_bytes().chunks(420).map(|row| tokenizer.count(std::str::from_utf8(row).unwrap())).sum();
            let mb_per_s = text.len() as f64 / 1e6 / (cpu_s() - loaded_s);
            let german =
                text.replace("stride length", "Schrittlänge").replace("left is", "linken Seite beträgt für Größe");
            let german_s = cpu_s();
            let n_german: usize = german.split_inclusive(". ").map(|row| tokenizer.count(row)).sum();
            println!("{n_german} tokens of German, {:.1} MB/s", german.len() as f64 / 1e6 / (cpu_s() - german_s));
            println!("{tokenizer}: loaded in {:.3} s, {n_tokens} tokens, {mb_per_s:.1} MB/s", loaded_s - start_s);
        }
    }
}
