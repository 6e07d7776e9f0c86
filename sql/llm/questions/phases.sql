-- question:   phases
-- what:       the phases of an attempt and their durations
-- grain:      video_id, person_id, attempt, phase
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.attempt,
    m.phase,
    m.duration_s AS value,
    m.low,
    m.high,
    's' AS unit,
    m.first_time_s,
    m.last_time_s
FROM phase_durations AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
ORDER BY m.video, m.person_id, m.attempt, m.first_time_s
LIMIT 100
