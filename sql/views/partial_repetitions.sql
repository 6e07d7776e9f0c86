-- view:   partial_repetitions
-- what:   repetitions that are not counted: they are only partly in the video, or less deep than asked for
-- grain:  video_id, person_id, repetition
-- values: partial is cut (the way from or to rest is outside the video; start or end is the end of the video) or shallow
--         (less deep than --min_depth); repetition counts on from those of repetitions; signal is the name of the
--         repeating signal; first_, turn_ and last_ are the start, turn and end of the repetition; depth is the
--         distance from start to turn, extreme the value at the turn, both in unit; outward_s is the time from start to
--         turn, return_s the time from turn to end; n_partial is the number of these rows
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW partial_repetitions AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id),
    concat_ws('/', 'partial_repetitions', parts.video_id, parts.person_id, parts.repetition) AS result_key
FROM read_parquet('repetitions/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id
WHERE parts.partial IS NOT NULL;
