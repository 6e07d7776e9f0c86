-- question:   athletes_compared
-- what:       a metric of two people, of one clip or of two clips: both values, their difference, and whether the
--             difference is larger than the uncertainty
-- grain:      metric, side
-- parameters: metrics: list of names in metrics; side: left, right or NULL; video_id, person_id, name: the first
--             person; other_video_id, other_person_id, other_name: the second person; NULL for any
-- units:      in the column unit
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

WITH measured AS (
    SELECT m.*, athletes.name, athletes.first_time_s, athletes.last_time_s
    FROM metrics AS m
    JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
    WHERE list_contains(getvariable('metrics'), m.metric) AND m.value IS NOT NULL
        AND m.side = coalesce(getvariable('side'), m.side)
)

SELECT
    m.video,
    m.person_id,
    m.name,
    other.video AS other_video,
    other.person_id AS other_person_id,
    other.name AS other_name,
    m.metric,
    m.side,
    m.value AS value_first,
    m.low AS low_first,
    m.high AS high_first,
    other.value AS value_second,
    other.low AS low_second,
    other.high AS high_second,
    m.unit,
    abs(other.value - m.value) AS difference,
    abs(other.value - m.value) - difference_half_width(m.low, m.high, other.low, other.high) AS low_difference,
    abs(other.value - m.value) + difference_half_width(m.low, m.high, other.low, other.high) AS high_difference,
    m.value >= other.value AS is_first_greater,
    differs(m.value, m.low, m.high, other.value, other.low, other.high) AS is_different,
    m.first_time_s,
    m.last_time_s,
    other.first_time_s AS other_first_time_s,
    other.last_time_s AS other_last_time_s
FROM measured AS m
JOIN measured AS other ON other.metric = m.metric AND other.side = m.side AND other.unit = m.unit
    AND (other.run_id, other.person_id) <> (m.run_id, m.person_id)
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND m.name IS NOT DISTINCT FROM coalesce(getvariable('name'), m.name)
    AND other.video_id = coalesce(getvariable('other_video_id'), other.video_id)
    AND other.person_id = coalesce(getvariable('other_person_id'), other.person_id)
    AND other.name IS NOT DISTINCT FROM coalesce(getvariable('other_name'), other.name)
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id, other.run_id, other.person_id, regexp_replace(m.metric, '_[23]d$', ''), m.side
    ORDER BY m.metric LIKE '%2d' AND m.note IS NULL AND other.note IS NULL DESC, m.metric DESC
) = 1
ORDER BY m.video, m.person_id, other_video, other_person_id, m.metric, m.side
LIMIT 20
