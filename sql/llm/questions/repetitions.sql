-- question:   repetitions
-- what:       every repetition of a set: time, depth and duration
-- grain:      video_id, person_id, repetition
-- parameters: exercise: squat, lunge, raise, or NULL; repetition: its number, or NULL for all; is_last: whether only
--             the last repetition is wanted; video_id, person_id, name: the person, NULL for all people
-- units:      depth in the column unit; times and durations in seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.exercise,
    m.repetition,
    m.depth AS value,
    m.unit,
    m.duration_s,
    m.outward_s,
    m.return_s,
    m.first_time_s,
    m.last_time_s
FROM repetitions AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND (m.exercise = coalesce(getvariable('exercise'), m.exercise) OR m.run_id IN (SELECT run_id FROM analyses WHERE sport = getvariable('exercise')))
    AND m.repetition = coalesce(getvariable('repetition'), m.repetition)
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
QUALIFY NOT coalesce(getvariable('is_last'), false) OR m.repetition = max(m.repetition) OVER (PARTITION BY m.run_id, m.person_id)
ORDER BY m.video, m.person_id, m.repetition
