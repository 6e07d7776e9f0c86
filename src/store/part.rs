//! Parquet parts: how they are written, labeled and sealed.

use std::io::Write;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::checksum;
use super::error::StoreError;
use super::layout::Table;
use super::result_schema::result_order;
use super::schema::{COORDINATES, SCHEMA_VERSION};
use crate::artifacts::files::PendingFile;
use crate::versions;

/// The label of a part: its run, its number in the run, and its frames. The label is written into the part's footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLabel {
    /// The video.
    pub video_id: String,
    /// The run.
    pub run_id: String,
    /// Hash of all that the rows depend on.
    pub fingerprint: String,
    /// The number of the part in the run, from 0.
    pub part: u32,
    /// The first and the last frame of the part's segment.
    pub frames: [u32; 2],
    /// Whether the frame after the segment is the one that the index of the video's packets predicts. If so, later
    /// segments can be worked on without decoding this one.
    pub is_as_indexed: bool,
}

impl PartLabel {
    fn metadata(&self, table: Table) -> Vec<KeyValue> {
        let entry = |key: &str, value: String| KeyValue::new(format!("posekit.{key}"), value);
        let mut entries = vec![
            entry("table", table.name().to_owned()),
            entry("schema_version", SCHEMA_VERSION.to_string()),
            entry("video_id", self.video_id.clone()),
            entry("run_id", self.run_id.clone()),
            entry("fingerprint", self.fingerprint.clone()),
            entry("part", self.part.to_string()),
            entry("first_frame_idx", self.frames[0].to_string()),
            entry("last_frame_idx", self.frames[1].to_string()),
            entry("is_as_indexed", self.is_as_indexed.to_string()),
            KeyValue::new(checksum::KEY.to_owned(), checksum::PLACEHOLDER.to_owned()),
        ];
        // Runs of earlier versions lack that table.
        if table == Table::Frames {
            entries.push(entry("has_camera_motion", "true".to_owned()));
        }
        // These tables are made from stored rows after the run, and can be made again without it. The run's fingerprint
        // does not include the version of their code.
        if matches!(table, Table::Tracks | Table::Landmarks) {
            entries.push(entry("code", versions::TRACKS.to_owned()));
        }
        entries
    }
}

/// Writes a part and seals it. The part appears under its name complete and synced, or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write_part(path: &Path, table: Table, label: &PartLabel, rows: &RecordBatch) -> Result<(), StoreError> {
    let properties = properties(table, label, rows);
    let parquet_error = StoreError::parquet("write", path);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties)).map_err(&parquet_error)?;
    writer.write(rows).map_err(&parquet_error)?;
    writer.close().map_err(&parquet_error)?;
    if !checksum::stamp(&mut bytes) {
        return Err(parquet_error(ParquetError::General("its footer has no room for a checksum".to_owned())));
    }
    let mut pending = PendingFile::create(path)?;
    pending.file().write_all(&bytes).map_err(StoreError::io("write", path))?;
    Ok(pending.commit()?)
}

/// The compression level of parts. It makes parts 5 % smaller than the library's default of 1. Level 15 saves 3 % more,
/// but takes three times as long. Its tables are sized for megabytes, so it also takes tens of megabytes of memory in
/// each worker.
const ZSTD_LEVEL: i32 = 6;

fn properties(table: Table, label: &PartLabel, rows: &RecordBatch) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let row_count = rows.num_rows();
    let plain = |name: &str| ColumnPath::from(name);
    let mut builder = WriterProperties::builder()
        .set_created_by(format!("posekit {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(level))
        .set_key_value_metadata(Some(label.metadata(table)))
        // A part is one row group with one page per column, so that compression sees a landmark's whole series at once.
        .set_max_row_group_row_count(Some(row_count.max(1)))
        .set_data_page_row_count_limit(row_count.max(1))
        .set_data_page_size_limit(64 << 20)
        .set_sorting_columns(Some(sorting(table, rows.schema_ref())).filter(|columns| !columns.is_empty()))
        .set_column_dictionary_enabled(plain("frame_idx"), false)
        .set_column_encoding(plain("frame_idx"), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(plain("time_s"), false)
        .set_column_encoding(plain("time_s"), Encoding::BYTE_STREAM_SPLIT);
    if matches!(table, Table::RawLandmarks | Table::Landmarks | Table::CleanLandmarks) {
        for name in COORDINATES {
            builder = builder
                .set_column_dictionary_enabled(plain(name), false)
                .set_column_encoding(plain(name), Encoding::BYTE_STREAM_SPLIT);
        }
    }
    builder.build()
}

/// Returns the columns by which the rows of each part of a table are sorted, ascending. The list is empty if the rows
/// keep the order in which they are made.
#[must_use]
pub fn sorted_by(table: Table) -> &'static [&'static str] {
    match table {
        Table::Frames | Table::CameraMotion => &["frame_idx"],
        Table::Regions => &["frame_idx", "track_id"],
        Table::RawLandmarks => &["track_id", "landmark_id", "frame_idx"],
        Table::Landmarks => &["person_id", "landmark_id", "frame_idx"],
        Table::Tracklets => &["track_id"],
        Table::Tracks => &["track_id", "first_frame_idx"],
        Table::Runs => &[],
        result => result_order(result),
    }
}

/// Returns the columns of [`sorted_by`] as SQL takes them after `ORDER BY`.
#[must_use]
pub(crate) fn order_by(table: Table) -> String {
    sorted_by(table).join(", ")
}

/// Returns the order of a table's rows, by column number.
fn sorting(table: Table, columns: &Schema) -> Vec<SortingColumn> {
    let numbers = sorted_by(table).iter().filter_map(|name| columns.index_of(name).ok());
    numbers.map(|number| SortingColumn { column_idx: number as i32, descending: false, nulls_first: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::smoothing::BodyPoint;
    use crate::store::read::{read_label, read_poses};
    use crate::store::rows::PoseRow;
    use crate::store::schema::landmark_columns;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use std::fs::File;

    fn label() -> PartLabel {
        PartLabel {
            video_id: "v".to_owned(),
            run_id: "r".to_owned(),
            fingerprint: "f".to_owned(),
            part: 3,
            frames: [0, 9],
            is_as_indexed: false,
        }
    }

    fn poses() -> Vec<PoseRow> {
        let point = |frame: u32, landmark: usize| BodyPoint {
            image_px: [frame as f32, landmark as f32, -1.5],
            world_m: [0.25, -0.5, 0.125],
            visibility: 0.5,
            presence: 0.75,
        };
        (0..10)
            .map(|frame_idx| PoseRow {
                frame_idx,
                time_s: f64::from(frame_idx) * 0.04,
                owner: 40_003,
                points: std::array::from_fn(|landmark| point(frame_idx, landmark)),
            })
            .collect()
    }

    #[test]
    fn poses_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-00003.parquet");
        let columns = landmark_columns(Table::RawLandmarks, &poses()).unwrap();
        write_part(&path, Table::RawLandmarks, &label(), &columns).unwrap();
        assert_eq!(read_poses(&path, Table::RawLandmarks).unwrap(), poses());
    }

    #[test]
    fn the_footer_tells_where_the_part_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        let columns = landmark_columns(Table::RawLandmarks, &poses()).unwrap();
        write_part(&path, Table::RawLandmarks, &label(), &columns).unwrap();
        assert_eq!(read_label(&path, Table::RawLandmarks).unwrap(), label());
        assert!(read_label(&path, Table::Landmarks).is_err(), "of another table");
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 1);
        assert!(reader.metadata().row_group(0).column(0).statistics().is_some());
    }

    #[test]
    fn a_damaged_part_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        std::fs::write(&path, b"PAR1 not really").unwrap();
        let error = read_poses(&path, Table::RawLandmarks).unwrap_err();
        assert!(error.to_string().contains("part.parquet"), "{error}");
    }
}
