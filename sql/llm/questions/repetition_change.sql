-- question:   repetition_change
-- what:       the last repetition of a set against the first: depth and duration, and whether the change is beyond
--             what repetitions differ by anyway
-- grain:      video_id, person_id, measure
-- parameters: video_id, person_id, name: whom it is about, NULL for all
-- units:      in the column unit
-- run:        in any DuckDB client on the catalog, after SET VARIABLE of the parameters; `posekit ask` writes their
--             values into the text

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
