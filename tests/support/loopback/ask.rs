//! A request for text, whichever API it came by, and how requests are checked.

use serde_json::{Map, Value};

use super::asking::Talk;
use super::money::Prefix;

/// An API that gives text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// Anthropic's Messages.
    Messages,
    /// `OpenAI`'s Responses.
    Responses,
    /// `OpenAI`'s Chat Completions.
    Chat,
}

/// A provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Anthropic.
    Anthropic,
    /// `OpenAI`.
    OpenAi,
}

impl Api {
    /// Whose it is.
    pub(crate) fn family(self) -> Family {
        if self == Self::Messages { Family::Anthropic } else { Family::OpenAi }
    }

    /// Where it is.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Messages => "/v1/messages",
            Self::Responses => "/v1/responses",
            Self::Chat => "/v1/chat/completions",
        }
    }
}

/// A valid request for text.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// The API.
    pub(crate) api: Api,
    /// Name of the model.
    pub(crate) model: String,
    /// Text of the last message.
    pub(crate) user: String,
    /// The conversation, if it has a tool.
    pub(crate) talk: Option<Talk>,
    /// Schema of the structured output.
    pub(crate) schema: Option<Value>,
    /// Most output tokens.
    pub(crate) max_tokens: u64,
    /// Bytes that count as input: all texts, and the schema.
    pub(crate) n_input_bytes: usize,
    /// What may come from the cache.
    pub(crate) prefix: Option<Prefix>,
    /// Hash of the body.
    pub(crate) content: String,
}

/// Hash of a body, whatever the order of its keys on the way here.
pub(crate) fn content_hash(body: &Value) -> String {
    fn write(value: &Value, hasher: &mut blake3::Hasher) {
        match value {
            Value::Object(object) => {
                let mut keys: Vec<_> = object.iter().collect();
                keys.sort_by_key(|(key, _)| key.as_str());
                hasher.update(b"{");
                for (key, value) in keys {
                    hasher.update(Value::from(key.as_str()).to_string().as_bytes());
                    write(value, hasher);
                }
                hasher.update(b"}");
            }
            Value::Array(list) => {
                hasher.update(b"[");
                for value in list {
                    write(value, hasher);
                }
                hasher.update(b"]");
            }
            plain => {
                hasher.update(plain.to_string().as_bytes());
                hasher.update(b",");
            }
        }
    }
    let mut hasher = blake3::Hasher::new();
    write(body, &mut hasher);
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// HTTP status.
    pub(crate) status: u16,
    /// What is wrong.
    pub(crate) message: String,
    /// The parameter.
    pub(crate) param: Option<String>,
    /// `OpenAI`'s code.
    pub(crate) code: Option<&'static str>,
}

impl Invalid {
    /// A 400.
    pub(crate) fn new(param: &str, message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into(), param: Some(param.to_string()), code: None }
    }

    /// The same with a code.
    #[must_use]
    pub(crate) fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }
}

/// Reads the parts of a request, in the words of a provider.
#[derive(Clone, Copy)]
pub(crate) struct Reader(pub(crate) Family);

impl Reader {
    /// An object with known keys only.
    pub(crate) fn object<'a>(
        self,
        value: &'a Value,
        at: &str,
        known: &[&str],
    ) -> Result<&'a Map<String, Value>, Invalid> {
        let object = value.as_object().ok_or_else(|| self.wrong(at, "a valid dictionary", "an object"))?;
        match object.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(object),
            Some(key) => {
                let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                Err(match self.0 {
                    Family::Anthropic => Invalid::new(&path, format!("{path}: Extra inputs are not permitted")),
                    Family::OpenAi => {
                        Invalid::new(&path, format!("Unknown parameter: '{path}'.")).coded("unknown_parameter")
                    }
                })
            }
        }
    }

    /// A value that has the wrong type.
    pub(crate) fn wrong(self, at: &str, anthropic: &str, openai: &str) -> Invalid {
        match self.0 {
            Family::Anthropic => Invalid::new(at, format!("{at}: Input should be {anthropic}")),
            Family::OpenAi => {
                Invalid::new(at, format!("Invalid type for '{at}': expected {openai}.")).coded("invalid_type")
            }
        }
    }

    /// A value that is missing.
    pub(crate) fn missing(self, at: &str) -> Invalid {
        match self.0 {
            Family::Anthropic => Invalid::new(at, format!("{at}: Field required")),
            Family::OpenAi => {
                Invalid::new(at, format!("Missing required parameter: '{at}'.")).coded("missing_required_parameter")
            }
        }
    }

    /// A text that must be there and not be empty.
    pub(crate) fn text<'a>(self, object: &'a Map<String, Value>, key: &str, at: &str) -> Result<&'a str, Invalid> {
        let path = if at.is_empty() { key.to_string() } else { format!("{at}.{key}") };
        let value = object.get(key).ok_or_else(|| self.missing(&path))?;
        let text = value.as_str().ok_or_else(|| self.wrong(&path, "a valid string", "a string"))?;
        if text.is_empty() {
            return Err(Invalid::new(&path, format!("{path}: text must not be empty")));
        }
        Ok(text)
    }

    /// A list that must be there and not be empty.
    pub(crate) fn list<'a>(self, object: &'a Map<String, Value>, key: &str) -> Result<&'a Vec<Value>, Invalid> {
        let value = object.get(key).ok_or_else(|| self.missing(key))?;
        let list = value.as_array().ok_or_else(|| self.wrong(key, "a valid list", "an array"))?;
        if list.is_empty() {
            return Err(Invalid::new(key, format!("{key}: at least one is required")));
        }
        Ok(list)
    }

    /// A count, if it is there and not null.
    pub(crate) fn count(self, object: &Map<String, Value>, key: &str, least: u64) -> Result<Option<u64>, Invalid> {
        let Some(value) = object.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
        let count = value.as_u64().ok_or_else(|| self.wrong(key, "a valid integer", "an integer"))?;
        if count < least {
            return Err(match self.0 {
                Family::Anthropic => Invalid::new(key, format!("{key}: Input should be greater than or equal to {least}")),
                Family::OpenAi => Invalid::new(key, format!("Invalid '{key}': integer below minimum value. Expected a value >= {least}, but got {count} instead.")).coded("integer_below_min_value"),
            });
        }
        Ok(Some(count))
    }

    /// A text out of a list of texts, if it is there and not null.
    pub(crate) fn choice(object: &Map<String, Value>, key: &str, at: &str, allowed: &[&str]) -> Result<(), Invalid> {
        match object.get(key) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if value.as_str().is_some_and(|text| allowed.contains(&text)) => Ok(()),
            Some(value) => {
                let path = if at.is_empty() { key.to_string() } else { format!("{at}.{key}") };
                Err(Invalid::new(&path, format!("{path}: {value} is not one of {allowed:?}")).coded("invalid_value"))
            }
        }
    }

    /// Streams are not served.
    pub(crate) fn no_stream(object: &Map<String, Value>) -> Result<(), Invalid> {
        match object.get("stream") {
            None | Some(Value::Null | Value::Bool(false)) => Ok(()),
            _ => Err(Invalid::new("stream", "stream: this server does not stream")),
        }
    }
}

/// Whether a text is a name as both providers want it.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_depends_on_content_only() {
        let [one, other]: [Value; 2] = [r#"{"a":1,"b":[{"c":2,"d":"x"}]}"#, r#"{"b":[{"d":"x","c":2}],"a":1}"#]
            .map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(content_hash(&one), content_hash(&other));
        for different in [json!({"a": 1, "b": [{"c": 2, "d": "y"}]}), json!({"a": 1}), json!([1, 2]), json!([12])] {
            assert_ne!(content_hash(&one), content_hash(&different));
        }
        assert_ne!(content_hash(&json!([1, 2])), content_hash(&json!([12])));
        assert_eq!(content_hash(&one).len(), 32);
    }

    #[test]
    fn names_are_short_and_plain() {
        assert!(is_name("a-Z_9") && is_name(&"x".repeat(64)));
        assert!(!is_name("") && !is_name("a/b") && !is_name(&"x".repeat(65)) && !is_name("ä"));
    }
}
