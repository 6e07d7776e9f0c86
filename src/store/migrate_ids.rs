//! Migration of datasets of an older posekit, whose ids had digits only: all parts receive the ids of the present
//! version.

use std::fs;
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use super::change::Change;
use super::error::StoreError;
use super::folders::parquet_files;
use super::ids::{is_older, lettered_run, lettered_video};
use super::layout::{Layout, Table};
use super::part::{PartLabel, write_part};
use super::read::{FrameMark, read_batches, read_frames, read_label, read_run};
use super::rows::CameraRow;
use super::schema::{camera_columns, run_columns, schema};
use crate::artifacts::files::remove_folder;

/// Gives the parts of all runs ids with letters. A run with a damaged part keeps its ids. Returns the number of changed
/// runs, and the errors of the others. The caller holds the dataset's lock and rebuilds the catalog afterwards.
///
/// # Errors
/// A part cannot be written.
pub(crate) fn migrate_ids(layout: &Layout) -> Result<(usize, Vec<StoreError>), StoreError> {
    let (mut n_changed, mut damaged) = (0, Vec::new());
    for (video_id, run_id) in older_runs(layout) {
        match migrate_run(layout, &video_id, &run_id) {
            Ok(()) => n_changed += 1,
            Err(error @ (StoreError::Damaged { .. } | StoreError::Parquet { action: "read", .. })) => {
                damaged.push(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((n_changed, damaged))
}

fn older_runs(layout: &Layout) -> Vec<(String, String)> {
    let records = parquet_files(&layout.table(Table::Runs));
    let ids = records.iter().filter_map(|path| {
        let run = folder_id(path.parent()?, "run_id=")?;
        let video = folder_id(path.parent()?.parent()?, "video_id=")?;
        (is_older(&video) || is_older(&run)).then_some((video, run))
    });
    ids.collect()
}

/// Writes `camera_motion` for a run that was made before there was this table: nothing is known.
fn add_camera_motion(layout: &Layout, into: &Layout, old: [&str; 2], new: [&str; 2]) -> Result<(), StoreError> {
    for path in parquet_files(&layout.run(Table::Frames, old[0], old[1])) {
        let label = read_label(&path, Table::Frames)?;
        let label = PartLabel { video_id: new[0].to_owned(), run_id: new[1].to_owned(), ..label };
        let unknown = |FrameMark { frame_idx, time_s, .. }| CameraRow { frame_idx, time_s, seen: None };
        let rows = read_frames(&path)?.into_iter().map(unknown);
        let table = Table::CameraMotion;
        let columns = camera_columns(&rows.collect::<Vec<_>>());
        let columns = columns.map_err(|source| StoreError::Columns { table: table.name(), source })?;
        write_part(&into.part(table, new[0], new[1], label.part), table, &label, &columns)?;
    }
    Ok(())
}

fn folder_id(folder: &Path, prefix: &str) -> Option<String> {
    folder.file_name()?.to_str()?.strip_prefix(prefix).map(str::to_owned)
}

fn migrate_run(layout: &Layout, video_id: &str, run_id: &str) -> Result<(), StoreError> {
    let (new_video_id, new_run_id) = (lettered_video(video_id), lettered_run(run_id));
    let change = Change::begin(layout, &format!("ids-{new_run_id}"))?;
    for table in Table::of_runs() {
        for path in parquet_files(&layout.run(table, video_id, run_id)) {
            let label = read_label(&path, table)?;
            let label = PartLabel { video_id: new_video_id.clone(), run_id: new_run_id.clone(), ..label };
            let target = change.staged().part(table, &new_video_id, &new_run_id, label.part);
            let columns = |source| StoreError::Columns { table: table.name(), source };
            let rows = if table == Table::Runs {
                let (mut video, mut run) = read_run(&path)?;
                video.video_id.clone_from(&new_video_id);
                run.video_id.clone_from(&new_video_id);
                run.run_id.clone_from(&new_run_id);
                run_columns(&video, &run).map_err(columns)?
            } else {
                let batches = read_batches(&path)?;
                let schema = batches.first().map_or_else(|| schema(table), RecordBatch::schema);
                concat_batches(&schema, &batches).map_err(columns)?
            };
            write_part(&target, table, &label, &rows)?;
        }
    }
    add_camera_motion(layout, change.staged(), [video_id, run_id], [&new_video_id, &new_run_id])?;
    change.commit()?;
    // The record is removed first. Without it the remaining parts are not a run.
    for table in [Table::Runs].into_iter().chain(Table::of_runs()) {
        let folder = layout.run(table, video_id, run_id);
        remove_folder(&folder)?;
        // The video's folder is removed too if it has no other run. A folder that is not empty stays.
        let _ = folder.parent().map(fs::remove_dir);
    }
    Ok(())
}
