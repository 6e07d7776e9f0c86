-- question:   best_repetition
-- what:       the deepest, longest or shortest repetition compared with the mean of its set, and whether it stands out
-- grain:      video_id, person_id
-- parameters: measure: depth or duration; is_least: whether the smallest value is wanted; exercise: squat, lunge,
--             raise, or NULL; video_id, person_id, name: the person, NULL for all people
-- units:      depth in the column unit; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.exercise,
    m.repetition,
    CASE WHEN getvariable('measure') = 'duration' THEN m.duration_s ELSE m.depth END AS value,
    CASE WHEN getvariable('measure') = 'duration' THEN 's' ELSE m.unit END AS unit,
    avg(value) OVER same_set AS mean,
    stddev_samp(value) OVER same_set AS spread,
    abs(value - mean) AS difference,
    abs(value - mean) > 1.96 * spread AS stands_out,
    count(*) OVER same_set AS number,
    m.first_time_s,
    m.last_time_s
FROM repetitions AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE true
    AND (m.exercise = coalesce(getvariable('exercise'), m.exercise) OR m.run_id IN (SELECT run_id FROM analyses WHERE sport = getvariable('exercise')))
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
WINDOW same_set AS (PARTITION BY m.run_id, m.person_id)
QUALIFY row_number() OVER (
    PARTITION BY m.run_id, m.person_id ORDER BY CASE WHEN getvariable('is_least') THEN value ELSE -value END, m.repetition
) = 1
ORDER BY m.video, m.person_id
