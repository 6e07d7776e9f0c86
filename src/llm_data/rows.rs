//! Arrow batches of a kind's SQL as rows.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::llm::codec::{CodecSettings, PoseFrame, PoseSequence, encode};
use crate::llm::fact::{Comparison, Side, Verdict};
use crate::llm::row::{Cell, RawFact, Row};

/// Columns that a kind's SQL must give.
const NEEDED: [&str; 5] = ["row_key", "video_id", "person_id", "first_time_s", "last_time_s"];
/// Columns that it may give for conversations with a tool call.
const TOOL: [&str; 2] = ["tool_sql", "tool_answer"];

/// A column of poses: a list of structs with `time_s`, `landmark`, `x` and `y`, in torso lengths from the middle of the hips. Templates get it as text.
const POSE: &str = "pose";
/// What templates call this text.
const POSE_TEXT: &str = "pose_text";

/// The rows of a batch.
///
/// # Errors
/// A column is missing or has a type that no example can use, in words.
pub(super) fn rows(batch: &RecordBatch) -> Result<Vec<Row>, String> {
    let needed = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("there is no column {name}"));
    let keys = texts(needed("row_key")?)?;
    let videos = texts(needed("video_id")?)?;
    let people = integers(needed("person_id")?)?;
    let firsts = numbers(needed("first_time_s")?)?;
    let lasts = numbers(needed("last_time_s")?)?;
    let tool = |name: &str| batch.column_by_name(name).map_or_else(|| Ok(Vec::new()), texts);
    let [sqls, answers] = [tool(TOOL[0])?, tool(TOOL[1])?];
    let text_at = |texts: &[Option<String>], index: usize| texts.get(index).cloned().flatten().unwrap_or_default();
    let mut rows: Vec<Row> = (0..batch.num_rows())
        .map(|index| Row {
            row_key: text_at(&keys, index),
            video_id: text_at(&videos, index),
            person_id: people[index],
            segment_s: [firsts[index].unwrap_or(0.0), lasts[index].unwrap_or(0.0)],
            tool_sql: text_at(&sqls, index),
            tool_answer: text_at(&answers, index),
            comparisons: Vec::new(),
            cells: Vec::new(),
        })
        .collect();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        if name == POSE {
            let texts = poses(column).map_err(|problem| format!("column {name}: {problem}"))?;
            for (row, text) in rows.iter_mut().zip(texts) {
                row.cells.push((POSE_TEXT.to_owned(), text.map_or(Cell::Null, Cell::Text)));
            }
        } else if !NEEDED.contains(&name.as_str()) && !TOOL.contains(&name.as_str()) {
            let cells = cells(column).map_err(|problem| format!("column {name}: {problem}"))?;
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

/// A column `compared` says which facts are compared: `left right differs`, with the verdict of the macro `differs`.
fn comparisons(row: &Row) -> Vec<Comparison> {
    let value = |name: &str| {
        row.cells.iter().find_map(|(known, cell)| match cell {
            Cell::Fact(fact) if known == name => fact.value,
            _ => None,
        })
    };
    let compared = row.cells.iter().find_map(|(name, cell)| match cell {
        Cell::Text(text) if name == "compared" => Some(text.as_str()),
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

fn cells(column: &ArrayRef) -> Result<Vec<Cell>, String> {
    Ok(match column.data_type() {
        DataType::Struct(_) => {
            let facts = facts(column.as_struct())?.into_iter();
            facts.map(|fact| fact.map_or(Cell::Null, |fact| Cell::Fact(Box::new(fact)))).collect()
        }
        DataType::List(_) => {
            let lists = column.as_list::<i32>();
            let DataType::Struct(_) = lists.value_type() else {
                return Err("a list of something else than facts".to_owned());
            };
            let all = facts(lists.values().as_struct())?;
            let bounds = lists.value_offsets();
            let list = |index: usize| {
                let (start, end) = (bounds[index] as usize, bounds[index + 1] as usize);
                Cell::Facts(all[start..end].iter().flatten().cloned().collect())
            };
            (0..lists.len()).map(|index| if lists.is_null(index) { Cell::Null } else { list(index) }).collect()
        }
        DataType::Boolean => column.as_boolean().iter().map(|truth| truth.map_or(Cell::Null, Cell::Truth)).collect(),
        data_type if data_type.is_numeric() => {
            numbers(column)?.into_iter().map(|number| number.map_or(Cell::Null, Cell::Number)).collect()
        }
        _ => texts(column)?.into_iter().map(|text| text.map_or(Cell::Null, Cell::Text)).collect(),
    })
}

/// Lists of points as the text of `llm::codec`.
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
            let (Some(time_s), Some(landmark)) = (times[point], &landmarks[point]) else { continue };
            let known = sequence.landmarks.iter().position(|known| known == landmark);
            let place = known.unwrap_or_else(|| {
                sequence.landmarks.push(landmark.clone());
                sequence.landmarks.len() - 1
            });
            if sequence.frames.last().is_none_or(|frame| frame.time_s != time_s) {
                sequence.frames.push(PoseFrame { time_s, points: Vec::new() });
            }
            if let Some(frame) = sequence.frames.last_mut() {
                frame.points.resize(frame.points.len().max(place + 1), None);
                frame.points[place] = xs[point].zip(ys[point]).map(|(x, y)| [x, y]);
            }
        }
        let n_landmarks = sequence.landmarks.len();
        sequence.frames.iter_mut().for_each(|frame| frame.points.resize(n_landmarks, None));
        encode(&sequence, &CodecSettings::default())
    };
    Ok((0..lists.len()).map(|index| (!lists.is_null(index)).then(|| text(index))).collect())
}

/// Structs that the macro `fact` made; `None` where the struct is NULL.
fn facts(column: &StructArray) -> Result<Vec<Option<RawFact>>, String> {
    let part =
        |name: &str| column.column_by_name(name).ok_or_else(|| format!("a struct without {name}: use the macro fact"));
    let [values, lows, highs] = [numbers(part("value")?)?, numbers(part("low")?)?, numbers(part("high")?)?];
    let text = |name: &str| part(name).and_then(texts);
    let [units, sides, quantities] = [text("unit")?, text("side")?, text("quantity")?];
    let [joints, relations, keys, columns] = [text("joint")?, text("relation")?, text("result_key")?, text("column")?];
    let fact = |index: usize| RawFact {
        value: values[index],
        low: lows[index],
        high: highs[index],
        unit: units[index].clone().unwrap_or_default(),
        side: side(sides[index].as_deref()),
        quantity: quantities[index].clone().unwrap_or_default(),
        joint: joints[index].clone(),
        relation: relations[index].clone().unwrap_or_default(),
        result_key: keys[index].clone().unwrap_or_default(),
        column: columns[index].clone().unwrap_or_default(),
    };
    Ok((0..column.len()).map(|index| (!column.is_null(index)).then(|| fact(index))).collect())
}

fn side(name: Option<&str>) -> Side {
    match name {
        Some("left") => Side::Left,
        Some("right") => Side::Right,
        Some("both") => Side::Both,
        _ => Side::None,
    }
}

fn converted(column: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, String> {
    cast(column, data_type).map_err(|error| error.to_string())
}

fn texts(column: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let column = converted(column, &DataType::Utf8)?;
    Ok(column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
}

fn numbers(column: &ArrayRef) -> Result<Vec<Option<f64>>, String> {
    let column = converted(column, &DataType::Float64)?;
    let numbers = column.as_primitive::<Float64Type>().iter();
    Ok(numbers.map(|number| number.filter(|number| number.is_finite())).collect())
}

fn integers(column: &ArrayRef) -> Result<Vec<Option<i64>>, String> {
    let column = converted(column, &DataType::Int64)?;
    Ok(column.as_primitive::<Int64Type>().iter().collect())
}
