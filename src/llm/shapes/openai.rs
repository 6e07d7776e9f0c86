//! Shapes of OpenAI's fine-tuning, which rejects unknown keys.

use super::chat::{plain, role, said};
use super::json::{escaped, list, pair, raw};
use super::tool::TOOL;
use crate::llm::example::{Example, Turn};

pub(super) fn messages(out: &mut Vec<u8>, example: &Example) {
    raw(out, "{\"messages\":");
    plain(out, &example.turns);
    out.push(b'}');
}

pub(super) fn tools(out: &mut Vec<u8>, example: &Example, tools_text: &str) {
    let mut arguments = Vec::new();
    raw(out, "{\"messages\":");
    list(out, &example.turns, |out, turn| {
        pair(out, "{\"role\":", role(turn));
        match turn {
            Turn::Call { id, sql } => {
                arguments.clear();
                pair(&mut arguments, "{\"sql\":", sql);
                arguments.push(b'}');
                pair(out, ",\"tool_calls\":[{\"id\":", id);
                pair(out, ",\"type\":\"function\",\"function\":{\"name\":", TOOL);
                raw(out, ",\"arguments\":\"");
                escaped(out, &arguments);
                raw(out, "\"}}]");
            }
            Turn::Answer { id, text } => {
                pair(out, ",\"tool_call_id\":", id);
                pair(out, ",\"content\":", text);
            }
            _ => pair(out, ",\"content\":", said(turn)),
        }
        out.push(b'}');
    });
    raw(out, ",\"tools\":");
    raw(out, tools_text);
    raw(out, ",\"parallel_tool_calls\":false}");
}
