//! What the user has set right about who is who. Edits belong to a video and outlive its runs, so they point into the
//! picture, not at ids: an anchor is where somebody's hips were in a frame.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float32Array, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow::array::{PrimitiveArray, TimestampMicrosecondArray};
use arrow::datatypes::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::error::StoreError;
use super::files::remove_file;
use super::layout::{Layout, Table};
use super::part::{PartLabel, write_part};
use super::read::{column, natural, optional_text_column, read_batches, text_column, wrong_columns};
use super::schema::{STEP_PX, names, numbers, rounded, schema, times};

/// Somebody in the picture: the middle of the hips in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anchor {
    /// The frame.
    pub frame_idx: u32,
    /// Its time, seconds.
    pub time_s: f64,
    /// Where, pixels of the displayed picture.
    pub hips_px: [f32; 2],
}

/// What an edit says.
#[derive(Debug, Clone, PartialEq)]
pub enum EditKind {
    /// Two are one person.
    Merge(Anchor, Anchor),
    /// From the anchor's frame on it is another person than before.
    Split(Anchor),
    /// The person's name.
    Name(Anchor, String),
}

impl EditKind {
    /// The name in the tables.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Merge(..) => "merge",
            Self::Split(_) => "split",
            Self::Name(..) => "name",
        }
    }

    /// Where it points to.
    #[must_use]
    pub fn anchors(&self) -> Vec<Anchor> {
        match self {
            Self::Merge(one, other) => vec![*one, *other],
            Self::Split(anchor) | Self::Name(anchor, _) => vec![*anchor],
        }
    }
}

/// An edit.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRow {
    /// Its number in the video, from 1.
    pub edit_id: u32,
    /// What it says.
    pub kind: EditKind,
    /// When it was made, microseconds since 1970.
    pub created_at_us: i64,
}

/// The edits of a video, oldest first; none where there is no file.
///
/// # Errors
/// The file cannot be read, or holds something else.
pub fn read_edits(layout: &Layout, video_id: &str) -> Result<Vec<EditRow>, StoreError> {
    let path = layout.edits(video_id);
    if path.exists() { read_edit_file(&path) } else { Ok(Vec::new()) }
}

/// Reads a file of edits.
///
/// # Errors
/// The file cannot be read, or holds something else.
pub(super) fn read_edit_file(path: &Path) -> Result<Vec<EditRow>, StoreError> {
    let mut edits = Vec::new();
    for batch in read_batches(path)? {
        collect_edits(&batch, &mut edits).map_err(wrong_columns(path, Table::Edits))?;
    }
    Ok(edits)
}

/// Replaces the edits of a video, at once or not at all.
///
/// # Errors
/// The file cannot be written or removed.
pub fn write_edits(layout: &Layout, video_id: &str, edits: &[EditRow]) -> Result<(), StoreError> {
    let path = layout.edits(video_id);
    if edits.is_empty() {
        return remove_file(&path);
    }
    let columns = edit_columns(edits).map_err(|source| StoreError::Columns { table: Table::Edits.name(), source })?;
    let frames = edits.iter().flat_map(|edit| edit.kind.anchors()).map(|anchor| anchor.frame_idx);
    let frames = [frames.clone().min().unwrap_or_default(), frames.max().unwrap_or_default()];
    let (video_id, run_id, fingerprint) = (video_id.to_owned(), String::new(), String::new());
    write_part(
        &path,
        Table::Edits,
        &PartLabel { video_id, run_id, fingerprint, part: 0, frames, is_as_indexed: true },
        &columns,
    )
}

fn edit_columns(edits: &[EditRow]) -> Result<RecordBatch, ArrowError> {
    let first = |edit: &EditRow| match &edit.kind {
        EditKind::Merge(anchor, _) | EditKind::Split(anchor) | EditKind::Name(anchor, _) => *anchor,
    };
    let second = |edit: &EditRow| match &edit.kind {
        EditKind::Merge(_, anchor) => Some(*anchor),
        EditKind::Split(_) | EditKind::Name(..) => None,
    };
    let name = |edit: &EditRow| match &edit.kind {
        EditKind::Name(_, name) => Some(name.clone()),
        EditKind::Merge(..) | EditKind::Split(_) => None,
    };
    let x = |anchor: Anchor| rounded(anchor.hips_px[0], STEP_PX);
    let y = |anchor: Anchor| rounded(anchor.hips_px[1], STEP_PX);
    let times_us = edits.iter().map(|edit| edit.created_at_us);
    let columns: Vec<ArrayRef> = vec![
        numbers(edits.iter().map(|edit| edit.edit_id)),
        names(edits.iter().map(|edit| edit.kind.name()))?,
        numbers(edits.iter().map(|edit| first(edit).frame_idx)),
        times(edits.iter().map(|edit| first(edit).time_s)),
        Arc::new(edits.iter().map(|edit| x(first(edit))).collect::<Float32Array>()),
        Arc::new(edits.iter().map(|edit| y(first(edit))).collect::<Float32Array>()),
        Arc::new(edits.iter().map(|edit| second(edit).map(|anchor| anchor.frame_idx as i32)).collect::<Int32Array>()),
        Arc::new(edits.iter().map(|edit| second(edit).map(|anchor| anchor.time_s)).collect::<Float64Array>()),
        Arc::new(edits.iter().map(|edit| second(edit).and_then(x)).collect::<Float32Array>()),
        Arc::new(edits.iter().map(|edit| second(edit).and_then(y)).collect::<Float32Array>()),
        Arc::new(edits.iter().map(name).collect::<StringArray>()),
        Arc::new(TimestampMicrosecondArray::from_iter_values(times_us)),
    ];
    RecordBatch::try_new(schema(Table::Edits), columns)
}

/// The columns of an anchor.
struct AnchorColumns<'batch> {
    frames: &'batch PrimitiveArray<Int32Type>,
    times_s: &'batch PrimitiveArray<Float64Type>,
    x_px: &'batch PrimitiveArray<Float32Type>,
    y_px: &'batch PrimitiveArray<Float32Type>,
}

impl<'batch> AnchorColumns<'batch> {
    fn new(batch: &'batch RecordBatch, prefix: &str) -> Result<Self, String> {
        fn of<'batch, T: ArrowPrimitiveType>(
            batch: &'batch RecordBatch,
            prefix: &str,
            name: &str,
        ) -> Result<&'batch PrimitiveArray<T>, String> {
            column::<T>(batch, &format!("{prefix}{name}"))
        }
        Ok(Self {
            frames: of(batch, prefix, "frame_idx")?,
            times_s: of(batch, prefix, "time_s")?,
            x_px: of(batch, prefix, "x_px")?,
            y_px: of(batch, prefix, "y_px")?,
        })
    }

    fn anchor(&self, row: usize) -> Result<Anchor, String> {
        if self.frames.is_null(row) {
            return Err("an anchor is missing".to_owned());
        }
        Ok(Anchor {
            frame_idx: natural(self.frames, row, "frame_idx")?,
            time_s: self.times_s.value(row),
            hips_px: [self.x_px.value(row), self.y_px.value(row)],
        })
    }
}

fn collect_edits(batch: &RecordBatch, edits: &mut Vec<EditRow>) -> Result<(), String> {
    let ids = column::<Int32Type>(batch, "edit_id")?;
    let (kinds, names) = (text_column(batch, "kind")?, optional_text_column(batch, "name")?);
    let (first, second) = (AnchorColumns::new(batch, "")?, AnchorColumns::new(batch, "other_")?);
    let created = column::<TimestampMicrosecondType>(batch, "created_at")?;
    for row in 0..batch.num_rows() {
        let anchor = first.anchor(row)?;
        let kind = match (kinds[row].as_str(), &names[row]) {
            ("merge", _) => EditKind::Merge(anchor, second.anchor(row)?),
            ("split", _) => EditKind::Split(anchor),
            ("name", Some(name)) => EditKind::Name(anchor, name.clone()),
            (kind, _) => return Err(format!("{kind} is no edit")),
        };
        edits.push(EditRow { edit_id: natural(ids, row, "edit_id")?, kind, created_at_us: created.value(row) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_come_back_as_they_were_written_until_there_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert_eq!(read_edits(&layout, "v").unwrap(), []);
        let anchor = |frame_idx, x_px| Anchor { frame_idx, time_s: 0.5, hips_px: [x_px, 20.25] };
        let edit = |edit_id, kind| EditRow { edit_id, kind, created_at_us: 1_700_000_000_123_456 };
        let edits = [
            edit(1, EditKind::Merge(anchor(3, 1.5), anchor(900, 7.0))),
            edit(2, EditKind::Split(anchor(40, -2.0))),
            edit(5, EditKind::Name(anchor(7, 0.0), "Åsa".to_owned())),
        ];
        write_edits(&layout, "v", &edits).unwrap();
        assert_eq!(read_edits(&layout, "v").unwrap(), edits);
        write_edits(&layout, "v", &[]).unwrap();
        assert!(!layout.edits("v").exists());
    }
}
