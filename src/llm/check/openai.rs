//! Rules of OpenAI's fine-tuning, which rejects unknown keys.

use serde_json::Value;

use super::rows::{call_problem, items, tool_names};
use super::talk::{Said, Speaker, check, text};
use super::{RowFaults, Trainer};
use crate::llm::shapes::Config;

/// Minimum number of examples in a training file.
const FEWEST: u64 = 10;

/// Types of JSON schemas.
const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "array", "object", "null"];

/// Checks a file's number of examples.
pub(super) fn file(config: Config, split: &str, rows: u64) -> Option<String> {
    let few = matches!(config, Config::OpenAi | Config::OpenAiTools) && split == "train" && rows < FEWEST;
    few.then(|| format!("{rows} examples; a training file needs {FEWEST}"))
}

/// Checks a row of `openai` or `openai_tools`.
pub(super) fn row(row: &Value, faults: &mut RowFaults) {
    let names = row.get("tools").map(tool_names).unwrap_or_default();
    if let Some(problem) = row.get("tools").and_then(|tools| tools_problem(tools, &names)) {
        faults.push((Trainer::OpenAi, format!("tools: {problem}")));
    }
    let mut turns = Vec::new();
    let mut learned = false;
    for (index, message) in items(row, "messages").iter().enumerate() {
        let role = text(message, "role");
        let calls = items(message, "tool_calls");
        let speaker = match (role, calls) {
            ("assistant", [call, ..]) => Speaker::Call(text(call, "id")),
            ("tool", _) => Speaker::Tool(text(message, "tool_call_id")),
            _ => Speaker::of_role(role),
        };
        let mut tell = |problem: String| faults.push((Trainer::OpenAi, format!("messages[{index}]: {problem}")));
        if let Some(problem) = keys_problem(message, speaker) {
            tell(problem);
        }
        for call in calls {
            if let Some(problem) = call_problem(call, &names).or_else(|| arguments_problem(call)) {
                tell(problem.to_owned());
            }
        }
        match message.get("weight") {
            None => learned |= role == "assistant",
            Some(weight) if role == "assistant" && matches!(weight.as_u64(), Some(0 | 1)) => {
                learned |= weight.as_u64() == Some(1);
            }
            Some(_) => tell("weight is 0 or 1, for the assistant only".to_owned()),
        }
        turns.push(Said { speaker, text: text(message, "content") });
    }
    if !learned {
        faults.push((Trainer::OpenAi, "no turn to learn: every weight is 0".to_owned()));
    }
    check(&turns, faults);
}

/// The problem with a list of tools; `names` are their names.
fn tools_problem(tools: &Value, names: &[&str]) -> Option<&'static str> {
    let tools = tools.as_array()?;
    if tools.is_empty() || tools.len() != names.len() {
        return Some("not a list of functions");
    }
    if names.iter().enumerate().any(|(index, name)| names.iter().skip(index + 1).any(|other| other == name)) {
        return Some("two functions with the same name");
    }
    let sound = |tool: &Value| {
        let parameters = &tool["function"]["parameters"];
        let is_named = |name: &Value| name.as_str().is_some_and(|name| parameters["properties"].get(name).is_some());
        let typed = |property: &Value| TYPES.contains(&text(property, "type"));
        text(parameters, "type") == "object"
            && parameters["properties"].as_object().is_some_and(|properties| properties.values().all(typed))
            && items(parameters, "required").iter().all(is_named)
    };
    (!tools.iter().all(sound)).then_some("parameters are not a JSON schema of an object")
}

/// The problem with the keys of a message.
fn keys_problem(message: &Value, speaker: Speaker<'_>) -> Option<String> {
    let (needed, allowed): (&[&str], &[&str]) = match speaker {
        Speaker::Call(_) => (&["role", "tool_calls"], &["role", "tool_calls", "content", "weight"]),
        Speaker::Tool(_) => (&["role", "tool_call_id", "content"], &["role", "tool_call_id", "content"]),
        Speaker::Assistant => (&["role", "content"], &["role", "content", "weight"]),
        _ => (&["role", "content"], &["role", "content"]),
    };
    let object = message.as_object()?;
    if let Some(key) = needed.iter().find(|key| !object.contains_key(**key)) {
        return Some(format!("{key} is missing"));
    }
    object.keys().find(|key| !allowed.contains(&key.as_str())).map(|key| format!("unknown key {key:?}"))
}

fn arguments_problem(call: &Value) -> Option<&'static str> {
    let arguments: Value = serde_json::from_str(text(&call["function"], "arguments")).unwrap_or(Value::Null);
    let fits =
        arguments.as_object().is_some_and(|object| object.len() == 1) && !text(&arguments, "sql").trim().is_empty();
    (!fits).then_some("arguments is not the JSON text of an object with the SQL")
}
