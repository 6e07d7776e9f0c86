//! Converts Arrow batches of a kind's SQL to rows.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::llm::codec::{CodecSettings, PoseFrame, PoseSequence, encode};
use crate::llm::fact::{Comparison, Side, Verdict};
use crate::llm::row::{Cell, Number, RawFact, Row};

/// Columns that a kind's SQL must have.
const NEEDED: [&str; 5] = ["row_key", "video_id", "person_id", "first_time_s", "last_time_s"];
/// Optional columns for conversations with a tool call.
const TOOL: [&str; 2] = ["tool_sql", "tool_answer"];

/// A column of poses: a list of structs with `time_s`, `landmark`, `x` and `y`, in torso lengths from the middle of the
/// hips. Templates receive it as text.
const POSE: &str = "pose";
/// Name of this text in templates.
const POSE_TEXT: &str = "pose_text";

/// Converts a batch to rows.
///
/// # Errors
/// A column is missing or has an unsupported type; the text gives the reason.
pub(super) fn rows(batch: &RecordBatch) -> Result<Vec<Row>, String> {
    let needed = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("column {name} is missing"));
    let keys = texts(needed("row_key")?)?;
    let videos = texts(needed("video_id")?)?;
    let people = integers(needed("person_id")?)?;
    let firsts = numbers(needed("first_time_s")?)?;
    let lasts = numbers(needed("last_time_s")?)?;
    let tool = |name: &str| batch.column_by_name(name).map(texts).transpose();
    let [sqls, answers] = [tool(TOOL[0])?, tool(TOOL[1])?];
    let mut rows: Vec<Row> = (0..batch.num_rows())
        .map(|index| Row {
            row_key: text_at(&keys, index).to_owned(),
            video_id: text_at(&videos, index).to_owned(),
            person_id: people[index],
            segment_s: [&firsts, &lasts].map(|times| number_at(times, index).unwrap_or(0.0)),
            tool_sql: sqls.as_ref().map_or_else(String::new, |sqls| text_at(sqls, index).to_owned()),
            tool_answer: answers.as_ref().map_or_else(String::new, |answers| text_at(answers, index).to_owned()),
            comparisons: Vec::new(),
            cells: Vec::with_capacity(batch.num_columns()),
        })
        .collect();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        if name == POSE {
            let texts = poses(column).map_err(|problem| format!("column {name}: {problem}"))?;
            for (row, text) in rows.iter_mut().zip(texts) {
                row.cells.push((POSE_TEXT.into(), text.map_or(Cell::Null, Cell::Text)));
            }
        } else if !NEEDED.contains(&name.as_str()) && !TOOL.contains(&name.as_str()) {
            let cells = cells(name, column).map_err(|problem| format!("column {name}: {problem}"))?;
            let name: Arc<str> = Arc::from(name.as_str());
            for (row, cell) in rows.iter_mut().zip(cells) {
                row.cells.push((name.clone(), cell));
            }
        }
    }
    for row in &mut rows {
        row.comparisons = comparisons(row);
    }
    Ok(rows)
}

/// A column `compared` names the compared facts: `left right differs`, with the verdict of the macro `differs`.
fn comparisons(row: &Row) -> Vec<Comparison> {
    let value = |name: &str| {
        row.cells.iter().find_map(|(known, cell)| match cell {
            Cell::Fact(number) if **known == *name => Some(number.fact.value),
            _ => None,
        })
    };
    let compared = row.cells.iter().find_map(|(name, cell)| match cell {
        Cell::Text(text) if &**name == "compared" => Some(text.as_str()),
        _ => None,
    });
    let Some([first, second, verdict]) =
        compared.map(|text| text.split(' ').collect::<Vec<_>>()).as_deref().and_then(as_three)
    else {
        return Vec::new();
    };
    let (Some(a), Some(b)) = (value(first), value(second)) else { return Vec::new() };
    let verdict = match verdict {
        "differs" if a > b => Verdict::Greater,
        "differs" => Verdict::Less,
        _ => Verdict::WithinUncertainty,
    };
    vec![Comparison { first: first.to_owned(), second: second.to_owned(), verdict }]
}

fn as_three<'a>(words: &[&'a str]) -> Option<[&'a str; 3]> {
    <[&str; 3]>::try_from(words).ok()
}

fn cells(name: &str, column: &ArrayRef) -> Result<Vec<Cell>, String> {
    Ok(match column.data_type() {
        DataType::Struct(_) => {
            let facts = FactColumns::new(column.as_struct())?;
            let cell = |index: usize| {
                if column.is_null(index) { Cell::Null } else { Cell::of_fact(name, &facts.at(index).raw()) }
            };
            (0..column.len()).map(cell).collect()
        }
        DataType::List(_) => lists_of_facts(name, column)?,
        DataType::Boolean => column.as_boolean().iter().map(|truth| truth.map_or(Cell::Null, Cell::Truth)).collect(),
        data_type if data_type.is_numeric() => {
            let numbers = numbers(column)?;
            let number = |index| number_at(&numbers, index).map_or(Cell::Null, Cell::Number);
            (0..numbers.len()).map(number).collect()
        }
        _ => texts(column)?.iter().map(|text| text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))).collect(),
    })
}

/// Lists of facts. Neighboring rows often list the same numbers, which are created only once.
fn lists_of_facts(name: &str, column: &ArrayRef) -> Result<Vec<Cell>, String> {
    let lists = column.as_list::<i32>();
    let structs = lists.values().as_struct_opt().ok_or("not a list of facts")?;
    let facts = FactColumns::new(structs)?;
    let mut made: HashMap<FactRow<'_>, Option<Arc<Number>>> = HashMap::new();
    let mut number = |index: usize| {
        let fact = facts.at(index);
        made.entry(fact).or_insert_with(|| Number::new(name, &fact.raw()).map(Arc::new)).clone()
    };
    let bounds = lists.value_offsets();
    let mut list = |index: usize| {
        let places = bounds[index] as usize..bounds[index + 1] as usize;
        Cell::Facts(places.filter(|place| !structs.is_null(*place)).filter_map(&mut number).collect())
    };
    Ok((0..lists.len()).map(|index| if lists.is_null(index) { Cell::Null } else { list(index) }).collect())
}

/// Converts lists of points to the text of `llm::codec`.
fn poses(column: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let lists = column.as_list_opt::<i32>().ok_or("not a list")?;
    let points = lists.values().as_struct_opt().ok_or("not a list of structs")?;
    let part = |name: &str| points.column_by_name(name).ok_or_else(|| format!("a struct without {name}"));
    let (times, landmarks) = (numbers(part("time_s")?)?, texts(part("landmark")?)?);
    let (xs, ys) = (numbers(part("x")?)?, numbers(part("y")?)?);
    let bounds = lists.value_offsets();
    let text = |index: usize| {
        let mut sequence = PoseSequence { landmarks: Vec::new(), frames: Vec::new() };
        for point in bounds[index] as usize..bounds[index + 1] as usize {
            let Some(time_s) = number_at(&times, point) else { continue };
            if landmarks.is_null(point) {
                continue;
            }
            let landmark = landmarks.value(point);
            let known = sequence.landmarks.iter().position(|known| known == landmark);
            let place = known.unwrap_or_else(|| {
                sequence.landmarks.push(landmark.to_owned());
                sequence.landmarks.len() - 1
            });
            if sequence.frames.last().is_none_or(|frame| frame.time_s != time_s) {
                sequence.frames.push(PoseFrame { time_s, points: Vec::new() });
            }
            if let Some(frame) = sequence.frames.last_mut() {
                frame.points.resize(frame.points.len().max(place + 1), None);
                frame.points[place] = number_at(&xs, point).zip(number_at(&ys, point)).map(|(x, y)| [x, y]);
            }
        }
        let n_landmarks = sequence.landmarks.len();
        sequence.frames.iter_mut().for_each(|frame| frame.points.resize(n_landmarks, None));
        encode(&sequence, &CodecSettings::default())
    };
    Ok((0..lists.len()).map(|index| (!lists.is_null(index)).then(|| text(index))).collect())
}

/// Columns of the structs that the macro `fact` created.
struct FactColumns {
    value: Float64Array,
    low: Float64Array,
    high: Float64Array,
    unit: StringArray,
    side: StringArray,
    quantity: StringArray,
    joint: StringArray,
    relation: StringArray,
    result_key: StringArray,
    column: StringArray,
}

/// One of these structs. Numbers are stored as bits, so that the struct can be a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct FactRow<'a> {
    value: Option<u64>,
    low: Option<u64>,
    high: Option<u64>,
    unit: &'a str,
    side: &'a str,
    quantity: &'a str,
    joint: Option<&'a str>,
    relation: &'a str,
    result_key: &'a str,
    column: &'a str,
}

impl FactColumns {
    fn new(structs: &StructArray) -> Result<Self, String> {
        let part = |name: &str| {
            structs.column_by_name(name).ok_or_else(|| format!("a struct without {name}: use the macro fact"))
        };
        let text = |name: &str| part(name).and_then(texts);
        let number = |name: &str| part(name).and_then(numbers);
        Ok(Self {
            value: number("value")?,
            low: number("low")?,
            high: number("high")?,
            unit: text("unit")?,
            side: text("side")?,
            quantity: text("quantity")?,
            joint: text("joint")?,
            relation: text("relation")?,
            result_key: text("result_key")?,
            column: text("column")?,
        })
    }

    fn at(&self, index: usize) -> FactRow<'_> {
        let bits = |numbers: &Float64Array| number_at(numbers, index).map(f64::to_bits);
        FactRow {
            value: bits(&self.value),
            low: bits(&self.low),
            high: bits(&self.high),
            unit: text_at(&self.unit, index),
            side: text_at(&self.side, index),
            quantity: text_at(&self.quantity, index),
            joint: (!self.joint.is_null(index)).then(|| self.joint.value(index)),
            relation: text_at(&self.relation, index),
            result_key: text_at(&self.result_key, index),
            column: text_at(&self.column, index),
        }
    }
}

impl FactRow<'_> {
    fn raw(&self) -> RawFact {
        RawFact {
            value: self.value.map(f64::from_bits),
            low: self.low.map(f64::from_bits),
            high: self.high.map(f64::from_bits),
            unit: self.unit.to_owned(),
            side: side(self.side),
            quantity: self.quantity.to_owned(),
            joint: self.joint.map(str::to_owned),
            relation: self.relation.to_owned(),
            result_key: self.result_key.to_owned(),
            column: self.column.to_owned(),
        }
    }
}

fn side(name: &str) -> Side {
    match name {
        "left" => Side::Left,
        "right" => Side::Right,
        "both" => Side::Both,
        _ => Side::None,
    }
}

fn converted(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, String> {
    cast(column, data_type).map_err(|error| error.to_string())
}

fn texts(column: &ArrayRef) -> Result<StringArray, String> {
    Ok(converted(column, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn numbers(column: &ArrayRef) -> Result<Float64Array, String> {
    Ok(converted(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn integers(column: &ArrayRef) -> Result<Vec<Option<i64>>, String> {
    let column = converted(column, &DataType::Int64)?;
    Ok(column.as_primitive::<Int64Type>().iter().collect())
}

/// The text of a row; empty if null.
fn text_at(texts: &StringArray, index: usize) -> &str {
    if texts.is_null(index) { "" } else { texts.value(index) }
}

/// The number of a row; `None` if it is not a number.
fn number_at(numbers: &Float64Array, index: usize) -> Option<f64> {
    (!numbers.is_null(index)).then(|| numbers.value(index)).filter(|number| number.is_finite())
}
