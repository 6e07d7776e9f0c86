//! Reading Parquet parts back: labels, poses, counts, records.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, AsArray, PrimitiveArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{ArrowPrimitiveType, DataType, Float32Type, Float64Type, Int16Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::checksum;
use super::error::StoreError;
use super::layout::Table;
use super::part::PartLabel;
use super::records::{RunRecord, VideoRecord};
use super::rows::{FrameStatus, PoseRow};
use super::schema::{COORDINATES, SCHEMA_VERSION};
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::pose::smoothing::BodyPoint;
use crate::versions;

/// The number of frames of a part by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrameCounts {
    /// All frames.
    pub n_frames: u64,
    /// Frames in which a person was found.
    pub n_found: u64,
    /// Frames that failed.
    pub n_failed: u64,
}

impl std::ops::Add for FrameCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            n_frames: self.n_frames + other.n_frames,
            n_found: self.n_found + other.n_found,
            n_failed: self.n_failed + other.n_failed,
        }
    }
}

/// Reads a part's label from its footer.
///
/// # Errors
/// The file cannot be read, is damaged, or is not a part of `table` in this version.
pub fn read_label(path: &Path, table: Table) -> Result<PartLabel, StoreError> {
    checksum::verify(path)?;
    read_footer(path, table)
}

/// Returns the names of a part's columns; `None` if the part cannot be read.
pub(super) fn column_names(path: &Path) -> Option<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    Some(schema.columns().iter().map(|column| column.path().parts()[0].clone()).collect())
}

/// Reads a part's label from the footer alone. Damage elsewhere in the file is not detected.
///
/// # Errors
/// The part is missing, or it belongs to another table or version.
pub fn read_footer(path: &Path, table: Table) -> Result<PartLabel, StoreError> {
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    let reader = SerializedFileReader::new(file).map_err(StoreError::parquet("read", path))?;
    let footer = reader.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let value = |key: &str| {
        let entry = footer.iter().find(|entry| entry.key.strip_prefix("posekit.") == Some(key));
        entry.and_then(|entry| entry.value.clone()).ok_or_else(|| format!("{key} is missing from its footer"))
    };
    let number = |key: &str| value(key)?.parse::<u32>().map_err(|_| format!("invalid {key} in its footer"));
    let label = || -> Result<PartLabel, String> {
        if value("table")? != table.name() || number("schema_version")? != SCHEMA_VERSION {
            return Err("its footer belongs to another table or version".to_owned());
        }
        let frames = [number("first_frame_idx")?, number("last_frame_idx")?];
        if frames[0] > frames[1] || i32::try_from(frames[1]).is_err() {
            return Err(format!("invalid frames {} to {} in its footer", frames[0], frames[1]));
        }
        Ok(PartLabel {
            video_id: value("video_id")?,
            run_id: value("run_id")?,
            fingerprint: value("fingerprint")?,
            part: number("part")?,
            frames,
            is_as_indexed: value("is_as_indexed")? == "true",
        })
    };
    label().map_err(wrong_columns(path, table))
}

/// Returns the fingerprint in a part's footer, without reading its rows; `None` if the part is missing or unreadable.
#[must_use]
pub(super) fn read_fingerprint(path: &Path, table: Table) -> Option<String> {
    footer_value(path, table, "posekit.fingerprint")
}

fn footer_value(path: &Path, table: Table, key: &str) -> Option<String> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let footer = reader.metadata().file_metadata().key_value_metadata()?;
    let value = |key: &str| footer.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone());
    let is_current =
        value("posekit.table")? == table.name() && value("posekit.schema_version")? == SCHEMA_VERSION.to_string();
    value(key).filter(|_| is_current)
}

/// Returns whether there must be a part of `camera_motion` beside a part of `frames`: earlier versions made none.
#[must_use]
pub(super) fn has_camera_motion(frames: &Path) -> bool {
    footer_value(frames, Table::Frames, "posekit.has_camera_motion").is_some()
}

/// Returns whether a part of `tracks` or `landmarks` was made by the present version of the code. For an unreadable
/// part it returns `false`.
#[must_use]
pub fn is_of_this_code(path: &Path, table: Table) -> bool {
    footer_value(path, table, "posekit.code").is_some_and(|code| code == versions::TRACKS)
}

/// Counts the frames of a part of `frames`.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_frame_counts(path: &Path) -> Result<FrameCounts, StoreError> {
    let mut counts = FrameCounts::default();
    for batch in read_batches(path)? {
        let statuses = text_column(&batch, "status").map_err(wrong_columns(path, Table::Frames))?;
        for status in &statuses {
            counts.n_frames += 1;
            counts.n_found += u64::from(status == FrameStatus::Ok.name());
            counts.n_failed += u64::from(status == FrameStatus::Failed.name());
        }
    }
    Ok(counts)
}

/// Reads the times of a part of `frames`, seconds, by frame.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_times(path: &Path) -> Result<Vec<(u32, f64)>, StoreError> {
    let mut times = Vec::new();
    for batch in read_batches(path)? {
        let mut collect = || -> Result<(), String> {
            let frames = column::<Int32Type>(&batch, "frame_idx")?;
            let times_s = column::<Float64Type>(&batch, "time_s")?;
            for row in 0..batch.num_rows() {
                times.push((natural(frames, row, "frame_idx")?, times_s.value(row)));
            }
            Ok(())
        };
        collect().map_err(wrong_columns(path, Table::Frames))?;
    }
    Ok(times)
}

/// Reads a part to its end and counts its rows.
///
/// # Errors
/// The file cannot be read, or is damaged.
pub fn count_rows(path: &Path) -> Result<u64, StoreError> {
    Ok(read_batches(path)?.iter().map(|batch| batch.num_rows() as u64).sum())
}

/// Reads the record of a run and its video.
///
/// # Errors
/// The file cannot be read, or is not such a record.
pub fn read_run(path: &Path) -> Result<(VideoRecord, RunRecord), StoreError> {
    let batches = read_batches(path)?;
    let parse = || -> Result<(VideoRecord, RunRecord), String> {
        let batch = batches.first().ok_or("no rows found")?;
        let text = |name| text_column(batch, name)?.into_iter().next().ok_or_else(|| "no rows found".to_owned());
        let problem = |error: serde_json::Error| error.to_string();
        Ok((
            serde_json::from_str(&text("video")?).map_err(problem)?,
            serde_json::from_str(&text("run")?).map_err(problem)?,
        ))
    };
    parse().map_err(wrong_columns(path, Table::Runs))
}

/// Reads a part of a landmark table back as poses, in the order of frame and owner.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_poses(path: &Path, table: Table) -> Result<Vec<PoseRow>, StoreError> {
    let mut poses: BTreeMap<(u32, u32), PoseRow> = BTreeMap::new();
    for batch in read_batches(path)? {
        collect_poses(&batch, table, &mut poses).map_err(wrong_columns(path, table))?;
    }
    Ok(poses.into_values().collect())
}

pub(super) fn wrong_columns(path: &Path, table: Table) -> impl Fn(String) -> StoreError + Copy {
    move |problem| StoreError::WrongColumns { path: path.to_path_buf(), table: table.name(), problem }
}

pub(super) fn text_column(batch: &RecordBatch, name: &str) -> Result<Vec<String>, String> {
    let values = optional_text_column(batch, name)?;
    Ok(values.into_iter().map(Option::unwrap_or_default).collect())
}

pub(super) fn optional_text_column(batch: &RecordBatch, name: &str) -> Result<Vec<Option<String>>, String> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("column {name} not found"))?;
    let text = cast(column, &DataType::Utf8).map_err(|_| format!("column {name} is not text"))?;
    Ok(text.as_string::<i32>().iter().map(|value| value.map(str::to_owned)).collect())
}

pub(super) fn read_batches(path: &Path) -> Result<Vec<RecordBatch>, StoreError> {
    checksum::verify(path)?;
    let file = File::open(path).map_err(StoreError::io("read", path))?;
    let parquet_error = StoreError::parquet("read", path);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
    let batches = reader.map_err(&parquet_error)?.collect::<Result<Vec<_>, _>>();
    batches.map_err(|error| parquet_error(error.into()))
}

pub(super) fn column<'batch, T: ArrowPrimitiveType>(
    batch: &'batch RecordBatch,
    name: &str,
) -> Result<&'batch PrimitiveArray<T>, String> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("column {name} not found"))?;
    column.as_primitive_opt::<T>().ok_or_else(|| format!("column {name} has the wrong type"))
}

/// Returns a whole number that is not negative.
pub(super) fn natural(numbers: &PrimitiveArray<Int32Type>, row: usize, name: &str) -> Result<u32, String> {
    let value = numbers.value(row);
    u32::try_from(value).map_err(|_| format!("invalid {name} {value}"))
}

pub(super) fn person_id(value: i16) -> Result<u16, String> {
    u16::try_from(value).map_err(|_| format!("invalid person_id {value}"))
}

/// Returns the owner of each row: a track id in `raw_landmarks`, a person id in `landmarks`.
fn owners(batch: &RecordBatch, table: Table) -> Result<Vec<u32>, String> {
    if table == Table::RawLandmarks {
        let tracks = column::<Int32Type>(batch, "track_id")?;
        return (0..batch.num_rows()).map(|row| natural(tracks, row, "track_id")).collect();
    }
    let people = column::<Int16Type>(batch, "person_id")?;
    people.values().iter().map(|&value| person_id(value).map(u32::from)).collect()
}

fn collect_poses(batch: &RecordBatch, table: Table, poses: &mut BTreeMap<(u32, u32), PoseRow>) -> Result<(), String> {
    let frames = column::<Int32Type>(batch, "frame_idx")?;
    let times = column::<Float64Type>(batch, "time_s")?;
    let owners = owners(batch, table)?;
    let ids = column::<Int16Type>(batch, "landmark_id")?;
    let coordinates = COORDINATES.map(|name| column::<Float32Type>(batch, name));
    let coordinates = coordinates.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (row, owner) in owners.into_iter().enumerate() {
        let frame_idx = natural(frames, row, "frame_idx")?;
        let landmark = usize::try_from(ids.value(row)).ok().filter(|&id| id < LANDMARK_COUNT);
        let landmark = landmark.ok_or_else(|| format!("invalid landmark_id {}", ids.value(row)))?;
        let pose = poses.entry((frame_idx, owner)).or_insert_with(|| PoseRow {
            frame_idx,
            time_s: times.value(row),
            owner,
            points: [BodyPoint::default(); LANDMARK_COUNT],
        });
        let value = |index: usize| {
            let column = coordinates[index];
            if column.is_null(row) { f32::NAN } else { column.value(row) }
        };
        pose.points[landmark] = BodyPoint {
            image_px: [value(0), value(1), value(2)],
            visibility: value(3),
            presence: value(4),
            world_m: [value(5), value(6), value(7)],
        };
    }
    Ok(())
}
