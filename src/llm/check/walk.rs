//! Checks types of a row's values as `datasets` infers them from the first rows of a file.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{RowFaults, Trainer};
use crate::llm::shapes::{Config, Field, Kind};

/// Number of bytes at the beginning of a file from which `datasets` infers the types.
const TYPED_BYTES: u64 = 10 << 20;

/// Sets of columns that `datasets` interprets as logs of agents.
const AGENT_LOGS: [&[&str]; 2] =
    [&["id", "source", "model", "system_prompt", "messages"], &["type", "id", "version", "cwd"]];

/// Observations about one place in a file's rows, such as `messages[].content`.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaf {
    /// Bytes of the file before the first row that has a value here.
    first_bytes: Option<u64>,
    /// Whether some value was not a date.
    not_dates: bool,
    /// Whether some value was not a number.
    not_numbers: bool,
}

/// A step from a row to one of its values.
#[derive(Debug, Clone, Copy)]
enum Step {
    Key(&'static str),
    Index(usize),
}

struct Walk<'a> {
    /// Whether the keys of messages depend on their role.
    by_role: bool,
    leaves: &'a mut Vec<Leaf>,
    before_bytes: u64,
    steps: Vec<Step>,
    faults: &'a mut RowFaults,
}

/// Checks keys and types of a row. `before_bytes` is the size of the file before it.
pub(super) fn row(
    config: Config,
    columns: &[Field],
    row: &Value,
    leaves: &mut Vec<Leaf>,
    before_bytes: u64,
    faults: &mut RowFaults,
) {
    leaves.resize(columns.iter().map(|column| size(&column.kind)).sum(), Leaf::default());
    let Value::Object(object) = row else {
        faults.push((Trainer::Datasets, "the row is not an object".to_owned()));
        return;
    };
    for log in AGENT_LOGS.into_iter().filter(|log| log.iter().all(|key| object.contains_key(*key))) {
        faults.push((Trainer::Datasets, format!("columns {} together are taken for an agent's log", log.join(", "))));
    }
    let by_role = matches!(config, Config::OpenAi | Config::OpenAiTools);
    Walk { by_role, leaves, before_bytes, steps: Vec::new(), faults }.object(columns, object, 0);
}

/// Number of places of a type: itself and those inside it.
fn size(kind: &Kind) -> usize {
    match kind {
        Kind::Text | Kind::Float | Kind::Bool => 1,
        Kind::List(item) => 1 + size(item),
        Kind::Struct(columns) => columns.iter().map(|column| size(&column.kind)).sum(),
    }
}

impl Walk<'_> {
    fn fault(&mut self, trainer: Trainer, problem: &str) {
        let mut place = String::new();
        for step in &self.steps {
            match step {
                Step::Key(key) if place.is_empty() => place.push_str(key),
                Step::Key(key) => place.extend([".", key]),
                Step::Index(index) => {
                    let _ = write!(place, "[{index}]");
                }
            }
        }
        let place = if place.is_empty() { "row".to_owned() } else { place };
        self.faults.push((trainer, format!("{place}: {problem}")));
    }

    /// Checks an object whose first place is `at`.
    fn object(&mut self, columns: &[Field], object: &Map<String, Value>, mut at: usize) {
        let message = self.by_role && matches!(self.steps.as_slice(), [Step::Key("messages"), Step::Index(_)]);
        for column in columns {
            self.steps.push(Step::Key(column.name));
            match object.get(column.name) {
                Some(Value::Null) if column.optional => {}
                Some(value) => self.value(&column.kind, value, at),
                // The rules of the trainer decide which keys a message of a role has.
                None if message => {}
                None => self.fault(Trainer::Datasets, "missing: every row must have every key"),
            }
            self.steps.pop();
            at += size(&column.kind);
        }
        if !message {
            for key in object.keys().filter(|key| columns.iter().all(|column| column.name != key.as_str())) {
                let trainer = if self.by_role { Trainer::OpenAi } else { Trainer::Datasets };
                self.fault(trainer, &format!("key {key:?} is not one of this format"));
            }
        }
    }

    fn value(&mut self, kind: &Kind, value: &Value, at: usize) {
        match (kind, value) {
            (Kind::Text, Value::String(text)) => self.text(text, at),
            (Kind::Float, Value::Number(number)) if !number.is_f64() => {
                self.fault(Trainer::Datasets, "a whole number: write floats with a decimal point");
            }
            (Kind::Float, Value::Null) => {}
            (Kind::Float, Value::Number(_)) | (Kind::Bool, Value::Bool(_)) => self.filled(at),
            (Kind::List(item), Value::Array(items)) => {
                if !items.is_empty() {
                    self.filled(at);
                }
                for (index, value) in items.iter().enumerate() {
                    self.steps.push(Step::Index(index));
                    self.value(item, value, at + 1);
                    self.steps.pop();
                }
            }
            (Kind::Struct(columns), Value::Object(object)) => self.object(columns, object, at),
            _ => self.fault(Trainer::Datasets, &format!("{} instead of {}", found(value), wanted(kind))),
        }
    }

    fn filled(&mut self, at: usize) {
        let before_bytes = self.before_bytes;
        if let Some(leaf) = self.leaves.get_mut(at) {
            leaf.first_bytes.get_or_insert(before_bytes);
        }
    }

    fn text(&mut self, text: &str, at: usize) {
        self.filled(at);
        if let Some(leaf) = self.leaves.get_mut(at) {
            leaf.not_dates = leaf.not_dates || !is_date(text);
            leaf.not_numbers = leaf.not_numbers || text.trim().parse::<f64>().is_err();
        }
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wanted(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Float => "a float",
        Kind::Bool => "true or false",
        Kind::List(_) => "a list",
        Kind::Struct(_) => "an object",
    }
}

/// Whether a text is a date, or a date and a time, that JSON readers convert to a timestamp.
fn is_date(text: &str) -> bool {
    let (date, time) = text.split_at_checked(10).unwrap_or(("", ""));
    let shape = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    date.bytes().map(shape).eq(*b"0000-00-00")
        && (time.is_empty()
            || time.starts_with(['T', ' '])
                && time.len() > 2
                && time.bytes().skip(1).all(|byte| byte.is_ascii_digit() || b":.+-Z".contains(&byte)))
}

/// The problems with the columns of a whole file.
pub(super) fn file(config: Config, leaves: &[Leaf]) -> RowFaults {
    let mut faults = RowFaults::new();
    let mut at = 0;
    for column in crate::llm::shapes::features(config) {
        let own = leaves.get(at..at + size(&column.kind)).unwrap_or_default();
        at += size(&column.kind);
        let name = column.name;
        if own.iter().any(|leaf| leaf.first_bytes.is_some_and(|bytes| bytes > TYPED_BYTES)) {
            let problem = format!("{name}: a part of it has its first value after 10 MiB; write the richest row first");
            faults.push((Trainer::Datasets, problem));
        }
        if texts(&column.kind).zip(own).any(|(text, leaf)| text && leaf.first_bytes.is_some() && !leaf.not_dates) {
            let problem = format!("{name}: every value of a text is a date; without the card it becomes a timestamp");
            faults.push((Trainer::Datasets, problem));
        }
        if let (Kind::Text, [leaf]) = (&column.kind, own)
            && leaf.first_bytes.is_some()
            && !leaf.not_numbers
        {
            faults.push((Trainer::Pandas, format!("{name}: every value is a number; it becomes a column of numbers")));
        }
    }
    faults
}

/// For each place of a type, whether it is a text.
fn texts(kind: &Kind) -> Box<dyn Iterator<Item = bool> + '_> {
    match kind {
        Kind::Text => Box::new([true].into_iter()),
        Kind::Float | Kind::Bool => Box::new([false].into_iter()),
        Kind::List(item) => Box::new([false].into_iter().chain(texts(item))),
        Kind::Struct(columns) => Box::new(columns.iter().flat_map(|column| texts(&column.kind))),
    }
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_told_from_other_texts() {
        for text in ["2026-11-28", "2026-11-28 10:00", "2026-11-28T10:00:00.5Z"] {
            assert!(is_date(text), "{text}");
        }
        for text in ["", "2026-11-2", "2026-11-28 was a Saturday", "x026-11-28", "2026-11-28T", "äöüäö"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
