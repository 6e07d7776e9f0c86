//! Types of the columns: the card declares them, the check compares rows with them, and Parquet files use them.

use super::Config;

/// Type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text; never null.
    Text,
    /// A float; null if missing.
    Float,
    /// True or false.
    Bool,
    /// A list of values of one type.
    List(Box<Kind>),
    /// An object with these keys.
    Struct(Vec<Field>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    /// Type of its value.
    pub(crate) kind: Kind,
    /// Whether it may be null, whatever its type: a key without a value for messages of this role.
    pub(crate) optional: bool,
}

fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, optional: false }
}

fn optional(field: Field) -> Field {
    Field { optional: true, ..field }
}

fn text(name: &'static str) -> Field {
    field(name, Kind::Text)
}

fn list(name: &'static str, item: Kind) -> Field {
    field(name, Kind::List(Box::new(item)))
}

fn texts(names: &[&'static str]) -> Vec<Field> {
    names.iter().map(|name| text(name)).collect()
}

/// A list of objects whose values are all texts.
fn turns(name: &'static str, keys: &[&'static str]) -> Field {
    list(name, Kind::Struct(texts(keys)))
}

/// Columns of a config, in order. In `openai_tools`, messages lack the keys that `OpenAI` does not accept.
#[must_use]
pub(crate) fn features(config: Config) -> Vec<Field> {
    let chat = ["role", "content"];
    match config {
        Config::OpenAi => vec![turns("messages", &chat)],
        Config::OpenAiTools => vec![openai_tool_messages(), tool_list(), field("parallel_tool_calls", Kind::Bool)],
        Config::Messages => shared(vec![turns("messages", &chat)]),
        Config::Tools => shared(vec![tool_messages(), text("tools")]),
        Config::ShareGpt => shared(vec![turns("conversations", &["from", "value"]), text("system"), text("tools")]),
        Config::Alpaca => {
            let mut columns = texts(&["instruction", "input", "output", "system"]);
            columns.push(list("history", Kind::List(Box::new(Kind::Text))));
            shared(columns)
        }
        Config::PromptCompletion => shared(vec![turns("prompt", &chat), turns("completion", &chat)]),
        Config::Preference => shared(vec![
            turns("prompt", &chat),
            turns("chosen", &chat),
            turns("rejected", &chat),
            text("rejected_reason"),
        ]),
        Config::Vision => {
            let parts = list("content", Kind::Struct(vec![text("type"), optional(text("text"))]));
            shared(vec![list("images", Kind::Text), list("messages", Kind::Struct(vec![text("role"), parts]))])
        }
    }
}

/// A config's own columns between those that describe the row and its proofs.
fn shared(own: Vec<Field>) -> Vec<Field> {
    let mut columns = texts(&["id", "kind", "sport", "difficulty", "language", "origin", "video_id"]);
    columns.push(list("athletes", Kind::Text));
    columns.extend([field("first_time_s", Kind::Float), field("last_time_s", Kind::Float)]);
    columns.extend(own);
    let mut proof = vec![text("shown")];
    proof.extend(["value", "low", "high"].map(|name| field(name, Kind::Float)));
    proof.extend(texts(&["unit", "query", "row_key", "column"]));
    columns.push(list("proofs", Kind::Struct(proof)));
    columns
}

fn tool_calls(arguments: Kind) -> Field {
    let function = Kind::Struct(vec![text("name"), field("arguments", arguments)]);
    list("tool_calls", Kind::Struct(vec![text("id"), text("type"), field("function", function)]))
}

fn tool_messages() -> Field {
    let arguments = Kind::Struct(texts(&["sql"]));
    let mut keys = texts(&["role", "content"]);
    keys.extend([tool_calls(arguments), text("tool_call_id"), text("name")].map(optional));
    list("messages", Kind::Struct(keys))
}

fn openai_tool_messages() -> Field {
    let keys = vec![text("role"), text("content"), tool_calls(Kind::Text), text("tool_call_id")];
    list("messages", Kind::Struct(keys))
}

/// The type of the tool list: [`tool`](fn@super::tool) as objects.
fn tool_list() -> Field {
    let sql = field("sql", Kind::Struct(texts(&["type", "description"])));
    let parameters = Kind::Struct(vec![
        text("type"),
        field("properties", Kind::Struct(vec![sql])),
        list("required", Kind::Text),
        field("additionalProperties", Kind::Bool),
    ]);
    let function = Kind::Struct(vec![text("name"), text("description"), field("parameters", parameters)]);
    list("tools", Kind::Struct(vec![text("type"), field("function", function)]))
}
