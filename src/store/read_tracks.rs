//! Reading Parquet parts about people back: regions, tracklets, tracks.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float32Type, Float64Type, Int16Type, Int32Type};

use super::error::StoreError;
use super::layout::Table;
use super::read::{column, natural, optional_text_column, person_id, read_batches, text_column, wrong_columns};
use super::rows::{TrackRow, TrackletRow};
use crate::pose::tracklet::{APPEARANCE_BINS, Link};

/// The position and the size of a person in a frame. Pixels of the displayed picture.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Place {
    /// The center of the region.
    pub center_px: [f32; 2],
    /// The person's size, by which smoothing measures speed.
    pub object_scale_px: f32,
}

/// The person of each tracklet, frame by frame.
pub struct TrackOwners {
    by_track: BTreeMap<u32, Vec<TrackRow>>,
}

impl TrackOwners {
    /// Makes the lookup from the rows of `tracks`.
    #[must_use]
    pub fn new(tracks: Vec<TrackRow>) -> Self {
        let mut by_track: BTreeMap<u32, Vec<TrackRow>> = BTreeMap::new();
        for track in tracks {
            by_track.entry(track.track_id).or_default().push(track);
        }
        Self { by_track }
    }

    /// Returns the person of a tracklet in a frame; `None` if the tracks do not contain it.
    #[must_use]
    pub fn person(&self, track_id: u32, frame_idx: u32) -> Option<u16> {
        let pieces = self.by_track.get(&track_id)?;
        let piece = pieces.iter().find(|piece| (piece.frames[0]..=piece.frames[1]).contains(&frame_idx))?;
        Some(piece.person_id)
    }
}

/// Returns the error that the tracks do not contain a tracklet.
#[must_use]
pub fn no_person(tracks: &Path, track_id: u32, frame_idx: u32) -> StoreError {
    StoreError::WrongColumns {
        path: tracks.to_path_buf(),
        table: Table::Tracks.name(),
        problem: format!("tracklet {track_id} has no person in frame {frame_idx}"),
    }
}

/// Reads the positions and sizes in a part of `regions`, by frame and track id.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_places(path: &Path) -> Result<HashMap<(u32, u32), Place>, StoreError> {
    let mut places = HashMap::new();
    for batch in read_batches(path)? {
        collect_places(&batch, &mut places).map_err(wrong_columns(path, Table::Regions))?;
    }
    Ok(places)
}

/// Reads a part of `tracklets`.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_tracklets(path: &Path) -> Result<Vec<TrackletRow>, StoreError> {
    let mut rows = Vec::new();
    for batch in read_batches(path)? {
        collect_tracklets(&batch, &mut rows).map_err(wrong_columns(path, Table::Tracklets))?;
    }
    Ok(rows)
}

/// Reads a part of `tracks`.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_tracks(path: &Path) -> Result<Vec<TrackRow>, StoreError> {
    let mut rows = Vec::new();
    for batch in read_batches(path)? {
        collect_tracks(&batch, &mut rows).map_err(wrong_columns(path, Table::Tracks))?;
    }
    Ok(rows)
}

fn collect_places(batch: &RecordBatch, places: &mut HashMap<(u32, u32), Place>) -> Result<(), String> {
    let frames = column::<Int32Type>(batch, "frame_idx")?;
    let tracks = column::<Int32Type>(batch, "track_id")?;
    let x = column::<Float32Type>(batch, "center_x_px")?;
    let y = column::<Float32Type>(batch, "center_y_px")?;
    let scales = column::<Float32Type>(batch, "object_scale_px")?;
    for row in 0..batch.num_rows() {
        let key = (natural(frames, row, "frame_idx")?, natural(tracks, row, "track_id")?);
        let place = Place { center_px: [x.value(row), y.value(row)], object_scale_px: scales.value(row) };
        places.insert(key, place);
    }
    Ok(())
}

fn collect_tracklets(batch: &RecordBatch, rows: &mut Vec<TrackletRow>) -> Result<(), String> {
    let numbers = ["track_id", "first_frame_idx", "last_frame_idx", "n_frames", "n_detections"];
    let [ids, firsts, lasts, counts, detections] = numbers.map(|name| column::<Int32Type>(batch, name));
    let (ids, firsts, lasts, counts, detections) = (ids?, firsts?, lasts?, counts?, detections?);
    let starts_s = column::<Float64Type>(batch, "first_time_s")?;
    let ends_s = column::<Float64Type>(batch, "last_time_s")?;
    let scores = column::<Float32Type>(batch, "score")?;
    let appearances = batch.column_by_name("appearance").and_then(|column| column.as_list_opt::<i32>());
    let appearances = appearances.ok_or("list column appearance not found")?;
    for row in 0..batch.num_rows() {
        let values = appearances.is_valid(row).then(|| appearances.value(row));
        let appearance = values.map(|values| {
            let values = values.as_primitive_opt::<Float32Type>().map(|values| values.values().to_vec());
            let values: Option<[f32; APPEARANCE_BINS]> = values.and_then(|values| values.try_into().ok());
            values.ok_or_else(|| format!("an appearance does not have {APPEARANCE_BINS} numbers"))
        });
        rows.push(TrackletRow {
            track_id: natural(ids, row, "track_id")?,
            frames: [natural(firsts, row, "first_frame_idx")?, natural(lasts, row, "last_frame_idx")?],
            times_s: [starts_s.value(row), ends_s.value(row)],
            n_frames: natural(counts, row, "n_frames")?,
            n_detections: natural(detections, row, "n_detections")?,
            score: scores.value(row),
            appearance: appearance.transpose()?,
        });
    }
    Ok(())
}

fn collect_tracks(batch: &RecordBatch, rows: &mut Vec<TrackRow>) -> Result<(), String> {
    let numbers = ["track_id", "first_frame_idx", "last_frame_idx"];
    let [ids, firsts, lasts] = numbers.map(|name| column::<Int32Type>(batch, name));
    let (ids, firsts, lasts) = (ids?, firsts?, lasts?);
    let people = column::<Int16Type>(batch, "person_id")?;
    let (names, links) = (optional_text_column(batch, "name")?, text_column(batch, "link")?);
    let costs = column::<Float32Type>(batch, "cost")?;
    for row in 0..batch.num_rows() {
        let link = Link::ALL.into_iter().find(|link| link.name() == links[row]);
        rows.push(TrackRow {
            track_id: natural(ids, row, "track_id")?,
            frames: [natural(firsts, row, "first_frame_idx")?, natural(lasts, row, "last_frame_idx")?],
            person_id: person_id(people.value(row))?,
            name: names[row].clone(),
            link: link.ok_or_else(|| format!("unknown link {}", links[row]))?,
            cost: costs.is_valid(row).then(|| costs.value(row)),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::part::{PartLabel, write_part};
    use crate::store::track_columns::{track_columns, tracklet_columns};

    fn label() -> PartLabel {
        let text = str::to_owned;
        PartLabel {
            video_id: text("v"),
            run_id: text("r"),
            fingerprint: text("f"),
            part: 0,
            frames: [0, 9],
            is_as_indexed: true,
        }
    }

    #[test]
    fn tracklets_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-00000.parquet");
        let row = |track_id, appearance| TrackletRow {
            track_id,
            frames: [3, 9],
            times_s: [0.1, 0.3],
            n_frames: 7,
            n_detections: 2,
            score: 0.5,
            appearance,
        };
        let rows = [row(0, None), row(10_002, Some(std::array::from_fn(|bin| bin as f32 / 1024.0)))];
        write_part(&path, Table::Tracklets, &label(), &tracklet_columns(&rows).unwrap()).unwrap();
        assert_eq!(read_tracklets(&path).unwrap(), rows);
        assert!(read_tracks(&path).is_err(), "of another table");
    }

    #[test]
    fn tracks_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-00000.parquet");
        let row = |person_id, link, name: Option<&str>| TrackRow {
            track_id: 10_001,
            frames: [0, 4],
            person_id,
            name: name.map(str::to_owned),
            link,
            cost: (link == Link::Gap).then_some(0.25),
        };
        let rows = [row(0, Link::New, Some("Åsa \"the cat\"")), row(1, Link::Gap, None), row(2, Link::Edit, None)];
        write_part(&path, Table::Tracks, &label(), &track_columns(&rows).unwrap()).unwrap();
        assert_eq!(read_tracks(&path).unwrap(), rows);
    }
}
