//! The columns of the Parquet tables, and the conversion of rows into them. Pure.
//!
//! Coordinates are float32, rounded to a stated step that is far below the resolution of the network. Without the noise
//! in their last bits they take half the space. Landmark rows are sorted by person, landmark, frame. So a landmark's
//! series is contiguous, which helps both compression and time-series queries.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int16Array, Int32Array, RecordBatch, StringArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::layout::Table;
use super::records::{RunRecord, VideoRecord};
use super::result_schema::result_schema;
use super::rows::{CameraRow, FrameRow, PoseRow, RegionRow};
use crate::pose::camera::motion::CameraMotion;
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES};
use crate::pose::smoothing::BodyPoint;

/// The version of the columns below. It is part of a run's fingerprint.
pub const SCHEMA_VERSION: u32 = 2;

/// The step of x and y, pixels.
pub const STEP_PX: f32 = 1.0 / 64.0;
/// The step of z, pixels. z is far noisier than x and y.
pub const STEP_DEPTH_PX: f32 = 1.0 / 16.0;
/// The step of visibility and presence.
pub const STEP_PROBABILITY: f32 = 1.0 / 1024.0;
/// The step of the values of an appearance.
pub const STEP_APPEARANCE: f32 = 1.0 / 1024.0;
/// The step of a camera's zoom: what it moves at the edge of a picture is far below a pixel.
pub const STEP_ZOOM: f32 = 1.0 / 65536.0;
/// The step of a camera's roll, degrees, likewise.
pub const STEP_ROLL_DEG: f32 = 1.0 / 1024.0;
/// The step of world coordinates, meters.
pub const STEP_M: f32 = 1.0 / 8192.0;

/// The names of the landmark tables' coordinate columns, in order.
pub(super) const COORDINATES: [&str; 8] =
    ["x_px", "y_px", "z_px", "visibility", "presence", "world_x_m", "world_y_m", "world_z_m"];

pub(super) fn name_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Returns the columns of a table. `video_id` and `run_id` are in the folder names.
#[must_use]
pub fn schema(table: Table) -> SchemaRef {
    let required = |name: &str, data_type: DataType| Field::new(name, data_type, false);
    let mut fields = vec![required("frame_idx", DataType::Int32), required("time_s", DataType::Float64)];
    match table {
        Table::Frames => fields.extend([
            required("status", name_type()),
            required("n_people", DataType::Int16),
            required("is_repeated", DataType::Boolean),
        ]),
        Table::CameraMotion => {
            let numbers = ["shift_x_px", "shift_y_px", "zoom", "roll_deg"];
            fields.extend(numbers.map(|name| Field::new(name, DataType::Float32, true)));
            fields.extend([required("n_patches", DataType::Int16), Field::new("share", DataType::Float32, true)]);
            fields.push(required("is_cut", DataType::Boolean));
        }
        Table::Regions => {
            fields.extend([required("track_id", DataType::Int32), required("source", name_type())]);
            let numbers = ["score", "center_x_px", "center_y_px", "side_px", "rotation_rad", "object_scale_px"];
            fields.extend(numbers.map(|name| required(name, DataType::Float32)));
        }
        Table::RawLandmarks | Table::Landmarks => {
            let is_raw = table == Table::RawLandmarks;
            fields.extend([
                if is_raw { required("track_id", DataType::Int32) } else { required("person_id", DataType::Int16) },
                required("landmark_id", DataType::Int16),
                required("landmark", name_type()),
            ]);
            fields.extend(COORDINATES.map(|name| Field::new(name, DataType::Float32, true)));
        }
        Table::Runs => fields = vec![required("video", DataType::Utf8), required("run", DataType::Utf8)],
        Table::Tracklets => fields = tracklet_fields(),
        Table::Tracks => fields = track_fields(),
        result => return result_schema(result),
    }
    Arc::new(Schema::new(fields))
}

fn tracklet_fields() -> Vec<Field> {
    let required = |name: &str, data_type: DataType| Field::new(name, data_type, false);
    vec![
        required("track_id", DataType::Int32),
        required("first_frame_idx", DataType::Int32),
        required("last_frame_idx", DataType::Int32),
        required("first_time_s", DataType::Float64),
        required("last_time_s", DataType::Float64),
        required("n_frames", DataType::Int32),
        required("n_detections", DataType::Int32),
        required("score", DataType::Float32),
        Field::new_list("appearance", Field::new_list_field(DataType::Float32, true), true),
    ]
}

fn track_fields() -> Vec<Field> {
    let required = |name: &str, data_type: DataType| Field::new(name, data_type, false);
    vec![
        required("track_id", DataType::Int32),
        required("first_frame_idx", DataType::Int32),
        required("last_frame_idx", DataType::Int32),
        required("person_id", DataType::Int16),
        Field::new("name", DataType::Utf8, true),
        required("link", name_type()),
        Field::new("cost", DataType::Float32, true),
    ]
}

/// Returns frame rows as columns.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn frame_columns(rows: &[FrameRow]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        numbers(rows.iter().map(|row| row.frame_idx)),
        times(rows.iter().map(|row| row.time_s)),
        names(rows.iter().map(|row| row.status.name()))?,
        small_numbers(rows.iter().map(|row| row.n_people)),
        Arc::new(rows.iter().map(|row| Some(row.is_repeated)).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema(Table::Frames), columns)
}

/// Returns the rows of a camera as columns.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn camera_columns(rows: &[CameraRow]) -> Result<RecordBatch, ArrowError> {
    let motions = |value: &dyn Fn(&CameraMotion) -> f64, step: f32| -> ArrayRef {
        let motion = |row: &CameraRow| rounded(value(&row.seen?.motion?) as f32, step);
        Arc::new(rows.iter().map(motion).collect::<Float32Array>())
    };
    let shares = rows.iter().map(|row| rounded(row.seen?.share, STEP_PROBABILITY));
    let columns: Vec<ArrayRef> = vec![
        numbers(rows.iter().map(|row| row.frame_idx)),
        times(rows.iter().map(|row| row.time_s)),
        motions(&|motion| motion.shift_px[0], STEP_PX),
        motions(&|motion| motion.shift_px[1], STEP_PX),
        motions(&|motion| motion.zoom, STEP_ZOOM),
        motions(&|motion| motion.roll_rad.to_degrees(), STEP_ROLL_DEG),
        small_numbers(rows.iter().map(|row| row.seen.map_or(0, |seen| seen.n_patches))),
        Arc::new(shares.collect::<Float32Array>()),
        Arc::new(rows.iter().map(|row| Some(row.seen.is_some_and(|seen| seen.is_cut))).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema(Table::CameraMotion), columns)
}

/// Returns region rows as columns.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn region_columns(rows: &[RegionRow]) -> Result<RecordBatch, ArrowError> {
    let floats =
        |value: &dyn Fn(&RegionRow) -> f32| -> ArrayRef { Arc::new(rows.iter().map(value).collect::<Float32Array>()) };
    let columns: Vec<ArrayRef> = vec![
        numbers(rows.iter().map(|row| row.frame_idx)),
        times(rows.iter().map(|row| row.time_s)),
        numbers(rows.iter().map(|row| row.track_id)),
        names(rows.iter().map(|row| row.source.name()))?,
        floats(&|row| row.score),
        floats(&|row| row.center_px[0]),
        floats(&|row| row.center_px[1]),
        floats(&|row| row.side_px),
        floats(&|row| row.rotation_rad),
        floats(&|row| row.object_scale_px),
    ];
    RecordBatch::try_new(schema(Table::Regions), columns)
}

/// Returns pose rows as rounded columns, sorted by owner, landmark, frame. `table` is one of the two landmark tables.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn landmark_columns(table: Table, rows: &[PoseRow]) -> Result<RecordBatch, ArrowError> {
    let mut poses: Vec<&PoseRow> = rows.iter().collect();
    poses.sort_by_key(|row| (row.owner, row.frame_idx));
    let owners = poses.chunk_by(|a, b| a.owner == b.owner);
    let sorted: Vec<(&PoseRow, usize)> = owners
        .flat_map(|owner| (0..LANDMARK_COUNT).flat_map(|landmark| owner.iter().map(move |row| (*row, landmark))))
        .collect();
    let owner_ids = sorted.iter().map(|(row, _)| row.owner);
    let coordinates = |value: &dyn Fn(&BodyPoint) -> f32, step: f32| -> ArrayRef {
        let rounded = sorted.iter().map(|(row, landmark)| rounded(value(&row.points[*landmark]), step));
        Arc::new(rounded.collect::<Float32Array>())
    };
    let columns: Vec<ArrayRef> = vec![
        numbers(sorted.iter().map(|(row, _)| row.frame_idx)),
        times(sorted.iter().map(|(row, _)| row.time_s)),
        if table == Table::RawLandmarks { numbers(owner_ids) } else { small_numbers(owner_ids.map(|id| id as u16)) },
        small_numbers(sorted.iter().map(|(_, landmark)| *landmark as u16)),
        names(sorted.iter().map(|(_, landmark)| LANDMARK_NAMES[*landmark]))?,
        coordinates(&|point| point.image_px[0], STEP_PX),
        coordinates(&|point| point.image_px[1], STEP_PX),
        coordinates(&|point| point.image_px[2], STEP_DEPTH_PX),
        coordinates(&|point| point.visibility, STEP_PROBABILITY),
        coordinates(&|point| point.presence, STEP_PROBABILITY),
        coordinates(&|point| point.world_m[0], STEP_M),
        coordinates(&|point| point.world_m[1], STEP_M),
        coordinates(&|point| point.world_m[2], STEP_M),
    ];
    RecordBatch::try_new(schema(table), columns)
}

/// Returns a run's record as columns: the video and the run as JSON.
///
/// # Errors
/// The columns do not fit together: a bug in posekit.
pub fn run_columns(video: &VideoRecord, run: &RunRecord) -> Result<RecordBatch, ArrowError> {
    let external = |error: serde_json::Error| ArrowError::ExternalError(Box::new(error));
    let texts = [serde_json::to_string(video).map_err(external)?, serde_json::to_string(run).map_err(external)?];
    let columns = texts.map(|text| -> ArrayRef { Arc::new(StringArray::from(vec![text])) });
    RecordBatch::try_new(schema(Table::Runs), columns.to_vec())
}

/// Returns a value rounded to a multiple of `step`. A value that is not a number is missing.
pub(super) fn rounded(value: f32, step: f32) -> Option<f32> {
    value.is_finite().then(|| (value / step).round_ties_even() * step)
}

pub(super) fn numbers(values: impl Iterator<Item = u32>) -> ArrayRef {
    Arc::new(values.map(|value| value as i32).collect::<Int32Array>())
}

pub(super) fn small_numbers(values: impl Iterator<Item = u16>) -> ArrayRef {
    Arc::new(values.map(|value| value as i16).collect::<Int16Array>())
}

pub(super) fn times(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

pub(super) fn names<'a>(values: impl Iterator<Item = &'a str>) -> Result<ArrayRef, ArrowError> {
    cast(&StringArray::from_iter_values(values), &name_type())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;
    use arrow::datatypes::{Float32Type, Int16Type, Int32Type};

    fn pose(owner: u32, frame_idx: u32, x_px: f32) -> PoseRow {
        let point = BodyPoint { image_px: [x_px, 0.0, f32::NAN], ..BodyPoint::default() };
        PoseRow { frame_idx, time_s: f64::from(frame_idx) / 30.0, owner, points: [point; LANDMARK_COUNT] }
    }

    #[test]
    fn landmark_rows_are_sorted_by_person_landmark_and_frame() {
        let batch = landmark_columns(Table::Landmarks, &[pose(1, 0, 0.0), pose(0, 1, 0.0), pose(0, 0, 0.0)]).unwrap();
        assert_eq!(batch.num_rows(), 3 * LANDMARK_COUNT);
        let keys: Vec<_> = (0..batch.num_rows())
            .map(|row| {
                (
                    batch.column(2).as_primitive::<Int16Type>().value(row),
                    batch.column(3).as_primitive::<Int16Type>().value(row),
                    batch.column(0).as_primitive::<Int32Type>().value(row),
                )
            })
            .collect();
        assert!(keys.is_sorted());
        assert_eq!(keys[0], (0, 0, 0));
        assert_eq!(keys[1], (0, 0, 1));
    }

    #[test]
    fn coordinates_are_rounded_to_the_step_and_nan_is_missing() {
        let batch = landmark_columns(Table::Landmarks, &[pose(0, 0, 100.01)]).unwrap();
        let x_px = batch.column_by_name("x_px").unwrap().as_primitive::<Float32Type>().value(0);
        assert_eq!(x_px, 100.0 + 1.0 / 64.0);
        assert_eq!(batch.column_by_name("z_px").unwrap().null_count(), LANDMARK_COUNT);
    }

    #[test]
    fn no_rows_are_an_empty_table() {
        for table in [Table::RawLandmarks, Table::Landmarks] {
            assert_eq!(landmark_columns(table, &[]).unwrap().num_rows(), 0);
        }
        assert_eq!(frame_columns(&[]).unwrap().num_rows(), 0);
        assert_eq!(region_columns(&[]).unwrap().num_rows(), 0);
    }
}
