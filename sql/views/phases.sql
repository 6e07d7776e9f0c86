-- view:   phases
-- what:   phases of a movement, as the sport pack defines them
-- grain:  video_id, person_id, attempt, phase
-- values: frames and seconds of the first and the last frame; attempt counts from 1
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW phases AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id),
    concat_ws('/', 'phases', parts.video_id, parts.person_id, parts.attempt, parts.phase) AS result_key
FROM read_parquet('phases/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
