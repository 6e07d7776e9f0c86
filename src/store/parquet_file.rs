//! Parquet files outside the dataset, such as those of language-model data: any columns, written batch by batch.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::error::StoreError;

/// The number of rows of a row group. Readers hold one row group in memory.
const ROW_GROUP_ROWS: usize = 50_000;

/// A file that is being written.
pub(crate) struct ParquetFile {
    writer: ArrowWriter<File>,
    path: PathBuf,
}

impl ParquetFile {
    /// Begins a file. Its folder must exist.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn create(path: &Path, schema: SchemaRef) -> Result<Self, StoreError> {
        let file = File::create(path).map_err(StoreError::io("write", path))?;
        let compression = Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default());
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            // The same rows give the same bytes, whichever version writes them.
            .set_created_by("posekit".to_owned())
            .build();
        let writer =
            ArrowWriter::try_new(file, schema, Some(properties)).map_err(StoreError::parquet("write", path))?;
        Ok(Self { writer, path: path.to_path_buf() })
    }

    /// Writes rows.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub(crate) fn push(&mut self, rows: &RecordBatch) -> Result<(), StoreError> {
        self.writer.write(rows).map_err(StoreError::parquet("write", &self.path))
    }

    /// Writes the footer and syncs the file to disk.
    ///
    /// # Errors
    /// The footer or the file cannot be written.
    pub(crate) fn finish(self) -> Result<(), StoreError> {
        let file = self.writer.into_inner().map_err(StoreError::parquet("write", &self.path))?;
        file.sync_all().map_err(StoreError::io("write", &self.path))
    }
}
