//! Converts query results of the analysis database to Polars frames, and frames to series of people.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, PolarsError, Series};

use super::error::AnalyzeError;

/// Converts batches to a frame: whole numbers as i64, other numbers as f64, everything else as text.
///
/// # Errors
/// If Polars rejects the columns.
pub(crate) fn data_frame(batches: &[RecordBatch]) -> Result<DataFrame, AnalyzeError> {
    let failed = |error: PolarsError| AnalyzeError::Frames { what: "a query result", problem: error.to_string() };
    let mut whole: Option<DataFrame> = None;
    for batch in batches {
        let columns = batch.schema_ref().fields().iter().zip(batch.columns());
        let columns: Result<Vec<Column>, AnalyzeError> =
            columns.map(|(field, values)| column(field.name(), values.as_ref())).collect();
        let frame = DataFrame::new(batch.num_rows(), columns?).map_err(failed)?;
        match &mut whole {
            None => whole = Some(frame),
            Some(whole) => {
                whole.vstack_mut(&frame).map_err(failed)?;
            }
        }
    }
    Ok(whole.unwrap_or_default())
}

fn column(name: &str, values: &dyn Array) -> Result<Column, AnalyzeError> {
    let as_type = |data_type: &DataType| {
        cast(values, data_type)
            .map_err(|error| AnalyzeError::Frames { what: "a query result", problem: error.to_string() })
    };
    let name = name.into();
    let series = match values.data_type() {
        data_type if data_type.is_integer() => {
            let numbers = as_type(&DataType::Int64)?;
            Series::new(name, numbers.as_primitive::<Int64Type>().iter().collect::<Vec<Option<i64>>>())
        }
        data_type if data_type.is_numeric() => {
            let numbers = as_type(&DataType::Float64)?;
            Series::new(name, numbers.as_primitive::<Float64Type>().iter().collect::<Vec<Option<f64>>>())
        }
        _ => {
            let text = as_type(&DataType::Utf8)?;
            Series::new(name, text.as_string::<i32>().iter().collect::<Vec<Option<&str>>>())
        }
    };
    Ok(series.into_column())
}

/// The signals of a person: a pair of values for each name and frame, NaN if missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PersonSignals {
    /// The id of the person.
    pub(crate) person_id: u16,
    /// Frame numbers, increasing; frames without any value are left out.
    pub(crate) frames: Vec<u32>,
    /// The times of the frames, seconds.
    pub(crate) times_s: Vec<f64>,
    by_name: BTreeMap<String, Vec<[f64; 2]>>,
}

impl PersonSignals {
    /// Returns the pairs of a name, one for each frame.
    #[must_use]
    pub(crate) fn pairs(&self, name: &str) -> Vec<[f64; 2]> {
        self.by_name.get(name).cloned().unwrap_or_else(|| vec![[f64::NAN; 2]; self.frames.len()])
    }

    /// Returns one of the two values of a name, for each frame.
    #[must_use]
    pub(crate) fn values(&self, name: &str, which: usize) -> Vec<f64> {
        self.pairs(name).into_iter().map(|pair| pair[which]).collect()
    }

    /// Creates the signals of a person in consecutive frames at 30 Hz.
    #[cfg(test)]
    pub(super) fn of(signals: Vec<(String, Vec<[f64; 2]>)>) -> Self {
        let n = signals.first().map_or(0, |(_, pairs)| pairs.len() as u32);
        let times_s = (0..n).map(|frame| f64::from(frame) / 30.0).collect();
        Self { person_id: 0, frames: (0..n).collect(), times_s, by_name: signals.into_iter().collect() }
    }

    /// Returns the names of the signals.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}

/// Splits a frame of signals by person. The frame has the columns `person_id`, `frame_idx`, `time_s`, `name`, `x`,
/// `y`, as the files in `sql/signals/` return them, sorted by person and frame.
///
/// # Errors
/// If a column is missing or has another type.
pub(crate) fn by_person(frame: &DataFrame) -> Result<Vec<PersonSignals>, AnalyzeError> {
    let failed = |error: PolarsError| AnalyzeError::Frames { what: "signals", problem: error.to_string() };
    if frame.height() == 0 {
        return Ok(Vec::new());
    }
    let people = frame.partition_by_stable(["person_id"], true).map_err(failed)?;
    people.iter().map(|person| person_signals(person).map_err(failed)).collect()
}

fn person_signals(rows: &DataFrame) -> Result<PersonSignals, PolarsError> {
    let numbers = |name: &str| rows.column(name)?.i64().cloned();
    let values = |name: &str| rows.column(name)?.f64().cloned();
    let (frame_idx, times_s, names) = (numbers("frame_idx")?, values("time_s")?, rows.column("name")?.str()?.clone());
    let (x, y) = (values("x")?, values("y")?);
    let person_id = numbers("person_id")?.get(0).unwrap_or_default() as u16;
    let mut signals = PersonSignals { person_id, frames: Vec::new(), times_s: Vec::new(), by_name: BTreeMap::new() };
    for row in 0..rows.height() {
        let frame = frame_idx.get(row).unwrap_or_default() as u32;
        if signals.frames.last() != Some(&frame) {
            signals.frames.push(frame);
            signals.times_s.push(times_s.get(row).unwrap_or_default());
        }
        let index = signals.frames.len() - 1;
        let name = names.get(row).unwrap_or_default();
        if !signals.by_name.contains_key(name) {
            signals.by_name.insert(name.to_owned(), Vec::new());
        }
        if let Some(pairs) = signals.by_name.get_mut(name) {
            pairs.resize(index, [f64::NAN; 2]);
            pairs.push([x.get(row).unwrap_or(f64::NAN), y.get(row).unwrap_or(f64::NAN)]);
        }
    }
    let n = signals.frames.len();
    signals.by_name.values_mut().for_each(|pairs| pairs.resize(n, [f64::NAN; 2]));
    Ok(signals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Float64Array, Int32Array, StringArray};
    use std::sync::Arc;

    fn signals(rows: &[(i32, i32, &str, Option<f64>)]) -> RecordBatch {
        type Row<'a> = (i32, i32, &'a str, Option<f64>);
        let column =
            |of: &dyn Fn(&Row) -> Option<f64>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Float64Array>()) };
        RecordBatch::try_from_iter([
            ("person_id", Arc::new(rows.iter().map(|row| row.0).collect::<Int32Array>()) as ArrayRef),
            ("frame_idx", Arc::new(rows.iter().map(|row| row.1).collect::<Int32Array>())),
            ("time_s", column(&|row| Some(f64::from(row.1) / 10.0))),
            ("name", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<StringArray>())),
            ("x", column(&|row| row.3)),
            ("y", column(&|row| row.3.map(|x| -x))),
        ])
        .unwrap()
    }

    #[test]
    fn people_get_series_of_equal_length_with_nan_where_nothing_is() {
        let first = signals(&[(0, 3, "knee", Some(1.0)), (0, 4, "hip", Some(5.0)), (0, 4, "knee", None)]);
        let second = signals(&[(0, 6, "knee", Some(0.0)), (2, 1, "hip", Some(9.0))]);
        let people = by_person(&data_frame(&[first, second]).unwrap()).unwrap();
        assert_eq!(people.iter().map(|person| person.person_id).collect::<Vec<_>>(), [0, 2]);
        assert_eq!((people[0].frames.clone(), people[0].times_s.clone()), (vec![3, 4, 6], vec![0.3, 0.4, 0.6]));
        let knee = people[0].values("knee", 0);
        assert!(knee[0] == 1.0 && knee[1].is_nan() && knee[2] == 0.0, "{knee:?}");
        let hip = people[0].pairs("hip");
        assert!(hip[0][0].is_nan() && hip[1] == [5.0, -5.0] && hip[2][1].is_nan(), "{hip:?}");
        assert!(people[1].values("elbow", 1)[0].is_nan());
    }

    #[test]
    fn no_rows_are_nobody() {
        assert_eq!(by_person(&data_frame(&[]).unwrap()).unwrap(), []);
    }
}
