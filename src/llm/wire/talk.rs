//! Conversations in which a model may call one tool: request bodies, and the calls in responses.

use serde_json::{Value, json};

use super::{Api, Said, text};

/// The one tool of a conversation. Its only argument is a text named `sql`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// Description of the tool.
    pub(crate) description: String,
    /// JSON schema of its arguments: every property required, `additionalProperties` false.
    pub(crate) parameters: Value,
}

/// A turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The user's text.
    User(String),
    /// The model calls the tool.
    Call {
        /// Id of the call, assigned by the model.
        id: String,
        /// The argument.
        sql: String,
    },
    /// The result of the tool.
    Result {
        /// Id of the call.
        id: String,
        /// The text of the result.
        text: String,
        /// Whether it failed.
        is_error: bool,
    },
}

/// A conversation that the model continues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Talk<'a> {
    /// Name of the model in the provider's spelling.
    pub(crate) model: &'a str,
    /// Stable instructions; providers cache them.
    pub(crate) system: &'a str,
    /// The tool.
    pub(crate) tool: &'a Tool,
    /// The turns so far, in order.
    pub(crate) turns: &'a [Turn],
    /// Maximum number of tokens in the next turn, reasoning included.
    pub(crate) max_tokens: u32,
}

/// A tool call, stored in the replies' journal as text: `{"id": ..., "sql": ...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// Id of the call, assigned by the model.
    pub(crate) id: String,
    /// The argument; empty if the model gave no readable one.
    pub(crate) sql: String,
}

impl ToolCall {
    /// Converts the call to text.
    #[must_use]
    pub(crate) fn to_text(&self) -> String {
        json!({"id": self.id, "sql": self.sql}).to_string()
    }

    /// Parses the text; any other text is a call without argument.
    #[must_use]
    pub(crate) fn of_text(words: &str) -> Self {
        let value: Value = serde_json::from_str(words).unwrap_or_default();
        let field = |name: &str| text(&value, name).unwrap_or_default().to_owned();
        Self { id: field("id"), sql: field("sql") }
    }
}

/// The request body for the next turn. The same conversation always gives the same bytes.
#[must_use]
pub(crate) fn body(api: Api, talk: &Talk<'_>) -> Value {
    match api {
        Api::AnthropicMessages => anthropic(talk),
        Api::OpenAiResponses => responses(talk),
        Api::OpenAiChat => chat(talk),
    }
}

fn anthropic(talk: &Talk<'_>) -> Value {
    let message = |turn: &Turn| match turn {
        Turn::User(words) => json!({"role": "user", "content": [{"type": "text", "text": words}]}),
        Turn::Call { id, sql } => {
            json!({"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": talk.tool.name, "input": {"sql": sql}}]})
        }
        Turn::Result { id, text, is_error } => {
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": text, "is_error": is_error}]})
        }
    };
    json!({
        "model": talk.model,
        "max_tokens": talk.max_tokens,
        "system": [{"type": "text", "text": talk.system, "cache_control": {"type": "ephemeral"}}],
        "messages": talk.turns.iter().map(message).collect::<Vec<_>>(),
        "tools": [{"name": talk.tool.name, "description": talk.tool.description, "input_schema": talk.tool.parameters}],
        // One query at a time, because the next one often depends on its rows.
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
    })
}

fn responses(talk: &Talk<'_>) -> Value {
    let item = |turn: &Turn| match turn {
        Turn::User(words) => json!({"role": "user", "content": [{"type": "input_text", "text": words}]}),
        // Without an item id: the provider stores nothing that it could refer to.
        Turn::Call { id, sql } => {
            json!({"type": "function_call", "call_id": id, "name": talk.tool.name, "arguments": json!({"sql": sql}).to_string()})
        }
        Turn::Result { id, text, .. } => json!({"type": "function_call_output", "call_id": id, "output": text}),
    };
    json!({
        "model": talk.model,
        "instructions": talk.system,
        "input": talk.turns.iter().map(item).collect::<Vec<_>>(),
        "max_output_tokens": talk.max_tokens,
        "store": false,
        "parallel_tool_calls": false,
        "tools": [{
            "type": "function", "name": talk.tool.name, "description": talk.tool.description,
            "parameters": talk.tool.parameters, "strict": true,
        }],
    })
}

fn chat(talk: &Talk<'_>) -> Value {
    let message = |turn: &Turn| match turn {
        Turn::User(words) => json!({"role": "user", "content": words}),
        Turn::Call { id, sql } => {
            let arguments = json!({"sql": sql}).to_string();
            let call =
                json!({"id": id, "type": "function", "function": {"name": talk.tool.name, "arguments": arguments}});
            // Some local servers require the key `content` even if it has no value.
            json!({"role": "assistant", "content": Value::Null, "tool_calls": [call]})
        }
        Turn::Result { id, text, .. } => json!({"role": "tool", "tool_call_id": id, "content": text}),
    };
    let system = std::iter::once(json!({"role": "system", "content": talk.system}));
    json!({
        "model": talk.model,
        "messages": system.chain(talk.turns.iter().map(message)).collect::<Vec<_>>(),
        "max_completion_tokens": talk.max_tokens,
        // Deprecated by OpenAI, but the only limit that Ollama obeys.
        "max_tokens": talk.max_tokens,
        "tools": [{"type": "function", "function": {
            "name": talk.tool.name, "description": talk.tool.description, "parameters": talk.tool.parameters,
        }}],
    })
}

/// Finds a call among the blocks of an Anthropic response.
pub(super) fn anthropic_call(blocks: &[Value]) -> Option<Said> {
    let block = blocks.iter().find(|block| text(block, "type") == Some("tool_use"))?;
    let sql = block.pointer("/input/sql").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Said::Call(ToolCall { id: text(block, "id")?.to_owned(), sql }))
}

/// Finds a call among the items of an OpenAI Responses response.
pub(super) fn responses_call(output: &[Value]) -> Option<Said> {
    let item = output.iter().find(|item| text(item, "type") == Some("function_call"))?;
    Some(called(text(item, "call_id")?, text(item, "arguments").unwrap_or_default()))
}

/// Finds a call in a message of Chat Completions.
pub(super) fn chat_call(message: &Value) -> Option<Said> {
    let call = message.pointer("/tool_calls/0")?;
    let arguments = call.pointer("/function/arguments");
    // Arguments are JSON text; some local servers return the object itself.
    let arguments = arguments.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    Some(called(text(call, "id").unwrap_or("call_1"), &arguments.unwrap_or_default()))
}

fn called(id: &str, arguments: &str) -> Said {
    Said::Call(ToolCall { id: id.to_owned(), ..ToolCall::of_text(arguments) })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn tool() -> Tool {
        Tool {
            name: "query_pose".to_owned(),
            description: "Runs SQL.".to_owned(),
            parameters: json!({"type": "object"}),
        }
    }

    fn turns() -> Vec<Turn> {
        vec![
            Turn::User("How fast?".to_owned()),
            Turn::Call { id: "c1".to_owned(), sql: "SELECT 1".to_owned() },
            Turn::Result { id: "c1".to_owned(), text: "[{\"1\":1}]".to_owned(), is_error: false },
        ]
    }

    fn body_of(api: Api) -> Value {
        body(api, &Talk { model: "m", system: "S", tool: &tool(), turns: &turns(), max_tokens: 99 })
    }

    #[test]
    fn each_provider_gets_the_call_and_its_result() {
        let claude = body_of(Api::AnthropicMessages);
        assert_eq!(claude["messages"][1]["content"][0]["input"]["sql"], "SELECT 1");
        assert_eq!(claude["messages"][2]["content"][0]["tool_use_id"], "c1");
        assert_eq!(claude["tools"][0]["input_schema"]["type"], "object");
        let openai = body_of(Api::OpenAiResponses);
        assert_eq!(openai["input"][1]["arguments"], "{\"sql\":\"SELECT 1\"}");
        assert_eq!(
            (openai["input"][2]["call_id"].as_str(), openai["tools"][0]["name"].as_str()),
            (Some("c1"), Some("query_pose"))
        );
        let local = body_of(Api::OpenAiChat);
        assert_eq!(local["messages"][2]["tool_calls"][0]["function"]["name"], "query_pose");
        assert_eq!(local["messages"][3]["role"], "tool");
    }

    #[test]
    fn calls_are_read_from_each_provider() {
        let call = Said::Call(ToolCall { id: "c7".to_owned(), sql: "SELECT 2".to_owned() });
        let claude = json!({"type": "message", "id": "x", "model": "m", "stop_reason": "tool_use",
            "usage": {"input_tokens": 1, "output_tokens": 1}, "content": [{"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "c7", "name": "query_pose", "input": {"sql": "SELECT 2"}}]});
        assert_eq!(parse(Api::AnthropicMessages, &claude).unwrap().said, call);
        let openai = json!({"id": "x", "model": "m", "status": "completed", "output": [{"type": "reasoning"},
            {"type": "function_call", "call_id": "c7", "name": "query_pose", "arguments": "{\"sql\": \"SELECT 2\"}"}]});
        assert_eq!(parse(Api::OpenAiResponses, &openai).unwrap().said, call);
        let function = json!({"name": "query_pose", "arguments": {"sql": "SELECT 2"}});
        let local = json!({"id": "x", "model": "m", "choices": [{"finish_reason": "tool_calls",
            "message": {"content": null, "tool_calls": [{"id": "c7", "type": "function", "function": function}]}}]});
        assert_eq!(parse(Api::OpenAiChat, &local).unwrap().said, call);
    }

    #[test]
    fn a_call_survives_as_text() {
        let call = ToolCall { id: "c".to_owned(), sql: "SELECT '\n\"'".to_owned() };
        assert_eq!(ToolCall::of_text(&call.to_text()), call);
        assert_eq!(ToolCall::of_text("nonsense").sql, "");
    }
}
