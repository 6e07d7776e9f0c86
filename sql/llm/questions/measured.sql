-- question:   measured
-- what:       the names of the metrics that were measured for a person
-- grain:      video_id, person_id, metric
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      in the column unit
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    any_value(athletes.name) AS name,
    count(*) AS number,
    string_agg(DISTINCT m.metric, ', ' ORDER BY m.metric) AS metrics,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.value IS NOT NULL
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
GROUP BY m.video, m.run_id, m.person_id
ORDER BY m.video, m.person_id
