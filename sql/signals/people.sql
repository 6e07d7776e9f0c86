-- query:  people
-- what:   the sizes of people, relative to which movements are measured
-- grain:  person_id
-- units:  pixels; meters per pixel, NULL if unknown
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

SELECT
    person_id::INTEGER AS person_id,
    0 AS frame_idx,
    0::DOUBLE AS time_s,
    'sizes' AS name,
    leg_length_px::DOUBLE AS x,
    meters_per_px::DOUBLE AS y
FROM scales
ORDER BY person_id
