//! Reading the motion of the camera back.

use std::path::Path;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{Float32Type, Int32Type};

use super::error::StoreError;
use super::layout::Table;
use super::read::{column, natural, read_batches, wrong_columns};
use crate::pose::camera::motion::CameraMotion;

/// Reads a part of `camera_motion`: the motion to each frame, or `None` if it is not known.
///
/// # Errors
/// The file cannot be read, or is not such a part.
pub fn read_camera_motions(path: &Path) -> Result<Vec<(u32, Option<CameraMotion>)>, StoreError> {
    let mut motions = Vec::new();
    for batch in read_batches(path)? {
        collect(&batch, &mut motions).map_err(wrong_columns(path, Table::CameraMotion))?;
    }
    Ok(motions)
}

fn collect(batch: &RecordBatch, motions: &mut Vec<(u32, Option<CameraMotion>)>) -> Result<(), String> {
    let frames = column::<Int32Type>(batch, "frame_idx")?;
    let values = ["shift_x_px", "shift_y_px", "zoom", "roll_deg"].map(|name| column::<Float32Type>(batch, name));
    let [x_px, y_px, zoom, roll_deg] = values;
    let (x_px, y_px, zoom, roll_deg) = (x_px?, y_px?, zoom?, roll_deg?);
    for row in 0..batch.num_rows() {
        let is_known = [&x_px, &y_px, &zoom, &roll_deg].iter().all(|values| values.is_valid(row));
        let motion = is_known.then(|| CameraMotion {
            shift_px: [f64::from(x_px.value(row)), f64::from(y_px.value(row))],
            zoom: f64::from(zoom.value(row)),
            roll_rad: f64::from(roll_deg.value(row)).to_radians(),
        });
        motions.push((natural(frames, row, "frame_idx")?, motion));
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
        let seen = |motion| Some(CameraEstimate { motion, n_patches: 48, share: 0.75 });
        let motions = [None, Some(CameraMotion::STILL), Some(pan), None];
        let row = |(index, motion): (usize, &Option<CameraMotion>)| CameraRow {
            frame_idx: index as u32,
            time_s: index as f64,
            seen: if index == 0 { None } else { seen(*motion) },
        };
        let rows: Vec<CameraRow> = motions.iter().enumerate().map(row).collect();
        write_part(&path, Table::CameraMotion, &label.part(0, [0, 3]), &camera_columns(&rows).unwrap()).unwrap();
        let found = read_camera_motions(&path).unwrap();
        assert_eq!(found, (0..4).zip(motions).collect::<Vec<_>>());
    }
}
