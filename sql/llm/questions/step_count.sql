-- question:   step_count
-- what:       the number of visible steps, each from the contact of one foot to the next contact of the other foot,
--             and their durations
-- grain:      video_id, person_id
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      counts; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    any_value(athletes.name) AS name,
    count(*) AS number,
    avg(m.step_time_s) AS mean_s,
    min(m.first_time_s) AS first_time_s,
    max(m.last_time_s) AS last_time_s
FROM step_times AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
GROUP BY m.video, m.run_id, m.person_id
ORDER BY m.video, m.person_id
