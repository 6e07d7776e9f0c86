//! `alpaca`: instruction, input and output of single questions.

use super::Outline;
use super::chat::said;
use super::columns::{head, proofs};
use super::json::{pair, raw};
use crate::llm::compose::CONTEXT_END;
use crate::llm::example::Example;

/// Splits the text of a user turn into data context and question, at the last [`CONTEXT_END`]. If there is none, or if
/// one side of it is empty, the whole text is the question and the context is empty.
#[must_use]
pub(crate) fn context_and_question(text: &str) -> (&str, &str) {
    match text.rsplit_once(CONTEXT_END) {
        Some((context, question)) if !context.trim().is_empty() && !question.trim().is_empty() => (context, question),
        _ => ("", text),
    }
}

pub(super) fn instruction(out: &mut Vec<u8>, example: &Example, outline: Outline<'_>) {
    let (context, question) = context_and_question(outline.turns.first().map_or("", said));
    head(out, example);
    pair(out, ",\"instruction\":", question);
    pair(out, ",\"input\":", context);
    pair(out, ",\"output\":", outline.turns.last().map_or("", said));
    pair(out, ",\"system\":", outline.system);
    raw(out, ",\"history\":[]");
    proofs(out, example);
}
