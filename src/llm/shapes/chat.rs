//! Chat shapes: `messages`, `tools` and `vision`.

use super::columns::{head, proofs};
use super::json::{list, pair, raw, text};
use super::tool::TOOL;
use crate::llm::example::{Example, Turn};

/// Appends turns without tool calls as a list of role and content.
pub(super) fn plain(out: &mut Vec<u8>, turns: &[Turn]) {
    list(out, turns, |out, turn| {
        pair(out, "{\"role\":", role(turn));
        pair(out, ",\"content\":", said(turn));
        out.push(b'}');
    });
}

/// Role of a turn in chat templates.
pub(in crate::llm) fn role(turn: &Turn) -> &'static str {
    match turn {
        Turn::System { .. } => "system",
        Turn::User { .. } => "user",
        Turn::Assistant { .. } | Turn::Call { .. } => "assistant",
        Turn::Answer { .. } => "tool",
    }
}

/// Text of a turn; empty for a call.
pub(in crate::llm) fn said(turn: &Turn) -> &str {
    match turn {
        Turn::System { text } | Turn::User { text } | Turn::Assistant { text } | Turn::Answer { text, .. } => text,
        Turn::Call { .. } => "",
    }
}

pub(super) fn messages(out: &mut Vec<u8>, example: &Example) {
    head(out, example);
    raw(out, ",\"messages\":");
    plain(out, &example.turns);
    proofs(out, example);
}

pub(super) fn tools(out: &mut Vec<u8>, example: &Example, tools_text: &str) {
    head(out, example);
    raw(out, ",\"messages\":");
    list(out, &example.turns, tool_turn);
    pair(out, ",\"tools\":", tools_text);
    proofs(out, example);
}

/// Appends a turn with every key that a call or an answer needs, because the keys of a list's items must not differ
/// within a file. Keys without a value are null, which trainers remove: chat templates take an empty list for calls.
fn tool_turn(out: &mut Vec<u8>, turn: &Turn) {
    pair(out, "{\"role\":", role(turn));
    pair(out, ",\"content\":", said(turn));
    raw(out, ",\"tool_calls\":");
    if let Turn::Call { id, sql } = turn {
        pair(out, "[{\"id\":", id);
        pair(out, ",\"type\":\"function\",\"function\":{\"name\":", TOOL);
        pair(out, ",\"arguments\":{\"sql\":", sql);
        raw(out, "}}}]");
    } else {
        raw(out, "null");
    }
    if let Turn::Answer { id, .. } = turn {
        pair(out, ",\"tool_call_id\":", id);
        pair(out, ",\"name\":", TOOL);
    } else {
        raw(out, ",\"tool_call_id\":null,\"name\":null");
    }
    out.push(b'}');
}

/// Appends a row of `vision`. Stills are in their own column, in the order of the parts of type image, because TRL
/// looks for them there. No part has a key `image`: templates such as that of Qwen2-VL take each part with this key for
/// a picture, whatever its value.
pub(super) fn vision(out: &mut Vec<u8>, example: &Example) {
    head(out, example);
    // The first question is the one about the stills.
    let first_user = example.turns.iter().position(|turn| matches!(turn, Turn::User { .. }));
    raw(out, ",\"images\":");
    list(out, &example.images, |out, image| text(out, image));
    raw(out, ",\"messages\":");
    list(out, example.turns.iter().enumerate(), |out, (index, turn)| {
        let n_images = if Some(index) == first_user { example.images.len() } else { 0 };
        pair(out, "{\"role\":", role(turn));
        raw(out, ",\"content\":[");
        for _ in 0..n_images {
            raw(out, "{\"type\":\"image\",\"text\":null},");
        }
        pair(out, "{\"type\":\"text\",\"text\":", said(turn));
        raw(out, "}]}");
    });
    proofs(out, example);
}
