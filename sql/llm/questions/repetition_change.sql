-- question:   repetition_change
-- what:       the last repetition of a set compared with the first: depth and duration, and whether the change is
--             larger than the usual variation between repetitions
-- grain:      video_id, person_id, measure
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      in the column unit
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.measure,
    m.value_other AS value_first,
    m.value AS value_last,
    m.value - m.value_other AS change,
    m.spread,
    m.unit,
    m.n AS number,
    m.verdict,
    athletes.first_time_s,
    athletes.last_time_s
FROM repetition_changes AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.comparison = 'last_first' AND m.measure IN ('depth', 'duration')
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
ORDER BY m.video, m.person_id, m.measure
