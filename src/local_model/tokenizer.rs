//! Converts text to tokens and back with the model's own tokenizer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use serde_json::Value;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

use super::error::LocalModelError;
use super::weights::open_gguf;

/// Llama 3's pattern for splitting text into words; from the tokenizer that Meta published with the model.
const LLAMA3_WORDS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The tokenizer of a model, its end-of-turn tokens and its chat template as text.
pub struct ModelTokenizer {
    tokenizer: Tokenizer,
    /// The tokens that end the model's output.
    pub(super) ends: Vec<u32>,
    /// The beginning of texts, if the template uses it.
    pub(super) bos: String,
    /// The end of a turn.
    pub(super) eos: String,
    /// The chat template, if the model has one.
    pub(super) template: Option<String>,
}

/// Text as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The tokens.
    pub ids: Vec<u32>,
    /// The end of each token in the text, bytes.
    pub ends_at: Vec<usize>,
}

impl ModelTokenizer {
    /// Reads the tokenizer of a GGUF file or a Hugging Face folder.
    ///
    /// # Errors
    /// See [`LocalModelError`].
    pub fn load(path: &Path) -> Result<Self, LocalModelError> {
        if path.is_file() { Self::from_gguf(path) } else { Self::from_folder(path) }
    }

    fn from_gguf(path: &Path) -> Result<Self, LocalModelError> {
        let (_, content) = open_gguf(path)?;
        let text = |key: &str| content.metadata.get(key).and_then(|value| value.to_string().ok()).cloned();
        let mut tokenizer =
            Tokenizer::from_gguf(&content).map_err(|error| LocalModelError::invalid(path, error.to_string()))?;
        let words = text("tokenizer.ggml.pre").unwrap_or_default();
        set_words(&mut tokenizer, path, &words)?;
        let token_of = |key: &str| token_text(&content, &tokenizer, key);
        let (bos, eos) = (token_of("tokenizer.ggml.bos_token_id"), token_of("tokenizer.ggml.eos_token_id"));
        let template = text("tokenizer.chat_template");
        Ok(Self::new(tokenizer, bos, eos.as_slice(), template))
    }

    fn from_folder(folder: &Path) -> Result<Self, LocalModelError> {
        let path = folder.join("tokenizer.json");
        if !path.is_file() {
            return Err(LocalModelError::invalid(folder, "tokenizer.json is missing"));
        }
        let tokenizer =
            Tokenizer::from_file(&path).map_err(|error| LocalModelError::invalid(&path, error.to_string()))?;
        let config = optional_json(&folder.join("tokenizer_config.json"))?;
        let text_of = |value: &Value| value.as_str().or_else(|| value["content"].as_str()).map(str::to_owned);
        let mut ends: Vec<String> = text_of(&config["eos_token"]).into_iter().collect();
        for name in ["generation_config.json", "config.json"] {
            let json = optional_json(&folder.join(name))?;
            let listed = json["eos_token_id"].as_array().cloned().unwrap_or_else(|| vec![json["eos_token_id"].clone()]);
            let ids = listed.iter().filter_map(Value::as_u64);
            ends.extend(ids.filter_map(|id| tokenizer.id_to_token(id as u32)));
        }
        let file = folder.join("chat_template.jinja");
        let template = if file.is_file() {
            Some(std::fs::read_to_string(&file).map_err(|source| LocalModelError::file(&file, source))?)
        } else {
            named_template(&config["chat_template"])
        };
        Ok(Self::new(tokenizer, text_of(&config["bos_token"]), &ends, template))
    }

    fn new(tokenizer: Tokenizer, bos: Option<String>, ends: &[String], template: Option<String>) -> Self {
        let eos = ends.first().cloned().unwrap_or_default();
        let known = ["<|im_end|>", "<|eot_id|>"].map(str::to_owned);
        let ids: BTreeSet<u32> = ends.iter().chain(&known).filter_map(|text| tokenizer.token_to_id(text)).collect();
        Self { tokenizer, ends: ids.into_iter().collect(), bos: bos.unwrap_or_default(), eos, template }
    }

    /// Encodes a text. Special tokens are recognized if the text contains them (`<|im_end|>`); none are added.
    ///
    /// # Errors
    /// If the tokenizer rejects the text.
    pub fn encode(&self, text: &str) -> Result<Tokens, LocalModelError> {
        let encoding = self.tokenizer.encode(text, false).map_err(failed)?;
        let ends_at = encoding.get_offsets().iter().map(|(_, end)| *end).collect();
        Ok(Tokens { ids: encoding.get_ids().to_vec(), ends_at })
    }

    /// Decodes tokens. Special tokens are left out.
    ///
    /// # Errors
    /// If a token does not exist.
    pub fn decode(&self, ids: &[u32]) -> Result<String, LocalModelError> {
        self.tokenizer.decode(ids, true).map_err(failed)
    }

    /// The tokens that end the model's output.
    #[must_use]
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The id of a token with this text, if there is one.
    pub(super) fn id(&self, text: &str) -> Option<u32> {
        self.tokenizer.token_to_id(text)
    }

    /// The tokenizer's metadata for a GGUF file. Rows of the model's table that have no text are filled with
    /// placeholders.
    pub(super) fn to_gguf(
        &self,
        path: &Path,
        vocabulary: usize,
    ) -> Result<Vec<(String, gguf_file::Value)>, LocalModelError> {
        use gguf_file::Value as Gguf;
        let json: Value = serde_json::from_str(&self.to_json()?).map_err(|error| failed(error.into()))?;
        let words = gguf_words(&json["pre_tokenizer"].to_string()).ok_or_else(|| {
            LocalModelError::invalid(
                path,
                "llama.cpp's name for its tokenizer is unknown, so it cannot be written as GGUF",
            )
        })?;
        let special: BTreeSet<u64> =
            json["added_tokens"].as_array().into_iter().flatten().filter_map(|token| token["id"].as_u64()).collect();
        let ids = 0..vocabulary as u32;
        let text = |id: u32| self.tokenizer.id_to_token(id).unwrap_or_else(|| format!("[PAD{id}]"));
        let kind = |id: u32| match (special.contains(&u64::from(id)), self.tokenizer.id_to_token(id)) {
            (true, _) => 3,
            (false, Some(_)) => 1,
            (false, None) => 5,
        };
        let merge = |merge: &Value| match merge.as_array() {
            Some(pair) => pair.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            None => merge.as_str().unwrap_or_default().to_owned(),
        };
        let merges = json["model"]["merges"].as_array().into_iter().flatten().map(merge);
        let mut metadata = vec![
            ("model", Gguf::String("gpt2".to_owned())),
            ("pre", Gguf::String(words.to_owned())),
            ("tokens", Gguf::Array(ids.clone().map(|id| Gguf::String(text(id))).collect())),
            ("token_type", Gguf::Array(ids.map(|id| Gguf::I32(kind(id))).collect())),
            ("merges", Gguf::Array(merges.map(Gguf::String).collect())),
            ("add_bos_token", Gguf::Bool(false)),
        ];
        for (key, token) in [("bos_token_id", &self.bos), ("eos_token_id", &self.eos)] {
            metadata.extend(self.id(token).map(|id| (key, Gguf::U32(id))));
        }
        let mut metadata: Vec<(String, Gguf)> =
            metadata.into_iter().map(|(key, value)| (format!("tokenizer.ggml.{key}"), value)).collect();
        let template =
            self.template.clone().map(|template| ("tokenizer.chat_template".to_owned(), Gguf::String(template)));
        metadata.extend(template);
        Ok(metadata)
    }

    /// The tokenizer as the text of tokenizer.json.
    pub(super) fn to_json(&self) -> Result<String, LocalModelError> {
        self.tokenizer.to_string(true).map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn failed(error: tokenizers::Error) -> LocalModelError {
    LocalModelError::Tokenizer { message: error.to_string() }
}

/// Sets the splitting into words for GGUF files, which give it by name only. candle 0.11 supports few of these names.
fn set_words(tokenizer: &mut Tokenizer, path: &Path, words: &str) -> Result<(), LocalModelError> {
    match words {
        "smollm" => {
            let words = Sequence::new(vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()]);
            tokenizer.with_pre_tokenizer(Some(words));
        }
        "llama-bpe" | "llama3" => {
            let pattern = SplitPattern::Regex(LLAMA3_WORDS.to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(failed)?;
            let words = Sequence::new(vec![split.into(), ByteLevel::new(false, true, false).into()]);
            tokenizer.with_pre_tokenizer(Some(words));
        }
        "gpt-2" | "default" => {
            tokenizer.with_pre_tokenizer(Some(ByteLevel::new(false, true, true)));
        }
        "qwen2" => {}
        _ => {
            let message = format!("unknown tokenizer {words:?}; use the model's Hugging Face folder instead");
            return Err(LocalModelError::invalid(path, message));
        }
    }
    Ok(())
}

/// llama.cpp's name for the way in which a tokenizer.json splits text into words.
fn gguf_words(pre_tokenizer: &str) -> Option<&'static str> {
    let has = |part: &str| pre_tokenizer.contains(part);
    match () {
        () if has("\"Digits\"") && has("\"individual_digits\":true") => Some("smollm"),
        () if has(r"\\p{N}{1,3}") => Some("llama-bpe"),
        () if has(r"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|") => Some("qwen2"),
        () if has("\"ByteLevel\"") && !has("\"Split\"") => Some("gpt-2"),
        () => None,
    }
}

fn token_text(content: &gguf_file::Content, tokenizer: &Tokenizer, key: &str) -> Option<String> {
    let id = content.metadata.get(key)?.to_u64().ok()?;
    tokenizer.id_to_token(id as u32)
}

fn optional_json(path: &PathBuf) -> Result<Value, LocalModelError> {
    if !path.is_file() {
        return Ok(Value::Null);
    }
    let text = std::fs::read_to_string(path).map_err(|source| LocalModelError::file(path, source))?;
    serde_json::from_str(&text).map_err(|error| LocalModelError::invalid(path, error.to_string()))
}

/// Finds the template of models that have several named templates.
fn named_template(value: &Value) -> Option<String> {
    let named = |name: &str| {
        value.as_array()?.iter().find(|entry| entry["name"] == name)?["template"].as_str().map(str::to_owned)
    };
    value.as_str().map(str::to_owned).or_else(|| named("tool_use")).or_else(|| named("default"))
}
