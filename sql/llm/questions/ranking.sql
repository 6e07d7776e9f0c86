-- question:   ranking
-- what:       the people with the largest or the smallest values of a metric
-- grain:      video_id, person_id, metric, side
-- parameters: metrics: list of names in metrics; side: left, right or NULL; is_least: whether the smallest value comes
--             first; video_id, person_id, name: the person, NULL for all people
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
    row_number() OVER (PARTITION BY m.metric ORDER BY CASE WHEN getvariable('is_least') THEN m.value ELSE -m.value END) AS rank,
    count(*) OVER (PARTITION BY m.metric) AS n_compared,
    athletes.first_time_s,
    athletes.last_time_s
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE list_contains(getvariable('metrics'), m.metric) AND m.value IS NOT NULL
    AND m.side = coalesce(getvariable('side'), m.side)
    -- 3D angles can be compared between all views.
    AND (m.metric NOT LIKE '%2d' OR NOT list_contains(getvariable('metrics'), replace(m.metric, '2d', '3d')))
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
ORDER BY m.metric, rank, m.video, m.person_id, m.side
LIMIT 20
