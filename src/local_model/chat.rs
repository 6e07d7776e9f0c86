//! Converts conversations to the text format that a model was trained on, using the model's own template.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value as Jinja};
use minijinja::{Environment, ErrorKind};
use serde_json::{Value, json};

use super::error::LocalModelError;
use super::tokenizer::ModelTokenizer;

/// The template for models that have none: `ChatML`, which most small models support.
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// A tool call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Name of the tool.
    pub name: String,
    /// The arguments, a JSON object.
    pub arguments: Value,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// The text; empty for a tool call.
    pub content: String,
    /// The tool calls.
    pub tool_calls: Vec<ToolCall>,
}

impl Message {
    /// Creates a text message of a role.
    #[must_use]
    pub fn new(role: &str, content: &str) -> Self {
        Self { role: role.to_owned(), content: content.to_owned(), tool_calls: Vec::new() }
    }
}

/// A conversation with the tools that may be called, in `OpenAI`'s format.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conversation {
    /// The turns.
    pub messages: Vec<Message>,
    /// An array of tools, or null.
    pub tools: Value,
}

/// A conversation as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedChat {
    /// The tokens.
    pub ids: Vec<u32>,
    /// Whether each token is part of the assistant's text.
    pub is_target: Vec<bool>,
}

/// The chat template of a model.
pub struct Chat<'a> {
    tokenizer: &'a ModelTokenizer,
    environment: Environment<'static>,
    knows_tools: bool,
    /// What the template puts behind the words of the assistant.
    turn_end: String,
}

impl<'a> Chat<'a> {
    /// Loads the template of a model.
    ///
    /// # Errors
    /// If the template is invalid.
    pub fn new(tokenizer: &'a ModelTokenizer) -> Result<Self, LocalModelError> {
        let source = tokenizer.template.clone().unwrap_or_else(|| CHATML.to_owned());
        let knows_tools = source.contains("tools");
        let mut environment = Environment::new();
        // The settings that transformers uses for Jinja.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| failed(&error))?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<String, minijinja::Error> {
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
        });
        // Templates that print the date get an empty one, because texts must not depend on the day.
        environment.add_function("strftime_now", |_format: String| String::new());
        environment.add_filter("tojson", |value: Jinja, _options: Kwargs| python_json(&value));
        environment.add_template_owned("chat", source).map_err(|error| failed(&error))?;
        let mut chat = Self { tokenizer, environment, knows_tools, turn_end: String::new() };
        let probe = [Message::new("user", "a"), Message::new("assistant", "XYZZY")];
        let text = chat.render(&Conversation { messages: probe.to_vec(), tools: Value::Null }, false)?;
        text.split("XYZZY").nth(1).unwrap_or_default().trim().clone_into(&mut chat.turn_end);
        if chat.turn_end.is_empty() {
            return Err(LocalModelError::Template { message: "the end of a turn is not marked".to_owned() });
        }
        Ok(chat)
    }

    /// The text of a conversation. With `is_open` the text ends where the assistant's next turn begins.
    ///
    /// # Errors
    /// If the template rejects the conversation.
    pub fn render(&self, conversation: &Conversation, is_open: bool) -> Result<String, LocalModelError> {
        let plain;
        let conversation = if self.knows_tools {
            conversation
        } else {
            plain = without_tools(conversation);
            &plain
        };
        let messages: Vec<Value> = conversation.messages.iter().map(message_json).collect();
        let tools =
            if conversation.tools.is_null() { Jinja::from(()) } else { Jinja::from(Serde(&conversation.tools)) };
        let context = minijinja::context! {
            messages => Serde(messages),
            tools => tools,
            add_generation_prompt => is_open,
            enable_thinking => false,
            bos_token => self.tokenizer.bos.clone(),
            eos_token => self.tokenizer.eos.clone(),
        };
        let template = self.environment.get_template("chat").map_err(|error| failed(&error))?;
        template.render(context).map_err(|error| failed(&error))
    }

    /// The tokens of a conversation that the assistant continues.
    ///
    /// # Errors
    /// If the template or the tokenizer rejects the conversation.
    pub fn prompt(&self, conversation: &Conversation) -> Result<Vec<u32>, LocalModelError> {
        Ok(self.tokenizer.encode(&self.render(conversation, true)?)?.ids)
    }

    /// The tokens of a whole conversation, with marks of the assistant's tokens.
    ///
    /// # Errors
    /// If the template or the tokenizer rejects the conversation, or if the template changes earlier turns when later
    /// turns are added.
    pub fn encode(&self, conversation: &Conversation) -> Result<EncodedChat, LocalModelError> {
        let text = self.render(conversation, false)?;
        let mut spans = Vec::new();
        for (index, _) in conversation.messages.iter().enumerate().filter(|(_, message)| message.role == "assistant") {
            let before =
                Conversation { messages: conversation.messages[..index].to_vec(), tools: conversation.tools.clone() };
            let before = self.render(&before, true)?;
            if !text.starts_with(&before) {
                return Err(LocalModelError::Template { message: "later turns change earlier ones".to_owned() });
            }
            let length = text[before.len()..].find(&self.turn_end).map(|end| end + self.turn_end.len());
            spans.push((before.len(), before.len() + length.unwrap_or(text.len() - before.len())));
        }
        let tokens = self.tokenizer.encode(&text)?;
        let is_said = |end: &usize| spans.iter().any(|(first, last)| first < end && end <= last);
        Ok(EncodedChat { is_target: tokens.ends_at.iter().map(is_said).collect(), ids: tokens.ids })
    }

    /// Parses the model's output as a message: text with tool calls becomes calls.
    #[must_use]
    pub fn message(text: &str) -> Message {
        let mut message = Message::new("assistant", text.trim());
        let Some((before, rest)) = text.split_once("<tool_call>") else { return message };
        let call = rest.split("</tool_call>").next().unwrap_or(rest);
        if let Ok(json) = serde_json::from_str::<Value>(call.trim())
            && let Some(name) = json["name"].as_str()
        {
            before.trim().clone_into(&mut message.content);
            message.tool_calls.push(ToolCall { name: name.to_owned(), arguments: json["arguments"].clone() });
        }
        message
    }
}

fn failed(error: &minijinja::Error) -> LocalModelError {
    LocalModelError::Template { message: error.to_string() }
}

fn message_json(message: &Message) -> Value {
    let mut json = json!({"role": message.role, "content": message.content});
    if !message.tool_calls.is_empty() {
        let calls = message
            .tool_calls
            .iter()
            .map(|call| json!({"type": "function", "function": {"name": call.name, "arguments": call.arguments}}));
        json["tool_calls"] = calls.collect();
    }
    json
}

/// Converts a conversation for templates without tools: calls and their results become text in the format of Qwen's and
/// Hermes' models.
fn without_tools(conversation: &Conversation) -> Conversation {
    let mut messages: Vec<Message> = conversation
        .messages
        .iter()
        .map(|message| {
            if message.role == "tool" {
                return Message::new("user", &format!("<tool_response>\n{}\n</tool_response>", message.content));
            }
            let calls = message.tool_calls.iter().map(|call| {
                let json = Jinja::from(Serde(json!({"name": call.name, "arguments": call.arguments})));
                format!("<tool_call>\n{}\n</tool_call>", python_json(&json).unwrap_or_default())
            });
            let parts = std::iter::once(message.content.clone()).filter(|text| !text.is_empty()).chain(calls);
            Message::new(&message.role, &parts.collect::<Vec<_>>().join("\n"))
        })
        .collect();
    if let Some(tools) = conversation.tools.as_array().filter(|tools| !tools.is_empty()) {
        let lines: Vec<String> = tools.iter().map(tool_line).collect();
        let text = format!(
            "Tools:\n{}\nTo call one, answer with <tool_call>{{\"name\": ..., \"arguments\": {{...}}}}</tool_call> alone.",
            lines.join("\n")
        );
        match messages.first_mut().filter(|message| message.role == "system") {
            Some(system) => system.content = format!("{}\n\n{text}", system.content),
            None => messages.insert(0, Message::new("system", &text)),
        }
    }
    Conversation { messages, tools: Value::Null }
}

/// Name, arguments and first line of the description of a tool: small models have no room for more.
fn tool_line(tool: &Value) -> String {
    let function = &tool["function"];
    let names = function["parameters"]["properties"].as_object().into_iter().flat_map(|names| names.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    let what = function["description"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
    format!("- {}({}): {what}", function["name"].as_str().unwrap_or_default(), names.join(", "))
}

/// JSON as Python's `json.dumps(..., ensure_ascii=False)` writes it: the format that models were trained on.
fn python_json(value: &Jinja) -> Result<String, minijinja::Error> {
    let failed = |error: serde_json::Error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string());
    let mut text = String::new();
    write_json(&serde_json::to_value(value).map_err(failed)?, &mut text);
    Ok(text)
}

/// The usual order of keys in descriptions of tools in training data; other keys follow by name.
const KEY_ORDER: [&str; 7] = ["type", "function", "name", "description", "parameters", "properties", "required"];

fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_json(value, text);
            }
            text.push(']');
        }
        Value::Object(values) => {
            let place = |key: &str| KEY_ORDER.iter().position(|known| *known == key).unwrap_or(KEY_ORDER.len());
            let mut entries: Vec<(&String, &Value)> = values.iter().collect();
            entries.sort_by_key(|(key, _)| (place(key), *key));
            text.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write_json(value, text);
            }
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
}
