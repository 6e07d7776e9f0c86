//! `prompt_completion` and `preference`: the last answer separate from the text before it.

use super::chat::plain;
use super::columns::{head, proofs};
use super::json::{pair, raw};
use crate::llm::example::{Example, Turn};

/// Opens the row with its prompt and returns the last turn.
fn prompt<'a>(out: &mut Vec<u8>, example: &'a Example) -> &'a [Turn] {
    let (before, last) = example.turns.split_at(example.turns.len().saturating_sub(1));
    head(out, example);
    raw(out, ",\"prompt\":");
    plain(out, before);
    last
}

pub(super) fn prompt_completion(out: &mut Vec<u8>, example: &Example) {
    let last = prompt(out, example);
    raw(out, ",\"completion\":");
    plain(out, last);
    proofs(out, example);
}

pub(super) fn preference(out: &mut Vec<u8>, example: &Example) {
    let last = prompt(out, example);
    raw(out, ",\"chosen\":");
    plain(out, last);
    pair(out, ",\"rejected\":[{\"role\":\"assistant\",\"content\":", &example.rejected);
    pair(out, "}],\"rejected_reason\":", &example.rejected_reason);
    proofs(out, example);
}
