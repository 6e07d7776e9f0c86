//! Finds the names of the facts' quantities in a text. Pure.
//!
//! The words of a name make no claim of their own: "ankle height above the other ankle" compares nothing, and "stance
//! time with the other leg in the air" is not about the other leg. A side in front of a name belongs to it, also where
//! the name begins with a word of an idiom: "the right time of the peak".

use super::Language;
use super::known::Known;
use super::tokens::Tokens;

/// Number of tokens from which the end of a name counts without its beginning, as in "the ankle on the left above the
/// other ankle in mid-swing".
const LONG_END: usize = 5;

/// Number of tokens from which a part of a name counts that begins with a comparing word.
const LONG_COMPARISON: usize = 4;

/// The names of quantities among the tokens of a text.
pub(super) struct Quantities {
    /// For each token, whether it is in a name or in a long part of one.
    inside: Vec<bool>,
    /// For each token, whether a whole name begins there.
    starts: Vec<bool>,
    /// For each token, the index of a fact whose whole name it is in.
    owners: Vec<Option<usize>>,
}

impl Quantities {
    /// Finds the names of the facts' quantities.
    pub(super) fn new(tokens: &Tokens, known: &[Known]) -> Self {
        let n = tokens.len();
        let mut found = Quantities { inside: vec![false; n], starts: vec![false; n], owners: vec![None; n] };
        // A name may contain another one. The longer one is marked last.
        let mut order: Vec<usize> = (0..known.len()).collect();
        order.sort_by_key(|&k| known[k].fact.quantity.len());
        for owner in order {
            let name = Tokens::new(&known[owner].fact.quantity, Language::En, &[]);
            for at in 0..n {
                found.mark(tokens, at, &name, owner);
            }
        }
        found
    }

    /// Marks the name, or a part of it, if it begins at token `at`.
    fn mark(&mut self, tokens: &Tokens, at: usize, name: &Tokens, owner: usize) {
        for from in 0..name.len() {
            let is_equal = |k: &usize| is_same(tokens.word(at + k), name.word(from + k));
            let n = (0..name.len() - from).take_while(is_equal).count();
            let is_end = from + n == name.len();
            let is_whole = is_end && from == 0 && n > 1;
            let is_comparison = n >= LONG_COMPARISON && matches!(name.word(from), "above" | "below");
            if is_whole || is_comparison || (is_end && n >= LONG_END) {
                self.inside[at..at + n].fill(true);
            }
            if is_whole {
                self.starts[at] = true;
                self.owners[at..at + n].fill(Some(owner));
            }
        }
    }

    /// Whether the token is in the name of a quantity.
    pub(super) fn holds(&self, token: usize) -> bool {
        self.inside.get(token) == Some(&true)
    }

    /// Whether the whole name of a quantity begins with the token.
    pub(super) fn starts_at(&self, token: usize) -> bool {
        self.starts.get(token) == Some(&true)
    }

    /// The first token of the whole name that the token is in.
    pub(super) fn start(&self, token: usize) -> Option<usize> {
        let owner = self.owner(token)?;
        (0..=token).rev().take_while(|k| self.owner(*k) == Some(owner)).find(|k| self.starts_at(*k))
    }

    /// The index of a fact whose whole name the token is in.
    pub(super) fn owner(&self, token: usize) -> Option<usize> {
        self.owners.get(token).copied().flatten()
    }
}

/// Whether two tokens are the same word or mark. Hyphens have two characters.
fn is_same(word: &str, other: &str) -> bool {
    let is_hyphen = |mark: &str| matches!(mark, "-" | "\u{2011}");
    !word.is_empty() && (word == other || (is_hyphen(word) && is_hyphen(other)))
}
