-- examples: uneven
-- what:     a query for the metrics that differ between the sides; an empty result is an answer too
-- grain:    video_id, person_id
-- needs:    sides_compared, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH compared AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, verdict ORDER BY metric) AS place
    FROM sides_compared
)

SELECT
    concat_ws('/', 'tool_uneven', s.video_id, s.person_id) AS row_key,
    s.video_id,
    s.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    s.video_id AS this_video,
    s.person_id::VARCHAR AS this_person,
    format(
        'SELECT metric, round(value_left, 2) AS value_left, round(value_right, 2) AS value_right, unit FROM metric_sides '
            || 'WHERE video_id = ''{}'' AND person_id = {} AND verdict = ''differs'' ORDER BY metric LIMIT 5',
        s.video_id, s.person_id
    ) AS tool_sql,
    coalesce(to_json(list(
        {'metric': metric, 'value_left': round(value_left, 2), 'value_right': round(value_right, 2), 'unit': unit} ORDER BY metric
    ) FILTER (verdict = 'differs' AND place <= 5))::VARCHAR, '[]') AS tool_answer,
    list(fact(difference, low, high, unit, side_greater, 'difference of the ' || metric_words(metric), metric_joint(metric), 'sides_compared', s.result_key, 'difference')
        ORDER BY metric) FILTER (verdict = 'differs' AND place <= 5) AS gaps,
    count(*) FILTER (verdict = 'differs') > 0 AS has_gaps,
    count(*) FILTER (verdict = 'differs') > 4 AS may_be_more,
    min(far_side) AS far_side
FROM compared AS s
JOIN athletes ON athletes.run_id = s.run_id AND athletes.person_id = s.person_id
GROUP BY s.video_id, s.run_id, s.person_id
ORDER BY s.video_id, row_key
