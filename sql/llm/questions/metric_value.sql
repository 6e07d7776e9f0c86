-- question:   metric_value
-- what:       the value of a metric with its interval, and its time if it is a peak
-- grain:      video_id, person_id, metric, side
-- parameters: metrics: list of names in metrics; side: left, right or NULL; video_id, person_id, name: the person,
--             NULL for all people
-- units:      in the column unit; times in seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.metric,
    m.side,
    m.value,
    m.low,
    m.high,
    m.unit,
    m.time_s,
    m.note,
    athletes.first_time_s,
    athletes.last_time_s
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE list_contains(getvariable('metrics'), m.metric)
    AND m.side = coalesce(getvariable('side'), m.side)
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
-- If a movement is not seen from the side, the 3D angle is more reliable than the 2D angle (as the note says).
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id, regexp_replace(m.metric, '_[23]d$', ''), m.side
    ORDER BY m.metric LIKE '%2d' AND m.note IS NULL DESC, m.metric DESC
) = 1
ORDER BY m.video, m.person_id, m.metric, m.side
