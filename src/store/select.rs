//! Small and large answers row by row, for code that does not work on columns.

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::json::ArrayWriter;
use duckdb::Connection;
use serde::de::DeserializeOwned;

use super::connection::message;
use super::error::StoreError;
use super::failure::of_sql;
use super::query::{self, Author};

/// The rows of a batch: numbers and texts by the name of their column.
pub(crate) struct Rows<'a> {
    batch: &'a RecordBatch,
}

impl Rows<'_> {
    /// Returns the number of rows.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether the batch has a column.
    #[must_use]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.batch.column_by_name(name).is_some()
    }

    fn column(&self, name: &str, data_type: &DataType) -> Result<ArrayRef, StoreError> {
        let problem = |problem: String| StoreError::Engine { message: format!("column {name}: {problem}") };
        let column = self.batch.column_by_name(name).ok_or_else(|| problem("not found".to_owned()))?;
        cast(column, data_type).map_err(|error| problem(error.to_string()))
    }

    /// Returns the numbers of a column; NaN if missing.
    ///
    /// # Errors
    /// The column is missing, or it does not hold numbers.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, StoreError> {
        let column = self.column(name, &DataType::Float64)?;
        Ok(column.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }

    /// Returns the texts of a column; empty if missing.
    ///
    /// # Errors
    /// The column is missing.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let column = self.column(name, &DataType::Utf8)?;
        Ok(column.as_string::<i32>().iter().map(|value| value.unwrap_or_default().to_owned()).collect())
    }
}

/// A place where SQL can be run: the catalog, or the workspace of one run.
pub(crate) trait Engine {
    /// Returns the open connection.
    fn connection(&self) -> &Connection;
}

/// Returns the rows of posekit's own SQL as structs, whose fields have the names of the columns. NULL, NaN and infinity
/// are `None`.
///
/// # Errors
/// The tables or their parts cannot be read, or the columns differ from the fields.
pub(crate) fn records<T: DeserializeOwned>(
    engine: &impl Engine,
    variables: &[(&str, Option<&str>)],
    sql: &str,
) -> Result<Vec<T>, StoreError> {
    let mut records = Vec::new();
    select(engine, variables, sql, |rows| {
        let failed =
            |problem: String| StoreError::Engine { message: format!("cannot convert rows to structs: {problem}") };
        let mut writer = ArrayWriter::new(Vec::new());
        writer.write(rows.batch).and_then(|()| writer.finish()).map_err(|error| failed(error.to_string()))?;
        let more: Vec<T> = serde_json::from_slice(&writer.into_inner()).map_err(|error| failed(error.to_string()))?;
        records.extend(more);
        Ok::<(), StoreError>(())
    })?;
    Ok(records)
}

/// Runs posekit's own SQL, with variables set before, and passes its rows on, batch by batch. Values are numbers or
/// texts; `None` is NULL.
///
/// # Errors
/// The tables or their parts cannot be read, or `take` fails.
pub(crate) fn select<E: From<StoreError>>(
    engine: &impl Engine,
    variables: &[(&str, Option<&str>)],
    sql: &str,
    mut take: impl FnMut(&Rows<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for (name, value) in variables {
        let value = value.map_or("NULL".to_owned(), |value| format!("'{}'", value.replace('\'', "''")));
        let set = engine.connection().execute_batch(&format!("SET VARIABLE {name} = {value}"));
        set.map_err(|error| of_sql(message(&error), Author::Posekit))?;
    }
    let mut answer = query::run(engine.connection(), sql, Author::Posekit)?;
    while let Some(batch) = answer.next_batch()? {
        take(&Rows { batch: &batch })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Memory(Connection);

    impl Engine for Memory {
        fn connection(&self) -> &Connection {
            &self.0
        }
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        name: Option<String>,
        count: u32,
        value: Option<f64>,
    }

    #[test]
    fn records_have_no_nan() {
        let memory = Memory(Connection::open_in_memory().unwrap());
        let sql = "FROM (VALUES ('a \"b\"', 3, 'nan'::DOUBLE), (NULL, 4, 0.1), (getvariable('it'), 5, NULL)) AS t(name, count, value)";
        let found: Vec<Row> = records(&memory, &[("it", Some("O'Neil"))], sql).unwrap();
        let row = |name: Option<&str>, count, value| Row { name: name.map(str::to_owned), count, value };
        let expected = [row(Some("a \"b\""), 3, None), row(None, 4, Some(0.1)), row(Some("O'Neil"), 5, None)];
        assert_eq!(found, expected);
        assert!(records::<Row>(&memory, &[], "SELECT 1 AS other").is_err());
        assert_eq!(records::<Row>(&memory, &[], "SELECT '' AS name, 1 AS count WHERE false").unwrap(), []);
    }
}
