-- question:   quality
-- what:       how good the data are: the share of frames with the person, and which checks were violated, how often
-- grain:      video_id, person_id, check_name
-- parameters: video_id, person_id, name: whom it is about, NULL for all
-- units:      percent; counts; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE of the parameters; `posekit ask` writes their
--             values into the text

SELECT
    m.video,
    m.person_id,
    m.name,
    c.value AS coverage_pct,
    k.check_name,
    k.severity,
    k.n AS number,
    coalesce(k.first_time_s, m.first_time_s) AS first_time_s,
    coalesce(k.last_time_s, m.last_time_s) AS last_time_s
FROM athletes AS m
LEFT JOIN metrics AS c ON c.run_id = m.run_id AND c.person_id = m.person_id AND c.metric = 'coverage'
LEFT JOIN check_counts AS k ON k.run_id = m.run_id AND (k.person_id = m.person_id OR k.person_id IS NULL)
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND m.name IS NOT DISTINCT FROM coalesce(getvariable('name'), m.name)
ORDER BY m.video, m.person_id, k.severity, k.check_name
