-- query:  repetitions
-- what:   the repetitions of a video, for shading
-- grain:  person_id, repetition
-- units:  seconds from the first frame
-- values: exercise is unnamed if it is not known
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    repetition::INTEGER AS repetition,
    exercise::VARCHAR AS exercise,
    first_time_s,
    turn_time_s,
    last_time_s
FROM repetitions
WHERE video_id = getvariable('video_id')
ORDER BY first_time_s, person_id, repetition
