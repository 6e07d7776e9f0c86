-- view:   stability
-- what:   the spread of every metric over variants of the video: the same video with altered pictures, extracted and
--         analyzed again
-- grain:  video_id, person_id, metric, side
-- values: value is that of metrics; n_variants is the number of variants and n_found the number of those in which the
--         metric has a value; mean, standard_deviation, lowest and highest are those of these values, in unit; n_agree is
--         the number of variants whose value agrees with the original within both intervals; result_key is that of
--         metrics
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze --stability N`

CREATE OR REPLACE VIEW stability AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id),
    concat_ws('/', 'metrics', parts.video_id, parts.person_id, parts.metric, parts.side) AS result_key
FROM read_parquet('stability/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
