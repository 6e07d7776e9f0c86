-- query:  phases
-- what:   the phases of a video's movement, as its sport pack defines them
-- grain:  person_id, attempt, phase
-- units:  seconds from the first frame
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    attempt::INTEGER AS attempt,
    phase::VARCHAR AS phase,
    first_time_s,
    last_time_s
FROM phases
WHERE video_id = getvariable('video_id')
ORDER BY first_time_s, person_id, attempt, phase
