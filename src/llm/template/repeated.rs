//! The last text of a section, reused if the next row would produce the same text. Pure.
//!
//! Neighboring rows often have the same list of numbers before their question. This list is most of an example's text,
//! and most of the work.

use super::{Variant, Words};
use crate::llm::row::{Cell, Row};

/// The last text of one section of a template.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    variant: String,
    words: Words,
    /// Values of the columns that the variant reads.
    cells: Vec<Option<Cell>>,
    text: String,
}

impl Repeated {
    /// The text, if all columns that the variant reads have the same values as in the last row.
    pub(super) fn text(&self, variant: &Variant, row: &Row, words: &Words) -> Option<&str> {
        let last = self.last.as_ref().filter(|last| last.variant == variant.template && last.words == *words)?;
        let is_same = variant.reads.iter().zip(&last.cells).all(|(name, cell)| row.cell(name) == cell.as_ref());
        is_same.then_some(&last.text)
    }

    /// Stores a text.
    pub(super) fn keep(&mut self, variant: &Variant, row: &Row, words: &Words, text: &str) {
        self.last = Some(Last {
            variant: variant.template.clone(),
            words: words.clone(),
            cells: variant.reads.iter().map(|name| row.cell(name).cloned()).collect(),
            text: text.to_owned(),
        });
    }
}
