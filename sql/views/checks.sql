-- view:   checks
-- what:   violations of the data-quality checks in sql/quality
-- grain:  video_id, person_id, check_name, frame_idx
-- values: severity is error (do not use), warning (use with care) or info; person_id, frame_idx, time_s are NULL if
--         the check is about the whole video; problem describes the violation in words
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW checks AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('checks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
