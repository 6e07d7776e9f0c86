//! Conversations as the text that a model was trained on, by the model's own template.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value as Jinja};
use minijinja::{Environment, ErrorKind};
use serde_json::{Value, json};

use super::error::LocalModelError;
use super::tokenizer::ModelTokenizer;

/// The template of models that have none: `ChatML`, which most small models know.
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// An object of arguments.
    pub arguments: Value,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said; empty where a tool is called.
    pub content: String,
    /// The tools that are called.
    pub tool_calls: Vec<ToolCall>,
}

impl Message {
    /// Words of a role.
    #[must_use]
    pub fn new(role: &str, content: &str) -> Self {
        Self { role: role.to_owned(), content: content.to_owned(), tool_calls: Vec::new() }
    }
}

/// A conversation, with the tools that may be called as `OpenAI` describes them.
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
    /// Whether each is said by the assistant.
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
    /// The template of a model.
    ///
    /// # Errors
    /// If the template is invalid.
    pub fn new(tokenizer: &'a ModelTokenizer) -> Result<Self, LocalModelError> {
        let source = tokenizer.template.clone().unwrap_or_else(|| CHATML.to_owned());
        let knows_tools = source.contains("tools");
        let mut environment = Environment::new();
        // As transformers sets up Jinja.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| failed(&error))?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<String, minijinja::Error> {
            Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
        });
        // Templates that tell the date get none: texts must not depend on the day.
        environment.add_function("strftime_now", |_format: String| String::new());
        environment.add_filter("tojson", |value: Jinja, _options: Kwargs| python_json(&value));
        environment.add_template_owned("chat", source).map_err(|error| failed(&error))?;
        let mut chat = Self { tokenizer, environment, knows_tools, turn_end: String::new() };
        let probe = [Message::new("user", "a"), Message::new("assistant", "XYZZY")];
        let text = chat.render(&Conversation { messages: probe.to_vec(), tools: Value::Null }, false)?;
        text.split("XYZZY").nth(1).unwrap_or_default().trim().clone_into(&mut chat.turn_end);
        if chat.turn_end.is_empty() {
            return Err(LocalModelError::Template { message: "it does not mark the end of a turn".to_owned() });
        }
        Ok(chat)
    }

    /// The text of a conversation; with `is_open` the assistant is to speak next.
    ///
    /// # Errors
    /// If the template refuses it.
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

    /// The tokens of a conversation that the assistant is to continue.
    ///
    /// # Errors
    /// If the template or the tokenizer refuses it.
    pub fn prompt(&self, conversation: &Conversation) -> Result<Vec<u32>, LocalModelError> {
        Ok(self.tokenizer.encode(&self.render(conversation, true)?)?.ids)
    }

    /// The tokens of a whole conversation, with those that the assistant says.
    ///
    /// # Errors
    /// If the template or the tokenizer refuses it, or the template changes earlier turns later.
    pub fn encode(&self, conversation: &Conversation) -> Result<EncodedChat, LocalModelError> {
        let text = self.render(conversation, false)?;
        let mut spans = Vec::new();
        for (index, _) in conversation.messages.iter().enumerate().filter(|(_, message)| message.role == "assistant") {
            let before =
                Conversation { messages: conversation.messages[..index].to_vec(), tools: conversation.tools.clone() };
            let before = self.render(&before, true)?;
            if !text.starts_with(&before) {
                return Err(LocalModelError::Template { message: "it changes earlier turns later".to_owned() });
            }
            let length = text[before.len()..].find(&self.turn_end).map(|end| end + self.turn_end.len());
            spans.push((before.len(), before.len() + length.unwrap_or(text.len() - before.len())));
        }
        let tokens = self.tokenizer.encode(&text)?;
        let is_said = |end: &usize| spans.iter().any(|(first, last)| first < end && end <= last);
        Ok(EncodedChat { is_target: tokens.ends_at.iter().map(is_said).collect(), ids: tokens.ids })
    }

    /// What the model said, as a message: text that calls tools becomes calls.
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

/// The same for templates that know no tools: calls and their results are text, as Qwen's and Hermes' models write it.
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

/// Name, arguments and the first line of what a tool does: small models have no room for more.
fn tool_line(tool: &Value) -> String {
    let function = &tool["function"];
    let names = function["parameters"]["properties"].as_object().into_iter().flat_map(|names| names.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    let what = function["description"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
    format!("- {}({}): {what}", function["name"].as_str().unwrap_or_default(), names.join(", "))
}

/// JSON as Python's `json.dumps(..., ensure_ascii=False)` writes it, which is what models were trained on.
fn python_json(value: &Jinja) -> Result<String, minijinja::Error> {
    let failed = |error: serde_json::Error| minijinja::Error::new(ErrorKind::BadSerialization, error.to_string());
    let mut text = String::new();
    write_json(&serde_json::to_value(value).map_err(failed)?, &mut text);
    Ok(text)
}

/// The order in which descriptions of tools have their keys wherever models have seen them; others follow by name.
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
