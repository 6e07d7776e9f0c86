//! Queries about people: the people of a video, the edits, and the video that a name refers to.

use std::collections::HashMap;

use super::catalog::Catalog;
use super::edits;
use super::error::StoreError;
use super::status::{SmallAnswer, collect};
use crate::artifacts::stems::stems;

const PEOPLE: &str = include_str!("../../sql/tracks/people.sql");
const EDITS: &str = include_str!("../../sql/tracks/edits.sql");

/// A video and its current run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownVideo {
    /// The id of the video.
    pub(crate) video_id: String,
    /// The file name of the video.
    pub(crate) name: String,
    /// The run; `None` if there are no tables.
    pub(crate) run_id: Option<String>,
}

/// Returns all videos, by name.
///
/// # Errors
/// The catalog cannot be read.
pub(crate) fn shown_videos(catalog: &Catalog) -> Result<Vec<ShownVideo>, StoreError> {
    let read = || -> Result<Vec<ShownVideo>, duckdb::Error> {
        let sql = "SELECT video_id, name, current_run_id FROM videos ORDER BY name, video_id";
        let mut statement = catalog.connection().prepare(sql)?;
        let rows = statement
            .query_map([], |row| Ok(ShownVideo { video_id: row.get(0)?, name: row.get(1)?, run_id: row.get(2)? }))?;
        rows.collect()
    };
    read().map_err(|error| catalog.failed(&error))
}

/// Returns the beginning of the names of all files made from each video, by the video's id. It considers all videos of
/// the dataset. So a name depends neither on which videos are asked for nor on the contents of the others.
///
/// # Errors
/// The catalog cannot be read.
pub(crate) fn stems_by_id(catalog: &Catalog) -> Result<HashMap<String, String>, StoreError> {
    let videos = shown_videos(catalog)?;
    let stems = stems(videos.iter().map(|video| (video.video_id.as_str(), video.name.as_str())));
    Ok(videos.into_iter().map(|video| video.video_id).zip(stems).collect())
}

/// Returns the people of each video, or of one (`sql/tracks/people.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn people(catalog: &Catalog, video_id: Option<&str>) -> Result<SmallAnswer, StoreError> {
    of_video(catalog, video_id, PEOPLE)
}

/// Returns the edits of each video, or of one (`sql/tracks/edits.sql`).
///
/// # Errors
/// The catalog or its parts cannot be read.
pub(crate) fn edits(catalog: &Catalog, video_id: Option<&str>) -> Result<SmallAnswer, StoreError> {
    // The view also reads lines whose checksum is wrong.
    let counted = edits::counted(catalog.layout())?;
    let counted: Vec<String> = counted.iter().map(|(video_id, edit_id)| format!("{video_id}/{edit_id}")).collect();
    let set = format!("SET VARIABLE counted_edits = ['{}']", counted.join("', '"));
    catalog.execute(&set)?;
    of_video(catalog, video_id, EDITS)
}

fn of_video(catalog: &Catalog, video_id: Option<&str>, sql: &str) -> Result<SmallAnswer, StoreError> {
    let value = video_id.map_or("NULL".to_owned(), |id| format!("'{}'", id.replace('\'', "''")));
    let set = catalog.connection().execute_batch(&format!("SET VARIABLE video_id = {value}"));
    set.map_err(|error| catalog.failed(&error))?;
    collect(catalog, sql)
}
