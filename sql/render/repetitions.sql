-- query:  repetitions
-- what:   the repetitions of a video, for a counter
-- grain:  person_id, repetition
-- units:  seconds from the first frame
-- run:    in any DuckDB client, on the catalog of one video

SELECT person_id, repetition, exercise::VARCHAR AS exercise, first_time_s, turn_time_s, last_time_s,
    first_frame_idx, turn_frame_idx, last_frame_idx
FROM repetitions
ORDER BY first_time_s, person_id, repetition
