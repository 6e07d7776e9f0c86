//! The conversion of rows of tracklets and of tracks into columns. Pure.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, ListArray, RecordBatch, StringArray};
use arrow::datatypes::Float32Type;
use arrow::error::ArrowError;

use super::layout::Table;
use super::rows::{TrackRow, TrackletRow};
use super::schema::{STEP_APPEARANCE, STEP_PROBABILITY, names, numbers, rounded, schema, small_numbers, times};

/// Returns tracklet rows as columns, with probabilities and appearances rounded.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn tracklet_columns(rows: &[TrackletRow]) -> Result<RecordBatch, ArrowError> {
    let appearances = rows.iter().map(|row| {
        let values = row.appearance.as_ref()?;
        Some(values.iter().map(|&value| rounded(value, STEP_APPEARANCE)).collect::<Vec<_>>())
    });
    let scores: Float32Array =
        rows.iter().map(|row| rounded(row.score, STEP_PROBABILITY).unwrap_or_default()).collect();
    let columns: Vec<ArrayRef> = vec![
        numbers(rows.iter().map(|row| row.track_id)),
        numbers(rows.iter().map(|row| row.frames[0])),
        numbers(rows.iter().map(|row| row.frames[1])),
        times(rows.iter().map(|row| row.times_s[0])),
        times(rows.iter().map(|row| row.times_s[1])),
        numbers(rows.iter().map(|row| row.n_frames)),
        numbers(rows.iter().map(|row| row.n_detections)),
        Arc::new(scores),
        Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(appearances)),
    ];
    RecordBatch::try_new(schema(Table::Tracklets), columns)
}

/// Returns track rows as columns.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn track_columns(rows: &[TrackRow]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        numbers(rows.iter().map(|row| row.track_id)),
        numbers(rows.iter().map(|row| row.frames[0])),
        numbers(rows.iter().map(|row| row.frames[1])),
        small_numbers(rows.iter().map(|row| row.person_id)),
        Arc::new(rows.iter().map(|row| row.name.as_deref()).collect::<StringArray>()),
        names(rows.iter().map(|row| row.link.name()))?,
        Arc::new(rows.iter().map(|row| rounded(row.cost?, STEP_PROBABILITY)).collect::<Float32Array>()),
    ];
    RecordBatch::try_new(schema(Table::Tracks), columns)
}
