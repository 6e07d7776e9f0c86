-- question:   not_measured
-- what:       the metrics that could not be measured, with the reason, and the joints that are poorly visible
-- grain:      video_id, person_id, metric, side
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      share of the person's frames in which a joint is visible, percent
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

WITH seen AS (
    SELECT
        a.video,
        a.run_id,
        a.person_id,
        a.joint || ' angle' AS metric,
        a.side,
        100 * avg((a.angle_2d_deg IS NOT NULL AND a.quality >= 0.5)::INTEGER) AS seen_pct
    FROM joint_angles AS a
    WHERE true
        AND a.video_id = coalesce(getvariable('video_id'), a.video_id)
        AND a.person_id = coalesce(getvariable('person_id'), a.person_id)
    GROUP BY a.video, a.run_id, a.person_id, a.joint, a.side
),

gaps AS (
    SELECT video, run_id, person_id, metric, side, NULL::DOUBLE AS seen_pct, note
    FROM metrics
    WHERE value IS NULL
    UNION ALL
    SELECT video, run_id, person_id, metric, side, seen_pct, NULL AS note
    FROM seen
    WHERE seen_pct < 80
)

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.metric,
    m.side,
    m.seen_pct,
    m.note,
    athletes.first_time_s,
    athletes.last_time_s
FROM gaps AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND athletes.video_id = coalesce(getvariable('video_id'), athletes.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
ORDER BY m.video, m.person_id, m.seen_pct, m.metric, m.side
LIMIT 30
