//! Exports the angles of a person over time: MOT, and CSV with a column for each angle.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use polars::prelude::{Column, CsvWriter, DataFrame, IntoColumn, NamedFrom, SerWriter, Series};

use super::{Export, ExportError, Person, write_file};
use crate::export::formats::{Curves, FormatError, mot};
use crate::store::select::select;
use crate::store::{Catalog, StoreError};

const CURVES: &str = include_str!("../../sql/export/curves.sql");
/// The queries of this module.
pub(super) const QUERIES: [&str; 1] = [CURVES];

/// The angles of a person: the frames and a curve for each angle.
struct Angles {
    frames: Vec<u32>,
    curves: Curves,
}

pub(super) fn write_mot(catalog: &Catalog, wanted: &Export, person: &Person) -> Result<PathBuf, ExportError> {
    let angles = read(catalog, person)?;
    let path = wanted.output.join(format!("{}_person{}.mot", person.stem, person.id));
    write_file(path, |out| mot::write_mot(out, &angles.curves))
}

pub(super) fn write_csv(catalog: &Catalog, wanted: &Export, person: &Person) -> Result<PathBuf, ExportError> {
    let angles = read(catalog, person)?;
    let path = wanted.output.join(format!("{}_person{}_angles.csv", person.stem, person.id));
    let frames: Vec<i64> = angles.frames.iter().map(|&frame| i64::from(frame)).collect();
    let mut columns: Vec<Column> = vec![
        Series::new("frame_idx".into(), frames).into_column(),
        Series::new("time_s".into(), angles.curves.times_s.clone()).into_column(),
    ];
    let named = |(name, values): &(String, Vec<Option<f64>>)| {
        Series::new(format!("{}_2d_deg", name.replace(' ', "_")).into(), values.clone()).into_column()
    };
    columns.extend(angles.curves.columns.iter().map(named));
    let failed = |problem: String| ExportError::File { path: path.clone(), problem };
    let mut frame = DataFrame::new(angles.frames.len(), columns).map_err(|error| failed(error.to_string()))?;
    let mut text = Vec::new();
    CsvWriter::new(&mut text).finish(&mut frame).map_err(|error| failed(error.to_string()))?;
    write_file(path.clone(), |out| out.write_all(&text).map_err(FormatError::from))
}

fn read(catalog: &Catalog, person: &Person) -> Result<Angles, StoreError> {
    let person_id = person.id.to_string();
    let variables = [("video_id", Some(person.video_id.as_str())), ("person_id", Some(&person_id))];
    let mut times_s: BTreeMap<u32, f64> = BTreeMap::new();
    let mut values: BTreeMap<String, BTreeMap<u32, f64>> = BTreeMap::new();
    select(catalog, &variables, CURVES, |rows| {
        let (names, frames) = (rows.texts("name")?, rows.numbers("frame_idx")?);
        let (times, angles) = (rows.numbers("time_s")?, rows.numbers("value")?);
        for row in 0..rows.len() {
            times_s.insert(frames[row] as u32, times[row]);
            values.entry(names[row].clone()).or_default().insert(frames[row] as u32, angles[row]);
        }
        Ok::<(), StoreError>(())
    })?;
    let column = |values: &BTreeMap<u32, f64>| {
        times_s.keys().map(|frame| values.get(frame).copied().filter(|value| value.is_finite())).collect()
    };
    let columns = values.iter().map(|(name, values)| (name.clone(), column(values))).collect();
    let name = format!("{}_person{}", person.stem, person.id);
    Ok(Angles {
        frames: times_s.keys().copied().collect(),
        curves: Curves { name, times_s: times_s.values().copied().collect(), columns },
    })
}
