//! The config `messages` as Arrow columns, for Parquet. Pure.
//!
//! Uses text, floats, lists and structs only: dataset readers do not support other Parquet types well.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, ListArray, StringBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::example::Example;
use super::fact::{Fact, Proof};
use super::shapes::{self, Config, Kind};

/// Parquet's name for the items of a list.
const ITEM: &str = "element";

/// The columns of a config. Floats may be null, and so may keys that only some roles of messages have. The rows of
/// `openai_tools` leave out keys, so these types do not apply to that config: it exists as JSON lines only.
#[must_use]
pub(crate) fn schema(config: Config) -> SchemaRef {
    Arc::new(Schema::new(fields(&shapes::features(config))))
}

fn fields(columns: &[shapes::Field]) -> Fields {
    let nullable = |column: &shapes::Field| column.optional || matches!(column.kind, Kind::Float);
    columns.iter().map(|column| Field::new(column.name, data_type(&column.kind), nullable(column))).collect()
}

fn data_type(kind: &Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Float => DataType::Float64,
        Kind::Bool => DataType::Boolean,
        Kind::List(item) => DataType::List(Arc::new(Field::new(ITEM, data_type(item), false))),
        Kind::Struct(columns) => DataType::Struct(fields(columns)),
    }
}

/// Collects examples for a batch of the config `messages`.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// `id`, `kind`, `sport`, `difficulty`, `language`, `origin`, `video_id`.
    about: [StringBuilder; 7],
    athletes: StringBuilder,
    athlete_counts: Vec<usize>,
    /// `first_time_s`, `last_time_s`.
    times_s: [Float64Builder; 2],
    /// `role`, `content`.
    messages: [StringBuilder; 2],
    message_counts: Vec<usize>,
    proofs: Proofs,
    proof_counts: Vec<usize>,
}

/// Builders for the columns of a proof.
#[derive(Debug, Default)]
struct Proofs {
    shown: StringBuilder,
    /// `value`, `low`, `high`.
    numbers: [Float64Builder; 3],
    /// `unit`, `query`, `row_key`, `column`.
    source: [StringBuilder; 4],
}

impl Rows {
    /// Adds an example. Returns `false` and adds nothing if the example does not exist in the shape `messages`.
    pub(crate) fn push(&mut self, example: &Example) -> bool {
        if !shapes::exists(Config::Messages, example) {
            return false;
        }
        let about = [
            &example.id,
            &example.kind,
            &example.sport,
            example.difficulty.name(),
            &example.language,
            &example.origin,
            &example.video_id,
        ];
        append(&mut self.about, about);
        for athlete in &example.athletes {
            self.athletes.append_value(athlete);
        }
        self.athlete_counts.push(example.athletes.len());
        for (builder, time_s) in self.times_s.iter_mut().zip(example.segment_s) {
            builder.append_option(finite(time_s));
        }
        for turn in &example.turns {
            append(&mut self.messages, [shapes::role(turn), shapes::said(turn)]);
        }
        self.message_counts.push(example.turns.len());
        let mut proofs = 0;
        for (fact, from) in shapes::proven(example) {
            self.proofs.push(fact, from);
            proofs += 1;
        }
        self.proof_counts.push(proofs);
        true
    }

    /// Number of examples in the batch.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.message_counts.len()
    }

    /// Whether the batch is empty.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.message_counts.is_empty()
    }

    /// Returns the batch and starts a new one.
    ///
    /// # Errors
    /// If the columns do not match the schema.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let schema = schema(Config::Messages);
        let mut columns: Vec<ArrayRef> = texts(&mut self.about);
        let athletes: ArrayRef = Arc::new(self.athletes.finish());
        columns.push(list(&schema, "athletes", &mut self.athlete_counts, athletes)?);
        columns.extend(self.times_s.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        let messages = texts(&mut self.messages);
        columns.push(structs(&schema, "messages", &mut self.message_counts, messages)?);
        let proofs = self.proofs.finish();
        columns.push(structs(&schema, "proofs", &mut self.proof_counts, proofs)?);
        RecordBatch::try_new(schema, columns)
    }
}

impl Proofs {
    fn push(&mut self, fact: Option<&Fact>, from: &Proof) {
        self.shown.append_value(fact.map_or("", |fact| &fact.shown));
        let numbers = fact.map_or([None; 3], |fact| [Some(fact.value), fact.low, fact.high]);
        for (builder, number) in self.numbers.iter_mut().zip(numbers) {
            builder.append_option(number.and_then(finite));
        }
        let unit = fact.map_or("", |fact| &fact.unit);
        append(&mut self.source, [unit, &from.query, &from.row_key, &from.column]);
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.shown.finish())];
        columns.extend(self.numbers.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        columns.extend(texts(&mut self.source));
        columns
    }
}

/// Returns a number if it is finite. Minus zero becomes zero, as in the JSON lines.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(if value == 0.0 { 0.0 } else { value })
}

fn append<const N: usize>(builders: &mut [StringBuilder; N], values: [&str; N]) {
    for (builder, value) in builders.iter_mut().zip(values) {
        builder.append_value(value);
    }
}

fn texts(builders: &mut [StringBuilder]) -> Vec<ArrayRef> {
    builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect()
}

/// Builds a list column of the schema from the number of items per row and the items.
fn list(schema: &Schema, name: &str, counts: &mut Vec<usize>, items: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let DataType::List(item) = schema.field_with_name(name)?.data_type() else {
        return Err(ArrowError::SchemaError(format!("column {name} is not a list")));
    };
    let offsets = OffsetBuffer::from_lengths(counts.drain(..));
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, None)?))
}

/// Builds a column of the schema that is a list of structs, from the columns of the structs.
fn structs(
    schema: &Schema,
    name: &str,
    counts: &mut Vec<usize>,
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    let DataType::List(item) = schema.field_with_name(name)?.data_type() else {
        return Err(ArrowError::SchemaError(format!("column {name} is not a list")));
    };
    let DataType::Struct(fields) = item.data_type() else {
        return Err(ArrowError::SchemaError(format!("column {name} is not a list of structs")));
    };
    let items = StructArray::try_new(fields.clone(), columns, None)?;
    list(schema, name, counts, Arc::new(items))
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::Float64Type;

    use super::*;
    use crate::llm::example::Turn;
    use crate::llm::fact::Facts;

    fn example(id: &str, athletes: &[&str], facts: usize) -> Example {
        let fact = Fact {
            value: 1.5,
            high: Some(2.0),
            low: Some(f64::NAN),
            shown: "1.5".into(),
            unit: "m".into(),
            proof: Proof { query: "SELECT".into(), row_key: "k".into(), column: "value".into() },
            ..Fact::default()
        };
        Example {
            id: id.into(),
            kind: "measurement".into(),
            athletes: athletes.iter().map(|&name| name.to_owned()).collect(),
            segment_s: [0.0, 2.5],
            turns: vec![Turn::User { text: "How far?".into() }, Turn::Assistant { text: "1.5 m".into() }],
            facts: Facts { facts: vec![fact.into(); facts + 1], comparisons: Vec::new() },
            stated: (0..facts).collect(),
            ..Example::default()
        }
    }

    #[test]
    fn a_batch_has_the_columns_of_messages() {
        let mut rows = Rows::default();
        assert!(rows.push(&example("e1", &["Ada", "Bo"], 2)));
        assert!(rows.push(&example("e2", &[], 0)));
        let mut with_tool = example("e3", &[], 0);
        with_tool.turns.insert(1, Turn::Call { id: "c".into(), sql: "SELECT".into() });
        with_tool.turns.insert(2, Turn::Answer { id: "c".into(), text: "[]".into() });
        assert!(!rows.push(&with_tool));
        assert_eq!(rows.len(), 2);
        let batch = rows.finish().unwrap();
        let schema = batch.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let about = ["id", "kind", "sport", "difficulty", "language", "origin", "video_id"];
        let content = ["athletes", "first_time_s", "last_time_s", "messages", "proofs"];
        assert_eq!(names, [&about[..], &content].concat());
        let ids: Vec<_> = batch.column(0).as_string::<i32>().iter().flatten().collect();
        assert_eq!(ids, ["e1", "e2"]);
        let athletes = batch.column_by_name("athletes").unwrap().as_list::<i32>();
        assert_eq!((athletes.value_length(0), athletes.value_length(1)), (2, 0));
        let proofs = batch.column_by_name("proofs").unwrap().as_list::<i32>().value(0);
        let number = |name| proofs.as_struct().column_by_name(name).unwrap().as_primitive::<Float64Type>().clone();
        assert_eq!(number("value").value(1), 1.5);
        assert!(number("low").is_null(0), "not a number is null");
        assert_eq!(number("high").value(0), 2.0);
        let messages = batch.column_by_name("messages").unwrap().as_list::<i32>().value(1);
        let roles: Vec<_> = messages.as_struct().column(0).as_string::<i32>().iter().flatten().collect();
        assert_eq!(roles, ["user", "assistant"]);
    }

    #[test]
    fn what_is_missing_has_no_number() {
        let mut rows = Rows::default();
        let missing = vec![Proof { query: "SELECT".into(), ..Proof::default() }];
        rows.push(&Example { missing, ..example("e1", &[], 1) });
        let proofs = rows.finish().unwrap().column_by_name("proofs").unwrap().as_list::<i32>().value(0);
        let proofs = proofs.as_struct();
        assert_eq!(proofs.len(), 2);
        assert_eq!(proofs.column_by_name("query").unwrap().as_string::<i32>().value(1), "SELECT");
        assert!(proofs.column_by_name("value").unwrap().is_null(1));
    }

    #[test]
    fn a_finished_batch_starts_anew() {
        let mut rows = Rows::default();
        rows.push(&example("e1", &["Ada"], 1));
        rows.finish().unwrap();
        assert!(rows.is_empty());
        rows.push(&example("e2", &[], 3));
        let batch = rows.finish().unwrap();
        assert_eq!(batch.num_rows(), 1);
        assert_eq!(batch.column_by_name("proofs").unwrap().as_list::<i32>().value_length(0), 3);
        assert_eq!(rows.finish().unwrap().num_rows(), 0);
    }

    #[test]
    fn all_types_are_plain() {
        fn plain(kind: &DataType) -> bool {
            match kind {
                DataType::Utf8 | DataType::Float64 | DataType::Boolean => true,
                DataType::List(item) => plain(item.data_type()),
                DataType::Struct(fields) => fields.iter().all(|field| plain(field.data_type())),
                _ => false,
            }
        }
        for config in Config::ALL {
            assert!(schema(config).fields().iter().all(|field| plain(field.data_type())), "{config}");
        }
    }
}
