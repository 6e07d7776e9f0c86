-- examples: doubt
-- what:     the most and the least certain numbers of a person
-- grain:    video_id, person_id
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH ranked AS (
    SELECT
        *,
        metric_fact(metric, side, value, low, high, unit, result_key) AS measured,
        row_number() OVER (PARTITION BY run_id, person_id ORDER BY (high - low) / abs(value), metric, side) AS sure_place,
        row_number() OVER (PARTITION BY run_id, person_id ORDER BY (high - low) / abs(value) DESC, metric, side) AS doubt_place
    FROM metrics
    WHERE value IS NOT NULL AND value <> 0 AND low < value AND value < high
)

SELECT
    concat_ws('/', 'doubt', r.video_id, r.person_id) AS row_key,
    r.video_id,
    r.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    list(measured ORDER BY sure_place) FILTER (sure_place <= 4) AS surest,
    list(measured ORDER BY doubt_place) FILTER (doubt_place <= 4) AS doubtful,
    max((high - low) / 2 / abs(value)) > 0.5 AS is_very_doubtful
FROM ranked AS r
JOIN athletes ON athletes.run_id = r.run_id AND athletes.person_id = r.person_id
GROUP BY r.video_id, r.run_id, r.person_id
HAVING count(*) >= 8
ORDER BY r.video_id, row_key
