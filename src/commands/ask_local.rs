//! A local model that answers `posekit ask`: an adapter of `posekit train`, a Hugging Face folder or a GGUF file.

use std::path::{Path, PathBuf};

use super::train::ABOUT_FILE;
use crate::ask::assistant::{Assistant, AssistantError, Reply, Tool, Turn};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::local_model::{
    Chat, ComputeDevice, Conversation, LocalModel, LocalModelError, Message, ModelTokenizer, ToolCall,
};
use crate::train::TrainError;

/// The maximum length of a prompt, tokens. Longer prompts are shortened, because small models lose the question in
/// them.
const LONGEST_PROMPT_TOKENS: usize = 2048;
/// The maximum number of tokens of a turn.
const MAX_TOKENS: usize = 256;

/// A model on this machine.
pub(super) struct LocalAssistant<'a> {
    name: String,
    model: LocalModel,
    tokenizer: ModelTokenizer,
    interrupt: &'a Interrupt,
}

impl<'a> LocalAssistant<'a> {
    /// Loads the model of a folder or file.
    ///
    /// # Errors
    /// If the model is missing or cannot be used.
    pub(super) fn load(path: &Path, interrupt: &'a Interrupt) -> Result<Self, Error> {
        let adapter = path.join("adapter_config.json").is_file().then_some(path);
        let base = match adapter {
            Some(folder) => base_of(folder)?,
            None => path.to_path_buf(),
        };
        let failed = |error: LocalModelError| Error::from(TrainError::from(error));
        let mut model = LocalModel::load(&base, ComputeDevice::Cpu).map_err(failed)?;
        if let Some(folder) = adapter {
            model.load_adapter(folder).map_err(failed)?;
        }
        let tokenizer = ModelTokenizer::load(&base).map_err(failed)?;
        Ok(Self { name: path.display().to_string(), model, tokenizer, interrupt })
    }

    fn said(&self, system: &str, tool: &Tool, turns: &[Turn]) -> Result<Message, LocalModelError> {
        let chat = Chat::new(&self.tokenizer)?;
        let mut prompt = chat.prompt(&conversation(system, tool, turns))?;
        if prompt.len() > LONGEST_PROMPT_TOKENS {
            // Drops the relations, the middle part. The lists of people and metrics stay.
            let parts: Vec<&str> = system.split("\n\n").filter(|part| !part.starts_with("Relations")).collect();
            prompt = chat.prompt(&conversation(&parts.join("\n\n"), tool, turns))?;
        }
        let is_interrupted = || self.interrupt.is_requested();
        let said = self.model.generate(&prompt, MAX_TOKENS, self.tokenizer.ends(), &is_interrupted)?;
        Ok(Chat::message(&self.tokenizer.decode(&said)?))
    }
}

/// Returns the base of an adapter: from posekit's own file, else the base that PEFT would load.
fn base_of(folder: &Path) -> Result<PathBuf, Error> {
    for (file, key) in [(ABOUT_FILE, "base"), ("adapter_config.json", "base_model_name_or_path")] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(base) = json[key].as_str().map(PathBuf::from).filter(|base| base.exists()) {
            return Ok(base);
        }
    }
    Err(Error::Usage {
        message: format!("the base of the adapter {} was not found", folder.display()),
        hint: format!("{} names it; `make llm` fetches the default one", folder.join(ABOUT_FILE).display()),
    })
}

fn conversation(system: &str, tool: &Tool, turns: &[Turn]) -> Conversation {
    let mut messages = vec![Message::new("system", system)];
    messages.extend(turns.iter().map(|turn| match turn {
        Turn::User(text) => Message::new("user", text),
        Turn::Call { sql, .. } => {
            let mut message = Message::new("assistant", "");
            message.tool_calls.push(ToolCall { name: tool.name.clone(), arguments: serde_json::json!({ "sql": sql }) });
            message
        }
        Turn::Result { text, .. } => Message::new("tool", text),
    }));
    let function =
        serde_json::json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
    Conversation { messages, tools: serde_json::json!([{"type": "function", "function": function}]) }
}

impl Assistant for LocalAssistant<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn next(&mut self, system: &str, tool: &Tool, turns: &[Turn]) -> Result<Reply, AssistantError> {
        let message = self.said(system, tool, turns).map_err(|error| match error {
            LocalModelError::Interrupted => AssistantError::Interrupted,
            other => AssistantError::Failed(other.to_string()),
        })?;
        match message.tool_calls.into_iter().next() {
            Some(call) => {
                let sql = call.arguments["sql"].as_str().unwrap_or_default().to_owned();
                Ok(Reply::Call { id: format!("call_{}", turns.len()), sql })
            }
            // A small model may repeat itself until its words are cut off.
            None if message.content.contains("<tool_call>") => {
                Err(AssistantError::NoAnswer("its tool call cannot be parsed".to_owned()))
            }
            None if message.content.is_empty() => Err(AssistantError::NoAnswer("its reply is empty".to_owned())),
            None => Ok(Reply::Text(message.content)),
        }
    }
}
