-- examples: norms
-- what:     comparison of a metric with the usual range of the sport pack: above, below, within, or uncertain
-- grain:    video_id, person_id, metric, side
-- needs:    metrics, athletes, norms, asked_videos
-- run:      by `posekit export-llm`, on the catalog

WITH judged AS (
    SELECT
        m.*,
        norms.low AS norm_low,
        norms.high AS norm_high,
        norms.result_key AS norm_key,
        CASE
            WHEN m.low > norms.high THEN 'above'
            WHEN m.high < norms.low THEN 'below'
            WHEN m.low >= norms.low AND m.high <= norms.high THEN 'within'
            WHEN m.value > norms.high THEN 'perhaps_above'
            WHEN m.value < norms.low THEN 'perhaps_below'
            ELSE 'probably_within'
        END AS verdict
    FROM metrics AS m
    JOIN asked_videos ON asked_videos.video_id = m.video_id
    JOIN norms ON norms.sport = asked_videos.sport AND norms.metric = m.metric AND norms.unit = m.unit
    WHERE m.value IS NOT NULL AND m.low < m.high
)

SELECT
    j.result_key AS row_key,
    j.video_id,
    j.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, side, value, low, high, unit, j.result_key) AS value,
    fact(norm_low, NULL, NULL, unit, 'none', 'lower end of the usual ' || metric_words(metric), metric_joint(metric), 'norms', norm_key, 'low') AS usual_low,
    fact(norm_high, NULL, NULL, unit, 'none', 'upper end of the usual ' || metric_words(metric), metric_joint(metric), 'norms', norm_key, 'high') AS usual_high,
    metric_phrase(metric, side) AS phrase,
    metric_words(metric) AS words,
    verdict,
    CASE WHEN verdict IN ('above', 'below') THEN metric_advice(metric, verdict) END AS advice,
    CASE verdict WHEN 'above' THEN 'below' WHEN 'below' THEN 'above' END AS wrong_way
FROM judged AS j
JOIN athletes ON athletes.run_id = j.run_id AND athletes.person_id = j.person_id
ORDER BY j.video_id, row_key
