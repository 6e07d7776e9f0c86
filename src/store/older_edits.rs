//! Import of an older posekit's edits into the journal. They were kept in Parquet
//! (`DATASET/edits/video_id=V/part-00000.parquet`).

use std::path::Path;

use duckdb::Connection;

use super::connection::message;
use super::edits::{Anchor, EditChange, EditJournal, EditKind, EditRow, read_edits};
use super::error::StoreError;
use super::folders::parquet_files;
use super::layout::Layout;

const FOLDER: &str = "edits";

/// Imports the edits of an older posekit into the journal, once. A damaged file is left in place and reported. The
/// caller holds the dataset's lock.
///
/// # Errors
/// The journal cannot be written.
pub(super) fn import(layout: &Layout) -> Result<(), StoreError> {
    let files = parquet_files(&layout.root().join(FOLDER));
    if files.is_empty() {
        return Ok(());
    }
    let connection = Connection::open_in_memory().map_err(|error| StoreError::Engine { message: message(&error) })?;
    for path in &files {
        let video_id = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
        let Some(video_id) = video_id.strip_prefix("video_id=") else { continue };
        match read(&connection, path) {
            Ok(edits) => bring_in(layout, video_id, &edits)?,
            Err(error) => {
                tracing::warn!("the edits in {} cannot be read: {}", path.display(), message(&error));
                continue;
            }
        }
        let done = path.with_extension("imported");
        std::fs::rename(path, &done).map_err(StoreError::io("rename", path))?;
    }
    Ok(())
}

fn bring_in(layout: &Layout, video_id: &str, edits: &[EditRow]) -> Result<(), StoreError> {
    // A video with edits in the journal was imported before, or edited by this posekit.
    if read_edits(layout, video_id)?.last_id > 0 {
        return Ok(());
    }
    let journal = EditJournal::open(layout)?;
    edits.iter().try_for_each(|edit| journal.note(&EditChange::add(video_id, edit, "imported")))?;
    journal.note_said(video_id, edits.last().map_or(0, |edit| edit.created_at_us))
}

fn read(connection: &Connection, path: &Path) -> Result<Vec<EditRow>, duckdb::Error> {
    let mut statement = connection.prepare(
        "SELECT edit_id, kind, frame_idx, time_s, x_px, y_px, other_frame_idx, other_time_s, other_x_px, other_y_px, name,
             epoch_us(created_at) FROM read_parquet(?) ORDER BY edit_id",
    )?;
    let row = |row: &duckdb::Row<'_>| {
        let anchor = |first: usize| -> Result<Anchor, duckdb::Error> {
            let hips_px = [row.get(first + 2)?, row.get(first + 3)?];
            Ok(Anchor { frame_idx: row.get(first)?, time_s: row.get(first + 1)?, hips_px })
        };
        let kind = match row.get::<_, String>(1)?.as_str() {
            "merge" => EditKind::Merge(anchor(2)?, anchor(6)?),
            "split" => EditKind::Split(anchor(2)?),
            _ => EditKind::Name(anchor(2)?, row.get(10)?),
        };
        Ok(EditRow { edit_id: row.get(0)?, kind, created_at_us: row.get(11)? })
    };
    statement.query_map([path.display().to_string()], row)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_edits_come_into_the_journal_once() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let place = folder.path().join("edits/video_id=v");
        std::fs::create_dir_all(&place).unwrap();
        let connection = Connection::open_in_memory().unwrap();
        let write = |name: &str, values: &str| {
            let path = place.join(name);
            connection
                .execute_batch(&format!(
                    "COPY (SELECT * FROM (VALUES {values}) AS t(edit_id, kind, frame_idx, time_s, x_px, y_px, other_frame_idx,
                     other_time_s, other_x_px, other_y_px, name, created_at)) TO '{}' (FORMAT parquet)",
                    path.display()
                ))
                .unwrap();
        };
        write(
            "part-00000.parquet",
            "(1, 'merge', 3, 0.5, 1.5::FLOAT, 2::FLOAT, 9, 1.5, 4::FLOAT, 5::FLOAT, NULL, TIMESTAMP '2026-01-02 03:04:05'),
             (4, 'name', 7, 0.25, 1::FLOAT, 2::FLOAT, NULL, NULL, NULL, NULL, 'Åsa', TIMESTAMP '2026-01-02 03:04:06')",
        );
        import(&layout).unwrap();
        let found = read_edits(&layout, "v").unwrap();
        let anchor = |frame_idx, time_s, hips_px| Anchor { frame_idx, time_s, hips_px };
        let kinds: Vec<EditKind> = found.rows.iter().map(|row| row.kind.clone()).collect();
        let merge = EditKind::Merge(anchor(3, 0.5, [1.5, 2.0]), anchor(9, 1.5, [4.0, 5.0]));
        assert_eq!(kinds, [merge, EditKind::Name(anchor(7, 0.25, [1.0, 2.0]), "Åsa".to_owned())]);
        assert_eq!((found.last_id, found.unsaid.is_none()), (4, true));
        import(&layout).unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap(), found);
        std::fs::write(place.join("part-00001.parquet"), "no parquet").unwrap();
        import(&layout).unwrap();
        assert!(place.join("part-00001.parquet").exists());
    }
}
