//! Columns that shapes share, and their names.

use super::Config;
use super::json::{float, list, pair, raw, text};
use crate::llm::example::{Difficulty, Example};
use crate::llm::fact::Fact;

/// Makes a list of columns between those that all shapes but OpenAI's begin and end with.
macro_rules! columns {
    ($($own:literal),*) => {
        &[
            "id", "kind", "sport", "difficulty", "language", "origin", "video_id", "athletes", "first_time_s", "last_time_s",
            $($own,)* "proofs",
        ]
    };
}

pub(super) fn of(config: Config) -> &'static [&'static str] {
    match config {
        Config::Messages | Config::Vision => columns!("messages"),
        Config::Tools => columns!("messages", "tools"),
        Config::OpenAi => &["messages"],
        Config::OpenAiTools => &["messages", "tools", "parallel_tool_calls"],
        Config::ShareGpt => columns!("conversations", "system", "tools"),
        Config::Alpaca => columns!("instruction", "input", "output", "system", "history"),
        Config::PromptCompletion => columns!("prompt", "completion"),
        Config::Preference => columns!("prompt", "chosen", "rejected", "rejected_reason"),
    }
}

pub(in crate::llm) fn difficulty(value: Difficulty) -> &'static str {
    match value {
        Difficulty::Easy => "easy",
        Difficulty::Medium => "medium",
        Difficulty::Hard => "hard",
    }
}

/// Opens the row and appends the columns that say what the example is about.
pub(super) fn head(out: &mut Vec<u8>, example: &Example) {
    pair(out, "{\"id\":", &example.id);
    pair(out, ",\"kind\":", &example.kind);
    pair(out, ",\"sport\":", &example.sport);
    pair(out, ",\"difficulty\":", difficulty(example.difficulty));
    pair(out, ",\"language\":", &example.language);
    pair(out, ",\"origin\":", &example.origin);
    pair(out, ",\"video_id\":", &example.video_id);
    raw(out, ",\"athletes\":");
    list(out, &example.athletes, |out, athlete| text(out, athlete));
    let [first_time_s, last_time_s] = example.segment_s;
    raw(out, ",\"first_time_s\":");
    float(out, first_time_s);
    raw(out, ",\"last_time_s\":");
    float(out, last_time_s);
}

/// Appends the proofs of what the answer states, or of what is missing, and closes the row.
pub(super) fn proofs(out: &mut Vec<u8>, example: &Example) {
    raw(out, ",\"proofs\":");
    list(out, &example.proven(), proof);
    out.push(b'}');
}

fn proof(out: &mut Vec<u8>, fact: &Fact) {
    pair(out, "{\"shown\":", &fact.shown);
    raw(out, ",\"value\":");
    float(out, fact.value);
    raw(out, ",\"low\":");
    optional(out, fact.low);
    raw(out, ",\"high\":");
    optional(out, fact.high);
    pair(out, ",\"unit\":", &fact.unit);
    pair(out, ",\"query\":", &fact.proof.query);
    pair(out, ",\"row_key\":", &fact.proof.row_key);
    pair(out, ",\"column\":", &fact.proof.column);
    out.push(b'}');
}

fn optional(out: &mut Vec<u8>, value: Option<f64>) {
    float(out, value.unwrap_or(f64::NAN));
}
