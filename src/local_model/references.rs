//! Compares the tiny models of tests/data with results of transformers and PEFT (`tests/llm/tiny_base.py`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use super::chat::{Chat, Conversation, Message, ToolCall};
use super::lora::Numbers;
use super::model::{Batch, ComputeDevice, LocalModel};
use super::tokenizer::ModelTokenizer;

const MODELS: [&str; 3] = ["tiny_llama", "tiny_qwen3", "tiny_gguf"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn base(name: &str) -> PathBuf {
    let file = folder(name).join("model.gguf");
    if file.is_file() { file } else { folder(name) }
}

fn adapted(name: &str) -> LocalModel {
    let mut model = LocalModel::load(&base(name), ComputeDevice::Cpu).unwrap();
    model.load_adapter(&folder(name).join("adapter")).unwrap();
    model
}

struct Reference(HashMap<String, Tensor>);

impl Reference {
    fn of(name: &str) -> Self {
        Self(candle_core::safetensors::load(folder(name).join("reference.safetensors"), &Device::Cpu).unwrap())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        self.0[name].flatten_all().unwrap().to_dtype(DType::F32).unwrap().to_vec1().unwrap()
    }

    fn ids(&self, name: &str) -> Vec<u32> {
        self.0[name].flatten_all().unwrap().to_dtype(DType::U32).unwrap().to_vec1().unwrap()
    }

    fn batch(&self) -> Batch {
        let sequences = self.0["ids"].dim(0).unwrap();
        Batch { ids: self.ids("ids"), sequences, places: self.ids("rows"), targets: self.ids("targets") }
    }
}

fn largest_difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[test]
fn logits_are_those_of_transformers_and_peft() {
    for name in MODELS {
        let (mut model, reference) = (adapted(name), Reference::of(name));
        let batch = reference.batch();
        assert!(largest_difference(&reference.floats("base_logits"), &reference.floats("adapter_logits")) > 0.01);
        for (is_adapted, key) in [(false, "base_logits"), (true, "adapter_logits")] {
            model.set_adapted(is_adapted);
            let logits = model.logits(&batch.ids, batch.sequences).unwrap();
            let difference = largest_difference(&logits, &reference.floats(key));
            assert!(difference < 1e-4, "{name}, {key}: {difference}");
        }
    }
}

#[test]
fn loss_and_gradients_are_those_of_peft() {
    for name in MODELS {
        let (model, reference) = (adapted(name), Reference::of(name));
        for is_checkpointed in [false, true] {
            let (loss, gradients) = model.loss_and_gradients(&reference.batch(), is_checkpointed).unwrap();
            assert!((loss as f32 - reference.floats("loss")[0]).abs() < 1e-4, "{name}");
            assert!(!gradients.is_empty());
            for (key, gradient) in &gradients {
                let expected = reference.floats(key);
                let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
                let difference = largest_difference(gradient, &expected);
                assert!(difference < 1e-3 * largest, "{name}, {key}: {difference} of {largest}");
            }
        }
    }
}

fn lines(name: &str, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder(name).join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids_of(line: &Value) -> Vec<u32> {
    line["ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

#[test]
fn tokens_are_those_of_transformers() {
    for name in MODELS {
        let tokenizer = ModelTokenizer::load(&base(name)).unwrap();
        let lines = lines(name, "tokens.jsonl");
        assert!(lines.len() > 5);
        for line in lines {
            let text = line["text"].as_str().unwrap();
            assert_eq!(tokenizer.encode(text).unwrap().ids, ids_of(&line), "{name}: {text:?}");
        }
    }
}

fn conversation(line: &Value) -> Conversation {
    let messages = line["messages"].as_array().unwrap().iter().map(|message| {
        let content = message["content"].as_str().unwrap_or_default();
        let mut own = Message::new(message["role"].as_str().unwrap(), content);
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            let name = function["name"].as_str().unwrap().to_owned();
            own.tool_calls.push(ToolCall { name, arguments: function["arguments"].clone() });
        }
        own
    });
    Conversation { messages: messages.collect(), tools: line["tools"].clone() }
}

#[test]
fn chats_are_those_of_transformers() {
    for name in MODELS {
        let tokenizer = ModelTokenizer::load(&base(name)).unwrap();
        let chat = Chat::new(&tokenizer).unwrap();
        for line in lines(name, "chat.jsonl") {
            let (conversation, is_open) = (conversation(&line), line["add_generation_prompt"] == true);
            assert_eq!(chat.render(&conversation, is_open).unwrap(), line["text"].as_str().unwrap(), "{name}");
            if is_open {
                assert_eq!(chat.prompt(&conversation).unwrap(), ids_of(&line), "{name}");
            }
        }
    }
}

#[test]
fn only_what_the_assistant_says_is_learned() {
    for name in MODELS {
        let tokenizer = ModelTokenizer::load(&base(name)).unwrap();
        let chat = Chat::new(&tokenizer).unwrap();
        let turns =
            [("system", "Short."), ("user", "One?"), ("assistant", "1."), ("user", "Two?"), ("assistant", "Two, 2.")];
        let messages = turns.map(|(role, text)| Message::new(role, text)).to_vec();
        let encoded = chat.encode(&Conversation { messages, tools: Value::Null }).unwrap();
        let said = encoded.ids.iter().zip(&encoded.is_target).filter(|(_, is_target)| **is_target).map(|(id, _)| *id);
        let said: Vec<u32> = said.collect();
        let expected = tokenizer.encode("1.<|im_end|>Two, 2.<|im_end|>").unwrap().ids;
        assert!(said.ends_with(&expected[expected.len() - 4..]), "{name}: {said:?}");
        assert_eq!(tokenizer.decode(&said).unwrap().replace("<think>\n\n</think>\n\n", ""), "1.Two, 2.", "{name}");
    }
}

#[test]
fn tool_calls_survive_templates_that_know_no_tools() {
    let tokenizer = ModelTokenizer::load(&base("tiny_gguf")).unwrap();
    let chat = Chat::new(&tokenizer).unwrap();
    let mut call = Message::new("assistant", "");
    let arguments = serde_json::json!({"sql": "SELECT 1 < 2"});
    call.tool_calls.push(ToolCall { name: "query_pose".to_owned(), arguments });
    let tools = serde_json::json!([{"function": {"name": "query_pose", "description": "Runs SQL.\nRelations: many",
        "parameters": {"properties": {"sql": {}}}}}]);
    let messages = vec![Message::new("user", "q"), call.clone(), Message::new("tool", "[]")];
    let text = chat.render(&Conversation { messages, tools }, true).unwrap();
    assert!(text.contains("- query_pose(sql): Runs SQL.\n"));
    assert!(text.contains("<tool_response>\n[]\n</tool_response>"));
    let from = text.find("<tool_call>\n{\"name\"").unwrap();
    let said = &text[from..text[from..].find("<|im_end|>").unwrap() + from];
    assert_eq!(Chat::message(said).tool_calls, call.tool_calls);
}

#[test]
fn merged_models_say_the_same() {
    for name in MODELS {
        let (model, reference) = (adapted(name), Reference::of(name));
        let tokenizer = ModelTokenizer::load(&base(name)).unwrap();
        let batch = reference.batch();
        let expected = reference.floats("adapter_logits");
        let place = tempfile::tempdir().unwrap();
        model.write_merged_weights(&place.path().join("model.safetensors")).unwrap();
        for (file, bytes) in model.merged_files(&tokenizer).unwrap() {
            std::fs::write(place.path().join(file), bytes).unwrap();
        }
        let merged = LocalModel::load(place.path(), ComputeDevice::Cpu).unwrap();
        assert!(largest_difference(&merged.logits(&batch.ids, batch.sequences).unwrap(), &expected) < 1e-3, "{name}");
        let gguf = place.path().join("model.gguf");
        model.write_merged_gguf(&tokenizer, &gguf).unwrap();
        let merged = LocalModel::load(&gguf, ComputeDevice::Cpu).unwrap();
        assert!(largest_difference(&merged.logits(&batch.ids, batch.sequences).unwrap(), &expected) < 0.02, "{name}");
        let again = ModelTokenizer::load(&gguf).unwrap();
        let text = "The knee: 143.25 degrees été";
        assert_eq!(again.encode(text).unwrap(), tokenizer.encode(text).unwrap(), "{name}");
        assert_eq!(again.ends(), tokenizer.ends(), "{name}");
    }
}

#[test]
fn damaged_adapters_are_refused() {
    let mut model = adapted("tiny_llama");
    let place = tempfile::tempdir().unwrap();
    for (file, bytes) in model.adapter_files("base").unwrap() {
        std::fs::write(place.path().join(file), bytes).unwrap();
    }
    let path = place.path().join("adapter_config.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [("\"q_proj\",", ""), ("\"LORA\"", "\"IA3\""), ("\"use_dora\": false", "\"use_dora\": true")] {
        std::fs::write(&path, text.replace(from, to)).unwrap();
        assert!(model.load_adapter(place.path()).is_err(), "{from}");
    }
    std::fs::write(&path, text).unwrap();
    model.load_adapter(place.path()).unwrap();
    let values: Numbers = model.adapter_values();
    assert!(!values.is_empty());
}
