-- question:   uneven_sides
-- what:       the metrics that differ between left and right by more than the uncertainty (limbs hidden from the
--             camera are left out), largest difference first
-- grain:      video_id, person_id, metric
-- parameters: video_id, person_id, name: the person, NULL for all people
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
    m.side_greater,
    100 * m.difference / nullif((abs(m.value_left) + abs(m.value_right)) / 2, 0) AS symmetry_index_pct,
    m.unit,
    athletes.first_time_s,
    athletes.last_time_s
FROM sides_compared AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.verdict = 'differs' AND m.note IS NULL
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id, regexp_replace(m.metric, '_[23]d$', '')
    ORDER BY m.metric LIKE '%2d' AND m.note IS NULL DESC, m.metric DESC
) = 1
ORDER BY symmetry_index_pct DESC, m.video, m.person_id, m.metric
LIMIT 10
