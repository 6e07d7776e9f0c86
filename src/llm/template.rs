//! Templates of an example kind: sections of one file, filled in from a row. Numbers are printed by functions that note their proof. Pure.
//!
//! A file has sections, each after a line `== NAME`. Several sections of one name are variants; a hash of the row's key chooses
//! one. `docs/LLM_KINDS.md` explains the functions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::fact::{Fact, Proof, Side};
use super::marks::{self, Printed, What};
use super::rounding;
use super::row::{Cell, RawFact, Row};

/// A template file cannot be used, or a row not be put into it.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TemplateError {
    /// The file, below `sql/`.
    pub file: String,
    /// What is wrong.
    pub problem: String,
}

/// Names and words that do not come from the row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The athlete: a pseudonym, or a name.
    pub athlete: String,
    /// The clip: a pseudonym, or the file's name.
    pub clip: String,
    /// The other athlete of a comparison.
    pub other_athlete: String,
    /// The other clip of a comparison.
    pub other_clip: String,
    /// Title of the sport pack.
    pub sport: String,
    /// What the model is told about the sport.
    pub system: String,
}

/// A row's texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filled {
    /// What the model is told first.
    pub system: String,
    /// Data that stands before the question; empty if there is none.
    pub context: String,
    /// The question.
    pub user: String,
    /// The answer.
    pub assistant: String,
    /// A wrong answer and what it has wrong; empty if there is none.
    pub rejected: [String; 2],
    /// All numbers of the row.
    pub facts: Vec<Fact>,
    /// Which of them the answer states, by their place in `facts`.
    pub stated: Vec<usize>,
    /// Queries that come back without a number: those of the column `missing`.
    pub missing: Vec<Proof>,
}

/// The sections of a file, ready to be filled in.
pub struct Template {
    file: String,
    environment: Environment<'static>,
    /// Names of sections, and how many variants each has.
    sections: Vec<(String, usize)>,
}

/// A number as templates see it.
#[derive(Debug)]
struct FactObject {
    index: usize,
    fact: Fact,
    low: Option<String>,
    high: Option<String>,
}

impl Object for FactObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let fact = &self.fact;
        Some(match key.as_str()? {
            "quantity" => Value::from(&*fact.quantity),
            "unit" => Value::from(&*fact.unit),
            "side" => Value::from(side_words(fact.side)),
            "joint" => fact.joint.as_deref().map_or_else(|| Value::from(()), Value::from),
            "value" => Value::from(fact.value),
            "has_interval" => Value::from(self.low.is_some() && self.high.is_some()),
            _ => return None,
        })
    }

    /// A number that is there counts as true, also a zero: templates ask whether it is there.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&marks::number(self.index, What::Value, &self.fact.shown))
    }
}

impl Template {
    /// Reads a file of sections. `file` is its name, for messages.
    ///
    /// # Errors
    /// A section has another name than those known, `user` or `assistant` is missing, or a template is invalid.
    pub fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let failed = |problem: String| TemplateError { file: file.to_owned(), problem };
        let mut template = Self { file: file.to_owned(), environment: environment(), sections: Vec::new() };
        for (name, body) in sections(text) {
            if !is_known(&name) {
                return Err(failed(format!(
                    "unknown section {name:?} (known: system, context, user, assistant, rejected side|sign|joint|interval|value)"
                )));
            }
            let variant = template.add(&name);
            let added = template.environment.add_template_owned(format!("{name} {variant}"), body);
            added.map_err(|error| failed(format!("section {name}: {error}")))?;
        }
        for name in ["user", "assistant"] {
            if template.count(name) == 0 {
                return Err(failed(format!("there is no section {name}")));
            }
        }
        Ok(template)
    }

    fn add(&mut self, name: &str) -> usize {
        if let Some((_, count)) = self.sections.iter_mut().find(|(known, _)| known == name) {
            *count += 1;
            return *count - 1;
        }
        self.sections.push((name.to_owned(), 1));
        0
    }

    fn count(&self, name: &str) -> usize {
        self.sections.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count)
    }

    /// Fills the sections in from a row.
    ///
    /// # Errors
    /// A template fails, or its answer has a number that no function printed.
    pub fn fill(&self, row: &Row, words: &Words) -> Result<Filled, TemplateError> {
        let failed = |problem: String| TemplateError {
            file: self.file.clone(),
            problem: format!("row {}: {problem}", row.row_key),
        };
        let mut facts = Vec::new();
        let values = values(row, words, &mut facts);
        let text = |name: &str| -> Result<(String, Vec<Printed>, bool), TemplateError> {
            let count = self.count(name);
            if count == 0 {
                return Ok((String::new(), Vec::new(), false));
            }
            let variant = variant(&row.row_key, name, count);
            let template = self.environment.get_template(&format!("{name} {variant}"));
            let rendered = template.and_then(|template| template.render(values.clone()));
            let rendered = rendered.map_err(|error| failed(format!("section {name}: {error:#}")))?;
            Ok(marks::unmark(&collapsed(&rendered)))
        };
        let (assistant, printed, has_other_digits) = text("assistant")?;
        if has_other_digits {
            return Err(failed(format!("the answer has a number without proof: {assistant:?}")));
        }
        let system = text("system")?.0;
        let system = if system.is_empty() { words.system.clone() } else { system };
        let mut stated: Vec<usize> = Vec::new();
        for printed in printed {
            if !stated.contains(&printed.fact) {
                stated.push(printed.fact);
            }
        }
        let rejected = self.rejected(row, &text)?;
        let is_wrong = !rejected[0].is_empty() && rejected[0] != assistant;
        Ok(Filled {
            system,
            context: text("context")?.0,
            user: text("user")?.0,
            rejected: if is_wrong { rejected } else { Default::default() },
            assistant,
            facts,
            stated,
            missing: missing(row),
        })
    }

    /// A wrong answer: of the reasons whose section gives a text, the one that the row's key chooses.
    fn rejected(
        &self,
        row: &Row,
        text: &impl Fn(&str) -> Result<(String, Vec<Printed>, bool), TemplateError>,
    ) -> Result<[String; 2], TemplateError> {
        let names = self.sections.iter().filter_map(|(name, _)| name.strip_prefix("rejected "));
        let mut found = Vec::new();
        for reason in names {
            let (text, _, _) = text(&format!("rejected {reason}"))?;
            if !text.is_empty() {
                found.push([text, reason.to_owned()]);
            }
        }
        if found.is_empty() {
            return Ok(Default::default());
        }
        let chosen = variant(&row.row_key, "rejected", found.len());
        Ok(found.swap_remove(chosen))
    }
}

/// The row's columns as templates see them. The numbers are collected in `facts`.
fn values(row: &Row, words: &Words, facts: &mut Vec<Fact>) -> Value {
    let mut values: Vec<(String, Value)> = vec![
        ("athlete".to_owned(), Value::from(marks::verbatim(&words.athlete))),
        ("clip".to_owned(), Value::from(marks::verbatim(&words.clip))),
        ("other_athlete".to_owned(), Value::from(marks::verbatim(&words.other_athlete))),
        ("other_clip".to_owned(), Value::from(marks::verbatim(&words.other_clip))),
        ("sport".to_owned(), Value::from(&*words.sport)),
    ];
    for (name, cell) in &row.cells {
        let value = match cell {
            Cell::Null => Value::from(()),
            Cell::Text(text) => Value::from(&**text),
            Cell::Number(number) => Value::from(*number),
            Cell::Truth(truth) => Value::from(*truth),
            Cell::Fact(fact) => fact_value(name, fact, facts),
            Cell::Facts(list) => list
                .iter()
                .filter(|fact| fact.value.is_some())
                .map(|fact| fact_value(name, fact, facts))
                .collect::<Vec<_>>()
                .into(),
        };
        values.push((name.clone(), value));
    }
    values.into_iter().collect::<BTreeMap<_, _>>().into()
}

fn fact_value(name: &str, raw: &RawFact, facts: &mut Vec<Fact>) -> Value {
    let Some(value) = raw.value.filter(|value| value.is_finite()) else { return Value::from(()) };
    let shown = rounding::shown(value, raw.low, raw.high, &raw.unit);
    let fact = Fact {
        name: name.to_owned(),
        quantity: raw.quantity.clone(),
        value,
        low: raw.low,
        high: raw.high,
        unit: raw.unit.clone(),
        side: raw.side,
        joint: raw.joint.clone(),
        shown: shown.value,
        proof: proof(raw),
    };
    let index = facts.len();
    facts.push(fact.clone());
    Value::from_object(FactObject { index, fact, low: shown.low, high: shown.high })
}

fn missing(row: &Row) -> Vec<Proof> {
    let of_cell = |(name, cell): &(String, Cell)| match cell {
        Cell::Fact(fact) if name == "missing" && fact.value.is_none() => Some(proof(fact)),
        _ => None,
    };
    row.cells.iter().filter_map(of_cell).collect()
}

fn proof(raw: &RawFact) -> Proof {
    Proof { query: raw.query(), row_key: raw.row_key().to_owned(), column: raw.column.clone() }
}

/// Which of `count` variants a row has: the same for ever.
fn variant(row_key: &str, section: &str, count: usize) -> usize {
    if count < 2 {
        return 0;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(section.as_bytes()).update(&[0]).update(row_key.as_bytes());
    let bytes = hasher.finalize();
    let [a, b, c, d, ..] = *bytes.as_bytes();
    u32::from_le_bytes([a, b, c, d]) as usize % count
}

fn is_known(name: &str) -> bool {
    let reasons = ["side", "sign", "joint", "interval", "value"];
    ["system", "context", "user", "assistant"].contains(&name)
        || name.strip_prefix("rejected ").is_some_and(|reason| reasons.contains(&reason))
}

/// The sections of a file: name and text. What stands before the first is a comment.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            sections.push((name.split_whitespace().collect::<Vec<_>>().join(" "), String::new()));
        } else if let Some((_, body)) = sections.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    sections
}

/// A text without blanks at line ends, without empty lines in a row, and without blanks around it.
fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.trim().to_owned()
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Both => "both sides",
        Side::None => "",
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let whitespace = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(whitespace.unwrap_or_default());
    environment.add_function("n", |fact: Value| shown(&fact, What::Value));
    environment.add_function("low", |fact: Value| shown(&fact, What::Low));
    environment.add_function("high", |fact: Value| shown(&fact, What::High));
    environment.add_function("interval", |fact: Value| interval(&fact));
    environment
        .add_function("unit", |fact: Value| Ok::<_, Error>(rounding::unit_words(&object(&fact)?.fact.unit).to_owned()));
    environment.add_function("with_unit", |fact: Value| with_unit(&fact));
    environment.add_function("range", |fact: Value| {
        let text = with_unit(&fact)?;
        let has_interval = object(&fact)?.low.is_some();
        Ok::<_, Error>(if has_interval { format!("{text} ({})", interval(&fact)?) } else { text })
    });
    environment.add_function("side_words", |fact: Value| Ok::<_, Error>(side_words(object(&fact)?.fact.side)));
    environment.add_function("verbatim", |text: String| marks::verbatim(&text));
    environment
}

fn object(fact: &Value) -> Result<Arc<FactObject>, Error> {
    fact.downcast_object::<FactObject>()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("not a number with a proof: {fact}")))
}

fn shown(fact: &Value, what: What) -> Result<String, Error> {
    let object = object(fact)?;
    let text = match what {
        What::Value => Some(&object.fact.shown),
        What::Low => object.low.as_ref(),
        What::High => object.high.as_ref(),
    };
    let text = text.ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidOperation,
            format!("{} has no interval (check has_interval)", object.fact.quantity),
        )
    })?;
    Ok(marks::number(object.index, what, text))
}

fn interval(fact: &Value) -> Result<String, Error> {
    Ok(format!("{} to {}", shown(fact, What::Low)?, shown(fact, What::High)?))
}

fn with_unit(fact: &Value) -> Result<String, Error> {
    let object = object(fact)?;
    let number = marks::number(object.index, What::Value, &object.fact.shown);
    Ok(rounding::with_unit(&number, &object.fact.unit))
}

#[cfg(test)]
mod tests;
