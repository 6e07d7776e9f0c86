//! Small and large answers row by row, for code that is not about columns.

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use duckdb::Connection;

use super::connection::message;
use super::error::StoreError;
use super::query;

/// The rows of a batch: numbers and texts by the name of their column.
pub struct Rows<'a> {
    batch: &'a RecordBatch,
}

impl Rows<'_> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether they have a column.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.batch.column_by_name(name).is_some()
    }

    fn column(&self, name: &str, data_type: &DataType) -> Result<ArrayRef, StoreError> {
        let problem = |problem: String| StoreError::Engine { message: format!("column {name}: {problem}") };
        let column = self.batch.column_by_name(name).ok_or_else(|| problem("there is none".to_owned()))?;
        cast(column, data_type).map_err(|error| problem(error.to_string()))
    }

    /// The numbers of a column; NaN where missing.
    ///
    /// # Errors
    /// There is no such column, or it holds no numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        let column = self.column(name, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }

    /// The texts of a column; empty where missing.
    ///
    /// # Errors
    /// There is no such column.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let column = self.column(name, &DataType::Utf8)?;
        Ok(column.as_string::<i32>().iter().map(|value| value.unwrap_or_default().to_owned()).collect())
    }
}

/// Where SQL can be run: the catalog, or the workspace of one run.
pub trait Engine {
    /// The open connection.
    fn connection(&self) -> &Connection;
}

/// Runs SQL of ours, with variables set before, and hands its rows on, batch by batch. Values are numbers or texts; `None` is
/// NULL.
///
/// # Errors
/// The tables or their parts cannot be read, or `take` fails.
pub fn select<E: From<StoreError>>(
    engine: &impl Engine,
    variables: &[(&str, Option<&str>)],
    sql: &str,
    mut take: impl FnMut(&Rows<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for (name, value) in variables {
        let value = value.map_or("NULL".to_owned(), |value| format!("'{}'", value.replace('\'', "''")));
        let set = engine.connection().execute_batch(&format!("SET VARIABLE {name} = {value}"));
        set.map_err(|error| StoreError::Engine { message: message(&error) })?;
    }
    let mut answer = query::run(engine.connection(), sql)?;
    while let Some(batch) = answer.next_batch()? {
        take(&Rows { batch: &batch })?;
    }
    Ok(())
}
