-- query:  repetitions
-- what:   the repetitions of a person: times, depth and signal
-- grain:  repetition
-- units:  seconds from the first frame; depth in unit
-- parameters: SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog of one video

SELECT
    repetition,
    exercise::VARCHAR AS exercise,
    signal::VARCHAR AS signal,
    unit::VARCHAR AS unit,
    first_time_s,
    turn_time_s,
    last_time_s,
    depth
FROM repetitions
WHERE person_id = getvariable('person_id')::INTEGER
ORDER BY repetition
