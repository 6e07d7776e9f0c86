-- examples: interval
-- what:     the uncertainty of a metric: the ends of its interval, and whether a goal lies within it
-- grain:    video_id, person_id, metric, side
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, side, value, low, high, unit, m.result_key) AS value,
    metric_phrase(metric, side) AS phrase,
    CASE
        WHEN (high - low) / 2 > 0.25 * abs(value) THEN 'wide'
        WHEN (high - low) / 2 < 0.05 * abs(value) THEN 'narrow'
        ELSE 'moderate'
    END AS width,
    note_words(note) AS note
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE value IS NOT NULL AND low < value AND value < high AND unit <> '1'
ORDER BY m.video_id, row_key
