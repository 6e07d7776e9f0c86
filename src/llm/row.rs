//! One row of a kind's SQL, before its templates are filled in. Pure.

use std::sync::Arc;

use super::fact::{Comparison, Fact, Proof, Side};
use super::rounding;

/// A number as returned by the macro `fact`: a column of a row of a relation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RawFact {
    /// The number; `None` if it could not be measured.
    pub(crate) value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub(crate) low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub(crate) high: Option<f64>,
    /// Unit in the tables' notation.
    pub(crate) unit: String,
    /// Side of the athlete's body.
    pub(crate) side: Side,
    /// The measured quantity in words.
    pub(crate) quantity: String,
    /// Joint or segment.
    pub(crate) joint: Option<String>,
    /// The view that contains the number; empty if `result_key` holds a whole query after `sql:`.
    pub(crate) relation: String,
    /// Key of the row in that view, in its column `result_key`.
    pub(crate) result_key: String,
    /// Column of the number.
    pub(crate) column: String,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// No value.
    Null,
    /// A text.
    Text(String),
    /// A number for conditions. Templates cannot print it in an answer.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// A number with its proof.
    Fact(Arc<Number>),
    /// A number that could not be measured: the query that proves it.
    Missing(Box<Proof>),
    /// Several numbers with their proofs. Rows that list the same numbers share them.
    Facts(Vec<Arc<Number>>),
}

/// A number of a row, with its interval as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Number {
    /// The number, with its text and its proof.
    pub(crate) fact: Arc<Fact>,
    /// Lower end of the interval as text.
    pub(crate) low: Option<String>,
    /// Upper end of the interval as text.
    pub(crate) high: Option<String>,
}

impl Number {
    /// Creates the number that a row has under a name; `None` if it could not be measured.
    #[must_use]
    pub(crate) fn new(name: &str, raw: &RawFact) -> Option<Self> {
        let value = raw.value.filter(|value| value.is_finite())?;
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
            proof: raw.proof(),
        };
        Some(Self { fact: Arc::new(fact), low: shown.low, high: shown.high })
    }
}

impl Row {
    /// The cell of a column.
    #[must_use]
    pub(crate) fn cell(&self, name: &str) -> Option<&Cell> {
        self.cells.iter().find(|(known, _)| **known == *name).map(|(_, cell)| cell)
    }
}

impl Cell {
    /// Creates the cell for a fact of the row's SQL.
    #[must_use]
    pub(crate) fn of_fact(name: &str, raw: &RawFact) -> Self {
        Number::new(name, raw)
            .map_or_else(|| Self::Missing(Box::new(raw.proof())), |number| Self::Fact(Arc::new(number)))
    }
}

/// One row, from which one example is made.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    /// Key of the row, unique within its set and stable.
    pub(crate) row_key: String,
    /// The video.
    pub(crate) video_id: String,
    /// The person; `None` if the row is about the whole video.
    pub(crate) person_id: Option<i64>,
    /// Part of the video that the row is about, seconds from the first frame.
    pub(crate) segment_s: [f64; 2],
    /// SQL of the tool call; empty if the example has none.
    pub(crate) tool_sql: String,
    /// The result rows of this SQL, as JSON text.
    pub(crate) tool_answer: String,
    /// Comparisons from the row's verdicts.
    pub(crate) comparisons: Vec<Comparison>,
    /// All other columns, by name.
    pub(crate) cells: Vec<(Arc<str>, Cell)>,
}

impl RawFact {
    /// SQL that returns the number, with its interval if it has one: one row.
    #[must_use]
    pub(crate) fn query(&self) -> String {
        if let Some(query) = self.result_key.strip_prefix("sql:") {
            return query.trim().to_owned();
        }
        let interval = if self.low.is_some() && self.high.is_some() { ", low, high" } else { "" };
        let key = self.result_key.replace('\'', "''");
        format!("SELECT {}{interval} FROM {} WHERE result_key = '{key}'", self.column, self.relation)
    }

    /// The source of the number.
    #[must_use]
    pub(crate) fn proof(&self) -> Proof {
        Proof { query: self.query(), row_key: self.row_key().to_owned(), column: self.column.clone() }
    }

    /// Key of the result row. For a whole query without a row of a relation, this is the query's text.
    #[must_use]
    pub(crate) fn row_key(&self) -> &str {
        if self.relation.is_empty() { "" } else { &self.result_key }
    }
}
