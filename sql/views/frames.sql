-- view:   frames
-- what:   every decoded frame of the current run of each video, with its status
-- grain:  video_id, frame_idx
-- units:  time_s in seconds of the athlete from the first frame; media_time_s in seconds of the file, as a player shows
--         them: longer than time_s in slow motion
-- values: status is ok (a person found), no_person or failed; is_repeated: the picture repeats that of the frame before
--         (NULL where an earlier version extracted and did not look)
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW frames AS
SELECT
    parts.video_id,
    parts.run_id,
    parts.frame_idx,
    parts.time_s,
    parts.status,
    parts.n_people,
    parts.is_repeated,
    parts.time_s * coalesce(videos.slow_motion, 1) AS media_time_s
FROM read_parquet('frames/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
