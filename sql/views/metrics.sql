-- view:   metrics
-- what:   every measured metric, one number per row
-- grain:  video_id, person_id, metric, side
-- values: low and high are the ends of the 95 % interval of value (computed as described in docs/METRICS.md); n is the
--         number of observations; side is left, right, both or none; time_s is the time if the value belongs to a
--         moment; scale is the method by which meters were computed; note contains warnings
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW metrics AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id),
    concat_ws('/', 'metrics', parts.video_id, parts.person_id, parts.metric, parts.side) AS result_key
FROM read_parquet('metrics/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
