-- examples: null_metric
-- what:     a metric that could not be measured, with the reason
-- grain:    video_id, person_id, metric, side
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, side, value, low, high, unit, m.result_key) AS missing,
    metric_phrase(metric, side) AS phrase,
    note_words(note) AS note
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.value IS NULL
ORDER BY m.video_id, row_key
