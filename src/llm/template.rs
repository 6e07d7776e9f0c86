//! Templates of an example kind: sections of one file, filled in from a row. Numbers are printed by functions that
//! record their proof. Pure.
//!
//! A file has sections, each after a line `== NAME`. Several sections with the same name are variants; a hash of the
//! row's key chooses one. `docs/LLM_KINDS.md` explains the functions.

use std::sync::{Arc, LazyLock};

use minijinja::value::{Object, Value};
use minijinja::{Environment, Error};

use super::fact::{Fact, Proof};
use super::marks::{self, Printed};
use super::row::{Cell, Number, Row};

mod functions;
mod repeated;

use functions::{FactObject, environment};

pub(crate) use repeated::Repeated;

/// A template file cannot be used, or a row cannot be filled in.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct TemplateError {
    /// The file, below `sql/`.
    pub(crate) file: String,
    /// The problem.
    pub(crate) problem: String,
}

/// The section with the data before the question.
const CONTEXT: &str = "context";
/// Names of the words that do not come from the row.
static WORDS: LazyLock<[Arc<str>; 5]> =
    LazyLock::new(|| ["athlete", "clip", "other_athlete", "other_clip", "sport"].map(Arc::from));

/// Names and words that do not come from the row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The athlete: a pseudonym, or a name.
    pub(crate) athlete: String,
    /// The clip: a pseudonym, or the file's name.
    pub(crate) clip: String,
    /// The other athlete of a comparison.
    pub(crate) other_athlete: String,
    /// The other clip of a comparison.
    pub(crate) other_clip: String,
    /// Title of the sport pack.
    pub(crate) sport: String,
    /// System text about the sport.
    pub(crate) system: String,
}

/// A row's texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filled {
    /// The system text.
    pub(crate) system: String,
    /// Data before the question; empty if there is none.
    pub(crate) context: String,
    /// The question.
    pub(crate) user: String,
    /// The answer.
    pub(crate) assistant: String,
    /// A wrong answer and its fault; empty if there is none.
    pub(crate) rejected: [String; 2],
    /// All numbers of the row.
    pub(crate) facts: Vec<Arc<Fact>>,
    /// Indices in `facts` of the numbers that the answer states.
    pub(crate) stated: Vec<usize>,
    /// Queries without a result: those of the column `missing`.
    pub(crate) missing: Vec<Proof>,
}

/// The sections of a file, ready to be filled in.
pub(crate) struct Template {
    file: String,
    environment: Environment<'static>,
    sections: Vec<Section>,
}

/// A section of a file.
struct Section {
    name: String,
    variants: Vec<Variant>,
}

/// One of the texts of a section.
struct Variant {
    /// Name of its template.
    template: String,
    /// Names of columns and words that it reads.
    reads: Vec<String>,
}

/// A row's columns and the words in the form that templates use.
#[derive(Debug)]
struct Context(Vec<(Arc<str>, Value)>);

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        // Columns come after the words: if both have a name, the column is used.
        self.0.iter().rev().find(|(known, _)| **known == *name).map(|(_, value)| value.clone())
    }
}

impl Template {
    /// Parses a file of sections. `file` is its name for messages.
    ///
    /// # Errors
    /// A section name is unknown, `user` or `assistant` is missing, or a template is invalid.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let failed = |problem: String| TemplateError { file: file.to_owned(), problem };
        let mut template = Self { file: file.to_owned(), environment: environment(), sections: Vec::new() };
        for (name, body) in sections(text) {
            if !is_known(&name) {
                return Err(failed(format!(
                    "unknown section {name:?} (known: system, context, user, assistant, rejected side|sign|joint|interval|value)"
                )));
            }
            template.add(&name, body).map_err(|error| failed(format!("section {name}: {error}")))?;
        }
        for name in ["user", "assistant"] {
            if template.variants(name).is_empty() {
                return Err(failed(format!("section {name} is missing")));
            }
        }
        Ok(template)
    }

    /// Adds a variant of a section.
    fn add(&mut self, name: &str, body: String) -> Result<(), Error> {
        let place = self.sections.iter().position(|section| section.name == name).unwrap_or(self.sections.len());
        if place == self.sections.len() {
            self.sections.push(Section { name: name.to_owned(), variants: Vec::new() });
        }
        let variants = &mut self.sections[place].variants;
        let template = format!("{name} {}", variants.len());
        self.environment.add_template_owned(template.clone(), body)?;
        let reads = self.environment.get_template(&template)?.undeclared_variables(false);
        variants.push(Variant { template, reads: reads.into_iter().collect() });
        Ok(())
    }

    fn variants(&self, name: &str) -> &[Variant] {
        self.sections.iter().find(|section| section.name == name).map_or(&[], |section| &section.variants)
    }

    /// Fills in the sections from a row. `data` holds the text of the section `context` from the previous row and is
    /// updated for this one.
    ///
    /// # Errors
    /// A template fails, or its answer contains a number that no function printed.
    pub(crate) fn fill(&self, row: &Row, words: &Words, data: &mut Repeated) -> Result<Filled, TemplateError> {
        let mut facts = Vec::new();
        let context = context(row, words, &mut facts);
        let text = |section: &str| self.text(section, row, &context);
        let (assistant, printed, has_other_digits) = text("assistant")?;
        if has_other_digits {
            return Err(self.failed(row, &format!("the answer has a number without proof: {assistant:?}")));
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
            context: self.data(row, words, &context, data)?,
            user: text("user")?.0,
            rejected: if is_wrong { rejected } else { Default::default() },
            assistant,
            facts,
            stated,
            missing: missing(row),
        })
    }

    fn failed(&self, row: &Row, problem: &str) -> TemplateError {
        TemplateError { file: self.file.clone(), problem: format!("row {}: {problem}", row.row_key) }
    }

    /// The text of the section `context`. It is rendered again only if the row's values in it differ from the previous
    /// row's.
    fn data(
        &self,
        row: &Row,
        words: &Words,
        context: &Value,
        repeated: &mut Repeated,
    ) -> Result<String, TemplateError> {
        let Some(variant) = self.variant(CONTEXT, row) else { return Ok(String::new()) };
        if let Some(text) = repeated.text(variant, row, words) {
            return Ok(text.to_owned());
        }
        let text = self.text(CONTEXT, row, context)?.0;
        repeated.keep(variant, row, words, &text);
        Ok(text)
    }

    /// The variant of a section, chosen by the row's key.
    fn variant(&self, section: &str, row: &Row) -> Option<&Variant> {
        let variants = self.variants(section);
        variants.get(variant(&row.row_key, section, variants.len()))
    }

    /// The text of a section; empty if there is no such section.
    fn text(&self, section: &str, row: &Row, context: &Value) -> Result<(String, Vec<Printed>, bool), TemplateError> {
        let Some(variant) = self.variant(section, row) else { return Ok((String::new(), Vec::new(), false)) };
        let template = self.environment.get_template(&variant.template);
        let rendered = template.and_then(|template| template.render(context));
        let rendered = rendered.map_err(|error| self.failed(row, &format!("section {section}: {error:#}")))?;
        Ok(marks::unmark(&collapsed(&rendered)))
    }

    /// A wrong answer. The row's key chooses a reason; if its section gives no text, the next one is tried.
    fn rejected(
        &self,
        row: &Row,
        text: &impl Fn(&str) -> Result<(String, Vec<Printed>, bool), TemplateError>,
    ) -> Result<[String; 2], TemplateError> {
        let reasons: Vec<(&str, &str)> = (self.sections.iter())
            .filter_map(|section| Some((section.name.as_str(), section.name.strip_prefix("rejected ")?)))
            .collect();
        let first = variant(&row.row_key, "rejected", reasons.len());
        for (section, reason) in reasons.iter().cycle().skip(first).take(reasons.len()) {
            let (text, _, _) = text(section)?;
            if !text.is_empty() {
                return Ok([text, (*reason).to_owned()]);
            }
        }
        Ok(Default::default())
    }
}

/// The row's columns in the form that templates use. The numbers are collected in `facts`.
fn context(row: &Row, words: &Words, facts: &mut Vec<Arc<Fact>>) -> Value {
    let mut values: Vec<(Arc<str>, Value)> = Vec::with_capacity(WORDS.len() + row.cells.len());
    let [athlete, clip, other_athlete, other_clip] =
        [&words.athlete, &words.clip, &words.other_athlete, &words.other_clip].map(|text| marks::verbatim(text));
    let words = [athlete, clip, other_athlete, other_clip, words.sport.clone()];
    values.extend(WORDS.iter().cloned().zip(words.map(Value::from)));
    let mut number = |number: &Arc<Number>| {
        let index = facts.len();
        facts.push(number.fact.clone());
        Value::from_object(FactObject { index, number: number.clone() })
    };
    for (name, cell) in &row.cells {
        let value = match cell {
            Cell::Null | Cell::Missing(_) => Value::from(()),
            Cell::Text(text) => Value::from(&**text),
            Cell::Number(number) => Value::from(*number),
            Cell::Truth(truth) => Value::from(*truth),
            Cell::Fact(fact) => number(fact),
            Cell::Facts(list) => list.iter().map(&mut number).collect::<Vec<_>>().into(),
        };
        values.push((name.clone(), value));
    }
    Value::from_object(Context(values))
}

fn missing(row: &Row) -> Vec<Proof> {
    let of_cell = |(name, cell): &(Arc<str>, Cell)| match cell {
        Cell::Missing(proof) if &**name == "missing" => Some(Proof::clone(proof)),
        _ => None,
    };
    row.cells.iter().filter_map(of_cell).collect()
}

/// The variant of a row among `count`; it never changes.
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

/// The sections of a file: names and texts. Text before the first section is a comment.
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

/// Removes spaces at line ends and around a text, and repeated empty lines.
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

#[cfg(test)]
mod tests;
