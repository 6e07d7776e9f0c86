//! Front matter of cards. It contains no anchors: `datasets` modifies the features that it reads, and shared features
//! would be modified twice.

use std::fmt::Write;

use super::{CardData, SplitData};
use crate::llm::shapes::{Config, Field, Kind, features};

/// Quotes any text for YAML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            // Characters that YAML readers reject or take for line ends. All of them are below 0x10000.
            '\0'..=' ' | '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                if letter != ' ' =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Front matter of the root card.
pub(super) fn front(data: &CardData) -> String {
    format!("{}{}---\n", general(data, &data.title), lists(data))
}

/// `configs` and `dataset_info` of the root card.
pub(super) fn lists(data: &CardData) -> String {
    let mut out = String::new();
    let filled: Vec<_> = data.filled().collect();
    if filled.is_empty() {
        return out;
    }
    out.push_str("configs:\n");
    for (index, config) in filled.iter().enumerate() {
        let path = |split: &str| config.config.path(split);
        files(&mut out, config.config.name(), index == 0, &config.splits, path);
    }
    out.push_str("dataset_info:\n");
    for config in &filled {
        info(&mut out, config.config.name(), &features(config.config), &config.splits);
    }
    out
}

/// Front matter of the Parquet files' card.
pub(super) fn parquet_front(data: &CardData) -> String {
    format!("{}{}---\n", general(data, &format!("{} (Parquet)", data.title)), parquet_lists(data))
}

/// `configs` and `dataset_info` of the Parquet files' card.
pub(super) fn parquet_lists(data: &CardData) -> String {
    let mut out = String::new();
    if !data.parquet.is_empty() {
        out.push_str("configs:\n");
        files(&mut out, "default", true, &data.parquet, |split| format!("{split}-00000-of-00001.parquet"));
        out.push_str("dataset_info:\n");
        info(&mut out, "default", &features(Config::Messages), &data.parquet);
    }
    out
}

fn general(data: &CardData, title: &str) -> String {
    let mut out = String::from("---\n");
    let license = if data.license.is_empty() { "unknown" } else { &data.license };
    let _ = writeln!(out, "license: {}", quoted(license));
    if !data.languages.is_empty() {
        out.push_str("language:\n");
        for language in &data.languages {
            let _ = writeln!(out, "- {}", quoted(language));
        }
    }
    let _ = writeln!(out, "pretty_name: {}", quoted(title));
    out.push_str("task_categories:\n- text-generation\n- question-answering\n");
    if data.has(Config::Vision) {
        out.push_str("- image-text-to-text\n");
    }
    out.push_str("tags:\n- sports\n- biomechanics\n- pose-estimation\n- posekit\n");
    for (config, tag) in [(Config::Tools, "tool-use"), (Config::Preference, "preference")] {
        if data.has(config) {
            let _ = writeln!(out, "- {tag}");
        }
    }
    if !data.models.is_empty() {
        out.push_str("- synthetic\n");
    }
    let _ = writeln!(out, "size_categories:\n- {}", quoted(size_category(data.examples)));
    out
}

/// Hugging Face's name for a number of examples.
pub(super) fn size_category(examples: u64) -> &'static str {
    match examples {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        100_000_000..1_000_000_000 => "100M<n<1B",
        _ => "n>1B",
    }
}

fn files(out: &mut String, name: &str, default: bool, splits: &[SplitData], path: impl Fn(&str) -> String) {
    let _ = writeln!(out, "- config_name: {name}");
    if default {
        out.push_str("  default: true\n");
    }
    out.push_str("  data_files:\n");
    for split in splits {
        let _ = writeln!(out, "  - split: {}\n    path: {}", split.name, path(&split.name));
    }
}

fn info(out: &mut String, name: &str, columns: &[Field], splits: &[SplitData]) {
    let _ = writeln!(out, "- config_name: {name}\n  features:");
    fields(out, columns, 2);
    out.push_str("  splits:\n");
    for split in splits {
        let _ =
            writeln!(out, "  - name: {}\n    num_bytes: {}\n    num_examples: {}", split.name, split.bytes, split.rows);
    }
    let bytes: u64 = splits.iter().map(|split| split.bytes).sum();
    let _ = writeln!(out, "  download_size: {bytes}\n  dataset_size: {bytes}");
}

/// Writes fields as a block list, indented by `indent` spaces. The key after `name` gives the type of the field.
fn fields(out: &mut String, columns: &[Field], indent: usize) {
    for field in columns {
        let _ = write!(out, "{:indent$}- name: {}\n{:indent$}  ", "", field.name, "");
        kind(out, &field.kind, indent + 2);
    }
}

fn kind(out: &mut String, value: &Kind, indent: usize) {
    match value {
        Kind::Struct(columns) => {
            out.push_str("struct:\n");
            fields(out, columns, indent);
        }
        Kind::List(item) => match item.as_ref() {
            Kind::Struct(columns) => {
                out.push_str("list:\n");
                fields(out, columns, indent);
            }
            Kind::List(_) => {
                let _ = write!(out, "list:\n{:indent$}  ", "");
                kind(out, item, indent + 2);
            }
            scalar => {
                let _ = writeln!(out, "list: {}", dtype(scalar));
            }
        },
        scalar => {
            let _ = writeln!(out, "dtype: {}", dtype(scalar));
        }
    }
}

fn dtype(kind: &Kind) -> &'static str {
    match kind {
        Kind::Float => "float64",
        Kind::Bool => "bool",
        Kind::Text | Kind::List(_) | Kind::Struct(_) => "string",
    }
}
