-- view:   repetitions
-- what:   repetitions of a movement that goes back and forth, without those that are only partly in the video or less
--         deep than asked for (partial_repetitions)
-- grain:  video_id, person_id, repetition
-- values: repetition counts from 1; signal is the name of the repeating signal; first_, turn_ and last_ are the start,
--         turn and end of the repetition; depth is the distance from start to turn, extreme the value at the turn,
--         both in unit; outward_s is the time from start to turn, return_s the time from turn to end; n_partial is the
--         number of rows in partial_repetitions
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW repetitions AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.* EXCLUDE (video_id, run_id, partial),
    concat_ws('/', 'repetitions', parts.video_id, parts.person_id, parts.repetition) AS result_key
FROM read_parquet('repetitions/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id
WHERE parts.partial IS NULL;
