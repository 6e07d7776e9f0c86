-- query:  who is there, and when
-- what:   every person with time in view, share of frames and size
-- grain:  video, person_id
-- units:  seconds, percent, pixels
-- run:    in any DuckDB client, on the catalog

SELECT
    video,
    person_id AS person,
    name,
    round(first_time_s, 2) AS first_s,
    round(last_time_s, 2) AS last_s,
    round(100 * coverage) AS coverage_pct,
    round(height_px) AS height_px
FROM people
ORDER BY video, person_id;
