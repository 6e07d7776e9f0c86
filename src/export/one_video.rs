//! A connection that sees one video at a time. A query about one video then opens no files of the others, whose number
//! may be large.

use super::tables::TABLES_OF_VIDEOS;
use super::{curves, motions, poses, training};
use crate::store::{Catalog, StoreError};

/// A connection beside another one of the same catalog. It leaves the other one's views alone.
pub(super) struct OneVideo {
    catalog: Catalog,
    video_id: String,
}

impl OneVideo {
    /// Opens the connection.
    ///
    /// # Errors
    /// DuckDB cannot make it.
    pub(super) fn beside(catalog: &Catalog) -> Result<Self, StoreError> {
        Ok(Self { catalog: catalog.beside()?, video_id: String::new() })
    }

    /// Returns the connection, which sees this video only.
    ///
    /// # Errors
    /// The tables of the video cannot be read.
    pub(super) fn of(&mut self, video_id: &str) -> Result<&Catalog, StoreError> {
        if self.video_id != video_id {
            let mut queries: Vec<&str> = TABLES_OF_VIDEOS.iter().map(|(table, _)| table.name()).collect();
            queries.extend(
                curves::QUERIES.iter().chain(&motions::QUERIES).chain(&poses::QUERIES).chain(&training::QUERIES),
            );
            self.catalog.narrow(&[video_id], &queries)?;
            video_id.clone_into(&mut self.video_id);
        }
        Ok(&self.catalog)
    }
}
