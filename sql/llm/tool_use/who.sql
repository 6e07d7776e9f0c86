-- examples: who
-- what:     the person in a video with the greatest value of a metric
-- grain:    video_id, metric, side
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY run_id, metric, side ORDER BY value DESC, person_id) AS place,
        lead(person_id) OVER (PARTITION BY run_id, metric, side ORDER BY value DESC, person_id) AS next_person_id,
        count(*) OVER (PARTITION BY run_id, metric, side) AS n_people
    FROM metrics
    WHERE value IS NOT NULL
)

SELECT
    concat_ws('/', 'tool_who', a.video_id, a.metric, a.side) AS row_key,
    a.video_id,
    a.person_id,
    b.person_id AS other_person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    a.video_id AS this_video,
    a.person_id::VARCHAR AS this_person,
    format(
        'SELECT person_id, round(value, 3) AS value, round(low, 3) AS low, round(high, 3) AS high, unit FROM metrics '
            || 'WHERE video_id = ''{}'' AND metric = ''{}'' AND side = ''{}'' AND value IS NOT NULL ORDER BY metrics.value DESC, person_id LIMIT 2',
        a.video_id, a.metric, a.side
    ) AS tool_sql,
    to_json([
        {'person_id': a.person_id, 'value': round(a.value, 3), 'low': round(a.low, 3), 'high': round(a.high, 3), 'unit': a.unit},
        {'person_id': b.person_id, 'value': round(b.value, 3), 'low': round(b.low, 3), 'high': round(b.high, 3), 'unit': b.unit}
    ])::VARCHAR AS tool_answer,
    metric_fact(a.metric, a.side, a.value, a.low, a.high, a.unit, a.result_key) AS "first",
    metric_fact(b.metric, b.side, b.value, b.low, b.high, b.unit, b.result_key) AS "second",
    'first second ' || verdict_of(a.value, a.low, a.high, b.value, b.low, b.high) AS compared,
    coalesce(differs(a.value, a.low, a.high, b.value, b.low, b.high), false) AS differs,
    metric_phrase(a.metric, a.side) AS phrase,
    b.person_id::VARCHAR AS other_person,
    a.n_people > 2 AS are_several
FROM ranked AS a
JOIN ranked AS b ON b.run_id = a.run_id AND b.metric = a.metric AND b.side = a.side AND b.place = 2
JOIN athletes ON athletes.run_id = a.run_id AND athletes.person_id = a.person_id
WHERE a.place = 1 AND md5_number_lower(concat_ws('/', a.video_id, a.metric, a.side)) % 2 = 0
ORDER BY a.video_id, row_key
