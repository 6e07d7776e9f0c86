//! Exports the tables of single videos as CSV files for the readers of a report.

use std::fs;
use std::path::{Path, PathBuf};

use super::one_video::OneVideo;
use super::tables::{CSV_OPTIONS, TABLES_OF_VIDEOS, copy};
use super::{Export, ExportError, ExportFormat, Person, curves, people};
use crate::store::{Catalog, StoreError};

/// Writes the tables of videos, one video after another.
pub(crate) struct VideoTables {
    tables: OneVideo,
    /// The people with angles, of all videos.
    people: Vec<Person>,
}

impl VideoTables {
    /// Looks up the people in the videos.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub(crate) fn new(catalog: &Catalog) -> Result<Self, StoreError> {
        Ok(Self { tables: OneVideo::beside(catalog)?, people: people(catalog, &[])? })
    }

    /// Writes the tables of a video into a folder as `<stem>.<table>.csv`, and the angles of each person over time as
    /// `<stem>_person<number>_angles.csv`. Returns the written files, each with its title; empty for a video that was
    /// not analyzed.
    ///
    /// # Errors
    /// See [`ExportError`].
    pub(crate) fn write(
        &mut self,
        video_id: &str,
        stem: &str,
        folder: &Path,
    ) -> Result<Vec<(String, PathBuf)>, ExportError> {
        let people: Vec<&Person> = self.people.iter().filter(|person| person.video_id == video_id).collect();
        if people.is_empty() {
            return Ok(Vec::new());
        }
        fs::create_dir_all(folder)
            .map_err(|source| ExportError::File { path: folder.to_path_buf(), problem: source.to_string() })?;
        let catalog = self.tables.of(video_id)?;
        let video_ids = vec![video_id.to_owned()];
        let mut written = Vec::new();
        for (table, label) in TABLES_OF_VIDEOS {
            let path = folder.join(format!("{stem}.{}.csv", table.name()));
            copy(catalog, table, &video_ids, &path, CSV_OPTIONS)?;
            written.push((label.to_owned(), path));
        }
        let wanted = Export { video_ids, ..Export::of(ExportFormat::Csv, folder) };
        for person in people {
            let person = Person { stem: stem.to_owned(), ..person.clone() };
            written.push((format!("Angles of person {}", person.id), curves::write_csv(catalog, &wanted, &person)?));
        }
        Ok(written)
    }
}
