-- examples: all_norms
-- what:     all norms of the sport at once: the metrics of a person that are outside the usual range, or that none is
-- grain:    video_id, person_id
-- needs:    metrics, athletes, norms, asked_videos
-- run:      by `posekit export-llm`, on the catalog

WITH judged AS (
    SELECT
        m.video_id,
        m.run_id,
        m.person_id,
        metric_phrase(m.metric, m.side) AS phrase,
        metric_fact(m.metric, m.side, m.value, m.low, m.high, m.unit, m.result_key) AS measured,
        m.metric,
        m.side,
        CASE WHEN m.low > norms.high THEN 'above' WHEN m.high < norms.low THEN 'below' ELSE 'usual' END AS verdict
    FROM metrics AS m
    JOIN asked_videos ON asked_videos.video_id = m.video_id
    JOIN norms ON norms.sport = asked_videos.sport AND norms.metric = m.metric AND norms.unit = m.unit
    WHERE m.value IS NOT NULL AND m.low IS NOT NULL AND m.high IS NOT NULL
)

SELECT
    concat_ws('/', 'all_norms', j.video_id, j.person_id) AS row_key,
    j.video_id,
    j.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    list(measured ORDER BY metric, side) FILTER (verdict = 'above') AS above,
    list(measured ORDER BY metric, side) FILTER (verdict = 'below') AS below,
    list(measured ORDER BY metric, side) FILTER (verdict = 'usual') AS usual,
    string_agg(DISTINCT metric_advice(metric, verdict), ' ' ORDER BY metric_advice(metric, verdict)) FILTER (verdict <> 'usual') AS advice,
    count(*) FILTER (verdict = 'usual') > 0 AS has_usual,
    count(*) FILTER (verdict <> 'usual') > 0 AS has_outside
FROM judged AS j
JOIN athletes ON athletes.run_id = j.run_id AND athletes.person_id = j.person_id
GROUP BY j.video_id, j.run_id, j.person_id
ORDER BY j.video_id, row_key
