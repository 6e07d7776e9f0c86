-- question:   extreme_step
-- what:       the quickest or the slowest step
-- grain:      video_id, person_id
-- parameters: is_least: whether the quickest step is wanted; side: of the foot that ends the step, or NULL; video_id,
--             person_id, name: the person, NULL for all people
-- units:      seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.step,
    m.side,
    m.step_time_s AS value,
    m.low,
    m.high,
    's' AS unit,
    avg(m.step_time_s) OVER (PARTITION BY m.run_id, m.person_id) AS mean_s,
    m.first_time_s,
    m.last_time_s
FROM step_times AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND m.side = coalesce(getvariable('side'), m.side)
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id ORDER BY CASE WHEN getvariable('is_least') THEN m.step_time_s ELSE -m.step_time_s END, m.step
) = 1
ORDER BY m.video, m.person_id
