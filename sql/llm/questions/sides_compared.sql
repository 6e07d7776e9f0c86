-- question:   sides_compared
-- what:       left compared with right: one metric, or all metrics of a joint, with the difference and whether it is
--             larger than the uncertainty, unless one side is hidden from the camera
-- grain:      video_id, person_id, metric
-- parameters: metrics: list of names in metrics; video_id, person_id, name: the person, NULL for all people
-- units:      in the column unit; symmetry_index is 100 * difference / mean, percent
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.metric,
    m.value_left,
    m.low_left,
    m.high_left,
    m.value_right,
    m.low_right,
    m.high_right,
    m.difference,
    m.low AS low_difference,
    m.high AS high_difference,
    100 * m.difference / nullif((abs(m.value_left) + abs(m.value_right)) / 2, 0) AS symmetry_index_pct,
    m.side_greater,
    m.verdict,
    m.far_side,
    m.unit,
    m.note,
    athletes.first_time_s,
    athletes.last_time_s
FROM sides_compared AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE list_contains(getvariable('metrics'), m.metric)
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
-- If a movement is not seen from the side, the 3D angle is more reliable than the 2D angle (as the note says).
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id, regexp_replace(m.metric, '_[23]d$', '')
    ORDER BY m.metric LIKE '%2d' AND m.note IS NULL DESC, m.metric DESC
) = 1
ORDER BY m.video, m.person_id, m.metric
