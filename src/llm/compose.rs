//! Combines a row and its filled-in texts to an example. Pure.

use super::example::{Difficulty, Example, Turn};
use super::fact::Facts;
use super::row::Row;
use super::template::Filled;

/// Separator between the data and the question in a user's turn.
pub(crate) const CONTEXT_END: &str = "\n\n";

/// The properties of an example that do not come from its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Kind, such as `measurement`.
    pub(crate) kind: String,
    /// Sport pack of the video's analysis.
    pub(crate) sport: String,
    /// Difficulty of the example.
    pub(crate) difficulty: Difficulty,
    /// Athletes in it.
    pub(crate) athletes: Vec<String>,
}

/// Creates the example of a row.
#[must_use]
pub(crate) fn example(row: &Row, filled: Filled, frame: &Frame) -> Example {
    let Filled { system, context, user, assistant, rejected, facts, stated, missing } = filled;
    let user = if context.is_empty() { user } else { format!("{context}{CONTEXT_END}{user}") };
    let mut turns = Vec::with_capacity(5);
    if !system.is_empty() {
        turns.push(Turn::System { text: system });
    }
    turns.push(Turn::User { text: user });
    if !row.tool_sql.is_empty() {
        let id = "call_1".to_owned();
        turns.push(Turn::Call { id: id.clone(), sql: row.tool_sql.clone() });
        turns.push(Turn::Answer { id, text: row.tool_answer.clone() });
    }
    turns.push(Turn::Assistant { text: assistant });
    let [rejected, rejected_reason] = rejected;
    let mut example = Example {
        id: String::new(),
        kind: frame.kind.clone(),
        sport: frame.sport.clone(),
        difficulty: frame.difficulty,
        language: "en".to_owned(),
        origin: "template".to_owned(),
        video_id: row.video_id.clone(),
        athletes: frame.athletes.clone(),
        segment_s: row.segment_s,
        turns,
        rejected,
        rejected_reason,
        images: Vec::new(),
        still_frame_idx: None,
        facts: Facts { facts, comparisons: row.comparisons.clone() },
        stated,
        missing,
    };
    example.id = content_id(&example, &row.row_key);
    example
}

/// The id of an example: a hash of its content and of its row's key.
#[must_use]
pub(crate) fn content_id(example: &Example, row_key: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    };
    for text in [&*example.kind, row_key, &example.video_id, &example.language, &example.origin, &example.rejected] {
        add(text);
    }
    example.turns.iter().for_each(|turn| add(turn.text()));
    format!("e{}", &hasher.finalize().to_hex()[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(context: &str) -> Filled {
        Filled {
            system: "S".to_owned(),
            context: context.to_owned(),
            user: "Q".to_owned(),
            assistant: "A".to_owned(),
            ..Filled::default()
        }
    }

    #[test]
    fn data_stands_before_the_question_and_a_call_before_the_answer() {
        let row = Row { tool_sql: "SELECT 1".to_owned(), tool_answer: "[]".to_owned(), ..Row::default() };
        let turns = example(&row, filled("D"), &Frame::default()).turns;
        assert_eq!(turns[1], Turn::User { text: "D\n\nQ".to_owned() });
        assert_eq!(turns[2], Turn::Call { id: "call_1".to_owned(), sql: "SELECT 1".to_owned() });
        assert_eq!(turns.last(), Some(&Turn::Assistant { text: "A".to_owned() }));
    }

    #[test]
    fn another_content_is_another_id() {
        let row = Row::default();
        let one = example(&row, filled(""), &Frame::default()).id;
        assert_eq!(one, example(&row, filled(""), &Frame::default()).id);
        assert_ne!(one, example(&row, filled("D"), &Frame::default()).id);
        assert_eq!(one.len(), 33);
    }
}
