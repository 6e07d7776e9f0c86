-- examples: metric
-- what:     a query for a metric of a person; the result has all sides of the metric
-- grain:    video_id, person_id, metric
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'tool_metric', m.video_id, m.person_id, metric) AS row_key,
    m.video_id,
    m.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    m.video_id AS this_video,
    m.person_id::VARCHAR AS this_person,
    format(
        'SELECT side, round(value, 3) AS value, round(low, 3) AS low, round(high, 3) AS high, unit, note FROM metrics '
            || 'WHERE video_id = ''{}'' AND person_id = {} AND metric = ''{}'' ORDER BY side',
        m.video_id, m.person_id, metric
    ) AS tool_sql,
    to_json(list(
        {'side': side, 'value': round(value, 3), 'low': round(low, 3), 'high': round(high, 3), 'unit': unit, 'note': note} ORDER BY side
    ))::VARCHAR AS tool_answer,
    list(metric_fact(metric, side, value, low, high, unit, m.result_key) ORDER BY side) AS facts,
    metric,
    metric_words(metric) AS words,
    count(*) > 1 AS has_sides,
    min(note_words(note)) AS note
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
GROUP BY m.video_id, m.run_id, m.person_id, metric
-- Keeps a third of the metrics of each person, because the SQL is nearly the same for all. The hash of the key decides
-- which, so that the choice never changes. Metrics without a value are left out.
HAVING bool_and(value IS NOT NULL) AND md5_number_lower(concat_ws('/', m.video_id, m.person_id, metric)) % 3 = 0
ORDER BY m.video_id, row_key
