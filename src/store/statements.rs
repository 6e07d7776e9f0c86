//! The statements that write rows of the catalog's own tables.

use std::path::Path;

use duckdb::{Connection, params};

use super::records::{RunRecord, VideoRecord};
use crate::video::footage::CaptureSource;
use crate::video::info::FileStamp;

pub(super) fn upsert_video(connection: &Connection, video: &VideoRecord) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT INTO videos (video_id, path, name) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET path = excluded.path, name = excluded.name",
        params![video.video_id, video.path, video.name],
    )?;
    describe_video(connection, video)
}

/// Updates the properties of a video to those that a run has found.
pub(super) fn describe_video(connection: &Connection, video: &VideoRecord) -> Result<(), duckdb::Error> {
    let Some(info) = &video.info else { return Ok(()) };
    connection.execute(
        "UPDATE videos SET width = ?, height = ?, rotation = ?, fps = ?, is_vfr = ?, duration_s = ?,
             n_frames = coalesce(?, n_frames, ?), codec = ?, stored_width = ?, stored_height = ?, pixel_format = ?,
             n_packets = ?, time_source = ?, has_audio = ?, slow_motion = ?, capture_source = ?, is_mirrored = ?,
             transfer = ?, field_order = ?
         WHERE video_id = ?",
        params![
            info.width,
            info.height,
            info.rotation_degrees,
            info.fps,
            info.is_vfr,
            info.duration_s,
            video.n_decoded,
            info.n_expected_frames(),
            info.codec,
            info.stored_width,
            info.stored_height,
            info.pixel_format,
            info.n_packets,
            info.time_source.name(),
            info.has_audio,
            info.reading.slow_motion,
            info.capture_source.map(CaptureSource::name),
            info.reading.is_mirrored,
            info.transfer,
            info.field_order.name(),
            video.video_id,
        ],
    )?;
    Ok(())
}

pub(super) fn upsert_file(
    connection: &Connection,
    path: &str,
    stamp: &FileStamp,
    video_id: &str,
) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT INTO files VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET video_id = excluded.video_id, size_bytes = excluded.size_bytes,
             modified_ns = excluded.modified_ns",
        params![path, video_id, stamp.size_bytes, stamp.modified_ns],
    )?;
    Ok(())
}

/// Updates the path of a video, which is where its file was last seen: `path` replaces the path of a file that is gone.
pub(super) fn follow_file(connection: &Connection, path: &str, video_id: &str) -> Result<(), duckdb::Error> {
    let known = connection.query_row("SELECT max(path) FROM videos WHERE video_id = ?", [video_id], |row| {
        row.get::<_, Option<String>>(0)
    })?;
    if known.is_some_and(|known| !Path::new(&known).exists()) {
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        connection.execute(
            "UPDATE videos SET path = ?, name = ? WHERE video_id = ?",
            params![path, name.as_ref(), video_id],
        )?;
    }
    Ok(())
}

pub(super) fn insert_run(connection: &Connection, run: &RunRecord) -> Result<(), duckdb::Error> {
    connection.execute(
        "INSERT OR REPLACE INTO runs
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, make_timestamp(?), make_timestamp(?), ?, ?, ?, ?, ?, ?, ?)",
        params![
            run.run_id,
            run.video_id,
            run.fingerprint,
            run.network,
            run.network_sha256,
            run.settings,
            run.status.name(),
            run.reason,
            (run.started_at_s * 1e6) as i64,
            (run.finished_at_s * 1e6) as i64,
            run.n_frames,
            run.n_found,
            run.n_failed,
            run.n_missing,
            run.finished_at_s - run.started_at_s,
            run.peak_rss_bytes,
            run.lowest_budget_bytes,
        ],
    )?;
    Ok(())
}

pub(super) fn set_current(connection: &Connection, video_id: &str, run_id: &str) -> Result<(), duckdb::Error> {
    connection.execute("UPDATE videos SET current_run_id = ? WHERE video_id = ?", params![run_id, video_id])?;
    Ok(())
}
