//! `sharegpt`: conversations of from and value. LLaMA-Factory also reads tool calls and answers from this format.

use super::Outline;
use super::chat::said;
use super::columns::{head, proofs};
use super::json::{escaped, list, pair, raw, text};
use super::tool::TOOL;
use crate::llm::example::{Example, Turn};

/// The tool list of a conversation without tools.
const NO_TOOLS: &str = "[]";

pub(super) fn conversations(out: &mut Vec<u8>, example: &Example, outline: Outline<'_>, tools_text: &str) {
    let mut call = Vec::new();
    head(out, example);
    raw(out, ",\"conversations\":");
    list(out, outline.turns, |out, turn| {
        pair(out, "{\"from\":", from(turn));
        raw(out, ",\"value\":");
        if let Turn::Call { sql, .. } = turn {
            call.clear();
            pair(&mut call, "{\"name\":", TOOL);
            pair(&mut call, ",\"arguments\":{\"sql\":", sql);
            raw(&mut call, "}}");
            out.push(b'"');
            escaped(out, &call);
            out.push(b'"');
        } else {
            text(out, said(turn));
        }
        out.push(b'}');
    });
    pair(out, ",\"system\":", outline.system);
    // Axolotl reads the text as JSON even if it is empty.
    pair(out, ",\"tools\":", if outline.calls == 0 { NO_TOOLS } else { tools_text });
    proofs(out, example);
}

fn from(turn: &Turn) -> &'static str {
    match turn {
        Turn::System { .. } => "system",
        Turn::User { .. } => "human",
        Turn::Assistant { .. } => "gpt",
        Turn::Call { .. } => "function_call",
        Turn::Answer { .. } => "observation",
    }
}
