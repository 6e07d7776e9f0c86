-- examples: sides
-- what:     a query over metric_sides that compares left with right: all metrics that differ, or one metric and its
--           verdict
-- grain:    video_id, person_id, metric
-- needs:    sides_compared, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'tool_sides', s.video_id, s.person_id, metric) AS row_key,
    s.video_id,
    s.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    s.video_id AS this_video,
    s.person_id::VARCHAR AS this_person,
    format(
        'SELECT round(value_left, 3) AS value_left, round(value_right, 3) AS value_right, round(difference, 3) AS difference, unit, verdict '
            || 'FROM metric_sides WHERE video_id = ''{}'' AND person_id = {} AND metric = ''{}'' ORDER BY metric',
        s.video_id, s.person_id, metric
    ) AS tool_sql,
    to_json([{
        'value_left': round(value_left, 3), 'value_right': round(value_right, 3), 'difference': round(value_right - value_left, 3),
        'unit': unit, 'verdict': verdict
    }])::VARCHAR AS tool_answer,
    metric_fact(metric, 'left', value_left, low_left, high_left, unit, result_key_left) AS "left",
    metric_fact(metric, 'right', value_right, low_right, high_right, unit, result_key_right) AS "right",
    fact(difference, low, high, unit, 'none', 'difference of the ' || metric_words(metric), metric_joint(metric), 'sides_compared', s.result_key, 'difference') AS difference,
    'left right ' || verdict AS compared,
    metric_words(metric) AS words,
    verdict = 'differs' AS differs,
    verdict = 'far_side' AS is_estimate,
    far_side,
    side_greater AS greater,
    CASE side_greater WHEN 'left' THEN 'right' ELSE 'left' END AS lesser
FROM sides_compared AS s
JOIN athletes ON athletes.run_id = s.run_id AND athletes.person_id = s.person_id
WHERE high_left > low_left AND high_right > low_right AND md5_number_lower(s.result_key) % 3 = 0
ORDER BY s.video_id, row_key
