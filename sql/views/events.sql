-- view:   events
-- what:   moments of a movement
-- grain:  video_id, person_id, kind, side, frame_idx
-- values: kind is contact, toe_off (gait), take_off, landing (jumps) or a kind that a sport pack adds; side is left,
--         right or both; time_s may lie between frames; method is the method of detection; confidence 0..1
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW events AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id),
    concat_ws('/', 'events', parts.video_id, parts.person_id, parts.kind, parts.side, parts.frame_idx) AS result_key
FROM read_parquet('events/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
