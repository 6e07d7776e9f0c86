-- question:   who
-- what:       who is in which clip, from when to when
-- grain:      video_id, person_id
-- parameters: video_id, person_id, name: whom it is about, NULL for all
-- units:      seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE of the parameters; `posekit ask` writes their
--             values into the text

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
