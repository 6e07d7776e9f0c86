//! Reading the motion of the camera back.

use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float32Type, Int32Type};

use super::error::StoreError;
use super::layout::Table;
use super::read::{column, natural, read_batches, wrong_columns};
use crate::pose::camera::motion::CameraMotion;

/// The camera in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraMark {
    /// The frame.
    pub frame_idx: u32,
    /// The motion from the frame before; `None` if it is not known.
    pub motion: Option<CameraMotion>,
    /// Whether the frame is the first of another scene. An earlier version did not look.
    pub is_cut: bool,
}

/// Reads a part of `camera_motion`.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_camera(path: &Path) -> Result<Vec<CameraMark>, StoreError> {
    let mut marks = Vec::new();
    for batch in read_batches(path)? {
        collect(&batch, &mut marks).map_err(wrong_columns(path, Table::CameraMotion))?;
    }
    Ok(marks)
}

fn collect(batch: &RecordBatch, marks: &mut Vec<CameraMark>) -> Result<(), String> {
    let frames = column::<Int32Type>(batch, "frame_idx")?;
    let values = ["shift_x_px", "shift_y_px", "zoom", "roll_deg"].map(|name| column::<Float32Type>(batch, name));
    let [x_px, y_px, zoom, roll_deg] = values;
    let (x_px, y_px, zoom, roll_deg) = (x_px?, y_px?, zoom?, roll_deg?);
    let cuts = batch.column_by_name("is_cut").and_then(|column| column.as_boolean_opt());
    for row in 0..batch.num_rows() {
        let is_known = [&x_px, &y_px, &zoom, &roll_deg].iter().all(|values| values.is_valid(row));
        let motion = is_known.then(|| CameraMotion {
            shift_px: [f64::from(x_px.value(row)), f64::from(y_px.value(row))],
            zoom: f64::from(zoom.value(row)),
            roll_rad: f64::from(roll_deg.value(row)).to_radians(),
        });
        let is_cut = cuts.is_some_and(|cuts| cuts.value(row));
        marks.push(CameraMark { frame_idx: natural(frames, row, "frame_idx")?, motion, is_cut });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::camera::CameraEstimate;
    use crate::store::part::write_part;
    use crate::store::rows::CameraRow;
    use crate::store::schema::camera_columns;
    use crate::store::segments::RunLabel;

    #[test]
    fn what_was_written_is_read_and_what_is_not_known_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part-00000.parquet");
        let label = RunLabel { video_id: "v".to_owned(), run_id: "r".to_owned(), fingerprint: "f".to_owned() };
        let pan = CameraMotion { shift_px: [-4.25, 0.5], zoom: 1.0, roll_rad: 0.0 };
        let mark = |frame_idx, motion, is_cut| CameraMark { frame_idx, motion, is_cut };
        let marks = [
            mark(0, None, false),
            mark(1, Some(CameraMotion::STILL), false),
            mark(2, Some(pan), false),
            mark(3, None, false),
            mark(4, None, true),
        ];
        let row = |&CameraMark { frame_idx, motion, is_cut }: &CameraMark| CameraRow {
            frame_idx,
            time_s: f64::from(frame_idx),
            seen: (frame_idx > 0).then_some(CameraEstimate { motion, n_patches: 48, share: 0.75, is_cut }),
        };
        let rows: Vec<CameraRow> = marks.iter().map(row).collect();
        write_part(&path, Table::CameraMotion, &label.part(0, [0, 4]), &camera_columns(&rows).unwrap()).unwrap();
        assert_eq!(read_camera(&path).unwrap(), marks);
    }
}
