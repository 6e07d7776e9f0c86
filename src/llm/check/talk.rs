//! Rules of conversations that apply to all shapes.

use serde_json::Value;

use super::{RowFaults, Trainer};

/// One turn, as far as the rules need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) speaker: Speaker<'a>,
    /// The text; empty for a call.
    pub(super) text: &'a str,
}

/// The speaker of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker<'a> {
    System,
    User,
    Assistant,
    /// The assistant calls a tool with this id.
    Call(&'a str),
    /// The tool answers the call with this id.
    Tool(&'a str),
    /// An unknown role.
    Unknown(&'a str),
}

impl<'a> Speaker<'a> {
    /// The speaker of a chat role.
    pub(super) fn of_role(role: &'a str) -> Self {
        match role {
            "system" => Self::System,
            "user" => Self::User,
            "assistant" => Self::Assistant,
            other => Self::Unknown(other),
        }
    }
}

/// Adds a list of messages of role and content only. Invalid messages are skipped, because the type check reports them.
pub(super) fn plain<'a>(messages: &'a Value, turns: &mut Vec<Said<'a>>) {
    for message in messages.as_array().into_iter().flatten() {
        turns.push(Said { speaker: Speaker::of_role(text(message, "role")), text: text(message, "content") });
    }
}

/// The text of a key; empty if missing.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Checks the order of speakers: an optional system text first, then user or tool and the assistant in turn, the
/// assistant last; a call is answered at once.
pub(super) fn check(turns: &[Said<'_>], faults: &mut RowFaults) {
    let (start, rest) = match turns.split_first() {
        Some((first, rest)) if first.speaker == Speaker::System => (1, rest),
        _ => (0, turns),
    };
    let mut open = None;
    for (index, turn) in rest.iter().enumerate() {
        let place = start + index + 1;
        let asks = index % 2 == 0;
        let fits = match turn.speaker {
            Speaker::User => asks,
            Speaker::Tool(_) => asks && index > 0,
            Speaker::Assistant | Speaker::Call(_) => !asks,
            Speaker::System | Speaker::Unknown(_) => false,
        };
        if !fits {
            let wanted = match (asks, index) {
                (true, 0) => "the user",
                (true, _) => "user or tool",
                (false, _) => "the assistant",
            };
            let problem = format!("turn {place} is of {}, expected {wanted}", name(turn.speaker));
            faults.push((Trainer::LlamaFactory, problem));
        }
        let called = open.take();
        match turn.speaker {
            Speaker::Call(id) => open = Some(id),
            Speaker::Tool(id) if called != Some(id) => {
                faults.push((
                    Trainer::OpenAi,
                    format!("turn {place} answers a call that turn {} did not make", place - 1),
                ));
            }
            Speaker::Tool(_) => {}
            _ if called.is_some() => {
                faults.push((Trainer::OpenAi, format!("turn {place} is not the answer to the call before it")));
            }
            _ => {}
        }
    }
    for (index, turn) in turns.iter().enumerate() {
        if turn.text.trim().is_empty() && !matches!(turn.speaker, Speaker::Call(_)) {
            faults.push((Trainer::Trl, format!("turn {} has no text", index + 1)));
        }
    }
    if !rest.last().is_some_and(|turn| turn.speaker == Speaker::Assistant) {
        faults.push((Trainer::Trl, "the last turn is not the assistant's: nothing to learn".to_owned()));
    }
}

fn name(speaker: Speaker<'_>) -> &str {
    match speaker {
        Speaker::System => "the system",
        Speaker::User => "the user",
        Speaker::Assistant => "the assistant",
        Speaker::Call(_) => "the assistant (a call)",
        Speaker::Tool(_) => "the tool",
        Speaker::Unknown(role) => role,
    }
}
