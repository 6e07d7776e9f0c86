-- query:  cycle_spans
-- what:   start and end of each stride and each repetition of a person
-- grain:  kind, side, cycle
-- units:  seconds from the first frame
-- values: as in cycles; side is both for repetitions
-- parameters: SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog of one video

SELECT
    'stride' AS kind,
    side::VARCHAR AS side,
    row_number() OVER (PARTITION BY side ORDER BY start_time_s) AS cycle,
    start_time_s,
    end_time_s
FROM strides
WHERE person_id = getvariable('person_id')::INTEGER
UNION ALL
SELECT 'repetition' AS kind, 'both' AS side, repetition AS cycle, first_time_s AS start_time_s, last_time_s AS end_time_s
FROM repetitions
WHERE person_id = getvariable('person_id')::INTEGER
ORDER BY start_time_s, side
