-- examples: which_clip
-- what:     the one of two videos of the same named athlete in which a metric is greater
-- grain:    video_id, person_id, other_video_id, other_person_id, metric, side
-- needs:    session_changes, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'tool_which_clip', s.result_key) AS row_key,
    s.video_id,
    s.person_id,
    s.other_video_id,
    s.other_person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    s.video_id AS this_video,
    s.person_id::VARCHAR AS this_person,
    format(
        'SELECT video_id, round(value, 3) AS value, round(low, 3) AS low, round(high, 3) AS high, unit FROM metrics WHERE metric = ''{}'' AND side = ''{}'' '
            || 'AND ((video_id = ''{}'' AND person_id = {}) OR (video_id = ''{}'' AND person_id = {})) ORDER BY metrics.value DESC, video_id',
        metric, side, s.video_id, s.person_id, s.other_video_id, s.other_person_id
    ) AS tool_sql,
    CASE WHEN value_first >= value_second
        THEN to_json([
            {'video_id': s.video_id, 'value': round(value_first, 3), 'low': round(low_first, 3), 'high': round(high_first, 3), 'unit': unit},
            {'video_id': s.other_video_id, 'value': round(value_second, 3), 'low': round(low_second, 3), 'high': round(high_second, 3), 'unit': unit}
        ])
        ELSE to_json([
            {'video_id': s.other_video_id, 'value': round(value_second, 3), 'low': round(low_second, 3), 'high': round(high_second, 3), 'unit': unit},
            {'video_id': s.video_id, 'value': round(value_first, 3), 'low': round(low_first, 3), 'high': round(high_first, 3), 'unit': unit}
        ])
    END::VARCHAR AS tool_answer,
    metric_fact(metric, side, value_first, low_first, high_first, unit, result_key_first) AS "first",
    metric_fact(metric, side, value_second, low_second, high_second, unit, result_key_second) AS "second",
    'first second ' || verdict AS compared,
    verdict = 'differs' AS differs,
    value_first >= value_second AS first_is_greater,
    metric_phrase(metric, side) AS phrase,
    other_video_id AS other_video,
    s.other_person_id::VARCHAR AS other_person
FROM session_changes AS s
JOIN athletes ON athletes.run_id = s.run_id AND athletes.person_id = s.person_id
WHERE metric <> 'coverage' AND md5_number_lower(s.result_key) % 3 = 0
ORDER BY s.video_id, row_key
