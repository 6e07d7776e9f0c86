-- question:   repetition_count
-- what:       the number of repetitions, complete and partial
-- grain:      video_id, person_id
-- parameters: exercise: squat, lunge, raise, or NULL for any repeated movement; video_id, person_id, name: the person,
--             NULL for all people
-- units:      counts; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    any_value(athletes.name) AS name,
    any_value(m.exercise) AS exercise,
    any_value(m.signal) AS signal,
    count(*) AS number,
    any_value(m.n_partial) AS n_partial,
    min(m.first_time_s) AS first_time_s,
    max(m.last_time_s) AS last_time_s
FROM repetitions AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND (m.exercise = coalesce(getvariable('exercise'), m.exercise) OR m.run_id IN (SELECT run_id FROM analyses WHERE sport = getvariable('exercise')))
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
GROUP BY m.video, m.run_id, m.person_id
ORDER BY m.video, m.person_id
