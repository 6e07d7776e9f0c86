-- question:   who
-- what:       the people in each clip, with the start and the end of their time in view
-- grain:      video_id, person_id
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    m.name,
    m.first_time_s,
    m.last_time_s,
    m.last_time_s - m.first_time_s AS span_s,
    count(*) OVER (PARTITION BY m.run_id) AS n_people
FROM athletes AS m
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND m.name IS NOT DISTINCT FROM coalesce(getvariable('name'), m.name)
ORDER BY m.video, m.person_id
