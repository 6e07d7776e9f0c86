//! Runs SQL: results are a stream of Arrow batches.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use duckdb::{Connection, Statement};

use super::connection::message;
use super::error::StoreError;
pub(crate) use super::failure::Author;
use super::failure::of_sql;

/// A started query.
pub(crate) struct Answer<'connection> {
    statement: Statement<'connection>,
    schema: SchemaRef,
    author: Author,
}

/// Starts a query. Of several statements, the last one gives the answer.
///
/// # Errors
/// The SQL is wrong. The message shows the place.
pub(crate) fn run<'connection>(
    connection: &'connection Connection,
    sql: &str,
    author: Author,
) -> Result<Answer<'connection>, StoreError> {
    let sql_error = |error: duckdb::Error| of_sql(message(&error), author);
    let mut statement = connection.prepare(sql).map_err(sql_error)?;
    let schema = statement.stream_arrow([]).map_err(sql_error)?.get_schema();
    Ok(Answer { statement, schema, author })
}

impl Answer<'_> {
    /// Returns the columns of the answer.
    #[must_use]
    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Returns the next rows, or `None` after the last.
    ///
    /// # Errors
    /// The query failed while it ran.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>, StoreError> {
        let step = self.statement.step().map_err(|error| of_sql(message(&error), self.author))?;
        Ok(step.map(|rows| RecordBatch::from(&rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_the_place() {
        let connection = Connection::open_in_memory().unwrap();
        let error =
            run(&connection, "SELECT 1,\n  nosuch FROM range(3)", Author::User).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("nosuch") && error.contains("LINE 2"), "{error}");
    }

    #[test]
    fn a_query_that_fails_half_way_is_an_error_not_a_panic() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = "SELECT CASE WHEN i = 100000 THEN error('half way') ELSE i END FROM range(200000) AS t(i)";
        let mut failed = None;
        match run(&connection, sql, Author::User) {
            Err(error) => failed = Some(error),
            Ok(mut answer) => loop {
                match answer.next_batch() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            },
        }
        assert!(failed.expect("it fails").to_string().contains("half way"));
    }

    #[test]
    fn batches_add_up_to_the_whole_answer() {
        let connection = Connection::open_in_memory().unwrap();
        let mut answer = run(&connection, "SELECT i FROM range(10000) AS t(i)", Author::User).unwrap();
        let mut rows = 0;
        while let Some(batch) = answer.next_batch().unwrap() {
            rows += batch.num_rows();
        }
        assert_eq!((rows, answer.schema().field(0).name().as_str()), (10_000, "i"));
    }
}
