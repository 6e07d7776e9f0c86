//! Reads the rows of an exported dataset as conversations.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::TrainError;
use crate::local_model::{Conversation, Message, ToolCall};

/// Formats that hold conversations, named by their folders.
pub const FORMATS: [&str; 8] =
    ["messages", "tools", "sharegpt", "alpaca", "prompt_completion", "openai", "openai_tools", "preference"];

/// A row of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The kind of example; `unknown` for formats that do not store it.
    pub kind: String,
    /// The conversation; the last turn is the assistant's.
    pub conversation: Conversation,
}

impl Row {
    /// The text that the last answer responds to; empty if there is none.
    #[must_use]
    pub fn question(&self) -> &str {
        let words = self.conversation.messages.iter().rfind(|message| message.role == "user");
        words.map_or("", |message| message.content.as_str())
    }
}

/// Reads the rows of a split in the given formats, in the order of files and lines.
///
/// # Errors
/// If a file cannot be read, or a row does not have its format.
pub fn read_rows(folder: &Path, formats: &[String], split: &str) -> Result<Vec<Row>, TrainError> {
    let mut rows = Vec::new();
    for format in formats {
        for path in files(&folder.join("data").join(format), split)? {
            let text = fs::read_to_string(&path).map_err(|source| TrainError::file(&path, source))?;
            for (index, line) in text.lines().enumerate() {
                let invalid = |message: String| TrainError::Row { path: path.clone(), line: index + 1, message };
                let json: Value = serde_json::from_str(line).map_err(|error| invalid(error.to_string()))?;
                rows.push(row(&json, format).map_err(invalid)?);
            }
        }
    }
    Ok(rows)
}

fn files(folder: &Path, split: &str) -> Result<Vec<PathBuf>, TrainError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|source| TrainError::file(folder, source))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| TrainError::file(folder, source))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(&format!("{split}-")) && path.extension().is_some_and(|extension| extension == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads one row of a format.
fn row(json: &Value, format: &str) -> Result<Row, String> {
    let (mut messages, tools) = match format {
        "sharegpt" => (sharegpt(json)?, parsed(&json["tools"])?),
        "alpaca" => (alpaca(json), Value::Null),
        "prompt_completion" => ([messages(&json["prompt"])?, messages(&json["completion"])?].concat(), Value::Null),
        "preference" => ([messages(&json["prompt"])?, messages(&json["chosen"])?].concat(), Value::Null),
        _ => (messages(&json["messages"])?, parsed(&json["tools"])?),
    };
    while messages.last().is_some_and(|message| message.role != "assistant") {
        messages.pop();
    }
    if messages.is_empty() {
        return Err("the assistant has no text".to_owned());
    }
    let kind = json["kind"].as_str().unwrap_or("unknown").to_owned();
    Ok(Row { kind, conversation: Conversation { messages, tools } })
}

/// Parses JSON that may be stored as text.
fn parsed(value: &Value) -> Result<Value, String> {
    match value.as_str() {
        Some("") => Ok(Value::Null),
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
        None => Ok(value.clone()),
    }
}

fn messages(value: &Value) -> Result<Vec<Message>, String> {
    let turns = value.as_array().ok_or("messages are missing")?;
    let turn = |turn: &Value| {
        let role = turn["role"].as_str().ok_or("a message has no role")?;
        let mut message = Message::new(role, turn["content"].as_str().unwrap_or_default());
        for call in turn["tool_calls"].as_array().into_iter().flatten() {
            message.tool_calls.push(call_of(&call["function"])?);
        }
        Ok(message)
    };
    turns.iter().map(turn).collect()
}

fn call_of(json: &Value) -> Result<ToolCall, String> {
    let name = json["name"].as_str().ok_or("a call has no name")?.to_owned();
    Ok(ToolCall { name, arguments: parsed(&json["arguments"])? })
}

fn sharegpt(json: &Value) -> Result<Vec<Message>, String> {
    let turns = json["conversations"].as_array().ok_or("conversations are missing")?;
    let system = json["system"].as_str().filter(|text| !text.is_empty()).map(|text| Message::new("system", text));
    let turn = |turn: &Value| {
        let text = turn["value"].as_str().unwrap_or_default();
        match turn["from"].as_str() {
            Some("system") => Ok(Message::new("system", text)),
            Some("human") => Ok(Message::new("user", text)),
            Some("gpt") => Ok(Message::new("assistant", text)),
            Some("observation") => Ok(Message::new("tool", text)),
            Some("function_call") => {
                let mut message = Message::new("assistant", "");
                message.tool_calls.push(call_of(&parsed(&Value::from(text))?)?);
                Ok(message)
            }
            other => Err(format!("unknown speaker {other:?}")),
        }
    };
    system.into_iter().map(Ok).chain(turns.iter().map(turn)).collect()
}

fn alpaca(json: &Value) -> Vec<Message> {
    let text = |key: &str| json[key].as_str().unwrap_or_default();
    let mut messages = Vec::new();
    if !text("system").is_empty() {
        messages.push(Message::new("system", text("system")));
    }
    for pair in json["history"].as_array().into_iter().flatten() {
        messages.push(Message::new("user", pair[0].as_str().unwrap_or_default()));
        messages.push(Message::new("assistant", pair[1].as_str().unwrap_or_default()));
    }
    let parts: Vec<&str> = [text("instruction"), text("input")].into_iter().filter(|part| !part.is_empty()).collect();
    messages.push(Message::new("user", &parts.join("\n\n")));
    messages.push(Message::new("assistant", text("output")));
    messages
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(json: &Value, format: &str) -> Vec<(String, String)> {
        let row = row(json, format).unwrap();
        row.conversation.messages.into_iter().map(|message| (message.role, message.content)).collect()
    }

    #[test]
    fn each_format_gives_the_same_conversation() {
        let turns = json!([
            {"role": "system", "content": "S"}, {"role": "user", "content": "I\n\nC"}, {"role": "assistant", "content": "A"}
        ]);
        let expected = said(&json!({"messages": turns}), "messages");
        assert_eq!(expected.len(), 3);
        let sharegpt = json!({"system": "S", "conversations": [{"from": "human", "value": "I\n\nC"}, {"from": "gpt", "value": "A"}]});
        let alpaca = json!({"system": "S", "instruction": "I", "input": "C", "output": "A", "history": []});
        let pair = json!({"prompt": [turns[0], turns[1]], "completion": [turns[2]], "chosen": [turns[2]]});
        for (row, format) in
            [(&sharegpt, "sharegpt"), (&alpaca, "alpaca"), (&pair, "prompt_completion"), (&pair, "preference")]
        {
            assert_eq!(said(row, format), expected, "{format}");
        }
    }

    #[test]
    fn arguments_are_objects_whether_they_were_text_or_not() {
        let call = |arguments: Value| {
            json!({"kind": "tool_use", "tools": "[{\"function\": {}}]", "messages": [
                {"role": "user", "content": "q"},
                {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "query_pose", "arguments": arguments}}]},
                {"role": "tool", "content": "[]"}, {"role": "assistant", "content": "none"}]})
        };
        let object = row(&call(json!({"sql": "SELECT 1"})), "tools").unwrap();
        assert_eq!(row(&call(json!("{\"sql\": \"SELECT 1\"}")), "openai_tools").unwrap(), object);
        assert_eq!(object.conversation.messages[1].tool_calls[0].arguments["sql"], "SELECT 1");
        assert!(object.conversation.tools.is_array());
    }

    #[test]
    fn rows_without_an_answer_are_refused() {
        assert!(row(&json!({"messages": [{"role": "user", "content": "q"}]}), "messages").is_err());
        assert!(row(&json!({}), "sharegpt").is_err());
    }
}
