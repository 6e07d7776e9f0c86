//! Runs the proofs of a folder again: each number must still equal the result of its query.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use serde::Deserialize;
use serde_json::Value;

use crate::llm::rounding;
use crate::store::select::select;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::{Catalog, StoreError, visitor};

/// Maximum number of rows of a tool's answer.
const MAX_TOOL_ROWS: usize = 1000;

/// A proof in a row of the dataset.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ProofRow {
    shown: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    unit: String,
    query: String,
    row_key: String,
    column: String,
}

/// A tool call of a row, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ToolCall {
    pub(super) sql: String,
    pub(super) answer: String,
}

/// Numbers in a row of a relation: a column, and its interval.
type Numbers = [Option<f64>; 3];

/// Runs proofs, each query once.
pub(super) struct Prover<'a> {
    catalog: &'a Catalog,
    fence: &'a SharedCatalog,
    /// Rows of a relation's column, by hash of their key.
    columns: HashMap<(String, String), HashMap<u128, Numbers>>,
    /// Results of complete queries.
    queries: HashMap<u128, Result<Numbers, String>>,
    /// Number of proofs that hold.
    pub(super) n_proofs: u64,
}

impl<'a> Prover<'a> {
    pub(super) fn new(catalog: &'a Catalog, fence: &'a SharedCatalog) -> Self {
        Self { catalog, fence, columns: HashMap::new(), queries: HashMap::new(), n_proofs: 0 }
    }

    /// The problem with a proof; `None` if it holds.
    pub(super) fn problem(&mut self, proof: &ProofRow) -> Result<Option<String>, StoreError> {
        self.n_proofs += 1;
        let found = match relation_query(proof) {
            Some((relation, has_interval)) => self.of_relation(relation, proof, has_interval)?,
            None => self.of_query(&proof.query),
        };
        let found = match found {
            Ok(found) => found,
            Err(problem) => return Ok(Some(format!("{problem} ({})", proof.query))),
        };
        let expected = [proof.value, proof.low, proof.high];
        if found != expected {
            return Ok(Some(format!("the query gives {found:?}, the row has {expected:?} ({})", proof.query)));
        }
        let Some(value) = proof.value else { return Ok(None) };
        let shown = rounding::shown(value, proof.low, proof.high, &proof.unit).value;
        Ok((shown != proof.shown).then(|| format!("{value} {} is shown as {}, not {shown}", proof.unit, proof.shown)))
    }

    fn of_relation(
        &mut self,
        relation: &str,
        proof: &ProofRow,
        has_interval: bool,
    ) -> Result<Result<Numbers, String>, StoreError> {
        let key = (relation.to_owned(), proof.column.clone());
        if !self.columns.contains_key(&key) {
            let column = read_column(self.catalog, relation, &proof.column)?;
            self.columns.insert(key.clone(), column);
        }
        let row = self.columns.get(&key).and_then(|column| column.get(&hash(&proof.row_key)));
        Ok(match row {
            Some([value, low, high]) if has_interval => Ok([*value, *low, *high]),
            Some([value, ..]) => Ok([*value, None, None]),
            // Neither a row nor a value: this proves an unanswerable question.
            None if proof.value.is_none() => Ok([None; 3]),
            None => Err(format!("row {} not found", proof.row_key)),
        })
    }

    fn of_query(&mut self, query: &str) -> Result<Numbers, String> {
        let fence = self.fence;
        self.queries.entry(hash(query)).or_insert_with(|| run_query(fence, query)).clone()
    }
}

/// The problem with a tool call; `None` if the query still gives the answer.
pub(super) fn call_problem(fence: &SharedCatalog, call: &ToolCall) -> Option<String> {
    let rows = match visitor::first_rows(fence, &call.sql, MAX_TOOL_ROWS, &AtomicBool::new(false)) {
        Ok(rows) => rows,
        Err(error) => return Some(format!("the tool rejects the query: {error} ({})", call.sql)),
    };
    let names = || rows.columns.iter().map(|(name, _)| name.clone());
    let object = |row: Vec<Value>| names().zip(row).collect::<serde_json::Map<_, _>>().into();
    let found = Value::Array(rows.rows.into_iter().map(object).collect());
    let expected: Value = match serde_json::from_str(&call.answer) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("the tool's answer is not JSON: {error}")),
    };
    let is_as_before = is_same(&found, &expected);
    (!is_as_before).then(|| format!("the query gives {found}, the row has {} ({})", call.answer, call.sql))
}

/// The relation of a proof that selects by key, and whether the proof includes an interval. `None` for other queries.
fn relation_query(proof: &ProofRow) -> Option<(&str, bool)> {
    let rest = proof.query.strip_prefix("SELECT ")?.strip_prefix(proof.column.as_str())?;
    let (rest, has_interval) = rest.strip_prefix(", low, high").map_or((rest, false), |rest| (rest, true));
    let (relation, key) = rest.strip_prefix(" FROM ")?.split_once(" WHERE result_key = '")?;
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_key = key == format!("{}'", proof.row_key.replace('\'', "''"));
    (is_name(relation) && is_name(&proof.column) && is_key).then_some((relation, has_interval))
}

/// All numbers of a column, by the keys of their rows. `low` and `high` are read if the relation has them.
fn read_column(catalog: &Catalog, relation: &str, column: &str) -> Result<HashMap<u128, Numbers>, StoreError> {
    let ends = has_interval(catalog, relation)?;
    let ends = if ends { ", low::DOUBLE AS low, high::DOUBLE AS high" } else { "" };
    let sql = format!("SELECT result_key, {column}::DOUBLE AS number{ends} FROM {relation}");
    let mut numbers = HashMap::new();
    let number = |number: f64| number.is_finite().then_some(number);
    select(catalog, &[], &sql, |rows| -> Result<(), StoreError> {
        let keys = rows.texts("result_key")?;
        let values = rows.numbers("number")?;
        let end = |name: &str| if ends.is_empty() { Ok(vec![f64::NAN; values.len()]) } else { rows.numbers(name) };
        let [lows, highs] = [end("low")?, end("high")?];
        for (index, key) in keys.iter().enumerate() {
            numbers.insert(hash(key), [number(values[index]), number(lows[index]), number(highs[index])]);
        }
        Ok(())
    })?;
    Ok(numbers)
}

fn has_interval(catalog: &Catalog, relation: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) AS n FROM duckdb_columns() WHERE table_name = getvariable('relation') AND column_name IN ('low', 'high')";
    let mut n = 0.0;
    select(catalog, &[("relation", Some(relation))], sql, |rows| -> Result<(), StoreError> {
        n = rows.numbers("n")?.first().copied().unwrap_or_default();
        Ok(())
    })?;
    Ok(n >= 2.0)
}

/// Runs a complete query with the restrictions for visitors. The query gives one row with a number, and optionally its
/// interval.
fn run_query(fence: &SharedCatalog, query: &str) -> Result<Numbers, String> {
    let rows = visitor::first_rows(fence, query, 2, &AtomicBool::new(false)).map_err(|error| error.to_string())?;
    let numbers = |row: &Vec<Value>| -> Numbers {
        let number = |index: usize| row.get(index).and_then(Value::as_f64);
        [number(0), number(1), number(2)]
    };
    match rows.rows.as_slice() {
        [] => Ok([None; 3]),
        [row] => Ok(numbers(row)),
        _ => Err("the query gives several rows".to_owned()),
    }
}

/// Whether two answers are equal. Numbers are compared by value, so `1` equals `1.0`.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}

fn hash(text: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    u128::from_le_bytes(bytes)
}
