//! Exports single videos, one after another: tables as CSV files for the readers of a report, and pose files.

use std::fs;
use std::path::{Path, PathBuf};

use super::one_video::OneVideo;
use super::tables::{CSV_OPTIONS, TABLES_OF_VIDEOS, copy};
use super::{Export, ExportError, ExportFormat, Person, curves, people, poses};
use crate::artifacts::made;
use crate::store::{Catalog, StoreError};

/// Writes files of videos, one video after another.
pub(crate) struct VideoFiles {
    tables: OneVideo,
    /// The people with poses, of all videos.
    people: Vec<Person>,
}

impl VideoFiles {
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
    pub(crate) fn write_tables(
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

    /// Writes the pose file of one video, `<name>.pose.json`, unless it is up to date; `key` identifies everything that
    /// it is made from. Returns the path if the file was written.
    ///
    /// # Errors
    /// See [`ExportError`].
    pub(crate) fn write_poses(
        &mut self,
        video_id: &str,
        folder: &Path,
        key: &str,
    ) -> Result<Option<PathBuf>, ExportError> {
        let Some(video) = self.people.iter().find(|person| person.video_id == video_id) else { return Ok(None) };
        let path = folder.join(poses::file_name(video));
        if made::is_current(&path, key) {
            return Ok(None);
        }
        let wanted = Export::of(ExportFormat::Json, folder);
        let path = poses::write_json(self.tables.of(video_id)?, &wanted, video)?;
        made::note(&path, key)?;
        Ok(Some(path))
    }
}
