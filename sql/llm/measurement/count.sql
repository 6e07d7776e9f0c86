-- examples: count
-- what:     counts: repetitions, squats, and the number of observations behind a mean
-- grain:    video_id, person_id, metric, side
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH counted AS (
    SELECT *, metric LIKE '%\_count' ESCAPE '\' AS is_count
    FROM metrics
    WHERE value IS NOT NULL
        -- Metrics of gait and of the sport packs are means over strides or attempts. Other metrics come from frames.
        AND (metric LIKE '%\_count' ESCAPE '\' OR made_by LIKE '%sports%' OR metric IN (
            'cadence', 'stride_time', 'stance_time', 'swing_time', 'stride_length', 'step_length', 'gait_speed', 'step_width',
            'double_support_time', 'single_support_time', 'flight_time', 'mid_swing_dorsiflexion'
        ))
)

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    CASE WHEN is_count
        THEN fact(value, NULL, NULL, '1', side, metric_words(metric), NULL, 'metrics', m.result_key, 'value')
        ELSE fact(n, NULL, NULL, '1', side, 'number of observations of the ' || metric_words(metric), metric_joint(metric), 'metrics', m.result_key, 'n')
    END AS number,
    CASE WHEN NOT is_count THEN metric_fact(metric, side, value, low, high, unit, m.result_key) END AS mean,
    is_count,
    metric_phrase(metric, side) AS phrase,
    -- The counted thing in words.
    CASE
        WHEN metric = 'squat_count' THEN 'squat'
        WHEN metric = 'repetition_count' THEN coalesce(nullif(regexp_extract(note, '\(([a-z]+)\)', 1), ''), 'repetition')
        WHEN metric = 'repetition_partial_count' THEN 'partial repetition'
        WHEN is_count THEN trim(replace(replace(metric, '_count', ''), '_', ' '))
        ELSE 'observation'
    END || CASE WHEN (is_count AND value = 1) OR (NOT is_count AND n = 1) THEN '' ELSE 's' END AS things,
    CASE
        WHEN is_count THEN NULL
        WHEN n < 4 THEN 'few'
        WHEN n >= 10 THEN 'many'
    END AS how_many
FROM counted AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
ORDER BY m.video_id, row_key
