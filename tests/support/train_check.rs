//! Writes what a model, a new adapter and its gradients are, for `tests/llm/adapter.sh` to compare with transformers and PEFT.
//!
//! `train_check BASE DATA FOLDER`: DATA is a folder of `posekit export-llm`. Both matrices of the adapter are random, so that all gradients count.

use std::error::Error;
use std::path::{Path, PathBuf};

use posekit::installation::known_repository;
use posekit::local_model::{
    Chat, ComputeDevice, Conversation, LocalModel, LoraSettings, Message, ModelTokenizer, Numbers, Seeded,
};
use posekit::train::data::read_rows;
use posekit::train::plan::batch;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

/// Texts that tokenizers are known to differ on.
const TEXTS: [&str; 6] = [
    "Hello world",
    " leading 143.25 degrees and -0.5 m/s",
    "a  b\n\nc 12/07 \u{e9}t\u{e9} \u{819d} \u{1f9b5}",
    "<|im_start|>user\nhi<|im_end|>\n",
    "SELECT metric, round(value, 2) FROM metrics WHERE video_id = '8da3' LIMIT 5",
    "1,490 of 168,000 (0.9 %)\t\u{b1}5\u{b0}",
];
/// Logits of more tokens would fill the disk.
const LONGEST_TOKENS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [base, data, folder] = arguments.as_slice() else { return Err("train_check BASE DATA FOLDER".into()) };
    std::fs::create_dir_all(folder)?;
    let tokenizer = ModelTokenizer::load(base)?;
    let chat = Chat::new(&tokenizer)?;
    let mut model = LocalModel::load(base, ComputeDevice::Cpu)?;
    model.add_adapter(LoraSettings { rank: 8, alpha: 16.0, targets: LoraSettings::all_targets() }, 1)?;
    let mut seeded = Seeded::new(7);
    let mut values = model.adapter_values();
    for (_, values) in values.iter_mut().filter(|(name, _)| name.contains("lora_B")) {
        for value in values.iter_mut() {
            *value = 0.02 * seeded.signed_unit();
        }
    }
    model.set_adapter_values(&values)?;
    let base_name = known_repository(base).unwrap_or_else(|| base.display().to_string());
    for (name, bytes) in model.adapter_files(&base_name)? {
        std::fs::write(folder.join(name), bytes)?;
    }
    let conversations: Vec<Conversation> = read_rows(data, &["messages".to_owned(), "tools".to_owned()], "train")?
        .into_iter()
        .map(|row| row.conversation)
        .collect();
    write_numbers(&mut model, &chat, &conversations, folder)?;
    write_texts(&tokenizer, &chat, &conversations, folder)?;
    write_answers(&model, &tokenizer, &chat, folder)?;
    std::fs::create_dir_all(folder.join("merged"))?;
    for (name, bytes) in model.merged_files(&tokenizer)? {
        std::fs::write(folder.join("merged").join(name), bytes)?;
    }
    model.write_merged_weights(&folder.join("merged/model.safetensors"))?;
    Ok(model.write_merged_gguf(&tokenizer, &folder.join("merged.gguf"))?)
}

fn write_numbers(
    model: &mut LocalModel,
    chat: &Chat,
    conversations: &[Conversation],
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let encoded = conversations.iter().filter_map(|conversation| chat.encode(conversation).ok());
    let short: Vec<_> = encoded.filter(|encoded| encoded.ids.len() <= LONGEST_TOKENS).take(2).collect();
    let batch = batch(&short.iter().collect::<Vec<_>>());
    let (loss, gradients) = model.loss_and_gradients(&batch, false)?;
    let adapter_logits = model.logits(&batch.ids, batch.sequences)?;
    model.set_adapted(false);
    let base_logits = model.logits(&batch.ids, batch.sequences)?;
    model.set_adapted(true);
    let vocabulary = base_logits.len() / batch.ids.len();
    let whole = |values: &[u32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let parts = [
        ("ids", Dtype::U32, vec![batch.sequences, batch.ids.len() / batch.sequences], whole(&batch.ids)),
        ("rows", Dtype::U32, vec![batch.places.len()], whole(&batch.places)),
        ("targets", Dtype::U32, vec![batch.targets.len()], whole(&batch.targets)),
        ("base_logits", Dtype::F32, vec![batch.ids.len(), vocabulary], real(&base_logits)),
        ("adapter_logits", Dtype::F32, vec![batch.ids.len(), vocabulary], real(&adapter_logits)),
        ("loss", Dtype::F32, vec![], real(&[loss as f32])),
    ];
    let views =
        parts.iter().map(|(name, kind, shape, bytes)| Ok((*name, TensorView::new(*kind, shape.clone(), bytes)?)));
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    std::fs::write(folder.join("check_forward.safetensors"), safetensors::serialize(views, None)?)?;
    std::fs::write(folder.join("check_gradients.safetensors"), gradient_file(&gradients)?)?;
    Ok(())
}

fn gradient_file(gradients: &Numbers) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let bytes: Vec<(&String, usize, Vec<u8>)> =
        gradients.iter().map(|(name, values)| (name, values.len(), real(values))).collect();
    let views = bytes.iter().map(|(name, count, bytes)| {
        // A is (rank, inputs), B (outputs, rank).
        let shape = if name.contains("lora_A") { vec![8, count / 8] } else { vec![count / 8, 8] };
        Ok((name.as_str(), TensorView::new(Dtype::F32, shape, bytes)?))
    });
    safetensors::serialize(views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?, None)
}

fn real(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn write_texts(
    tokenizer: &ModelTokenizer,
    chat: &Chat,
    conversations: &[Conversation],
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut lines = String::new();
    for text in TEXTS {
        lines += &line(&json!({"text": text, "ids": tokenizer.encode(text)?.ids}));
    }
    std::fs::write(folder.join("check_tokens.jsonl"), lines)?;
    let mut lines = String::new();
    for conversation in conversations.iter().filter(|conversation| conversation.tools.is_null()).take(20) {
        let text = chat.render(conversation, false)?;
        let messages: Vec<Value> = conversation.messages.iter().map(turn).collect();
        let ids = tokenizer.encode(&text)?.ids;
        lines += &line(&json!({"messages": messages, "tools": null, "text": text, "ids": ids}));
    }
    Ok(std::fs::write(folder.join("check_chat.jsonl"), lines)?)
}

/// What llama.cpp has to say, too, of the merged model.
fn write_answers(
    model: &LocalModel,
    tokenizer: &ModelTokenizer,
    chat: &Chat,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut lines = String::new();
    for question in ["What is the capital of France?", "What is a joint angle?", "Write a line about running."] {
        let prompt =
            chat.prompt(&Conversation { messages: vec![Message::new("user", question)], tools: Value::Null })?;
        let answer = model.generate(&prompt, 12, tokenizer.ends(), &|| false)?;
        lines += &line(&json!({"prompt_ids": prompt, "answer_ids": answer}));
    }
    Ok(std::fs::write(folder.join("check_answers.jsonl"), lines)?)
}

fn line(json: &Value) -> String {
    json.to_string() + "\n"
}

fn turn(message: &Message) -> Value {
    json!({"role": message.role, "content": message.content})
}
