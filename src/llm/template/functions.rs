//! Numbers in templates, and the functions that print them. Pure.

use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::llm::fact::{Fact, Side};
use crate::llm::marks::{self, What};
use crate::llm::rounding;
use crate::llm::row::Number;

/// A number in the form that templates use.
#[derive(Debug)]
pub(super) struct FactObject {
    /// Index among the row's facts.
    pub(super) index: usize,
    pub(super) number: Arc<Number>,
}

impl Object for FactObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let Number { fact, low, high } = &*self.number;
        Some(match name {
            "quantity" => Value::from(&*fact.quantity),
            "unit" => Value::from(&*fact.unit),
            "side" => Value::from(side_words(fact.side)),
            "joint" => fact.joint.as_deref().map_or_else(|| Value::from(()), Value::from),
            "value" => Value::from(fact.value),
            "has_interval" => Value::from(low.is_some() && high.is_some()),
            _ => return None,
        })
    }

    /// An existing number counts as true, even zero: templates test for existence.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&marks::number(self.index, What::Value, &self.number.fact.shown))
    }
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Both => "both sides",
        Side::None => "",
    }
}

/// The environment with the functions for templates.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let whitespace = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(whitespace.unwrap_or_default());
    environment.add_function("n", |fact: Value| shown(&fact, What::Value));
    environment.add_function("low", |fact: Value| shown(&fact, What::Low));
    environment.add_function("high", |fact: Value| shown(&fact, What::High));
    environment.add_function("interval", |fact: Value| interval(&fact));
    environment.add_function("unit", |fact: Value| {
        Ok::<_, Error>(rounding::unit_words(&object(&fact)?.number.fact.unit).to_owned())
    });
    environment.add_function("with_unit", |fact: Value| with_unit(&fact));
    environment.add_function("range", |fact: Value| range(&fact));
    environment.add_function("side_words", |fact: Value| Ok::<_, Error>(side_words(object(&fact)?.number.fact.side)));
    environment.add_function("verbatim", |text: String| marks::verbatim(&text));
    environment
}

fn object(fact: &Value) -> Result<Arc<FactObject>, Error> {
    fact.downcast_object::<FactObject>()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("not a number with a proof: {fact}")))
}

fn shown(fact: &Value, what: What) -> Result<String, Error> {
    let object = object(fact)?;
    let mut out = String::with_capacity(object.number.fact.shown.len() + marks::N_MARK_BYTES);
    object.push(&mut out, what)?;
    Ok(out)
}

fn interval(fact: &Value) -> Result<String, Error> {
    let mut out = String::with_capacity(64);
    object(fact)?.push_interval(&mut out)?;
    Ok(out)
}

fn with_unit(fact: &Value) -> Result<String, Error> {
    let mut out = String::with_capacity(64);
    object(fact)?.push_with_unit(&mut out)?;
    Ok(out)
}

/// Formats a number with its interval: `117 degrees (113 to 122)`.
fn range(fact: &Value) -> Result<String, Error> {
    let object = object(fact)?;
    let mut out = String::with_capacity(128);
    object.push_with_unit(&mut out)?;
    if object.number.low.is_some() {
        out.push_str(" (");
        object.push_interval(&mut out)?;
        out.push(')');
    }
    Ok(out)
}

impl FactObject {
    fn push(&self, out: &mut String, what: What) -> Result<(), Error> {
        let Number { fact, low, high } = &*self.number;
        let text = match what {
            What::Value => Some(&fact.shown),
            What::Low => low.as_ref(),
            What::High => high.as_ref(),
        };
        let text = text.ok_or_else(|| {
            let problem = format!("{} has no interval (check has_interval)", fact.quantity);
            Error::new(ErrorKind::InvalidOperation, problem)
        })?;
        marks::push_number(out, self.index, what, text);
        Ok(())
    }

    fn push_interval(&self, out: &mut String) -> Result<(), Error> {
        self.push(out, What::Low)?;
        out.push_str(" to ");
        self.push(out, What::High)
    }

    fn push_with_unit(&self, out: &mut String) -> Result<(), Error> {
        self.push(out, What::Value)?;
        let Fact { shown, unit, .. } = &*self.number.fact;
        let words = rounding::words_after(shown, unit);
        if !words.is_empty() {
            out.push(' ');
            out.push_str(words);
        }
        Ok(())
    }
}
