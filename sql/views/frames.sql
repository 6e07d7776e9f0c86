-- view:   frames
-- what:   every decoded frame of the current run of each video, with its status
-- grain:  video_id, frame_idx
-- units:  time_s in seconds from the first frame, as presented (never computed from a frame rate)
-- values: status is ok (a person found), no_person or failed
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW frames AS
SELECT
    parts.video_id,
    parts.run_id,
    parts.frame_idx,
    parts.time_s,
    parts.status,
    parts.n_people
FROM read_parquet('frames/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
