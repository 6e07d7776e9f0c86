-- question:   how_sure
-- what:       the uncertainty of a metric: its interval, and the number of observations behind it
-- grain:      video_id, person_id, metric, side
-- parameters: metrics: list of names in metrics; side: left, right or NULL; video_id, person_id, name: the person,
--             NULL for all people
-- units:      in the column unit; share is half the width of the interval as a percentage of the value
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
    100 * (m.high - m.low) / 2 / nullif(abs(m.value), 0) AS share_pct,
    m.n AS n_observations,
    m.note,
    m.time_s,
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
