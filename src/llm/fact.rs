//! Numbers from SQL in the form that examples use: rounded by their uncertainty, with their source. Pure.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Side of the athlete's body that a number belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// The athlete's own left.
    Left,
    /// The athlete's own right.
    Right,
    /// Both sides together.
    Both,
    /// The number has no side.
    #[default]
    None,
}

/// The source of a number: a query that anyone can run, and the row and column of its result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// SQL that returns the number: one row, one column.
    pub(crate) query: String,
    /// Stable key of the result row, such as `metrics/VIDEO/1/cadence/both`.
    pub(crate) row_key: String,
    /// Column of that row.
    pub(crate) column: String,
}

/// One number of an example.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fact {
    /// Name within the example, such as `value`, `left` or `difference`.
    pub(crate) name: String,
    /// The measured quantity in words, such as `knee range of motion`.
    pub(crate) quantity: String,
    /// The number in the table.
    pub(crate) value: f64,
    /// Lower end of the 95 % interval.
    pub(crate) low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub(crate) high: Option<f64>,
    /// Unit in the tables' notation: `deg`, `m/s`, `1/min`, `s`, `m`, `%`; `1` is a plain number.
    pub(crate) unit: String,
    /// Side of the athlete's body.
    pub(crate) side: Side,
    /// Joint or segment: `knee`, `hip`, `ankle`, `elbow`, `shoulder`, `trunk`, ...
    pub(crate) joint: Option<String>,
    /// The number as shown in text: rounded by its uncertainty, without unit.
    pub(crate) shown: String,
    /// The source of the number.
    pub(crate) proof: Proof,
}

/// The result of comparing two facts of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The first is greater, by more than the uncertainty.
    Greater,
    /// The first is less, by more than the uncertainty.
    Less,
    /// The difference is within the uncertainty.
    WithinUncertainty,
}

/// A comparison that an example may state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    /// Name of the first fact.
    pub(crate) first: String,
    /// Name of the second fact.
    pub(crate) second: String,
    /// The result.
    pub(crate) verdict: Verdict,
}

/// The facts and comparisons that an example's text may state.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    /// The numbers. Examples about the same numbers share them.
    pub(crate) facts: Vec<Arc<Fact>>,
    /// The comparisons.
    pub(crate) comparisons: Vec<Comparison>,
}
