//! Language models on this machine: loading, `LoRA` training and text generation. The only module that uses candle and
//! tokenizers.

mod autograd;
mod buffers;
mod chat;
mod config;
mod cpu;
mod error;
mod gguf;
mod kernels;
mod lora;
mod memory;
mod merge;
mod model;
mod rope;
mod save;
mod seeded;
mod tokenizer;
mod weights;

pub use chat::{Chat, Conversation, EncodedChat, Message, ToolCall};
pub use config::{Architecture, Config};
pub use error::LocalModelError;
pub use lora::{LoraSettings, Numbers};
pub use memory::{TrainingSize, model_bytes, training_bytes};
pub use model::{Batch, ComputeDevice, LocalModel};
pub use save::Files;
pub use seeded::Seeded;
pub use tokenizer::{ModelTokenizer, Tokens};
#[cfg(test)]
mod references;
#[cfg(test)]
mod tests;
