//! Columns as JSON values, for a browser: exact, or as text if JSON or JavaScript would lose digits.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::Value;

/// The limit up to which integers are exact in JavaScript.
const MAX_SAFE_INTEGER: u64 = 1 << 53;

/// The number of decimal digits that a 64-bit float always keeps.
const EXACT_DIGITS: usize = 15;

/// The kind of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// Integers, floats, decimals.
    Number,
    /// Texts.
    Text,
    /// Dates and times.
    Time,
    /// True or false.
    Bool,
    /// Lists, structs, intervals, bytes.
    Other,
}

impl ValueKind {
    /// Returns the kind of an Arrow type.
    pub(super) fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Bool,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text,
            DataType::Dictionary(_, values) => Self::of(values),
            DataType::Date32
            | DataType::Date64
            | DataType::Time32(_)
            | DataType::Time64(_)
            | DataType::Timestamp(..) => Self::Time,
            other if other.is_numeric() => Self::Number,
            _ => Self::Other,
        }
    }

    /// Returns the kind of a type by its DuckDB name, such as `DECIMAL(18,3)`.
    pub(super) fn of_name(name: &str) -> Self {
        let is_plain = !name.ends_with(']');
        match name.split('(').next().unwrap_or_default() {
            "BOOLEAN" => Self::Bool,
            "VARCHAR" | "JSON" | "UUID" | "ENUM" if is_plain => Self::Text,
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
            | "UBIGINT" | "UHUGEINT" | "FLOAT" | "DOUBLE" | "DECIMAL"
                if is_plain =>
            {
                Self::Number
            }
            name if is_plain && (name == "DATE" || name.starts_with("TIME")) => Self::Time,
            _ => Self::Other,
        }
    }
}

/// Returns the values of a column. Numbers that stay exact are numbers. Other numbers are texts (integers beyond 2^53,
/// long decimals, NaN, infinity). Times follow ISO 8601. Nested values are text.
///
/// # Errors
/// A value cannot be written as text.
pub(super) fn values(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    Ok(match column.data_type() {
        DataType::Boolean => column.as_boolean().iter().map(Value::from).collect(),
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => {
            let integers = cast(column, &DataType::Int64)?;
            let integer = |integer: i64| exact_integer(integer.unsigned_abs(), Value::from(integer));
            integers.as_primitive::<Int64Type>().iter().map(|value| value.map_or(Value::Null, integer)).collect()
        }
        DataType::UInt64 => {
            let integer = |integer: u64| exact_integer(integer, Value::from(integer));
            column.as_primitive::<UInt64Type>().iter().map(|value| value.map_or(Value::Null, integer)).collect()
        }
        // The value is written with its own few digits: 0.1 is not 0.10000000149011612.
        DataType::Float32 => {
            let float = |float: f32| float.to_string().parse().map_or(Value::Null, self::float);
            column.as_primitive::<Float32Type>().iter().map(|value| value.map_or(Value::Null, float)).collect()
        }
        DataType::Float64 => {
            column.as_primitive::<Float64Type>().iter().map(|value| value.map_or(Value::Null, float)).collect()
        }
        data_type if ValueKind::of(data_type) == ValueKind::Text => {
            let texts = cast(column, &DataType::LargeUtf8)?;
            texts.as_string::<i64>().iter().map(Value::from).collect()
        }
        _ => written(column)?,
    })
}

fn exact_integer(magnitude: u64, value: Value) -> Value {
    if magnitude <= MAX_SAFE_INTEGER { value } else { Value::from(value.to_string()) }
}

fn float(value: f64) -> Value {
    if value.is_finite() {
        Value::from(value)
    } else if value.is_nan() {
        Value::from("NaN")
    } else {
        Value::from(if value > 0.0 { "Infinity" } else { "-Infinity" })
    }
}

/// Returns the values as text, but decimals as numbers if that keeps all digits.
fn written(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let options = FormatOptions::default().with_null("NULL");
    let formatter = ArrayFormatter::try_new(column, &options)?;
    let is_number = column.data_type().is_numeric();
    let value = |row: usize| -> Result<Value, ArrowError> {
        if column.is_null(row) {
            return Ok(Value::Null);
        }
        let text = formatter.value(row).try_to_string()?;
        let n_digits = text.chars().filter(char::is_ascii_digit).count();
        let number = if is_number && n_digits <= EXACT_DIGITS { number(&text) } else { None };
        Ok(number.unwrap_or(Value::from(text)))
    };
    (0..column.len()).map(value).collect()
}

fn number(text: &str) -> Option<Value> {
    text.parse::<i64>().map(Value::from).ok().or_else(|| text.parse::<f64>().map(Value::from).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query::{self, Author};
    use duckdb::Connection;
    use serde_json::json;

    /// Returns the kind and the value of an SQL expression.
    fn value(expression: &str) -> (ValueKind, Value) {
        let connection = Connection::open_in_memory().unwrap();
        let mut answer = query::run(&connection, &format!("SELECT {expression} AS v"), Author::User).unwrap();
        let batch = answer.next_batch().unwrap().unwrap();
        let value = values(batch.column(0)).unwrap().remove(0);
        (ValueKind::of(batch.column(0).data_type()), value)
    }

    #[test]
    fn numbers_stay_exact() {
        for (expression, expected) in [
            ("1::TINYINT", json!(1)),
            ("-9007199254740992", json!(-9_007_199_254_740_992_i64)),
            ("9007199254740993", json!("9007199254740993")),
            ("18446744073709551615::UBIGINT", json!("18446744073709551615")),
            ("sum(3)", json!(3)),
            ("17014118346046923173168730371588410572::HUGEINT", json!("17014118346046923173168730371588410572")),
            ("0.1::FLOAT", json!(0.1)),
            ("1e300::DOUBLE", json!(1e300)),
            ("'NaN'::DOUBLE", json!("NaN")),
            ("'-inf'::FLOAT", json!("-Infinity")),
            ("1.50", json!(1.5)),
            ("1234567890123.4567::DECIMAL(18, 4)", json!("1234567890123.4567")),
            ("NULL::INTEGER", Value::Null),
        ] {
            assert_eq!(value(expression), (ValueKind::Number, expected), "{expression}");
        }
    }

    #[test]
    fn everything_else_can_be_read() {
        for (expression, kind, expected) in [
            ("true", ValueKind::Bool, json!(true)),
            ("'a\"b'", ValueKind::Text, json!("a\"b")),
            ("'b'::ENUM('a', 'b')", ValueKind::Text, json!("b")),
            ("NULL::VARCHAR", ValueKind::Text, Value::Null),
            ("DATE '2026-01-02'", ValueKind::Time, json!("2026-01-02")),
            ("TIMESTAMP '2026-01-02 03:04:05.25'", ValueKind::Time, json!("2026-01-02T03:04:05.250")),
            ("TIME '03:04:05'", ValueKind::Time, json!("03:04:05")),
            ("[1, NULL]", ValueKind::Other, json!("[1, NULL]")),
            ("{'a': 1, 'b': 'x'}", ValueKind::Other, json!("{a: 1, b: x}")),
        ] {
            assert_eq!(value(expression), (kind, expected), "{expression}");
        }
    }

    #[test]
    fn kinds_by_name_are_those_by_type() {
        let connection = Connection::open_in_memory().unwrap();
        for name in [
            "BOOLEAN",
            "TINYINT",
            "UBIGINT",
            "HUGEINT",
            "FLOAT",
            "DOUBLE",
            "DECIMAL(18,3)",
            "VARCHAR",
            "UUID",
            "ENUM('a')",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "INTERVAL",
            "FLOAT[]",
            "INTEGER[3]",
            "VARCHAR[]",
            "TIMESTAMP[]",
            "STRUCT(a INTEGER)",
            "MAP(VARCHAR, INTEGER)",
            "BLOB",
        ] {
            let answer = query::run(&connection, &format!("SELECT NULL::{name} AS v"), Author::User).unwrap();
            assert_eq!(ValueKind::of_name(name), ValueKind::of(answer.schema().field(0).data_type()), "{name}");
        }
    }
}
