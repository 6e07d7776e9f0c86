-- question:   quality
-- what:       the quality of the data: the share of frames with the person, and the checks that were violated, with
--             counts
-- grain:      video_id, person_id, check_name
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      percent; counts; seconds
-- values:     person_id is NULL, and is_found is false, for a clip in which nobody was found
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    v.video,
    m.person_id,
    m.name,
    m.person_id IS NOT NULL AS is_found,
    c.value AS coverage_pct,
    k.check_name,
    k.severity,
    k.n AS number,
    coalesce(k.first_time_s, m.first_time_s, 0) AS first_time_s,
    coalesce(k.last_time_s, m.last_time_s, v.duration_s) AS last_time_s
FROM video_spans AS v
LEFT JOIN athletes AS m ON m.run_id = v.run_id
LEFT JOIN metrics AS c ON c.run_id = m.run_id AND c.person_id = m.person_id AND c.metric = 'coverage'
LEFT JOIN check_counts AS k ON k.run_id = v.run_id AND (k.person_id = m.person_id OR k.person_id IS NULL)
WHERE true
    AND v.video_id = coalesce(getvariable('video_id'), v.video_id)
    AND m.person_id IS NOT DISTINCT FROM coalesce(getvariable('person_id'), m.person_id)
    AND m.name IS NOT DISTINCT FROM coalesce(getvariable('name'), m.name)
ORDER BY v.video, m.person_id, k.severity, k.check_name
