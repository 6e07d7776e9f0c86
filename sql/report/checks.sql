-- query:  checks
-- what:   findings about the quality of a video's data
-- grain:  check_name, person_id, frame_idx
-- units:  seconds from the first frame
-- values: severity is error, warning or info; person_id and time_s are NULL if a finding is about the whole video
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    check_name::VARCHAR AS check_name,
    severity::VARCHAR AS severity,
    person_id::INTEGER AS person_id,
    time_s,
    problem
FROM checks
WHERE video_id = getvariable('video_id')
ORDER BY time_s NULLS FIRST, person_id NULLS FIRST, check_name, problem
