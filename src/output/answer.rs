//! Query answers in the formats that `posekit query` offers.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::csv;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::json::writer::{JsonArray, LineDelimited};
use arrow::json::{Writer as JsonWriter, WriterBuilder as JsonWriterBuilder};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::printer::printable;
use super::table::{self, Column};
use super::units;

/// The maximum number of rows that a table shows; the other formats write all rows.
const MAX_TABLE_ROWS: usize = 1000;

/// A format of `posekit query`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AnswerFormat {
    /// A table for people.
    #[default]
    Table,
    /// Comma-separated values with a header.
    Csv,
    /// One array of objects.
    Json,
    /// One object per line.
    Jsonl,
    /// Parquet.
    Parquet,
}

impl AnswerFormat {
    /// Returns the name of the format on the command line.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// Writes the record batches of an answer.
pub(crate) enum AnswerWriter<W: Write + Send> {
    /// A table for people; written at the end, when all widths are known.
    Table(Box<TableAnswer<W>>),
    /// Comma-separated values.
    Csv(Box<csv::Writer<W>>),
    /// One array.
    Json(Box<JsonWriter<W, JsonArray>>),
    /// One object per line.
    Jsonl(Box<JsonWriter<W, LineDelimited>>),
    /// Parquet.
    Parquet(Box<ArrowWriter<W>>),
}

/// The rows collected for a table.
pub(crate) struct TableAnswer<W> {
    target: W,
    schema: SchemaRef,
    rows: Vec<Vec<String>>,
    n_rows: u64,
    width: Option<usize>,
}

impl<W: Write + Send> AnswerWriter<W> {
    /// Begins an answer. A table is fitted to `width` characters.
    ///
    /// # Errors
    /// The format cannot hold the columns, or the target cannot be written.
    pub(crate) fn new(
        format: AnswerFormat,
        target: W,
        schema: SchemaRef,
        width: Option<usize>,
    ) -> Result<Self, ArrowError> {
        let json = || JsonWriterBuilder::new().with_explicit_nulls(true);
        Ok(match format {
            AnswerFormat::Table => {
                Self::Table(Box::new(TableAnswer { target, schema, rows: Vec::new(), n_rows: 0, width }))
            }
            AnswerFormat::Csv => {
                let mut writer = csv::WriterBuilder::new().with_header(true).build(target);
                // Writes the header even if there are no rows.
                writer.write(&RecordBatch::new_empty(schema))?;
                Self::Csv(Box::new(writer))
            }
            AnswerFormat::Json => Self::Json(Box::new(json().build(target))),
            AnswerFormat::Jsonl => Self::Jsonl(Box::new(json().build(target))),
            AnswerFormat::Parquet => {
                let compression = Compression::ZSTD(ZstdLevel::default());
                let properties = WriterProperties::builder().set_compression(compression).build();
                Self::Parquet(Box::new(
                    ArrowWriter::try_new(target, schema, Some(properties)).map_err(|error| arrow_error(&error))?,
                ))
            }
        })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The format cannot hold a value, or the target cannot be written.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::Table(table) => table.collect(batch),
            Self::Csv(writer) => writer.write(batch),
            Self::Json(writer) => writer.write(batch),
            Self::Jsonl(writer) => writer.write(batch),
            Self::Parquet(writer) => writer.write(batch).map_err(|error| arrow_error(&error)),
        }
    }

    /// Ends the answer and returns the target.
    ///
    /// # Errors
    /// The target cannot be written.
    pub(crate) fn finish(self) -> Result<W, ArrowError> {
        match self {
            Self::Table(table) => table.finish().map_err(ArrowError::from),
            Self::Csv(writer) => Ok(writer.into_inner()),
            Self::Json(mut writer) => {
                writer.finish()?;
                let mut target = writer.into_inner();
                writeln!(target)?;
                Ok(target)
            }
            Self::Jsonl(mut writer) => {
                writer.finish()?;
                Ok(writer.into_inner())
            }
            Self::Parquet(writer) => writer.into_inner().map_err(|error| arrow_error(&error)),
        }
    }
}

fn arrow_error(error: &parquet::errors::ParquetError) -> ArrowError {
    ArrowError::ParquetError(error.to_string())
}

impl<W: Write> TableAnswer<W> {
    fn collect(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.n_rows += batch.num_rows() as u64;
        let missing = MAX_TABLE_ROWS - self.rows.len();
        let options = FormatOptions::default().with_null("NULL");
        let formatters = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let formatters = formatters.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows().min(missing) {
            let cells = formatters.iter().map(|column| column.value(row).try_to_string());
            self.rows.push(cells.map(|cell| cell.map(|text| printable(&text))).collect::<Result<_, _>>()?);
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<W> {
        let fields = self.schema.fields();
        let columns: Vec<Column> =
            fields.iter().map(|field| (field.name().clone(), field.data_type().is_numeric())).collect();
        writeln!(self.target, "{}", table::draw(&columns, &self.rows, self.width))?;
        let shown = self.rows.len() as u64;
        let cut = if shown < self.n_rows {
            format!(" (first {} shown; --format csv writes all)", units::count(shown))
        } else {
            String::new()
        };
        writeln!(self.target, "{}{cut}", units::counted(self.n_rows, "row"))?;
        Ok(self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Float32Array, StringArray};
    use std::sync::Arc;

    fn answer(format: AnswerFormat) -> Vec<u8> {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a,\"b\""), None]));
        let values: ArrayRef = Arc::new(Float32Array::from(vec![1.5, 2.0]));
        let batch = RecordBatch::try_from_iter([("name", names), ("value", values)]).unwrap();
        let mut writer = AnswerWriter::new(format, Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap()
    }

    fn text(format: AnswerFormat) -> String {
        String::from_utf8(answer(format)).unwrap()
    }

    #[test]
    fn csv_quotes_and_leaves_missing_values_empty() {
        assert_eq!(text(AnswerFormat::Csv), "name,value\n\"a,\"\"b\"\"\",1.5\n,2.0\n");
    }

    #[test]
    fn json_keeps_missing_values() {
        let value: serde_json::Value = serde_json::from_str(&text(AnswerFormat::Json)).unwrap();
        assert_eq!(value[1], serde_json::json!({"name": null, "value": 2.0}));
        assert_eq!(text(AnswerFormat::Jsonl).lines().count(), 2);
    }

    #[test]
    fn parquet_can_be_read_back() {
        use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.parquet");
        std::fs::write(&path, answer(AnswerFormat::Parquet)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
        assert_eq!(reader.build().unwrap().next().unwrap().unwrap().num_rows(), 2);
    }

    #[test]
    fn a_table_says_how_many_rows_there_are() {
        assert!(text(AnswerFormat::Table).ends_with("2 rows\n"));
        assert!(text(AnswerFormat::Table).contains("NULL"));
    }

    #[test]
    fn an_empty_answer_still_has_its_header() {
        let schema =
            RecordBatch::try_from_iter([("x", Arc::new(Float32Array::from(vec![0.0])) as ArrayRef)]).unwrap().schema();
        let writer = AnswerWriter::new(AnswerFormat::Csv, Vec::new(), schema.clone(), None).unwrap();
        assert_eq!(writer.finish().unwrap(), b"x\n");
        let writer = AnswerWriter::new(AnswerFormat::Json, Vec::new(), schema, None).unwrap();
        assert_eq!(writer.finish().unwrap(), b"[]\n");
    }
}
