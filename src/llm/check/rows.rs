//! Rules for rows in addition to keys and types.

use std::collections::BTreeSet;

use serde_json::Value;

use super::talk::{Said, Speaker, check, plain, text};
use super::{RowFaults, Trainer, openai};
use crate::llm::shapes::Config;

const DIFFICULTIES: [&str; 3] = ["easy", "medium", "hard"];
const REASONS: [&str; 5] = ["side", "sign", "joint", "interval", "value"];

/// Checks a row whose keys and types are already checked. `images` are the stills in the folder.
pub(super) fn row(config: Config, row: &Value, images: &BTreeSet<String>, faults: &mut RowFaults) {
    if !matches!(config, Config::OpenAi | Config::OpenAiTools) {
        about(row, faults);
        for (index, proof) in items(row, "proofs").iter().enumerate() {
            if let Some(problem) = proof_problem(proof) {
                faults.push((Trainer::Posekit, format!("proofs[{index}]: {problem}")));
            }
        }
    }
    match config {
        Config::Messages => talk(&[&row["messages"]], faults),
        Config::Tools => tools(row, faults),
        Config::OpenAi | Config::OpenAiTools => openai::row(row, faults),
        Config::ShareGpt => sharegpt(row, faults),
        Config::Alpaca => alpaca(row, faults),
        Config::PromptCompletion => {
            talk(&[&row["prompt"], &row["completion"]], faults);
            one_answer(row, "completion", faults);
        }
        Config::Preference => preference(row, faults),
        Config::Vision => vision(row, images, faults),
    }
}

pub(super) fn items<'a>(row: &'a Value, key: &str) -> &'a [Value] {
    row.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Checks the columns that describe the row.
fn about(row: &Value, faults: &mut RowFaults) {
    let id = text(row, "id");
    let hex = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    if !id.strip_prefix('e').is_some_and(|digits| digits.len() == 32 && digits.bytes().all(hex)) {
        faults.push((Trainer::Posekit, format!("id {id:?} is invalid: an e and 32 hex digits")));
    }
    for key in ["kind", "origin", "video_id"] {
        if text(row, key).is_empty() {
            faults.push((Trainer::Posekit, format!("{key} is empty")));
        }
    }
    if !DIFFICULTIES.contains(&text(row, "difficulty")) {
        faults.push((Trainer::Posekit, format!("difficulty is not one of {}", DIFFICULTIES.join(", "))));
    }
    let language = text(row, "language");
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|letter| letter.is_ascii_lowercase()) {
        faults.push((Trainer::Posekit, format!("language {language:?} is not a code such as en")));
    }
    if items(row, "athletes").iter().any(|athlete| athlete.as_str() == Some("")) {
        faults.push((Trainer::Posekit, "an athlete's name is empty".to_owned()));
    }
    match (row["first_time_s"].as_f64(), row["last_time_s"].as_f64()) {
        (Some(first), Some(last)) if first <= last => {}
        _ => faults.push((Trainer::Posekit, "first_time_s to last_time_s is not a part of a video".to_owned())),
    }
}

fn proof_problem(proof: &Value) -> Option<&'static str> {
    let has = |key: &str| !text(proof, key).is_empty();
    let number = |key: &str| proof[key].as_f64();
    if !has("query") {
        return Some("no query");
    }
    match number("value") {
        Some(_) if !has("shown") => return Some("a value that is not shown"),
        Some(_) if !has("unit") => return Some("a value without unit"),
        // A query that aggregates rows has no row of its own, so it has neither key nor column.
        Some(_) if has("row_key") != has("column") => return Some("a value with row_key or column alone"),
        None if has("shown") => return Some("a shown number without value"),
        _ => {}
    }
    match (number("low"), number("high")) {
        (None, None) => None,
        (Some(low), Some(high)) if low <= high => None,
        _ => Some("low and high are not an interval"),
    }
}

/// Checks messages of role and content, joined from several lists.
fn talk(lists: &[&Value], faults: &mut RowFaults) {
    let mut turns = Vec::new();
    for list in lists {
        plain(list, &mut turns);
    }
    check(&turns, faults);
}

/// Names of the tools in a list of definitions.
pub(super) fn tool_names(tools: &Value) -> Vec<&str> {
    let functions = tools.as_array().into_iter().flatten().filter(|tool| text(tool, "type") == "function");
    let names = functions.map(|tool| text(&tool["function"], "name"));
    names.filter(|name| !name.is_empty()).collect()
}

/// Reads the JSON text of a tool list.
fn tool_list(row: &Value, faults: &mut RowFaults) -> Value {
    let list = serde_json::from_str(text(row, "tools")).unwrap_or(Value::Null);
    if list.as_array().is_none_or(|tools| tool_names(&list).len() != tools.len()) {
        faults.push((Trainer::Axolotl, "tools is not the JSON text of a list of tools".to_owned()));
    }
    list
}

fn tools(row: &Value, faults: &mut RowFaults) {
    let list = tool_list(row, faults);
    let names = tool_names(&list);
    let mut turns = Vec::new();
    let mut last_name = "";
    for (index, message) in items(row, "messages").iter().enumerate() {
        let calls = items(message, "tool_calls");
        let (id, name) = (text(message, "tool_call_id"), text(message, "name"));
        let content = text(message, "content");
        let mut speaker = Speaker::of_role(text(message, "role"));
        let mut problem = None;
        match (text(message, "role"), calls) {
            ("tool", _) => {
                speaker = Speaker::Tool(id);
                problem = (name != last_name).then_some("name is not that of the tool called");
            }
            ("assistant", [call]) => {
                let function = &call["function"];
                last_name = text(function, "name");
                speaker = Speaker::Call(text(call, "id"));
                problem = call_problem(call, &names).or_else(|| {
                    if text(&function["arguments"], "sql").trim().is_empty() {
                        Some("a call without SQL")
                    } else {
                        (!content.is_empty()).then_some("a call with content")
                    }
                });
            }
            _ => {}
        }
        if !matches!(speaker, Speaker::Call(_)) && !message["tool_calls"].is_null() {
            problem = problem.or(Some("tool_calls is not null beside a call: chat templates take it for a call"));
        }
        let answers = matches!(speaker, Speaker::Tool(_));
        if !answers && (!message["tool_call_id"].is_null() || !message["name"].is_null()) {
            problem = problem.or(Some("tool_call_id or name is not null beside the tool's answers"));
        }
        if let Some(problem) = problem {
            faults.push((Trainer::Trl, format!("messages[{index}]: {problem}")));
        }
        turns.push(Said { speaker, text: content });
    }
    check(&turns, faults);
}

/// The problem with a call, except for its arguments.
pub(super) fn call_problem(call: &Value, names: &[&str]) -> Option<&'static str> {
    if text(call, "type") != "function" {
        Some("a call whose type is not function")
    } else if text(call, "id").is_empty() {
        Some("a call without id")
    } else if !names.contains(&text(&call["function"], "name")) {
        Some("a call of a tool that is not in tools")
    } else {
        None
    }
}

fn sharegpt(row: &Value, faults: &mut RowFaults) {
    let list = tool_list(row, faults);
    let names = tool_names(&list);
    let mut turns = Vec::new();
    for (index, turn) in items(row, "conversations").iter().enumerate() {
        let value = text(turn, "value");
        let speaker = match text(turn, "from") {
            "human" => Speaker::User,
            "gpt" => Speaker::Assistant,
            // The format has no ids: the turn after a call answers it.
            "function_call" => Speaker::Call(""),
            "observation" => Speaker::Tool(""),
            other => Speaker::Unknown(other),
        };
        if matches!(speaker, Speaker::Call(_)) {
            let call: Value = serde_json::from_str(value).unwrap_or(Value::Null);
            if !names.contains(&text(&call, "name")) || !call["arguments"].is_object() {
                let problem = "not the JSON text of a name and arguments of a tool in tools";
                faults.push((Trainer::LlamaFactory, format!("conversations[{index}].value: {problem}")));
            }
        }
        turns.push(Said { speaker, text: value });
    }
    check(&turns, faults);
}

fn alpaca(row: &Value, faults: &mut RowFaults) {
    for key in ["instruction", "output"] {
        if text(row, key).trim().is_empty() {
            faults.push((Trainer::Axolotl, format!("{key} is empty")));
        }
    }
    let pair = |turn: &Value| turn.as_array().is_some_and(|pair| pair.len() == 2);
    if !items(row, "history").iter().all(pair) {
        faults.push((Trainer::LlamaFactory, "history is not a list of question and answer".to_owned()));
    }
}

/// Checks that a list is one message of the assistant.
fn one_answer(row: &Value, key: &str, faults: &mut RowFaults) {
    let answer = matches!(items(row, key), [message] if text(message, "role") == "assistant");
    if !answer {
        faults.push((Trainer::Trl, format!("{key} is not one answer of the assistant")));
    }
}

fn preference(row: &Value, faults: &mut RowFaults) {
    for key in ["chosen", "rejected"] {
        talk(&[&row["prompt"], &row[key]], faults);
        one_answer(row, key, faults);
    }
    if row["chosen"] == row["rejected"] {
        faults.push((Trainer::Trl, "chosen and rejected are the same".to_owned()));
    }
    if !REASONS.contains(&text(row, "rejected_reason")) {
        faults.push((Trainer::Posekit, format!("rejected_reason is not one of {}", REASONS.join(", "))));
    }
}

fn vision(row: &Value, images: &BTreeSet<String>, faults: &mut RowFaults) {
    let mut turns = Vec::new();
    let mut n_parts = 0;
    for message in items(row, "messages") {
        let mut said = None;
        for part in items(message, "content") {
            let problem = match text(part, "type") {
                "text" => said.replace(text(part, "text")).map(|_: &str| "more than one text in a turn".to_owned()),
                "image" => {
                    n_parts += 1;
                    (!part["text"].is_null()).then(|| "a part of content is both a text and an image".to_owned())
                }
                _ => Some("a part of content is neither a text nor an image".to_owned()),
            };
            faults.extend(problem.map(|problem| (Trainer::Trl, problem)));
        }
        turns.push(Said { speaker: Speaker::of_role(text(message, "role")), text: said.unwrap_or_default() });
    }
    let stills = items(row, "images");
    for still in stills.iter().map(|still| still.as_str().unwrap_or_default()).filter(|still| !images.contains(*still))
    {
        faults.push((Trainer::Trl, format!("image {still:?} not found in the folder")));
    }
    if n_parts == 0 || n_parts != stills.len() {
        faults.push((Trainer::Trl, format!("{} images for {n_parts} parts of type image", stills.len())));
    }
    check(&turns, faults);
}
